"""OGC API Tiles, part 1: tiles, tilesets of a layer and of all, matrix sets, Mapbox vector tiles."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import mapbox_vector_tile
import pytest
from abstract_tests import suite
from links import REL, Get, claims, link, links

from servers.serving.web_mercator import tile_of

checks = suite("tiles-1")
Document = Callable[..., dict[str, Any]]
MVT = "application/vnd.mapbox-vector-tile"
PLACE = (106.5800, 29.5605)
QUAD = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"
NEEDED = ("dataType", "crs", "tileMatrixSetURI", "links")


def _tile(tileset: dict[str, Any], zoom: int) -> str:
    """The address of the tile over the middle of the town, by the tileset's templated link."""
    (item,) = links(tileset, "item")
    assert (item["templated"], item["type"]) == (True, MVT)
    col, row = tile_of(*PLACE, zoom)
    values = {"{tileMatrix}": zoom, "{tileRow}": row, "{tileCol}": col}
    address = str(item["href"])
    for name, value in values.items():
        assert name in address
        address = address.replace(name, str(value))
    return address


def _decoded(get: Get, address: str) -> dict[str, Any]:
    answer = get(address, headers={"Accept": MVT, "Accept-Encoding": "identity"})
    assert (answer.status_code, answer.mimetype) == (200, MVT)
    return dict(mapbox_vector_tile.decode(answer.data))


@checks(
    "/conf/core/conformance-success",
    "/conf/tileset/conformance-success",
    "/conf/tilesets-list/conformance-success",
    "/conf/dataset-tilesets/conformance-success",
    "/conf/geodata-tilesets/conformance-success",
)
@pytest.mark.parametrize("name", ["core", "tileset", "tilesets-list", "dataset-tilesets", "geodata-tilesets"])
def test_the_classes_are_listed(get: Get, name: str) -> None:
    assert claims(get, "ogcapi-tiles-1", name)


@checks(
    "/conf/core/tc-op",
    "/conf/core/tc-tilematrix-definition",
    "/conf/core/tc-tilerow-definition",
    "/conf/core/tc-tilecol-definition",
)
def test_a_tile_is_found_by_zoom_row_and_column(document: Document, get: Get) -> None:
    tileset = document("/api/collections/roads/tiles/WebMercatorQuad")
    answers = [get(_tile(tileset, zoom)).status_code for zoom in range(10, 23)]
    assert set(answers) <= {200, 204}
    assert answers[4] == 200
    path = "/api/collections/{collection}/tiles/WebMercatorQuad/{z}/{row}/{col}"
    described = document("/api/openapi.json")["paths"][path]["get"]["parameters"]
    assert [one["name"] for one in described if one["in"] == "path"] == ["collection", "z", "row", "col"]


@checks("/conf/core/tc-success", "/conf/mvt/content")
def test_a_tile_has_what_lies_in_its_place(document: Document, get: Get) -> None:
    tile = _decoded(get, _tile(document("/api/collections/buildings/tiles/WebMercatorQuad"), 16))
    assert list(tile) == ["buildings"]
    assert tile["buildings"]["extent"] == 4096
    west, south, east, north = _bounds(16)
    page = document("/api/collections/buildings/items", bbox=f"{west},{south},{east},{north}", limit=1000)
    inside = {one["id"] for one in page["features"]}
    drawn = {one["properties"]["id"] for one in tile["buildings"]["features"]}
    assert inside <= drawn  # a tile reaches a little beyond its sides
    assert len(drawn) < document("/api/collections/buildings")["rows"]


def _bounds(zoom: int) -> tuple[float, float, float, float]:
    col, row = tile_of(*PLACE, zoom)
    count = 2**zoom
    south, north = (math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * y / count)))) for y in (row + 1, row))
    return col / count * 360 - 180, south, (col + 1) / count * 360 - 180, north


@checks("/conf/core/tc-error")
@pytest.mark.parametrize(
    ("tile", "status"), [("23/0/0", 404), ("3/8/0", 404), ("3/0/8", 404), ("3/0/-1", 404), ("3/0/0", 204)]
)
def test_there_is_no_tile_beyond_the_grid(get: Get, tile: str, status: int) -> None:
    for path in ("/api/collections/roads/tiles", "/api/tiles"):
        answer = get(f"{path}/WebMercatorQuad/{tile}")
        assert answer.status_code == status
        assert bool(answer.data) == (status == 404)


