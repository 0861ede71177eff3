"""Clients that send or read a byte a second, many at a time: they keep no thread, and in the end they are dropped."""

from __future__ import annotations

import contextlib
import shutil
import socket
import threading
import time
from collections.abc import Iterator

import pytest
from raw_http import Answer, exchange, head, read
from served import Served, ended, eventually, started

from cim_core.city import City
from cim_core.store import plans

ITEMS = "/api/collections/roads/items?limit=50"
PATCH = "PATCH /api/collections/roads/items/w9100-n1000 HTTP/1.1"
MANY = 60
LISTENERS = 200
THREADS = 2


@pytest.fixture(scope="module")
def served(tiny_folder, tmp_path_factory) -> Iterator[Served]:
    """One server with one process of two threads: sixty slow clients would stop it many times over."""
    folder = tmp_path_factory.mktemp("slow")
    root = shutil.copytree(tiny_folder, folder / "city")
    found = started(root, folder / "errors", "--web-workers", "1", "--web-threads", str(THREADS))
    yield found
    ended(found)


class Drip:
    """Connections that send their bytes one a second from a thread of their own, until the server ends them."""

    def __init__(self, served: Served, first: bytes, then: bytes, count: int) -> None:
        self.connections = [socket.create_connection(served.address, timeout=30) for _ in range(count)]
        for one in self.connections:
            one.sendall(first)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._send, args=(then,), daemon=True)
        self._thread.start()

    def _send(self, then: bytes) -> None:
        for byte in then:
            if self._stop.wait(1.0):
                return
            for one in self.connections:
                try:
                    one.send(bytes([byte]))
                except OSError:
                    continue

    def answers(self) -> list[Answer]:
        """What each was told."""
        found = []
        for one in self.connections:
            try:
                found.append(read(one))
            except ConnectionResetError:  # it was still sending when it was dropped
                found.append(Answer(0))
        return found

    def close(self) -> None:
        self._stop.set()
        self._thread.join()
        for one in self.connections:
            one.close()


def is_answered(served: Served) -> None:
    """Items come while others are slow; the socket's own time-out is the bound."""
    answer = exchange(served.address, head(f"GET {ITEMS} HTTP/1.1", "Connection: close"), seconds=5)
    assert (answer.status, answer.headers["content-type"]) == (200, "application/geo+json")


DRIPS = {
    "head": b"GET /api/city HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ",
    "body": head(PATCH, "Content-Type: application/json", "Content-Length: 5000") + b'{"fields": {',
    "chunks": head(PATCH, "Content-Type: application/json", "Transfer-Encoding: chunked") + b"5000\r\n",
}


def test_what_drips_keeps_no_thread_and_is_ended(served):
    drips = {name: Drip(served, first, b" " * 60, MANY) for name, first in DRIPS.items()}
    for _ in range(3):
        is_answered(served)
    for name, drip in drips.items():
        found = drip.answers()
        drip.close()
        assert {answer.status for answer in found} <= {0, 408}, name
        assert [answer.problem["code"] for answer in found if answer.status][:1] == ["http.slow"], name
    assert served.get("/api/city")["sequence"] == 2, "nothing was written"


def test_a_large_body_that_stalls_frees_its_thread(served):
    """Its first part is there, so a thread has taken it; then nothing comes."""
    start = head("POST /api/inputs?name=a.csv HTTP/1.1", "Content-Type: text/csv", f"Content-Length: {2**20}")
    stalled = [socket.create_connection(served.address, timeout=40) for _ in range(THREADS)]
    for one in stalled:
        one.sendall(start + b"x" * 300_000)
    assert [read(one).problem["code"] for one in stalled] == ["http.cut"] * THREADS
    is_answered(served)
    for one in stalled:
        one.close()


def test_who_does_not_read_keeps_no_thread_and_is_dropped(served):
    """Each asks for more than the system's own buffers hold, and reads a byte a second."""
    asked = head(f"GET {ITEMS} HTTP/1.1") * 4000
    readers = []
    for _ in range(8):
        one = socket.socket()
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        one.settimeout(40)
        one.connect(served.address)
        one.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            one.send(asked)
        readers.append(one)
    until = time.monotonic() + 4
    while time.monotonic() < until:
        is_answered(served)
        for one in readers:
            with contextlib.suppress(BlockingIOError):
                one.recv(1)
        time.sleep(0.5)
    eventually(lambda: all(_is_dropped(one) for one in readers), 60)


def _is_dropped(reader: socket.socket) -> bool:
    return bool(reader.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)) or _state(reader) != 1


def _state(reader: socket.socket) -> int:
    """TCP_INFO's first byte; 1 is ESTABLISHED."""
    return reader.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]


def test_who_never_closes_does_not_stop_the_others(served):
    """A closing connection is listened to for two seconds; the next client need not wait for that."""
    left_open = [socket.create_connection(served.address, timeout=10) for _ in range(30)]
    for one in left_open:
        one.sendall(head("GET /health HTTP/1.1", "Connection: close"))
        assert read(one).status == 200
    for _ in range(5):
        is_answered(served)
    for one in left_open:
        one.close()


def test_listeners_and_slow_clients_together_stop_nobody(served):
    city = City.open(served.root)
    streams = [served.listen("/api/live?topics=plans") for _ in range(LISTENERS)]
    assert {stream.event()[0] for stream in streams} == {"hello"}
    silent = [socket.create_connection(served.address) for _ in range(MANY)]
    drip = Drip(served, DRIPS["head"], b"x" * 60, MANY)
    for _ in range(5):
        is_answered(served)
    with city.database.write() as connection:
        plans.save(connection, "heard", {"plan": "heard", "measures": []}, "0" * 64, author="tester")
    assert {stream.event()[1]["name"] for stream in streams} == {"heard"}
    is_answered(served)
    drip.close()
    for one in (*streams, *silent):
        one.close()
    assert "Traceback" not in served.complaints
