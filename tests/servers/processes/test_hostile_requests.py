"""Requests that are none, bodies that are too large, connections that are cut: a problem in words, and nothing half."""

from __future__ import annotations

import shutil
import socket
import struct
import time
from collections.abc import Iterator

import pytest
from raw_http import Answer, exchange, head, read
from served import Served, ended, eventually, open_files, started

ROAD = "/api/collections/roads/items/w9100-n1000"
JSON = "Content-Type: application/json"
GET = "GET /api/city HTTP/1.1"


@pytest.fixture(scope="module")
def served(tiny_folder, tmp_path_factory) -> Iterator[Served]:
    """One server for all of them: what harms it harms the next test."""
    folder = tmp_path_factory.mktemp("hostile")
    found = started(
        shutil.copytree(tiny_folder, folder / "city"), folder / "errors", "--web-workers", "1", "--web-threads", "2"
    )
    yield found
    ended(found)


@pytest.fixture(autouse=True)
def unharmed(served) -> Iterator[None]:
    """After each test the server answers, nothing was written, and no trace was logged."""
    yield
    assert served.get("/health")["status"] == "ok"
    assert served.get("/api/city")["sequence"] == 2
    assert "Traceback" not in served.complaints


def refused(served: Served, sent: bytes) -> tuple[int, str]:
    answer = exchange(served.address, sent)
    assert answer.headers.get("cache-control") == "no-store"
    return answer.status, answer.problem["code"]


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        (b"hello\r\n\r\n", 400, "http.malformed"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400, "http.malformed"),
        (b"GET /api/city\r\n\r\n", 400, "http.malformed"),
        (b"GET /api/city HTTP/9.9\r\nHost: 127.0.0.1\r\n\r\n", 400, "http.malformed"),
        (b"GET /api/city HTTP/1.1\nHost: 127.0.0.1\n\n", 400, "http.malformed"),
        (head(GET, "Host: localhost"), 400, "http.malformed"),
        (b"GET /api/city HTTP/1.1\r\n\r\n", 421, "http.host"),
        (head(GET, host="evil.example"), 421, "http.host"),
        (head(GET, host="127.0.0.1, localhost"), 421, "http.host"),
        (head("GET http://evil.example/api/city HTTP/1.1"), 421, "http.host"),
        (head("GET http://127.0.0.1@evil.example/api/city HTTP/1.1"), 421, "http.host"),
        (head("GET /api/c\x00ity HTTP/1.1"), 400, "http.malformed"),
        (head("GET /api/\xff HTTP/1.1"), 400, "http.malformed"),
        (head(GET, "X-Evil: a\x00b"), 400, "http.malformed"),
        (head(GET, "X-Evil: a\rSet-Cookie: b"), 400, "http.malformed"),
        (head(GET, "X Evil: a"), 400, "http.malformed"),
        (head(GET, " folded: a"), 400, "http.malformed"),
        (head(GET, "Content-Length: 5", "Content-Length: 6"), 400, "http.malformed"),
        (head(GET, "Content-Length: 5", "Transfer-Encoding: chunked"), 400, "http.malformed"),
        (head(GET, "Content-Length: -5"), 400, "http.malformed"),
        (head(f"POST {ROAD} HTTP/1.1", "Transfer-Encoding: frob"), 501, "http.transfer_coding"),
        (head(GET, "Expect: miracles"), 417, "http.expectation"),
        (head(f"GET /api/city?x={'a' * 9000} HTTP/1.1"), 414, "http.long_address"),
        (head(GET, f"X-Long: {'a' * 9000}"), 431, "http.long_head"),
        (head(GET, *(f"X-{n}: a" for n in range(200))), 431, "http.long_head"),
        (f"{GET}\r\nX: ".encode() + b"a" * 100_000, 431, "http.long_head"),
        (head("BREW /api/city HTTP/1.1"), 405, "http.method"),
        (head("TRACE /api/city HTTP/1.1"), 405, "http.method"),
    ],
)
def test_what_is_no_request_is_refused_in_words(served, sent, status, code):
    assert refused(served, sent) == (status, code)


