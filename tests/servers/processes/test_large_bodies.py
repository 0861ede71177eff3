"""What is refused while it is still being sent: the answer reaches a client that sends all before it reads."""

from __future__ import annotations

import http.client
import json
import socket

import pytest

PATCH = "PATCH /api/collections/roads/items/w9100-n1000 HTTP/1.1"
LARGE = 9_500_000


def answer(address, head, body, *, whole=True):
    """Send all, then read: status and problem. A connection that is cut on the way raises."""
    with socket.create_connection(address, timeout=30) as connection:
        lines = [head, "Host: 127.0.0.1", "Content-Type: application/json", "Connection: close"]
        length = len(body) if whole else 2 * LARGE
        connection.sendall("\r\n".join([*lines, f"Content-Length: {length}", "", ""]).encode())
        connection.sendall(body)
        read = b"".join(iter(lambda: connection.recv(65_536), b""))
    status, _, content = read.partition(b"\r\n\r\n")
    return int(status.split()[1]), json.loads(content)


@pytest.fixture
def address(serve):
    return serve("--web-workers", "1").address


def test_a_large_body_is_refused_in_words_each_time(address):
    for _ in range(4):
        status, problem = answer(address, PATCH, b"x" * LARGE)
        assert (status, problem["code"]) == (413, "http.too_large")
        assert problem["got"] == f"{LARGE:,} bytes"


def test_so_is_one_that_nobody_reads(address):
    status, problem = answer(address, "DELETE /api/city HTTP/1.1", b"x" * LARGE)
    assert (status, problem["code"]) == (405, "http.method")


def test_a_client_that_stops_in_the_middle_is_answered_too(address):
    assert answer(address, PATCH, b"x" * 1000, whole=False)[0] == 413


def test_the_connection_goes_on_after_a_body_that_was_refused(address):
    connection = http.client.HTTPConnection(*address, timeout=30)
    connection.request("PATCH", "/api/city", b"x" * LARGE)
    refused = connection.getresponse()
    refused.read()
    same = connection.sock
    connection.request("GET", "/health")
    health = connection.getresponse()
    assert (refused.status, health.status, connection.sock is same) == (405, 200, True)
    health.read()
    connection.close()
