"""A scenario that behaves as it is told, for the tests of the runner."""
