"""Running questions: the same question finds its answer; others become jobs in worker processes under limits."""

from __future__ import annotations

import concurrent.futures
import contextlib
import multiprocessing
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from cim_core import jobs
from cim_core.city import City
from cim_core.errors import CimError, JobError
from cim_core.instants import now
from cim_core.jobs import Job
from cim_core.question import Question
from cim_core.registry import Registry
from cim_core.result import Bundle, run_path
from cim_core.scenario import AnalysisDeclaration
from cim_core.store.garbage import sweep_staging
from cim_core.worker import main as worker_main

Report = Callable[[float, str], None]
POLL_S = 0.2
HOUSEKEEPING_S = 1.0
GRACE_S = 3.0
PRELOADED = ["geopandas", "pyarrow.dataset", "pyarrow.parquet", "cim_core.store.catalogue", "cim_core.worker"]
"""What every worker needs, imported once in the process from which they are forked."""
STOP_GRACE_S = 0.5
"""So long a worker that was told to stop may tidy up before it is killed."""


def quiet(fraction: float, message: str) -> None:
    """A report nobody reads."""


class Slots:
    """Room for so many worker processes at the same time, given in the order of asking."""

    def __init__(self, count: int) -> None:
        self._free = count
        self._changed = threading.Condition()
        self._queue: deque[object] = deque()

    @contextlib.contextmanager
    def hold(self, stop: threading.Event) -> Iterator[None]:
        """Wait for a place and keep it; raises :class:`JobError` if ``stop`` comes first."""
        self._take(stop)
        try:
            yield
        finally:
            with self._changed:
                self._free += 1
                self._changed.notify_all()

    def _take(self, stop: threading.Event) -> None:
        ticket = object()
        with self._changed:
            self._queue.append(ticket)
            try:
                while self._free == 0 or self._queue[0] is not ticket:
                    if stop.is_set():
                        raise _cancelled()
                    self._changed.wait(POLL_S)
                self._free -= 1
            finally:
                self._queue.remove(ticket)
                self._changed.notify_all()


