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
from servers.supervision.assignment import Assignment
from servers.supervision.child import Child, ending
from servers.supervision.door import listen
from servers.supervision.family import GLANCE_S, Family
from servers.supervision.succession import controlling_terminal, terminal_is_gone

MODULES = {"runs": "run_process", "live": "live_process", "web": "web_process"}
READY_S = 90.0


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

    terminal: int = -1
    signals: list[int] = field(default_factory=list)
    hang_ups: list[int] = field(default_factory=list)

    @property
    def to_end(self) -> bool:
        return bool(self.signals)

    @property
    def at_once(self) -> bool:
        return len(self.signals) > 1

    def to_reload(self) -> bool:
        """Whether SIGHUP came since this was asked last; from a terminal that was closed it is a signal to end."""
        if not self.hang_ups:
            return False
        self.hang_ups.clear()
        if terminal_is_gone(self.terminal):
            self.signals.append(signal.SIGHUP)
        return not self.to_end


def serve(
    root: Path,
    settings: Settings,
    ready: Callable[[Ready], None],
    *,
    access_log: bool = False,
    reread: Callable[[], Settings] | None = None,
) -> None:
    """Serve a city until SIGTERM or Ctrl-C; a second one ends everything at once.

    SIGHUP starts web workers of the code and of the settings (``reread``) as they are then; the old ones answer what
    they have begun. Address, city, and the processes of runs and of live events stay as they are.

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
        controlling_terminal() as terminal,
        _signals(terminal) as told,
    ):
        shared = Assignment(
            str(root.resolve()), settings.model_dump(mode="json"), lifeline, door.fileno(), str(folder / "live")
        )
        family = Family(
            root, _address(settings.host, door), _children(shared, access_log=access_log), reread or (lambda: settings)
        )
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
def _signals(terminal: int) -> Iterator[_Told]:
    told = _Told(terminal)
    before: dict[signal.Signals, Any] = {}
    for one in (signal.SIGINT, signal.SIGTERM):
        before[one] = signal.signal(one, lambda number, frame: told.signals.append(number))
    before[signal.SIGHUP] = signal.signal(signal.SIGHUP, lambda number, frame: told.hang_ups.append(number))
    try:
        yield told
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _wait_until_ready(family: Family, door: socket.socket, told: _Told) -> bool:
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


def _not_ready(family: Family, got: str) -> CimError:
    return CimError(
        "serve.not_ready",
        "the server did not start",
        where=family.address,
        expected=f"an answer from /health within {READY_S:g} s",
        got=got,
        remedy="the lines above say what went wrong; report them if they are not of your making",
    )
