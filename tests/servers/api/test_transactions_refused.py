"""What is refused when features are edited: nothing is changed, and the answer says why."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from edited_trees import GEOJSON, ITEMS, LAT, LON, MERGE_PATCH, feature, patch, planted, post, put
from flask.testing import FlaskClient

from cim_core.city import City


@pytest.fixture
def trees(city: City, tmp_path: Path) -> City:
    return planted(city, tmp_path)


@pytest.fixture
def first(trees: City) -> str:
    return str(trees.layer("trees").index[0])


def unchanged(trees: City) -> bool:
    found = City.open(trees.root)
    return (found.sequence, found.layer_hash("trees")) == (trees.sequence, trees.layer_hash("trees"))


def geometry(kind: str, coordinates: Any) -> dict[str, Any]:
    return feature() | {"geometry": {"type": kind, "coordinates": coordinates}}


BAD = {
    "unknown field": (feature(colour="red"), "feature.fields", "colour"),
    "text for a number": (feature(count="many"), "feature.fields", "count"),
    "share for a whole number": (feature(count=1.5), "feature.fields", "count"),
    "true for a number": (feature(count=True), "feature.fields", "count"),
    "number too large": (feature(count=2**63), "feature.fields", "count"),
    "number for a flag": (feature(sick=1), "feature.fields", "sick"),
    "object for a text": (feature(kind={"a": 1}), "feature.fields", "kind"),
    "no instant": (feature(planted="yesterday"), "feature.fields", "planted"),
    "instant without offset": (feature(planted="2020-03-12T00:00:00"), "feature.fields", "planted"),
    "instant out of range": (feature(planted="0001-01-01T00:00:00Z"), "feature.fields", "planted"),
    "another kind": (geometry("LineString", [[LON, LAT], [LON + 0.1, LAT]]), "feature.geometry", "LineString"),
    "no geometry": (feature() | {"geometry": None}, "feature.geometry", "none"),
    "empty geometry": (geometry("Point", []), "feature.geometry", "none"),
    "one coordinate": (geometry("Point", [1]), "feature.geojson", ""),
    "texts for coordinates": (geometry("Point", ["a", "b"]), "feature.geojson", ""),
    "no type": (feature() | {"geometry": {"coordinates": [LON, LAT]}}, "feature.geojson", ""),
    "another type": (geometry("Circle", [LON, LAT]), "feature.geojson", ""),
    "metres for degrees": (feature(652_000.0, 3_270_000.0), "feature.geojson", "degrees"),
    "far": (feature(0.0, 51.0), "data.far_from_city", ""),
    "swapped": (feature(LAT, 89.0), "data.far_from_city", ""),
}


@pytest.mark.parametrize("case", BAD)
def test_a_feature_that_does_not_fit(client: FlaskClient, trees: City, first: str, refused: Any, case: str) -> None:
    content, code, got = BAD[case]
    for answer in (post(client, content), put(client, first, content)):
        assert got in refused(answer, 422, code)["got"]
    assert unchanged(trees)


@pytest.mark.parametrize(
    "case",
    [
        (b"{", 400, "http.not_json"),
        (b'{"type": "Feature", "geometry": NaN, "properties": {}}', 400, "http.not_json"),
        (b"[" * 10_000, 400, "http.too_deep"),
        (b"[]", 422, "http.body"),
        (b'{"type": "FeatureCollection", "features": []}', 422, "http.body"),
        (b'{"type": "Feature", "properties": {}}', 422, "http.body"),
        (b'{"type": "Feature", "geometry": 7, "properties": {}}', 422, "http.body"),
    ],
)
def test_a_body_that_is_no_feature(
    client: FlaskClient, trees: City, first: str, refused: Any, case: tuple[bytes, int, str]
) -> None:
    body, status, code = case
    refused(client.post(ITEMS, data=body, content_type=GEOJSON), status, code)
    refused(client.put(f"{ITEMS}/{first}", data=body, content_type=GEOJSON, headers={"If-Match": "*"}), status, code)
    assert unchanged(trees)


@pytest.mark.parametrize(
    "case",
    [
        ({"name": "x"}, 422, "http.body"),
        ({"properties": {"colour": "red"}}, 422, "feature.fields"),
        ({"properties": {"count": "many"}}, 422, "feature.fields"),
        ({"geometry": None}, 422, "feature.geometry"),
        ({"geometry": {"type": "Polygon"}}, 400, "feature.half_geometry"),
        ({"geometry": {"coordinates": "x"}}, 422, "feature.geojson"),
        ({"id": "another"}, 400, "feature.other_id"),
    ],
)
def test_a_patch_that_does_not_fit(
    client: FlaskClient, trees: City, first: str, refused: Any, case: tuple[Any, int, str]
) -> None:
    content, status, code = case
    refused(patch(client, first, content), status, code)
    assert unchanged(trees)


def test_a_state_has_to_be_named(client: FlaskClient, trees: City, first: str, refused: Any) -> None:
    address = f"{ITEMS}/{first}"
    for answer in (
        client.put(address, json=feature()),
        client.patch(address, data="{}", content_type=MERGE_PATCH),
        client.delete(address),
    ):
        refused(answer, 428, "feature.no_precondition")
    assert unchanged(trees)


@pytest.mark.parametrize("weak", [False, True])
def test_another_state_is_refused_and_the_present_one_shown(
    client: FlaskClient, trees: City, first: str, refused: Any, weak: bool
) -> None:
    present = put(client, first, feature(count=7))
    etag = f"W/{present.headers['ETag']}" if weak else '"0123456789abcdef0123456789abcdef"'
    for answer in (
        put(client, first, feature(count=8), etag),
        patch(client, first, {"properties": {"count": 9}}, etag),
        client.delete(f"{ITEMS}/{first}", headers={"If-Match": etag}),
    ):
        problem = refused(answer, 412, "feature.changed")
        assert problem["current"] == present.get_json(force=True)
        assert problem["etag"] == present.headers["ETag"]
    assert City.open(trees.root).layer("trees").at[first, "count"] == 7
    several = put(client, first, feature(count=10), f'"x", {present.headers["ETag"]}')
    assert several.status_code == 200, "one of several will do"


@pytest.mark.parametrize("id_", ["none", "..%2f..%2fcity.json", "x" * 10_000, "%e4%b8%ad", "a/b/c"])
def test_a_feature_that_is_not_there(client: FlaskClient, trees: City, refused: Any, id_: str) -> None:
    refused(put(client, id_, feature()), 404, "feature.unknown")
    refused(patch(client, id_, {}), 404, "feature.unknown")
    refused(client.delete(f"{ITEMS}/{id_}", headers={"If-Match": "*"}), 404, "feature.unknown")
    refused(client.put(f"{ITEMS}/{id_}", json=feature()), 404, "feature.unknown")  # whatever the precondition
    assert unchanged(trees)


def test_collections_that_have_no_features(client: FlaskClient, trees: City, refused: Any) -> None:
    refused(post(client, feature(), "none"), 404, "collection.unknown")
    refused(post(client, feature(), "elevation"), 404, "collection.coverage")


def test_reference_systems_that_are_not_offered(client: FlaskClient, trees: City, refused: Any) -> None:
    for uri in ("http://www.opengis.net/def/crs/EPSG/0/2154", "EPSG:4326", "<>", "'; DROP TABLE city"):
        refused(post(client, feature(), **{"Content-Crs": uri}), 400, "pages.crs")
    assert unchanged(trees)


def test_bodies_of_other_kinds_and_sizes(client: FlaskClient, trees: City, refused: Any) -> None:
    refused(client.post(ITEMS, data="x", content_type="text/csv"), 415, "http.media_type")
    for answer in (client.post(ITEMS, data="{}"), client.patch(f"{ITEMS}/x", data="{}")):
        refused(answer, 400, "http.no_media_type")
    large = json.dumps(feature(kind="x" * 9_000_000))
    refused(client.post(ITEMS, data=large, content_type=GEOJSON), 413, "http.too_large")
    assert unchanged(trees)


def test_twenty_who_create_at_once_lose_nothing(client: FlaskClient, trees: City) -> None:
    app = client.application
    ready = threading.Barrier(20)

    def one(number: int) -> str:
        ready.wait()
        answer = post(app.test_client(), feature(count=number + 1000))
        assert answer.status_code == 201, answer.text
        return str(answer.get_json(force=True)["id"])

    with ThreadPoolExecutor(20) as pool:
        made = list(pool.map(one, range(20)))
    after = City.open(trees.root)
    layer = after.layer("trees")
    assert (len(set(made)), len(layer)) == (20, 23)
    assert [int(layer.at[id_, "count"]) for id_ in made] == list(range(1000, 1020))
    assert after.sequence == trees.sequence + 20
    assert client.get(ITEMS).get_json(force=True)["numberMatched"] == 23


def test_of_two_who_change_one_feature_at_once_one_wins(client: FlaskClient, trees: City, first: str) -> None:
    app = client.application
    for number in range(3):
        etag = put(client, first, feature(count=number)).headers["ETag"]
        ready = threading.Barrier(2)

        def one(count: int, etag: str = etag, ready: threading.Barrier = ready) -> tuple[int, int]:
            ready.wait()
            return put(app.test_client(), first, feature(count=count), etag).status_code, count

        with ThreadPoolExecutor(2) as pool:
            answers = sorted(pool.map(one, (100 + number, 200 + number)))
        assert [status for status, _ in answers] == [200, 412]
        assert City.open(trees.root).layer("trees").at[first, "count"] == answers[0][1]
