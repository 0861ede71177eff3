"""The supervisor of ``cim serve``: takes the port, starts the processes, watches them, ends them."""

from __future__ import annotations

import contextlib
import http.client
import os
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cim_core.city import City
from cim_core.errors import CimError
from cim_core.settings import Settings
from servers.loopback import in_address
from servers.supervision import roster
from servers.supervision.assignment import Assignment, complain
from servers.supervision.child import Child, ending
from servers.supervision.door import listen

MODULES = {"runs": "run_process", "live": "live_process", "web": "web_process"}
GLANCE_S = 0.1
READY_S = 90.0
STOP_S = 8.0


@dataclass(frozen=True)
class Ready:
    """What is said when the server answers."""

    address: str
    city: str
    root: Path
    version: int
    seconds: float
    processes: dict[str, int]


@dataclass
class _Told:
    """Signals that came; a handler may do no more than write down a number."""

    signals: list[int] = field(default_factory=list)

    @property
    def to_end(self) -> bool:
        return bool(self.signals)

    @property
    def at_once(self) -> bool:
        return len(self.signals) > 1


def serve(root: Path, settings: Settings, ready: Callable[[Ready], None], *, access_log: bool = False) -> None:
    """Serve a city until SIGTERM or Ctrl-C; a second one ends everything at once.

    Raises
    ------
    CityError
        No city there, or one of a newer version; nothing was started.
    CimError
        ``serve.already_running``, ``serve.port_busy``, ``serve.not_loopback``; ``serve.not_ready`` if a process ends
        or the server does not answer in time.
    """
    begun = time.monotonic()
    city = City.open(root)
    city.database.close()
    with (
        roster.only_server(root),
        listen(settings.host, settings.port) as door,
        _private_folder() as folder,
        _lifeline() as lifeline,
        _signals() as told,
    ):
        shared = Assignment(
            str(root.resolve()), settings.model_dump(mode="json"), lifeline, door.fileno(), str(folder / "live")
        )
        family = _Family(root, _address(settings.host, door), _children(shared, access_log=access_log))
        try:
            family.start()
            if _wait_until_ready(family, door, told):
                seconds = round(time.monotonic() - begun, 3)
                ready(Ready(family.address, city.record.name, root, city.sequence, seconds, family.pids))
                family.watch(told)
        finally:
            family.end(told)


def _children(shared: Assignment, *, access_log: bool) -> list[Child]:
    def assigned(name: str) -> Assignment:
        return Assignment(**{**vars(shared), "door": shared.door if name == "web" else -1, "access_log": access_log})

    return [Child(name, module, assigned(name)) for name, module in MODULES.items()]


def _address(host: str, door: socket.socket) -> str:
    port = door.getsockname()[1]
    return f"http://{in_address(host)}:{port}"


@contextlib.contextmanager
def _private_folder() -> Iterator[Path]:
    """A folder of short name for the Unix socket: its path may have 100 signs at most."""
    folder = Path(tempfile.mkdtemp(prefix="cim-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _lifeline() -> Iterator[int]:
    """A pipe whose writing end this process alone holds; the reading end, for the children."""
    ours, theirs = os.pipe()
    try:
        yield ours
    finally:
        os.close(ours)
        os.close(theirs)


@contextlib.contextmanager
def _signals() -> Iterator[_Told]:
    told = _Told()
    before: dict[signal.Signals, Any] = {}
    for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        before[one] = signal.signal(one, lambda number, frame: told.signals.append(number))
    try:
        yield told
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


@dataclass
class _Family:
    root: Path
    address: str
    children: list[Child]

    @property
    def pids(self) -> dict[str, int]:
        return {child.name: child.pid for child in self.children}

    def start(self) -> None:
        for child in self.children:
            child.start()
        roster.write(self.root, self.address, self.pids)

    def watch(self, told: _Told) -> None:
        """Start again what ends, until told to end."""
        while not told.to_end:
            started = [child.revive(complain) for child in self.children]
            if any(started):
                roster.write(self.root, self.address, self.pids)
            time.sleep(GLANCE_S)

    def end(self, told: _Told) -> None:
        """End all: the work of the moment is finished or put off, what is not done in time is killed."""
        for child in self.children:
            child.ask_to_end()
        until = time.monotonic() + STOP_S
        while any(child.pid and child.ended() is None for child in self.children):
            if time.monotonic() > until or told.at_once:
                break
            time.sleep(GLANCE_S / 2)
        for child in self.children:
            child.end_family()


def _wait_until_ready(family: _Family, door: socket.socket, told: _Told) -> bool:
    """Wait until ``/health`` answers; False if told to end before. Raises :class:`CimError`."""
    until, last = time.monotonic() + READY_S, "no answer"
    while not told.to_end:
        for child in family.children:
            code = child.ended()
            if code is not None:
                raise _not_ready(family, f"the {child.name} process ended ({ending(code)})")
        if time.monotonic() > until:
            raise _not_ready(family, last)
        status, said = _health(door)
        if status == 200:
            return True
        last = f"status {status}: {said[:500]}" if status else "no answer"
        time.sleep(GLANCE_S)
    return False


def _health(door: socket.socket) -> tuple[int, str]:
    """Status and body of ``/health``; 0 if there is no answer yet."""
    host, port = door.getsockname()[:2]
    connection = http.client.HTTPConnection(host, port, timeout=5.0)
    try:
        connection.request("GET", "/health", headers={"Connection": "close"})
        answer = connection.getresponse()
        return answer.status, answer.read().decode("utf-8", "replace")
    except (OSError, http.client.HTTPException):
        return 0, ""
    finally:
        connection.close()


def _not_ready(family: _Family, got: str) -> CimError:
    return CimError(
        "serve.not_ready",
        "the server did not start",
        where=family.address,
        expected=f"an answer from /health within {READY_S:g} s",
        got=got,
        remedy="the lines above say what went wrong; report them if they are not of your making",
    )
