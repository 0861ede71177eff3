"""``cim serve``: it starts and says so, it ends whole, and what stands in its way is said before anything starts."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from commands import CIM, environment
from served import eventually

from cim_core.city import City


def test_it_serves_says_where_and_ends_with_everything_it_started(serve, city, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    served = serve(HOME=str(home))
    assert served.said["status"] == "ready"
    assert served.said["city"] == city.record.name
    health = served.get("/health")
    assert health["status"] == "ok"
    assert {name: one["alive"] for name, one in health["processes"].items()} == {"runs": True, "live": True}
    assert {served.said["processes"]["live"], served.pid("web")} < {process.pid for process in served.family()}
    assert served.end(signal.SIGINT) == 0
    assert eventually(lambda: not served.family(), 3)
    assert not (city.root / ".serve.json").exists()
    assert list(home.rglob("*")) == []
    assert "Traceback" not in served.complaints


def test_connections_that_are_silent_or_stream_do_not_keep_it(serve):
    served = serve()
    silent = [socket.create_connection(served.address) for _ in range(2)]
    kept = http.client.HTTPConnection(*served.address, timeout=20)
    kept.request("GET", "/health")
    kept.getresponse().read()
    stream = served.listen()
    stream.event()
    assert served.end(signal.SIGINT) == 0
    assert eventually(lambda: not served.family(), 3)
    assert "Traceback" not in served.complaints
    stream.close()
    for one in (kept, *silent):
        one.close()


def test_a_web_process_leaves_without_waiting_for_its_threads():
    program = (
        "import sys, time; from concurrent.futures import ThreadPoolExecutor\n"
        "from servers.supervision.web_process import _leave\n"
        "ThreadPoolExecutor(1).submit(time.sleep, 600); print('said'); _leave(3)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (3, "said\n"), done.stderr


def test_an_empty_city_can_be_served(serve, tmp_path):
    root = tmp_path / "empty"
    City.create(root).database.close()
    assert serve(root=root).get("/health")["status"] == "ok"


def complaint(root: Path, *options: str) -> dict[str, str]:
    done = subprocess.run(
        [CIM, "serve", "--json", *options],
        env=environment(root),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stderr
    error: dict[str, str] = json.loads(done.stdout)["error"]
    assert done.returncode == (2 if error["code"] in ("serve.not_loopback", "settings.invalid") else 1)
    return error


def test_a_port_that_is_taken_is_said_with_who_has_it(city):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        error = complaint(city.root, "--port", str(port))
    assert error["code"] == "serve.port_busy"
    assert str(port) in error["what"]
    assert f"process {os.getpid()} " in error["got"]
    assert "--port" in error["remedy"]
    assert not (city.root / ".serve.json").exists()


def test_a_second_server_of_a_city_is_told_where_the_first_is(serve, city):
    served = serve()
    error = complaint(city.root, "--port", "0")
    assert error["code"] == "serve.already_running"
    assert str(served.process.pid) in error["got"]
    assert served.said["address"] in error["remedy"]
    assert served.get("/health")["status"] == "ok", "the first one serves on"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.1", "example.org", ""])
def test_no_other_machine_can_be_let_in(city, host):
    error = complaint(city.root, "--port", "0", "--host", host)
    assert error["code"] == "serve.not_loopback"
    assert "accounts" in error["what"]


def test_a_port_that_is_none_is_refused(city):
    assert complaint(city.root, "--port", "65536")["code"] == "settings.invalid"


def test_without_a_city_nothing_starts(tmp_path):
    assert complaint(tmp_path / "nowhere", "--port", "0")["code"] == "city.missing"
    assert not (tmp_path / "nowhere").exists()


def test_a_city_of_a_newer_version_is_left_alone(city):
    (city.root / "city.json").write_text('{"format": 99, "database": ""}')
    assert complaint(city.root, "--port", "0")["code"] == "city.newer"
    assert not (city.root / ".serve.lock").exists()
