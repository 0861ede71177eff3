"""Rows of a baked layer drawn in a tile: scaled, thinned, cut and rounded, as MVT 2.1 geometry commands. Compiled.

What rounding makes touch itself is not drawn here: its rings, cut but not rounded, are handed on to
:mod:`servers.serving.baked.slow_tiles`. Kernels take plain arrays, since each array out of a tuple costs a counted
reference (measured: half of all time). Points are arrays (2, n), x and y.
"""

# ruff: noqa: PLR0917 - compiled kernels take plain arrays
# numba brings no types:
# mypy: disable-error-code="untyped-decorator, no-any-return, return-value"

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from servers.serving.baked.clipping import GROWTH, clipped_ring, clipped_segment
from servers.serving.baked.rings import doubled_area, is_convex, nested_right, rounded_ring, touch, whole
from servers.serving.baked.tile_commands import (
    PATH_BYTES,
    POINT_BYTES,
    put_line,
    put_points,
    put_rings,
    put_smallest_area,
    put_smallest_line,
)

Array = NDArray[Any]
Drawn = tuple[Array, Array, Array, Array, Array, Array, Array]
ABSENT, DRAWN, LOOSE = 0, 1, 2
"""What became of a row: nothing is left of it, its commands are written, its rings need mending."""
_POINTS, _LINES, _POLYGONS = 1, 2, 3
_ROOM = 8


class Square(NamedTuple):
    """Where a tile lies on a layer's grid, and what is drawn.

    Attributes
    ----------
    x0, y0, scale
        Grid coordinates of its corner less the layer's origin; tile units of one grid unit.
    low, high
        Tile and rim, in tile units.
    zoom
        Vertices of a higher level are left out.
    keep_collapsed
        Draw the smallest shape where rounding leaves nothing.
    """

    x0: int
    y0: int
    scale: float
    low: float
    high: float
    zoom: int
    keep_collapsed: bool


@njit(cache=True, nogil=True, error_model="numpy")
def _inside(box: Array, row: int, square: Square) -> bool:
    """Whether a row's box lies within tile and rim."""
    return (
        (box[row, 0] - square.x0) * square.scale >= square.low
        and (box[row, 1] - square.y0) * square.scale >= square.low
        and (box[row, 2] - square.x0) * square.scale <= square.high
        and (box[row, 3] - square.y0) * square.scale <= square.high
    )


@njit(cache=True, nogil=True, error_model="numpy")
def _room(
    rows: Array, level: Array, part: Array, feature_part: Array, kind: Array, box: Array, square: Square
) -> tuple[int, int, int, int]:
    """Points of the largest feature and of all, once cut; parts of the largest and of all."""
    most = total = most_parts = parts = 0
    for row in rows:
        first, last = feature_part[row], feature_part[row + 1]
        count = 0
        for v in range(part[first], part[last]):
            count += level[v] <= square.zoom
        if kind[row] == _POLYGONS and not _inside(box, row, square):
            count = GROWTH * count
        count += _ROOM * (last - first)
        most, total = max(most, count), total + count
        most_parts, parts = max(most_parts, last - first), parts + last - first
    return most + _ROOM, total + _ROOM, most_parts + 2, parts + 2


@njit(cache=True, nogil=True, error_model="numpy")
def _scaled(xy: Array, level: Array, begin: int, end: int, square: Square, to: Array) -> int:
    """The drawn vertices of a part, in tile units. Returns their number."""
    count = 0
    for v in range(begin, end):
        if level[v] <= square.zoom:
            to[0, count] = (xy[v, 0] - square.x0) * square.scale
            to[1, count] = (xy[v, 1] - square.y0) * square.scale
            count += 1
    return count


@njit(cache=True, nogil=True, error_model="numpy")
def _add(to: Array, kept: int, x: float, y: float) -> int:
    """One more rounded point, unless it is the same as the last. Returns how many there are."""
    column, row = whole(x), whole(y)
    if kept > 0 and to[0, kept - 1] == column and to[1, kept - 1] == row:
        return kept
    to[0, kept], to[1, kept] = column, row
    return kept + 1


@njit(cache=True, nogil=True, error_model="numpy")
def _draw_points(
    xy: Array,
    level: Array,
    part: Array,
    first: int,
    last: int,
    square: Square,
    work: Array,
    rounded: Array,
    out: Array,
    at: int,
) -> int:
    """Points within tile and rim; repeats in a row once. Returns where the next byte goes."""
    kept = 0
    for p in range(first, last):
        for i in range(_scaled(xy, level, part[p], part[p + 1], square, work)):
            x, y = work[0, i], work[1, i]
            if square.low <= x <= square.high and square.low <= y <= square.high:
                kept = _add(rounded, kept, x, y)
    return put_points(out, at, rounded, kept) if kept else at


