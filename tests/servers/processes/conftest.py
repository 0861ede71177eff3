"""Servers for the tests of the processes."""

from served import *  # noqa: F403 - fixtures
