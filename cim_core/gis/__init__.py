"""Readers of geographic files; each returns frames by the standard schemas and a quality report."""
