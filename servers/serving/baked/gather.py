"""Features as JSON text, gathered from bytes that were written once when the layer was baked."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numba import njit
from numpy.typing import NDArray

if TYPE_CHECKING:
    from servers.serving.baked.layout import BakedColumn, BakedLayer

Bytes = NDArray[np.uint8]
Ints = NDArray[np.int64]
Rows = NDArray[np.int32]
_COMMA = 44
_NULL = np.frombuffer(b"null", dtype=np.uint8)
_NULL_END = len(_NULL) - 1
"""Together with a begin of -1 it has the size of the word."""
_GEOMETRY = np.frombuffer(b',"geometry":', dtype=np.uint8)
_PROPERTIES = np.frombuffer(b',"properties":', dtype=np.uint8)


@njit(cache=True, nogil=True)
def _joined(heap, begin, end):  # type: ignore[no-untyped-def]
    size = max(len(begin) - 1, 0)
    for i in range(len(begin)):
        size += end[i] - begin[i]
    out = np.empty(size, dtype=np.uint8)
    cursor = 0
    for i in range(len(begin)):
        if i > 0:
            out[cursor] = _COMMA
            cursor += 1
        length = end[i] - begin[i]
        out[cursor : cursor + length] = heap[begin[i] : end[i]]
        cursor += length
    return out


@njit(cache=True, nogil=True)
def _found(heap, begin, end, wanted):  # type: ignore[no-untyped-def]
    """Where ``wanted`` begins in ``heap[begin:end]``; ``end`` if it does not."""
    for place in range(begin, end - len(wanted) + 1):
        if heap[place] != wanted[0]:
            continue
        same = True
        for k in range(1, len(wanted)):
            if heap[place + k] != wanted[k]:
                same = False
                break
        if same:
            return place
    return end


@njit(cache=True, nogil=True)
def _members(heap, at, rows, geometry, properties):  # type: ignore[no-untyped-def]
    """Where the geometry begins and ends and where the properties begin in the feature of each row: (n, 3) of int64.

    ``,"geometry":`` cannot stand in the id before it: within a JSON text a quotation mark has a backslash before it.
    """
    places = np.empty((len(rows), 3), dtype=np.int64)
    for i in range(len(rows)):
        begin, end = at[rows[i]], at[rows[i] + 1]
        places[i, 0] = _found(heap, begin, end, geometry) + len(geometry)
        places[i, 1] = _found(heap, places[i, 0], end, properties)
        places[i, 2] = places[i, 1] + len(properties)
    return places


@njit(cache=True, nogil=True)
def _append(out, cursor, heap, begin, end):  # type: ignore[no-untyped-def]
    """Write ``heap[begin[i]:end[i]]``, or ``null``, at ``out[cursor[i]]`` and move the cursors on."""
    for i in range(len(cursor)):
        size = end[i] - begin[i]
        out[cursor[i] : cursor[i] + size] = _NULL if begin[i] < 0 else heap[begin[i] : end[i]]
        cursor[i] += size


Piece = tuple[Bytes, Ints, Ints]
"""A heap, and where the piece of each feature begins and ends in it; a begin of -1 stands for ``null``."""


def _plain(piece: Piece) -> Piece:
    """Of one kind of array, so that kernels are compiled once."""
    heap = piece[0].view()
    heap.flags.writeable = False
    return heap, np.ascontiguousarray(piece[1]), np.ascontiguousarray(piece[2])


def joined(piece: Piece) -> Bytes:
    """The texts one after the other, with a comma between each two."""
    return np.asarray(_joined(*_plain(piece)))


def same(text: bytes, count: int) -> Piece:
    """The same text for each of ``count`` features."""
    return (
        np.frombuffer(text, dtype=np.uint8),
        np.zeros(count, dtype=np.int64),
        np.full(count, len(text), dtype=np.int64),
    )


def composed(pieces: Sequence[Piece], count: int) -> tuple[Bytes, Ints]:
    """Each feature's pieces one after the other: all texts in one array, and (count + 1) offsets into it."""
    at = np.zeros(count + 1, dtype=np.int64)
    for _, begin, end in pieces:
        at[1:] += end - begin
    np.cumsum(at, out=at)
    out, cursor = np.empty(int(at[-1]), dtype=np.uint8), at[:-1].copy()
    for piece in pieces:
        _append(out, cursor, *_plain(piece))
    return out, at


def whole(layer: BakedLayer, rows: Rows) -> Piece:
    """The complete features of some rows."""
    return layer.fragment, layer.fragment_at[rows], layer.fragment_at[rows + 1]


def without(layer: BakedLayer, rows: Rows, *, geometry: Piece | None, names: Sequence[str] | None) -> Piece:
    """Features of which something is other than in the complete ones.

    Parameters
    ----------
    geometry
        The texts that stand for the geometries; None leaves those of the complete features.
    names
        The properties, in their order; None for all.
    """
    count, fragment, at = len(rows), layer.fragment, layer.fragment_at
    places = np.asarray(_members(fragment, at, rows, _GEOMETRY, _PROPERTIES))
    head: Piece = (fragment, at[rows], places[:, 0])
    shape: Piece = (fragment, places[:, 0], places[:, 1]) if geometry is None else geometry
    pieces = [head, shape, same(_PROPERTIES.tobytes(), count)]
    if names is None:
        pieces.append((fragment, places[:, 2], at[rows + 1]))
    else:
        pieces += [*_properties(layer, rows, names), same(b"}}", count)]
    out, ends = composed(pieces, count)
    return out, ends[:-1], ends[1:]


def _properties(layer: BakedLayer, rows: Rows, names: Sequence[str]) -> list[Piece]:
    pieces, before = [], b"{"
    for name in names:
        pieces += [same(before + _key(name), len(rows)), values(_field(layer, name), rows)]
        before = b","
    return pieces or [same(before, len(rows))]


def _field(layer: BakedLayer, name: str) -> BakedColumn:
    """A field by name: one that is called ``id`` too is not the feature's id."""
    return next(column for column in layer.columns[1:] if column.name == name)


def _key(name: str) -> bytes:
    return json.dumps(name, ensure_ascii=False).encode() + b":"


def values(column: BakedColumn, rows: Rows) -> Piece:
    """The JSON of one column's values."""
    code = column.code[rows]
    known = code >= 0
    return column.json, np.where(known, column.json_at[code], -1), np.where(known, column.json_at[code + 1], _NULL_END)


def warm() -> None:
    """Compile what features are written with (or load it from the cache on disk)."""
    feature = np.frombuffer(b'{"id":"a","geometry":null,"properties":{}}', dtype=np.uint8)
    at = np.array([0, len(feature)])
    at.flags.writeable = False
    _members(feature, at, np.zeros(1, dtype=np.int32), _GEOMETRY, _PROPERTIES)
    out, ends = composed([same(b"{}", 1)], 1)
    joined((out, ends[:-1], ends[1:]))
