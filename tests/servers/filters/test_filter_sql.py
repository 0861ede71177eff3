"""Random filters against SQLite: the same rows, nulls and three-valued logic included."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from filtered_places import baked
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from servers.serving.baked.layout import BakedLayer
from servers.serving.filter_values import like_expression, text_like
from servers.serving.filters import parse_filter

FIELDS = (("t", "string"), ("i", "int64"), ("x", "float64"), ("b", "bool"))
TEXTS = ["", "a", "A", "ab", "a%b", "a_b", "东", "东西", "it's", "\\", "b", "😀"]
WHOLE = [-3, 0, 1, 2, 3]
BROKEN = [-2.5, 0.0, 0.5, 1.0, 3.25]
SIGNS = ["=", "<>", "<", "<=", ">", ">="]


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''").replace("\\", "\\\\") + "'"


def in_sql(text: str) -> str:
    """CQL2 escapes a backslash in a text, SQL does not."""
    return text.replace("\\\\", "\\")


def pattern(text: str) -> str:
    return f"t LIKE {quoted(text)}"


NUMBERS = st.sampled_from([*map(str, WHOLE), *map(str, BROKEN)])
COMPARED = st.one_of(
    st.tuples(st.just("t"), st.sampled_from(SIGNS), st.sampled_from(TEXTS).map(quoted)).map(" ".join),
    st.tuples(st.sampled_from("ix"), st.sampled_from(SIGNS), NUMBERS).map(" ".join),
    st.tuples(NUMBERS, st.sampled_from(SIGNS), st.sampled_from("ix")).map(" ".join),
    st.tuples(st.just("b"), st.sampled_from(["=", "<>"]), st.sampled_from(["TRUE", "FALSE"])).map(" ".join),
    st.tuples(st.sampled_from("ix"), st.sampled_from(["", "NOT "]), NUMBERS, NUMBERS).map(
        lambda parts: "{} {}BETWEEN {} AND {}".format(*parts)
    ),
    st.lists(NUMBERS, min_size=1, max_size=3).map(lambda each: f"i IN ({', '.join(each)})"),
    st.lists(st.sampled_from(TEXTS).map(quoted), min_size=1, max_size=3).map(
        lambda each: f"t NOT IN ({','.join(each)})"
    ),
    st.text(alphabet="aAb%_东西", max_size=5).map(pattern),
    st.tuples(st.sampled_from("tixb"), st.sampled_from(["IS NULL", "IS NOT NULL"])).map(" ".join),
)
FILTERS = st.recursive(
    COMPARED,
    lambda inner: st.one_of(
        inner.map(lambda one: f"NOT ({one})"),
        st.lists(inner, min_size=2, max_size=3).map(lambda all_: " AND ".join(f"({one})" for one in all_)),
        st.lists(inner, min_size=2, max_size=3).map(lambda all_: "(" + " OR ".join(all_) + ")"),
        st.lists(inner, min_size=2, max_size=3).map(" AND ".join),
    ),
    max_leaves=8,
)


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    random = np.random.default_rng(1)

    def drawn(values: list[object]) -> list[object]:
        return [values[k] for k in random.integers(0, len(values), 120)]

    return pd.DataFrame(
        {
            "t": pd.array(drawn([*TEXTS, None, None]), dtype=object),
            "i": pd.array(drawn([*WHOLE, None, None]), dtype="Int64"),
            "x": pd.array(drawn([*BROKEN, None, None]), dtype="Float64"),
            "b": pd.array(drawn([True, False, None]), dtype="boolean"),
        },
        index=[f"f{k:03}" for k in range(120)],
    )


@pytest.fixture(scope="module")
def layer(table: pd.DataFrame) -> BakedLayer:
    places = shapely.points(106.5 + np.arange(len(table)) * 1e-4, 29.5)
    return baked(gpd.GeoDataFrame(table, geometry=places, crs="EPSG:4326"), FIELDS)


@pytest.fixture(scope="module")
def database(table: pd.DataFrame) -> Iterator[sqlite3.Connection]:
    with sqlite3.connect(":memory:") as connection:
        connection.execute("PRAGMA case_sensitive_like = ON")
        connection.execute("CREATE TABLE f (id TEXT, t TEXT, i INTEGER, x REAL, b INTEGER)")
        plain = table.reset_index().astype(object)
        rows = plain.where(plain.notna(), None).itertuples(index=False, name=None)
        connection.executemany("INSERT INTO f VALUES (?, ?, ?, ?, ?)", rows)
        yield connection


@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=FILTERS)
def test_sqlite_selects_the_same(layer: BakedLayer, database: sqlite3.Connection, text: str) -> None:
    rows = np.arange(len(layer), dtype=np.int32)
    mask = parse_filter(text, "cql2-text", None, FIELDS).rows(layer, rows)
    selected = sorted(layer.id(row) for row in np.flatnonzero(mask))
    assert selected == [row[0] for row in database.execute(f"SELECT id FROM f WHERE {in_sql(text)} ORDER BY id")]


def test_the_table_tells_answers_apart(database: sqlite3.Connection) -> None:
    counts = [database.execute(f"SELECT count(*) FROM f WHERE {text}").fetchone()[0] for text in ("i = 1", "NOT i = 1")]
    assert 0 < sum(counts) < 120, "nulls are in it"


@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(alphabet="aAb%_\\东.*(\n", max_size=8))
def test_both_matchers_of_patterns_agree(layer: BakedLayer, text: str) -> None:
    """Arrow's, which is used where it can be, and the regular expression of :func:`like_expression`."""
    column = layer.column("t")
    codes = np.arange(column.distinct)
    matches = re.compile(like_expression(text)).fullmatch
    expected = [matches(column.value_text(code)) is not None for code in codes]
    assert text_like(text, ())(column, codes).tolist() == expected
    assert text_like(text, ())(column, codes[::3]).tolist() == expected[::3]
