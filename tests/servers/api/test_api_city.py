"""The way in: landing page, conformance, health, the city, its versions; a city that is empty or missing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

import cim_core
from cim_core.city import City
from cim_core.registry import Registry
from cim_core.settings import Settings
from servers.api import create_app
from servers.api.conformance import conformance_classes


def test_landing_page_leads_everywhere(get: Any) -> None:
    content = get("/api/").get_json()
    assert content["title"] == "synthetic tiny city 虚构小城"
    by_rel = {link["rel"]: link for link in content["links"]}
    assert {"self", "service-desc", "service-doc", "conformance", "data"} <= by_rel.keys()
    for link in content["links"]:
        path = link["href"].removeprefix("http://localhost")
        if path != "/":
            assert get(path).status_code == 200, path
    assert get("/api/openapi.json").content_type == by_rel["service-desc"]["type"]


def test_conformance_claims_what_is_tested(get: Any) -> None:
    classes = get("/api/conformance").get_json()["conformsTo"]
    assert tuple(classes) == conformance_classes()
    assert "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core" in classes
    assert not [one for one in classes if "oas30" in one or "html" in one]


def test_health_names_city_and_version(get: Any) -> None:
    content = get("/health").get_json()
    assert (content["version"], content["sequence"]) == (cim_core.__version__, 2)
    assert (content["status"], content["processes"]) == ("ok", {})


@pytest.mark.parametrize(
    ("alive", "status"), [({}, "ok"), ({"live": True, "runs": True}, "ok"), ({"live": True, "runs": False}, "degraded")]
)
def test_health_tells_of_the_other_processes(
    get: Any, monkeypatch: pytest.MonkeyPatch, alive: dict[str, bool], status: str
) -> None:
    known = {name: {"alive": one, "pid": 1} for name, one in alive.items()}
    monkeypatch.setattr("servers.supervision.health.processes", lambda root: known)
    content = get("/health").get_json()
    assert (content["status"], content["processes"]) == (status, known)


def test_city_document(get: Any) -> None:
    content = get("/api/city").get_json()
    assert content["synthetic"] is True
    assert content["attribution"] == ["synthetic: made by a program, no real place"]
    assert content["timezone"] == "Asia/Shanghai"
    assert content["now"].endswith("+08:00")
    assert {"roads", "elevation"} <= set(content["collections"])
    west, south, east, north = content["bounds"]
    assert 106.5 < west < east < 106.7
    assert 29.5 < south < north < 29.6


def test_versions_newest_first(get: Any) -> None:
    rows = get("/api/versions").get_json()
    assert [(row["sequence"], row["message"]) for row in rows] == [(2, "synthetic sample"), (1, "created")]
    assert [row["sequence"] for row in get("/api/versions?limit=1").get_json()] == [2]


def test_the_city_as_it_was(get: Any) -> None:
    content = get("/api/city?at=1").get_json()
    assert (content["sequence"], content["collections"], content["bounds"]) == (1, [], None)
    assert [one["id"] for one in get("/api/collections?at=1").get_json()["collections"]] == ["catalogue"]


@pytest.mark.parametrize(
    ("at", "status", "code"),
    [
        ("3", 404, "city.no_such_moment"),
        ("0", 400, "http.query"),
        ("x", 400, "http.query"),
        ("9" * 30, 400, "http.query"),
    ],
)
def test_a_moment_that_was_not(get: Any, refused: Any, at: str, status: int, code: str) -> None:
    refused(get(f"/api/city?at={at}"), status, code)


def test_an_address_that_is_none(get: Any, refused: Any) -> None:
    refused(get("/api/nowhere"), 404, "http.not_found")
    assert (get("/api").status_code, get("/api").headers["Location"]) == (308, "http://localhost/api/")


@pytest.fixture
def empty(tmp_path: Path, toys: Registry) -> FlaskClient:
    City.create(tmp_path / "empty", name="empty")
    return create_app(tmp_path / "empty", settings=Settings(), registry=toys).test_client()


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/health", "/api/", "/api/city", "/api/collections", "/api/quality", "/api/versions"),
        *("/api/corrections", "/api/search?q=a", "/api/tiles/WebMercatorQuad", "/api/openapi.json"),
    ],
)
def test_an_empty_city_is_served(empty: FlaskClient, path: str) -> None:
    response = empty.get(path)
    assert response.status_code == 200 or response.get_json()["code"] == "page.not_built"


def test_an_empty_city_has_nothing_and_says_so(empty: FlaskClient, refused: Any) -> None:
    content = empty.get("/api/city").get_json()
    assert (content["bounds"], content["crs"], content["collections"], content["synthetic"]) == (None, None, [], False)
    assert empty.get("/api/tiles/WebMercatorQuad/0/0/0").status_code == 204
    refused(empty.get("/api/collections/roads"), 404, "collection.unknown")


def test_a_missing_city_is_a_problem_of_the_server(tmp_path: Path, toys: Registry, refused: Any) -> None:
    client = create_app(tmp_path / "none", settings=Settings(), registry=toys).test_client()
    assert "cim init" in refused(client.get("/api/city"), 503, "city.missing")["remedy"]
    refused(client.get("/health"), 503, "city.missing")


def test_what_another_process_wrote_is_seen(client: FlaskClient, city: City) -> None:
    assert client.get("/api/city").get_json()["sequence"] == 2
    with city.edit("from elsewhere", author="command line") as session:
        session.remove("rail")
    after = client.get("/api/city").get_json()
    assert after["sequence"] == 3
    assert "rail" not in after["collections"]
    assert "rail" in client.get("/api/city?at=2").get_json()["collections"]
    assert client.get("/api/versions").get_json()[0]["author"] == "command line"
