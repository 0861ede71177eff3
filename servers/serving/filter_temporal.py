"""Times in filters: instants, dates, intervals, and the relations of CQL2 between them (OGC 21-065r2, 7.8)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from servers.serving.filter_faults import bad_time
from servers.serving.filter_rows import Look, Rows, Truth

FIRST, LAST = np.iinfo(np.int64).min, np.iinfo(np.int64).max
"""Open ends, in microseconds since 1970."""
_DAY_US = 86_400_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TIMESTAMP = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
Ticks = NDArray[np.int64]


@dataclass(frozen=True)
class Period:
    """Constant first and last microsecond, both included; an instant has one, a date is its day in UTC."""

    first: int
    last: int
    is_date: bool = False


@dataclass(frozen=True)
class Properties:
    """A time that stands in one property, or from one to another."""

    first: str
    last: str


Side = Period | Properties


def instant_us(text: object, place: str) -> int:
    """Microseconds since 1970 of an RFC 3339 instant; raises :class:`ParameterError` (``filters.time``)."""
    if isinstance(text, str) and _TIMESTAMP.fullmatch(text):
        try:
            return (datetime.fromisoformat(text.upper()).astimezone(UTC) - _EPOCH) // timedelta(microseconds=1)
        except (ValueError, OverflowError):
            pass  # the 31st of February, or out of all years: the same fault as what has no such form
    raise bad_time(place, str(text))


def day(text: object, place: str) -> Period:
    """A date; raises :class:`ParameterError` (``filters.time``)."""
    if isinstance(text, str) and _DATE.fullmatch(text):
        try:
            first = (date.fromisoformat(text) - _EPOCH.date()).days * _DAY_US
            return Period(first, first + _DAY_US - 1, is_date=True)
        except ValueError:
            pass  # the 31st of February
    raise bad_time(place, str(text))


def period(literal: Any, place: str) -> Period | None:
    """A constant as CQL2 JSON has it (``timestamp``, ``date``, ``interval``); None for what is no time.

    Raises
    ------
    ParameterError
        ``filters.time``.
    """
    match literal:
        case {"timestamp": text, **rest} if not rest:
            instant = instant_us(text, place)
            return Period(instant, instant)
        case {"date": text, **rest} if not rest:
            return day(text, place)
        case {"interval": [begin, end], **rest} if not rest:
            return _interval(begin, end, place)
        case {"interval": _}:
            raise bad_time(place, str(literal))
    return None


def _interval(begin: Any, end: Any, place: str) -> Period:
    first = FIRST if begin == ".." else _end(begin, place).first
    last = LAST if end == ".." else _end(end, place).last
    if first > last or (begin == ".." and end == ".."):
        raise bad_time(place, f"INTERVAL({begin}, {end})")
    return Period(int(first), int(last))


def _end(text: Any, place: str) -> Period:
    if isinstance(text, dict):
        found = None if "interval" in text else period(text, place)
        if found is None:
            raise bad_time(place, str(text))
        return found
    if isinstance(text, str) and _DATE.fullmatch(text):
        return day(text, place)
    instant = instant_us(text, place)
    return Period(instant, instant)


RELATIONS: dict[str, Callable[[Ticks, Ticks, Ticks, Ticks], Any]] = {
    "t_after": lambda a, b, c, d: a > d,
    "t_before": lambda a, b, c, d: b < c,
    "t_contains": lambda a, b, c, d: (a < c) & (b > d),
    "t_disjoint": lambda a, b, c, d: (a > d) | (b < c),
    "t_during": lambda a, b, c, d: (a > c) & (b < d),
    "t_equals": lambda a, b, c, d: (a == c) & (b == d),
    "t_finishedby": lambda a, b, c, d: (a < c) & (b == d),
    "t_finishes": lambda a, b, c, d: (a > c) & (b == d),
    "t_intersects": lambda a, b, c, d: (a <= d) & (b >= c),
    "t_meets": lambda a, b, c, d: b == c,
    "t_metby": lambda a, b, c, d: a == d,
    "t_overlappedby": lambda a, b, c, d: (a > c) & (a < d) & (b > d),
    "t_overlaps": lambda a, b, c, d: (a < c) & (b > c) & (b < d),
    "t_startedby": lambda a, b, c, d: (a == c) & (b > d),
    "t_starts": lambda a, b, c, d: (a == c) & (b < d),
    "=": lambda a, b, c, d: (a >= c) & (b <= d),
    "<>": lambda a, b, c, d: (a < c) | (b > d),
    "<": lambda a, b, c, d: b < c,
    "<=": lambda a, b, c, d: b <= d,
    ">": lambda a, b, c, d: a > d,
    ">=": lambda a, b, c, d: a >= c,
}
"""Of two times, each given by its first and last microsecond. An instant equals a date when it lies in that day."""
OF_INTERVALS = (
    frozenset(RELATIONS)
    - {"t_after", "t_before", "t_disjoint", "t_equals", "t_intersects"}
    - {op for op in RELATIONS if not op.startswith("t_")}
)
"""Those that need an interval on one side at least."""


@dataclass(frozen=True)
class TimeTest:
    """A relation between two times of which at least one stands in properties."""

    relation: str
    left: Side
    right: Side
    cost: int = 1

    def truth(self, look: Look, rows: Rows) -> Truth:
        """Unknown where a property is null."""
        a, b, known = _ends(look, rows, self.left)
        c, d, also = _ends(look, rows, self.right)
        known &= also
        yes = known & np.asarray(self._relation()(a, b, c, d), dtype=bool)
        return yes, known & ~yes

    def _relation(self) -> Callable[[Ticks, Ticks, Ticks, Ticks], Any]:
        dated = isinstance(self.right, Period) and self.right.is_date
        return RELATIONS["=" if self.relation == "t_equals" and dated else self.relation]


def _ends(look: Look, rows: Rows, side: Side) -> tuple[Ticks, Ticks, NDArray[np.bool_]]:
    if isinstance(side, Period):
        size = len(rows)
        return np.full(size, side.first), np.full(size, side.last), np.ones(size, dtype=bool)
    first, known = _ticks(look, rows, side.first)
    last, also = (first, known) if side.last == side.first else _ticks(look, rows, side.last)
    return first, last, known & also


def _ticks(look: Look, rows: Rows, name: str) -> tuple[Ticks, NDArray[np.bool_]]:
    column = look.layer.column(name)
    code = column.code[rows]
    known = np.asarray(code >= 0, dtype=bool)
    found = np.zeros(len(rows), dtype=np.int64)
    assert column.values is not None  # noqa: S101 - a timestamp column has values
    found[known] = column.values[code[known]]
    return found, known
