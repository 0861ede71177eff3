"""The packed tree over a baked layer's boxes: which rows a box meets, and which lie wholly within."""

# ruff: noqa: PLR0917 - compiled kernels take plain arrays and branch on bytes

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from servers.serving.baked.array_files import read_only
from servers.serving.baked.layout import NODE, BakedLayer
from servers.serving.zoom_rules import MAX_ZOOM

Box = Sequence[int] | NDArray[np.int64]
ALL_ZOOMS = 255
SLACK = 2
"""Grid units by which a row must be off the query's edge to count as wholly within: coordinates are rounded."""

_SHOWN = 0.5e-7


class Tree(NamedTuple):
    """Node boxes int32 (M, 4), smallest first zoom below each uint8 (M,), and where each level begins."""

    box: NDArray[np.int32]
    zoom: NDArray[np.uint8]
    level: tuple[int, ...]


def build_tree(box: NDArray[np.int32], first_zoom: NDArray[np.uint8]) -> Tree:
    """The tree over rows in storage order: level 0 groups 16 rows each, the next 16 of those nodes, up to one."""
    boxes, zooms, levels = [], [], []
    start = 0
    lower, zoom = box, first_zoom
    while True:
        lower, zoom = _grouped(read_only(lower), read_only(zoom), NODE)
        boxes.append(lower)
        zooms.append(zoom)
        levels.append(start)
        start += len(lower)
        if len(lower) <= 1:
            return Tree(np.concatenate(boxes), np.concatenate(zooms), tuple(levels))


def grid_box(layer: BakedLayer, west: float, south: float, east: float, north: float) -> Box:
    """A box in degrees (west ≤ east) in absolute grid units.

    It is wider on each side by half the last decimal of degrees that is served, and by one unit for rounding: a feature
    is found by the coordinates it is shown with.
    """
    left, top, right, bottom = layer.grid.square(west - _SHOWN, south - _SHOWN, east + _SHOWN, north + _SHOWN)
    return int(np.floor(left)) - 1, int(np.floor(top)) - 1, int(np.ceil(right)) + 1, int(np.ceil(bottom)) + 1


def query(layer: BakedLayer, box: Box, zoom: int = ALL_ZOOMS) -> NDArray[np.int32]:
    """Rows whose box meets a box, ascending.

    Parameters
    ----------
    box
        min x, min y, max x, max y in absolute grid units (y southwards), edges included.
    zoom
        Only rows that are drawn there; from ``MAX_ZOOM`` on, and by default, all.
    """
    rows, _ = _found(layer, box, zoom, False)
    return rows


def query_within(layer: BakedLayer, box: Box, zoom: int = ALL_ZOOMS) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """As :func:`query`, and for each row whether it surely lies wholly within the box."""
    return _found(layer, box, zoom, True)


def _found(layer: BakedLayer, box: Box, zoom: int, within: bool) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    held = _stored(layer, box)
    level = np.array(layer.tree_level, dtype=np.int64)
    most = ALL_ZOOMS if zoom >= MAX_ZOOM else zoom
    args = (layer.box, layer.first_zoom, layer.tree_box, layer.tree_zoom, level, held, most)
    rows, inside = _search(*args, SLACK if within else -1)
    return rows, inside


def _stored(layer: BakedLayer, box: Box) -> NDArray[np.int64]:
    """Relative to the origin. It may lie beyond int32, which comparing in int64 allows."""
    ox, oy = layer.origin
    return np.array([box[0] - ox, box[1] - oy, box[2] - ox, box[3] - oy], dtype=np.int64)


def warm() -> None:
    """Compile what queries run (or load it from the cache on disk)."""
    box, zoom = np.zeros((1, 4), dtype=np.int32), np.zeros(1, dtype=np.uint8)
    tree = build_tree(box, zoom)
    arrays = [read_only(array) for array in (box, zoom, tree.box, tree.zoom)]
    _search(*arrays, np.zeros(1, dtype=np.int64), np.zeros(4, dtype=np.int64), ALL_ZOOMS, SLACK)


@njit(cache=True, nogil=True)
def _grouped(box, zoom, node):  # type: ignore[no-untyped-def]
    count = (len(box) + node - 1) // node
    found = np.empty((count, 4), dtype=np.int32)
    first = np.full(count, 255, dtype=np.uint8)
    for group in range(count):
        found[group, 0] = found[group, 1] = 2147483647
        found[group, 2] = found[group, 3] = -2147483648
        for i in range(group * node, min((group + 1) * node, len(box))):
            if box[i, 0] > box[i, 2]:
                continue
            found[group, 0] = min(found[group, 0], box[i, 0])
            found[group, 1] = min(found[group, 1], box[i, 1])
            found[group, 2] = max(found[group, 2], box[i, 2])
            found[group, 3] = max(found[group, 3], box[i, 3])
            first[group] = min(first[group], zoom[i])
        if found[group, 0] > found[group, 2]:
            found[group] = (1, 1, 0, 0)
    return found, first


@njit(cache=True, nogil=True)
def meets(box, i, held):  # type: ignore[no-untyped-def]
    """Whether box ``i`` of (n, 4) is one and meets the box ``held`` (kernel)."""
    return (
        box[i, 0] <= held[2]
        and box[i, 2] >= held[0]
        and box[i, 1] <= held[3]
        and box[i, 3] >= held[1]
        and box[i, 0] <= box[i, 2]
    )


@njit(cache=True, nogil=True)
def _search(box, first_zoom, tree_box, tree_zoom, tree_level, held, zoom, slack):  # type: ignore[no-untyped-def]
    """Depth first, children in order, so rows come out ascending. ``slack`` below 0: nothing is asked about within."""
    rows = np.empty(256, dtype=np.int32)
    inside = np.empty(256, dtype=np.bool_)
    count = 0
    top = len(tree_level) - 1
    stack = np.empty((NODE * (top + 2), 2), dtype=np.int64)
    depth = 0
    if len(tree_box) > 0:
        stack[0, 0], stack[0, 1] = top, 0
        depth = 1
    while depth:
        depth -= 1
        level, node = stack[depth, 0], stack[depth, 1]
        at = tree_level[level] + node
        if tree_zoom[at] > zoom or not meets(tree_box, at, held):
            continue
        if level > 0:
            below = tree_level[level] - tree_level[level - 1]
            for child in range(min((node + 1) * NODE, below) - 1, node * NODE - 1, -1):
                stack[depth, 0], stack[depth, 1] = level - 1, child
                depth += 1
            continue
        for row in range(node * NODE, min((node + 1) * NODE, len(box))):
            if first_zoom[row] <= zoom and meets(box, row, held):
                if count == len(rows):
                    rows = np.concatenate((rows, np.empty(count, dtype=np.int32)))
                    inside = np.concatenate((inside, np.empty(count, dtype=np.bool_)))
                rows[count] = row
                inside[count] = (
                    slack >= 0
                    and box[row, 0] >= held[0] + slack
                    and box[row, 1] >= held[1] + slack
                    and box[row, 2] <= held[2] - slack
                    and box[row, 3] <= held[3] - slack
                )
                count += 1
    return rows[:count].copy(), inside[:count].copy()
