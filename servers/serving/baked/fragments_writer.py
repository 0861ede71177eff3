"""GeoJSON features of a batch of rows, written at once from JSON heaps and coordinates in 1e-7 degrees (RFC 7946)."""

# ruff: noqa: PLR0917, PLR1714 - compiled kernels take plain arrays and branch on bytes

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
from numba import njit
from numpy.typing import NDArray

from servers.serving.baked.geometry import Shapes, signed_area
from servers.serving.baked.heaps import Heap, frozen, heap_of, joined

DECIMALS = 7
"""Of a degree: a centimetre."""
HEIGHT_DECIMALS = 3
_SCALE = 10**DECIMALS
_HEIGHT_SCALE = 10**HEIGHT_DECIMALS
_COORDINATE_BYTES = 48
"""The longest position: brackets, commas, two angles, a height."""
_NO_HEIGHT = np.iinfo(np.int64).min
_TYPES = ("Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon")
_HEAD = np.frombuffer(b'{"type":"Feature","id":', dtype=np.uint8)
_GEOMETRY = np.frombuffer(b',"geometry":', dtype=np.uint8)
_PROPERTIES = np.frombuffer(b',"properties":{', dtype=np.uint8)
_NULL = np.frombuffer(b"null", dtype=np.uint8)
_COORDINATES = heap_of([b"", *(f'{{"type":"{one}","coordinates":'.encode() for one in _TYPES)])


def fragments(
    ids: Heap,
    shapes: Shapes,
    degrees: NDArray[np.float64],
    given: Heap,
    names: Sequence[str],
    codes: NDArray[np.int32],
    values: Sequence[Heap],
) -> Heap:
    """The features of n rows as compact JSON.

    Parameters
    ----------
    ids
        JSON string of each row's id.
    shapes, degrees
        Geometries, and (V, 2) longitudes and latitudes of their vertices.
    given
        For each row the JSON of its geometry where it is not to be made from ``shapes``; else no bytes.
    names, codes, values
        Properties, int32 (number of properties, n) codes into their JSON heaps, −1 for null.
    """
    keys = heap_of(
        [f"{',' if i else ''}{json.dumps(name, ensure_ascii=False)}:".encode() for i, name in enumerate(names)]
    )
    heap, at = joined(list(values)) if values else (np.zeros(0, dtype=np.uint8), np.zeros(1, dtype=np.int64))
    first = np.cumsum([0, *(len(one[1]) - 1 for one in values)])[: len(values)].astype(np.int64)
    place = np.floor(degrees * _SCALE + 0.5).astype(np.int64)
    height = np.where(np.isnan(shapes.z), 0, shapes.z)
    height = np.where(np.isnan(shapes.z), _NO_HEIGHT, np.floor(height * _HEIGHT_SCALE + 0.5)).astype(np.int64)
    head = (*frozen(ids), *frozen(given))
    table = (*frozen(keys), codes, first, *frozen((heap, at)))
    drawn = (shapes.type, shapes.part, shapes.role, shapes.feature_part, place, height)
    out = np.empty(_room(head, table, drawn), dtype=np.uint8)
    found = _write(head, table, drawn, _COORDINATES, out)
    return out[: found[-1]], found


@njit(cache=True, nogil=True)
def _room(head, table, drawn):  # type: ignore[no-untyped-def]
    """Bytes that are surely enough."""
    ids, _, given, id_at = head[0], head[1], head[2], head[1]
    keys, _, codes, first, _, at = table
    rows = len(id_at) - 1
    total = len(ids) + len(given) + rows * (len(keys) + 4 * len(first) + 96)
    for number in range(len(first)):
        for row in range(rows):
            value = codes[number, row]
            if value >= 0:
                total += at[first[number] + value + 1] - at[first[number] + value]
    return total + len(drawn[4]) * (_COORDINATE_BYTES) + len(drawn[2]) * (_COORDINATE_BYTES + 6)


