"""The other carriageway of a named bridge, where the map leaves it without a name.

Closing 石板坡长江大桥 means both directions, but the map names only one of its two carriageways. An unnamed one-way
road on a bridge is taken for the other one when it has the class and the level of a named bridge way, runs against it,
and at least nine tenths of it lie within 60 m. It is an assumption, and is marked as one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

from cim_core.gis.osm.elements import Floats, Shapes

BESIDE_M = 60.0
BESIDE_SHARE = 0.9
MIN_LENGTH_M = 200.0
ASSUMED = "other carriageway"

_METRES_PER_DEGREE = 111_320.0


def other_carriageways(rows: Sequence[dict[str, Any]], lines: Shapes, lengths: Floats) -> dict[int, str]:
    """Position of an unnamed road part → the group of the named bridge it runs beside.

    ``rows`` have the fields ``bridge oneway name group class layer``; ``lines`` are in degrees.
    """
    bridges = [i for i, row in enumerate(rows) if row["bridge"] and row["oneway"]]
    named = [i for i in bridges if (rows[i]["group"] or "").startswith("bridge:")]
    unnamed = [i for i in bridges if rows[i]["group"] is None and not rows[i]["name"] and lengths[i] >= MIN_LENGTH_M]
    if not named or not unnamed:
        return {}
    flat = _in_metres(lines)
    found: dict[int, str] = {}
    pairs = shapely.STRtree(flat[unnamed]).query(flat[named], predicate="dwithin", distance=BESIDE_M)
    for n, u in pairs.T.tolist():
        this, that = unnamed[u], named[n]
        if _alike(rows[this], rows[that]) and _against(flat[this], flat[that]) and this not in found:
            same = flat[[i for i in named if rows[i]["group"] == rows[that]["group"]]]
            if _share_beside(flat[this], same) >= BESIDE_SHARE:
                found[this] = rows[that]["group"]
    return found


def _alike(this: dict[str, Any], that: dict[str, Any]) -> bool:
    return bool(this["class"] == that["class"] and this["layer"] == that["layer"])


def _in_metres(lines: Shapes) -> Shapes:
    """Equirectangular at the mean latitude: enough to tell what is beside what within a city."""
    east = np.cos(np.radians(shapely.get_coordinates(lines)[:, 1].mean()))
    flat: Shapes = shapely.transform(lines, lambda lonlat: lonlat * [_METRES_PER_DEGREE * east, _METRES_PER_DEGREE])
    return flat


def _against(this: Any, that: Any) -> bool:
    """Whether one line runs opposite to another, from end to end."""
    return bool(np.dot(_heading(this), _heading(that)) < 0)


def _heading(line: Any) -> Floats:
    ends = shapely.get_coordinates(line)
    heading: Floats = ends[-1] - ends[0]
    return heading


def _share_beside(line: Any, others: Shapes) -> float:
    around = shapely.buffer(shapely.union_all(others), BESIDE_M)
    return float(shapely.length(shapely.intersection(line, around)) / shapely.length(line))