@checks("/conf/tileset/description")
@pytest.mark.parametrize("path", ["/api/collections/roads/tiles/WebMercatorQuad", "/api/tiles/WebMercatorQuad"])
def test_a_tileset_says_what_it_is(document: Document, get: Get, path: str) -> None:
    answer = get(path, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    tileset = answer.get_json()
    assert (tileset["dataType"], tileset["tileMatrixSetURI"]) == ("vector", QUAD)
    assert tileset["crs"].endswith("/EPSG/0/3857")
    assert document(link(tileset, "self")) == tileset
    west, south = tileset["boundingBox"]["lowerLeft"]
    east, north = tileset["boundingBox"]["upperRight"]
    assert west < PLACE[0] < east
    assert south < PLACE[1] < north
    assert all(one["id"] and one["dataType"] == "vector" for one in tileset["layers"])
    assert _decoded(get, _tile(tileset, 15))
    _is_web_mercator_quad(document(link(tileset, f"{REL}/tiling-scheme")))


def _is_web_mercator_quad(content: dict[str, Any]) -> None:
    """Scale denominators and cell sizes of 17-083r4, table D.1."""
    matrices = content["tileMatrices"]
    assert (content["id"], content["uri"], len(matrices)) == ("WebMercatorQuad", QUAD, 23)
    known = {0: (559082264.028717, 156543.033928041), 10: (545978.773465544, 152.874056570352)}
    known |= {22: (133.295598990000, 0.0373227677172)}
    for zoom, (scale, cell) in known.items():
        one = matrices[zoom]
        assert one["id"] == str(zoom)
        assert one["scaleDenominator"] == pytest.approx(scale, rel=1e-9)
        assert one["cellSize"] == pytest.approx(cell, rel=1e-9)
        assert one["matrixWidth"] == one["matrixHeight"] == 2**zoom
        assert one["pointOfOrigin"] == pytest.approx([-20037508.3427892, 20037508.3427892])


@checks("/conf/tilesets-list/tileset-links", "/conf/geodata-tilesets/operation", "/conf/dataset-tilesets/operation")
@pytest.mark.parametrize("path", ["/api/collections/roads/tiles", "/api/tiles"])
def test_tilesets_are_listed(document: Document, path: str) -> None:
    content = document(path)
    assert document(link(content, "self")) == content
    assert content["tilesets"]
    for one in content["tilesets"]:
        assert all(one[name] for name in NEEDED)
        whole = document(link(one, "self"))
        assert link(one, "self").endswith(f"{path}/WebMercatorQuad")
        assert {name: whole[name] for name in NEEDED[:3]} == {name: one[name] for name in NEEDED[:3]}
        assert document(link(one, f"{REL}/tiling-scheme"))["id"] == "WebMercatorQuad"


@checks("/conf/dataset-tilesets/landingpage")
def test_the_landing_page_leads_to_the_tilesets(document: Document) -> None:
    assert document(link(document("/api/"), f"{REL}/tilesets-vector"))["tilesets"]


@checks("/conf/geodata-tilesets/desc-links")
def test_every_layer_leads_to_its_tilesets(document: Document, layers: list[dict[str, Any]]) -> None:
    for layer in layers:
        assert document(link(layer, f"{REL}/tilesets-vector"))["tilesets"]


@checks("/conf/collections-selection/query-collections", "/conf/collections-selection/collections-response")
@pytest.mark.parametrize("chosen", [["roads"], ["roads", "buildings"], ["buildings", "roads"]])
def test_layers_can_be_chosen(document: Document, get: Get, chosen: list[str]) -> None:
    asked = ",".join(chosen)
    (listed,) = document("/api/tiles", collections=asked)["tilesets"]
    tileset = document(link(listed, "self"))
    assert [one["id"] for one in tileset["layers"]] == chosen
    assert list(_decoded(get, _tile(tileset, 15))) == chosen
    assert get("/api/tiles", collections="roads,nothing").status_code == 404


def test_tilejson_alone_has_nothing_of_ogc(document: Document) -> None:
    for path in ("/api/tiles", "/api/collections/roads/tiles"):
        content = document(f"{path}/WebMercatorQuad", f="tilejson")
        known = {"tilejson", "name", "tiles", "scheme", "version", "minzoom", "maxzoom", "vector_layers"}
        assert set(content) - known == {"attribution", "bounds", "center"}
        assert re.search(r"/{z}/{y}/{x}\?v=\w+", content["tiles"][0])


def test_matrix_sets_are_listed(document: Document, get: Get) -> None:
    content = document(link(document("/api/"), f"{REL}/tiling-schemes"))
    _is_web_mercator_quad(document(link(content["tileMatrixSets"][0], "self")))
    answer = get("/api/tileMatrixSets/WorldCRS84Quad")
    assert (answer.status_code, answer.get_json(force=True)["code"]) == (404, "tiles.no_matrix_set")
