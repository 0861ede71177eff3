"""Tables as the page reads them, and pictures of layers; without HTTP."""

from __future__ import annotations

import io
import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from cim_core.analysis.trips import paired_changes
from cim_core.errors import NotFoundError, ParameterError
from servers import tables
from servers.pictures import Caption, map_png

CAPTION = Caption("Roads 道路 · $plan_a$", "Speed", "m/s", "synthetic", "synthetic data", "no clear difference")


def test_every_kind_of_column_becomes_json():
    frame = pd.DataFrame(
        {
            "whole": pd.array([1, None], dtype="Int64"),
            "real": [np.inf, 0.5],
            "flag": pd.array([True, None], dtype="boolean"),
            "text": ["中", None],
            "list": [np.array([1.0, np.nan]), None],
            "document": [{"a": np.float64("nan")}, {}],
            "time": pd.to_datetime(["2026-11-22T08:00:00+08:00", None]),
        }
    )
    found = {name: tables.json_values(frame[name]) for name in frame}
    assert found == {
        "whole": [1, None],
        "real": [None, 0.5],
        "flag": [True, None],
        "text": ["中", None],
        "list": [[1.0, None], None],
        "document": [{"a": None}, {}],
        "time": ["2026-11-22T08:00:00+08:00", None],
    }
    json.dumps(found, allow_nan=False)
    kinds = [tables.dtype_of(frame[name]) for name in frame]
    assert kinds == ["int64", "float64", "bool", "string", "string", "string", "timestamp"]


def test_texts_that_a_spreadsheet_would_run_are_made_harmless():
    frame = pd.DataFrame({"name": ["=cmd()", "+1", "-1", "@x", "plain"], "value": [-1.5, 0, 1, 2, 3]})
    lines = tables.as_csv(frame).decode("utf-8-sig").splitlines()
    assert lines[1:] == ["'=cmd(),-1.5", "'+1,0.0", "'-1,1.0", "'@x,2.0", "plain,3.0"]


@given(st.integers(0, 60), st.integers(1, 80), st.integers(0, 5))
def test_a_sample_has_each_row_at_most_once_and_in_order(rows, sample, seed):
    part = tables.part_of(pd.DataFrame({"row": range(rows)}), tables.Wanted(sample=sample, seed=seed), "table")
    drawn = part.frame["row"].tolist()
    assert drawn == sorted(set(drawn))
    assert (len(drawn), part.sampled_of) == (min(rows, sample), rows)


def test_pages_of_a_sorted_table_hold_each_row_once_and_what_is_missing_last():
    frame = pd.DataFrame({"value": [3.0, np.nan, 1.0, 2.0]})
    pages = [tables.part_of(frame, tables.Wanted(limit=2, offset=at, sort="-value"), "t").frame for at in (0, 2, 4)]
    assert [one["value"].tolist()[:2] for one in pages[:1]] == [[3.0, 2.0]]
    assert pages[1]["value"].tolist()[0] == 1.0
    assert np.isnan(pages[1]["value"].tolist()[1])
    assert pages[2].empty


def test_columns_that_are_not_there_or_have_no_order():
    frame = pd.DataFrame({"mixed": [{"a": 1}, {"b": 2}]})
    with pytest.raises(NotFoundError, match="no such column"):
        tables.part_of(frame, tables.Wanted(columns=("x",)), "t")
    with pytest.raises(ParameterError, match="cannot be put in order"):
        tables.part_of(frame, tables.Wanted(sort="mixed"), "t")


values = st.lists(st.sampled_from([np.nan, 0.0, 1.0, 2.0, 5.0]), min_size=1, max_size=12)


@given(values, values, st.sampled_from(["lower", "higher"]), st.sampled_from([0.0, 1.0]))
def test_classes_count_as_the_comparison_does(first, second, better, tolerance):
    counted = paired_changes(pd.Series(first), pd.Series(second), better=better, tolerance=tolerance)
    classed = tables.with_classes(counted.frame, better=better, tolerance=tolerance)
    found = classed["class"].value_counts().to_dict()
    said = {name: count for name, count in counted.counts().items() if name != "pairs" and count}
    assert found == said


@pytest.mark.parametrize("column", ["speed_limit_mps", "lanes_forward", "class", "name"])
def test_a_picture_of_any_column(tiny_city_frames, column):
    drawn = Image.open(io.BytesIO(map_png(tiny_city_frames["roads"], column, CAPTION, tiny_city_frames)))
    assert (drawn.format, drawn.size) == ("PNG", (1600, 1280))
    assert len(np.unique(np.asarray(drawn.convert("RGB")).reshape(-1, 3), axis=0)) > 10


def test_a_picture_of_nothing_is_a_picture(tiny_city_frames):
    none = tiny_city_frames["roads"].iloc[:0]
    assert Image.open(io.BytesIO(map_png(none, "speed_limit_mps", CAPTION, {}))).size == (1600, 1280)


@pytest.fixture
def tiny_city_frames(city):
    """Roads and water of the tiny city."""
    return {name: city.layer(name) for name in ("water", "roads")}
