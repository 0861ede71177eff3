"""The tiny city for the tests of the ways in."""

from tiny_cities import *  # noqa: F403 - fixtures
