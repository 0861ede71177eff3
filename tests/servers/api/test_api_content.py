"""Validators, compression and caching of every answer."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
from flask import Flask

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
    assert "Content-Encoding" not in get("/api/conformance", **{"Accept-Encoding": "gzip"}).headers
    assert "Content-Encoding" not in get(ITEMS, **{"Accept-Encoding": "gzip;q=0"}).headers


@pytest.mark.parametrize("path", ["/api/city", ITEMS, "/api/nowhere", "/api/collections/roads/export?f=csv"])
def test_head_is_get_without_the_body(reading_app: Flask, path: str) -> None:
    client = reading_app.test_client()
    head, get = client.head(path), client.get(path)
    assert (head.status_code, head.data) == (get.status_code, b"")
    assert head.headers["Content-Type"] == get.headers["Content-Type"]
    assert int(head.headers["Content-Length"]) > 0


def test_json_is_asked_for_again_each_time(get: Any) -> None:
    assert get("/api/city").headers["Cache-Control"] == "no-cache"