@pytest.mark.parametrize(
    "target",
    [
        "/api/collections/%00/items",
        "/api/collections/roads/items/%00",
        "/api/collections/%ff%fe/items",
        "/api/collections/roads/items/..%2f..%2f..%2fetc%2fpasswd",
        "/api/collections/roads/items/%2e%2e",
        "/api/../../../etc/passwd",
        "/api/..;/city.json",
        "//api//city",
        "/api/collections/roads\\..\\items",
        "/api/search?q=%00",
        f"/api/collections/{'a' * 4000}",
        "/api/tiles/WebMercatorQuad/99/0/0",
        "/api/tiles/WebMercatorQuad/-1/0/0",
        "*",
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "DELETE"])
def test_paths_that_lead_nowhere(served, method, target):
    answer = exchange(served.address, head(f"{method} {target} HTTP/1.1", "Connection: close"))
    if method == "OPTIONS" and answer.status == 200:
        assert "GET" in answer.headers["allow"]
    elif target.startswith("/api/.."):
        assert answer.status in (404, 405)
        assert b"root:" not in answer.body
    else:
        assert answer.status in (400, 404, 405)
    if method == "HEAD":
        assert answer.body == b""
    elif answer.status >= 400:
        assert answer.problem["status"] == answer.status


@pytest.mark.parametrize(
    "accept",
    [";;;", ",", "*/*;q=NaN", "*/*;q=-1", "application/json;q=x", "a" * 8000, "*/*," * 2000, "\xff\xfe", '"', "/", "*"],
)
def test_accept_headers_that_make_no_sense(served, accept):
    for name in ("Accept", "Accept-Encoding", "Accept-Language"):
        answer = exchange(served.address, head(GET, f"{name}: {accept}", "Connection: close"))
        if answer.status != 200:
            assert (answer.status, answer.problem["code"]) == (406, "http.not_acceptable")


@pytest.mark.parametrize("name", ["If-None-Match", "If-Match", "If-Modified-Since", "Range", "Cookie", "Authorization"])
@pytest.mark.parametrize("value", ["", '"', "\xff\xfe", "bytes=9-1,a-b", "*", "," * 3000, "Thu, 99 Foo 99999 99:99:99"])
def test_conditional_headers_that_make_no_sense(served, name, value):
    answer = exchange(served.address, head(GET, f"{name}: {value}", "Connection: close"))
    if answer.status not in (200, 304):
        assert (name, answer.status, answer.problem["code"]) == ("If-Match", 412, "http.precondition")


@pytest.mark.parametrize(
    "query", ["f=csv%0d%0aSet-Cookie:%20a=b", "lang=%0d%0aX:%20y", "at=%0d%0a", "bbox=%0d%0a", "limit=1%0d%0aX-A:%20b"]
)
def test_no_header_is_smuggled_into_an_answer(served, query):
    for path in ("items", "export"):
        asked = head(f"GET /api/collections/roads/{path}?{query} HTTP/1.1", "Connection: close")
        answer = exchange(served.address, asked)
        assert answer.status == 400
        assert not {"set-cookie", "x", "x-a"} & answer.headers.keys()


@pytest.mark.parametrize("path", ["/", "/api/", "/api/city", "/api/collections/roads/items", "/api/nowhere", "/health"])
def test_head_and_options_everywhere(served, path):
    whole, alone, options = (
        exchange(served.address, head(f"{method} {path} HTTP/1.1", "Connection: close"))
        for method in ("GET", "HEAD", "OPTIONS")
    )
    assert (alone.status, alone.body) == (whole.status, b"")
    assert alone.headers["content-type"] == whole.headers["content-type"]
    if options.status == 200:
        assert {"GET", "HEAD", "OPTIONS"} <= set(options.headers["allow"].split(", "))
    else:
        assert options.problem["status"] == whole.status == 404


