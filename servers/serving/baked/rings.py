"""Rings on the integer grid of a tile: without repeats and spikes, wound right, and whether they touch.

Compiled; points are arrays (2, n), x and y. Coordinates are tile units, y downwards, a few thousands at most, so that
every product fits 64 bits and every test here is exact. A ring does not repeat its first point; the rings of a feature
stand one after the other, ring r from ``ring_at[r]`` to ``ring_at[r + 1]``.
"""

# ruff: noqa: PLR0917 - compiled kernels take plain arrays
# numba brings no types:
# mypy: disable-error-code="untyped-decorator, no-any-return, return-value"

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Array = NDArray[Any]
ALL_PAIRS = 40
"""Sides up to which every pair is compared; more are swept in order of their left ends."""
MOST_RINGS = 512
"""Rings of one feature whose nesting is checked here; what has more is for Shapely."""


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def cross(ax: float, ay: float, bx: float, by: float, cx: float, cy: float) -> float:
    """Twice the signed area of the triangle a, b, c; zero if they lie in line."""
    return (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def whole(value: float) -> int:
    """Rounded; halves go up, so that all tiles round alike."""
    return np.int64(math.floor(value + 0.5))


@njit(cache=True, nogil=True, error_model="numpy")
def rounded_ring(points: Array, count: int, to: Array, at: int) -> int:
    """Round a ring to whole units from position ``at`` of ``to``; points in line and spikes go.

    Returns the number of points written; 0 if no area is left.
    """
    kept = 0
    bx = by = lx = ly = np.int64(0)  # the last point but one, and the last
    for i in range(count):
        x, y = whole(points[0, i]), whole(points[1, i])
        while kept >= 2 and cross(bx, by, lx, ly, x, y) == 0:
            kept -= 1
            lx, ly = bx, by
            if kept >= 2:
                bx, by = to[0, at + kept - 2], to[1, at + kept - 2]
        if kept == 0 or lx != x or ly != y:
            to[0, at + kept], to[1, at + kept] = x, y
            bx, by, lx, ly = lx, ly, x, y
            kept += 1
    return _closed(to, at, kept)


@njit(cache=True, nogil=True, error_model="numpy")
def _closed(to: Array, at: int, kept: int) -> int:
    """The same where the ring's end meets its beginning."""
    first = at
    while kept >= 3:
        last = first + kept - 1
        x, y = to[0, first], to[1, first]
        if cross(to[0, last - 1], to[1, last - 1], to[0, last], to[1, last], x, y) == 0:
            kept -= 1
        elif cross(to[0, last], to[1, last], x, y, to[0, first + 1], to[1, first + 1]) == 0:
            first += 1
            kept -= 1
        else:
            break
    if kept < 3:
        return 0
    for i in range(kept if first > at else 0):
        to[0, at + i], to[1, at + i] = to[0, first + i], to[1, first + i]
    return kept


@njit(cache=True, nogil=True, error_model="numpy")
def doubled_area(points: Array, begin: int, end: int) -> float:
    """Twice the signed area (surveyor's formula); positive for an exterior ring, as MVT 2.1 has it."""
    area = points[0, begin] * 0
    px, py = points[0, end - 1], points[1, end - 1]
    for i in range(begin, end):
        x, y = points[0, i], points[1, i]
        area += px * y - x * py
        px, py = x, y
    return area


@njit(cache=True, nogil=True, error_model="numpy")
def is_convex(points: Array, begin: int, end: int) -> bool:
    """Whether a ring turns one way only and once around: then it cannot touch itself."""
    turns_left = turns_right = False
    reversals = 0
    ax, ay, bx, by = points[0, end - 2], points[1, end - 2], points[0, end - 1], points[1, end - 1]
    east = bx > ax or (bx == ax and by > ay)
    for i in range(begin, end):
        x, y = points[0, i], points[1, i]
        turn = cross(ax, ay, bx, by, x, y)
        turns_left |= turn > 0
        turns_right |= turn < 0
        onward = x > bx or (x == bx and y > by)
        reversals += onward != east
        ax, ay, bx, by, east = bx, by, x, y, onward
    return reversals == 2 and not (turns_left and turns_right)


@njit(cache=True, nogil=True, error_model="numpy")
def _meet(points: Array, a: int, b: int, c: int, d: int) -> bool:
    """Whether the sides a–b and c–d have a point in common."""
    ax, bx, cx, dx = points[0, a], points[0, b], points[0, c], points[0, d]
    if max(ax, bx) < min(cx, dx) or max(cx, dx) < min(ax, bx):
        return False
    ay, by, cy, dy = points[1, a], points[1, b], points[1, c], points[1, d]
    if max(ay, by) < min(cy, dy) or max(cy, dy) < min(ay, by):
        return False
    first, second = cross(ax, ay, bx, by, cx, cy), cross(ax, ay, bx, by, dx, dy)
    if (first > 0 and second > 0) or (first < 0 and second < 0):
        return False
    first, second = cross(cx, cy, dx, dy, ax, ay), cross(cx, cy, dx, dy, bx, by)
    return not ((first > 0 and second > 0) or (first < 0 and second < 0))


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _following(i: int, ring: int, ring_at: Array) -> int:
    """The point after a point of a ring."""
    return i + 1 if i + 1 < ring_at[ring + 1] else ring_at[ring]


@njit(cache=True, nogil=True, error_model="numpy")
def touch(points: Array, ring_at: Array, rings: int) -> bool:
    """Whether any two sides of a feature's rings meet, other than neighbours at their common point.

    Expects rings of :func:`rounded_ring`: neighbours never lie on each other there.
    """
    if ring_at[rings] > ALL_PAIRS:
        return _touch_swept(points, ring_at, rings)
    for r in range(rings):
        for i in range(ring_at[r], ring_at[r + 1]):
            after_i = _following(i, r, ring_at)
            for s in range(r, rings):
                for j in range(i + 1 if s == r else ring_at[s], ring_at[s + 1]):
                    after_j = _following(j, s, ring_at)
                    if after_i != j and after_j != i and _meet(points, i, after_i, j, after_j):
                        return True
    return False


@njit(cache=True, nogil=True, error_model="numpy")
def _touch_swept(points: Array, ring_at: Array, rings: int) -> bool:
    count = ring_at[rings]
    follower = np.empty(count, np.int64)
    for r in range(rings):
        for i in range(ring_at[r], ring_at[r + 1]):
            follower[i] = _following(i, r, ring_at)
    axis = 0 if np.ptp(points[0, :count]) >= np.ptp(points[1, :count]) else 1
    begins, ends = np.empty(count, np.int64), np.empty(count, np.int64)
    for i in range(count):
        begins[i] = min(points[axis, i], points[axis, follower[i]])
        ends[i] = max(points[axis, i], points[axis, follower[i]])
    order = np.argsort(begins)
    for k in range(count):
        i = order[k]
        for m in range(k + 1, count):
            j = order[m]
            if begins[j] > ends[i]:
                break
            if follower[i] != j and follower[j] != i and _meet(points, i, follower[i], j, follower[j]):
                return True
    return False


@njit(cache=True, nogil=True, error_model="numpy")
def within(x: float, y: float, points: Array, begin: int, end: int) -> bool:
    """Whether a place lies in a ring (even-odd; not for places on it)."""
    inside = False
    px, py = points[0, end - 1], points[1, end - 1]
    for i in range(begin, end):
        qx, qy = points[0, i], points[1, i]
        if (py > y) != (qy > y):
            inside ^= (cross(px, py, qx, qy, x, y) > 0) == (qy > py)
        px, py = qx, qy
    return inside


@njit(cache=True, nogil=True, error_model="numpy")
def nested_right(points: Array, ring_at: Array, rings: int, is_hole: Array) -> bool:
    """Whether rings that do not touch make valid polygons: each hole directly within its own exterior, nothing else so.

    A hole's exterior is the last one before it.
    """
    if rings > MOST_RINGS:
        return False
    depth = np.zeros(rings, np.int64)
    own = 0
    for r in range(rings):
        own = own if is_hole[r] else r
        own_holds = False
        for s in range(rings):
            if s != r and within(points[0, ring_at[r]], points[1, ring_at[r]], points, ring_at[s], ring_at[s + 1]):
                depth[r] += 1
                own_holds |= s == own
        if is_hole[r] and not own_holds:
            return False
    own = 0
    for r in range(rings):
        own = own if is_hole[r] else r
        if (is_hole[r] and depth[r] != depth[own] + 1) or (not is_hole[r] and depth[r] % 2):
            return False
    return True
