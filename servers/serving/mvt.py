"""Mapbox Vector Tile 2.1: integer geometry and coded properties into the bytes of one layer. Arrays in, bytes out.

A protobuf message of packed integers is one stream of varints, so a whole layer's features are laid out as one array
of unsigned integers and written at once. This module is the seam for a compiled encoder: it knows neither Shapely nor
frames. Specification: https://github.com/mapbox/vector-tile-spec/tree/master/2.1
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

POINT, LINE, POLYGON = 1, 2, 3
_MOVE_TO, _LINE_TO, _CLOSE = 1, 2, 7
_HEADER = 10
"""Words of a feature beside its tags and geometry: five field keys, two lengths, id, type, and its own length."""

Ints = NDArray[np.int64]
Words = NDArray[np.uint64]


@dataclass(frozen=True, eq=False)
class Parts:
    """Geometry in tile units: parts are point sets, lines or rings, in the order of their features.

    Attributes
    ----------
    points
        (n, 2) integers. Rings are open (the first point is not repeated), exteriors have positive area by the
        surveyor's formula (y downwards), interiors negative.
    part_start
        Position in ``points`` at which each part begins.
    feature
        For each part its feature, 0 … number of features − 1, ascending, none left out.
    kind
        For each feature POINT, LINE or POLYGON.
    """

    points: Ints
    part_start: Ints
    feature: Ints
    kind: Ints


@dataclass(frozen=True, eq=False)
class Column:
    """One property. ``codes`` says for each row which of ``values`` it has; −1 for none.

    ``values`` is float32, int64 or bool, or a list of texts.
    """

    key: str
    codes: Ints
    values: NDArray[np.float32] | Ints | NDArray[np.bool_] | Sequence[str]


def layer_message(name: str, parts: Parts, *, extent: int, ids: Ints, rows: Ints, columns: Sequence[Column]) -> bytes:
    """A ``layers`` entry of a tile, ready to be joined with others; no features give no bytes.

    Parameters
    ----------
    ids, rows
        For each feature its id (0 … 2³²−1) and its row in ``columns``.
    """
    if not len(ids):
        return b""
    tags, count, values = _tags(columns, rows)
    features = _features(ids, tags, count, parts)
    body = b"".join(
        [
            b"\x78\x02",
            _delimited(0x0A, name.encode()),
            features,
            *(_delimited(0x1A, column.key.encode()) for column in columns),
            *values,
            b"\x28" + varints(np.array([extent], dtype=np.uint64)),
        ]
    )
    return _delimited(0x1A, body)


def varints(words: Words) -> bytes:
    """Protobuf varints of unsigned integers.

    >>> varints(np.array([1, 300], dtype=np.uint64)).hex()
    '01ac02'
    """
    return _written(words, varint_sizes(words))


def varint_sizes(words: Words) -> Ints:
    """Bytes that each integer takes as a varint."""
    sizes = np.ones(len(words), dtype=np.int64)
    for bits in range(7, 64, 7):
        longer = words >= np.uint64(1 << bits)
        if not longer.any():
            break
        sizes += longer
    return sizes


def _written(words: Words, sizes: Ints) -> bytes:
    most = int(sizes.max(initial=1))
    place = np.arange(most)
    groups = (words[:, None] >> (7 * place).astype(np.uint64)) & np.uint64(127)
    more = place < (sizes - 1)[:, None]
    used = place < sizes[:, None]
    return (groups.astype(np.uint8) | (more.astype(np.uint8) << 7))[used].tobytes()


def _delimited(key: int, body: bytes) -> bytes:
    return bytes([key]) + varints(np.array([len(body)], dtype=np.uint64)) + body


def _tags(columns: Sequence[Column], rows: Ints) -> tuple[Words, Ints, list[bytes]]:
    """Key and value numbers of all features in a row, how many each has, and the values' messages."""
    table = np.zeros((len(rows), len(columns), 2), dtype=np.uint64)
    present = np.zeros((len(rows), len(columns)), dtype=bool)
    messages: list[bytes] = []
    for number, column in enumerate(columns):
        codes = column.codes[rows]
        known = codes >= 0
        used, local = np.unique(codes[known], return_inverse=True)
        table[:, number, 0] = number
        table[known, number, 1] = (len(messages) + local).astype(np.uint64)
        present[:, number] = known
        messages += _values(column.values, used)
    return table[present].ravel(), 2 * present.sum(axis=1), messages


