"""What one client may ask: requests a second over all workers, levels and positions of a body."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from cim_core.errors import ParameterError
from servers.api.limits import _SLOTS, DEEPEST, MOST_VERTICES, TokenBuckets, check_json, depth

ROAD = "/api/collections/roads/items/w9100-n1000"


class Clock:
    """Seconds that a test moves on."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_bucket_empties_and_fills_at_its_rate(clock: Clock) -> None:
    buckets = TokenBuckets.shared(2.0, 3, clock)
    assert [buckets.wait_s("a") for _ in range(5)] == [0.0, 0.0, 0.0, 0.5, 0.5]
    clock.now += 0.5
    assert [buckets.wait_s("a") for _ in range(2)] == [0.0, 0.5]
    clock.now += 3600
    assert [bool(buckets.wait_s("a")) for _ in range(4)] == [False, False, False, True], "no more than its burst"


def test_each_address_has_its_own(clock: Clock) -> None:
    buckets = TokenBuckets.shared(1.0, 1, clock)
    addresses = [f"192.0.2.{n}" for n in range(200)] + [f"2001:db8::{n}" for n in range(200)]
    assert {buckets.wait_s(one) for one in addresses} == {0.0}
    assert {buckets.wait_s(one) for one in addresses} == {1.0}


def test_a_full_table_goes_on_and_lets_nobody_through_for_nothing(clock: Clock) -> None:
    buckets = TokenBuckets.shared(1.0, 1, clock)
    through = sum(not buckets.wait_s(f"2001:db8::{n:x}") for n in range(4 * _SLOTS))
    assert _SLOTS * 0.9 <= through <= _SLOTS, "who finds no free place shares one that is used up"
    clock.now += 1.0
    assert buckets.wait_s("198.51.100.1") == 0.0, "places that nobody needs any more are taken"


def test_processes_share_one_bucket() -> None:
    """Three forked processes take what there is: no token twice, none lost."""
    buckets = TokenBuckets.shared(1e-6, 1000)
    ours, theirs = os.pipe()
    children = []
    for _ in range(3):
        child = os.fork()
        if child == 0:
            taken = sum(not buckets.wait_s("a") for _ in range(600))
            os.write(theirs, f"{taken}\n".encode())
            os._exit(0)
        children.append(child)
    for child in children:
        assert os.waitpid(child, 0)[1] == 0
    os.close(theirs)
    with os.fdopen(ours) as stream:
        assert sum(map(int, stream)) == 1000


def test_who_asks_too_often_is_told_when_to_come_back(reading_app: Flask, refused: Any, clock: Clock) -> None:
    client = reading_app.test_client()
    reading_app.extensions["cim.buckets"] = TokenBuckets.shared(0.1, 2, clock)
    try:
        assert [client.get("/api/city").status_code for _ in range(2)] == [200, 200]
        answer = client.get("/api/city")
        assert "0.1 requests a second" in refused(answer, 429, "http.too_many")["expected"]
        assert answer.headers["Retry-After"] == "10"
        assert client.get("/api/city", environ_overrides={"REMOTE_ADDR": "::1"}).status_code == 200
        clock.now += 10
        assert client.get("/api/city").status_code == 200
    finally:
        del reading_app.extensions["cim.buckets"]


_JSON = st.recursive(
    st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)


def levels(content: Any) -> int:
    """The same by recursion over what was parsed."""
    if isinstance(content, dict):
        return 1 + max(map(levels, content.values()), default=0)
    return 1 + max(map(levels, content), default=0) if isinstance(content, list) else 0


@given(_JSON)
def test_levels_are_those_of_the_content(content: Any) -> None:
    body = json.dumps(content).encode()
    check_json(body)
    wrapped = b"[" * DEEPEST + body + b"]" * DEEPEST
    if levels(content):
        with pytest.raises(ParameterError, match="nested too deeply"):
            check_json(wrapped)
    else:
        check_json(wrapped)


@given(st.binary(max_size=300))
def test_any_bytes_are_judged(body: bytes) -> None:
    check_json(body)


def test_brackets_in_texts_are_no_levels() -> None:
    body = json.dumps({"name": "[" * 1000 + '\\"{{{'}).encode()
    check_json(body)
    assert depth(b'{"": [[1], {}]}') == 3


def test_positions_are_counted(client: FlaskClient, refused: Any) -> None:
    line = {"type": "LineString", "coordinates": [[106.5, -29.5, 3]] * MOST_VERTICES}
    check_json(json.dumps(line).encode())
    line["coordinates"].append([1, 2])
    answer = client.patch(ROAD, json={"fields": {"geometry": line}})
    assert refused(answer, 400, "http.too_many_vertices")["got"] == f"{MOST_VERTICES + 1:,}"


def test_what_is_not_json_or_goes_nowhere_is_not_looked_at(client: FlaskClient, refused: Any) -> None:
    deep = b"[" * 100
    refused(client.post("/api/nowhere", data=deep, content_type="application/json"), 405, "http.method")
    refused(client.patch(ROAD, data=deep, content_type="text/plain"), 415, "http.media_type")
    refused(client.patch(ROAD, data=deep, content_type="application/geo+json"), 400, "http.too_deep")


def test_a_long_text_takes_little_more_than_it_is() -> None:
    script = """
        import resource
        from servers.api.limits import check_json
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        check_json(b'"' + b"a" * 8_000_000 + b'"')
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], check=True, capture_output=True, text=True)
    assert int(done.stdout) < 100_000, "kB"
