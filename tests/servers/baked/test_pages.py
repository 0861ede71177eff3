"""Pages of features: all of them, once each, as GeoJSON that others read."""

from __future__ import annotations

import datetime
import json
from typing import Any

import baked_truth as truth
import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from paged import pages_of, walk
from shapely.geometry import shape

from cim_core.errors import NotFoundError, ParameterError
from servers.serving.baked.feature_pages import BakedPages, item_etag
from servers.serving.layers import city_pages


def test_features_by_their_time_and_those_without() -> None:
    days = [datetime.datetime(2026, 1, day, tzinfo=datetime.UTC) for day in (1, 2, 3)]
    frame = gpd.GeoDataFrame(
        {"seen": pd.to_datetime([*days, None], utc=True)},
        geometry=gpd.points_from_xy([106.5] * 4, [29.5] * 4),
        crs="EPSG:4326",
        index=["a", "b", "c", "never"],
    )
    pages = pages_of(frame)

    def found(begin: datetime.datetime | None, end: datetime.datetime | None) -> list[str]:
        return sorted(feature["id"] for feature in walk(pages, during=(begin, end), limit=1))

    assert found(days[1], days[1]) == ["b", "never"]
    assert found(days[1], None) == ["b", "c", "never"]
    assert found(None, days[1]) == ["a", "b", "never"]
    assert found(days[2] + datetime.timedelta(seconds=1), None) == ["never"]
    assert len(walk(pages_of(frame.drop(columns="seen")), during=(days[0], days[0]))) == 4


@pytest.mark.parametrize("name", ["roads", "buildings", "pois", "restrictions"])
@pytest.mark.parametrize("limit", [1, 7, 10_000])
def test_pages_have_every_feature_once(city: Any, name: str, limit: int) -> None:
    frame, fields = city.layer(name), city.schema(name).fields
    features = walk(city_pages(city, name), limit=limit)
    assert sorted(feature["id"] for feature in features) == list(frame.index)
    documents = [field.name for field in fields if field.dtype == "json"]
    for feature in features if limit == 7 else []:
        expected = truth.feature(frame, feature["id"], documents)
        assert feature["properties"] == expected["properties"]
        assert list(feature["properties"]) == list(city.schema(name).names)
        apart = shapely.hausdorff_distance(shape(feature["geometry"]), shape(expected["geometry"]))
        assert apart <= 1.5e-7  # both are rounded


def test_heights_come_along() -> None:
    frame = gpd.GeoDataFrame(
        geometry=[shapely.LineString([(106.5, 29.5, 201.25), (106.6, 29.5, -3)])], crs="EPSG:4326", index=["a"]
    )
    pages = pages_of(frame)
    assert json.loads(pages.feature("a"))["geometry"]["coordinates"] == [[106.5, 29.5, 201.25], [106.6, 29.5, -3]]
    assert pages.geometry("a") == shapely.LineString([(106.5, 29.5), (106.6, 29.5)])


edges = st.integers(-50, 50).map(lambda n: n / 10)


@given(st.lists(st.tuples(edges, edges), max_size=30), st.tuples(edges, edges, edges, edges), st.integers(1, 7))
def test_box_finds_what_it_meets(places: Any, box: Any, limit: int) -> None:
    west, south, east, north = box
    south, north = min(south, north), max(south, north)
    frame = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*np.reshape(places, (-1, 2)).T), crs="EPSG:4326")
    found = [int(one["id"]) for one in walk(pages_of(frame), bbox=(west, south, east, north), limit=limit)]
    across = (lambda x: west <= x <= east) if west <= east else (lambda x: x >= west or x <= east)
    assert sorted(found) == [i for i, (x, y) in enumerate(places) if across(x) and south <= y <= north]


def test_chosen_properties_come_in_the_layers_order(city: Any) -> None:
    pages = city_pages(city, "roads")
    (feature,) = json.loads(pages.page(limit=1, properties=["oneway", "name"]).features)
    assert list(feature["properties"]) == ["name", "oneway"]
    (bare,) = json.loads(pages.page(limit=1, properties=[]).features)
    assert bare["properties"] == {}
    (whole,) = json.loads(pages.page(limit=1).features)
    assert {key: whole["properties"][key] for key in ("name", "oneway")} == feature["properties"]
    assert (whole["id"], whole["geometry"]) == (feature["id"], feature["geometry"])


