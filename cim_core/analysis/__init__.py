"""Pure functions that scenarios share: networks, statistics."""
