"""The ways in: command line, map API, page."""
