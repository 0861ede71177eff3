"""WKB into flat coordinates and parts; drawn parts wound for tiles, with boxes and areas."""

# ruff: noqa: PLR0912, PLR0915, PLR0917 - compiled kernels take plain arrays and branch on bytes

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from servers.serving.baked.array_files import read_only


class Shapes(NamedTuple):
    """Geometries as flat arrays (N geometries, V vertices, P parts).

    Attributes
    ----------
    type
        uint8 (N,): 1–6 as in WKB (point, line, polygon, and their collections); 0 for none and empty ones.
    xy, z
        float64 (V, 2) and (V,), NaN where there is no height. Rings do not repeat their first point.
    part, role
        int64 (P+1,) vertex offsets; uint8 (P,) 0 points or a line, 1 exterior ring, 2 interior ring.
    feature_part
        int64 (N+1,).
    """

    type: NDArray[np.uint8]
    xy: NDArray[np.float64]
    z: NDArray[np.float64]
    part: NDArray[np.int64]
    role: NDArray[np.uint8]
    feature_part: NDArray[np.int64]


def read_wkb(heap: NDArray[np.uint8], at: NDArray[np.int64]) -> Shapes:
    """Little-endian ISO WKB of points, lines, polygons and their collections, two or three coordinates.

    No bytes mean no geometry. The WKB must be whole (as GEOS has written or read it); it is not checked again.

    Raises
    ------
    ValueError
        Another byte order, a fourth coordinate, or another type.
    """
    most = len(heap) // 16 + 1
    xy, z = np.empty((most, 2)), np.empty(most)
    parts, role = np.empty(len(heap) // 4 + 2, dtype=np.int64), np.empty(len(heap) // 4 + 1, dtype=np.uint8)
    type_ = np.zeros(len(at) - 1, dtype=np.uint8)
    feature_part = np.zeros(len(at), dtype=np.int64)
    words, doubles = np.empty(1, dtype=np.uint32), np.empty(1, dtype=np.float64)
    vertices, count = _read(
        read_only(heap),
        read_only(at),
        type_,
        xy,
        z,
        parts,
        role,
        feature_part,
        words,
        words.view(np.uint8),
        doubles,
        doubles.view(np.uint8),
    )
    if vertices < 0:
        raise ValueError(f"geometry {count} is no little-endian WKB of a simple kind")
    part = parts[: count + 1].copy()
    return Shapes(type_, xy[:vertices].copy(), z[:vertices].copy(), part, role[:count].copy(), feature_part)


@njit(cache=True, nogil=True)
def _read(heap, at, type_, xy, z, part, role, feature_part, word, word_bytes, double, double_bytes):  # type: ignore[no-untyped-def]
    """Fills the arrays; vertices and parts read, or −1 and the geometry that cannot be."""
    vertex, count = 0, 0
    part[0] = 0
    for row in range(len(at) - 1):
        feature_part[row] = count
        position = at[row]
        if at[row + 1] - position < 9:
            continue
        kind, third = _head(heap, position, word, word_bytes)
        if kind < 1 or kind > 6:
            return -1, row
        position += 5
        members = 1
        if kind >= 4:
            members = _number(heap, position, word, word_bytes)
            position += 4
        before = vertex
        for member in range(members):
            simple = kind
            if kind >= 4:
                simple, third = _head(heap, position, word, word_bytes)
                if simple != kind - 3:
                    return -1, row
                position += 5
            runs = 1
            if simple == 3:
                runs = _number(heap, position, word, word_bytes)
                position += 4
            for run in range(runs):
                points = 1
                if simple != 1:
                    points = _number(heap, position, word, word_bytes)
                    position += 4
                start = vertex
                for _ in range(points):
                    for axis in range(2 + third):
                        for byte in range(8):
                            double_bytes[byte] = heap[position + byte]
                        position += 8
                        if axis < 2:
                            xy[vertex, axis] = double[0]
                        else:
                            z[vertex] = double[0]
                    if third == 0:
                        z[vertex] = np.nan
                    if not (simple == 1 and np.isnan(xy[vertex, 0])):
                        vertex += 1
                closed = xy[start, 0] == xy[vertex - 1, 0] and xy[start, 1] == xy[vertex - 1, 1]
                if simple == 3 and vertex - start > 1 and closed:
                    vertex -= 1
                if vertex > start and (kind != 4 or member == members - 1):
                    role[count] = 0 if simple != 3 else (1 if run == 0 else 2)
                    count += 1
                    part[count] = vertex
        if kind == 4 and vertex > before and part[count] != vertex:
            role[count] = 0
            count += 1
            part[count] = vertex
        if vertex > before:
            type_[row] = kind
    feature_part[len(at) - 1] = count
    return vertex, count


@njit(cache=True, nogil=True)
def _number(heap, position, word, word_bytes):  # type: ignore[no-untyped-def]
    for byte in range(4):
        word_bytes[byte] = heap[position + byte]
    return np.int64(word[0])


@njit(cache=True, nogil=True)
def _head(heap, position, word, word_bytes):  # type: ignore[no-untyped-def]
    """Kind and whether there are heights; kind −1 for what is not read here."""
    if heap[position] != 1:
        return -1, 0
    code = _number(heap, position + 1, word, word_bytes)
    if code < 1000:
        return code, 0
    if code < 2000:
        return code - 1000, 1
    return -1, 0


@njit(cache=True, nogil=True)
def signed_area(xy, begin, end):  # type: ignore[no-untyped-def]
    """Signed area of an open ring by the surveyor's formula, relative to its first point (float64)."""
    found = 0.0
    ox, oy = xy[begin, 0], xy[begin, 1]
    for i in range(begin + 1, end - 1):
        ax, ay = float(xy[i, 0] - ox), float(xy[i, 1] - oy)
        bx, by = float(xy[i + 1, 0] - ox), float(xy[i + 1, 1] - oy)
        found += ax * by - bx * ay
    return found / 2


@njit(cache=True, nogil=True)
def wind(xy, part, role):  # type: ignore[no-untyped-def]
    """Turn rings round so that exteriors have positive area and interiors negative; their first point stays."""
    for number in range(len(role)):
        if role[number] == 0:
            continue
        begin, end = part[number], part[number + 1]
        area = signed_area(xy, begin, end)
        if (area < 0 and role[number] == 1) or (area > 0 and role[number] == 2):
            low, high = begin + 1, end - 1
            while low < high:
                for axis in range(2):
                    xy[low, axis], xy[high, axis] = xy[high, axis], xy[low, axis]
                low += 1
                high -= 1


@njit(cache=True, nogil=True)
def measure(xy, part, role, feature_part):  # type: ignore[no-untyped-def]
    """Boxes (int32 (N, 4); 1, 1, 0, 0 where there is nothing) and areas (float64, grid units²; NaN without rings)."""
    rows = len(feature_part) - 1
    box = np.empty((rows, 4), dtype=np.int32)
    area = np.full(rows, np.nan)
    for row in range(rows):
        first, last = feature_part[row], feature_part[row + 1]
        if part[first] == part[last]:
            box[row, 0], box[row, 1], box[row, 2], box[row, 3] = 1, 1, 0, 0
            continue
        for axis in range(2):
            box[row, axis] = box[row, 2 + axis] = xy[part[first], axis]
        for vertex in range(part[first], part[last]):
            for axis in range(2):
                box[row, axis] = min(box[row, axis], xy[vertex, axis])
                box[row, 2 + axis] = max(box[row, 2 + axis], xy[vertex, axis])
        if role[first] != 0:
            area[row] = 0.0
            for number in range(first, last):
                area[row] += signed_area(xy, part[number], part[number + 1])
    return box, area


@njit(cache=True, nogil=True)
def lowest(z, part, feature_part):  # type: ignore[no-untyped-def]
    """Lowest height of each geometry, NaN without."""
    found = np.full(len(feature_part) - 1, np.nan)
    for row in range(len(found)):
        for vertex in range(part[feature_part[row]], part[feature_part[row + 1]]):
            if not np.isnan(z[vertex]) and not found[row] <= z[vertex]:
                found[row] = z[vertex]
    return found