@njit(cache=True, nogil=True, error_model="numpy")
def _draw_lines(
    xy: Array,
    level: Array,
    part: Array,
    first: int,
    last: int,
    within: bool,
    square: Square,
    work: Array,
    rounded: Array,
    out: Array,
    at: int,
) -> int:
    """Lines, in as many pieces as tile and rim leave of them. Returns where the next byte goes."""
    begin, px, py = at, np.int64(0), np.int64(0)
    on_x = on_y = math.nan
    for p in range(first, last):
        count = _scaled(xy, level, part[p], part[p + 1], square, work)
        if within:
            kept, x, y = 0, work[0, 0] if count else math.nan, work[1, 0]
            for i in range(count):
                kept = _add(rounded, kept, work[0, i], work[1, i])
            at, px, py = _put_piece(out, at, rounded, kept, px, py)
        else:
            at, px, py, x, y = _draw_cut_line(work, count, square, rounded, out, at, px, py)
        if math.isnan(on_x):
            on_x, on_y = x, y
    if at == begin and square.keep_collapsed and not math.isnan(on_x):
        at = put_smallest_line(out, at, whole(on_x), whole(on_y))
    return at


@njit(cache=True, nogil=True, error_model="numpy")
def _draw_cut_line(
    work: Array, count: int, square: Square, rounded: Array, out: Array, at: int, px: int, py: int
) -> tuple[int, int, int, float, float]:
    """Returns where the next byte goes, the cursor, and a place on what is within (NaN if nothing is)."""
    on_x = on_y = math.nan
    kept = 0
    for i in range(count - 1):
        ax, ay, bx, by = work[0, i], work[1, i], work[0, i + 1], work[1, i + 1]
        enters, leaves = clipped_segment(ax, ay, bx, by, square.low, square.high)
        if enters >= leaves or enters > 0.0:
            at, px, py = _put_piece(out, at, rounded, kept, px, py)
            kept = 0
        if enters >= leaves:
            continue
        if kept == 0:
            kept = _add(rounded, kept, ax + (bx - ax) * enters, ay + (by - ay) * enters)
        end_x, end_y = (bx, by) if leaves == 1.0 else (ax + (bx - ax) * leaves, ay + (by - ay) * leaves)
        kept = _add(rounded, kept, end_x, end_y)
        if math.isnan(on_x):
            on_x, on_y = end_x, end_y
        if leaves < 1.0:
            at, px, py = _put_piece(out, at, rounded, kept, px, py)
            kept = 0
    at, px, py = _put_piece(out, at, rounded, kept, px, py)
    return at, px, py, on_x, on_y


@njit(cache=True, nogil=True, error_model="numpy")
def _put_piece(out: Array, at: int, points: Array, count: int, px: int, py: int) -> tuple[int, int, int]:
    """One piece if it has a length. Returns where the next byte goes and the cursor."""
    if count < 2:
        return at, px, py
    at = put_line(out, at, points, count, px, py)
    return at, points[0, count - 1], points[1, count - 1]


@njit(cache=True, nogil=True, error_model="numpy")
def _negative(xy: Array, begin: int, end: int) -> bool:
    """Whether a ring is a hole, by all its vertices."""
    if begin == end:
        return False
    area = 0.0
    x0, y0 = xy[begin, 0] * 1.0, xy[begin, 1] * 1.0
    px, py = xy[end - 1, 0] - x0, xy[end - 1, 1] - y0
    for v in range(begin, end):
        x, y = xy[v, 0] - x0, xy[v, 1] - y0
        area += px * y - x * py
        px, py = x, y
    return area < 0


