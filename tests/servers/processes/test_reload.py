"""SIGHUP: new web workers with new settings, while nobody who asks notices."""

from __future__ import annotations

import http.client
import os
import pty
import signal
import socket
import threading

import psutil
import pytest
from commands import CIM, environment
from raw_http import exchange, head, read
from served import eventually

ROAD = "/api/collections/roads/items/w9100-n1000"


@pytest.fixture
def configured(serve, tmp_path):
    """A server whose settings are in a file, and the file."""
    file = tmp_path / "cim.toml"
    file.write_text("web_workers = 1\nweb_threads = 2\n")
    return serve(CIM_CONFIG=str(file)), file


def workers(served) -> int:
    return len(psutil.Process(served.pid("web")).children())


def reload(served) -> None:
    """SIGHUP, and wait until another web process has taken over and the old one is gone."""
    old = served.pid("web")
    served.process.send_signal(signal.SIGHUP)
    eventually(lambda: served.pid("web") != old)
    eventually(lambda: not psutil.pid_exists(old))


class Asking:
    """Somebody who asks without end; what was not answered with 200 is kept."""

    def __init__(self, served, *, keep: bool) -> None:
        self._address, self._keep, self._stop = served.address, keep, threading.Event()
        self.failures: list[object] = []
        self.answered = 0
        self._thread = threading.Thread(target=self._ask, daemon=True)
        self._thread.start()

    def _ask(self) -> None:
        connection = http.client.HTTPConnection(*self._address, timeout=20)
        while not self._stop.is_set():
            try:
                connection.request("GET", "/api/collections/roads/items?limit=20")
                answer = connection.getresponse()
                answer.read()
                if answer.status != 200:
                    self.failures.append(answer.status)
            except (OSError, http.client.HTTPException) as fault:
                self.failures.append(fault)
                connection.close()
            self.answered += 1
            if not self._keep:
                connection.close()
        connection.close()

    def end(self) -> list[object]:
        self._stop.set()
        self._thread.join()
        return self.failures


def test_no_request_fails_across_reloads(configured):
    served, file = configured
    others = {name: served.pid(name) for name in ("runs", "live")}
    asking = [Asking(served, keep=keep) for keep in (True, False, True)]
    for wanted in (2, 1):
        file.write_text(f"web_workers = {wanted}\nweb_threads = 2\n")
        before = [one.answered for one in asking]
        reload(served)
        assert workers(served) == wanted, "the settings are the new ones"
        eventually(lambda before=before: all(a.answered > b for a, b in zip(asking, before, strict=True)))
    assert [one.end() for one in asking] == [[], [], []]
    assert {name: served.pid(name) for name in ("runs", "live")} == others
    assert "Traceback" not in served.complaints


def test_what_is_forked_has_opened_nothing_of_the_city(configured):
    """A database's connection in two processes is a broken one."""
    served, _ = configured
    served.get("/api/collections/roads/items?limit=1")
    web = psutil.Process(served.pid("web"))
    assert [file.path for file in web.open_files() if file.path.startswith(str(served.root))] == []


def test_a_request_that_was_begun_is_answered_by_the_old_worker(configured):
    served, _ = configured
    body = b'{"fields": {"lanes_forward": 2}}'
    with socket.create_connection(served.address, timeout=20) as begun:
        start = head(f"PATCH {ROAD} HTTP/1.1", "Content-Type: application/json", f"Content-Length: {len(body)}")
        begun.sendall(start + body[:9])
        eventually(lambda: exchange(served.address, head("GET /health HTTP/1.1", "Connection: close")).status == 200)
        old = served.pid("web")
        served.process.send_signal(signal.SIGHUP)
        eventually(lambda: served.pid("web") != old)
        begun.sendall(body[9:])
        answer = read(begun)
    assert (answer.status, answer.headers["connection"]) == (200, "close")
    eventually(lambda: not psutil.pid_exists(old))


def test_settings_that_do_not_fit_change_nothing(configured):
    served, file = configured
    old = served.pid("web")
    file.write_text("web_workers = 1000\n")
    served.process.send_signal(signal.SIGHUP)
    eventually(lambda: "the settings are not taken" in served.complaints)
    assert served.get("/health")["status"] == "ok"
    assert served.pid("web") == old
    assert "web_workers" in served.complaints


def test_a_limit_of_requests_is_taken_up_and_kept_by_all_workers(configured):
    served, file = configured
    file.write_text("web_workers = 2\nrate_per_s = 0.01\nrate_burst = 10\n")
    reload(served)
    answers = [exchange(served.address, head("GET /api/city HTTP/1.1", "Connection: close")) for _ in range(14)]
    assert [answer.status for answer in answers] == [200] * 10 + [429] * 4
    assert answers[-1].problem["code"] == "http.too_many"
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 100
    file.write_text("web_workers = 1\n")
    reload(served)
    assert served.get("/health")["status"] == "ok"


def test_a_terminal_that_is_closed_ends_the_server(city):
    """There SIGHUP means what it says."""
    process, terminal = pty.fork()
    if process == 0:
        os.execve(CIM, [CIM, "serve", "--port", "0", "--json"], environment(city.root))
    try:
        said = b""
        while b'"ready"' not in said:
            said += os.read(terminal, 4096)
        assert (city.root / ".serve.json").exists()
    finally:
        os.close(terminal)
    assert eventually(lambda: (ended := os.waitpid(process, os.WNOHANG))[0] and ended) == (process, 0)
    assert not (city.root / ".serve.json").exists()


def test_a_new_process_that_does_not_start_leaves_the_old_one(configured):
    served, _ = configured
    old = served.pid("web")
    known = {process.pid for process in psutil.Process(served.process.pid).children()}
    served.process.send_signal(signal.SIGHUP)
    new = eventually(lambda: {one.pid for one in psutil.Process(served.process.pid).children()} - known).pop()
    os.kill(new, signal.SIGKILL)
    eventually(lambda: "the old one stays" in served.complaints)
    assert served.pid("web") == old
    assert served.get("/health")["status"] == "ok"
