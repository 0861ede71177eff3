"""OGC API Features part 4: what is created, replaced, updated and deleted is so, for everybody, at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import shapely
from edited_trees import GEOJSON, ITEMS, LAT, LON, MERGE_PATCH, PROPERTIES, feature, patch, planted, post, put
from flask.testing import FlaskClient
from pyproj import Transformer

from cim_core.city import City
from cim_core.registry import Registry
from cim_core.settings import Settings
from cim_core.store import catalogue
from servers.api import create_app

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"


@pytest.fixture
def trees(city: City, tmp_path: Path) -> City:
    return planted(city, tmp_path)


@pytest.fixture
def first(trees: City) -> str:
    """The id of a tree."""
    return str(trees.layer("trees").index[0])


def now(trees: City) -> Any:
    return City.open(trees.root).layer("trees")


def test_a_feature_that_is_created_is_there(client: FlaskClient, trees: City) -> None:
    made = post(client, feature(kind="银杏") | {"id": "mine"})
    assert made.status_code == 201, made.text
    content = made.get_json(force=True)
    assert content["id"] != "mine", "the server gives the id"
    assert made.headers["Location"] == f"http://localhost{ITEMS}/{content['id']}"
    shown = client.get(made.headers["Location"]).get_json(force=True)
    assert {name: shown[name] for name in content} == content
    assert content["geometry"]["coordinates"] == pytest.approx([LON, LAT], abs=2e-8)
    assert content["properties"]["kind"] == "银杏"
    listed = client.get(f"{ITEMS}?limit=100").get_json(force=True)
    assert (listed["numberMatched"], len(listed["features"])) == (4, 4)
    assert content["id"] in [one["id"] for one in listed["features"]]
    about = client.get("/api/collections/trees").get_json()
    assert (about["rows"], about["editable"]) == (4, True)
    assert about["snapshot"] == City.open(trees.root).layer_hash("trees") != trees.layer_hash("trees")
    assert client.get("/api/collections/pois").get_json()["editable"] is False
    assert now(trees).at[content["id"], "kind"] == "银杏"


def test_what_is_read_may_be_put_back(client: FlaskClient, trees: City, first: str) -> None:
    found = client.get(f"{ITEMS}/{first}")
    content = found.get_json(force=True)
    before = City.open(trees.root).sequence
    kept = put(client, first, content, found.headers["ETag"])
    assert (kept.status_code, kept.headers["ETag"]) == (200, found.headers["ETag"])
    assert City.open(trees.root).layer("trees").geometry[first].distance(trees.layer("trees").geometry[first]) < 0.02
    content["properties"]["count"] = 44
    changed = put(client, first, content, found.headers["ETag"])
    assert changed.status_code == 200, changed.text
    assert changed.headers["ETag"] != found.headers["ETag"]
    assert client.get(f"{ITEMS}/{first}").headers["ETag"] == changed.headers["ETag"]
    assert City.open(trees.root).sequence > before
    assert now(trees).at[first, "count"] == 44


def test_a_property_that_is_left_out_is_emptied(client: FlaskClient, trees: City, first: str) -> None:
    answer = put(client, first, feature() | {"properties": {"kind": "oak"}})
    assert answer.status_code == 200, answer.text
    assert answer.get_json(force=True)["properties"] == dict.fromkeys(PROPERTIES) | {"kind": "oak"}
    row = now(trees).loc[first].drop("geometry")
    assert row.isna().sum() == len(PROPERTIES) - 1


def test_a_patch_changes_what_it_names_and_nothing_else(client: FlaskClient, trees: City, first: str) -> None:
    before = trees.layer("trees")
    answer = patch(client, first, {"properties": {"count": 12, "sick": None}})
    assert answer.status_code == 200, answer.text
    after = now(trees)
    assert after.at[first, "count"] == 12
    assert after.isna().at[first, "sick"]
    assert after.at[first, "planted"] == before.at[first, "planted"]
    assert after.geometry[first].equals_exact(before.geometry[first], 0), "not even rounded"
    assert answer.get_json(force=True)["properties"]["count"] == 12
    moved = patch(client, first, {"geometry": {"coordinates": [LON + 0.01, LAT]}}, answer.headers["ETag"])
    assert moved.get_json(force=True)["geometry"]["coordinates"] == pytest.approx([LON + 0.01, LAT], abs=2e-8)
    assert now(trees).at[first, "count"] == 12
    emptied = patch(client, first, {"properties": None})
    assert set(emptied.get_json(force=True)["properties"].values()) == {None}


def test_a_feature_that_is_deleted_is_gone_and_the_past_keeps_it(client: FlaskClient, trees: City, first: str) -> None:
    answer = client.delete(f"{ITEMS}/{first}", headers={"If-Match": "*"})
    assert (answer.status_code, answer.data) == (204, b"")
    assert client.get(f"{ITEMS}/{first}").status_code == 404
    assert client.get(ITEMS).get_json(force=True)["numberMatched"] == 2
    assert client.get(f"{ITEMS}/{first}?at={trees.sequence}").status_code == 200
    assert client.get(f"{ITEMS}?at={trees.sequence}").get_json(force=True)["numberMatched"] == 3
    assert put(client, first, feature()).status_code == 404, "PUT does not create"


def test_versions_say_who_and_what(client: FlaskClient, trees: City, first: str) -> None:
    client.delete(f"{ITEMS}/{first}", headers={"If-Match": "*"})
    with trees.database.read() as connection:
        newest = catalogue.versions(connection)[0]
    assert (newest["author"], newest["message"]) == ("tester", f"delete trees {first}")


@pytest.mark.parametrize("code", [None, "4326", "3857", "4490", "working"])
def test_coordinates_in_other_systems(client: FlaskClient, trees: City, code: str | None) -> None:
    crs = trees.record.crs if code == "working" else f"EPSG:{code or 4326}"
    x, y = Transformer.from_crs("OGC:CRS84", crs, always_xy=True).transform(LON + 0.002, LAT + 0.002)
    place = [y, x] if code in ("4326", "4490") else [x, y]  # the authority's order
    uri = EPSG + str(crs).partition(":")[2] if code else CRS84
    made = post(client, feature(*place), **{"Content-Crs": f"<{uri}>"})
    assert made.status_code == 201, made.text
    assert made.get_json(force=True)["geometry"]["coordinates"] == pytest.approx([LON + 0.002, LAT + 0.002], abs=2e-8)


def test_another_worker_sees_it_with_its_next_request(
    client: FlaskClient, trees: City, toys: Registry, first: str
) -> None:
    other = create_app(trees.root, settings=Settings(), registry=toys).test_client()
    assert other.get(f"{ITEMS}/{first}").get_json(force=True)["properties"]["count"] != 99
    patch(client, first, {"properties": {"count": 99}})
    assert other.get(f"{ITEMS}/{first}").get_json(force=True)["properties"]["count"] == 99
    assert other.get(ITEMS).get_json(force=True)["numberMatched"] == 3


def test_methods_are_said(client: FlaskClient, trees: City, first: str) -> None:
    def allowed(path: str) -> set[str]:
        answer = client.options(path)
        assert (answer.status_code, answer.data) == (200, b"")
        return set(answer.headers["Allow"].split(", "))

    assert allowed(ITEMS) == {"GET", "HEAD", "OPTIONS", "POST"}
    assert allowed(f"{ITEMS}/{first}") == {"GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"}
    assert client.options(f"{ITEMS}/{first}").headers["Accept-Patch"] == MERGE_PATCH
    assert allowed("/api/collections/pois/items") == {"GET", "HEAD", "OPTIONS"}
    assert allowed("/api/collections/pois/items/x") == {"GET", "HEAD", "OPTIONS", "PATCH"}
    assert client.options("/api/collections/pois/items/x").headers["Accept-Patch"] == "application/json"
    assert GEOJSON in client.options(ITEMS).headers["Accept-Post"].split(", ")
    assert "Accept-Post" not in client.options("/api/collections/pois/items").headers
    assert client.options("/api/collections/none/items").status_code == 404


def test_a_layer_that_follows_its_source_is_read_only(client: FlaskClient, trees: City, refused: Any) -> None:
    answers = {
        "POST": post(client, feature(), "pois"),
        "PUT": client.put("/api/collections/pois/items/x", json=feature()),
        "DELETE": client.delete("/api/collections/pois/items/x"),
    }
    for method, answer in answers.items():
        refused(answer, 405, "layer.read_only")
        assert method not in answer.headers["Allow"].split(", ")
    answer = client.patch("/api/collections/pois/items/x", data="{}", content_type=MERGE_PATCH)
    refused(answer, 415, "http.media_type")
    assert answer.headers["Accept-Patch"] == "application/json"
    assert City.open(trees.root).sequence == trees.sequence


def test_an_editable_layer_takes_no_corrections(client: FlaskClient, first: str, refused: Any) -> None:
    answer = client.patch(f"{ITEMS}/{first}", json={"fields": {"kind": "oak"}})
    assert "merge-patch" in refused(answer, 409, "correction.editable_layer")["remedy"]


def test_heights_are_kept(client: FlaskClient, trees: City) -> None:
    content = feature()
    content["geometry"]["coordinates"].append(251.25)
    made = post(client, content)
    assert made.status_code == 201, made.text
    shape = now(trees).geometry[made.get_json(force=True)["id"]]
    assert shapely.get_coordinates(shape, include_z=True)[0, 2] == 251.25
    assert made.get_json(force=True)["geometry"]["coordinates"][2] == 251.25


def test_plain_json_is_taken_too(client: FlaskClient, trees: City) -> None:
    assert client.post(ITEMS, json=feature()).status_code == 201
    assert client.post(ITEMS, json=feature()).mimetype == GEOJSON
