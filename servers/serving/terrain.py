"""Terrain tiles: elevation as Terrarium PNG, 256 pixels wide, without holes and without cliffs at the edge.

Terrarium: elevation in metres = red · 256 + green + blue / 256 − 32768
(https://github.com/tilezen/joerd/blob/master/docs/formats.md#terrarium).
"""

from __future__ import annotations

import io
import math
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from affine import Affine
from numpy.typing import NDArray
from PIL import Image

from cim_core.gis.coverage import Coverage
from servers.serving.cache import BuiltOnce
from servers.serving.elevation_grid import MOST_PIXELS, ElevationGrid, elevation_grid
from servers.serving.web_mercator import DEGREES, MERCATOR, Bounds, require_tile, side_m, tile_bounds, transformer

SIZE = 256
DEEPEST = 14
"""The page interpolates beyond; a pixel is then 8 m in Chongqing."""
FADE_M = 4_000.0
"""Beyond the coverage its edge goes on, and sinks to the lowest elevation within this distance."""
SMOOTH_M = 500.0
"""Within this distance the edge's small forms give way to its large ones: drawn out, they would be streaks."""
STEP_M = 1 / 16
"""Elevations are rounded to this, so that the picture packs well."""
MEDIA_TYPE = "image/png"
_LATTICE = 33
_LATTICE_FROM_ZOOM = 10
"""From here on a bilinear lattice of 8 pixels replaces the projection to within 2 cm (the sagitta of a parallel)."""
_MOST_BYTES = 48 * 2**20
_pictures: BuiltOnce[bytes] = BuiltOnce(most=_MOST_BYTES, weight=len)
_terrains: BuiltOnce[TerrainTiles] = BuiltOnce(most=4, weight=lambda _: 1)
Floats = NDArray[np.float64]


