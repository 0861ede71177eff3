"""Rings and lines cut at the rim of a tile. Compiled; coordinates are tile units in double precision.

Grid coordinates of up to 40 bits are exact in a double, so only a crossing with the rim is ever rounded (in its last
bits), and a side that two neighbours share is cut at the same point for both.
"""

# ruff: noqa: PLR0917 - compiled kernels take plain arrays
# numba brings no types:
# mypy: disable-error-code="untyped-decorator, no-any-return, return-value"

from __future__ import annotations

from typing import Any

from numba import njit
from numpy.typing import NDArray

Array = NDArray[Any]
GROWTH = 6
"""Times as many points as a ring has are room enough to cut it: each of four sides may make three of two, and
1.5⁴ < 5.1."""


@njit(cache=True, nogil=True, error_model="numpy")
def _clipped_at(points: Array, count: int, to: Array, axis: int, bound: float, side: float) -> int:
    """Part of a ring with ``side * (x - bound) <= 0`` (Sutherland and Hodgman 1974). Returns its number of points.

    The winding number of every place on the kept side stays; what was beyond lies on the bound itself. ``axis`` is
    that of x; y is the other.
    """
    kept, other = 0, 1 - axis
    px, py = points[axis, count - 1], points[other, count - 1]
    before = (px - bound) * side <= 0
    for i in range(count):
        x, y = points[axis, i], points[other, i]
        here = (x - bound) * side <= 0
        if here != before:
            # always from inside to outside, whichever way the ring runs
            if before:
                to[other, kept] = py + (y - py) * ((bound - px) / (x - px))
            else:
                to[other, kept] = y + (py - y) * ((bound - x) / (px - x))
            to[axis, kept] = bound
            kept += 1
        if here:
            to[axis, kept], to[other, kept] = x, y
            kept += 1
        px, py, before = x, y, here
    return kept


@njit(cache=True, nogil=True, error_model="numpy")
def _all_within(points: Array, count: int, axis: int, bound: float, side: float) -> bool:
    for i in range(count):  # noqa: SIM110 - numba compiles no generator expression
        if (points[axis, i] - bound) * side > 0:
            return False
    return True


@njit(cache=True, nogil=True, error_model="numpy")
def clipped_ring(points: Array, count: int, spare: Array, low: float, high: float) -> int:
    """Cut a ring, float64 (2, n), to the square from ``low`` to ``high``, in place. Returns its number of points.

    Both arrays have room for ``GROWTH * count + 8`` points.
    """
    for turn in range(4):
        bound, side = (high, 1.0) if turn % 2 else (low, -1.0)
        if count == 0 or _all_within(points, count, turn // 2, bound, side):
            continue
        count = _clipped_at(points, count, spare, turn // 2, bound, side)
        for i in range(count):
            points[0, i], points[1, i] = spare[0, i], spare[1, i]
    return count


@njit(cache=True, nogil=True, error_model="numpy")
def clipped_segment(ax: float, ay: float, bx: float, by: float, low: float, high: float) -> tuple[float, float]:
    """Where a segment enters and leaves the square, as fractions of it (Liang and Barsky 1984); (1, 0) if it misses."""
    enters, leaves = 0.0, 1.0
    for axis in range(2):
        start, step = (ax, bx - ax) if axis == 0 else (ay, by - ay)
        if step == 0.0:
            if start < low or start > high:
                return 1.0, 0.0
            continue
        near, far = (low - start) / step, (high - start) / step
        if near > far:
            near, far = far, near
        enters, leaves = max(enters, near), min(leaves, far)
        if enters > leaves:
            return 1.0, 0.0
    return enters, leaves
