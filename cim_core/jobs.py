"""The queue of jobs: in the database, so that it outlives every process. A job is one attempt at a run."""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import psutil
from sqlalchemy import Connection, insert, select, update

from cim_core.errors import NotFoundError
from cim_core.instants import now
from cim_core.store import tables as t
from cim_core.store.database import Database
from cim_core.store.processes import process_lives

OPEN = ("queued", "running")
MAX_ATTEMPTS = 3
"""A job whose worker died this often is given up: it would kill the next one too."""


@dataclass(frozen=True)
class Job:
    """One row of the queue."""

    id: str
    run: str
    analysis: str
    request: dict[str, Any]
    owner: str
    state: str
    attempts: int
    progress: float
    message: str
    error: dict[str, str] | None
    worker: str | None
    queued_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


def submit(database: Database, run: str, analysis: str, request: Mapping[str, Any], owner: str) -> Job:
    """Queue a run, or find the open job that already works at it."""
    with database.write() as connection:
        open_job = _newest(connection, run)
        if open_job is not None and open_job.state in OPEN:
            return open_job
        job = str(uuid.uuid4())
        row = {"id": job, "run": run, "analysis": analysis, "request": dict(request), "owner": owner}
        blank = {"state": "queued", "attempts": 0, "progress": 0.0, "message": ""}
        connection.execute(insert(t.job).values(**row, **blank, queued_at=now()))
        return _get(connection, job)


def claim(database: Database, job: str) -> bool:
    """Take a queued job for this process; False if another was first."""
    values = {"state": "running", "worker": this_process(), "started_at": now(), "progress": 0.0, "message": ""}
    mine = update(t.job).where(t.job.c.id == job, t.job.c.state == "queued")
    with database.write() as connection:
        taken = connection.execute(mine.values(**values, attempts=t.job.c.attempts + 1))
        return taken.rowcount == 1


def report(database: Database, job: str, progress: float, message: str) -> bool:
    """Write progress; False if the job is no longer to be run (somebody cancelled it)."""
    running = update(t.job).where(t.job.c.id == job, t.job.c.state == "running")
    with database.write() as connection:
        return connection.execute(running.values(progress=progress, message=message)).rowcount == 1


def finish(database: Database, job: str, state: str, error: Mapping[str, str] | None = None) -> None:
    """End a running job as succeeded, failed or cancelled; a cancelled one stays cancelled."""
    values: dict[str, Any] = {"state": state, "finished_at": now(), "error": dict(error) if error else None}
    if state == "succeeded":
        values["progress"] = 1.0
    with database.write() as connection:
        connection.execute(update(t.job).where(t.job.c.id == job, t.job.c.state.in_(OPEN)).values(**values))


def cancel(database: Database, job: str) -> Job:
    """Cancel a queued or running job; its supervisor ends the worker within a second."""
    finish(database, job, "cancelled")
    return get(database, job)


def get(database: Database, job: str) -> Job:
    """One job; raises :class:`NotFoundError`."""
    with database.read() as connection:
        return _get(connection, job)


def listing(database: Database, *, open_only: bool = False) -> list[Job]:
    """Jobs, oldest first."""
    query = select(t.job).order_by(t.job.c.queued_at)
    if open_only:
        query = query.where(t.job.c.state.in_(OPEN))
    with database.read() as connection:
        return [Job(*row) for row in connection.execute(query)]


def recover(database: Database) -> list[Job]:
    """Put jobs whose process died back into the queue; give up those that died too often."""
    with database.write() as connection:
        running = [Job(*row) for row in connection.execute(select(t.job).where(t.job.c.state == "running"))]
        dead = [job for job in running if not alive(job.worker)]
        for job in dead:
            again = job.attempts < MAX_ATTEMPTS
            given_up = {"state": "failed", "error": _crashed(job), "finished_at": now()}
            values = {"state": "queued", "worker": None} if again else given_up
            connection.execute(update(t.job).where(t.job.c.id == job.id).values(**values))
    return dead


def _crashed(job: Job) -> dict[str, str]:
    return {
        "code": "job.crashed",
        "what": f"the job's process died {job.attempts} times",
        "where": job.analysis,
        "expected": "a process that ends by itself",
        "got": "no trace of it",
        "remedy": "look for lack of memory in the system's log; then start it again",
        "class": "JobError",
    }


@lru_cache(maxsize=1)
def _identity(pid: int) -> str:
    return f"{socket.gethostname()}:{pid}:{psutil.Process(pid).create_time():.2f}"


def this_process() -> str:
    """host:pid:start, so that a pid used again is not taken for this process."""
    return _identity(os.getpid())


def alive(worker: str | None) -> bool:
    """Whether that process still runs. One on another host is taken to live."""
    if worker is None:
        return False
    host, pid, started = worker.rsplit(":", 2)
    if host != socket.gethostname():
        return True
    return process_lives(int(pid), float(started))


def _newest(connection: Connection, run: str) -> Job | None:
    query = select(t.job).where(t.job.c.run == run).order_by(t.job.c.queued_at.desc()).limit(1)
    row = connection.execute(query).one_or_none()
    return None if row is None else Job(*row)


def _get(connection: Connection, job: str) -> Job:
    row = connection.execute(select(t.job).where(t.job.c.id == job)).one_or_none()
    if row is None:
        raise NotFoundError(
            "job.unknown", "no such job", expected="an id from `cim jobs list`", got=job, remedy="list the jobs"
        )
    return Job(*row)
