"""OGC API Features, part 3: queryables, and filters on the features of a layer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jsonschema_rs
import pytest
from abstract_tests import suite
from links import CRS84, REL, Get, claims, features, link

checks = suite("features-3")
Document = Callable[..., dict[str, Any]]
SCHEMAS = ("https://json-schema.org/draft/2020-12/schema", "https://json-schema.org/draft/2019-09/schema")
NOWHERE = "http://www.opengis.net/def/crs/OGC/0/does_not_exist"


@pytest.fixture
def queryables(get: Get, layers: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Layer → its queryables."""
    found = {}
    for layer in layers:
        answer = get(f"/api/collections/{layer['id']}/queryables", headers={"Accept": "application/schema+json"})
        assert (answer.status_code, answer.mimetype) == (200, "application/schema+json")
        found[layer["id"]] = answer.get_json(force=True)
    return found


def _geometry(schema: dict[str, Any]) -> str:
    (name,) = [name for name, one in schema["properties"].items() if one.get("x-ogc-role") == "primary-geometry"]
    return name


def _sample(schema: dict[str, Any]) -> str:
    return next(name for name, one in schema["properties"].items() if one.get("type") == "string" and name != "id")


@checks("/conf/queryables/get-conformance", "/conf/filter/get-conformance", "/conf/features-filter/get-conformance")
@pytest.mark.parametrize("name", ["queryables", "filter", "features-filter"])
def test_the_classes_are_listed(get: Get, name: str) -> None:
    assert claims(get, "ogcapi-features-3", name)


@checks("/conf/queryables/get-collections", "/conf/filter/get-collections")
@checks("/conf/queryables/get-collection", "/conf/filter/get-collection")
def test_every_layer_leads_to_its_queryables(document: Document, layers: list[dict[str, Any]]) -> None:
    for layer in layers:
        assert link(layer, f"{REL}/queryables") == f"http://localhost/api/collections/{layer['id']}/queryables"
        assert link(document(f"/api/collections/{layer['id']}"), f"{REL}/queryables")


@checks("/conf/queryables/get-queryables", "/conf/filter/get-queryables")
def test_queryables_are_a_json_schema(queryables: dict[str, dict[str, Any]]) -> None:
    assert "roads" in queryables
    for name, schema in queryables.items():
        assert schema["$schema"] in SCHEMAS
        assert schema["$id"] == f"http://localhost/api/collections/{name}/queryables"
        assert schema["type"] == "object"
        assert schema["properties"]
        assert jsonschema_rs.meta.is_valid(schema)
        assert _geometry(schema)


@checks("/conf/filter/filter-param", "/conf/features-filter/filter-on-items")
def test_a_filter_selects_what_it_is_true_of(get: Get, pages: Any, queryables: dict[str, dict[str, Any]]) -> None:
    for layer, schema in queryables.items():
        field, path = _sample(schema), f"/api/collections/{layer}/items"
        every = features(pages(path, limit=1000))
        found = features(pages(path, limit=1000, filter_lang="cql2-text", filter=f"{field} IS NULL"))
        wanted = [one["id"] for one in every if one["properties"].get(field) is None]
        assert [one["id"] for one in found] == wanted, (layer, field)
        answer = get(path, filter_lang="cql2-text", filter="THIS IS NOT A FILTER")
        assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")


@checks("/conf/filter/filter-lang-default")
def test_a_filter_is_text_unless_said(document: Document, get: Get) -> None:
    path = "/api/collections/roads/items"
    said = document(path, filter_lang="cql2-text", filter="class = 'residential'", limit=1000)
    assert document(path, filter="class = 'residential'", limit=1000)["features"] == said["features"] != []
    assert get(path, filter="THIS IS NOT A FILTER").status_code == 400
    assert get(path, filter="true", filter_lang="sql").status_code == 400


@checks("/conf/filter/expression-construction", "/conf/queryables/expression-construction")
def test_what_is_no_queryable_is_refused(get: Get, layers: list[dict[str, Any]]) -> None:
    for layer in layers:
        assert get(link(layer, "items"), filter="this_is_not_a_queryable IS NULL").status_code == 400


def _everything(layer: dict[str, Any], geometry: str, *, swapped: bool = False) -> str:
    west, south, east, north = layer["extent"]["spatial"]["bbox"][0]
    edges = (south, west, north, east) if swapped else (west, south, east, north)
    rim = 1e-6
    low, high = [edge - rim for edge in edges[:2]], [edge + rim for edge in edges[2:]]
    return f"S_INTERSECTS({geometry},BBOX({low[0]},{low[1]},{high[0]},{high[1]}))"


@checks("/conf/filter/filter-crs-wgs84", "/conf/filter/filter-crs-param")
def test_coordinates_are_in_the_system_named(
    document: Document, get: Get, layers: list[dict[str, Any]], queryables: dict[str, dict[str, Any]]
) -> None:
    for layer in layers:
        path, geometry = link(layer, "items"), _geometry(queryables[layer["id"]])
        every = document(path)["numberMatched"]
        assert document(path, filter=_everything(layer, geometry))["numberMatched"] == every
        wgs84 = "http://www.opengis.net/def/crs/EPSG/0/4326"
        swapped = _everything(layer, geometry, swapped=True)
        assert document(path, filter=swapped, filter_crs=wgs84)["numberMatched"] == every
        assert document(path, filter=_everything(layer, geometry), filter_crs=CRS84)["numberMatched"] == every
        far = f"S_INTERSECTS({geometry},BBOX(1000000,1000000,2000000,2000000))"
        assert get(path, filter=far).status_code == 400
        assert get(path, filter=_everything(layer, geometry), filter_crs=NOWHERE).status_code == 400


@checks("/conf/filter/mixing-expression")
def test_a_filter_and_a_box_hold_both(
    document: Document, layers: list[dict[str, Any]], queryables: dict[str, dict[str, Any]]
) -> None:
    for layer in layers:
        path, geometry = link(layer, "items"), _geometry(queryables[layer["id"]])
        west, south, east, north = layer["extent"]["spatial"]["bbox"][0]
        asked = _everything(layer, geometry)
        same = document(path, filter=asked, bbox=f"{west},{south},{east},{north}")
        assert same["numberMatched"] == document(path)["numberMatched"]
        assert document(path, filter=asked, bbox=f"{west},{north + 1},{east},{north + 2}")["features"] == []


@checks("/conf/filter/get-functions")
def test_there_are_no_functions_of_our_own(get: Get) -> None:
    """Where one comes, it has to be listed at /api/functions."""
    assert get("/api/functions").status_code == 404
    assert get("/api/collections/roads/items", filter="our_function(name) = 'x'").status_code == 400
