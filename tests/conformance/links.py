"""How the tests move through the API: by addresses and by the links in documents."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

Get = Callable[..., TestResponse]
REL = "http://www.opengis.net/def/rel/ogc/1.0"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"


def getter(client: FlaskClient) -> Get:
    """A ``get`` of a client."""

    def ask(address: str, headers: dict[str, str] | None = None, **query: Any) -> TestResponse:
        path = address.removeprefix("http://localhost")
        mark = "&" if "?" in path else "?"
        asked = urlencode({name.replace("_", "-"): value for name, value in query.items()})
        return client.get(path + (mark + asked if asked else ""), headers=headers)

    return ask


def link(content: dict[str, Any], rel: str) -> str:
    """Where the first link of a relation leads; empty if there is none."""
    return next((one["href"] for one in content["links"] if one["rel"] == rel), "")


def links(content: dict[str, Any], rel: str) -> list[dict[str, Any]]:
    """All links of a relation."""
    return [one for one in content["links"] if one["rel"] == rel]


def features(pages: Any) -> list[dict[str, Any]]:
    """The features of pages, in order."""
    return [feature for page in pages for feature in page["features"]]


def claims(get: Get, standard: str, name: str) -> bool:
    """Whether the API lists a conformance class."""
    listed = get("/api/conformance").get_json()["conformsTo"]
    return f"http://www.opengis.net/spec/{standard}/1.0/conf/{name}" in listed
