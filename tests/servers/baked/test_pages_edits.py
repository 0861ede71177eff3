"""Layers that were edited since they were baked: hidden rows are gone, added ones are there, in every question."""

from __future__ import annotations

import json
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from paged import baked, walk

from cim_core.errors import NotFoundError
from servers.serving.baked.feature_pages import BakedPages
from servers.serving.baked.placing import offered
from servers.serving.baked.sorting import SortKey

CRS = "EPSG:32648"


def _frame(names: list[str], values: list[Any], offset: float = 0.0) -> gpd.GeoDataFrame:
    places = np.arange(len(names)) * 50.0 + 640_000 + offset
    shapes = shapely.box(places, 3_270_000, places + 10, 3_270_010)
    return gpd.GeoDataFrame({"v": values, "word": [f"w{v}" for v in values]}, geometry=shapes, crs=CRS, index=names)


BASE = baked(_frame([f"b{i}" for i in range(12)], [float(i % 5) for i in range(12)]))
ADDED = baked(_frame(["b3", "b7", "new"], [9.0, 2.5, float("nan")], offset=700.0))
HIDDEN = np.isin([BASE.id(row) for row in range(len(BASE))], ["b3", "b7", "b11"])
EDITED = BakedPages(BASE, HIDDEN, ADDED)
IDS = {f"b{i}" for i in range(11)} | {"new"}


def test_all_of_both_are_there_once() -> None:
    found = walk(EDITED, limit=5)
    assert {one["id"] for one in found} == IDS
    assert len(found) == len(EDITED) == 12
    values = {one["id"]: one["properties"]["v"] for one in found}
    assert (values["b3"], values["b7"], values["new"]) == (9.0, 2.5, None)


def test_each_is_found_by_its_id() -> None:
    assert json.loads(EDITED.feature("b3"))["properties"]["v"] == 9.0
    assert EDITED.row("new") == len(BASE) + ADDED.row("new")
    for gone in ("b11", "nix"):
        with pytest.raises(NotFoundError, match="no such feature"):
            EDITED.feature(gone)


@pytest.mark.parametrize("limit", [1, 3, 100])
def test_a_box_over_both(limit: int) -> None:
    west, south, east, north = EDITED.bounds or (0, 0, 0, 0)
    middle = (west + east) / 2
    every = walk(EDITED, limit=100)
    for box in ((west, south, middle, north), (middle, south, east, north), (west, south, east, north)):
        wanted = {one["id"] for one in every if shapely.intersects(_shape(one), shapely.box(*box))}
        assert {one["id"] for one in walk(EDITED, bbox=box, limit=limit)} == wanted


def _shape(feature: dict[str, Any]) -> shapely.Geometry:
    return shapely.from_geojson(json.dumps(feature["geometry"]))


def test_selected_properties_and_other_systems_come_from_both() -> None:
    system = offered(CRS, False)[-1]
    found = {one["id"]: one for one in walk(EDITED, properties=["word"], crs=system, sortby=[SortKey("v")], limit=4)}
    assert set(found) == IDS
    assert found["b7"]["properties"] == {"word": "w2.5"}
    assert found["b7"]["geometry"]["coordinates"][0][0][1] == 3_270_000
    assert _shape(found["b7"]).bounds[0] == 640_000 + 50 + 700


keys = st.lists(
    st.tuples(st.sampled_from(["v", "word", "id"]), st.booleans()), min_size=1, max_size=3, unique_by=lambda key: key[0]
)


@settings(max_examples=30, deadline=None)
@given(keys, st.integers(1, 14), st.booleans())
def test_sorted_pages_are_a_sorted_list(keys: Any, limit: int, boxed: bool) -> None:
    asked = {"bbox": (-180.0, -90.0, 180.0, 90.0)} if boxed else {}
    found = walk(EDITED, sortby=[SortKey(*key) for key in keys], limit=limit, **asked)
    wanted = walk(EDITED, limit=100)
    for name, descending in reversed(keys):  # stable, so the last key first; nulls last either way
        known = [one for one in wanted if _value(one, name) is not None]
        known.sort(key=lambda one, name=name: _value(one, name), reverse=descending)
        wanted = known + [one for one in wanted if _value(one, name) is None]
    assert [one["id"] for one in found] == [one["id"] for one in wanted]


def _value(feature: dict[str, Any], name: str) -> Any:
    return feature["id"] if name == "id" else feature["properties"][name]


class _Greater:
    """A filter as small as can be."""

    def __init__(self, least: float) -> None:
        self.least = least
        self.asked = 0

    def rows(self, layer: Any, rows: Any) -> Any:
        self.asked += len(rows)
        return layer.column("v").numbers(rows) > self.least

    def box(self) -> None:
        return None


@pytest.mark.parametrize("limit", [1, 2, 50])
def test_a_filter_is_asked_about_both(limit: int) -> None:
    found = walk(EDITED, where=_Greater(2.4), limit=limit)
    assert {one["id"] for one in found} == {"b3", "b4", "b7", "b8", "b9"}
    ordered = walk(EDITED, where=_Greater(2.4), limit=limit, sortby=[SortKey("v", True), SortKey("id")])
    assert [one["id"] for one in ordered] == ["b3", "b4", "b9", "b8", "b7"]


def test_beyond_what_is_counted_a_page_is_filled_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    from servers.serving.baked import selection

    monkeypatch.setattr(selection, "MOST_COUNTED", 5)
    monkeypatch.setattr(selection, "_SLICE", 2)
    for sortby in ((), (SortKey("v", True), SortKey("id"))):
        few = _Greater(-1)
        page = EDITED.page(where=few, limit=2, sortby=sortby)
        assert (page.matched, page.returned, few.asked) == (None, 2, 4)
        every = walk(EDITED, where=_Greater(2.4), limit=2, sortby=sortby)
        assert sorted(one["id"] for one in every) == ["b3", "b4", "b7", "b8", "b9"]
    assert b"numberMatched" not in EDITED.page(where=_Greater(0), limit=1).document()


def test_a_layer_whose_every_row_was_replaced() -> None:
    pages = BakedPages(BASE, np.ones(len(BASE), dtype=bool), ADDED)
    assert {one["id"] for one in walk(pages, limit=2)} == {"b3", "b7", "new"}
    gone = BakedPages(BASE, np.ones(len(BASE), dtype=bool), None)
    assert (len(gone), gone.page().features, gone.page(sortby=[SortKey("v")]).matched) == (0, b"[]", 0)
