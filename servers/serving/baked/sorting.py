"""The order that ``sortby`` asks for, over a baked layer and what was added to it since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cim_core.errors import ParameterError

if TYPE_CHECKING:
    from servers.serving.baked.layout import BakedColumn, BakedLayer

MOST_KEYS = 5
"""Fields that a query may sort by: each costs memory and time of its own."""
_UNSORTED = ("json", "list<int64>")
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class SortKey:
    """One field to sort by."""

    name: str
    descending: bool = False


@dataclass(frozen=True, eq=False)
class Order:
    """All positions in order, and the rank of each position; int32."""

    positions: NDArray[np.int32]
    rank: NDArray[np.int32]

    @property
    def nbytes(self) -> int:
        """Bytes that it takes."""
        return self.positions.nbytes + self.rank.nbytes


def sort_keys(text: str) -> tuple[SortKey, ...]:
    """``+name,-height_m``: ascending unless a minus stands before it; a plus may have become a space in the address.

    >>> sort_keys("-height_m, name")
    (SortKey(name='height_m', descending=True), SortKey(name='name', descending=False))
    """
    found = [part.strip() for part in text.split(",")]
    return tuple(SortKey(part.lstrip("+-").strip(), part.startswith("-")) for part in found)


def require_sortable(layer: BakedLayer, keys: Sequence[SortKey]) -> None:
    """Raise :class:`ParameterError` (``pages.sortby``) for a field that is not there or has no order."""
    sortable = [column.name for column in layer.columns if column.dtype not in _UNSORTED and not column.derived]
    wrong = [key.name for key in keys if key.name not in sortable]
    if wrong or len({key.name for key in keys}) < len(keys) or len(keys) > MOST_KEYS:
        raise ParameterError(
            "pages.sortby",
            "the layer cannot be sorted like this",
            where="sortby",
            expected=f"at most {MOST_KEYS} different fields among " + ", ".join(sortable),
            got=", ".join(wrong or (key.name for key in keys))[:200],
            remedy="correct the spelling, or leave out what has no order",
        )


def ordered(layers: Sequence[BakedLayer], keys: Sequence[SortKey]) -> Order:
    """Rows of the layers, one layer's after the other's, by the keys: nulls last, ties in the order of positions.

    Texts are ordered by code points, false before true.
    """
    ranks = [_ranks([layer.column(key.name) for layer in layers], key.descending) for key in keys]
    positions = np.lexsort(ranks[::-1]) if len(ranks) > 1 else np.argsort(ranks[0], kind="stable")
    rank = np.empty(len(positions), dtype=np.int32)
    rank[positions] = np.arange(len(positions), dtype=np.int32)
    return Order(positions.astype(np.int32), rank)


def _ranks(columns: Sequence[BakedColumn], descending: bool) -> Ints:
    """The place of each row's value among all values; that of null is the last."""
    of_values = _text_ranks(columns) if columns[0].values is None else _number_ranks(columns)
    last = max((int(ranks.max(initial=-1)) for ranks in of_values), default=-1) + 1
    found = []
    for column, ranks in zip(columns, of_values, strict=True):
        turned = last - 1 - ranks if descending else ranks
        found.append(np.append(turned, last)[column.code])  # the code -1 of null takes the last one
    return np.concatenate(found)


def _number_ranks(columns: Sequence[BakedColumn]) -> list[Ints]:
    values: list[Any] = [column.values for column in columns]
    _, ranks = np.unique(np.concatenate(values), return_inverse=True)
    return _cut(ranks, columns)


def _text_ranks(columns: Sequence[BakedColumn]) -> list[Ints]:
    """By the bytes of UTF-8, whose order is that of the code points."""
    import pyarrow as pa
    import pyarrow.compute as pc

    arrays = [
        pa.LargeBinaryArray.from_buffers(
            pa.large_binary(), column.distinct, [None, pa.py_buffer(column.text_at), pa.py_buffer(column.text)]
        )
        for column in columns
    ]
    ranks = pc.rank(pa.chunked_array(arrays, type=pa.large_binary()), "ascending", tiebreaker="dense")
    return _cut(np.asarray(ranks).astype(np.int64) - 1, columns)


def _cut(ranks: Ints, columns: Sequence[BakedColumn]) -> list[Ints]:
    return np.split(ranks, np.cumsum([column.distinct for column in columns])[:-1])
