"""Which migration of the tables this code stands on."""

REVISION = "0003"
"""The newest migration this code knows; a test holds it equal to Alembic's head."""
