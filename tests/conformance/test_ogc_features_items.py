"""OGC API Features, part 1, core and GeoJSON: the features of a collection, one feature."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
import shapely
from abstract_tests import suite
from links import Get, features, link, links
from shapely.geometry import shape

checks = suite("features-1")
Document = Callable[..., dict[str, Any]]
BOX = (106.5765, 29.5550, 106.5815, 29.5600)
TOWN = shapely.box(106.5, 29.5, 106.7, 29.7)
KINDS = {"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection"}


def _text(box: tuple[float, ...]) -> str:
    return ",".join(map(str, box))


@checks("/conf/core/fc-op", "/conf/core/fc-response")
def test_every_collection_gives_its_features(document: Document, layers: list[dict[str, Any]]) -> None:
    for layer in layers:
        page = document(f"/api/collections/{layer['id']}/items", limit=10)
        assert page["type"] == "FeatureCollection"
        assert page["numberMatched"] == layer["rows"]


@checks("/conf/core/crs84")
def test_coordinates_are_longitude_and_latitude(pages: Any, layers: list[dict[str, Any]]) -> None:
    for layer in layers:
        for feature in features(pages(link(layer, "items"), limit=1000)):
            assert feature["geometry"] is None or TOWN.contains(shape(feature["geometry"]))


@checks("/conf/core/fc-bbox-definition")
@pytest.mark.parametrize(
    ("box", "status"),
    [
        (_text(BOX), 200),
        ("106.5765,29.5550,-100,106.5815,29.5600,3000", 200),
        ("177,-20,-178,-10", 200),
        ("1,2,3", 400),
        ("1,2,3,4,5", 400),
        ("1,2,3,nan", 400),
        ("0,10,1,5", 400),
    ],
)
def test_a_box_has_four_or_six_numbers(get: Get, box: str, status: int) -> None:
    assert get("/api/collections/roads/items", bbox=box).status_code == status


@checks("/conf/core/fc-bbox-response")
def test_only_what_meets_the_box_is_found(pages: Any, layers: list[dict[str, Any]]) -> None:
    cut = shapely.box(*BOX)
    for layer in layers:
        every = {one["id"]: one for one in features(pages(link(layer, "items"), limit=1000))}
        found = {one["id"] for one in features(pages(link(layer, "items"), limit=1000, bbox=_text(BOX)))}
        meets = {name for name, one in every.items() if one["geometry"] and shape(one["geometry"]).intersects(cut)}
        assert found == meets, layer["id"]


@checks("/conf/core/fc-limit-definition", "/conf/core/fc-limit-response")
@pytest.mark.parametrize(("limit", "returned"), [(1, 1), (7, 7), (40, 40), (10_000, 40), (999_999, 40)])
def test_no_more_than_the_limit_comes(document: Document, limit: int, returned: int) -> None:
    page = document("/api/collections/buildings/items", limit=limit)
    assert len(page["features"]) == returned


@checks("/conf/core/fc-time-definition", "/conf/core/fc-time-response")
@pytest.mark.parametrize(
    ("when", "status"),
    [
        ("2026-01-31T08:00:00Z", 200),
        ("2026-01-31T08:00:00Z/2026-02-01T08:00:00Z", 200),
        ("../2026-01-31T08:00:00Z", 200),
        ("2026-01-31T08:00:00Z/..", 200),
        ("/2026-01-31T08:00:00Z", 200),
        ("2026-02-01T00:00:00Z/2026-01-01T00:00:00Z", 400),
        ("../..", 400),
        ("31.1.2026", 400),
    ],
)
def test_a_time_is_an_instant_or_an_interval(get: Get, when: str, status: int) -> None:
    answer = get("/api/collections/roads/items", datetime=when)
    assert answer.status_code == status
    if status == 200:  # the tiny city's features have no time: all of them are of every time
        assert answer.get_json()["numberMatched"] == get("/api/collections/roads/items").get_json()["numberMatched"]


@checks("/conf/core/fc-links", "/conf/core/fc-numberReturned", "/conf/core/fc-numberMatched")
@pytest.mark.parametrize("query", [{}, {"bbox": _text(BOX)}])
def test_the_pages_together_have_every_feature_once(pages: Any, document: Document, query: dict[str, str]) -> None:
    found = list(pages("/api/collections/buildings/items", limit=7, **query))
    ids = [one["id"] for one in features(found)]
    assert len(ids) == len(set(ids)) > 7
    for page in found:
        assert page["numberMatched"] == len(ids)
        assert page["numberReturned"] == len(page["features"])
        assert link(page, "self")
        assert all(one["rel"] and one["type"] for one in page["links"])
    assert document(link(found[1], "self"))["features"] == found[1]["features"]
    assert not link(found[-1], "next")


@checks("/conf/core/fc-timeStamp")
def test_a_page_says_when_it_was_made(document: Document) -> None:
    made = datetime.fromisoformat(document("/api/collections/roads/items", limit=1)["timeStamp"])
    assert made.utcoffset() is not None


@checks("/conf/core/f-op", "/conf/core/f-success", "/conf/core/f-links")
def test_a_feature_says_the_same_at_its_own_address(document: Document, layers: list[dict[str, Any]]) -> None:
    for layer in layers:
        for listed in document(link(layer, "items"), limit=5)["features"]:
            alone = document(f"/api/collections/{layer['id']}/items/{listed['id']}")
            for name in ("id", "type", "geometry", "properties"):
                assert alone[name] == listed[name]
            assert document(link(alone, "self")) == alone
            assert document(link(alone, "collection"))["id"] == layer["id"]
            assert all(one["type"] for one in alone["links"])


@checks("/conf/geojson/definition")
def test_features_are_given_as_geojson(get: Get) -> None:
    for path in ("/api/collections/roads/items", "/api/collections/roads/items/w9100-n1000"):
        for accept in ("application/geo+json", "*/*"):
            answer = get(path, headers={"Accept": accept})
            assert (answer.status_code, answer.mimetype) == (200, "application/geo+json")


@checks("/conf/geojson/content")
def test_the_content_is_geojson(pages: Any, layers: list[dict[str, Any]]) -> None:
    for layer in layers:
        for page in pages(link(layer, "items"), limit=1000):
            assert page["type"] == "FeatureCollection"
            assert links(page, "self")
            for feature in page["features"]:
                _is_geojson(feature)


def _is_geojson(feature: dict[str, Any]) -> None:
    """As RFC 7946 has it: members, kinds, closed rings, the right-hand rule."""
    assert feature["type"] == "Feature"
    assert isinstance(feature["id"], str | int)
    assert isinstance(feature["properties"], dict)
    geometry = feature["geometry"]
    if geometry is not None:
        assert geometry["type"] in KINDS
        assert shape(geometry).is_valid
        polygons = {"Polygon": [geometry.get("coordinates")], "MultiPolygon": geometry.get("coordinates")}
        for polygon in polygons.get(geometry["type"], []):
            for number, ring in enumerate(polygon):
                assert ring[0] == ring[-1]
                assert shapely.LinearRing(ring).is_ccw == (number == 0)
