"""A piece of a coverage on a regular grid of degrees: what a picture or a GeoTIFF of it is made from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cim_core.gis.bilinear import bilinear
from cim_core.gis.coverage import Coverage
from servers.serving.web_mercator import DEGREES, Bounds, transformer

Floats = NDArray[np.float64]
CELL_DEGREES = 0.005
"""Half a kilometre: within it a bilinear lattice misses the projection by millimetres (the sagitta of a parallel)."""
_MOST_READ = 2_000_000
"""Pixels of the file that are held; of a piece with more, means of several are read."""
_STRIP = 65_536
"""Places sampled at once: what the arithmetic needs beside the piece itself is a few megabytes."""


def coverage_piece(path: Path, box: Bounds, width: int, height: int) -> NDArray[np.float32]:
    """(height, width) values at the centres of the pixels of a box, the northern row first; NaN where there is none.

    Parameters
    ----------
    path
        The coverage's file.
    box
        (west, south, east, north) in degrees.

    Raises
    ------
    InputError
        ``raster.*`` for a file that is missing or damaged.
    """
    found = Coverage(path)
    values = np.full((height, width), np.nan, dtype=np.float32)
    west, south, east, north = box
    longitudes = west + (np.arange(width) + 0.5) * (east - west) / width
    latitudes = north - (np.arange(height) + 0.5) * (north - south) / height
    left, bottom, right, top = transformer(found.crs, DEGREES).transform_bounds(*found.bounds)
    columns = np.flatnonzero((longitudes >= left) & (longitudes <= right))
    rows = np.flatnonzero((latitudes >= bottom) & (latitudes <= top))
    if len(columns) and len(rows):
        inside = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
        _sample(found, longitudes[columns], latitudes[rows], values[inside])
    return values


def _sample(found: Coverage, longitudes: Floats, latitudes: Floats, target: NDArray[np.float32]) -> None:
    """Fill ``target`` strip by strip."""
    across, along = _nodes(longitudes), _nodes(latitudes)
    x, y = transformer(DEGREES, found.crs).transform(*np.meshgrid(across, along))
    pixel = abs(found.transform.a)
    window = found.window((x.min() - pixel, y.min() - pixel, x.max() + pixel, y.max() + pixel))
    if window.width == 0 or window.height == 0:
        return
    shrink = max(1.0, (window.width * window.height / _MOST_READ) ** 0.5)
    shape = max(round(window.height / shrink), 1), max(round(window.width / shrink), 1)
    pixels = found.read(window, shape).astype(np.float32)
    scale = shape[1] / window.width, shape[0] / window.height
    to_pixel = ~found.transform
    towards_x, strip = _weights(longitudes, across).T, max(_STRIP // len(longitudes), 1)
    height, width = found.shape
    for first in range(0, len(latitudes), strip):
        towards_y = _weights(latitudes[first : first + strip], along)
        east, north = towards_y @ x @ towards_x, towards_y @ y @ towards_x
        column = to_pixel.a * east + to_pixel.b * north + to_pixel.c
        row = to_pixel.d * east + to_pixel.e * north + to_pixel.f
        outside = (column < 0) | (column > width) | (row < 0) | (row > height)
        sampled = bilinear(pixels, (column - window.col_off) * scale[0], (row - window.row_off) * scale[1])
        sampled[outside] = np.nan
        target[first : first + strip] = sampled


def _nodes(places: Floats) -> Floats:
    """Ends and cell borders between the first and the last place; the places themselves where they are fewer."""
    cells = int(np.ceil(abs(places[-1] - places[0]) / CELL_DEGREES))
    return places if cells + 1 >= len(places) else np.linspace(places[0], places[-1], max(cells, 1) + 1)


def _weights(places: Floats, nodes: Floats) -> Floats:
    """(places, nodes): how much each node counts at each place, linear between neighbours."""
    if len(nodes) == 1:
        return np.ones((len(places), 1))
    step = (nodes[-1] - nodes[0]) / (len(nodes) - 1)
    return np.asarray(np.maximum(1 - np.abs((places[:, None] - nodes[None, :]) / step), 0))
