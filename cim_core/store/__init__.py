"""Where a city is kept: immutable snapshots in files, everything that changes in a database."""
