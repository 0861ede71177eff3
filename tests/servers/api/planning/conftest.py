"""Fixtures of the planning half of the API."""

from answered_city import *  # noqa: F403 - fixtures
