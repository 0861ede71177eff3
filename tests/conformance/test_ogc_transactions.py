"""OGC API Features, part 4 (draft): features created, replaced, updated and deleted, with optimistic locks."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from abstract_tests import suite
from flask.testing import FlaskClient
from pyproj import Transformer
from werkzeug.test import TestResponse

from cim_core.city import City
from cim_core.importing import import_vector
from cim_core.registry import Registry
from cim_core.settings import Settings
from servers.api import create_app

checks = suite("features-4")
ITEMS = "/api/collections/trees/items"
GEOJSON, PATCH = "application/geo+json", "application/merge-patch+json"
PLACE = (106.582, 29.556)
Send = Callable[..., TestResponse]


def _tree(lon: float = PLACE[0], **properties: Any) -> dict[str, Any]:
    """GeoJSON of a synthetic tree."""
    geometry = {"type": "Point", "coordinates": [lon, PLACE[1]]}
    return {"type": "Feature", "geometry": geometry, "properties": {"kind": "黄葛树", "count": 1} | properties}


@pytest.fixture
def client(tiny_folder: Path, toys: Registry, tmp_path: Path) -> FlaskClient:
    """Of an application on a city with an editable layer of three trees."""
    city = City.open(Path(shutil.copytree(tiny_folder, tmp_path / "city")))
    path = tmp_path / "trees.geojson"
    trees = [_tree(PLACE[0] + i / 1000, count=i) for i in range(3)]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": trees}), encoding="utf-8")
    import_vector(city, path, editable=True)
    return create_app(city.root, settings=Settings(author="tester"), registry=toys).test_client()


@pytest.fixture
def send(client: FlaskClient) -> Send:
    """``send("PUT", address, content, etag=…)`` → the answer."""

    def ask(
        method: str, address: str, content: Any = None, *, etag: str = "", kind: str = GEOJSON, **headers: str
    ) -> TestResponse:
        given = {name.replace("_", "-"): value for name, value in headers.items()} | (
            {"If-Match": etag} if etag else {}
        )
        body = None if content is None else json.dumps(content)
        return client.open(address, method=method, data=body, content_type=kind or None, headers=given)

    return ask


@pytest.fixture
def trees(client: FlaskClient) -> list[str]:
    """The addresses of the trees."""
    return [f"{ITEMS}/{one['id']}" for one in client.get(ITEMS).get_json()["features"]]


def _shown(client: FlaskClient, address: str) -> tuple[dict[str, Any], str]:
    answer = client.get(address)
    assert answer.status_code == 200, answer.text
    return answer.get_json(force=True), answer.headers["ETag"]


@checks("/conf/create-replace-delete/options", "/conf/update/options")
def test_options_say_what_can_be_done(client: FlaskClient, trees: list[str]) -> None:
    every, one = client.options(ITEMS), client.options(trees[0])
    assert (every.status_code, one.status_code) == (200, 200)
    assert "POST" in every.headers["Allow"].split(", ")
    assert {"PUT", "PATCH", "DELETE"} <= set(one.headers["Allow"].split(", "))
    assert GEOJSON in every.headers["Accept-Post"]
    assert PATCH in one.headers["Accept-Patch"]
    roads = client.options("/api/collections/roads/items")
    assert "POST" not in roads.headers["Allow"]


@checks("/conf/create-replace-delete/create")
def test_post_adds_a_feature(client: FlaskClient, send: Send, trees: list[str]) -> None:
    for content in (_tree(kind="a"), _tree(kind="b") | {"id": "chosen"}):
        made = send("POST", ITEMS, content)
        assert made.status_code == 201, made.text
        address = made.headers["Location"].removeprefix("http://localhost")
        shown, _ = _shown(client, address)
        assert address == f"{ITEMS}/{shown['id']}"
        assert address not in trees
        assert shown["properties"]["kind"] == content["properties"]["kind"]
        assert shown["geometry"]["coordinates"] == pytest.approx(content["geometry"]["coordinates"], abs=2e-7)
    assert client.get(ITEMS).get_json()["numberMatched"] == 5


@checks("/conf/create-replace-delete/create-content-type", "/conf/create-replace-delete/replace-content-type")
@checks("/conf/update/update-content-type")
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_a_body_without_a_type_is_refused(client: FlaskClient, send: Send, trees: list[str], method: str) -> None:
    before, etag = _shown(client, trees[0])
    answer = send(method, ITEMS if method == "POST" else trees[0], _tree(), etag=etag, kind="")
    assert answer.status_code == 400
    assert _shown(client, trees[0]) == (before, etag)


@checks("/conf/create-replace-delete/replace", "/conf/features/geojson")
def test_put_puts_a_feature_in_the_place_of_another(client: FlaskClient, send: Send, trees: list[str]) -> None:
    _, etag = _shown(client, trees[0])
    assert send("PUT", trees[0], _tree(106.585, kind="银杏", count=9), etag=etag).status_code in (200, 204)
    shown, _ = _shown(client, trees[0])
    assert (shown["properties"]["kind"], shown["properties"]["count"]) == ("银杏", 9)
    assert shown["geometry"]["coordinates"] == pytest.approx([106.585, PLACE[1]], abs=2e-7)


@checks("/conf/create-replace-delete/replace-rid", "/conf/update/update-rid")
@pytest.mark.parametrize(("method", "kind"), [("PUT", GEOJSON), ("PATCH", PATCH)])
def test_a_feature_keeps_its_id(client: FlaskClient, send: Send, trees: list[str], method: str, kind: str) -> None:
    before, etag = _shown(client, trees[0])
    answer = send(method, trees[0], _tree() | {"id": "another"}, etag=etag, kind=kind)
    if answer.status_code >= 400:
        assert _shown(client, trees[0]) == (before, etag)
    else:
        assert _shown(client, trees[0])[0]["id"] == before["id"]
    assert client.get(f"{ITEMS}/another").status_code == 404


@checks("/conf/create-replace-delete/replace-exceptions")
@pytest.mark.parametrize("etag", ["", '"xyz"'])
def test_put_creates_nothing(client: FlaskClient, send: Send, etag: str) -> None:
    assert send("PUT", f"{ITEMS}/nothing", _tree(), etag=etag).status_code == 404
    assert client.get(f"{ITEMS}/nothing").status_code == 404


@checks("/conf/create-replace-delete/delete")
def test_delete_removes_a_feature(client: FlaskClient, send: Send, trees: list[str]) -> None:
    _, etag = _shown(client, trees[0])
    assert send("DELETE", trees[0], etag=etag).status_code in (200, 204)
    assert client.get(trees[0]).status_code == 404
    assert client.get(ITEMS).get_json()["numberMatched"] == 2


@checks("/conf/update/update", "/conf/features/json-merge-patch")
def test_patch_changes_what_it_names(client: FlaskClient, send: Send, trees: list[str]) -> None:
    before, etag = _shown(client, trees[1])
    assert send("PATCH", trees[1], {"properties": {"kind": None}}, etag=etag, kind=PATCH).status_code in (200, 204)
    after, etag = _shown(client, trees[1])
    assert after["properties"] == before["properties"] | {"kind": None}
    assert after["geometry"] == before["geometry"]
    moved = {"geometry": {"type": "Point", "coordinates": [106.586, PLACE[1]]}}
    assert send("PATCH", trees[1], moved, etag=etag, kind=PATCH).status_code in (200, 204)
    last, _ = _shown(client, trees[1])
    assert last["geometry"]["coordinates"] == pytest.approx([106.586, PLACE[1]], abs=2e-7)
    assert last["properties"] == after["properties"]


@checks("/conf/optimistic-locking-etags/get-etag")
def test_every_feature_has_an_etag(client: FlaskClient, trees: list[str]) -> None:
    etags = {_shown(client, address)[1] for address in trees}
    assert len(etags) == len(trees)
    assert all(etag.startswith('"') for etag in etags), "only a strong one can be matched"


@checks("/conf/optimistic-locking-etags/replace", "/conf/optimistic-locking-etags/update")
@checks("/conf/optimistic-locking-etags/delete")
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_who_changes_a_feature_has_seen_it(client: FlaskClient, send: Send, trees: list[str], method: str) -> None:
    before, etag = _shown(client, trees[0])
    content, kind = (None, "") if method == "DELETE" else (_tree(kind="new"), PATCH if method == "PATCH" else GEOJSON)
    assert send(method, trees[0], content, etag='"0"', kind=kind).status_code == 412
    assert _shown(client, trees[0]) == (before, etag)
    assert send(method, trees[0], content, kind=kind).status_code == 428
    changed = send(method, trees[0], content, etag=etag, kind=kind)
    assert changed.status_code in (200, 204)
    if method == "DELETE":
        assert client.get(trees[0]).status_code == 404
    else:
        assert changed.headers["ETag"] == _shown(client, trees[0])[1] != etag
        assert send(method, trees[0], content, etag=etag, kind=kind).status_code == 412


@checks("/conf/features/endpoints")
def test_what_can_be_changed_are_features_of_collections(client: FlaskClient, trees: list[str]) -> None:
    listed = client.get("/api/collections").get_json()["collections"]
    assert "trees" in [one["id"] for one in listed if one.get("itemType") == "feature"]
    for address in trees:
        assert client.options(address).status_code == 200


@checks("/conf/features/crs", "/conf/features/crs84")
def test_a_geometry_is_in_the_system_named(client: FlaskClient, send: Send) -> None:
    mercator = "http://www.opengis.net/def/crs/EPSG/0/3857"
    assert mercator in client.get("/api/collections/trees").get_json()["crs"]
    x, y = Transformer.from_crs("OGC:CRS84", "EPSG:3857", always_xy=True).transform(*PLACE)
    carried = _tree() | {"geometry": {"type": "Point", "coordinates": [x, y]}}
    made = [send("POST", ITEMS, _tree()), send("POST", ITEMS, carried, Content_Crs=f"<{mercator}>")]
    places = [
        _shown(client, one.headers["Location"].removeprefix("http://localhost"))[0]["geometry"]["coordinates"]
        for one in made
    ]
    assert places[0] == pytest.approx(places[1], abs=2e-7)
    nowhere = "<http://www.opengis.net/def/crs/OGC/0/does_not_exist>"
    assert 400 <= send("POST", ITEMS, _tree(), Content_Crs=nowhere).status_code < 500
