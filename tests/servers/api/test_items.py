"""Items: reference systems, order, filters and pages of one state of the city (OGC API Features 1 and 2)."""

from __future__ import annotations

import json
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from flask.testing import FlaskClient
from pyproj import Transformer
from shapely.geometry import shape

from cim_core.city import City
from cim_core.schema import LayerSchema, Text
from servers.api.documents import CollectionDocument, FeatureCollection

ROADS = "/api/collections/roads"
BUILDINGS = "/api/collections/buildings"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"


def _next(content: dict[str, Any]) -> str:
    found = [link["href"] for link in content["links"] if link["rel"] == "next"]
    return found[0].removeprefix("http://localhost") if found else ""


def _walk(get: Any, path: str) -> list[dict[str, Any]]:
    features: list[dict[str, Any]] = []
    while path:
        content = get(path).get_json()
        FeatureCollection.model_validate(content)
        features += content["features"]
        path = _next(content)
    return features


def test_a_collection_lists_its_reference_systems(get: Any) -> None:
    content = get(ROADS).get_json()
    CollectionDocument.model_validate(content)
    assert content["crs"] == [CRS84, *(EPSG + code for code in ("4326", "3857", "4490", "32648"))]
    assert content["storageCrs"] == f"{EPSG}32648"
    coverage = get("/api/collections/elevation").get_json()
    assert (coverage["crs"], "storageCrs" in coverage) == ([CRS84], False)


@pytest.mark.parametrize("code", ["4326", "3857", "4490", "32648"])
def test_features_in_every_system_that_is_listed(get: Any, code: str) -> None:
    plain = get(f"{BUILDINGS}/items?limit=3").get_json()["features"]
    answer = get(f"{BUILDINGS}/items?limit=3&crs={EPSG}{code}")
    assert answer.headers["Content-Crs"] == f"<{EPSG}{code}>"
    change = Transformer.from_crs("OGC:CRS84", f"EPSG:{code}")  # the authority's axis order
    for one, other in zip(plain, answer.get_json()["features"], strict=True):
        lon, lat = shapely.get_coordinates(shape(one["geometry"]))[0]
        first, second = shapely.get_coordinates(shape(other["geometry"]))[0]
        near = 2e-7 if code in ("4326", "4490") else 0.02
        assert (first, second) == pytest.approx(change.transform(lon, lat), abs=near)
        assert one["properties"] == other["properties"]


def test_degrees_are_the_default(get: Any) -> None:
    assert get(f"{ROADS}/items").headers["Content-Crs"] == f"<{CRS84}>"
    one = f"{ROADS}/items/w9100-n1000"
    assert get(one).headers["Content-Crs"] == f"<{CRS84}>"
    turned = get(f"{one}?crs={EPSG}4326")
    assert turned.headers["Content-Crs"] == f"<{EPSG}4326>"
    first = get(one).get_json()["geometry"]["coordinates"][0]
    assert turned.get_json()["geometry"]["coordinates"][0] == first[::-1]


def test_one_box_in_every_system_finds_the_same(get: Any) -> None:
    wanted = get(f"{ROADS}/items?limit=1000&bbox=106.577,29.555,106.58,29.559").get_json()
    ids = {feature["id"] for feature in wanted["features"]}
    assert 0 < len(ids) < 55
    for code in ("4326", "4490", "3857"):
        change = Transformer.from_crs("OGC:CRS84", f"EPSG:{code}")
        corners = (*change.transform(106.577, 29.555), *change.transform(106.58, 29.559))
        box = ",".join(f"{edge:.9f}" for edge in corners)
        found = get(f"{ROADS}/items?limit=1000&bbox={box}&bbox-crs={EPSG}{code}").get_json()
        assert {feature["id"] for feature in found["features"]} == ids
        assert found["numberMatched"] == len(ids)


def test_a_box_in_metres(get: Any, tiny_folder: Any) -> None:
    roads = City.open(tiny_folder).layer("roads")
    west, south, east, north = roads.total_bounds
    box = ((west + east) / 2, south, east, (south + north) / 2)
    found = get(f"{ROADS}/items?limit=1000&bbox={','.join(map(str, box))}&bbox-crs={EPSG}32648").get_json()
    assert {one["id"] for one in found["features"]} == set(roads.index[roads.intersects(shapely.box(*box))])


def test_pages_in_order_of_fields(get: Any) -> None:
    found = _walk(get, f"{BUILDINGS}/items?limit=3&sortby=-height_m,%2Bid")
    wanted = sorted(_walk(get, f"{BUILDINGS}/items"), key=lambda one: (-one["properties"]["height_m"], one["id"]))
    assert [one["id"] for one in found] == [one["id"] for one in wanted]


