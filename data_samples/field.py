"""Which way streets run: along the contours where it is steep, parallel to the main streets where it is flat.

A direction without a sign is a tensor field of (cos 2θ, sin 2θ); sums of such fields blend directions (Chen, Esch,
Wonka, Müller, Zhang: Interactive procedural street modeling, ACM Transactions on Graphics 27, 2008).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import ndimage

from data_samples.curves import headings, resample
from data_samples.grid import CELL_M, Grid
from data_samples.terrain import Ground
from data_samples.ways import Way

Floats = NDArray[np.float64]
_STEEP = 0.10
_REACH_M = 190.0


@dataclass(frozen=True)
class Field:
    """Direction of the major family of streets: ``east`` and ``north`` of a unit vector for every cell."""

    grid: Grid
    east: Floats
    north: Floats

    def major(self, x: float, y: float) -> tuple[float, float]:
        """Unit vector of the major family in the cell of a place."""
        cell = self.grid.cell(x, y)
        return float(self.east[cell]), float(self.north[cell])


def street_field(ground: Ground, mains: list[Way]) -> Field:
    """The field of the sample: contours of the ground against directions of the main streets, smoothed together."""
    down, right = np.gradient(ndimage.gaussian_filter(ground.elevation_m, 90 / CELL_M), CELL_M)
    contour = np.arctan2(right, down)  # along the contour: the gradient (right, -down) turned by a quarter
    weight = np.clip(np.hypot(down, right) / _STEEP, 0.05, 1.6) ** 1.3
    cos2, sin2 = weight * np.cos(2 * contour), weight * np.sin(2 * contour)
    near_cos, near_sin = _along_streets(ground.grid, mains)
    cos2, sin2 = (ndimage.gaussian_filter(part, 70 / CELL_M) for part in (cos2, sin2))
    angle = np.arctan2(sin2 + 0.9 * near_sin, cos2 + 0.9 * near_cos) / 2
    return Field(ground.grid, np.cos(angle), np.sin(angle))


def _along_streets(grid: Grid, mains: list[Way]) -> tuple[Floats, Floats]:
    """Direction of the nearest main street, fading with distance."""
    nearest_cos, nearest_sin, marked = (np.zeros(grid.shape) for _ in range(3))
    for way in mains:
        xy = resample(shapely.get_coordinates(way.line), CELL_M)
        turn = 2 * np.arctan2(*headings(xy).T[::-1])
        for (x, y), angle in zip(xy, turn, strict=True):
            cell = grid.cell(float(x), float(y))
            nearest_cos[cell], nearest_sin[cell], marked[cell] = np.cos(angle), np.sin(angle), 1
    distance, (rows, columns) = ndimage.distance_transform_edt(marked == 0, return_indices=True)
    fade = np.exp(-((distance * CELL_M / _REACH_M) ** 2))
    smooth = [ndimage.gaussian_filter(part[rows, columns] * fade, 30 / CELL_M) for part in (nearest_cos, nearest_sin)]
    return smooth[0], smooth[1]
