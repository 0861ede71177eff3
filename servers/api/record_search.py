"""Which records are asked for: OGC API Records (20-004r1), core query parameters."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta

from servers.api.record_documents import Record

Box = tuple[float, float, float, float]
Interval = tuple[datetime | None, datetime | None]
Test = Callable[[Record], bool]


def matches_words(q: str) -> Test:
    """``a,b``: any of the terms; ``a b``: these words one after the other. In titles, description and keywords.

    Upper and lower case are the same. A term that is empty finds nothing.
    """
    terms = [term.split() for term in q.split(",") if term.split()]
    patterns = [re.compile(r"\s+".join(map(re.escape, words)), re.IGNORECASE) for words in terms]
    return lambda record: any(pattern.search(text) for pattern in patterns for text in _texts(record))


def _texts(record: Record) -> Iterable[str]:
    known = record.properties
    yield from known["titles"].values()
    yield known.get("description", "")
    yield from known.get("descriptions", {}).values()
    yield from known.get("keywords", [])


def has_type(types: Iterable[str]) -> Test:
    """Records of one of these types."""
    wanted = frozenset(types)
    return lambda record: record.properties["type"] in wanted


def has_id(ids: Iterable[str]) -> Test:
    """Records with one of these identifiers."""
    wanted = frozenset(ids)
    return lambda record: record.id in wanted


def has_external_id(ids: Iterable[str]) -> Test:
    """Records that have one of these ids elsewhere, as ``value`` or ``scheme:value``."""
    wanted = frozenset(ids)

    def test(record: Record) -> bool:
        known = record.properties.get("externalIds", [])
        return any(one["value"] in wanted or f"{one['scheme']}:{one['value']}" in wanted for one in known)

    return test


def meets_box(box: Box) -> Test:
    """Records whose place (a rectangle in degrees) meets the box; west beyond east crosses the antimeridian."""
    from shapely.geometry import shape

    west, south, east, north = box
    spans = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]

    def test(record: Record) -> bool:
        if record.geometry is None:
            return False
        left, low, right, high = shape(record.geometry).bounds
        return low <= north and high >= south and any(left <= last and right >= first for first, last in spans)

    return test


def meets_interval(during: Interval) -> Test:
    """Records whose day (UTC) meets the interval; those without time are always found (17-069r4, 7.15.4)."""
    begin, end = during

    def test(record: Record) -> bool:
        if record.time is None:
            return True
        first = datetime.combine(date.fromisoformat(record.time["date"]), time(), UTC)
        last = first + timedelta(days=1) - timedelta(microseconds=1)
        return (end is None or first <= end) and (begin is None or last >= begin)

    return test