class TerrainTiles:
    """Tiles of one elevation coverage.

    Parameters
    ----------
    path
        A cloud-optimised GeoTIFF in a working CRS in metres.
    most_pixels
        Kept in memory; of a larger coverage the file is read again where a tile shows more than is kept.

    Raises
    ------
    InputError
        ``raster.*`` for a file that is missing, damaged or no raster.
    """

    def __init__(self, path: Path, *, most_pixels: int = MOST_PIXELS) -> None:
        self.path = path
        self._levels = _pyramid(elevation_grid(path, most_pixels))
        self._coverage = None if self._levels[0].whole else Coverage(path)

    @cached_property
    def bounds(self) -> Bounds:
        """(west, south, east, north) of the coverage in degrees."""
        grid = self._levels[0]
        west, south, east, north = transformer(grid.crs, DEGREES).transform_bounds(*grid.bounds)
        return west, south, east, north

    @cached_property
    def max_zoom(self) -> int:
        """The zoom at which a pixel is no larger than the coverage's, 14 at most."""
        latitude = math.radians((self.bounds[1] + self.bounds[3]) / 2)
        across = self._levels[0].pixel_m if self._coverage is None else abs(self._coverage.transform.a)
        return min(max(math.ceil(math.log2(side_m(0) * math.cos(latitude) / SIZE / across)), 0), DEEPEST)

    @cached_property
    def _smooth(self) -> ElevationGrid:
        """The level whose pixels are about as wide as the smoothing."""
        return next((level for level in self._levels if level.pixel_m >= SMOOTH_M), self._levels[-1])

    def encode(self, z: int, x: int, y: int) -> bytes:
        """A tile as PNG; raises :class:`NotFoundError` (``tiles.no_such_tile``)."""
        return _picture(self.elevations(z, x, y))

    def elevations(self, z: int, x: int, y: int) -> Floats:
        """(256, 256) elevations in metres at the pixels' centres, the northern row first."""
        require_tile(z, x, y)
        east, north = self._places(z, x, y)
        left, bottom, right, top = self._levels[0].bounds
        inside = np.clip(east, left, right), np.clip(north, bottom, top)
        away = np.hypot(east - inside[0], north - inside[1])
        values = self._sampler(z, *inside).sample(*inside)
        if away.any():
            values = values + (self._smooth.sample(*inside) - values) * np.clip(away / SMOOTH_M, 0, 1)
        sunk = np.clip(away / FADE_M, 0, 1)
        sunk = sunk * sunk * (3 - 2 * sunk)
        return values * (1 - sunk) + self._levels[0].lowest * sunk

    def tilejson(self, url: str, *, name: str, attribution: str = "") -> dict[str, Any]:
        """TileJSON 3.0 of a ``raster-dem`` source, with the coverage's lowest and highest elevation (m).

        It has no bounds: the ground goes on around the coverage.
        """
        west, south, east, north = self.bounds
        document = {
            "tilejson": "3.0.0",
            "name": name,
            "tiles": [url],
            "scheme": "xyz",
            "version": "1.0.0",
            "encoding": "terrarium",
            "tileSize": SIZE,
            "minzoom": 0,
            "maxzoom": self.max_zoom,
            "elevation_m": [self._levels[0].lowest, float(self._levels[0].values.max())],
            "center": [(west + east) / 2, (south + north) / 2, min(12, self.max_zoom)],
        }
        return document | ({"attribution": attribution} if attribution else {})

    def _places(self, z: int, x: int, y: int) -> tuple[Floats, Floats]:
        """Where the pixels' centres lie in the coverage's CRS."""
        west, south, east, north = tile_bounds(z, x, y)
        crs = self._levels[0].crs
        fine = (np.arange(SIZE) + 0.5) / SIZE
        at = fine if z < _LATTICE_FROM_ZOOM else np.linspace(0, 1, _LATTICE)
        mesh = np.meshgrid(west + at * (east - west), north - at * (north - south))
        axes = [np.nan_to_num(axis, posinf=1e9, neginf=-1e9) for axis in transformer(MERCATOR, crs).transform(*mesh)]
        if z < _LATTICE_FROM_ZOOM:
            return axes[0], axes[1]
        weights = np.maximum(1 - np.abs(fine[:, None] - at[None, :]) * (_LATTICE - 1), 0)
        return weights @ axes[0] @ weights.T, weights @ axes[1] @ weights.T

    def _sampler(self, z: int, east: Floats, north: Floats) -> ElevationGrid:
        """The level whose pixels are about a tile's; the file itself where all levels are too coarse."""
        latitude = math.radians((self.bounds[1] + self.bounds[3]) / 2)
        wanted = side_m(z) / SIZE * math.cos(latitude)
        if self._coverage is not None and wanted < self._levels[0].pixel_m:
            return self._window(self._coverage, east, north)
        level = max(int(math.log2(max(wanted / self._levels[0].pixel_m, 1.0))), 0)
        return self._levels[min(level, len(self._levels) - 1)]

    def _window(self, coverage: Coverage, east: Floats, north: Floats) -> ElevationGrid:
        """The file's pixels around the places; its gaps are filled from the coarse grid, alike in all tiles."""
        rim = 2 * abs(coverage.transform.a)
        window = coverage.window((east.min() - rim, north.min() - rim, east.max() + rim, north.max() + rim))
        pixels = coverage.read(window)
        to_pixel = Affine.translation(-window.col_off, -window.row_off) @ ~coverage.transform
        gaps = np.isnan(pixels)
        if gaps.any():
            rows, columns = np.nonzero(gaps)
            x, y = ~to_pixel @ (columns + 0.5, rows + 0.5)
            pixels[gaps] = self._levels[0].sample(x, y)
        grid = self._levels[0]
        return ElevationGrid(pixels.astype(np.float32), to_pixel, grid.crs, grid.bounds, grid.lowest)


def terrain(path: Path) -> TerrainTiles:
    """The tiles of a coverage file (``city.coverage(name).path``), kept in this process."""
    return _terrains.get(path, lambda: TerrainTiles(path))


def terrain_picture(path: Path, z: int, x: int, y: int) -> bytes:
    """A terrain tile of a coverage file, from memory if it was asked for before."""
    require_tile(z, x, y)
    return _pictures.get((path, z, x, y), lambda: terrain(path).encode(z, x, y))


def _pyramid(grid: ElevationGrid) -> list[ElevationGrid]:
    """The grid and its coarser levels, down to one pixel."""
    levels = [grid]
    while max(levels[-1].values.shape) > 1:
        levels.append(levels[-1].halved())
    return levels


def _picture(elevations: Floats) -> bytes:
    rounded = np.rint(elevations / STEP_M) * STEP_M
    code = np.rint((np.clip(rounded, -32_768, 32_767) + 32_768) * 256).astype(np.uint32)
    bands = np.stack([code >> 16, code >> 8 & 255, code & 255], axis=2).astype(np.uint8)
    target = io.BytesIO()
    Image.fromarray(bands).save(target, "PNG", compress_level=6)
    return target.getvalue()
