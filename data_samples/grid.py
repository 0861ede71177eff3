"""The sample's plane: local metres around a point of the working CRS, and rasters over it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from pyproj import Transformer
from scipy import ndimage

from cim_core.crs import working_crs_for

Floats = NDArray[np.float64]
CENTRE = (106.595, 29.560)
"""Longitude and latitude of the local origin."""
CRS = working_crs_for(*CENTRE)
HALF_WIDTH_M, HALF_HEIGHT_M = 2450.0, 2250.0
"""The sample reaches so far east and west, north and south of the origin."""
CELL_M = 5.0


@cache
def origin() -> tuple[float, float]:
    """The local origin in the working CRS, on a whole 10 m."""
    x, y = Transformer.from_crs("EPSG:4326", CRS, always_xy=True).transform(*CENTRE)
    return round(x, -1), round(y, -1)


def to_crs(local: Any) -> Any:
    """Geometries in local metres → the working CRS, to the millimetre."""
    return shapely.transform(local, lambda xy: np.round(xy + np.array(origin()), 3))


def to_degrees(working: Any) -> Any:
    """Geometries in the working CRS → WGS84 degrees."""
    transformer = Transformer.from_crs(CRS, "EPSG:4326", always_xy=True)
    return shapely.transform(working, lambda xy: np.column_stack(transformer.transform(xy[:, 0], xy[:, 1])))


def extent(margin_m: float = 0.0) -> shapely.Polygon:
    """The rectangle of the sample in local metres, made larger by a margin."""
    width, height = HALF_WIDTH_M + margin_m, HALF_HEIGHT_M + margin_m
    return shapely.box(-width, -height, width, height)


@dataclass(frozen=True)
class Grid:
    """Square cells over the sample, row 0 in the north; rasters over it are arrays of ``shape``."""

    cell_m: float = CELL_M

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return int(2 * HALF_HEIGHT_M / self.cell_m), int(2 * HALF_WIDTH_M / self.cell_m)

    def centres(self) -> tuple[Floats, Floats]:
        """x and y of the cells' centres, each of ``shape``."""
        rows, columns = self.shape
        x = -HALF_WIDTH_M + self.cell_m * (np.arange(columns) + 0.5)
        y = HALF_HEIGHT_M - self.cell_m * (np.arange(rows) + 0.5)
        return np.meshgrid(x, y)

    def mask(self, area: shapely.Geometry) -> NDArray[np.bool_]:
        """Cells whose centre lies in an area."""
        shapely.prepare(area)
        inside: NDArray[np.bool_] = shapely.contains_xy(area, *self.centres())
        return inside

    def sample(self, raster: ArrayLike, xy: ArrayLike, order: int = 1) -> Floats:
        """Values of a raster at points of shape (n, 2): bilinear, with order 0 the cell's own; beyond it, its rim."""
        points = np.atleast_2d(np.asarray(xy, dtype=np.float64))
        column = (points[:, 0] + HALF_WIDTH_M) / self.cell_m - 0.5
        row = (HALF_HEIGHT_M - points[:, 1]) / self.cell_m - 0.5
        values: Floats = ndimage.map_coordinates(np.asarray(raster, float), [row, column], order=order, mode="nearest")
        return values

    def cell(self, x: float, y: float) -> tuple[int, int]:
        """Row and column of the cell a point lies in, clipped to the grid."""
        rows, columns = self.shape
        row, column = int((HALF_HEIGHT_M - y) / self.cell_m), int((x + HALF_WIDTH_M) / self.cell_m)
        return min(max(row, 0), rows - 1), min(max(column, 0), columns - 1)
