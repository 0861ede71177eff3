"""Whether a process that wrote its number down still works."""

from __future__ import annotations

import psutil


def process_lives(pid: int, started: float | None = None) -> bool:
    """Whether the process runs; with ``started`` (seconds since 1970), whether it is still that one.

    A process that ended but that its parent has not noticed yet (a zombie) does not live: a container whose first
    process collects no orphans keeps them for ever.
    """
    try:
        process = psutil.Process(pid)
        same = started is None or abs(process.create_time() - started) < 1.0
        return same and process.status() not in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
    except psutil.NoSuchProcess:
        return False
