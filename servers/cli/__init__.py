"""The ``cim`` command."""

from servers.cli.main import main

__all__ = ["main"]
