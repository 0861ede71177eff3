"""The ground: banks that rise from the rivers, the ridge of the peninsula, terraces, and hills beyond the rivers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from data_samples.grid import CELL_M, CRS, HALF_HEIGHT_M, HALF_WIDTH_M, Grid, origin
from data_samples.rivers import Rivers

Floats = NDArray[np.float64]
WATER_M = 162.0
"""Level of both rivers."""
_TERRACE_M, _TERRACING = 17.0, 0.62
_HILLS = (
    (1750.0, -1500.0, 900.0, 330.0, 50.0, 205.0),
    (600.0, -2250.0, 620.0, 260.0, 10.0, 95.0),
    (-1050.0, 2150.0, 560.0, 270.0, -8.0, 85.0),
    (1650.0, 1850.0, 430.0, 260.0, 25.0, 65.0),
    (-900.0, -1990.0, 520.0, 240.0, 5.0, 75.0),
)
"""Far hills: x, y, half length, half width (m), direction (degrees from east), height (m)."""


@dataclass(frozen=True)
class Ground:
    """Rasters over one grid: elevation (m), distance to water (m; 0 on it), gradient of the smoothed ground."""

    grid: Grid
    elevation_m: Floats
    to_water_m: Floats
    slope_x: Floats
    slope_y: Floats

    @property
    def steepness(self) -> Floats:
        """Rise over run of the smoothed ground."""
        return np.hypot(self.slope_x, self.slope_y)


def ground(rivers: Rivers, random: np.random.Generator) -> Ground:
    """The ground of the sample."""
    grid = Grid()
    x, y = grid.centres()
    wet = grid.mask(rivers.water)
    bar = grid.mask(rivers.bar)
    to_water: Floats = np.asarray(ndimage.distance_transform_edt(~wet), dtype=np.float64) * CELL_M
    rise = _banks(grid, rivers, to_water, x)
    for east, north, length, width, degrees, height in _HILLS:
        rise += height * _hill(x - east, y - north, length, width, np.radians(degrees)) * (1 - np.exp(-to_water / 260))
    rough = sum(size * _noise(random, grid.shape, scale) for scale, size in ((170, 6.5), (60, 1.8)))
    rise += np.asarray(rough) * (1 - np.exp(-to_water / 110))
    dry = _terraced(WATER_M + 5 + rise)
    elevation: Floats = np.where(wet, WATER_M, np.where(bar, WATER_M + 1 + np.minimum(to_water, 40) * 0.09, dry))
    slope: list[Floats] = list(np.gradient(ndimage.gaussian_filter(elevation, 7), CELL_M))
    return Ground(grid, np.round(elevation, 2), to_water, slope[1], -slope[0])


def _banks(grid: Grid, rivers: Rivers, to_water: Floats, x: Floats) -> Floats:
    """Rise above the shore: a ridge that sinks towards the point on the peninsula, gentler banks beyond."""
    ridge = (92 - 26 * np.clip((x + 1200) / 2400, 0, 1)) * (1 - np.exp(-((to_water / 390) ** 1.6)))
    peninsula, north = grid.mask(rivers.peninsula), grid.mask(rivers.north)
    gentle = np.where(north, 40.0, 34.0) * (1 - np.exp(-((to_water / 420) ** 1.5)))
    rise: Floats = np.where(peninsula, ridge, gentle) + 9 * (1 - np.exp(-to_water / 35))
    return rise


def _hill(dx: Floats, dy: Floats, length: float, width: float, angle: float) -> Floats:
    along, across = dx * np.cos(angle) + dy * np.sin(angle), dy * np.cos(angle) - dx * np.sin(angle)
    hill: Floats = np.exp(-((along / length) ** 2) - (across / width) ** 2)
    return hill


def _noise(random: np.random.Generator, shape: tuple[int, int], scale_m: float) -> Floats:
    smooth = ndimage.gaussian_filter(random.normal(size=shape), scale_m / CELL_M / 2)
    return np.asarray(smooth / smooth.std())


def _terraced(height: Floats) -> Floats:
    """Steps in the slope: the ground between terraces is steeper, on them flatter, heights stay in order."""
    wave = _TERRACE_M / (2 * np.pi)
    stepped: Floats = height - _TERRACING * wave * np.sin(height / wave)
    return stepped


def write_elevation(made: Ground, path: Path) -> Path:
    """Write the elevation as GeoTIFF in the working CRS (float32, whole decimetres) and return its path."""
    import rasterio
    from rasterio.transform import from_origin

    east, north = origin()
    rows, columns = made.grid.shape
    shape: dict[str, Any] = {"height": rows, "width": columns, "count": 1, "dtype": "float32"}
    place = from_origin(east - HALF_WIDTH_M, north + HALF_HEIGHT_M, CELL_M, CELL_M)
    with rasterio.open(path, "w", driver="GTiff", **shape, crs=CRS, transform=place, nodata=-9999.0) as target:
        target.write(np.round(made.elevation_m, 1).astype("float32"), 1)
        target.update_tags(synthetic="yes")
    return path
