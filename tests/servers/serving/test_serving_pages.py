"""Pages of features: all of them, once each, as GeoJSON that others read."""

from __future__ import annotations

import datetime
import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import shape

from cim_core.errors import NotFoundError, ParameterError
from servers.serving.layers import city_pages
from servers.serving.pages import FeaturePages


def walk(pages: FeaturePages, **asked: object) -> list[dict]:
    """All features, page after page."""
    found, after = [], None
    while True:
        page = pages.page(after=after, **asked)
        features = json.loads(page.features)
        assert len(features) == page.returned
        found += features
        assert page.returned or page.next is None  # else it would never end
        assert page.next is None or after is None or page.next > after
        if page.next is None:
            assert page.matched == len(found)
            return found
        after = page.next


def test_features_by_their_time_and_those_without() -> None:
    days = [datetime.datetime(2026, 1, day, tzinfo=datetime.UTC) for day in (1, 2, 3)]
    frame = gpd.GeoDataFrame(
        {"seen": pd.to_datetime([*days, None], utc=True)},
        geometry=gpd.points_from_xy([106.5] * 4, [29.5] * 4),
        crs="EPSG:4326",
        index=["a", "b", "c", "never"],
    )
    pages = FeaturePages(frame, time_field="seen")

    def found(begin: datetime.datetime | None, end: datetime.datetime | None) -> list[str]:
        return [feature["id"] for feature in walk(pages, during=(begin, end), limit=1)]

    assert found(days[1], days[1]) == ["b", "never"]
    assert found(days[1], None) == ["b", "c", "never"]
    assert found(None, days[1]) == ["a", "b", "never"]
    assert found(days[2] + datetime.timedelta(seconds=1), None) == ["never"]
    assert len(walk(FeaturePages(frame), during=(days[0], days[0]))) == 4


@pytest.mark.parametrize("name", ["roads", "buildings", "pois", "restrictions"])
@pytest.mark.parametrize("limit", [1, 7, 10_000])
def test_pages_have_every_feature_once(city, name, limit) -> None:
    frame = city.layer(name)
    features = walk(city_pages(city, name), limit=limit)
    assert [feature["id"] for feature in features] == list(frame.index)
    degrees = frame.geometry.to_crs("EPSG:4326")
    for feature, geometry in zip(features, degrees, strict=True):
        assert shapely.hausdorff_distance(shape(feature["geometry"]), geometry) <= 1e-7
        assert list(feature["properties"]) == list(city.schema(name).names)


def test_values_are_json(city) -> None:
    road = json.loads(city_pages(city, "roads").feature("w9100-n1000"))["properties"]
    row = city.layer("roads").loc["w9100-n1000"]
    assert road["tags"] == json.loads(row["tags"]) == {"highway": "residential", "synthetic": "yes"}
    assert road["nodes"] == list(row["nodes"])
    assert (road["length_m"], road["oneway"], road["group"]) == (row["length_m"], False, None)


def test_values_that_json_lacks() -> None:
    instant = pd.Timestamp("2026-01-02T03:04:05", tz="Asia/Shanghai")
    frame = gpd.GeoDataFrame(
        {
            "real": [np.nan, np.inf],
            "whole": pd.array([None, 2**53 + 1], dtype="Int64"),
            "when": [instant, pd.NaT],
            "day": [datetime.date(2026, 1, 2), None],
            "mixed": [np.float64("nan"), {"a": [np.int64(1), float("inf")]}],
            "text": ['"\n\\', "  重庆"],
        },
        geometry=[None, shapely.Point(1, 2)],
        crs="EPSG:4326",
        index=['a"b', "乙"],
    )
    one, other = walk(FeaturePages(frame, json_fields=["text"]), limit=5)
    assert one["geometry"] is None
    assert one["properties"] == {
        "real": None, "whole": None, "when": instant.isoformat(), "day": "2026-01-02", "mixed": None, "text": '"\n\\',
    }  # fmt: skip
    assert (other["id"], other["properties"]["whole"]) == ("乙", 2**53 + 1)
    assert other["properties"]["mixed"] == {"a": [1, None]}


