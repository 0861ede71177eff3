"""Features of one tile as the bytes of an MVT 2.1 layer: tags, values and geometry put together. Compiled.

Values are copied from a baked column's heap, where each stands as a complete message; a tile numbers those it uses.
Specification: https://github.com/mapbox/vector-tile-spec/tree/master/2.1
"""

# ruff: noqa: PLR0917 - compiled kernels take plain arrays
# numba brings no types:
# mypy: disable-error-code="untyped-decorator, no-any-return, return-value"

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from servers.serving.baked.tile_commands import put, size_of

Array = NDArray[Any]
ABSENT = -1
_FEATURE, _ID, _TAGS, _TYPE, _GEOMETRY, _VALUES = 0x12, 0x08, 0x12, 0x18, 0x22, 0x22
_FIBONACCI = 2654435769
"""2³² divided by the golden ratio: spreads consecutive codes over a table (Knuth, volume 3, 6.4)."""


@njit(cache=True, nogil=True, error_model="numpy")
def numbered(codes: Array, mvt_at: Array, first: int) -> tuple[Array, int]:
    """Number the values that a tile uses, in the order of their first use.

    Parameters
    ----------
    codes
        int32 (n,) of one column; becomes the numbers, ABSENT for null and for what has no message.
    mvt_at
        Offsets of the column's messages.
    first
        The first number.

    Returns
    -------
    tuple
        int32 codes of the values used, and the bytes of their messages.
    """
    size = 8
    while size < 2 * len(codes):
        size *= 2
    slot_code, slot_number = np.full(size, -1, np.int32), np.empty(size, np.int32)
    used, count, total = np.empty(len(codes), np.int32), 0, 0
    for i in range(len(codes)):
        code = codes[i]
        if code < 0 or mvt_at[code + 1] == mvt_at[code]:
            codes[i] = ABSENT
            continue
        slot = (np.int64(code) * _FIBONACCI >> 8) & (size - 1)
        while slot_code[slot] >= 0 and slot_code[slot] != code:
            slot = (slot + 1) & (size - 1)
        if slot_code[slot] < 0:
            slot_code[slot], slot_number[slot] = code, first + count
            used[count] = code
            count += 1
            total += mvt_at[code + 1] - mvt_at[code]
        codes[i] = slot_number[slot]
    return used[:count], total


@njit(cache=True, nogil=True, error_model="numpy")
def messages(used: Array, total: int, mvt: Array, mvt_at: Array) -> Array:
    """The ``values`` entries of some codes, uint8 (total,)."""
    out, at = np.empty(total, np.uint8), 0
    for code in used:
        begin, end = mvt_at[code], mvt_at[code + 1]
        for i in range(begin, end):
            out[at] = mvt[i]
            at += 1
    return out


@njit(cache=True, nogil=True, error_model="numpy")
def _tag_sizes(numbers: Array, feature: int) -> int:
    size = 0
    for key in range(len(numbers)):
        if numbers[key, feature] >= 0:
            size += size_of(key) + size_of(numbers[key, feature])
    return size


@njit(cache=True, nogil=True, error_model="numpy")
def features(ids: Array, kinds: Array, numbers: Array, geometry: Array, begin: Array, end: Array) -> Array:
    """The ``features`` entries of a layer, one after the other.

    Parameters
    ----------
    ids, kinds
        int64 (n,) and uint8 (n,): POINT 1, LINESTRING 2, POLYGON 3.
    numbers
        int32 (keys, n): the number of each value, ABSENT for none.
    geometry, begin, end
        Commands of feature i are ``geometry[begin[i]:end[i]]``.
    """
    count = len(ids)
    tags, bodies, total = np.empty(count, np.int64), np.empty(count, np.int64), 0
    for i in range(count):
        tags[i] = _tag_sizes(numbers, i)
        shape = end[i] - begin[i]
        bodies[i] = 1 + size_of(ids[i]) + 2 + 1 + size_of(shape) + shape
        if tags[i]:
            bodies[i] += 1 + size_of(tags[i]) + tags[i]
        total += 1 + size_of(bodies[i]) + bodies[i]
    out, at = np.empty(total, np.uint8), 0
    for i in range(count):
        out[at] = _FEATURE
        at = put(out, at + 1, bodies[i])
        out[at] = _ID
        at = put(out, at + 1, ids[i])
        if tags[i]:
            out[at] = _TAGS
            at = put(out, at + 1, tags[i])
            for key in range(len(numbers)):
                if numbers[key, i] >= 0:
                    at = put(out, at, key)
                    at = put(out, at, numbers[key, i])
        out[at], out[at + 1], out[at + 2] = _TYPE, kinds[i], _GEOMETRY
        at = put(out, at + 3, end[i] - begin[i])
        for k in range(begin[i], end[i]):
            out[at] = geometry[k]
            at += 1
    return out


def layer_entry(name: str, body: list[NDArray[np.uint8]], keys: list[str], values: list[Any], extent: int) -> bytes:
    """A ``layers`` entry of a tile, ready to be joined with others.

    Parameters
    ----------
    body
        Bytes of :func:`features`.
    keys, values
        Names of properties in the order of their numbers, and bytes of :func:`messages`.
    """
    pieces = [
        b"\x78\x02",
        _delimited(0x0A, name.encode()),
        *body,
        *(_delimited(0x1A, key.encode()) for key in keys),
        *values,
        b"\x28" + _varint(extent),
    ]
    return b"\x1a" + _varint(sum(map(len, pieces))) + b"".join(pieces)


def _delimited(key: int, body: bytes) -> bytes:
    return bytes([key]) + _varint(len(body)) + body


def _varint(value: int) -> bytes:
    out = np.empty(10, np.uint8)
    return out[: put.py_func(out, 0, value)].tobytes()
