"""Times in filters against a plain reading of the standard's table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from filtered_places import asked, ids_of
from hypothesis import given
from hypothesis import strategies as st

from cim_core.errors import ParameterError
from servers.serving.baked.layout import BakedLayer
from servers.serving.filter_temporal import OF_INTERVALS, RELATIONS, instant_us

DAY = "DATE('2010-01-01')"


@pytest.mark.parametrize(
    ("text", "selected"),
    [
        ("built > TIMESTAMP('2010-01-01T00:00:00Z')", "ceg"),
        ("built = TIMESTAMP('2010-01-01T08:00:00+08:00')", "b"),
        ("built >= TIMESTAMP('2010-01-01T00:00:00Z') AND built < DATE('2010-01-02')", "bc"),
        (f"built = {DAY}", "bc"),
        (f"built <> {DAY}", "aefg"),
        (f"built > {DAY}", "eg"),
        (f"built <= {DAY}", "abcf"),
        (f"{DAY} < built", "eg"),
        (f"built IN ({DAY}, TIMESTAMP('1969-12-31T23:59:59Z'))", "bcf"),
        ("built IN ('2010-01-01T00:00:00Z', '2020-02-29')", "be"),
        (f"T_AFTER(built, {DAY})", "eg"),
        (f"T_BEFORE(built, {DAY})", "af"),
        (f"T_EQUALS(built, {DAY})", "bc"),
        (f"T_INTERSECTS(built, {DAY})", "bc"),
        (f"T_DISJOINT(built, {DAY})", "aefg"),
        ("T_DURING(built, INTERVAL('2010-01-01T00:00:00Z', '2010-01-02T00:00:00Z'))", "c"),
        ("T_INTERSECTS(built, INTERVAL('2010-01-01', '2010-01-02'))", "bcg"),
        ("T_INTERSECTS(built, INTERVAL('2010-01-02', '..'))", "eg"),
        ("T_BEFORE(built, INTERVAL('..', '2010-01-02'))", ""),
        ("T_CONTAINS(INTERVAL('2000-01-01', '2010-01-01'), built)", "abc"),
        ("T_INTERSECTS(INTERVAL(built, razed), INTERVAL('2015-06-01', '2015-06-02'))", "bc"),
        ("T_MEETS(INTERVAL(built, razed), INTERVAL('2020-01-01T00:00:00Z', '..'))", "b"),
        ("T_AFTER(razed, built)", "bce"),
        ("NOT T_AFTER(razed, built)", "g"),
    ],
)
def test_times(places: BakedLayer, text: str, selected: str) -> None:
    assert ids_of(places, asked(text)) == selected


@pytest.mark.parametrize(
    "literal",
    [
        "TIMESTAMP('2020-13-01T00:00:00Z')",
        "TIMESTAMP('2021-02-29T00:00:00Z')",
        "DATE('0000-01-01')",
        "DATE('10000-01-01')",
        "DATE('tomorrow')",
        "INTERVAL('2020-01-02', '2020-01-01')",
        "INTERVAL('..', '..')",
        "INTERVAL('2020-01-01')",
        "INTERVAL(built, '2020-01-01')",
        "TIMESTAMP('0001-01-01T00:00:00+14:00')",
        "'2020-01-01'",
    ],
)
def test_what_is_no_time_is_refused(literal: str) -> None:
    with pytest.raises(ParameterError, match="holds a time that is none"):
        asked(f"T_INTERSECTS(built, {literal})")


def test_relations_of_intervals_need_one() -> None:
    with pytest.raises(ParameterError, match="an INTERVAL on one side of T_MEETS"):
        asked("T_MEETS(built, TIMESTAMP('2020-01-01T00:00:00Z'))")


def test_a_property_without_time_is_refused() -> None:
    with pytest.raises(ParameterError, match="a property that holds times"):
        asked("T_AFTER(levels, DATE('2020-01-01'))")


INSTANTS = st.integers(0, 4)


@given(INSTANTS, INSTANTS, INSTANTS, INSTANTS)
def test_two_proper_intervals_stand_in_exactly_one_of_thirteen_relations(a: int, b: int, c: int, d: int) -> None:
    """Allen (1983), Communications of the ACM 26(11), 832-843, fig. 2: the relations exclude each other."""
    if a >= b or c >= d:
        return
    thirteen = OF_INTERVALS | {"t_after", "t_before", "t_equals"}
    ends = [np.array([end]) for end in (a, b, c, d)]
    assert sum(bool(RELATIONS[name](*ends)[0]) for name in thirteen) == 1
    assert RELATIONS["t_intersects"](*ends)[0] == (not RELATIONS["t_disjoint"](*ends)[0])


@given(st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30)), st.integers(-840, 840))  # noqa: DTZ001
def test_instants_are_read_to_the_microsecond(moment: datetime, offset_min: int) -> None:
    sign, (hours, minutes) = "-" if offset_min < 0 else "+", divmod(abs(offset_min), 60)
    text = f"{moment.isoformat()}{sign}{hours:02}:{minutes:02}"
    expected = moment.replace(tzinfo=UTC) - timedelta(minutes=offset_min) - datetime(1970, 1, 1, tzinfo=UTC)
    assert instant_us(text, "filter") == expected // timedelta(microseconds=1)
