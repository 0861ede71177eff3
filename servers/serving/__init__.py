"""Baked layers: tiles, feature pages, terrain and frames from memory. Pure functions and a small cache; no Flask.

What the ways in call stands in :mod:`servers.serving.layers` (city, result and comparison layers),
:mod:`servers.serving.terrain`, :mod:`servers.serving.frames` and :mod:`servers.serving.statistics`.
"""
