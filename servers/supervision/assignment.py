"""What a supervised process is told at its start, and how it notices that its supervisor is gone."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cim_core.settings import Settings

GRACE_S = 1.5
"""So long an orphan may take to end by itself."""
GRACEFUL_S = 30
"""So long an answer that is being made may take once its worker is told to end, because another has taken its place.
(Where the whole server ends, the supervisor gives it a second.)"""
orphaned = threading.Event()
"""Whether this process's supervisor is gone."""


@dataclass(frozen=True)
class Assignment:
    """The one argument of a supervised process.

    Attributes
    ----------
    lifeline
        Descriptor of a pipe whose other end the supervisor alone holds: it closes when the supervisor dies.
    door
        Descriptor of the listening socket (web workers).
    live
        The live process's Unix socket.
    ready
        Descriptor of a pipe into which each web worker that is ready writes one byte; -1 where nobody waits for it.
    """

    city: str
    settings: dict[str, Any]
    lifeline: int
    door: int
    live: str
    access_log: bool = False
    ready: int = -1

    def encode(self) -> str:
        """As a command line argument."""
        return json.dumps(asdict(self))

    @classmethod
    def accept(cls) -> Assignment:
        """Read it from the command line, and from now on end with the supervisor."""
        found = cls(**json.loads(sys.argv[1]))
        threading.Thread(target=_follow, args=(found.lifeline,), daemon=True, name="lifeline").start()
        return found

    @property
    def root(self) -> Path:
        """The city's folder."""
        return Path(self.city)

    @property
    def configured(self) -> Settings:
        """The supervisor's settings."""
        return Settings.model_validate(self.settings)


def _follow(lifeline: int) -> None:
    """Wait until the supervisor is gone, also when it was killed; then end this process and its group."""
    os.read(lifeline, 1)
    orphaned.set()
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_S)
    with contextlib.suppress(PermissionError):
        os.killpg(os.getpgrp(), signal.SIGKILL)
    os._exit(1)


def complain(text: str) -> None:
    """A line on stderr, which the supervised processes share with their supervisor."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
