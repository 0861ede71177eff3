"""Rows that a box holds as runs of neighbours, so that a box over a million rows costs no more than its edge."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numba import njit
from numpy.typing import NDArray

from servers.serving.baked import index
from servers.serving.baked.index import meets
from servers.serving.baked.layout import NODE

if TYPE_CHECKING:
    from servers.serving.baked.layout import BakedLayer

Rows = NDArray[np.int32]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Runs:
    """Rows ``begin[i]`` … ``end[i] - 1``, ascending, no run empty."""

    begin: Ints
    end: Ints

    @property
    def count(self) -> int:
        """How many rows there are."""
        return int((self.end - self.begin).sum())

    def rows(self) -> Rows:
        """All of them."""
        return np.asarray(_expanded(self.begin, self.end))

    def after(self, row: int) -> Runs:
        """Those beyond a row."""
        first = int(np.searchsorted(self.end, row + 1, side="right"))
        begin = self.begin[first:].copy()
        begin[:1] = np.maximum(begin[:1], row + 1)
        return Runs(begin, self.end[first:])

    def first(self, most: int) -> Rows:
        """The first ``most`` rows."""
        enough = int(np.searchsorted(np.cumsum(self.end - self.begin), most)) + 1
        return Runs(self.begin[:enough], self.end[:enough]).rows()[:most]

    def holds(self, rows: Rows) -> NDArray[np.bool_]:
        """Which of some rows are among them."""
        run = np.searchsorted(self.begin, rows, side="right") - 1
        return (run >= 0) & (rows < np.append(self.end, 0)[run])


def runs_meeting(layer: BakedLayer, inner: index.Box, outer: index.Box, test: Callable[[Rows], Mask]) -> Runs:
    """Rows that meet something of which two boxes are known.

    Parameters
    ----------
    inner
        What lies wholly within it meets it, and is not looked at one by one. Empty if its least is beyond its most.
    outer
        What does not meet it does not meet what is asked for.
    test
        Says which of the rows between meet it.
    """
    origin = np.array(layer.origin * 2, dtype=np.int64)
    level = np.array(layer.tree_level, dtype=np.int64)
    low, high = np.array(inner, dtype=np.int64) - origin, np.array(outer, dtype=np.int64) - origin
    begin, end, doubtful = _runs(layer.box, layer.tree_box, level, low, high, _placed(layer))
    if doubtful.any():
        keep = ~doubtful
        keep[doubtful] = test(begin[doubtful].astype(np.int32))
        begin, end = begin[keep], end[keep]
    return Runs(begin, end)


def drawn_in(box: index.Box) -> index.Box:
    """A box that is smaller by what rounding may cost; empty if nothing is left."""
    left, top, right, bottom = (int(edge) for edge in box)
    return left + index.SLACK, top + index.SLACK, right - index.SLACK, bottom - index.SLACK


def _placed(layer: BakedLayer) -> int:
    """How many rows have a place: those that have none are the last."""
    box = layer.box
    return bisect_left(range(len(box)), True, key=lambda row: bool(box[row, 0] > box[row, 2]))


@njit(cache=True, nogil=True)
def _within(box, i, held):  # type: ignore[no-untyped-def]
    return box[i, 0] >= held[0] and box[i, 1] >= held[1] and box[i, 2] <= held[2] and box[i, 3] <= held[3]


@njit(cache=True, nogil=True)
def _runs(box, tree_box, tree_level, inner, outer, placed):  # type: ignore[no-untyped-def]  # noqa: PLR0917
    """Depth first, children in order. A doubtful row, between the boxes, is a run of its own."""
    begin, end = np.empty(256, dtype=np.int64), np.empty(256, dtype=np.int64)
    doubtful = np.empty(256, dtype=np.bool_)
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
        if not meets(tree_box, at, outer):
            continue
        all_of = _within(tree_box, at, inner)
        if level > 0 and not all_of:
            below = tree_level[level] - tree_level[level - 1]
            for child in range(min((node + 1) * NODE, below) - 1, node * NODE - 1, -1):
                stack[depth, 0], stack[depth, 1] = level - 1, child
                depth += 1
            continue
        size = NODE ** (level + 1)
        first, last = node * size, min((node + 1) * size, placed)
        step = last - first if all_of else 1
        for row in range(first, last, max(step, 1)):
            unsure = not all_of and not _within(box, row, inner)
            if unsure and not meets(box, row, outer):
                continue
            if not unsure and count > 0 and not doubtful[count - 1] and end[count - 1] == row:
                end[count - 1] = row + step
                continue
            if count == len(begin):
                begin = np.concatenate((begin, np.empty(count, dtype=np.int64)))
                end = np.concatenate((end, np.empty(count, dtype=np.int64)))
                doubtful = np.concatenate((doubtful, np.empty(count, dtype=np.bool_)))
            begin[count], end[count], doubtful[count] = row, row + step, unsure
            count += 1
    return begin[:count].copy(), end[:count].copy(), doubtful[:count].copy()


@njit(cache=True, nogil=True)
def _expanded(begin, end):  # type: ignore[no-untyped-def]
    total = 0
    for i in range(len(begin)):
        total += end[i] - begin[i]
    rows = np.empty(total, dtype=np.int32)
    count = 0
    for i in range(len(begin)):
        for row in range(begin[i], end[i]):
            rows[count] = row
            count += 1
    return rows


def warm() -> None:
    """Compile what runs are found with (or load it from the cache on disk)."""
    box = np.zeros((1, 4), dtype=np.int32)
    box.flags.writeable = False
    held = np.zeros(4, dtype=np.int64)
    _expanded(*_runs(box, box, np.zeros(1, dtype=np.int64), held, held, 1)[:2])
