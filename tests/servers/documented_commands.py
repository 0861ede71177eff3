"""The commands that documents show, and a folder in which they are executed as they stand.

A fence's first word is ``sh`` where its commands are executed; further words say how: ``serve`` (the command serves
until it is told to end), ``against-the-server`` (it needs one), and names of the halves of a document.
"""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
HOW = {"serve", "against-the-server"}
STATED_ADDRESS = "127.0.0.1:8080"
BASH = ["bash", "-e", "-u", "-o", "pipefail", "-c"]
_FENCE = re.compile(r"^```sh([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """One fence of commands."""

    words: frozenset[str]
    commands: str

    @property
    def half(self) -> frozenset[str]:
        """The words that do not say how it is executed."""
        return self.words - HOW


def blocks(document: str, *half: str) -> list[Block]:
    """The fences of a document, or of that half of it, in their order."""
    text = (ROOT / document).read_text(encoding="utf-8")
    found = [Block(frozenset(words.split()), commands) for words, commands in _FENCE.findall(text)]
    return [block for block in found if block.half == set(half)]


def script(document: str, *how: str, half: tuple[str, ...] = ()) -> str:
    """All commands of that kind as one script, so that a variable lives from one fence to the next."""
    return "\n".join(block.commands for block in blocks(document, *half) if block.words & HOW == set(how))


@dataclass
class Shell:
    """A folder as a reader of the documents has it, with ``cim`` at hand; settings of this machine do not reach it."""

    folder: Path

    def __post_init__(self) -> None:
        (self.folder / ".venv").symlink_to(sys.prefix)
        (self.folder / "tests").symlink_to(ROOT / "tests")

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("HOME", "LANG", "PATH") if name in os.environ}
        path = f"{Path(sys.executable).parent}{os.pathsep}{kept.get('PATH', '')}"
        return {**kept, "PATH": path, "PYTHONIOENCODING": "utf-8"}

    def run(self, commands: str, address: str = STATED_ADDRESS) -> str:
        """Execute commands, for a server at ``address``; what they printed. The first that fails fails the test."""
        assert commands.strip(), "the document has no such commands"
        traced = "set -x\n" + commands.replace(STATED_ADDRESS, address)
        done = subprocess.run(
            [*BASH, traced],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=280,
            check=False,
        )
        assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        return done.stdout

    @contextmanager
    def serving(self, command: str) -> Iterator[str]:
        """Start a documented command that serves, at a free port; its address, once ``/health`` answers."""
        port = _free_port()
        process = subprocess.Popen(
            [*BASH, f"exec {command.strip()}"], cwd=self.folder, env={**self.environment, "CIM_PORT": str(port)}
        )
        try:
            _wait_for_health(process, port)
            yield f"127.0.0.1:{port}"
        finally:
            process.send_signal(signal.SIGTERM)
            ended = process.wait(30)
        assert ended == 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for_health(process: subprocess.Popen[bytes], port: int, seconds: float = 90) -> None:
    until = time.monotonic() + seconds
    while True:
        assert process.poll() is None, f"the server ended with {process.returncode}"
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        try:
            connection.request("GET", "/health")
            answer = connection.getresponse()
            assert answer.status == 200, answer.read()
            return
        except OSError:  # not yet
            assert time.monotonic() < until, "the server does not answer"
            time.sleep(0.1)
        finally:
            connection.close()
