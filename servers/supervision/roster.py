"""Which processes serve a city: a lock that one supervisor holds, and a file that says who they are."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from cim_core.errors import CimError
from cim_core.store.files import staged_file, storage_faults
from cim_core.store.processes import process_lives

LOCK = ".serve.lock"
ROSTER = ".serve.json"


@dataclass(frozen=True)
class Serving:
    """One process, so that a pid used again is not taken for it."""

    pid: int
    started: float

    @classmethod
    def of(cls, pid: int) -> Serving:
        """A process that runs."""
        with contextlib.suppress(psutil.NoSuchProcess):
            return cls(pid, psutil.Process(pid).create_time())
        return cls(pid, 0.0)

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return process_lives(self.pid, self.started)


@contextlib.contextmanager
def only_server(root: Path) -> Iterator[None]:
    """Be the one server of a city; the lock ends with the process.

    Raises
    ------
    CimError
        ``serve.already_running``: another one serves it.
    """
    with storage_faults(root), (root / LOCK).open("a+") as stream:
        try:
            fcntl.flock(stream.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _already_running(root) from None
        try:
            yield
        finally:
            (root / ROSTER).unlink(missing_ok=True)


def _already_running(root: Path) -> CimError:
    found = read(root)
    address, pid = found.get("address", "an address not yet known"), found.get("supervisor", {}).get("pid", "unknown")
    return CimError(
        "serve.already_running",
        "this city is being served already",
        where=str(root),
        expected="one server for a city",
        got=f"process {pid} at {address}",
        remedy=f"open {address}, or end that process first",
    )


def write(root: Path, address: str, children: Mapping[str, int]) -> None:
    """Say which processes serve the city, by name and pid."""
    content = {
        "city": str(root.resolve()),  # a copy of the folder is another city, which nobody serves
        "address": address,
        "supervisor": vars(Serving.of(os.getpid())),
        "processes": {name: vars(Serving.of(pid)) for name, pid in children.items()},
    }
    with staged_file(root / ROSTER, root) as aside:
        aside.write_text(json.dumps(content, indent=2), encoding="utf-8")


def read(root: Path) -> dict[str, Any]:
    """What :func:`write` said last; empty where nobody serves."""
    try:
        content: dict[str, Any] = json.loads((root / ROSTER).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if content.get("city") == str(root.resolve()) else {}
