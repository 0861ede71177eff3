"""How many storeys there are in all: the one place where the sample's demand for travel is set.

Homes lie mostly beyond the rivers and work on the peninsula. The totals below make the morning's traffic fill the two
old bridges whatever the seed; the storeys of the taller buildings are scaled to meet them.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from data_samples.grid import to_crs
from data_samples.records import Row
from data_samples.rivers import Rivers

_TARGETS_M2 = {
    ("north", "residential"): 2.32e6,
    ("south", "residential"): 2.02e6,
    ("peninsula", "residential"): 0.85e6,
    ("peninsula", "office"): 2.82e6,
}
"""Bank and use → floor area (m²)."""
_TALL = 4
"""Storeys from which a building's are scaled."""


def settle_floors(rows: list[Row], rivers: Rivers) -> None:
    """Scale the storeys of taller buildings in place, so that each bank has its floor area of each use."""
    points = shapely.point_on_surface(np.array([row["geometry"] for row in rows], dtype=object))
    bank_of = {
        name: shapely.contains(to_crs(getattr(rivers, name)), points) for name in ("north", "south", "peninsula")
    }
    use = np.array([row["use"] for row in rows], dtype=object)
    storeys = np.array([row["levels"] for row in rows])
    area = np.array([row["floor_area_m2"] for row in rows])
    for (bank, wanted), target in _TARGETS_M2.items():
        group = bank_of[bank] & (use == wanted)
        tall = group & (storeys >= _TALL)
        factor = (target - area[group & ~tall].sum()) / max(float(area[tall].sum()), 1.0)
        _scale(rows, np.flatnonzero(tall), factor)


def _scale(rows: list[Row], positions: NDArray[np.intp], factor: float) -> None:
    owed = 0.0
    for position in positions.tolist():
        row = rows[position]
        wanted = row["levels"] * factor + owed / row["footprint_m2"]
        storeys = max(round(wanted), _TALL - 1)
        owed += (row["levels"] * factor - storeys) * row["footprint_m2"]
        per_storey_m = row["height_m"] / row["levels"]
        row |= {"levels": storeys, "height_m": round(per_storey_m * storeys, 1)}
        row |= {"floor_area_m2": row["footprint_m2"] * storeys}