@njit(cache=True, nogil=True)
def _write(head, table, drawn, kinds, out):  # type: ignore[no-untyped-def]
    ids, id_at, given, given_at = head
    keys, key_at, codes, first, heap, at = table
    found = np.zeros(len(id_at), dtype=np.int64)
    end = 0
    for row in range(len(id_at) - 1):
        end = _put(out, end, _HEAD, 0, len(_HEAD))
        end = _put(out, end, ids, id_at[row], id_at[row + 1])
        end = _put(out, end, _GEOMETRY, 0, len(_GEOMETRY))
        if given_at[row + 1] > given_at[row]:
            end = _put(out, end, given, given_at[row], given_at[row + 1])
        elif drawn[0][row] == 0:
            end = _put(out, end, _NULL, 0, 4)
        else:
            end = _put_geometry(out, end, row, drawn, kinds)
        end = _put(out, end, _PROPERTIES, 0, len(_PROPERTIES))
        for number in range(len(first)):
            end = _put(out, end, keys, key_at[number], key_at[number + 1])
            value = codes[number, row]
            if value < 0:
                end = _put(out, end, _NULL, 0, 4)
            else:
                end = _put(out, end, heap, at[first[number] + value], at[first[number] + value + 1])
        out[end] = out[end + 1] = 125
        end += 2
        found[row + 1] = end
    return found


@njit(cache=True, nogil=True)
def _put(out, end, source, begin, stop):  # type: ignore[no-untyped-def]
    for k in range(begin, stop):
        out[end] = source[k]
        end += 1
    return end


@njit(cache=True, nogil=True)
def _put_geometry(out, end, row, drawn, kinds):  # type: ignore[no-untyped-def]
    type_, part, role, feature_part, place, height = drawn
    kind = type_[row]
    end = _put(out, end, kinds[0], kinds[1][kind], kinds[1][kind + 1])
    begin, stop = feature_part[row], feature_part[row + 1]
    if kind == 1:
        end = put_position(out, end, place, height, part[begin])
    elif kind == 2 or kind == 4:
        end = _put_run(out, end, place, height, part[begin], part[begin + 1])
    else:
        out[end] = 91
        end += 1
        for number in range(begin, stop):
            opens = kind == 6 and role[number] == 1
            if number > begin:
                if opens:
                    out[end] = 93
                    end += 1
                out[end] = 44
                end += 1
            if opens:
                out[end] = 91
                end += 1
            if kind == 5:
                end = _put_run(out, end, place, height, part[number], part[number + 1])
            else:
                end = _put_ring(out, end, place, height, part[number], part[number + 1], role[number] == 1)
        if kind == 6:
            out[end] = 93
            end += 1
        out[end] = 93
        end += 1
    out[end] = 125
    return end + 1


@njit(cache=True, nogil=True)
def _put_run(out, end, place, height, begin, stop):  # type: ignore[no-untyped-def]
    out[end] = 91
    end += 1
    for vertex in range(begin, stop):
        if vertex > begin:
            out[end] = 44
            end += 1
        end = put_position(out, end, place, height, vertex)
    out[end] = 93
    return end + 1


@njit(cache=True, nogil=True)
def _put_ring(out, end, place, height, begin, stop, exterior):  # type: ignore[no-untyped-def]
    """Closed; exteriors counter-clockwise, interiors clockwise (RFC 7946, 3.1.6)."""
    counter = signed_area(place, begin, stop) > 0
    out[end] = 91
    end = put_position(out, end + 1, place, height, begin)
    for step in range(1, stop - begin):
        out[end] = 44
        end = put_position(out, end + 1, place, height, begin + step if counter == exterior else stop - step)
    out[end] = 44
    end = put_position(out, end + 1, place, height, begin)
    out[end] = 93
    return end + 1


@njit(cache=True, nogil=True)
def put_position(out, end, place, height, vertex):  # type: ignore[no-untyped-def]
    """``[lon,lat]`` or ``[lon,lat,z]``."""
    out[end] = 91
    end = put_decimal(out, end + 1, place[vertex, 0], _SCALE)
    out[end] = 44
    end = put_decimal(out, end + 1, place[vertex, 1], _SCALE)
    if height[vertex] != _NO_HEIGHT:
        out[end] = 44
        end = put_decimal(out, end + 1, height[vertex], _HEIGHT_SCALE)
    out[end] = 93
    return end + 1


@njit(cache=True, nogil=True)
def put_decimal(out, end, number, scale):  # type: ignore[no-untyped-def]
    """``number / scale`` with a point and without trailing zeros (``106.5``, ``29.0``); ``scale`` a power of ten."""
    if number < 0:
        out[end] = 45
        end += 1
        number = -number
    whole, rest = number // scale, number % scale
    digits = 1
    power = 10
    while whole >= power and digits < 19:
        digits += 1
        power *= 10
    for k in range(digits):
        out[end + digits - 1 - k] = 48 + whole % 10
        whole //= 10
    end += digits
    out[end] = 46
    end += 1
    while True:
        scale //= 10
        out[end] = 48 + rest // scale
        rest %= scale
        end += 1
        if rest == 0 or scale == 1:
            return end
