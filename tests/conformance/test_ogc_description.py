"""OGC API Features 1.1 (draft), OpenAPI 3.1: the description is complete, valid and true."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from abstract_tests import suite
from flask import Flask
from links import Get, features, link
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

checks = suite("features-1")
Document = Callable[..., dict[str, Any]]
REFUSALS = ("400", "403", "404", "406", "500")


@pytest.fixture
def description(document: Document) -> dict[str, Any]:
    return document(link(document("/api/"), "service-desc"))


@checks("/conf/oas31/completeness")
def test_every_link_leads_to_a_described_address(document: Document, description: dict[str, Any], pages: Any) -> None:
    patterns = [re.compile(re.sub(r"{\w+}", "[^/]+", path) + "$") for path in description["paths"]]
    landing, collections = document("/api/"), document("/api/collections")
    page = next(iter(pages("/api/collections/roads/items", limit=1)))
    found = [landing, collections, *collections["collections"], page, *features([page])]
    addresses = {one["href"] for content in found for one in content.get("links", []) if not one.get("templated")}
    paths = {address.removeprefix("http://localhost").partition("?")[0] for address in addresses} - {"/"}
    assert len(paths) > 20
    assert [path for path in paths if not any(pattern.match(path) for pattern in patterns)] == []


@checks("/conf/oas31/exception-codes")
def test_every_refusal_is_described(description: dict[str, Any]) -> None:
    for path, methods in description["paths"].items():
        for method, entry in methods.items():
            for status in REFUSALS:
                content = entry["responses"][status]["content"]
                assert list(content) == ["application/problem+json"], (path, method, status)


@checks("/conf/oas31/definition-1")
def test_the_description_has_its_media_type(get: Get, document: Document) -> None:
    answer = get(link(document("/api/"), "service-desc"), headers={"Accept": "*/*"})
    assert answer.headers["Content-Type"] == "application/vnd.oai.openapi+json;version=3.1"


@checks("/conf/oas31/definition-2")
def test_the_description_is_valid(served: Flask, description: dict[str, Any]) -> None:
    assert description["openapi"].startswith("3.1.")
    schemathesis.openapi.from_wsgi("/api/openapi.json", served).validate()


@checks("/conf/oas31/oas-impl")
@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("/api/", {}),
        ("/api/conformance", {}),
        ("/api/collections", {}),
        ("/api/collections/{collection}", {"collection": "roads"}),
        ("/api/collections/{collection}/items", {"collection": "roads"}),
        ("/api/collections/{collection}/items/{feature}", {"collection": "roads", "feature": "w9100-n1000"}),
        ("/api/collections/catalogue", {}),
        ("/api/collections/catalogue/items", {}),
        ("/api/collections/catalogue/items/{record}", {"record": "roads"}),
        ("/api/tiles/WebMercatorQuad", {}),
        ("/api/tileMatrixSets/{matrix_set}", {"matrix_set": "WebMercatorQuad"}),
        ("/api/styles/{style}", {"style": "city"}),
    ],
)
def test_answers_are_as_described(served: Flask, path: str, values: dict[str, str]) -> None:
    """The whole API is tried with generated requests in tests/servers/api/test_api_description.py."""
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", served)
    schema.app = lambda environ, start: served.wsgi_app({**environ, "REMOTE_ADDR": "127.0.0.1"}, start)
    case = schema[path]["GET"].Case(path_parameters=values)
    answer = case.call_and_validate(
        headers={"Accept-Encoding": "identity"},
        checks=[status_code_conformance, content_type_conformance, response_schema_conformance],
    )
    assert answer.status_code == 200


@checks("/conf/oas31/security")
def test_nobody_has_to_be_known(description: dict[str, Any], get: Get) -> None:
    assert "securitySchemes" not in description["components"]
    assert "security" not in description
    assert get("/api/collections").status_code == 200