def patch(body: bytes, *fields: str) -> bytes:
    return head(f"PATCH {ROAD} HTTP/1.1", JSON, f"Content-Length: {len(body)}", "Connection: close", *fields) + body


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b'{"fields": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", 400, "http.too_deep"),
        (b'{"a":' * 100 + b"1" + b"}" * 100, 400, "http.too_deep"),
        (b'{"geometry": [' + b"[1,2]," * 100_001 + b"[1,2]]}", 400, "http.too_many_vertices"),
        (b"[" * 60, 400, "http.not_json"),
        (b'{"fields": {"name": "' + b"\xed\xa0\x80" + b'"}}', 400, "http.not_json"),
        (b"\x00", 400, "http.not_json"),
        (b"", 400, "http.not_json"),
        (b'{"fields": {"lanes_forward": NaN}}', 400, "http.not_json"),
    ],
)
def test_bodies_that_are_too_much_or_no_json(served, body, status, code):
    assert refused(served, patch(body)) == (status, code)


def test_a_body_of_100_mb_is_refused_without_being_read(served):
    sent = head(f"PATCH {ROAD} HTTP/1.1", JSON, f"Content-Length: {100 * 2**20}")
    with socket.create_connection(served.address, timeout=20) as connection:
        connection.sendall(sent + b"x" * 70_000)
        answer = read(connection)
        assert (answer.status, answer.problem["code"], answer.headers["connection"]) == (413, "http.too_large", "close")
        assert eventually(lambda: _is_closed(connection))


def _is_closed(connection: socket.socket) -> bool:
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True


def test_who_asks_before_sending_100_mb_is_spared_it(served):
    asked = head(f"PATCH {ROAD} HTTP/1.1", JSON, f"Content-Length: {100 * 2**20}", "Expect: 100-continue")
    answer = exchange(served.address, asked)
    assert (answer.status, answer.headers["connection"]) == (413, "close"), "and no 100 before it"


def test_who_asks_before_sending_a_little_is_told_to_go_on(served):
    body = b'{"fields": {"nothing": 1}}'
    with socket.create_connection(served.address, timeout=20) as connection:
        connection.sendall(head(f"PATCH {ROAD} HTTP/1.1", JSON, f"Content-Length: {len(body)}", "Expect: 100-continue"))
        assert connection.recv(1024) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(body)
        assert read(connection).status == 422


@pytest.mark.parametrize("chunks", [b"zz\r\n{}\r\n0\r\n\r\n", b"5\r\n{}\r\n0\r\n\r\n", b"-1\r\n\r\n0\r\n\r\n"])
def test_chunks_that_are_none(served, chunks):
    assert refused(served, head(f"PATCH {ROAD} HTTP/1.1", JSON, "Transfer-Encoding: chunked") + chunks) == (
        400,
        "http.cut",
    )


def test_a_body_that_is_cut_changes_nothing(served):
    body = b'{"fields": {"lanes_forward": 2}}'
    for sent in (body[:-1], body[:1], b""):
        with socket.create_connection(served.address, timeout=20) as connection:
            connection.sendall(head(f"PATCH {ROAD} HTTP/1.1", JSON, f"Content-Length: {len(body)}") + sent)
            connection.shutdown(socket.SHUT_WR)
            assert read(connection) == Answer(0)


def test_an_answer_that_is_cut_leaves_nothing_behind(served):
    worker = eventually(lambda: _worker(served))
    served.get("/api/city")
    before = open_files(worker)
    for path in ("items?limit=1000", "export?f=csv", "export"):
        for _ in range(10):
            with socket.create_connection(served.address, timeout=20) as connection:
                connection.sendall(head(f"GET /api/collections/roads/{path} HTTP/1.1"))
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                time.sleep(0.01)
    assert eventually(lambda: open_files(worker) <= before + 3)


def _worker(served: Served) -> int:
    import psutil

    return psutil.Process(served.pid("web")).children()[0].pid


def test_requests_in_one_piece_are_answered_one_after_the_other(served):
    with socket.create_connection(served.address, timeout=20) as connection:
        connection.sendall(head("GET /health HTTP/1.1") * 3 + head("GET /health HTTP/1.1", "Connection: close"))
        whole = b"".join(iter(lambda: connection.recv(65_536), b""))
    assert whole.count(b"HTTP/1.1 200 OK\r\n") == 4


def test_a_request_byte_by_byte_is_one_request(served):
    with socket.create_connection(served.address, timeout=20) as connection:
        for byte in head(GET, "Connection: close"):
            connection.send(bytes([byte]))
        assert read(connection).status == 200
