"""Coordinates in and out of many little-endian WKB geometries at once, and their GeoJSON text (RFC 7946, OGC 06-103r4).

A geometry is walked in the order of its bytes: each part of a collection stands there as a geometry of its own, so a
count of those still to come is all that has to be remembered.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
POINT, POLYGON, COLLECTION = 1, 3, 7
_HEAD = 5
_Z_FLAG = 0x80000000
_ISO_Z = 1000
_LONGEST_NUMBER = 24
"""Bytes of a coordinate with its comma: sign, 12 digits, point, 9 decimals at most."""
_LONGEST_HEAD = 48
"""Bytes around the coordinates of one geometry: ``{"type":"MultiLineString","coordinates":…}``."""
_COMMA, _OPEN, _CLOSE, _MINUS, _DOT, _ZERO = 44, 91, 93, 45, 46, 48
_NAMES = (b"", b"Point", b"LineString", b"Polygon", b"MultiPoint", b"MultiLineString", b"MultiPolygon")
_HEADS = np.frombuffer(b"".join(b'{"type":"%s","coordinates":' % name for name in _NAMES), dtype=np.uint8)
_HEADS_AT = np.cumsum([0, *(len(name) + 25 for name in _NAMES)])


@njit(cache=True, nogil=True)
def _uint32(wkb, place):  # type: ignore[no-untyped-def]
    return (
        np.int64(wkb[place])
        | np.int64(wkb[place + 1]) << 8
        | np.int64(wkb[place + 2]) << 16
        | np.int64(wkb[place + 3]) << 24
    )


@njit(cache=True, nogil=True)
def _kind(wkb, place):  # type: ignore[no-untyped-def]
    """Geometry type 1 … 7 and coordinates of a vertex, of the ISO and of the extended form."""
    code = _uint32(wkb, place + 1)
    flagged = code & _Z_FLAG != 0
    code &= 0xFFFF
    return code % _ISO_Z, 3 if flagged or code // _ISO_Z == 1 else 2


@njit(cache=True, nogil=True)
def _copy_number(source, place, scratch):  # type: ignore[no-untyped-def]
    for k in range(8):
        scratch[k] = source[place + k]


@njit(cache=True, nogil=True)
def vertex_places(wkb, at):  # type: ignore[no-untyped-def]
    """Where each vertex stands.

    Returns
    -------
    place
        (V,) offsets into ``wkb`` of the vertices' first coordinates.
    first
        (n + 1,) number of the first vertex of each geometry.
    kinds
        (n, 2) geometry type 1 … 7 and coordinates of a vertex; zeros for an empty record.
    """
    total = 0
    for i in range(len(at) - 1):
        total += (at[i + 1] - at[i]) // 16
    place = np.empty(total, dtype=np.int64)
    first = np.zeros(len(at), dtype=np.int64)
    kinds = np.zeros((len(at) - 1, 2), dtype=np.int64)
    n = 0
    for i in range(len(at) - 1):
        p, left = at[i], 1 if at[i + 1] > at[i] else 0
        if left == 1:
            kinds[i, 0], kinds[i, 1] = _kind(wkb, p)
        while left > 0:
            left -= 1
            kind, dimensions = _kind(wkb, p)
            p += _HEAD
            rings, points = 1, 1
            if kind > POLYGON:
                left += _uint32(wkb, p)
                p += 4
                rings = 0
            elif kind == POLYGON:
                rings = _uint32(wkb, p)
                p += 4
            for _ in range(rings):
                if kind != POINT:
                    points = _uint32(wkb, p)
                    p += 4
                for _ in range(points):
                    place[n] = p
                    p += 8 * dimensions
                    n += 1
        first[i + 1] = n
    return place[:n], first, kinds


@njit(cache=True, nogil=True)
def coordinates(wkb, place):  # type: ignore[no-untyped-def]
    """(V, 2) of float64 at the vertices' places."""
    found = np.empty((len(place), 2), dtype=np.float64)
    scratch = np.empty(8, dtype=np.uint8)
    number = scratch.view(np.float64)
    for i in range(len(place)):
        _copy_number(wkb, place[i], scratch)
        found[i, 0] = number[0]
        _copy_number(wkb, place[i] + 8, scratch)
        found[i, 1] = number[0]
    return found


@njit(cache=True, nogil=True)
def put_coordinates(wkb, place, xy):  # type: ignore[no-untyped-def]
    """Write (V, 2) coordinates at the vertices' places; heights stay."""
    number = np.empty(1, dtype=np.float64)
    scratch = number.view(np.uint8)
    for i in range(len(place)):
        for axis in range(2):
            number[0] = xy[i, axis]
            for k in range(8):
                wkb[place[i] + 8 * axis + k] = scratch[k]


@njit(cache=True, nogil=True)
def write_number(out, o, value, decimals):  # type: ignore[no-untyped-def]
    """A number to so many decimals, without zeros behind; returns where it ends."""
    scale = 10**decimals
    whole = np.int64(np.rint(abs(value) * scale))
    if value < 0 and whole > 0:
        out[o] = _MINUS
        o += 1
    left, fraction = whole // scale, whole % scale
    size, rest = 1, left
    while rest >= 10:
        rest //= 10
        size += 1
    for k in range(size):
        out[o + size - 1 - k] = _ZERO + left % 10
        left //= 10
    o += size
    if fraction == 0:
        return o
    out[o] = _DOT
    size = decimals
    while fraction % 10 == 0:
        fraction //= 10
        size -= 1
    for k in range(size):
        out[o + size - k] = _ZERO + fraction % 10
        fraction //= 10
    return o + size + 1


