"""Validators, compression and caching of every answer."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
from flask import Flask

from cim_core.city import City
from cim_core.schema import LayerSchema
from servers.serving.tilesets import TileSet

ITEMS = "/api/collections/roads/items?limit=50"


@pytest.mark.parametrize("path", ["/api/collections", ITEMS, "/api/openapi.json", "/api/versions", "/api/docs"])
def test_what_is_unchanged_is_not_sent_again(get: Any, path: str) -> None:
    first = get(path)
    again = get(path, **{"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, again.status_code, again.data) == (200, 304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert "Content-Security-Policy" in again.headers


def test_another_page_has_another_validator(get: Any) -> None:
    assert get(ITEMS).headers["ETag"] != get("/api/collections/roads/items?limit=49").headers["ETag"]


def test_json_is_packed_for_who_can_unpack_it(get: Any) -> None:
    packed, plain = get(ITEMS, **{"Accept-Encoding": "gzip"}), get(ITEMS)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert "Accept-Encoding" in plain.headers["Vary"]
    assert len(packed.data) < len(plain.data) / 3
    features = [json.loads(body)["features"] for body in (gzip.decompress(packed.data), plain.data)]
    assert features[0] == features[1]


def test_what_is_small_or_refused_is_left_as_it_is(get: Any) -> None:
    small = get("/api/jobs", **{"Accept-Encoding": "gzip"})
    assert (small.status_code, len(small.data) < 1024, "Content-Encoding" in small.headers) == (200, True, False)
    assert "Content-Encoding" not in get(ITEMS, **{"Accept-Encoding": "gzip;q=0"}).headers


@pytest.mark.parametrize("path", ["/api/city", ITEMS, "/api/nowhere", "/api/collections/roads/export?f=csv"])
def test_head_is_get_without_the_body(reading_app: Flask, path: str) -> None:
    client = reading_app.test_client()
    head, get = client.head(path), client.get(path)
    assert (head.status_code, head.data) == (get.status_code, b"")
    assert head.headers["Content-Type"] == get.headers["Content-Type"]
    assert int(head.headers["Content-Length"]) > 0


def test_json_is_asked_for_again_each_time(get: Any) -> None:
    assert get("/api/city").headers["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip", "gzip"),
        ("*", "gzip"),
        ("br, gzip;q=0.5", "gzip"),
        ("gzip;q=0.5, identity;q=0.5", "gzip"),
        ("identity, gzip;q=0.5", None),
        ("gzip;q=0, *", None),
        ("identity", None),
        ("br", None),
        ("gzip;q=nonsense", None),
        ("", None),
    ],
)
def test_the_coding_is_what_the_client_prefers(get: Any, accepted: str, coding: str | None) -> None:
    answer = get(ITEMS, **{"Accept-Encoding": accepted})
    assert answer.headers.get("Content-Encoding") == coding
    assert "Accept-Encoding" in answer.headers["Vary"]


def test_the_same_content_is_packed_to_the_same_bytes(reading_app: Flask) -> None:
    client = reading_app.test_client()
    first, second = (client.get("/api/openapi.json", headers={"Accept-Encoding": "gzip"}).data for _ in range(2))
    assert first == second


def test_what_is_unchanged_says_how_it_varies(get: Any) -> None:
    tag = get(ITEMS).headers["ETag"]
    unchanged = get(ITEMS, **{"If-None-Match": f'"other", {tag}', "Accept-Encoding": "gzip"})
    assert (unchanged.status_code, "Accept-Encoding" in unchanged.vary) == (304, True)
    assert not {"Content-Type", "Content-Encoding", "Content-Length"} & set(unchanged.headers.keys())
    assert get(ITEMS, **{"If-None-Match": "*"}).status_code == 304


@pytest.mark.parametrize(("condition", "status"), [("*", 200), ('"nonsense"', 412), ('W/"x"', 412)])
def test_if_match_is_heeded_when_reading(get: Any, refused: Any, condition: str, status: int) -> None:
    answer = get("/api/city", **{"If-Match": condition})
    assert answer.status_code == status
    if status == 412:
        refused(answer, 412, "http.precondition")


def _tile_address(get: Any) -> str:
    return get("/api/collections/roads/tiles/WebMercatorQuad").get_json()["tiles"][0].partition("localhost")[2]


def test_a_tile_that_the_client_has_is_not_made(get: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _tile_address(get).replace("{z}/{y}/{x}", "10/423/815")
    first = get(path)
    monkeypatch.setattr(TileSet, "tile", lambda *place: pytest.fail("the tile was made again"))
    again = get(path, **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    for name in ("ETag", "Cache-Control", "Vary"):
        assert again.headers.get(name) == first.headers.get(name)


@pytest.mark.parametrize("inner", [False, True])
def test_only_what_is_public_may_be_kept_on_the_way(get: Any, monkeypatch: pytest.MonkeyPatch, inner: bool) -> None:
    """A layer that is internal, or a public one with a field that is."""
    path = _tile_address(get).replace("{z}/{y}/{x}", "10/423/815")
    assert get(path).headers["Cache-Control"] == "public, max-age=31536000, immutable"
    schema = City.schema

    def graded(self: City, name: str) -> LayerSchema:
        found = schema(self, name)
        fields = [one.model_copy(update={"grade": "internal"}) for one in found.fields]
        return found.model_copy(update={"fields": tuple(fields)} if inner else {"grade": "internal"})

    monkeypatch.setattr(City, "schema", graded)
    assert get(path).headers["Cache-Control"] == "private, max-age=31536000, immutable"


def test_broken_conditions_are_answered(get: Any) -> None:
    for value in ('"', "W/", ",,,", '"a" "b"', "\x7f"):
        assert get("/api/city", **{"If-None-Match": value}).status_code == 200
