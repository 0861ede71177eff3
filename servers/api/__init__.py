"""The Map API and the page over HTTP: one Flask application over one city."""

from servers.api.app import create_app

__all__ = ["create_app"]
