"""The tiny city for the tests of the core."""

from tiny_cities import *  # noqa: F403 - fixtures
