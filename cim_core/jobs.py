"""The queue of jobs: in the database, so that it outlives every process.

A job is one attempt at a run, or at a comparison, which asks for runs as jobs of its own (its children).
"""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal

import psutil
from sqlalchemy import Connection, ScalarSelect, exists, func, insert, or_, select, update

from cim_core.errors import NotFoundError
from cim_core.instants import now
from cim_core.store import tables as t
from cim_core.store.database import Database
from cim_core.store.processes import process_lives

Kind = Literal["run", "comparison"]
OPEN = ("queued", "running")
MAX_ATTEMPTS = 3
"""A job whose worker died this often is given up: it would kill the next one too."""


@dataclass(frozen=True)
class Job:
    """One row of the queue.

    Attributes
    ----------
    run
        Identity of the question: the run's hash, or that of a comparison's question.
    parent
        The comparison job that asked for this run.
    result
        Hash of the finished run or comparison.
    change
        Grows with every change of any job of the city.
    """

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
    kind: Kind = "run"
    parent: str | None = None
    result: str | None = None
    updated_at: datetime | None = None
    change: int = 0


def submit(
    database: Database,
    run: str,
    analysis: str,
    request: Mapping[str, Any],
    owner: str,
    *,
    kind: Kind = "run",
    parent: str | None = None,
) -> Job:
    """Queue a run or a comparison, or find the open job that already works at it.

    Results are wanted in one form by a job (``response`` in its request): who wants another form gets another job.

    A run that is asked for by itself (no ``parent``) while a comparison's child works at it no longer belongs to the
    comparison alone: it goes on if that one is cancelled.
    """
    with database.write() as connection:
        open_job = _open(connection, run, request.get("response"))
        if open_job is not None:
            if parent is None and open_job.parent is not None:
                connection.execute(update(t.job).where(t.job.c.id == open_job.id).values(parent=None, **_changed()))
            return _get(connection, open_job.id)
        job = str(uuid.uuid4())
        row = {"id": job, "run": run, "analysis": analysis, "request": dict(request), "owner": owner}
        blank = {"state": "queued", "attempts": 0, "progress": 0.0, "message": "", "kind": kind, "parent": parent}
        connection.execute(insert(t.job).values(**row, **blank, queued_at=now(), **_changed()))
        return _get(connection, job)


def claim(database: Database, job: str) -> bool:
    """Take a queued job for this process; False if another was first."""
    values = {"state": "running", "worker": this_process(), "started_at": now(), "progress": 0.0, "message": ""}
    mine = update(t.job).where(t.job.c.id == job, t.job.c.state == "queued")
    with database.write() as connection:
        taken = connection.execute(mine.values(**values, attempts=t.job.c.attempts + 1, **_changed()))
        return taken.rowcount == 1


def report(database: Database, job: str, progress: float, message: str) -> bool:
    """Write progress; False if the job is no longer to be run (somebody cancelled it)."""
    running = (t.job.c.id == job) & (t.job.c.state == "running")
    with database.read() as connection:
        before = connection.execute(select(t.job.c.progress, t.job.c.message).where(running)).one_or_none()
    if before is None or tuple(before) == (progress, message):  # nothing new costs the disk nothing
        return before is not None
    with database.write() as connection:
        values = {"progress": progress, "message": message, **_changed()}
        return connection.execute(update(t.job).where(running).values(**values)).rowcount == 1


def finish(
    database: Database, job: str, state: str, error: Mapping[str, str] | None = None, *, result: str | None = None
) -> None:
    """End an open job as succeeded (with its ``result``), failed or cancelled; a cancelled one stays cancelled."""
    values: dict[str, Any] = {"state": state, "finished_at": now(), "error": dict(error) if error else None}
    if state == "succeeded":
        values |= {"progress": 1.0, "message": "", "result": result}
    with database.write() as connection:
        mine = update(t.job).where(t.job.c.id == job, t.job.c.state.in_(OPEN))
        connection.execute(mine.values(**values, **_changed()))


def release(database: Database, job: str) -> None:
    """Put a running job back into the queue because its process ends on purpose; that counts as no attempt."""
    values = {"state": "queued", "worker": None, "attempts": t.job.c.attempts - 1, "progress": 0.0, "message": ""}
    mine = update(t.job).where(t.job.c.id == job, t.job.c.state == "running")
    with database.write() as connection:
        connection.execute(mine.values(**values, **_changed()))


def cancel(database: Database, job: str) -> Job:
    """Cancel a queued or running job and its children; their supervisor ends the workers within a second."""
    get(database, job)
    family = select(t.job.c.id).where(or_(t.job.c.id == job, t.job.c.parent == job), t.job.c.state.in_(OPEN))
    with database.write() as connection:
        for member in connection.execute(family).scalars().all():  # one by one: each change has its own number
            mine = update(t.job).where(t.job.c.id == member)
            connection.execute(mine.values(state="cancelled", finished_at=now(), **_changed()))
        return _get(connection, job)


