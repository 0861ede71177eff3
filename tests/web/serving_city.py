"""``cim serve`` as a process of its own, for tests that need a server as users have it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CIM = Path(sys.executable).with_name("cim")


@dataclass
class Serving:
    """A running server."""

    url: str
    city: Path
    process: subprocess.Popen[str]

    def send(self, method: str, path: str, body: object, **headers: str) -> Any:
        """Send JSON as a program would; the JSON answered."""
        headers = {name.replace("_", "-"): value for name, value in headers.items()} | {
            "Content-Type": "application/json"
        }
        request = urllib.request.Request(self.url + path, json.dumps(body).encode(), headers, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def end(self) -> None:
        """Take the server away, as a crash or a shutdown would; it may be gone already."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)

    def get(self, path: str) -> Any:
        """The JSON at an address."""
        with urllib.request.urlopen(self.url + path, timeout=60) as answer:
            return json.load(answer)


def command(*arguments: object, **environment: str) -> dict[str, Any]:
    """Run ``cim … --json``; its one object."""
    line = [str(CIM), *map(str, arguments), "--json"]
    done = subprocess.run(line, capture_output=True, text=True, env=os.environ | environment, timeout=280, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    content: dict[str, Any] = json.loads(done.stdout)
    return content


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(city: Path, port: int = 0, **environment: str) -> Iterator[Serving]:
    """Start ``cim serve`` and wait until it says that it is ready; ended at the end by its own pid."""
    port = port or free_port()
    line = [str(CIM), "serve", "--city", str(city), "--port", str(port), "--json"]
    process = subprocess.Popen(line, stdout=subprocess.PIPE, text=True, env=os.environ | environment)
    try:
        assert process.stdout is not None
        ready = process.stdout.readline()
        assert ready, f"cim serve ended with {process.wait(10)} before it was ready"
        yield Serving(f"http://127.0.0.1:{port}", city, process)
    finally:
        Serving("", city, process).end()
        if process.stdout is not None:
            process.stdout.close()