def test_every_chosen_value_is_that_of_the_whole_feature(city: Any) -> None:
    for name in ("roads", "buildings", "parking"):
        pages = city_pages(city, name)
        chosen = walk(pages, limit=9, properties=list(reversed(pages.properties)))
        assert chosen == walk(pages, limit=9)


def test_features_without_their_geometry(city: Any) -> None:
    whole, bare = (walk(city_pages(city, "pois"), skip_geometry=skip) for skip in (False, True))
    assert [one | {"geometry": None} for one in whole] == bare


WILD_IDS = ['a"b', "乙", ',"geometry":', '","geometry":null,"properties":{', "\\", "", "x" * 5_000, "a\nb", "\u202e"]


def test_wild_ids_confuse_nobody() -> None:
    frame = gpd.GeoDataFrame(
        {"n": range(len(WILD_IDS)), ',"properties":': "x"},
        geometry=[shapely.Point(i, 1) for i in range(len(WILD_IDS))],
        crs="EPSG:4326",
        index=WILD_IDS,
    )
    pages = pages_of(frame)
    for number, id_ in enumerate(WILD_IDS):
        assert json.loads(pages.feature(id_))["properties"]["n"] == number
    chosen = walk(pages, properties=["n"], limit=2)
    assert {one["id"]: one["properties"] for one in chosen} == {id_: {"n": n} for n, id_ in enumerate(WILD_IDS)}
    assert {one["id"]: one["geometry"]["coordinates"][0] for one in chosen} == dict(
        zip(WILD_IDS, range(9), strict=True)
    )


def test_document_is_a_feature_collection(city: Any) -> None:
    page = city_pages(city, "pois").page(limit=2)
    document = json.loads(page.document(timeStamp="2026-01-01T00:00:00Z", links=[{"rel": "self"}]))
    assert (document["type"], document["numberMatched"], document["numberReturned"]) == ("FeatureCollection", 5, 2)
    assert (document["timeStamp"], len(document["features"])) == ("2026-01-01T00:00:00Z", 2)
    assert len(gpd.GeoDataFrame.from_features(document)) == 2


def test_the_validator_of_a_feature_follows_its_content(city: Any) -> None:
    pages = city_pages(city, "roads")
    tags = {item_etag(pages.feature(id_)) for id_ in city.layer("roads").index}
    assert len(tags) == len(pages)
    assert all(len(tag) == 32 for tag in tags)


@pytest.mark.parametrize(
    ("asked", "match"),
    [
        ({"limit": 0}, "too large or too small"),
        ({"limit": 10_001}, "too large or too small"),
        ({"bbox": (0, 2, 1, 1)}, "bounding box"),
        ({"bbox": (0, 0, float("nan"), 1)}, "bounding box"),
        ({"bbox": (0, 0, float("inf"), 1)}, "bounding box"),
        ({"properties": ["nmae"]}, "no such property"),
    ],
)
def test_what_cannot_be_asked(city: Any, asked: dict[str, Any], match: str) -> None:
    with pytest.raises(ParameterError, match=match):
        city_pages(city, "roads").page(**asked)


@pytest.mark.parametrize("id_", ["w0", "", "x" * 10_000, "w9100-n1000\0", "../roads", "\ud800"])
def test_unknown_feature(city: Any, id_: str) -> None:
    with pytest.raises(NotFoundError, match="no such feature"):
        city_pages(city, "roads").feature(id_)


def test_empty_layer_has_one_empty_page(city: Any) -> None:
    pages = pages_of(city.layer("roads").iloc[:0])
    assert (pages.page().features, pages.page().next, pages.bounds, len(pages)) == (b"[]", None, None, 0)
    assert pages.page(bbox=(0, 0, 1, 1)).matched == 0
    assert json.loads(pages.page().document())["features"] == []


def test_a_place_beyond_the_last_page_is_an_empty_page(city: Any) -> None:
    pages: BakedPages = city_pages(city, "pois")
    for asked in ({}, {"bbox": (-180, -90, 180, 90)}):
        page = pages.page(after=2**31 - 1, **asked)
        assert (page.features, page.matched, page.next) == (b"[]", 5, None)
