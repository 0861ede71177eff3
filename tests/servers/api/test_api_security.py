"""Attacks from other pages of the same browser, and on paths, against the application and a real server."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.serving import make_server

ROAD = "/api/collections/roads/items/w9100-n1000"
CORRECTION = {"fields": {"lanes_forward": 2}}


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8080", "LOCALHOST:1", "[::1]:8080"])
def test_this_machines_names_are_taken(get: Any, host: str) -> None:
    assert get("/api/city", Host=host).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1.evil.example",
        "localhost.evil.example:80",
        "192.0.2.1",
        "localhost@evil",
        "127.0.0.1:x",
    ],
)
def test_a_foreign_host_is_misdirected(get: Any, refused: Any, host: str) -> None:
    assert refused(get("/api/city", Host=host), 421, "http.host")["got"] == host
    refused(get("/", Host=host), 421, "http.host")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:9999"},
        {"Origin": "https://localhost"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "http://["},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://localhost", "Sec-Fetch-Site": "cross-site"},
    ],
)
def test_another_sites_page_changes_nothing(client: FlaskClient, refused: Any, headers: dict[str, str]) -> None:
    refused(client.patch(ROAD, json=CORRECTION, headers=headers), 403, "http.origin")
    assert client.get("/api/city").get_json()["sequence"] == 2


@pytest.mark.parametrize(
    "headers", [{}, {"Origin": "http://localhost"}, {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}]
)
def test_the_page_itself_and_programs_may_change(client: FlaskClient, headers: dict[str, str]) -> None:
    assert client.patch(ROAD, json=CORRECTION, headers=headers).status_code == 200


def test_reading_is_open_to_links_from_elsewhere(get: Any) -> None:
    followed = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    assert get("/api/city", **followed).status_code == 200
    assert get("/api/city", **{"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate"}).status_code == 200
    assert get("/api/city", **{"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"}).status_code == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize(
    "how",
    [
        {"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"},
        {"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"},
        {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"},
        {},
    ],
)
def test_another_sites_page_cannot_make_this_machine_work(
    get: Any, refused: Any, site: str, how: dict[str, str]
) -> None:
    path = "/api/collections/elevation/coverage"
    assert refused(get(path, **{"Sec-Fetch-Site": site}, **how), 403, "http.origin")["got"] == site


def test_no_other_site_may_read_the_answer(get: Any) -> None:
    headers = get("/api/city", Origin="https://evil.example").headers
    assert not [name for name, _ in headers if name.lower().startswith("access-control")]
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_a_preflight_allows_nothing(reading_app: Flask) -> None:
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "PATCH"}
    response = reading_app.test_client().options(ROAD, headers=asked)
    assert response.status_code == 200
    assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "PATCH"}
    assert not [name for name, _ in response.headers if name.lower().startswith("access-control")]


@pytest.mark.parametrize("path", ["/api/city", "/api/nowhere", "/api/docs", "/api/tiles/WebMercatorQuad/0/0/0"])
def test_every_answer_is_fenced(get: Any, path: str) -> None:
    headers = get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"


@pytest.fixture
def address(reading_app: Flask) -> Iterator[tuple[str, int]]:
    server = make_server("127.0.0.1", 0, reading_app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield "127.0.0.1", server.server_port
    server.shutdown()
    thread.join()


def _ask(address: tuple[str, int], method: str, path: str, **options: Any) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(*address, timeout=20)
    connection.request(method, path, **options)
    response = connection.getresponse()
    found = response.status, response.read()
    connection.close()
    return found


@pytest.mark.parametrize(
    "path",
    [
        "/..%2f..%2fpyproject.toml",
        "/%2e%2e/%2e%2e/pyproject.toml",
        "/assets/..%5c..%5cindex.html",
        "//etc/passwd",
        "/assets/%2fetc%2fpasswd",
        "/assets/..;/..;/package.json",
        "/../../../../etc/passwd",
        "/api/collections/..%2f..%2fcity.json/items",
        "/api/runs/..%2f..%2fcity.json",
    ],
)
def test_no_path_leads_out(address: tuple[str, int], path: str) -> None:
    status, body = _ask(address, "GET", path)
    assert status == 404 or body.startswith(b"<!doctype html>"), (status, body[:200])
    for inside in (b"[project]", b"root:", b'"format"', b"devDependencies"):
        assert inside not in body


@pytest.mark.parametrize("digits", [10, 5000])
def test_numbers_too_long_are_no_address(address: tuple[str, int], digits: int) -> None:
    status, _ = _ask(address, "GET", f"/api/tiles/WebMercatorQuad/1/1/{'9' * digits}")
    assert status == 404


def test_bytes_that_are_no_text_do_not_harm(address: tuple[str, int]) -> None:
    assert _ask(address, "GET", "/api/collections/%ff%fe")[0] == 404
    assert _ask(address, "GET", "/api/search?q=%ff%ed%a0%80")[0] == 200
    assert _ask(address, "PATCH", ROAD, body=b"\xff", headers={"Content-Type": "application/json"})[0] == 400


def test_a_body_without_length_is_read_no_further_than_allowed(address: tuple[str, int]) -> None:
    chunks = iter([b"x" * 2**20] * 9)
    headers = {"Content-Type": "application/json", "Transfer-Encoding": "chunked"}
    connection = http.client.HTTPConnection(*address, timeout=20)
    connection.request("PATCH", ROAD, body=chunks, headers=headers, encode_chunked=True)
    assert connection.getresponse().status in (400, 413)
    connection.close()
