"""The tiny city for the tests of the scenarios."""

from tiny_cities import *  # noqa: F403 - fixtures
