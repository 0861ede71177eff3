"""What is too long, too deep, too large, too slow or no filter at all: an error each time, and a server that lives."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from filtered_places import COLUMNS, asked
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cim_core.errors import ParameterError
from servers.serving.baked.layout import BakedLayer
from servers.serving.filter_rows import Budget
from servers.serving.filters import DEEPEST, MOST_BYTES, Filter, parse_filter

ROOT = Path(__file__).parents[3]
DEEP_JSON = {n: '{"op":"not","args":[' * n + "true" + "]}" * n for n in (DEEPEST, DEEPEST + 5, 10_000)}
VALID = [
    "levels = 3 AND NOT (name LIKE 'a%' OR open = true)",
    "S_INTERSECTS(geometry, POLYGON((0 0, 1 0, 1 1, 0 0))) AND built > DATE('2020-01-01')",
    "CASEI(ACCENTI(name)) IN (CASEI('x'), 'y') OR levels BETWEEN -1 AND 2.5e3",
    "T_DURING(built, INTERVAL('2020-01-01T00:00:00Z', '..')) AND height_m IS NOT NULL",
    json.dumps(
        {"op": "and", "args": [{"op": "<", "args": [{"property": "levels"}, 3]}, {"op": "not", "args": [True]}]}
    ),
    json.dumps({"op": "s_within", "args": [{"property": "geometry"}, {"type": "Point", "coordinates": [1, 2]}]}),
]
PIECES = [
    "(",
    ")",
    "NOT ",
    " AND ",
    " OR ",
    "'",
    '"',
    "-",
    "levels",
    " = ",
    "1",
    ",",
    " IN ",
    "BBOX(",
    "[",
    "{",
    "\\",
    "\x00",
]
PIECES += [
    "S_WITHIN(geometry, ",
    "POINT(",
    "INTERVAL(",
    "CASEI(",
    "BETWEEN ",
    "1e999",
    "\ud800",
    "é",
    "\n",
    "||",
    "/*",
    ";",
]


def taken_or_refused(text: str, lang: str) -> Filter | ParameterError:
    try:
        return parse_filter(text, lang, None, COLUMNS)
    except ParameterError as fault:
        return fault


def is_sound(answer: Filter | ParameterError) -> bool:
    """A filter; or a fault that says all five, in characters that can be sent."""
    if isinstance(answer, Filter):
        return True
    said = answer.as_dict()
    return (
        answer.code.startswith("filters.")
        and all(said.values())
        and bool(json.dumps(said, ensure_ascii=False).encode())
    )


@settings(deadline=None, max_examples=400)
@given(st.one_of(st.text(max_size=60), st.lists(st.sampled_from(PIECES), max_size=40).map("".join)))
@example("levels = " + "-" * 5000 + "1")
@example("NOT " * 2000 + "TRUE")
@example("levels = " + "- " * 2500 + "1")
@example("levels = " + "1+" * 3000 + "1")
@example("levels IN " + "(" * 40 + "1" + ",2)" * 40)
@example("S_INTERSECTS(geometry, " + "(" * 40)
@example("=".join(["levels"] * 1000))
def test_any_text_is_a_filter_or_a_fault(text: str) -> None:
    for lang in MOST_BYTES:
        assert is_sound(taken_or_refused(text, lang))


@st.composite
def mutated(draw: st.DrawFn) -> str:
    text = draw(st.sampled_from(VALID))
    for _ in range(draw(st.integers(1, 4))):
        begin = draw(st.integers(0, len(text)))
        end = draw(st.integers(begin, min(begin + 12, len(text))))
        text = text[:begin] + draw(st.one_of(st.just(""), st.sampled_from(PIECES), st.text(max_size=3))) + text[end:]
    return text


@settings(deadline=None, max_examples=400)
@given(mutated())
def test_a_mutated_filter_is_a_filter_or_a_fault(text: str) -> None:
    assert is_sound(taken_or_refused(text, "cql2-json" if text.startswith("{") else "cql2-text"))


TREES = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.sampled_from(["levels", "name", "geometry", ".."])
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["op", "args", "property", "type", "coordinates", "bbox", "date"]), inner, max_size=3
        ),
        st.fixed_dictionaries(
            {
                "op": st.sampled_from(
                    ["and", "not", "=", "in", "like", "between", "isNull", "casei", "s_within", "t_after"]
                ),
                "args": st.lists(inner, max_size=3),
            }
        ),
    ),
    max_leaves=12,
)


@settings(deadline=None, max_examples=400)
@given(TREES)
def test_any_json_is_a_filter_or_a_fault(tree: object) -> None:
    assert is_sound(taken_or_refused(json.dumps(tree), "cql2-json"))


def test_the_valid_ones_are_taken(places: BakedLayer) -> None:
    rows = np.arange(len(places), dtype=np.int32)
    for text in VALID:
        found = taken_or_refused(text, "cql2-json" if text.startswith("{") else "cql2-text")
        assert isinstance(found, Filter)
        assert found.rows(places, rows).dtype == bool


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("levels IN (" + "1," * 4100 + "1)", "cql2-text"),
        ("(" * 10_000 + "TRUE" + ")" * 10_000, "cql2-text"),
        ("(" * 2000 + "TRUE" + ")" * 2000, "cql2-text"),
        ("(" * (DEEPEST + 1) + "TRUE" + ")" * (DEEPEST + 1), "cql2-text"),
        ("NOT " * (DEEPEST + 1) + "TRUE", "cql2-text"),
        (" OR ".join(["levels=1"] * 300), "cql2-text"),
        (DEEP_JSON[10_000], "cql2-json"),
        (DEEP_JSON[DEEPEST + 5], "cql2-json"),
        ("[" * 16_000, "cql2-json"),
        (json.dumps({"op": "and", "args": [{"op": "not", "args": [True]}] * 501}), "cql2-json"),
        (
            json.dumps(
                {
                    "op": "s_within",
                    "args": [{"property": "geometry"}, {"type": "MultiPoint", "coordinates": [[1, 2]] * 5001}],
                }
            ).replace(" ", ""),
            "cql2-json",
        ),
    ],
)
def test_too_large(text: str, lang: str) -> None:
    with pytest.raises(ParameterError, match="larger than the server evaluates"):
        parse_filter(text, lang, None, COLUMNS)


def test_as_deep_as_allowed(places: BakedLayer) -> None:
    rows = np.arange(len(places), dtype=np.int32)
    for text in ("(" * DEEPEST + "levels = 3" + ")" * DEEPEST, "NOT " * DEEPEST + "levels = 3"):
        assert asked(text).rows(places, rows).sum() == 2
    assert asked(DEEP_JSON[DEEPEST], "cql2-json").rows(places, rows).all()


@pytest.mark.parametrize("head", ["(", "NOT (", "CASEI(", "levels IN (", "S_WITHIN(geometry, (", "levels = -(", "f(1,"])
def test_the_parser_library_survives_what_reaches_it(head: str) -> None:
    """In a process of its own, since what it would die of is no exception; and in bounded time."""
    programme = f"""