@njit(cache=True, nogil=True, error_model="numpy")
def _cut_rings(
    xy: Array,
    level: Array,
    part: Array,
    first: int,
    last: int,
    within: bool,
    square: Square,
    work: Array,
    spare: Array,
    rounded: Array,
    ring_at: Array,
    is_hole: Array,
    loose: Array,
    loose_at: Array,
    base: int,
) -> tuple[int, float, float]:
    """Rounded rings of a polygon from ring 0, and beside them the same not rounded from ring ``base`` of ``loose``.

    Returns how many, and a place on what is within (NaN if nothing is).
    """
    rings, exterior_drawn = 0, False
    on_x = on_y = math.nan
    for p in range(first, last):
        count = _scaled(xy, level, part[p], part[p + 1], square, work)
        if count >= 3 and not within:
            count = clipped_ring(work, count, spare, square.low, square.high)
        hole = p > first and _negative(xy, part[p], part[p + 1])
        kept = 0
        if count >= 3 and (exterior_drawn or not hole):
            kept = rounded_ring(work, count, rounded, ring_at[rings])
            if not hole and math.isnan(on_x) and (kept or within or doubled_area(work, 0, count) != 0.0):
                on_x, on_y = work[0, 0], work[1, 0]
        exterior_drawn = exterior_drawn if hole else kept > 0
        if kept:
            before = loose_at[base + rings]
            for i in range(count):
                loose[0, before + i], loose[1, before + i] = work[0, i], work[1, i]
            is_hole[rings], loose_at[base + rings + 1] = hole, before + count
            ring_at[rings + 1] = ring_at[rings] + kept
            rings += 1
    return rings, on_x, on_y


@njit(cache=True, nogil=True, error_model="numpy")
def _valid(rounded: Array, ring_at: Array, rings: int, is_hole: Array) -> bool:
    """Whether a feature's rounded rings are valid polygons as they are."""
    if rings == 1:
        return is_convex(rounded, 0, ring_at[1]) or not touch(rounded, ring_at, 1)
    return not touch(rounded, ring_at, rings) and nested_right(rounded, ring_at, rings, is_hole)


@njit(cache=True, nogil=True, error_model="numpy")
def draw(
    rows: Array,
    xy: Array,
    level: Array,
    part: Array,
    feature_part: Array,
    kind: Array,
    box: Array,
    square: tuple[int, int, float, float, float, int, bool],
) -> Drawn:
    """Draw rows (int32) of a layer in a tile; ``square`` is a plain tuple of the values of :class:`Square`.

    Returns
    -------
    tuple
        ``out`` uint8 and ``at`` int64 (n+1,): the commands of each row; ``state`` uint8 (n,): ABSENT, DRAWN or LOOSE;
        and of the LOOSE ones the rings, cut but not rounded: ``points`` float64 (2, m), ``ring_at`` int64 (r+1,),
        ``owner`` int64 (r,) position in ``rows``, ``is_hole`` bool (r,).
    """
    tile = Square(square[0], square[1], square[2], square[3], square[4], square[5], square[6])
    most, total, most_parts, parts = _room(rows, level, part, feature_part, kind, box, tile)
    work, spare, rounded = np.empty((2, most)), np.empty((2, most)), np.empty((2, most), np.int64)
    ring_at, is_hole = np.zeros(most_parts, np.int64), np.zeros(most_parts, np.bool_)
    loose, loose_at, base = np.empty((2, total)), np.zeros(parts, np.int64), 0
    owner, loose_hole = np.zeros(parts, np.int64), np.zeros(parts, np.bool_)
    out = np.empty(POINT_BYTES * total + PATH_BYTES * (parts + len(rows)), np.uint8)
    at, state = np.zeros(len(rows) + 1, np.int64), np.zeros(len(rows), np.uint8)
    for i in range(len(rows)):
        row, begin = rows[i], at[i]
        first, last, within = feature_part[row], feature_part[row + 1], _inside(box, row, tile)
        end = begin
        if kind[row] == _POINTS:
            end = _draw_points(xy, level, part, first, last, tile, work, rounded, out, begin)
        elif kind[row] == _LINES:
            end = _draw_lines(xy, level, part, first, last, within, tile, work, rounded, out, begin)
        elif kind[row] == _POLYGONS:
            rings, on_x, on_y = _cut_rings(
                xy,
                level,
                part,
                first,
                last,
                within,
                tile,
                work,
                spare,
                rounded,
                ring_at,
                is_hole,
                loose,
                loose_at,
                base,
            )
            if rings and not _valid(rounded, ring_at, rings, is_hole):
                state[i] = LOOSE
                for r in range(rings):
                    owner[base + r], loose_hole[base + r] = i, is_hole[r]
                base += rings
            elif rings:
                end = put_rings(out, begin, rounded, ring_at, rings, is_hole)
            elif tile.keep_collapsed and not math.isnan(on_x):
                end = put_smallest_area(out, begin, whole(on_x), whole(on_y))
        at[i + 1] = end
        if end > begin:
            state[i] = DRAWN
    points = loose[:, : loose_at[base]].copy()
    return out, at, state, points, loose_at[: base + 1], owner[:base], loose_hole[:base]