@njit(cache=True, nogil=True)
def _write_vertex(out, o, wkb, place, dimensions, xy, decimals):  # type: ignore[no-untyped-def]  # noqa: PLR0917
    out[o] = _OPEN
    if np.isnan(xy[0]):  # the point without a place
        out[o + 1] = _CLOSE
        return o + 2
    o = write_number(out, o + 1, xy[0], decimals)
    out[o] = _COMMA
    o = write_number(out, o + 1, xy[1], decimals)
    if dimensions == 3:
        number = np.empty(1, dtype=np.float64)
        _copy_number(wkb, place + 16, number.view(np.uint8))
        if np.isfinite(number[0]):
            out[o] = _COMMA
            o = write_number(out, o + 1, number[0], 3)
    out[o] = _CLOSE
    return o + 1


@njit(cache=True, nogil=True)
def _write_vertices(out, o, wkb, place, dimensions, xy, decimals, backwards):  # type: ignore[no-untyped-def]  # noqa: PLR0917
    out[o] = _OPEN
    o += 1
    for i in range(len(place)):
        v = len(place) - 1 - i if backwards else i
        o = _write_vertex(out, o, wkb, place[v], dimensions, xy[v], decimals)
        out[o] = _COMMA
        o += 1
    o -= 1 if len(place) > 0 else 0
    out[o] = _CLOSE
    return o + 1


@njit(cache=True, nogil=True)
def _twice_area(wkb, place):  # type: ignore[no-untyped-def]
    """Twice the signed area of a ring in the record's own coordinates, positive counter-clockwise."""
    ring = coordinates(wkb, place)
    total = 0.0
    for i in range(1, len(ring) - 1):
        total += (ring[i, 0] - ring[0, 0]) * (ring[i + 1, 1] - ring[0, 1])
        total -= (ring[i + 1, 0] - ring[0, 0]) * (ring[i, 1] - ring[0, 1])
    return total


@njit(cache=True, nogil=True)
def _write_part(out, o, wkb, p, place, xy, n, decimals):  # type: ignore[no-untyped-def]  # noqa: PLR0917
    """The coordinates of a point, line or polygon at ``p``, whose first vertex is number ``n``; where all three end."""
    kind, dimensions = _kind(wkb, p)
    p += _HEAD
    if kind == POINT:
        return _write_vertex(out, o, wkb, place[n], dimensions, xy[n], decimals), p + 8 * dimensions, n + 1
    rings = 1
    if kind == POLYGON:
        rings = _uint32(wkb, p)
        p += 4
        out[o] = _OPEN
        o += 1
    for ring in range(rings):
        count = _uint32(wkb, p)
        p += 4 + 8 * dimensions * count
        places = place[n : n + count]
        backwards = kind == POLYGON and (_twice_area(wkb, places) > 0) == (ring > 0)
        o = _write_vertices(out, o, wkb, places, dimensions, xy[n : n + count], decimals, backwards)
        n += count
        if ring + 1 < rings:
            out[o] = _COMMA
            o += 1
    if kind == POLYGON:
        out[o] = _CLOSE
        o += 1
    return o, p, n


@njit(cache=True, nogil=True)
def geometry_texts(wkb, at, place, first, xy, decimals):  # type: ignore[no-untyped-def]  # noqa: PLR0917
    """GeoJSON geometries with the vertices at ``xy``; rings by the right-hand rule; heights in millimetres at most.

    Collections are not written: none may be among them. An empty record gives no text.
    """
    count = len(at) - 1
    out = np.empty(
        (3 * _LONGEST_NUMBER + 8) * len(place) + 2 * _LONGEST_HEAD * count + (at[-1] - at[0]), dtype=np.uint8
    )
    text_at = np.zeros(count + 1, dtype=np.int64)
    o = 0
    for i in range(count):
        if at[i + 1] > at[i]:
            p, n = at[i], first[i]
            kind, _ = _kind(wkb, p)
            head = _HEADS[_HEADS_AT[kind] : _HEADS_AT[kind + 1]]
            out[o : o + len(head)] = head
            o += len(head)
            if kind <= POLYGON:
                o, p, n = _write_part(out, o, wkb, p, place, xy, n, decimals)
            else:
                parts = _uint32(wkb, p + _HEAD)
                p += _HEAD + 4
                out[o] = _OPEN
                o += 1
                for part in range(parts):
                    o, p, n = _write_part(out, o, wkb, p, place, xy, n, decimals)
                    if part + 1 < parts:
                        out[o] = _COMMA
                        o += 1
                out[o] = _CLOSE
                o += 1
            out[o] = 125
            o += 1
        text_at[i + 1] = o
    return out[:o], text_at


def warm() -> None:
    """Compile what coordinates are carried with (or load it from the cache on disk)."""
    wkb, at = np.frombuffer(b"\x01\x01" + bytes(19), dtype=np.uint8).copy(), np.array([0, 21])
    place, first, _ = vertex_places(wkb, at)
    xy = coordinates(wkb, place)
    put_coordinates(wkb, place, xy)
    geometry_texts(wkb, at, place, first, xy, 7)
