"""Which features of a baked layer, with the edits made since, are asked for: found by position, in keyset pages."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from cim_core.errors import ParameterError
from servers.serving.baked.placing import CRS84, ReferenceSystem
from servers.serving.baked.row_runs import Runs
from servers.serving.baked.searching import Search
from servers.serving.baked.sorting import Order, SortKey, ordered, require_sortable
from servers.serving.cache import BuiltOnce
from servers.serving.web_mercator import Bounds

if TYPE_CHECKING:
    from servers.serving.baked.layout import BakedLayer

MOST_IN_A_PAGE = 10_000
MOST_COUNTED = 200_000
"""Candidates up to which a filter is asked about all of them, so that ``numberMatched`` is known."""
_SLICE = 50_000
_MOST_ORDER_BYTES = 256 * 2**20
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Rows = NDArray[np.int32]
Mask = NDArray[np.bool_]
Interval = tuple[datetime | None, datetime | None]
"""Begin and end, both included; None is open."""
_orders: BuiltOnce[Order] = BuiltOnce(most=_MOST_ORDER_BYTES, weight=lambda order: order.nbytes)
_numbers = itertools.count()


class Where(Protocol):
    """A filter, as :mod:`servers.serving.filters` makes it."""

    def rows(self, layer: BakedLayer, rows: Rows) -> Mask:
        """Which of the rows it lets through."""

    def box(self) -> Bounds | None:
        """A box in degrees outside of which it lets nothing through, if there is one."""


@dataclass(frozen=True)
class Selected:
    """Some of the features that were asked for, by position.

    Attributes
    ----------
    positions
        Rows of the layer, then of what was added to it.
    matched
        How many there are in all pages together; None if that was not counted.
    next
        What to hand in as ``after`` for those that follow; None at the end.
    """

    positions: Rows
    matched: int | None
    next: int | None


class Positions:
    """Rows of a layer, then of what was added to it since it was baked; without those that were replaced or removed.

    Parameters
    ----------
    hidden
        (N,) rows that were replaced or removed.
    added
        The rows in their place and the new ones, with the same columns.
    """

    def __init__(self, layer: BakedLayer, hidden: Mask | None = None, added: BakedLayer | None = None) -> None:
        self._hidden = hidden if hidden is not None and hidden.any() else None
        self.layers = [layer] if added is None or not len(added) else [layer, added]
        self.first_added = len(layer)
        """The first position that is one of what was added."""
        self._number = next(_numbers)

    def __len__(self) -> int:
        return sum(map(len, self.layers)) - len(self._hidden_rows)

    def find(self, id_: str) -> int | None:
        """The position of a feature, or None."""
        row = self.layers[0].find(id_)
        if row is not None and (self._hidden is None or not self._hidden[row]):
            return row
        row = self.layers[1].find(id_) if len(self.layers) > 1 else None
        return None if row is None else self.first_added + row

    def parts(self, positions: Rows) -> Iterator[tuple[BakedLayer, Rows]]:
        """Runs of positions that lie in one layer, as rows of it."""
        of_base = positions < self.first_added
        for run in np.split(positions, np.flatnonzero(np.diff(of_base)) + 1):
            if len(run):
                base = bool(run[0] < self.first_added)
                yield (self.layers[0], run) if base else (self.layers[1], run - np.int32(self.first_added))

    def select(
        self,
        *,
        bbox: Bounds | None = None,
        bbox_crs: ReferenceSystem = CRS84,
        limit: int = 100,
        most: int = MOST_IN_A_PAGE,
        after: int | None = None,
        during: Interval | None = None,
        sortby: Sequence[SortKey] = (),
        where: Where | None = None,
    ) -> Selected:
        """The positions of the next features.

        Parameters
        ----------
        bbox
            (min x, min y, max x, max y) in ``bbox_crs``, x first: features that meet it. In degrees west beyond east
            crosses the antimeridian.
        limit
            1 … ``most``.
        after
            ``next`` of the page before.
        during
            Features whose time lies in it, and those that have none. A layer without a time field is always in it.
        sortby
            The order; by default that of storage, in which neighbours stand together.
        where
            A filter.

        Raises
        ------
        ParameterError
            ``pages.limit``, ``pages.bbox``, ``pages.sortby``; what the filter raises.
        """
        _require_limit(limit, most)
        order = self._order(tuple(sortby))
        begin = -1 if after is None else after
        if bbox is None and during is None and where is None:
            return self._next_of_all(order, begin, limit)
        search = None if bbox is None else Search(bbox, bbox_crs)
        if search is not None and order is None and during is None and where is None:
            runs = [search.runs(layer) for layer in self.layers]
            if None not in runs:
                return self._next_of_runs([one for one in runs if one is not None], begin, limit)
        rows = self._candidates(search, where)
        if during is not None:
            rows = rows[self._mask(rows, lambda layer, part: _at(layer, part, during))]
        keys = rows
        if order is not None:
            rows = rows[np.argsort(order.rank[rows], kind="stable")]
            keys = order.rank[rows]
            begin = int(order.rank[begin]) if 0 <= begin < len(order.rank) else begin
        if where is not None and len(rows) > MOST_COUNTED:
            return self._next_that(where, rows[np.searchsorted(keys, begin, side="right") :], limit)
        if where is not None:
            kept = self._mask(rows, where.rows)
            rows, keys = rows[kept], keys[kept]
        start = int(np.searchsorted(keys, begin, side="right"))
        return _selected(rows[start : start + limit + 1], limit, len(rows))

    def _order(self, keys: tuple[SortKey, ...]) -> Order | None:
        if not keys:
            return None
        require_sortable(self.layers[0], keys)
        return _orders.get((self._number, keys), lambda: ordered(self.layers, keys))

    def _next_of_all(self, order: Order | None, after: int, limit: int) -> Selected:
        """Without a question no row has to be looked at but those of the page, and the hidden ones among them."""
        total = sum(map(len, self.layers))
        if order is None:
            start = min(after + 1, total)
        else:
            start = int(order.rank[after]) + 1 if 0 <= after < total else max(after + 1, 0)
        found: list[Rows] = []
        count, most = 0, limit + 1
        while count < most and start < total:
            end = min(start + most, total)
            rows = np.arange(start, end, dtype=np.int32) if order is None else order.positions[start:end]
            found.append(rows[self._shown(rows)])
            count += len(found[-1])
            start = end
        rows = np.concatenate(found)[:most] if found else np.zeros(0, dtype=np.int32)
        return _selected(rows, limit, len(self))

    def _next_that(self, where: Where, rows: Rows, limit: int) -> Selected:
        """As many as the page takes, without a look at the rest."""
        found: list[Rows] = []
        for start in range(0, len(rows), _SLICE):
            part = rows[start : start + _SLICE]
            found.append(part[self._mask(part, where.rows)])
            if sum(map(len, found)) > limit:
                break
        return _selected(np.concatenate([*found, rows[:0]])[: limit + 1], limit, None)

    def _shown(self, positions: Rows) -> Mask:
        if self._hidden is None:
            return np.ones(len(positions), dtype=bool)
        base = positions < self.first_added
        return ~(base & self._hidden[np.where(base, positions, 0)])

    def _next_of_runs(self, runs: Sequence[Runs], after: int, limit: int) -> Selected:
        """What a box holds, counted without a look at each."""
        hidden = self._hidden_rows
        gone = int(runs[0].holds(hidden).sum())
        most = limit + 1 + gone
        ahead = runs[0].after(after).first(most)
        found = [ahead[self._shown(ahead)]]
        for added in runs[1:]:
            later = added.after(after - self.first_added).first(most)
            found.append(later + np.int32(self.first_added))
        return _selected(np.concatenate(found)[: limit + 1], limit, sum(one.count for one in runs) - gone)

    @cached_property
    def _hidden_rows(self) -> Rows:
        return np.zeros(0, dtype=np.int32) if self._hidden is None else np.flatnonzero(self._hidden).astype(np.int32)

    def _candidates(self, search: Search | None, where: Where | None) -> Rows:
        """Positions that are not hidden and meet the box, ascending; a filter's box only narrows them down."""
        within = None if search is not None or where is None else where.box()
        found, offset = [], 0
        for layer in self.layers:
            if search is not None:
                rows = search.meeting(layer)
            elif within is not None:
                rows = Search(within, CRS84).near(layer)
            else:
                rows = np.arange(len(layer), dtype=np.int32)
            found.append(rows + np.int32(offset))
            offset += len(layer)
        rows = found[0] if len(found) == 1 else np.concatenate(found)
        return rows if self._hidden is None else rows[self._shown(rows)]

    def _mask(self, positions: Rows, test: Callable[[BakedLayer, Rows], Mask]) -> Mask:
        """What ``test(layer, rows)`` says of each position."""
        if len(self.layers) == 1:
            return np.asarray(test(self.layers[0], positions))
        base, found = positions < self.first_added, np.zeros(len(positions), dtype=bool)
        found[base] = test(self.layers[0], positions[base])
        found[~base] = test(self.layers[1], positions[~base] - np.int32(self.first_added))
        return found


