"""Filters and queryables by way of the API."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import geopandas as gpd
import jsonschema_rs
import pytest
from shapely.geometry import shape

from cim_core.city import City

BUILDINGS = "/api/collections/buildings"
RELATION = "http://www.opengis.net/def/rel/ogc/1.0/queryables"


def items(get: Any, text: str, **query: str) -> Any:
    more = "".join(f"&{name.replace('_', '-')}={quote(value)}" for name, value in query.items())
    return get(f"{BUILDINGS}/items?limit=1000&filter={quote(text)}{more}")


@pytest.fixture(scope="module")
def buildings(tiny_folder: Any) -> gpd.GeoDataFrame:
    return City.open(tiny_folder).layer("buildings")


def test_a_filter_selects_and_counts(get: Any, buildings: gpd.GeoDataFrame) -> None:
    content = items(get, "levels >= 5 AND NOT use = 'office'").get_json()
    expected = buildings[(buildings.levels >= 5) & (buildings.use != "office")]
    assert 0 < len(expected) < len(buildings)
    assert {one["id"] for one in content["features"]} == set(expected.index)
    assert content["numberMatched"] == content["numberReturned"] == len(expected)


def test_text_and_json_select_the_same(get: Any) -> None:
    tree = {
        "op": "and",
        "args": [{"op": ">=", "args": [{"property": "levels"}, 5]}, {"op": "isNull", "args": [{"property": "name"}]}],
    }
    one = items(get, json.dumps(tree), filter_lang="cql2-json").get_json()
    other = items(get, "levels >= 5 AND name IS NULL", filter_lang="cql2-text").get_json()
    assert [each["id"] for each in one["features"]] == [each["id"] for each in other["features"]] != []


def test_a_filter_and_a_box_hold_both(get: Any) -> None:
    every = get(f"{BUILDINGS}/items?limit=1000").get_json()["features"]
    west, south, east, north = shape(every[3]["geometry"]).buffer(0.001).bounds
    box = f"{west},{south},{east},{north}"
    within = {one["id"] for one in get(f"{BUILDINGS}/items?limit=1000&bbox={box}").get_json()["features"]}
    tall = {one["id"] for one in every if one["properties"]["levels"] >= 5}
    both = items(get, "levels >= 5", bbox=box).get_json()
    assert {one["id"] for one in both["features"]} == within & tall
    stated = items(get, f"levels >= 5 AND S_INTERSECTS(geometry, BBOX({box}))").get_json()
    assert {one["id"] for one in stated["features"]} == within & tall != set()


def test_pages_of_a_filter_hold_each_feature_once(get: Any, buildings: gpd.GeoDataFrame) -> None:
    path, ids = f"{BUILDINGS}/items?limit=3&filter={quote('levels >= 3')}", []
    while path:
        content = get(path.removeprefix("http://localhost")).get_json()
        ids += [one["id"] for one in content["features"]]
        path = next((link["href"] for link in content["links"] if link["rel"] == "next"), "")
    assert sorted(ids) == sorted(buildings.index[buildings.levels >= 3])


@pytest.mark.parametrize(
    ("text", "lang", "code"),
    [
        ("level >= 3", "cql2-text", "filters.unknown_property"),
        ("levels >= 'three'", "cql2-text", "filters.unlike"),
        ("levels >=", "cql2-text", "filters.syntax"),
        ("tags IS NULL", "cql2-text", "filters.unknown_property"),
        ("1 = 1; DROP TABLE buildings", "cql2-text", "filters.syntax"),
        ("(" * 10_000 + "TRUE" + ")" * 10_000, "cql2-text", "filters.too_large"),
        ("NOT " * 1900 + "TRUE", "cql2-text", "filters.too_large"),
        ("S_INTERSECTS(geometry, BBOX(3, 2, 1, 4))", "cql2-text", "filters.geometry"),
        ('{"op":', "cql2-json", "filters.syntax"),
        ('{"op":"not","args":[' * 1500 + "true" + "]}" * 1500, "cql2-json", "filters.too_large"),
    ],
)
def test_bad_filters_are_problems(get: Any, refused: Any, text: str, lang: str, code: str) -> None:
    content = refused(items(get, text, filter_lang=lang), 400, code)
    assert "filter" in content["where"]


def test_an_unknown_filter_crs_is_a_problem(get: Any, refused: Any) -> None:
    refused(items(get, "TRUE", filter_crs="http://www.opengis.net/def/crs/EPSG/0/1"), 400, "filters.crs")


def test_queryables_are_a_schema_of_what_features_have(get: Any, buildings: gpd.GeoDataFrame) -> None:
    answer = get(f"{BUILDINGS}/queryables?lang=en")
    assert answer.mimetype == "application/schema+json"
    content = answer.get_json(force=True)
    assert content["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert content["$id"] == f"http://localhost{BUILDINGS}/queryables"
    assert (content["type"], content["additionalProperties"]) == ("object", False)
    about = content["properties"]
    assert {"id", "levels", "use", "geometry"} <= set(about)
    assert {"tags", "assumed"}.isdisjoint(about), "what is JSON cannot be asked for"
    assert about["height_m"] == {"type": "number", "title": "Height above ground", "x-ogc-unit": "m"}
    assert about["use"]["enum"] == sorted(set(buildings.use))
    assert "enum" not in about["source_id"]
    assert about["geometry"]["format"] == "geometry-polygon-or-multipolygon"
    is_described = jsonschema_rs.validator_for(content).is_valid
    for one in get(f"{BUILDINGS}/items?limit=1000").get_json()["features"]:
        known = {name: value for name, value in one["properties"].items() if name in about and value is not None}
        assert is_described(known | {"id": one["id"]})
    assert not is_described({"tags": {}})


def test_every_queryable_can_be_asked_for(get: Any) -> None:
    for collection in ("buildings", "roads", "pois", "water"):
        about = get(f"/api/collections/{collection}/queryables").get_json(force=True)["properties"]
        for name in about:
            answer = get(f"/api/collections/{collection}/items?limit=1&filter={quote(name)}%20IS%20NOT%20NULL")
            assert answer.status_code == 200, answer.get_json()


def test_queryables_speak_both_languages_and_are_linked(get: Any, refused: Any) -> None:
    content = get(f"{BUILDINGS}/queryables", **{"Accept-Language": "zh"}).get_json(force=True)
    assert (content["title"], content["properties"]["levels"]["title"]) == ("建筑", "地上层数")
    answer = get(BUILDINGS)
    links = {link["rel"]: link["href"] for link in answer.get_json()["links"]}
    assert links[RELATION] == f"http://localhost{BUILDINGS}/queryables"
    assert answer.headers["Link"] == f'<{links[RELATION]}>; rel="{RELATION}"; type="application/schema+json"'
    refused(get("/api/collections/elevation/queryables"), 404, "collection.coverage")
    refused(get("/api/collections/nothing/queryables"), 404, "collection.unknown")
