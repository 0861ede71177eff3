"""Migrations of a city's tables."""