def test_pages_belong_together_while_the_city_changes(client: FlaskClient, city: City) -> None:
    first = client.get(f"{BUILDINGS}/items?limit=2&sortby=levels").get_json()
    before = {one["id"]: one["properties"]["levels"] for one in client.get(f"{BUILDINGS}/items").get_json()["features"]}
    assert f"at={city.sequence}" in _next(first)
    with city.edit("taller") as session:
        session.correct("buildings", "b00", {"levels": 77})
    seen, path = {one["id"]: one["properties"]["levels"] for one in first["features"]}, _next(first)
    while path:
        content = client.get(path).get_json()
        seen |= {one["id"]: one["properties"]["levels"] for one in content["features"]}
        path = _next(content)
    assert seen == before
    now = client.get(f"{BUILDINGS}/items?limit=1&sortby=-levels").get_json()["features"][0]
    assert (now["id"], now["properties"]["levels"]) == ("b00", 77)


def test_the_next_link_keeps_the_whole_question(get: Any) -> None:
    asked = (
        f"limit=2&properties=name,height_m&sortby=-height_m&bbox=106.5,29.5,106.6,29.6&bbox-crs={CRS84}&crs={EPSG}3857"
        "&filter=height_m%20%3E%201&filter-lang=cql2-text"
    )
    first = get(f"{BUILDINGS}/items?{asked}").get_json()
    second = get(_next(first))
    content = second.get_json()
    assert second.headers["Content-Crs"] == f"<{EPSG}3857>"
    assert content["numberMatched"] == first["numberMatched"]
    heights = [one["properties"]["height_m"] for one in first["features"] + content["features"]]
    assert heights == sorted(heights, reverse=True)
    assert set(content["features"][0]["properties"]) == {"name", "height_m"}
    assert content["features"][0]["geometry"]["coordinates"][0][0][0] > 1e7


def test_filtered_features_are_counted(get: Any) -> None:
    every = _walk(get, f"{BUILDINGS}/items")
    tall = {one["id"] for one in every if one["properties"]["levels"] > 5}
    assert 0 < len(tall) < len(every)
    content = get(f"{BUILDINGS}/items?filter=levels%20%3E%205&limit=1").get_json()
    assert content["numberMatched"] == len(tall)
    assert {one["id"] for one in _walk(get, f"{BUILDINGS}/items?filter=levels%3E5&limit=2")} == tall
    as_json = json.dumps({"op": ">", "args": [{"property": "levels"}, 5]})
    found = get(f"{BUILDINGS}/items?filter-lang=cql2-json&filter={as_json}").get_json()
    assert found["numberMatched"] == len(tall)


def test_features_without_geometry(get: Any) -> None:
    content = get(f"{ROADS}/items?skipGeometry=true&limit=3").get_json()
    assert [one["geometry"] for one in content["features"]] == [None] * 3
    assert "skipGeometry=true" in _next(content)


def test_a_page_that_is_there_already_is_not_written(get: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    path = f"{ROADS}/items?limit=5"
    etag = get(path).headers["ETag"]
    monkeypatch.setattr("servers.api.items.city_pages", None)
    again = get(path, **{"If-None-Match": etag})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", etag)
    assert {"Accept", "Accept-Encoding"} <= set(again.vary)


def test_a_feature_has_a_strong_validator_of_its_content(client: FlaskClient, city: City) -> None:
    def tag(id_: str) -> str:
        return client.get(f"{BUILDINGS}/items/{id_}").headers["ETag"]

    before, other = tag("b00"), tag("b01")
    assert not before.startswith("W/")
    assert before != other
    assert client.get(f"{BUILDINGS}/items/b00", headers={"If-None-Match": before}).status_code == 304
    with city.edit("taller") as session:
        session.correct("buildings", "b00", {"levels": 78})
    assert tag("b00") != before
    assert tag("b01") == other
    assert client.get(f"{BUILDINGS}/items/b00?at={city.sequence}").headers["ETag"] == before


def test_a_layer_with_heights_says_so(client: FlaskClient, city: City) -> None:
    schema = LayerSchema(name="masts", title=Text(en="Masts", zh="塔"), geometry="Point", fields=())
    place = city.layer("pois").geometry.iloc[0]
    frame = gpd.GeoDataFrame(
        index=pd.Index(["m0"], name="id"), geometry=[shapely.Point(place.x, place.y, 312.5)], crs=city.crs
    )
    with city.edit("masts") as session:
        session.put_layer(frame, schema)
    high = "http://www.opengis.net/def/crs/OGC/0/CRS84h"
    assert client.get("/api/collections/masts").get_json()["crs"][:2] == [high, CRS84]
    answer = client.get("/api/collections/masts/items")
    assert answer.headers["Content-Crs"] == f"<{high}>"
    assert answer.get_json()["features"][0]["geometry"]["coordinates"][2] == 312.5
    turned = client.get(f"/api/collections/masts/items?crs={EPSG}32648").get_json()["features"][0]
    assert turned["geometry"]["coordinates"] == pytest.approx([place.x, place.y, 312.5], abs=0.001)
    (city.store.layer_path("masts", City.open(city.root).layer_hash("masts"))).unlink()
    assert client.get("/api/collections").status_code == 200