def answered(database: Database, run: str) -> Job | None:
    """The job that was asked for last about this question, if it succeeded."""
    query = select(t.job).where(t.job.c.run == run, t.job.c.parent.is_(None))
    with database.read() as connection:
        row = connection.execute(query.order_by(t.job.c.queued_at.desc()).limit(1)).one_or_none()
    return _job(row) if row is not None and row.state == "succeeded" else None


def get(database: Database, job: str) -> Job:
    """One job; raises :class:`NotFoundError`."""
    with database.read() as connection:
        return _get(connection, job)


def listing(
    database: Database,
    *,
    open_only: bool = False,
    states: Collection[str] = (),
    asked_for: bool = False,
    parent: str | None = None,
    kind: Kind | None = None,
    newest_first: bool = False,
    limit: int | None = None,
) -> list[Job]:
    """Jobs, oldest first unless told; ``asked_for`` leaves out the children of comparisons, ``parent`` wants them."""
    c = t.job.c
    query = select(t.job).order_by(c.queued_at.desc() if newest_first else c.queued_at, c.change).limit(limit)
    wanted = OPEN if open_only else tuple(states)
    if wanted:
        query = query.where(c.state.in_(wanted))
    if asked_for:
        query = query.where(c.parent.is_(None))
    if parent is not None:
        query = query.where(c.parent == parent)
    if kind is not None:
        query = query.where(c.kind == kind)
    with database.read() as connection:
        return [Job(*row) for row in connection.execute(query)]


def waiting(database: Database) -> list[Job]:
    """Queued jobs in order, without the children of comparisons that are open themselves: those start their own."""
    comparison = t.job.alias()
    led = exists().where(comparison.c.id == t.job.c.parent, comparison.c.state.in_(OPEN))
    query = select(t.job).where(t.job.c.state == "queued", ~led).order_by(t.job.c.queued_at)
    with database.read() as connection:
        return [Job(*row) for row in connection.execute(query)]


def ended(database: Database, ids: Collection[str]) -> set[str]:
    """Those of these jobs that have ended, by whatever hand."""
    query = select(t.job.c.id).where(t.job.c.id.in_(ids), t.job.c.state.not_in(OPEN))
    if not ids:
        return set()
    with database.read() as connection:
        return set(connection.execute(query).scalars())


def changed_since(connection: Connection, change: int, limit: int) -> list[Job]:
    """Jobs that changed after that change number, in the order of their changes."""
    query = select(t.job).where(t.job.c.change > change).order_by(t.job.c.change).limit(limit)
    return [Job(*row) for row in connection.execute(query)]


def newest_change(connection: Connection) -> int:
    """Number of the newest change of any job; 0 before the first."""
    return int(connection.execute(select(func.max(t.job.c.change))).scalar() or 0)


def recover(database: Database) -> list[Job]:
    """Put jobs whose process died back into the queue; give up those that died too often."""
    running = select(t.job).where(t.job.c.state == "running")
    with database.read() as connection:
        if all(alive(job.worker) for job in map(_job, connection.execute(running))):
            return []  # the usual case takes no write lock
    with database.write() as connection:
        dead = [job for job in map(_job, connection.execute(running)) if not alive(job.worker)]
        for job in dead:
            again = job.attempts < MAX_ATTEMPTS
            given_up = {"state": "failed", "error": _crashed(job), "finished_at": now()}
            values = {"state": "queued", "worker": None} if again else given_up
            connection.execute(update(t.job).where(t.job.c.id == job.id).values(**values, **_changed()))
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


def _changed() -> dict[str, Any]:
    """What every change of a job writes besides. Writers take turns, so the next number is nobody else's."""
    every = t.job.alias()
    following: ScalarSelect[Any] = select(func.coalesce(func.max(every.c.change), 0) + 1).scalar_subquery()
    return {"change": following, "updated_at": now()}


def _job(row: Any) -> Job:
    return Job(*row)


def _open(connection: Connection, run: str, form: str | None) -> Job | None:
    """The newest open job of a question whose results are wanted in that form; None counts as ``raw``."""
    query = select(t.job).where(t.job.c.run == run, t.job.c.state.in_(OPEN)).order_by(t.job.c.queued_at.desc())
    found = (_job(row) for row in connection.execute(query))
    return next((job for job in found if job.request.get("response", "raw") == (form or "raw")), None)


def _get(connection: Connection, job: str) -> Job:
    row = connection.execute(select(t.job).where(t.job.c.id == job)).one_or_none()
    if row is None:
        raise NotFoundError(
            "job.unknown", "no such job", expected="an id from `cim jobs list`", got=job, remedy="list the jobs"
        )
    return Job(*row)
