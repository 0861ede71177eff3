"""The page's own files: the index for its addresses, packed files, nothing beside them."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from servers.api import page


@pytest.fixture(autouse=True)
def dist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "web" / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>page</title>")
    script = b"console.log(1);" * 200
    (folder / "assets" / "index-1a2b.js").write_bytes(script)
    (folder / "assets" / "index-1a2b.js.gz").write_bytes(gzip.compress(script))
    (folder / "assets" / "index-1a2b.js.br").write_bytes(b"brotli")
    (folder / "icon.svg").write_text("<svg/>")
    (folder.parent / "package.json").write_text('{"secret": 1}')
    (folder / "link.json").symlink_to(folder.parent / "package.json")
    monkeypatch.setattr(page, "DIST", folder)
    return folder


@pytest.mark.parametrize("path", ["/", "/?view=1&view=2", "/compare/abc", "/run/1a2b?layers=roads", "/计划"])
def test_the_pages_addresses_give_the_page(get: Any, path: str) -> None:
    answer = get(path)
    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    assert answer.text == "<!doctype html><title>page</title>"
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("accept", "coding", "body"),
    [("gzip, br", "br", b"brotli"), ("gzip", "gzip", None), ("identity", None, b"console.log(1);" * 200)],
)
def test_packed_files_go_out_as_they_lie(get: Any, dist: Path, accept: str, coding: str | None, body: bytes) -> None:
    answer = get("/assets/index-1a2b.js", **{"Accept-Encoding": accept})
    assert answer.mimetype == "text/javascript"
    assert answer.headers.get("Content-Encoding") == coding
    assert answer.data == (body or (dist / "assets" / "index-1a2b.js.gz").read_bytes())
    assert "immutable" in answer.headers["Cache-Control"]
    assert "Accept-Encoding" in answer.headers["Vary"]


def test_the_index_is_asked_for_again_and_often_unchanged(get: Any) -> None:
    etag = get("/").headers["ETag"]
    assert get("/", **{"If-None-Match": etag}).status_code == 304


@pytest.mark.parametrize(
    "path",
    [
        *("/assets/gone-9f.js", "/favicon.ico", "/../package.json", "/%2e%2e/package.json", "/..%2fpackage.json"),
        *("/link.json", "/assets/", "/api/x", "/healthy.txt", "/sta/v1.1/Things", "/metrics"),
    ],
)
def test_what_is_no_file_of_the_page_is_not_there(get: Any, refused: Any, path: str) -> None:
    refused(get(path), 404, "http.not_found")


def test_a_page_that_is_not_built_says_how(get: Any, refused: Any, dist: Path) -> None:
    (dist / "index.html").unlink()
    assert "make run" in refused(get("/"), 404, "page.not_built")["remedy"]
    assert get("/api/city").status_code == 200


def test_a_page_built_anew_is_served_at_once(get: Any, dist: Path) -> None:
    assert get("/assets/new-3c.js").status_code == 404
    (dist / "assets" / "new-3c.js").write_text("1")
    (dist / "index.html").write_text("<!doctype html><title>newer</title>")
    assert get("/").text == "<!doctype html><title>newer</title>"
    assert get("/assets/new-3c.js").data == b"1"


def test_the_page_is_never_changed_from_outside(reading_app: Any, refused: Any) -> None:
    refused(reading_app.test_client().post("/assets/index-1a2b.js", data=b"x"), 405, "http.method")
