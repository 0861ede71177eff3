"""``cim serve`` as a process of its own at a free port, with all it started; ended with the test, whatever happens."""

from __future__ import annotations

import http.client
import json
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import psutil
import pytest
from commands import CIM, environment

from cim_core import jobs
from cim_core.city import City
from cim_core.plan import Plan
from cim_core.question import ask
from cim_core.registry import Registry

__all__ = ["eventually", "serve", "submit"]


def eventually(true: Callable[[], Any], seconds: float = 30.0) -> Any:
    """Wait until it is true; what it returned."""
    until = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < until, "it did not come to pass"
        time.sleep(0.02)
    return found


@dataclass
class Served:
    """A running server."""

    root: Path
    process: subprocess.Popen[str]
    errors: Path
    said: dict[str, Any] = field(default_factory=dict)

    @property
    def address(self) -> tuple[str, int]:
        host, _, port = self.said["address"].removeprefix("http://").rpartition(":")
        return host, int(port)

    @property
    def complaints(self) -> str:
        return self.errors.read_text(encoding="utf-8")

    def get(self, path: str) -> Any:
        connection = http.client.HTTPConnection(*self.address, timeout=20)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            assert answer.status == 200, answer.read()
            return json.loads(answer.read())
        finally:
            connection.close()

    def listen(self, path: str = "/api/live", last: str | None = None) -> Stream:
        return Stream(self.address, path, last)

    def pid(self, name: str) -> int:
        """The process of that name, as the roster says it now."""
        content = json.loads((self.root / ".serve.json").read_text())
        return int(content["processes"][name]["pid"])

    def family(self) -> list[psutil.Process]:
        """The server and every process that it or its children started, by their environment."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.environ().get("CIM_CITY") == str(self.root) and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
        return found

    def end(self, number: int = signal.SIGTERM) -> int:
        """Signal it and wait; its exit code."""
        self.process.send_signal(number)
        return self.process.wait(20)


class Stream:
    """A listener of server-sent events on a raw HTTP connection."""

    def __init__(self, address: tuple[str, int], path: str, last: str | None) -> None:
        self.connection = http.client.HTTPConnection(*address, timeout=20)
        headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": last} if last else {})
        self.connection.request("GET", path, headers=headers)
        self.answer = self.connection.getresponse()
        self.last = last

    def event(self) -> tuple[str, dict[str, Any]]:
        """The next event: name and data."""
        found: dict[str, str] = {}
        while "data" not in found:
            line = self.answer.fp.readline().decode()
            assert line, "the stream ended"
            name, colon, value = line.rstrip("\n").partition(": ")
            if colon and name:
                found[name] = value
        self.last = found.get("id", self.last)
        return found["event"], json.loads(found["data"])

    def until(self, true: Callable[[str, dict[str, Any]], bool]) -> dict[str, Any]:
        """The data of the next event of which it is true."""
        while True:
            name, data = self.event()
            if true(name, data):
                return data

    def close(self) -> None:
        self.answer.close()
        self.connection.close()


def _first_object(stream: IO[str]) -> dict[str, Any]:
    text = ""
    for line in stream:
        text += line
        if line.startswith("}"):
            return dict(json.loads(text))
    raise AssertionError(f"no answer: {text!r}")


def started(root: Path, errors: Path, *options: str, **more: str) -> Served:
    """A server of a city at a free port, ready."""
    process = subprocess.Popen(
        [CIM, "serve", "--port", "0", "--json", *options],
        env=environment(root, CIM_WORKERS="2", **more),
        stdout=subprocess.PIPE,
        stderr=errors.open("w"),
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    try:
        return Served(root, process, errors, _first_object(process.stdout))
    except AssertionError as fault:
        process.wait(20)
        raise AssertionError(errors.read_text()) from fault


def ended(served: Served) -> None:
    """Make sure that nothing of it is left."""
    if served.process.poll() is None:
        served.end()
    if served.process.stdout is not None:
        served.process.stdout.close()
    for process in served.family():
        process.kill()


@pytest.fixture
def serve(city, tmp_path) -> Iterator[Callable[..., Served]]:
    """``serve("--web-workers", "1")`` → a server that is ready, on the test's tiny city."""
    running: list[Served] = []

    def start(*options: str, root: Path = city.root, **more: str) -> Served:
        running.append(started(root, tmp_path / f"errors{len(running)}", *options, **more))
        return running[-1]

    yield start
    for served in running:
        ended(served)


@pytest.fixture
def submit(city, toys: Registry) -> Callable[..., jobs.Job]:
    """``submit(how="wait", seconds=2)`` → a queued run of the toy."""
    return lambda **parameters: submitted(City.open(city.root), toys, **parameters)


def submitted(city: City, toys: Registry, **parameters: object) -> jobs.Job:
    """A queued run of the toy."""
    asked = ask(city, toys, "toy.behave", parameters, plan=Plan.empty(), seed=1)
    return jobs.submit(city.database, asked.run, asked.analysis, asked.request() | {"key": asked.key}, "tester")


def open_files(pid: int) -> int:
    """How many files a process has open."""
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))
