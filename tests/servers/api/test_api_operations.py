"""The door that every operation passes: validation, kinds of bodies, policy, unforeseen errors."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from pydantic import Field

from cim_core.city import City
from cim_core.registry import Registry
from cim_core.settings import Settings
from cim_core.trust import Decision, Resource, Subject
from servers.api import create_app, operations
from servers.api.openapi import describe
from servers.api.operations import Body, Call, CommaList, Query, RawBody, operation


class EchoQuery(Query):
    count: int = Field(default=1, ge=1, le=10)
    names: CommaList | None = None
    asked_at: str | None = Field(default=None, alias="from")


class EchoBody(Body):
    text: str
    share: float = Field(default=0.5, ge=0, le=1)


@operation("GET", "/api/echo", summary="Echo", tag="test", query=EchoQuery, responses={200: dict})
def echo(call: Call) -> dict[str, Any]:
    return {"count": call.query.count, "names": call.query.names, "from": call.query.asked_at, "lang": call.language}


@operation("POST", "/api/echo", summary="Echo", tag="test", body=EchoBody, responses={200: EchoBody})
def echo_body(call: Call) -> EchoBody:
    return call.body


@operation("PUT", "/api/echo", summary="Raw", tag="test", body=RawBody(("text/csv",), max_bytes=20))
def raw(call: Call) -> dict[str, int]:
    return {"bytes": len(request.get_data())}


@operation("GET", "/api/defect", summary="Broken", tag="test")
def defect(call: Call) -> None:
    raise ZeroDivisionError("a secret of the server")


@operation("GET", "/api/nan", summary="Not a number", tag="test")
def nan(call: Call) -> dict[str, Any]:
    import numpy as np

    return {"nan": float("nan"), "whole": np.int64(3), "list": np.array([1.5])}


@operation("GET", "/api/secret/<name>", summary="Graded", tag="test")
def secret(call: Call, name: str) -> dict[str, str]:
    call.permit(Resource("secret", name, "core"))
    return {"name": name}


@pytest.fixture
def extended(tiny_folder: Path, toys: Registry) -> Flask:
    app = create_app(tiny_folder, settings=Settings(), registry=toys)
    app.extensions["cim"].add(echo, echo_body, raw, defect, nan, secret)
    return app


@pytest.fixture
def door(extended: Flask) -> FlaskClient:
    return extended.test_client()


def test_query_is_read_by_its_model(door: FlaskClient) -> None:
    content = door.get("/api/echo?count=3&names=a,b,&from=x").get_json()
    assert content == {"count": 3, "names": ["a", "b"], "from": "x", "lang": "en"}


@pytest.mark.parametrize(
    ("query", "faulty"),
    [("count=99", "count"), ("count=x", "count"), ("colour=red", "colour"), ("count=1&count=2", "count")],
)
def test_query_that_does_not_fit_is_one_problem_that_names_the_field(
    door: FlaskClient, refused: Any, query: str, faulty: str
) -> None:
    content = refused(door.get(f"/api/echo?{query}"), 400, "http.query")
    assert [fault["loc"] for fault in content["errors"]] == [[faulty]]
    assert "count" in content["expected"]
    assert "from" in content["expected"]


def test_all_faults_are_said_at_once(door: FlaskClient, refused: Any) -> None:
    content = refused(door.get("/api/echo?count=99&colour=red"), 400, "http.query")
    assert {fault["loc"][0] for fault in content["errors"]} == {"count", "colour"}


@pytest.mark.parametrize(
    ("header", "query", "language"),
    [("zh-CN,zh;q=0.9,en;q=0.8", "", "zh"), ("en-GB", "", "en"), ("fr", "", "en"), ("zh", "?lang=en", "en")],
)
def test_language_by_address_then_by_header(door: FlaskClient, header: str, query: str, language: str) -> None:
    assert door.get(f"/api/echo{query}", headers={"Accept-Language": header}).get_json()["lang"] == language


def test_body_is_read_by_its_model(door: FlaskClient) -> None:
    assert door.post("/api/echo", json={"text": "东水门大桥"}).get_json() == {"text": "东水门大桥", "share": 0.5}


def test_body_that_fails_its_model_is_unprocessable(door: FlaskClient, refused: Any) -> None:
    content = refused(door.post("/api/echo", json={"share": 3, "more": 1}), 422, "http.body")
    assert sorted(fault["loc"][0] for fault in content["errors"]) == ["more", "share", "text"]


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b'{"text": NaN}', b"\xff\xfe", b'{"text": "\\ud800"}', b'{"text": "a\\u0000b"}'],
    ids=["empty", "cut", "nan", "no utf-8", "lone surrogate", "nul"],
)
def test_body_that_is_no_json(door: FlaskClient, refused: Any, body: bytes) -> None:
    refused(door.post("/api/echo", data=body, content_type="application/json"), 400, "http.not_json")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_only_json_bodies_are_taken(door: FlaskClient, refused: Any, kind: str) -> None:
    content = refused(door.post("/api/echo", data=b'{"text": "x"}', content_type=kind), 415, "http.media_type")
    assert content["expected"] == "application/json"


def test_a_huge_body_is_refused_by_its_length(door: FlaskClient, refused: Any) -> None:
    body = b'{"text": "' + b"x" * (8 * 2**20) + b'"}'
    content = refused(door.post("/api/echo", data=body, content_type="application/json"), 413, "http.too_large")
    assert content["expected"] == "at most 8,388,608 bytes"


def test_a_raw_body_has_its_own_kinds_and_limit(door: FlaskClient, refused: Any) -> None:
    assert door.put("/api/echo", data=b"a,b", content_type="text/csv").get_json() == {"bytes": 3}
    refused(door.put("/api/echo", data=b"a,b", content_type="application/json"), 415, "http.media_type")
    refused(door.put("/api/echo", data=io.BytesIO(b"x" * 21), content_type="text/csv"), 413, "http.too_large")


def test_an_unforeseen_error_tells_the_log_and_not_the_client(
    door: FlaskClient, refused: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    response = door.get("/api/defect")
    refused(response, 500, "server.defect")
    assert b"secret" not in response.data
    assert b"Traceback" not in response.data
    assert "ZeroDivisionError: a secret of the server" in capsys.readouterr().err


def test_numbers_that_json_has_not_are_null(door: FlaskClient) -> None:
    assert door.get("/api/nan").get_json() == {"nan": None, "whole": 3, "list": [1.5]}


@pytest.mark.parametrize("accept", ["*/*", "application/*", "text/html, application/json;q=0.1", "application/json"])
def test_accept_that_can_be_met(door: FlaskClient, accept: str) -> None:
    assert door.get("/api/echo", headers={"Accept": accept}).status_code == 200


def test_accept_that_cannot_be_met(door: FlaskClient, refused: Any) -> None:
    assert (
        refused(door.get("/api/echo", headers={"Accept": "image/png"}), 406, "http.not_acceptable")["got"]
        == "image/png"
    )


def test_nul_in_the_address_is_refused(door: FlaskClient, refused: Any) -> None:
    refused(door.get("/api/collections/a%00b"), 400, "http.nul")
    refused(door.get("/api/echo?names=%00"), 400, "http.nul")


def test_a_method_that_is_not_there_is_told_which_are(door: FlaskClient, refused: Any) -> None:
    response = door.delete("/api/echo")
    refused(response, 405, "http.method")
    assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST", "PUT"}


def test_every_address_asks_for_the_decision(extended: Flask, refused: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[Resource, str]] = []

    def never(who: Subject, what: Resource, action: str) -> Decision:
        asked.append((what, action))
        return Decision(False, "a test says no")

    monkeypatch.setattr(operations, "decide", never)
    client = extended.test_client()
    rules = [rule for rule in extended.url_map.iter_rules() if rule.methods]
    for rule in rules:
        values = {
            name: 0 if type(rule._converters[name]).__name__ == "ShortInteger" else "x" for name in rule.arguments
        }
        with extended.test_request_context():
            path = extended.url_map.bind("localhost").build(rule.endpoint, values)
        for method in rule.methods - {"HEAD", "OPTIONS"} or rule.methods:
            response = client.open(path, method=method)
            assert refused(response, 403, "access.denied")["got"] == "a test says no", f"{method} {rule.rule}"
    assert len(asked) == len(rules)
    actions = {(what.kind, action) for what, action in asked}
    assert {("page", "read"), ("collection", "read"), ("collection", "write")} <= actions


def test_who_is_not_at_this_machine_reads_only_what_is_public(door: FlaskClient, refused: Any) -> None:
    away = {"environ_overrides": {"REMOTE_ADDR": "192.0.2.7"}}
    assert door.get("/api/echo", **away).status_code == 200
    refused(door.post("/api/echo", json={"text": "x"}, **away), 403, "access.denied")
    refused(door.get("/api/secret/plans", **away), 403, "access.denied")
    assert door.get("/api/secret/plans").get_json() == {"name": "plans"}


def test_description_is_made_of_the_declarations(extended: Flask) -> None:
    entry = describe(extended.extensions["cim"])["paths"]["/api/echo"]
    parameters = {one["name"]: one["schema"] for one in entry["get"]["parameters"]}
    assert parameters["count"] == {"type": "integer", "minimum": 1, "maximum": 10, "default": 1}
    assert parameters["names"]["type"] == "array"
    assert "from" in parameters
    assert entry["post"]["requestBody"]["content"]["application/json"]["schema"]["$ref"].endswith("EchoBody")
    assert list(entry["put"]["requestBody"]["content"]) == ["text/csv"]


def test_a_confidential_layer_is_shut_to_strangers_in_every_version(city: City, toys: Registry, refused: Any) -> None:
    schema = city.schema("pois").model_copy(update={"grade": "restricted"})
    frame = city.layer("pois")
    with city.edit("graded") as session:
        session.put_layer(frame, schema)
    with City.open(city.root).edit("gone") as session:
        session.remove("pois")
    client = create_app(city.root, settings=Settings(), registry=toys).test_client()
    away = {"environ_overrides": {"REMOTE_ADDR": "192.0.2.7"}}
    for path in ("", "/items", "/items/p0", "/items/p0/card", "/export", "/tiles"):
        refused(client.get(f"/api/collections/pois{path}?at=3", **away), 403, "access.denied")
    assert client.get("/api/collections/pois/items?at=3").status_code == 200
    assert client.get("/api/collections/roads/items", **away).status_code == 200
    tiles = client.get("/api/tiles/WebMercatorQuad?at=3", **away).get_json()
    assert "pois" not in {layer["id"] for layer in tiles["vector_layers"]}
    listed = client.get("/api/collections?at=3", **away).get_json()["collections"]
    assert "pois" not in {one["id"] for one in listed}
    station = "/api/search?at=3&q=中心站"
    assert client.get(station, **away).get_json()["results"] == []
    assert client.get(station).get_json()["results"] != []
