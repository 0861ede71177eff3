"""Whether baked geometries meet a box: exact on the integer grid, for those that lie across its edge."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit
from numpy.typing import NDArray

if TYPE_CHECKING:
    from servers.serving.baked.layout import BakedLayer

GridBox = tuple[int, int, int, int]
"""min x, min y, max x, max y in absolute grid units, all included."""
_POINTS, _POLYGONS = 1, 3


@njit(cache=True, nogil=True)
def _segment_meets(ax, ay, bx, by, box):  # type: ignore[no-untyped-def]
    """Whether a segment meets the box: their projections on the axes and on the segment's normal overlap."""
    if max(ax, bx) < box[0] or min(ax, bx) > box[2] or max(ay, by) < box[1] or min(ay, by) > box[3]:
        return False
    dx, dy = bx - ax, by - ay
    below, above = False, False
    for x in (box[0], box[2]):
        for y in (box[1], box[3]):
            side = dx * (y - ay) - dy * (x - ax)
            below |= side <= 0
            above |= side >= 0
    return below and above


@njit(cache=True, nogil=True)
def _crosses(ax, ay, bx, by, x, y):  # type: ignore[no-untyped-def]  # noqa: PLR0917
    """Whether a ray from (x, y) to the east crosses the edge."""
    return (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax


@njit(cache=True, nogil=True)
def _row_meets(xy, part, first, last, kind, box):  # type: ignore[no-untyped-def]  # noqa: PLR0917
    """Whether the parts ``first`` … ``last - 1`` of one row meet the box."""
    inside = False
    for p in range(first, last):
        begin, end = part[p], part[p + 1]
        for v in range(begin, end):
            bx, by = np.float64(xy[v, 0]), np.float64(xy[v, 1])
            if box[0] <= bx <= box[2] and box[1] <= by <= box[3]:
                return True
            if kind == _POINTS or (v == begin and kind != _POLYGONS):
                continue
            before = v - 1 if v > begin else end - 1
            ax, ay = np.float64(xy[before, 0]), np.float64(xy[before, 1])
            if _segment_meets(ax, ay, bx, by, box):
                return True
            if kind == _POLYGONS and _crosses(ax, ay, bx, by, box[0], box[1]):
                inside = not inside
    return inside


@njit(cache=True, nogil=True)
def _meeting(xy, part, feature_part, kind, rows, box):  # type: ignore[no-untyped-def]  # noqa: PLR0917
    found = np.zeros(len(rows), dtype=np.bool_)
    for i in range(len(rows)):
        row = rows[i]
        found[i] = _row_meets(xy, part, feature_part[row], feature_part[row + 1], kind[row], box)
    return found


def meeting(layer: BakedLayer, rows: NDArray[np.int32], box: GridBox) -> NDArray[np.bool_]:
    """Which of the rows meet the box.

    No edge of the box is crossed by a polygon that holds it: then any corner of the box tells (even-odd rule over all
    rings). Coordinates are whole numbers of at most 33 bits, their products are rounded to 53: a line that misses a
    corner by less than a millionth of a grid unit may count as meeting it.
    """
    ox, oy = layer.origin
    edges = np.array([box[0] - ox, box[1] - oy, box[2] - ox, box[3] - oy], dtype=np.float64)
    return np.asarray(_meeting(layer.xy, layer.part, layer.feature_part, layer.kind, rows, edges))


def warm() -> None:
    """Compile :func:`meeting` (or load it from the cache on disk)."""
    arrays = [np.zeros((1, 2), dtype=np.int32), np.array([0, 1]), np.array([0, 1]), np.ones(1, dtype=np.uint8)]
    for one in arrays:
        one.flags.writeable = False
    _meeting(*arrays, np.zeros(1, dtype=np.int32), np.zeros(4))
