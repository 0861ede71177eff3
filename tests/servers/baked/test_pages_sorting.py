"""What ``sortby`` takes, and the order of every kind of value."""

from __future__ import annotations

import datetime
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from paged import pages_of, walk

from cim_core.errors import ParameterError
from servers.serving.baked.sorting import SortKey, sort_keys

FRAME = gpd.GeoDataFrame(
    {
        "word": ["b", None, "é", "B", "中", "b"],
        "whole": pd.array([2**53 + 1, 2**53, None, -1, 0, 2], dtype="Int64"),
        "real": [0.5, np.nan, -1e300, 1e300, 0.0, -0.0],
        "flag": [True, False, None, True, False, None],
        "seen": pd.to_datetime([datetime.datetime(2026, 1, day, tzinfo=datetime.UTC) for day in (3, 1, 2, 6, 5, 4)]),
        "tags": [{"a": 1}] * 6,
    },
    geometry=[shapely.Point(106.5, 29.5)] * 6,
    crs="EPSG:4326",
    index=["a", "b", "c", "d", "e", "f"],
)
PAGES = pages_of(FRAME)


@pytest.mark.parametrize(
    ("asked", "ids"),
    [
        ("word,id", "dafceb"),
        ("-word,id", "ecafdb"),
        ("whole", "defbac"),
        ("-whole", "abfedc"),
        ("real,-id", "cfeadb"),
        ("flag,id", "beadcf"),
        ("-flag,-id", "daebfc"),
        ("+seen", "bcafed"),
        (" -id", "fedcba"),
    ],
)
def test_every_kind_of_value_has_its_order(asked: str, ids: str) -> None:
    for limit in (1, 4, 6):
        assert [one["id"] for one in walk(PAGES, sortby=sort_keys(asked), limit=limit)] == list(ids)


@pytest.mark.parametrize("asked", ["nix", "tags", "word,word", "", "+", "word,,real", "geometry", "a,b,c,d,e,f"])
def test_what_has_no_order_is_refused(asked: str) -> None:
    with pytest.raises(ParameterError, match="cannot be sorted"):
        PAGES.page(sortby=sort_keys(asked))


def test_keys_as_they_stand_in_an_address() -> None:
    assert sort_keys("+a,-b, c") == (SortKey("a"), SortKey("b", True), SortKey("c"))


def test_a_page_after_one_that_is_not_there_is_empty(city: Any) -> None:
    page = PAGES.page(sortby=sort_keys("word"), after=10**6)
    assert (page.features, page.matched) == (b"[]", 6)
