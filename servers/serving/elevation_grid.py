"""A coverage in memory for fast sampling: without gaps, at most some four million pixels, with coarser levels."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from affine import Affine
from numpy.typing import ArrayLike, NDArray
from rasterio.enums import Resampling

from cim_core.gis.bilinear import bilinear
from cim_core.gis.raster_content import valid_values
from cim_core.gis.raster_files import open_raster
from servers.serving.web_mercator import DEGREES, Bounds, transformer

Floats = NDArray[np.float64]
MOST_PIXELS = 4_000_000


@dataclass(frozen=True, eq=False)
class ElevationGrid:
    """Elevations in metres on a regular grid; what had no value has that of the nearest pixel which has one.

    Attributes
    ----------
    values
        (rows, columns) float32.
    to_pixel
        From x, y of ``crs`` to column and row (0.5 is the centre of the first pixel).
    bounds
        In ``crs``.
    lowest
        The lowest elevation of the coverage.
    whole
        Whether it has every pixel of the file, and not means of several.
    """

    values: NDArray[np.float32]
    to_pixel: Affine
    crs: str
    bounds: Bounds
    lowest: float
    whole: bool = True

    @property
    def pixel_m(self) -> float:
        """Side of a pixel (the shorter one) in units of ``crs``."""
        return 1 / max(abs(self.to_pixel.a), abs(self.to_pixel.e))

    def sample(self, x: ArrayLike, y: ArrayLike) -> Floats:
        """Bilinear between pixel centres at places of ``crs``; outside, the value at the nearest edge."""
        column, row = self._pixels(np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64))
        return np.asarray(bilinear(self.values, column, row), dtype=np.float64)

    def at(self, lon: ArrayLike, lat: ArrayLike) -> Floats:
        """As :meth:`sample`, at longitudes and latitudes in degrees."""
        return self.sample(*transformer(DEGREES, self.crs).transform(np.asarray(lon), np.asarray(lat)))

    def halved(self) -> ElevationGrid:
        """The next coarser level: means of two by two pixels (an odd last row or column is repeated)."""
        height, width = self.values.shape
        even = np.pad(self.values, ((0, height % 2), (0, width % 2)), mode="edge")
        means = even.reshape(even.shape[0] // 2, 2, even.shape[1] // 2, 2).mean(axis=(1, 3), dtype=np.float32)
        return ElevationGrid(means, Affine.scale(0.5) @ self.to_pixel, self.crs, self.bounds, self.lowest, whole=False)

    def _pixels(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        a, b, c, d, e, f = self.to_pixel[:6]
        if b == 0 and d == 0:
            return a * x + c, e * y + f
        return a * x + b * y + c, d * x + e * y + f


@lru_cache(maxsize=4)
def elevation_grid(path: Path, most_pixels: int = MOST_PIXELS) -> ElevationGrid:
    """Band 1 of a coverage; a larger one as means of its pixels. Kept for the files that were asked for last.

    Raises
    ------
    InputError
        ``raster.*`` for a file that is missing, damaged or no raster.
    """
    with open_raster(path) as raster:
        shrink = max(1.0, (raster.width * raster.height / most_pixels) ** 0.5)
        height, width = max(round(raster.height / shrink), 1), max(round(raster.width / shrink), 1)
        pixels = raster.read(1, out_shape=(height, width), resampling=Resampling.average)
        known = valid_values(pixels, raster.nodata)
        scale = Affine.scale(width / raster.width, height / raster.height)
        left, bottom, right, top = raster.bounds
        to_pixel, crs = scale @ ~raster.transform, raster.crs.to_string()
    values = pixels.astype(np.float32)
    lowest = float(values[known].min()) if known.any() else 0.0
    return ElevationGrid(_filled(values, known), to_pixel, crs, (left, bottom, right, top), lowest, shrink == 1.0)


def _filled(values: NDArray[np.float32], known: NDArray[np.bool_]) -> NDArray[np.float32]:
    if known.all():
        return np.ascontiguousarray(values)
    if not known.any():
        return np.zeros_like(values)
    from scipy.ndimage import distance_transform_edt

    nearest = distance_transform_edt(~known, return_distances=False, return_indices=True)
    return np.ascontiguousarray(values[tuple(nearest)])
