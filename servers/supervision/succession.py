"""A web process takes another's place while the server serves: new code, new settings, no request lost."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from servers.supervision.assignment import GRACEFUL_S, Assignment
from servers.supervision.child import Child, ending

READY_S = 60.0
TIDY_S = 5.0


@dataclass
class Succession:
    """A web process that starts beside the one whose place it shall take.

    Attributes
    ----------
    child
        The new process.
    workers
        How many of its workers must be ready.
    """

    child: Child
    workers: int
    _pipe: int
    _until: float
    _ready: int = 0

    @classmethod
    def begin(cls, assignment: Assignment) -> Succession:
        """Start it; both listen at the same door from when it is ready."""
        ours, theirs = os.pipe()
        try:
            os.set_blocking(ours, False)
            child = Child("web", "web_process", replace(assignment, ready=theirs))
            child.start()
            child.assignment = assignment  # started again some day, it has nobody to tell
        finally:
            os.close(theirs)
        return cls(child, assignment.configured.web_workers, ours, time.monotonic() + READY_S)

    def ready(self) -> bool:
        """Whether all its workers take requests."""
        try:
            self._ready += len(os.read(self._pipe, 64))
        except BlockingIOError:
            return False
        return self._ready >= self.workers

    def failed(self) -> str:
        """Why it will not come to anything; empty if it still may."""
        code = self.child.ended()
        if code is not None:
            return f"it ended ({ending(code)})"
        return f"it was not ready within {READY_S:g} s" if time.monotonic() > self._until else ""

    def close(self) -> None:
        """Nobody listens to its signs any more."""
        os.close(self._pipe)


@dataclass
class Retired:
    """Web processes that answer their last requests."""

    children: list[tuple[Child, float]] = field(default_factory=list)

    def add(self, child: Child) -> None:
        """It takes no new connections from now on."""
        child.ask_to_end()
        self.children.append((child, time.monotonic() + GRACEFUL_S + TIDY_S))

    def tidy(self) -> None:
        """Forget those that have ended; end those that should have."""
        now, left = time.monotonic(), []
        for child, until in self.children:
            if child.ended() is not None or now > until:
                child.end_family()
            else:
                left.append((child, until))
        self.children = left


@contextmanager
def controlling_terminal() -> Iterator[int]:
    """A descriptor of the terminal that this process belongs to; -1 if to none."""
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK)
    except OSError:
        yield -1
        return
    try:
        yield terminal
    finally:
        os.close(terminal)


def terminal_is_gone(terminal: int) -> bool:
    """Whether a terminal that was there has been closed: the hang-up then means what it says."""
    if terminal < 0:
        return False
    try:
        os.tcgetpgrp(terminal)
    except OSError:
        return True
    return False