@dataclass
class Runner:
    """Answers questions on one city. ``parallel`` runs work at the same time, each in a process of its own.

    Attributes
    ----------
    parent
        The comparison job for which it runs.
    slots
        Room for worker processes; runners that share one work no more than that many together.
    """

    city: City
    registry: Registry
    drop_in: Path | None = None
    parallel: int = 1
    owner: str = ""
    parent: str | None = None
    slots: Slots | None = None
    _stop: threading.Event = field(default_factory=threading.Event)
    _release: bool = False

    def run(self, question: Question, report: Report = quiet) -> Bundle:
        """The answer, found or computed. Raises what the analysis raised, or :class:`JobError`."""
        found = Bundle.find(self.city.root, question.run)
        return found if found is not None else self._compute(question, report)

    @contextlib.contextmanager
    def pool(self) -> Iterator[concurrent.futures.Executor]:
        """An executor whose threads each supervise one worker process; leaving it early stops all workers."""
        executor = concurrent.futures.ThreadPoolExecutor(self.parallel, thread_name_prefix="run")
        try:
            yield executor
        except BaseException:
            self._stop.set()
            raise
        finally:
            executor.shutdown(wait=True, cancel_futures=True)
            self._stop.clear()  # the runner can be used again

    def stop(self, *, release: bool = False) -> None:
        """End every worker of this runner; their jobs are cancelled, or with ``release`` queued again."""
        self._release = release
        self._stop.set()

    @property
    def put_off(self) -> bool:
        """Whether it was stopped with ``release``."""
        return self._release

    def place(self) -> contextlib.AbstractContextManager[None]:
        """A place for a worker process, waited for; raises :class:`JobError` if this runner is stopped first."""
        if self.slots is None:
            self.slots = Slots(self.parallel)
        return self.slots.hold(self._stop)

    def _compute(self, question: Question, report: Report) -> Bundle:
        request = question.request() | {"key": question.key}
        jobs.recover(self.city.database)
        database = self.city.database
        job = jobs.submit(database, question.run, question.analysis, request, self.owner, parent=self.parent)
        with self.place():
            if jobs.claim(database, job.id):
                try:
                    return self.work(job, report)
                except JobError as fault:
                    if not self._still_wanted(job, fault):
                        raise
        return self._await(job, question, report)

    def _still_wanted(self, job: Job, fault: JobError) -> bool:
        """Whether only somebody else cancelled: it was theirs too, and this runner's own question stands."""
        if fault.code != "job.cancelled" or self._stop.is_set():
            return False
        database = self.city.database
        given_away = jobs.get(database, job.id).parent != self.parent
        return given_away and (self.parent is None or jobs.get(database, self.parent).state in jobs.OPEN)

    def work(self, job: Job, report: Report = quiet) -> Bundle:
        """Do a claimed job in a worker process; its end is written to the queue whatever happens.

        A job that others want too, or that is only put off, goes back into the queue when this runner is stopped.
        """
        started = time.monotonic()
        try:
            if Bundle.find(self.city.root, job.run) is None:  # a killed process may have come as far as that
                supervise(self, job, self.registry.analysis(job.analysis)[1], report)
            self._record(job, time.monotonic() - started)
        except BaseException as fault:
            self._ended(job, fault)
            raise
        finally:
            sweep_staging(self.city.root)
        jobs.finish(self.city.database, job.id, "succeeded", result=job.run)
        return Bundle.open(run_path(self.city.root, job.run))

    def _ended(self, job: Job, fault: BaseException) -> None:
        stopped = self._stop.is_set() and isinstance(fault, JobError) and fault.code == "job.cancelled"
        if stopped and (self._release or jobs.get(self.city.database, job.id).parent != self.parent):
            jobs.release(self.city.database, job.id)
        else:
            jobs.finish(self.city.database, job.id, *ending(fault))

    def _await(self, job: Job, question: Question, report: Report) -> Bundle:
        """Another process works at the same question: wait for it; if somebody else has cancelled it, ask anew."""
        while True:
            state = jobs.get(self.city.database, job.id)
            if state.state == "cancelled" and self.parent and state.parent == self.parent:
                raise _cancelled()  # somebody wants this part of the comparison no more
            if state.state not in jobs.OPEN or not jobs.alive(state.worker):
                return self.run(question, report) if state.state != "failed" else _raise(state)
            report(state.progress, f"another process works at this question: {state.message}")
            if self._stop.wait(HOUSEKEEPING_S):
                raise _cancelled()

    def _record(self, job: Job, seconds: float) -> None:
        from sqlalchemy import insert, select

        from cim_core.canonical import content_hash
        from cim_core.store.tables import run

        key: dict[str, Any] = job.request["key"]
        experiment = content_hash({name: value for name, value in key.items() if name != "seed"})
        with self.city.database.write() as connection:
            if connection.execute(select(run.c.hash).where(run.c.hash == job.run)).scalar() is None:
                row = {"hash": job.run, "experiment": experiment, "analysis": job.analysis, "seed": key["seed"]}
                connection.execute(insert(run).values(**row, key=key, finished_at=now(), seconds=seconds))


def ending(fault: BaseException) -> tuple[str, dict[str, str] | None]:
    """State and error of a job that ended with this."""
    if isinstance(fault, CimError):
        state = "cancelled" if fault.code == "job.cancelled" else "failed"
        return state, fault.as_dict() | {"class": type(fault).__name__}
    if isinstance(fault, Exception):
        return "failed", {"code": "job.failed", "what": f"{type(fault).__name__}: {fault}", "class": "JobError"}
    return "cancelled", None  # Ctrl-C


def _raise(job: Job) -> Bundle:
    error = dict(job.error or {"code": "job.failed", "what": "the job failed"})
    raise CimError.from_dict(error)


def _cancelled() -> JobError:
    return JobError("job.cancelled", "the job was cancelled", remedy="start it again when it is wanted")


