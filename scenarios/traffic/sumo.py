"""SUMO's programmes as child processes that never outlive their parent; one error for every way they can fail.

A child runs in its own process group, is killed by the kernel when the parent dies (``PR_SET_PDEATHSIG``), and writes
its console output to files: nothing slows it down, and the end of its log stands in the error when it fails.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import re
import resource
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cim_core.errors import EngineError, StorageError
from scenarios.traffic.netconvert import environment, programme

TIMEOUT_S = 6 * 3600.0
LOG_TAIL = 12
DISK_FULL_BYTES = 1_000_000
_POLL_S = 0.2
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True)
_STEP = re.compile(rb"Step #(\d+(?:\.\d+)?)(?=[^\d.])")  # the last line may be cut within its number
_NOISE = ("pj_obj_create", "Column based formats", "Quitting (on error).")

Watch = Callable[[float | None], None]
"""Called about five times a second with the simulated second (None where the programme tells none); may raise."""


@dataclass(frozen=True)
class Finished:
    """A child that ended well: its messages, and the time it took."""

    log: Path
    seconds: float
    cpu_seconds: float


def run_child(
    name: str, arguments: Sequence[str], directory: Path, *, watch: Watch | None = None, timeout_s: float = TIMEOUT_S
) -> Finished:
    """Run ``sumo``, ``duarouter`` or another of SUMO's programmes in ``directory`` and wait for it.

    Whatever ends the wait (an error, a cancelled job, Ctrl-C), the child and its children are dead afterwards.

    Raises
    ------
    EngineError
        The programme is missing, was killed, gave up, or took longer than ``timeout_s``.
    StorageError
        It gave up while the disk was full.
    """
    began = time.perf_counter()
    console, log = directory / f"{name}.out", directory / f"{name}.log"
    parent = os.getpid()
    with console.open("wb") as stdout, log.open("wb") as stderr:
        child = subprocess.Popen(
            [str(programme(name)), *arguments],
            cwd=directory,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            process_group=0,
            preexec_fn=lambda: _die_with(parent),  # noqa: PLW1509 - two system calls, no lock is taken
        )
    try:
        usage = _wait(child, console, watch, began + timeout_s)
    finally:
        _kill_group(child)
    seconds = time.perf_counter() - began
    if usage is None:
        raise _timeout(name, log, timeout_s)
    if child.returncode < 0:
        raise _killed(name, log, -child.returncode)
    if child.returncode:
        raise _failed(name, log, child.returncode)
    return Finished(log, seconds, usage.ru_utime + usage.ru_stime)


def _die_with(parent: int) -> None:
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before the call above
        os._exit(1)


def _wait(
    child: subprocess.Popen[bytes], console: Path, watch: Watch | None, deadline: float
) -> resource.struct_rusage | None:
    """Resource usage of the child once it has ended; None if it must not run any longer."""
    pause = 0.002
    while True:
        pid, status, usage = os.wait4(child.pid, os.WNOHANG)
        if pid:
            child.returncode = os.waitstatus_to_exitcode(status)
            return usage
        if time.perf_counter() > deadline:
            return None
        if watch is not None and pause >= _POLL_S:
            watch(simulated_second(console))
        time.sleep(pause)
        pause = min(pause * 1.5, _POLL_S)


def _kill_group(child: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    if child.returncode is None:
        child.wait()


def simulated_second(console: Path) -> float | None:
    """The last step that the console output names."""
    with console.open("rb") as stream:
        stream.seek(max(0, stream.seek(0, os.SEEK_END) - 2048))
        steps = _STEP.findall(stream.read())
    return float(steps[-1]) if steps else None


def log_lines(log: Path) -> list[str]:
    """The messages of a child, without blank lines and known noise."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return [line for line in lines if line.strip() and not any(noise in line for noise in _NOISE)]


def _place(name: str, log: Path) -> str:
    tail = "\n    ".join(log_lines(log)[-LOG_TAIL:]) or "(empty)"
    return f"{name}; the end of its log:\n    {tail}"


def _killed(name: str, log: Path, number: int) -> EngineError:
    return EngineError(
        "engine.killed",
        f"{name} did not finish: it was killed",
        where=_place(name, log),
        expected="exit status 0",
        got=f"killed by {signal.Signals(number).name}",
        remedy="free some memory, or run fewer jobs at a time, then run again",
    )


def _timeout(name: str, log: Path, timeout_s: float) -> EngineError:
    return EngineError(
        "engine.timeout",
        f"{name} did not finish in time",
        where=_place(name, log),
        expected=f"an end within {timeout_s:g} s",
        got="still running",
        remedy="simulate fewer hours or a smaller demand, or take the meso mode",
    )


def _failed(name: str, log: Path, status: int) -> EngineError | StorageError:
    if shutil.disk_usage(log.parent).free < DISK_FULL_BYTES:
        return StorageError(
            "storage.disk_full",
            f"{name} could not write its output",
            where=_place(name, log),
            expected="room on the disk",
            got=f"exit status {status}; less than 1 MB is free in {log.parent}",
            remedy="free some room (`cim gc` removes what nothing refers to), then run again",
        )
    return EngineError(
        "engine.failed",
        f"{name} did not finish: it gave up",
        where=_place(name, log),
        expected="exit status 0",
        got=f"exit status {status}",
        remedy="mend what the log names, then run again",
    )
