"""Vector tiles, terrain and coverages over HTTP; what they hold is tested where they are made."""

from __future__ import annotations

import gzip
import io
import math
import tracemalloc
from pathlib import Path
from typing import Any

import brotli
import mapbox_vector_tile
import numpy as np
import pytest
import rasterio
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.test import TestResponse

from cim_core.city import City
from servers.api.documents import TileJson
from servers.serving import code_version
from servers.serving.code_version import served_version

MVT = "application/vnd.mapbox-vector-tile"
LON, LAT = 106.5800, 29.5605
ELEVATION = "/api/collections/elevation"


def _place(z: int) -> tuple[int, int]:
    """Row and column of the tile over the middle of the tiny city."""
    n, latitude = 2**z, math.radians(LAT)
    return int((1 - math.asinh(math.tan(latitude)) / math.pi) / 2 * n), int((LON + 180) / 360 * n)


def _address(template: str, z: int) -> str:
    row, col = _place(z)
    for name, value in (("{z}", z), ("{y}", row), ("{x}", col), ("http://localhost", "")):
        template = template.replace(name, str(value))
    return template


def _decoded(response: TestResponse) -> dict[str, Any]:
    body = gzip.decompress(response.data) if response.headers.get("Content-Encoding") == "gzip" else response.data
    return mapbox_vector_tile.decode(body)


def test_tilejson_hands_out_versioned_addresses(get: Any) -> None:
    content = get("/api/collections/roads/tiles/WebMercatorQuad").get_json()
    TileJson.model_validate(content)
    assert content["tilejson"] == "3.0.0"
    version = served_version(get("/api/collections/roads").get_json()["snapshot"])
    assert content["tiles"][0].endswith(f"/{{z}}/{{y}}/{{x}}?v={version}")
    assert content["vector_layers"][0]["id"] == "roads"
    tile = get(_address(content["tiles"][0], 14), **{"Accept-Encoding": "gzip"})
    assert (tile.status_code, tile.mimetype, tile.headers["Content-Encoding"]) == (200, MVT, "gzip")
    assert "immutable" in tile.headers["Cache-Control"]
    names = {feature["properties"]["id"] for feature in _decoded(tile)["roads"]["features"]}
    assert "w9100-n1000" in names


@pytest.mark.parametrize("tileset", ["roads/tiles/WebMercatorQuad", "elevation/terrain"])
def test_other_code_hands_out_other_addresses(get: Any, monkeypatch: pytest.MonkeyPatch, tileset: str) -> None:
    path = f"/api/collections/{tileset}"
    old = _address(get(path).get_json()["tiles"][0], 9)
    assert "immutable" in get(old).headers["Cache-Control"]
    monkeypatch.setattr(code_version, "code_version", lambda: "a later release")
    new = _address(get(path).get_json()["tiles"][0], 9)
    assert old.partition("?v=")[0] == new.partition("?v=")[0]
    assert old != new
    assert "immutable" in get(new).headers["Cache-Control"]
    assert get(old).headers["Cache-Control"] == "private, no-cache"
    assert get(new).headers["ETag"] == get(old).headers["ETag"]


def test_a_bare_address_is_asked_for_again(get: Any) -> None:
    row, col = _place(14)
    path = f"/api/collections/roads/tiles/WebMercatorQuad/14/{row}/{col}"
    first = get(path)
    assert first.headers["Cache-Control"] == "private, no-cache"
    assert get(path, **{"If-None-Match": first.headers["ETag"]}).status_code == 304
    assert get(f"{path}?v=older").headers["Cache-Control"] == "private, no-cache"


