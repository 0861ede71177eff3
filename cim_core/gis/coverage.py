"""Read a coverage: values at places, and pieces of it, in the working CRS."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray
from rasterio.enums import Resampling
from rasterio.windows import Window
from rasterio.windows import from_bounds as window_from_bounds

from cim_core.crs import Bounds
from cim_core.gis.bilinear import bilinear
from cim_core.gis.raster_content import valid_values
from cim_core.gis.raster_files import open_raster

Floats = NDArray[np.float64]
_CHUNK = 2048


class Coverage:
    """One band of a coverage file. The file is opened for each call, so a coverage can cross to another process.

    >>> coverage = Coverage(Path("elevation.tif"))  # doctest: +SKIP
    >>> coverage.sample([650_000.0], [3_270_000.0])  # doctest: +SKIP
    array([231.4])
    """

    def __init__(self, path: Path, band: int = 1) -> None:
        """Raises InputError ``raster.*`` for a file that is missing or not a raster."""
        self.path = path
        self.band = band
        with open_raster(path) as raster:
            left, bottom, right, top = raster.bounds
            self.bounds: Bounds = (left, bottom, right, top)
            self.crs: str = raster.crs.to_string()
            self.shape: tuple[int, int] = raster.shape
            self.transform = raster.transform
            self.nodata: float | None = raster.nodata

    def sample(self, x: ArrayLike, y: ArrayLike) -> Floats:
        """Values at points (any shape) in the working CRS, bilinear between pixel centres; NaN where there is none.

        Pixels without a value do not weigh in; a point whose own pixel has none gets NaN. In the outer half pixel the
        edge pixels hold.
        """
        x, y = np.broadcast_arrays(np.asarray(x, float), np.asarray(y, float))
        inverse = ~self.transform
        with np.errstate(invalid="ignore"):
            column = inverse.a * x.ravel() + inverse.b * y.ravel() + inverse.c
            row = inverse.d * x.ravel() + inverse.e * y.ravel() + inverse.f
        values = np.full(x.size, np.nan)
        height, width = self.shape
        with np.errstate(invalid="ignore"):
            inside = np.flatnonzero((column >= 0) & (column <= width) & (row >= 0) & (row <= height))
        for members, window in self._chunks(column[inside], row[inside]):
            chosen = inside[members]
            pixels = self.read(window)
            values[chosen] = bilinear(pixels, column[chosen] - window.col_off, row[chosen] - window.row_off)
        return values.reshape(x.shape)

    def read(self, window: Window | None = None, shape: tuple[int, int] | None = None) -> Floats:
        """Pixels of a window (rows, columns), all of them by default, as float with NaN where there is no value.

        With a smaller ``shape`` (rows, columns) they are means of several, read from the file's overviews.
        """
        with open_raster(self.path) as raster:
            values = raster.read(self.band, window=window, out_shape=shape, resampling=Resampling.average)
        return np.where(valid_values(values, self.nodata), values, np.nan).astype(np.float64)

    def window(self, bounds: Bounds) -> Window:
        """The window of whole pixels that covers bounds in the working CRS, as far as the coverage reaches."""
        height, width = self.shape
        exact = window_from_bounds(*bounds, transform=self.transform)
        left, top = max(int(np.floor(exact.col_off)), 0), max(int(np.floor(exact.row_off)), 0)
        right = min(int(np.ceil(exact.col_off + exact.width)), width)
        bottom = min(int(np.ceil(exact.row_off + exact.height)), height)
        return Window(left, top, max(right - left, 0), max(bottom - top, 0))

    def _chunks(self, column: Floats, row: Floats) -> list[tuple[NDArray[np.int64], Window]]:
        """Points grouped by square pieces of the raster, each with its window and a rim of one pixel."""
        height, width = self.shape
        across = width // _CHUNK + 1
        piece = (row // _CHUNK).astype(np.int64) * across + (column // _CHUNK).astype(np.int64)
        chunks = []
        for number in np.unique(piece):
            top, left = (number // across) * _CHUNK, (number % across) * _CHUNK
            first_row, first_column = max(top - 1, 0), max(left - 1, 0)
            last_row, last_column = min(top + _CHUNK + 1, height), min(left + _CHUNK + 1, width)
            window = Window(first_column, first_row, last_column - first_column, last_row - first_row)
            chunks.append((np.flatnonzero(piece == number), window))
        return chunks
