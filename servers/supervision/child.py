"""One supervised process: started, watched, started again with growing pauses, ended with all it started."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from servers.supervision.assignment import Assignment

PAUSES_S = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
STEADY_S = 30.0
"""A process that ran so long is started again without delay."""


@dataclass
class Child:
    """A module of :mod:`servers.supervision` that runs as a process, in a session of its own."""

    name: str
    module: str
    assignment: Assignment
    process: subprocess.Popen[bytes] | None = None
    _begun: float = 0.0
    _failures: int = 0
    _again: float = 0.0

    def start(self) -> None:
        """Start it."""
        command = [sys.executable, "-P", "-m", f"servers.supervision.{self.module}", self.assignment.encode()]
        told = self.assignment
        passed = [number for number in (told.lifeline, told.door, told.ready) if number >= 0]
        self._begun = time.monotonic()
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr,  # stdout is the supervisor's answer
            pass_fds=passed,
            start_new_session=True,  # Ctrl-C reaches the supervisor alone, and the whole family can be ended
        )

    @property
    def pid(self) -> int:
        """Its process id; 0 while it waits to be started again."""
        return 0 if self.process is None else self.process.pid

    def ended(self) -> int | None:
        """Its exit code if it has ended."""
        return None if self.process is None else self.process.poll()

    def revive(self, say: Callable[[str], None]) -> bool:
        """Start it again if it has ended and its pause is over; whether it was started."""
        code, instant = self.ended(), time.monotonic()
        if code is not None:
            if instant - self._begun > STEADY_S:
                self._failures = 0
            pause = PAUSES_S[min(self._failures, len(PAUSES_S) - 1)]
            self._failures += 1
            self._again = instant + pause
            say(f"the {self.name} process ended ({ending(code)}); it is started again in {pause:g} s")
            self.end_family()
            self.process = None
        if self.process is None and instant >= self._again:
            self.start()
            return True
        return False

    def ask_to_end(self, number: signal.Signals = signal.SIGTERM) -> None:
        """SIGTERM: it may finish what it does."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)

    def end_family(self) -> None:
        """SIGKILL to the process and to what it started in its session."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def ending(code: int) -> str:
    """An exit code in words."""
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
