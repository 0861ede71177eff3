"""The integers of a vector tile's geometry: command words and zigzag steps, written as protobuf varints. Compiled.

Mapbox Vector Tile 2.1, section 4.3. Callers give room: :data:`POINT_BYTES` for each point, :data:`PATH_BYTES` for each
line, ring or feature.
"""

# ruff: noqa: PLR0917 - compiled kernels take plain arrays
# numba brings no types:
# mypy: disable-error-code="untyped-decorator, no-any-return, return-value"

from __future__ import annotations

from typing import Any

from numba import njit
from numpy.typing import NDArray

from servers.serving.baked.rings import doubled_area

Array = NDArray[Any]
POINT_BYTES, PATH_BYTES = 16, 16
"""Two steps of up to 49 bits and a command of its own; a path's commands."""
_MOVE_TO, _LINE_TO, _CLOSE = 1, 2, 7
_MORE = 128
_ONCE = 8


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def put(out: Array, at: int, value: int) -> int:
    """Write a varint of an integer that is not negative. Returns where the next byte goes."""
    while value >= _MORE:
        out[at] = (value & 127) | _MORE
        value >>= 7
        at += 1
    out[at] = value
    return at + 1


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def size_of(value: int) -> int:
    """Bytes of a varint."""
    size = 1
    while value >= _MORE:
        value >>= 7
        size += 1
    return size


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _step(out: Array, at: int, dx: int, dy: int) -> int:
    at = put(out, at, (dx << 1) ^ (dx >> 63))
    return put(out, at, (dy << 1) ^ (dy >> 63))


@njit(cache=True, nogil=True, error_model="numpy")
def put_points(out: Array, at: int, points: Array, count: int) -> int:
    """All points of a feature, int64 (2, n). Returns where the next byte goes."""
    at = put(out, at, count << 3 | _MOVE_TO)
    at = _step(out, at, points[0, 0], points[1, 0])
    for i in range(1, count):
        at = _step(out, at, points[0, i] - points[0, i - 1], points[1, i] - points[1, i - 1])
    return at


@njit(cache=True, nogil=True, error_model="numpy")
def put_line(out: Array, at: int, points: Array, count: int, px: int, py: int) -> int:
    """A line after the cursor (px, py), which its last point becomes. Returns where the next byte goes."""
    at = put(out, at, _ONCE | _MOVE_TO)
    at = _step(out, at, points[0, 0] - px, points[1, 0] - py)
    at = put(out, at, (count - 1) << 3 | _LINE_TO)
    for i in range(1, count):
        at = _step(out, at, points[0, i] - points[0, i - 1], points[1, i] - points[1, i - 1])
    return at


@njit(cache=True, nogil=True, error_model="numpy")
def put_rings(out: Array, at: int, points: Array, ring_at: Array, rings: int, is_hole: Array) -> int:
    """The rings of a feature, exteriors with positive area, holes with negative. Returns where the next byte goes."""
    px = py = points[0, 0] * 0
    for r in range(rings):
        begin, count = ring_at[r], ring_at[r + 1] - ring_at[r]
        backwards = (doubled_area(points, begin, begin + count) > 0) == is_hole[r]
        at = put(out, at, _ONCE | _MOVE_TO)
        for i in range(count):
            j = begin + (count - 1 - i if backwards else i)
            at = _step(out, at, points[0, j] - px, points[1, j] - py)
            px, py = points[0, j], points[1, j]
            if i == 0:
                at = put(out, at, (count - 1) << 3 | _LINE_TO)
        at = put(out, at, _ONCE | _CLOSE)
    return at


@njit(cache=True, nogil=True, error_model="numpy")
def put_smallest_line(out: Array, at: int, x: int, y: int) -> int:
    """A step of one unit, for a line that rounding leaves nothing of."""
    at = put(out, at, _ONCE | _MOVE_TO)
    at = _step(out, at, x, y)
    at = put(out, at, _ONCE | _LINE_TO)
    return _step(out, at, x * 0 + 1, y * 0)


@njit(cache=True, nogil=True, error_model="numpy")
def put_smallest_area(out: Array, at: int, x: int, y: int) -> int:
    """A triangle of one unit, for an area that rounding leaves nothing of."""
    at = put(out, at, _ONCE | _MOVE_TO)
    at = _step(out, at, x, y)
    at = put(out, at, 2 * _ONCE | _LINE_TO)
    at = _step(out, at, x * 0 + 1, y * 0)
    at = _step(out, at, x * 0, y * 0 + 1)
    return put(out, at, _ONCE | _CLOSE)
