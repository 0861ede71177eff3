"""Collections and features (OGC API Features)."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from flask.testing import FlaskClient
from shapely.geometry import shape

from cim_core.city import City
from cim_core.schema import Field, LayerSchema, Text
from servers.api.documents import CollectionDocument, CollectionsDocument, FeatureCollection

ROADS = "/api/collections/roads"


def test_every_layer_and_coverage_is_a_collection(get: Any, tiny_folder: Any) -> None:
    content = get("/api/collections").get_json()
    CollectionsDocument.model_validate(content)
    assert [one["id"] for one in content["collections"]] == [*sorted(City.open(tiny_folder).versions), "catalogue"]
    kinds = {one["id"]: (one["kind"], one.get("itemType")) for one in content["collections"]}
    assert kinds["roads"] == ("feature", "feature")
    assert kinds["elevation"] == ("coverage", None)


def test_a_collection_says_its_fields_and_source(get: Any) -> None:
    content = get(ROADS, **{"Accept-Language": "zh"}).get_json()
    CollectionDocument.model_validate(content)
    assert (content["title"], content["titles"]) == ("道路", {"en": "Roads", "zh": "道路"})
    fields = {field["name"]: field for field in content["fields"]}
    assert (fields["speed_limit_mps"]["unit"], fields["speed_limit_mps"]["editable"]) == ("m/s", True)
    assert content["source"]["attribution"].startswith("synthetic")
    assert content["source"]["quality"]["kept"] == content["rows"] == 55
    assert content["synthetic"] is True
    rels = {link["rel"] for link in content["links"]}
    assert {"self", "items"} <= rels


def test_the_extent_holds_every_feature(get: Any) -> None:
    west, south, east, north = get(ROADS).get_json()["extent"]["spatial"]["bbox"][0]
    features = get(f"{ROADS}/items?limit=1000").get_json()["features"]
    bounds = shapely.total_bounds([shape(feature["geometry"]) for feature in features])
    assert west - 1e-4 < bounds[0] < bounds[2] < east + 1e-4
    assert south - 1e-4 < bounds[1] < bounds[3] < north + 1e-4


def test_pages_hold_every_feature_once(get: Any) -> None:
    path, ids, pages = f"{ROADS}/items?limit=20", [], 0
    while path:
        content = get(path.removeprefix("http://localhost")).get_json()
        FeatureCollection.model_validate(content)
        assert (content["numberMatched"], content["numberReturned"]) == (55, len(content["features"]))
        ids += [feature["id"] for feature in content["features"]]
        path = next((link["href"] for link in content["links"] if link["rel"] == "next"), "")
        pages += 1
    assert (pages, len(ids), len(set(ids))) == (3, 55, 55)


def test_bbox_finds_what_meets_it(get: Any) -> None:
    everything = get(f"{ROADS}/items?limit=1000").get_json()["features"]
    box = shapely.box(106.577, 29.555, 106.58, 29.559)
    wanted = {feature["id"] for feature in everything if shape(feature["geometry"]).intersects(box)}
    found = get(f"{ROADS}/items?limit=1000&bbox=106.577,29.555,106.58,29.559").get_json()
    assert {feature["id"] for feature in found["features"]} == wanted != set()
    with_heights = get(f"{ROADS}/items?limit=1000&bbox=106.577,29.555,0,106.58,29.559,500").get_json()
    assert with_heights["numberMatched"] == len(wanted)
    assert get(f"{ROADS}/items?bbox=0,0,1,1").get_json()["features"] == []


def test_the_next_link_keeps_the_question(get: Any) -> None:
    first = get(f"{ROADS}/items?limit=2&properties=name,lanes_forward&bbox=106.57,29.55,106.59,29.57").get_json()
    following = next(link["href"] for link in first["links"] if link["rel"] == "next")
    second = get(following.removeprefix("http://localhost")).get_json()
    assert second["numberMatched"] == first["numberMatched"]
    assert set(second["features"][0]["properties"]) == {"name", "lanes_forward"}


@pytest.mark.parametrize(
    "query",
    [
        "bbox=1,2,3",
        "bbox=a,b,c,d",
        "bbox=106,30,107,29",
        "bbox=nan,0,1,1",
        "bbox=-181,0,1,1",
        "bbox=",
        "limit=0",
        "after=-1",
        "after=x",
        "datetime=yesterday",
        "datetime=../..",
        "datetime=2026-02-01T00:00:00Z/2026-01-01T00:00:00Z",
        "datetime=2026-13-01T00:00:00Z",
    ],
)
def test_a_query_that_does_not_fit(get: Any, refused: Any, query: str) -> None:
    name = query.partition("=")[0]
    content = refused(get(f"{ROADS}/items?{query}"), 400, "http.query")
    assert content["errors"][0]["loc"][0] == name


def test_a_field_that_is_not_there(get: Any, refused: Any) -> None:
    assert "lanes_forward" in refused(get(f"{ROADS}/items?properties=nix"), 400, "pages.properties")["expected"]


@pytest.mark.parametrize(
    "datetime", ["2026-01-01T00:00:00Z", "2026-01-01T00:00:00%2B08:00/..", "../2026-01-01T00:00:00.5Z"]
)
def test_layers_without_time_are_always_there(get: Any, datetime: str) -> None:
    assert get(f"{ROADS}/items?datetime={datetime}").get_json()["numberMatched"] == 55


@pytest.mark.parametrize(
    ("datetime", "ids"),
    [
        ("2026-01-01T00:00:00Z", ["p0", "p2"]),
        ("2026-01-01T08:00:00%2B08:00", ["p0", "p2"]),
        ("../2026-01-01T12:00:00Z", ["p0", "p2"]),
        ("2026-01-01T12:00:00Z/..", ["p1", "p2"]),
        ("2026-01-01T00:00:00Z/2026-01-02T00:00:00Z", ["p0", "p1", "p2"]),
    ],
)
def test_a_layer_with_time_is_filtered_by_it(client: FlaskClient, city: City, datetime: str, ids: list[str]) -> None:
    fields = (Field(name="seen", dtype="timestamp", title=Text(en="seen", zh="时间")),)
    schema = LayerSchema(name="sightings", title=Text(en="s", zh="s"), geometry="Point", fields=fields)
    seen = pd.to_datetime(["2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", None], utc=True)
    index = pd.Index(["p0", "p1", "p2"], name="id")
    frame = gpd.GeoDataFrame(
        {"seen": seen}, index=index, geometry=city.layer("pois").geometry.to_numpy()[:3], crs=city.crs
    )
    with city.edit("seen") as session:
        session.put_layer(frame, schema)
    found = client.get(f"/api/collections/sightings/items?datetime={datetime}").get_json()
    assert sorted(feature["id"] for feature in found["features"]) == ids
    assert found["numberMatched"] == len(ids)


@pytest.mark.parametrize("limit", [10_001, 10**20])
def test_who_asks_for_more_than_a_page_holds_gets_a_page(get: Any, limit: int) -> None:
    content = get(f"{ROADS}/items?limit={limit}").get_json()
    assert content["numberReturned"] == 55
    assert "limit=10000" in content["links"][0]["href"]


def test_one_feature(get: Any) -> None:
    content = get(f"{ROADS}/items/w9100-n1000").get_json()
    assert (content["type"], content["id"]) == ("Feature", "w9100-n1000")
    assert content["properties"]["name"] == "南街"
    assert content["properties"]["assumed"] == {"lanes_forward": "lanes: by class"}
    assert {link["rel"] for link in content["links"]} == {"self", "collection"}


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/api/collections/nix", "collection.unknown"),
        ("/api/collections/nix/items", "collection.unknown"),
        ("/api/collections/elevation/items", "collection.coverage"),
        (f"{ROADS}/items/nix", "pages.no_such_feature"),
        (f"{ROADS}/items/a/b/c", "pages.no_such_feature"),
        (f"{ROADS}/items/nix/card", "pages.no_such_feature"),
        ("/api/collections/nix/items/w9100-n1000/card", "collection.unknown"),
        ("/api/collections/roads/", "http.not_found"),
    ],
)
def test_what_is_not_there(get: Any, refused: Any, path: str, code: str) -> None:
    refused(get(path), 404, code)