def _selected(rows: Rows, limit: int, matched: int | None) -> Selected:
    """The page of ``rows``, which hold one more than the page if there is one."""
    chosen = rows[:limit]
    return Selected(chosen, matched, int(chosen[-1]) if len(rows) > limit else None)


def _at(layer: BakedLayer, rows: Rows, during: Interval) -> Mask:
    """Rows whose first time field lies in the interval, or holds nothing."""
    times = next((column for column in layer.columns[1:] if column.dtype == "timestamp"), None)
    if times is None or times.values is None:
        return np.ones(len(rows), dtype=bool)
    begin, end = during
    held = np.ones(times.distinct + 1, dtype=bool)  # the last one is that of null
    if begin is not None:
        held[:-1] &= times.values >= _microseconds(begin)
    if end is not None:
        held[:-1] &= times.values <= _microseconds(end)
    return np.asarray(held[times.code[rows]])


def _microseconds(instant: datetime) -> int:
    return (instant - _EPOCH) // timedelta(microseconds=1)


def _require_limit(limit: int, most: int) -> None:
    if not 1 <= limit <= most:
        raise ParameterError(
            "pages.limit",
            "the page is too large or too small",
            where="limit",
            expected=f"1 to {most}",
            got=str(limit),
            remedy="ask for less and follow the link to the next page",
        )
