"""Zones: square cells over trip ends, and the distances between them."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

CELL_M = 300.0


def zone_ids(x: NDArray[np.float64], y: NDArray[np.float64], cell_m: float = CELL_M) -> NDArray[np.object_]:
    """Id of the square cell each point (m, working CRS) lies in: ``z<column>_<row>``.

    >>> zone_ids(np.array([650.0]), np.array([-1.0])).tolist()
    ['z2_-1']
    """
    columns, rows = (np.floor(np.asarray(values) / cell_m).astype(int) for values in (x, y))
    return np.array([f"z{column}_{row}" for column, row in zip(columns, rows, strict=True)], dtype=object)


def make_zones(areas: pd.DataFrame, ends: pd.Series) -> pd.DataFrame:
    """Zones over trip ends: index zone id (sorted), columns ``x y`` (centre of the trip ends) and ``ends``.

    ``areas`` has ``x y zone`` per source, ``ends`` the trip ends of the same sources.
    """
    weight = ends.to_numpy(dtype="float64")
    frame = pd.DataFrame(
        {"zone": areas["zone"].to_numpy(), "wx": areas["x"] * weight, "wy": areas["y"] * weight, "ends": weight}
    )
    sums = frame.groupby("zone", sort=True).sum()
    return pd.DataFrame({"x": sums["wx"] / sums["ends"], "y": sums["wy"] / sums["ends"], "ends": sums["ends"]})


def distances_km(from_xy: NDArray[np.float64], to_xy: NDArray[np.float64], detour: float) -> NDArray[np.float64]:
    """Crow-fly distance × detour between points (n × 2 and m × 2, metres) in km, at least that of half a zone."""
    metres = np.hypot(*(from_xy[:, None, axis] - to_xy[None, :, axis] for axis in (0, 1)))
    return np.maximum(metres, CELL_M / 2) * detour / 1000.0