edges = st.integers(-50, 50).map(lambda n: n / 10)


@given(st.lists(st.tuples(edges, edges), max_size=30), st.tuples(edges, edges, edges, edges), st.integers(1, 7))
def test_box_finds_what_it_meets(places, box, limit) -> None:
    west, south, east, north = box
    south, north = min(south, north), max(south, north)
    frame = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*np.reshape(places, (-1, 2)).T), crs="EPSG:4326")
    found = [int(one["id"]) for one in walk(FeaturePages(frame), bbox=(west, south, east, north), limit=limit)]
    across = (lambda x: west <= x <= east) if west <= east else (lambda x: x >= west or x <= east)
    assert found == [i for i, (x, y) in enumerate(places) if across(x) and south <= y <= north]


def test_box_is_exact_for_slanted_lines() -> None:
    frame = gpd.GeoDataFrame(geometry=[shapely.LineString([(0, 0), (10, 10)])], crs="EPSG:4326", index=["a"])
    assert FeaturePages(frame).page(bbox=(6, 1, 9, 4)).matched == 0  # within the line's box, off the line
    assert FeaturePages(frame).page(bbox=(4, 4, 5, 5)).matched == 1


def test_chosen_properties_come_in_the_layers_order(city) -> None:
    pages = city_pages(city, "roads")
    (feature,) = json.loads(pages.page(limit=1, properties=["oneway", "name"]).features)
    assert list(feature["properties"]) == ["name", "oneway"]
    (bare,) = json.loads(pages.page(limit=1, properties=[]).features)
    assert bare["properties"] == {}
    (whole,) = json.loads(pages.page(limit=1).features)
    assert {key: whole["properties"][key] for key in ("name", "oneway")} == feature["properties"]


def test_document_is_a_feature_collection(city) -> None:
    page = city_pages(city, "pois").page(limit=2)
    document = json.loads(page.document(timeStamp="2026-01-01T00:00:00Z", links=[{"rel": "self"}]))
    assert (document["type"], document["numberMatched"], document["numberReturned"]) == ("FeatureCollection", 5, 2)
    assert (document["timeStamp"], len(document["features"])) == ("2026-01-01T00:00:00Z", 2)
    assert len(gpd.GeoDataFrame.from_features(document)) == 2


def test_rings_follow_the_right_hand() -> None:
    clockwise = shapely.Polygon([(0, 0), (0, 1), (1, 1), (1, 0)])
    feature = json.loads(
        FeaturePages(gpd.GeoDataFrame(geometry=[clockwise], crs="EPSG:4326", index=["a"])).feature("a")
    )
    assert shape(feature["geometry"]).exterior.is_ccw


@pytest.mark.parametrize(
    ("asked", "match"),
    [
        ({"limit": 0}, "too large or too small"),
        ({"limit": 10_001}, "too large or too small"),
        ({"bbox": (0, 2, 1, 1)}, "bounding box"),
        ({"bbox": (0, 0, float("nan"), 1)}, "bounding box"),
        ({"properties": ["nmae"]}, "no such property"),
    ],
)
def test_what_cannot_be_asked(city, asked, match) -> None:
    with pytest.raises(ParameterError, match=match):
        city_pages(city, "roads").page(**asked)


def test_unknown_feature(city) -> None:
    with pytest.raises(NotFoundError, match="no such feature"):
        city_pages(city, "roads").feature("w0")


def test_empty_layer_has_one_empty_page(city) -> None:
    pages = FeaturePages(city.layer("roads").iloc[:0])
    assert (pages.page().features, pages.page().next, pages.bounds) == (b"[]", None, None)
    assert pages.page(bbox=(0, 0, 1, 1)).matched == 0