def _values(values: NDArray[np.generic] | Sequence[str], used: Ints) -> list[bytes]:
    """The ``values`` entries of the codes that a tile uses."""
    if not isinstance(values, np.ndarray):
        return [_text_value(values[code].encode()) for code in used.tolist()]
    chosen = values[used]
    if chosen.dtype == np.bool_:
        return [bytes([0x22, 2, 0x38, int(value)]) for value in chosen]
    if chosen.dtype.kind == "f":
        return [b"\x22\x05\x15" + struct.pack("<f", value) for value in chosen.tolist()]
    whole = chosen.astype(np.int64)
    zigzag = ((whole << 1) ^ (whole >> 63)).view(np.uint64)
    sizes = varint_sizes(zigzag)
    body, ends = _written(zigzag, sizes), np.cumsum(sizes).tolist()
    return [bytes([0x22, 1 + end - begin, 0x30]) + body[begin:end] for begin, end in pairwise([0, *ends])]


def _text_value(text: bytes) -> bytes:
    if len(text) < 126:  # both lengths in one byte, which is nearly always so
        return bytes([0x22, len(text) + 2, 0x0A, len(text)]) + text
    return _delimited(0x22, _delimited(0x0A, text))


def _features(ids: Ints, tags: Words, tag_count: Ints, parts: Parts) -> bytes:
    geometry, geometry_count = _commands(parts)
    total = _HEADER + tag_count + geometry_count
    start = np.cumsum(total) - total
    words = np.zeros(int(total.sum()), dtype=np.uint64)
    tags_at = start + 6
    geometry_at = tags_at + tag_count + 4
    words[_spread(tags_at, tag_count)] = tags
    words[_spread(geometry_at, geometry_count)] = geometry
    for offset, value in ((0, 0x12), (2, 0x08), (3, ids), (4, 0x12)):
        words[start + offset] = value
    for offset, value in ((0, 0x18), (1, parts.kind), (2, 0x22)):
        words[tags_at + tag_count + offset] = value
    sizes = varint_sizes(words)
    ends = np.concatenate([[0], np.cumsum(sizes)])
    words[start + 5] = ends[tags_at + tag_count] - ends[tags_at]
    words[geometry_at - 1] = ends[geometry_at + geometry_count] - ends[geometry_at]
    lengths = np.concatenate([start + 5, geometry_at - 1])
    sizes[lengths] = varint_sizes(words[lengths])
    ends = np.concatenate([[0], np.cumsum(sizes)])
    words[start + 1] = ends[start + total] - ends[start + 2]
    sizes[start + 1] = varint_sizes(words[start + 1])
    return _written(words, sizes)


def _spread(start: Ints, count: Ints) -> Ints:
    """All positions ``start[i] … start[i] + count[i] − 1``, one after the other."""
    before = np.cumsum(count) - count
    positions: Ints = np.arange(int(count.sum())) + np.repeat(start - before, count)
    return positions


def _commands(parts: Parts) -> tuple[Words, Ints]:
    """Command integers and zigzag steps of all features, and how many words each feature has."""
    length = np.diff(np.append(parts.part_start, len(parts.points)))
    kind = parts.kind[parts.feature]
    point, polygon = kind == POINT, kind == POLYGON
    size = 1 + 2 * length + ~point + polygon  # move, steps, line, close
    start = np.cumsum(size) - size
    words = np.zeros(int(size.sum()), dtype=np.uint64)
    words[start] = np.where(point, length << 3 | _MOVE_TO, 1 << 3 | _MOVE_TO)
    drawn = ~point
    words[start[drawn] + 3] = (length[drawn] - 1) << 3 | _LINE_TO
    words[(start + size)[polygon] - 1] = 1 << 3 | _CLOSE
    within = np.arange(len(parts.points)) - np.repeat(parts.part_start, length)
    place = np.repeat(start + 1, length) + 2 * within + (np.repeat(drawn, length) & (within > 0))
    steps = _steps(parts)
    zigzag = ((steps << 1) ^ (steps >> 63)).astype(np.uint64)
    words[place], words[place + 1] = zigzag[:, 0], zigzag[:, 1]
    return words, np.bincount(parts.feature, weights=size, minlength=len(parts.kind)).astype(np.int64)


def _steps(parts: Parts) -> Ints:
    """Each point against the one before it in the feature; the first against the tile's corner."""
    steps = np.diff(parts.points, axis=0, prepend=np.zeros((1, 2), dtype=np.int64))
    begins = parts.part_start[np.concatenate([[True], np.diff(parts.feature) > 0])]
    steps[begins] = parts.points[begins]
    return steps
