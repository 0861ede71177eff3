"""Conditions judged for many rows at once, in SQL's three-valued logic: what is compared with null is unknown.

Each condition says which rows it surely holds for and which it surely does not; the rest is unknown. A feature is
selected where the whole surely holds.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from servers.serving.filter_faults import too_slow

if TYPE_CHECKING:
    from servers.serving.baked.layout import BakedColumn, BakedLayer

Rows = NDArray[np.int32]
Mask = NDArray[np.bool_]
Truth = tuple[Mask, Mask]
"""Surely true, surely false."""
GEOMETRY = "geometry"
"""The name of the geometry in filters and queryables."""


@dataclass
class Budget:
    """Seconds that one filter may take, from its first row on."""

    seconds: float
    rows: int = 0
    done: int = 0
    _ends: float | None = None

    def check(self) -> None:
        """Raise :class:`ParameterError` (``filters.too_slow``) once they are over."""
        if self._ends is None:
            self._ends = time.monotonic() + self.seconds
        if time.monotonic() >= self._ends:
            raise too_slow(self.seconds, self.done, self.rows)


@dataclass(frozen=True)
class Look:
    """One layer as a filter looks at it, and what it has found of columns' values."""

    layer: BakedLayer
    budget: Budget
    judged: dict[int, Mask] = field(default_factory=dict)
    """Identity of a :class:`ValueTest` → its answer for every value of its column."""


class Condition(Protocol):
    """Something that a row fulfils, or not, or unknown."""

    @property
    def cost(self) -> int:
        """The order in which conjunctions try: columns first, geometries last."""
        ...

    def truth(self, look: Look, rows: Rows) -> Truth:
        """For each of some rows."""
        ...


@dataclass(frozen=True)
class Constant:
    """TRUE or FALSE."""

    value: bool
    cost: int = 0

    def truth(self, look: Look, rows: Rows) -> Truth:
        """The same for each."""
        return np.full(len(rows), self.value), np.full(len(rows), not self.value)


@dataclass(frozen=True)
class Not:
    """The contrary; unknown stays unknown."""

    inner: Condition

    @property
    def cost(self) -> int:
        """Of what is denied."""
        return self.inner.cost

    def truth(self, look: Look, rows: Rows) -> Truth:
        """True and false exchanged."""
        yes, no = self.inner.truth(look, rows)
        return no, yes


@dataclass(frozen=True)
class Junction:
    """All of some conditions (AND), or any of them (OR)."""

    parts: tuple[Condition, ...]
    every: bool

    @property
    def cost(self) -> int:
        """Of the dearest."""
        return max(part.cost for part in self.parts)

    def truth(self, look: Look, rows: Rows) -> Truth:
        """The dear parts are asked only for rows that the cheap ones have not decided."""
        decided = np.zeros(len(rows), dtype=bool)
        unanimous = np.ones(len(rows), dtype=bool)
        for part in sorted(self.parts, key=lambda each: each.cost):
            open_ = np.flatnonzero(~decided)
            if not len(open_):
                break
            yes, no = part.truth(look, rows[open_])
            agrees, decides = (yes, no) if self.every else (no, yes)
            decided[open_] = decides
            unanimous[open_] &= agrees
        unanimous &= ~decided
        return (unanimous, decided) if self.every else (decided, unanimous)


@dataclass(frozen=True)
class IsNull:
    """Whether a property, or the geometry, is missing: never unknown."""

    column: str
    cost: int = 0

    def truth(self, look: Look, rows: Rows) -> Truth:
        """By the codes, or by the kinds of geometry: an empty one is none."""
        layer = look.layer
        missing = layer.kind[rows] == 0 if self.column == GEOMETRY else layer.column(self.column).code[rows] < 0
        return missing, ~missing


@dataclass(frozen=True, eq=False)
class ValueTest:
    """A condition on one property alone: judged once for each distinct value, then carried to the rows by code.

    ``holds(column, codes)`` judges the values of some codes.
    """

    column: str
    holds: Callable[[BakedColumn, NDArray[Any]], Mask]
    cost: int = 1

    def truth(self, look: Look, rows: Rows) -> Truth:
        """Null is unknown."""
        look.budget.check()
        column = look.layer.column(self.column)
        code = column.code[rows]
        known = code >= 0
        yes = np.zeros(len(rows), dtype=bool)
        yes[known] = self._of_codes(look, column, code[known])
        return yes, known & ~yes

    def _of_codes(self, look: Look, column: BakedColumn, code: NDArray[Any]) -> Mask:
        judged = look.judged.get(id(self))
        if judged is None and column.distinct <= max(len(code), 1000):
            judged = look.judged[id(self)] = self.holds(column, np.arange(column.distinct))
        if judged is not None:
            return np.asarray(judged[code], dtype=bool)
        used, place = np.unique(code, return_inverse=True)
        return self.holds(column, used)[place]