def test_who_cannot_unpack_gets_plain_bytes(get: Any) -> None:
    row, col = _place(14)
    tile = get(f"/api/collections/roads/tiles/WebMercatorQuad/14/{row}/{col}", **{"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in tile.headers
    assert _decoded(tile)["roads"]["features"]


def test_nothing_there_is_no_content(get: Any) -> None:
    tile = get("/api/collections/roads/tiles/WebMercatorQuad/14/0/0")
    assert (tile.status_code, tile.data) == (204, b"")


def test_all_layers_in_one_tile(get: Any) -> None:
    content = get("/api/tiles/WebMercatorQuad").get_json()
    layers = {layer["id"] for layer in content["vector_layers"]}
    assert {"roads", "buildings", "water"} <= layers
    assert "elevation" not in layers
    assert set(_decoded(get(_address(content["tiles"][0], 15)))) >= {"roads", "buildings"}


def test_some_layers_in_one_tile(get: Any) -> None:
    content = get("/api/tiles/WebMercatorQuad?collections=water,roads,water").get_json()
    assert [layer["id"] for layer in content["vector_layers"]] == ["water", "roads"]
    tile = get(_address(content["tiles"][0], 15))
    assert set(_decoded(tile)) <= {"roads", "water"}
    assert "immutable" in tile.headers["Cache-Control"]


def test_a_correction_gives_tiles_a_new_version(client: FlaskClient) -> None:
    path = "/api/collections/roads/tiles/WebMercatorQuad"
    before = client.get(path).get_json()["tiles"][0]
    client.patch("/api/collections/roads/items/w9100-n1000", json={"fields": {"name": "新街"}})
    after = client.get(path).get_json()["tiles"][0]
    assert before != after
    old = client.get(f"{path}?at=2").get_json()["tiles"][0]
    assert "at=2" in old
    assert client.get(_address(before, 14)).headers["Cache-Control"] == "private, no-cache"
    assert "immutable" in client.get(_address(old, 14)).headers["Cache-Control"]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/api/collections/roads/tiles/WebMercatorQuad/40/0/0", "tiles.no_such_tile"),
        ("/api/collections/roads/tiles/WebMercatorQuad/1/2/0", "tiles.no_such_tile"),
        ("/api/collections/roads/tiles/WebMercatorQuad/999999999/1/1", "tiles.no_such_tile"),
        ("/api/collections/roads/tiles/WebMercatorQuad/-1/0/0", "http.not_found"),
        ("/api/collections/roads/tiles/WorldCRS84Quad", "http.not_found"),
        ("/api/collections/elevation/tiles", "collection.coverage"),
        ("/api/collections/nix/tiles/WebMercatorQuad", "collection.unknown"),
        ("/api/tiles/WebMercatorQuad?collections=nix", "collection.unknown"),
        ("/api/tiles/WebMercatorQuad?collections=elevation", "collection.coverage"),
        (f"{ELEVATION}/terrain/WebMercatorQuad/15/0/0", "terrain.too_deep"),
        (f"{ELEVATION}/terrain/WebMercatorQuad/1/5/0", "tiles.no_such_tile"),
        ("/api/collections/roads/terrain", "city.no_coverage"),
        ("/api/collections/roads/coverage", "city.no_coverage"),
    ],
)
def test_tiles_that_are_not_there(get: Any, refused: Any, path: str, code: str) -> None:
    refused(get(path), 404, code)


def test_tilesets_of_a_layer(get: Any) -> None:
    content = get("/api/collections/roads/tiles").get_json()
    assert [one["dataType"] for one in content["tilesets"]] == ["vector"]
    link = content["tilesets"][0]["links"][0]["href"]
    assert get(link.removeprefix("http://localhost")).get_json()["tilejson"] == "3.0.0"


def test_terrain_is_what_the_coverage_says(get: Any, tiny_folder: Path) -> None:
    content = get(f"{ELEVATION}/terrain").get_json()
    assert (content["encoding"], content["tileSize"]) == ("terrarium", 256)
    assert content["maxzoom"] <= 14
    tile = get(_address(content["tiles"][0], 14))
    assert tile.mimetype == "image/png"
    assert "immutable" in tile.headers["Cache-Control"]
    red, green, blue = (np.asarray(Image.open(io.BytesIO(tile.data)), float)[..., band] for band in range(3))
    heights = red * 256 + green + blue / 256 - 32768
    lowest = float(np.nanmin(City.open(tiny_folder).coverage("elevation").read()))
    highest = float(np.nanmax(City.open(tiny_folder).coverage("elevation").read()))
    assert lowest - 0.2 <= heights.min() < heights.max() <= highest + 0.2