import itertools, sys
from servers.serving.filters import parse_filter, MOST_BYTES
from cim_core.errors import ParameterError
tails = ("", ")", " 2)", " =", "'", ",", " AND")
for times, tail in itertools.product((1, 3, 5, 6, 16, 40, 63, 64, 65, 500, 1100), tails):
    text = ({head!r} * times + "levels" + tail * times)[: MOST_BYTES["cql2-text"]]
    try:
        parse_filter(text, "cql2-text", None, [("levels", "int64")])
    except ParameterError as fault:
        assert fault.code.startswith("filters."), fault
sys.stdout.write("alive")
"""
    done = subprocess.run(
        [sys.executable, "-c", programme], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (0, "alive"), done.stderr[-2000:]


def test_the_time_of_a_request_is_limited(places: BakedLayer) -> None:
    found = asked("levels = 3")
    hurried = Filter(found.condition, found.canonical, Budget(seconds=0.0))
    with pytest.raises(ParameterError, match="longer than a request may") as caught:
        hurried.rows(places, np.arange(len(places), dtype=np.int32))
    assert (caught.value.code, caught.value.got) == ("filters.too_slow", "0 of 7 features judged")
    assert "bbox" in caught.value.remedy


def test_patterns_take_time_in_proportion_to_their_length(places: BakedLayer) -> None:
    """A pattern that a backtracking matcher would need aeons for ends within the test's time limit."""
    rows = np.arange(len(places), dtype=np.int32)
    assert not asked(f"name LIKE '{'%a' * 2000}%z'").rows(places, rows).any()


def test_unknown_language() -> None:
    with pytest.raises(ParameterError, match="language of the filter"):
        parse_filter("TRUE", "sql", None, COLUMNS)


@pytest.mark.parametrize(
    "text",
    [
        "nothing",
        "{",
        '{"op":"="}',
        '{"op":"=","args":[{"property":"levels"},NaN]}',
        '{"op":"=","args":[{"property":"levels"},Infinity]}',
        '{"op":"=","args":[{"property":"levels"},1e999]}',
        '{"op":"=","args":[{"property":"levels"},1' + "0" * 5000 + "]}",
        '{"op":"=","args":[{"property":"levels"},1' + "0" * 50 + "]}",
        '{"op":"=","args":[{"property":"name"},"\\u0000"]}',
        '{"op":"=","args":[{"property":"name"},"\\ud800"]}',
        '{"op":"=","args":[{"property":"levels"},3],"more":1}',
        '{"op":"in","args":[{"property":"levels"},3]}',
        '{"op":"in","args":[{"property":"levels"},[]]}',
        '{"op":"and","args":[true]}',
        '{"property":"open"}',
        "[]",
        "null",
        '"TRUE"',
    ],
)
def test_what_is_no_cql2_json(text: str) -> None:
    with pytest.raises(ParameterError, match="the filter is not CQL2"):
        asked(text, "cql2-json")
