"""The tiny city and the command line for the tests of the ways in."""

from commands import *  # noqa: F403 - fixtures
from tiny_cities import *  # noqa: F403 - fixtures