def test_a_coverage_as_geotiff_has_the_values(get: Any, tiny_folder: Path) -> None:
    answer = get(f"{ELEVATION}/coverage?bbox=106.576,29.556,106.584,29.564&width=40&height=20")
    assert answer.mimetype == "image/tiff"
    with rasterio.open(io.BytesIO(answer.data)) as raster:
        assert (raster.width, raster.height, raster.crs.to_epsg()) == (40, 20, 4326)
        longitude, latitude = raster.xy(7, 11)
        value = raster.read(1)[7, 11]
    city = City.open(tiny_folder)
    from pyproj import Transformer

    x, y = Transformer.from_crs("OGC:CRS84", city.crs, always_xy=True).transform(longitude, latitude)
    assert value == pytest.approx(float(city.coverage("elevation").sample([x], [y])[0]), abs=1e-3)


def test_a_large_piece_takes_little(get: Any) -> None:
    path = f"{ELEVATION}/coverage?width=1024&height=1024"
    get(f"{ELEVATION}/coverage?width=8")
    tracemalloc.start()
    try:
        answer = get(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert answer.status_code == 200
    assert peak < 50e6


def test_a_coverage_as_picture(get: Any) -> None:
    picture = Image.open(io.BytesIO(get(f"{ELEVATION}/coverage?f=png&width=64").data))
    assert (picture.width, picture.mode) == (64, "LA")
    outside = Image.open(io.BytesIO(get(f"{ELEVATION}/coverage?f=png&width=8&bbox=0,0,1,1").data))
    assert np.asarray(outside)[..., 1].max() == 0


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("width=0", "http.query"),
        ("width=5000", "http.query"),
        ("f=gif", "http.query"),
        ("bbox=1,1,1,1", "coverage.no_area"),
        ("bbox=170,0,-170,1", "coverage.no_area"),
        ("width=2048&height=2048", "coverage.too_many_pixels"),
    ],
)
def test_a_coverage_that_cannot_be_drawn(get: Any, refused: Any, query: str, code: str) -> None:
    refused(get(f"{ELEVATION}/coverage?{query}"), 400, code)


def test_a_tile_carries_the_properties_asked_for(client: FlaskClient, refused: Any) -> None:
    asked = "properties=name,lanes_forward&f=tilejson"
    tileset = client.get(f"/api/collections/roads/tiles/WebMercatorQuad?{asked}").get_json()
    assert set(tileset["vector_layers"][0]["fields"]) == {"id", "name", "lanes_forward"}
    template = tileset["tiles"][0]
    assert "properties=name" in template
    answer = client.get(_address(template, 14), headers={"Accept-Encoding": "identity"})
    assert "immutable" in answer.headers["Cache-Control"]
    roads = mapbox_vector_tile.decode(answer.data)["roads"]["features"]
    found = {key for feature in roads for key in feature["properties"]}
    assert found == {"id", "name", "lanes_forward"}
    refused(client.get("/api/tiles/WebMercatorQuad?properties=nonsense"), 400, "tiles.properties")


def test_a_tile_in_brotli_for_who_takes_no_gzip(client: FlaskClient) -> None:
    tileset = client.get("/api/collections/roads/tiles/WebMercatorQuad?f=tilejson").get_json()
    path = _address(tileset["tiles"][0], 14)
    plain, packed = (client.get(path, headers={"Accept-Encoding": one}) for one in ("identity", "br"))
    assert packed.headers["Content-Encoding"] == "br"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert brotli.decompress(packed.data) == plain.data
    assert client.get(path, headers={"Accept-Encoding": "br, gzip"}).headers["Content-Encoding"] == "gzip"
