"""From which zoom each vertex is drawn: the hierarchy of Douglas and Peucker, worked out once for all zooms.

A vertex is kept at a tolerance if its distance and those of all splits above it exceed it (Douglas, Peucker 1973; the
minimum along the way down makes it monotone), so the vertices with ``level <= z`` are what the algorithm would leave
at zoom ``z``. A ring hangs on three vertices that are always kept: its first, the farthest from that, and the
farthest from the line between both.
"""

# ruff: noqa: PLR0917 - compiled kernels take plain arrays and branch on bytes

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from servers.serving.baked.grid import Grid
from servers.serving.zoom_rules import MAX_ZOOM, PIXEL, TOLERANCE

Ints = NDArray[np.int32]


def vertex_levels(
    xy: Ints, part: NDArray[np.int64], role: NDArray[np.uint8], points: NDArray[np.bool_], grid: Grid
) -> NDArray[np.uint8]:
    """uint8 (V,): the first zoom that draws each vertex.

    Parameters
    ----------
    xy, part, role
        Grid coordinates and parts as :class:`~servers.serving.baked.geometry.Shapes` has them.
    points
        (P,): which parts are sets of points; these are drawn whole.
    """
    reach = np.array([(TOLERANCE * grid.tile_unit(z)) ** 2 for z in range(MAX_ZOOM)])
    return np.asarray(_levels(xy, part, role, points, reach))


def row_zooms(box: Ints, area: NDArray[np.float64], kind: NDArray[np.uint8], grid: Grid) -> NDArray[np.uint8]:
    """uint8 (N,): the first zoom at which a row is longer and larger than a pixel; 0 for points and for nothing.

    ``area`` in grid units², NaN for what has none.
    """
    side = (box[:, 2:].astype(np.int64) - box[:, :2]).max(axis=1, initial=0)
    found = np.zeros(len(box), dtype=np.uint8)
    shown = kind == 1
    for z in range(MAX_ZOOM):
        pixel = PIXEL * grid.tile_unit(z)
        large = (side >= pixel) & (np.isnan(area) | (area >= pixel**2))
        found[~(shown | large)] = z + 1
        shown |= large
    return np.where(kind == 0, 0, found).astype(np.uint8)


@njit(cache=True, nogil=True)
def _levels(xy, part, role, points, reach):  # type: ignore[no-untyped-def]
    found = np.zeros(len(xy), dtype=np.uint8)
    longest = 0
    for number in range(len(role)):
        longest = max(longest, part[number + 1] - part[number])
    weight = np.empty(longest + 1)
    stack = np.empty((longest + 2, 2), dtype=np.int64)
    for number in range(len(role)):
        begin, end = part[number], part[number + 1]
        count = end - begin
        if points[number] or count < 3 or (role[number] != 0 and count == 3):
            continue
        weight[: count + 1] = np.inf
        if role[number] == 0:
            _split(xy, begin, count, 0, count - 1, weight, stack)
        else:
            _split_ring(xy, begin, count, weight, stack)
        for i in range(count):
            level = 0
            while level < len(reach) and weight[i] <= reach[level]:
                level += 1
            found[begin + i] = level
    return found


@njit(cache=True, nogil=True)
def _split_ring(xy, begin, count, weight, stack):  # type: ignore[no-untyped-def]
    """Weights of a ring's vertices; position ``count`` is the first point again."""
    far, most = 1, -1.0
    for i in range(1, count):
        distance = _from_segment(xy, begin, count, i, 0, 0)
        if distance > most:
            far, most = i, distance
    third, most = -1, -1.0
    for i in range(1, count):
        if i != far:
            distance = _from_segment(xy, begin, count, i, 0, far)
            if distance > most:
                third, most = i, distance
    one, other = min(far, third), max(far, third)
    _split(xy, begin, count, 0, one, weight, stack)
    _split(xy, begin, count, one, other, weight, stack)
    _split(xy, begin, count, other, count, weight, stack)


@njit(cache=True, nogil=True)
def _split(xy, begin, count, low, high, weight, stack):  # type: ignore[no-untyped-def]
    """Squared distances at which the vertices between two kept ones go, never more than at the split above."""
    depth = 0
    stack[0, 0], stack[0, 1] = low, high
    depth = 1
    while depth:
        depth -= 1
        a, b = stack[depth, 0], stack[depth, 1]
        if b - a < 2:
            continue
        far, most = a + 1, -1.0
        for i in range(a + 1, b):
            distance = _from_segment(xy, begin, count, i, a, b)
            if distance > most:
                far, most = i, distance
        bound = np.inf
        if a != low:
            bound = min(bound, weight[a])
        if b != high:
            bound = min(bound, weight[b])
        weight[far] = min(most, bound)
        stack[depth, 0], stack[depth, 1] = a, far
        stack[depth + 1, 0], stack[depth + 1, 1] = far, b
        depth += 2


@njit(cache=True, nogil=True)
def _from_segment(xy, begin, count, i, a, b):  # type: ignore[no-untyped-def]
    """Squared distance of a vertex from the segment between two others, all by position in the part."""
    ax, ay = float(xy[begin + a % count, 0]), float(xy[begin + a % count, 1])
    dx, dy = float(xy[begin + b % count, 0]) - ax, float(xy[begin + b % count, 1]) - ay
    px, py = float(xy[begin + i, 0]) - ax, float(xy[begin + i, 1]) - ay
    length = dx * dx + dy * dy
    if length > 0:
        along = min(max((px * dx + py * dy) / length, 0.0), 1.0)
        px, py = px - along * dx, py - along * dy
    return px * px + py * py