def supervise(runner: Runner, job: Job, declaration: AnalysisDeclaration, report: Report) -> None:
    """Start a worker for a job and follow it: progress, cancel, time and memory limits, sudden death."""
    context = _context()
    ours, theirs = context.Pipe()
    drop_in = None if runner.drop_in is None else str(runner.drop_in)
    request = {name: value for name, value in job.request.items() if name != "key"}
    arguments = (theirs, str(runner.city.root.resolve()), drop_in, request, job.request["key"])
    process = context.Process(target=worker_main, args=arguments, name=f"cim {job.analysis}", daemon=False)
    process.start()
    theirs.close()
    watch = _Watch(runner, job, declaration, time.monotonic() + declaration.timeout_s)
    try:
        _follow(process, ours, watch, report)
    finally:
        _end(process)
        ours.close()


def warm() -> None:
    """Start the process from which workers are forked, so that the first run starts as fast as the next."""
    from multiprocessing import forkserver

    _context()
    forkserver.ensure_running()


def _context() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    return context


@dataclass
class _Watch:
    runner: Runner
    job: Job
    declaration: AnalysisDeclaration
    deadline: float
    latest: tuple[float, str] = (0.0, "starting")
    next_check: float = 0.0

    def check(self, process: BaseProcess) -> None:
        """Once a second: is it still wanted, in time, within memory? Raises :class:`JobError`."""
        if self.runner._stop.is_set():
            raise _cancelled()
        if time.monotonic() < self.next_check:
            return
        self.next_check = time.monotonic() + HOUSEKEEPING_S
        if not jobs.report(self.runner.city.database, self.job.id, *self.latest):
            raise _cancelled()
        if time.monotonic() > self.deadline:
            raise JobError(
                "job.timeout",
                "the run took too long and was ended",
                where=self.job.analysis,
                expected=f"at most {self.declaration.timeout_s:g} s",
                got=f"no end at {self.latest[0]:.0%}: {self.latest[1]}",
                remedy="ask for fewer hours or a coarser mode, or raise timeout_s in the scenario's manifest",
            )
        used_mb = memory_mb(process.pid)
        if used_mb > self.declaration.memory_mb:
            raise JobError(
                "job.memory",
                "the run used too much memory and was ended",
                where=self.job.analysis,
                expected=f"at most {self.declaration.memory_mb} MB",
                got=f"{used_mb:.0f} MB",
                remedy="ask for fewer hours or a smaller area, or raise memory_mb in the scenario's manifest",
            )


def _follow(process: BaseProcess, pipe: Connection, watch: _Watch, report: Report) -> None:
    while True:
        message = _receive(pipe, process)
        if message is not None and message[0] == "done":
            return
        if message is not None and message[0] == "error":
            raise CimError.from_dict(message[1])
        if message is not None:
            watch.latest = (message[1], message[2])
            report(message[1], message[2])
        try:
            watch.check(process)
        except JobError:
            _ask_to_stop(pipe, process)
            raise


def _receive(pipe: Connection, process: BaseProcess) -> Any:
    try:
        if pipe.poll(POLL_S):
            return pipe.recv()
    except (EOFError, OSError):
        process.join(GRACE_S)
        raise JobError(
            "job.died",
            "the worker process died",
            where=process.name,
            expected="a result",
            got=f"exit code {process.exitcode}",
            remedy="exit code -9 with no cancel means lack of memory; start it again, with fewer hours if it recurs",
        ) from None
    return None


def _ask_to_stop(pipe: Connection, process: BaseProcess) -> None:
    with contextlib.suppress(OSError, BrokenPipeError):
        pipe.send("stop")
        process.join(STOP_GRACE_S)


def _end(process: BaseProcess) -> None:
    """End the worker and all its children."""
    if process.pid is not None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.join(GRACE_S)
    if process.is_alive():
        process.kill()
        process.join()


def memory_mb(pid: int | None) -> float:
    """Resident memory of a process and its children in MB (10⁶ bytes); 0 if it is gone."""
    import psutil

    try:
        family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0.0
    total = 0
    for member in family:
        with contextlib.suppress(psutil.NoSuchProcess):
            total += member.memory_info().rss
    return total / 1e6
