"""The run service: takes what is queued and works it; runs in worker processes, comparisons in threads beside them."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from cim_core import compare, jobs
from cim_core.city import City
from cim_core.errors import CimError, StorageError
from cim_core.jobs import Job
from cim_core.registry import Registry
from cim_core.runner import HOUSEKEEPING_S, Runner, Slots, ending, warm
from cim_core.store.database import Database

ROUND_S = 0.1
RECOVER_S = 5.0
STOP_S = 10.0
MOST_COMPARISONS = 4
"""So many comparisons share the workers at a time; the others wait."""


@dataclass
class _Task:
    """One job in work: its runner, to stop it; the thread that follows it; how far it is; how its thread broke."""

    job: Job
    runner: Runner
    thread: threading.Thread
    latest: tuple[float, str] = (0.0, "starting")
    fault: BaseException | None = None

    def update(self, fraction: float, message: str) -> None:
        """Remember how far it is; the service writes it down once a second."""
        self.latest = (fraction, message)


@dataclass
class RunService:
    """Works the queue of a city, at most ``runner.parallel`` worker processes at a time.

    Jobs of processes that died are taken up again. A job's error is written to the queue and ends nothing else.

    Attributes
    ----------
    runner
        Says which city, which scenarios, how many workers.
    notice
        Called with the error when the database fails; the service tries again.
    """

    runner: Runner
    notice: Callable[[CimError], None] = lambda fault: None
    _tasks: dict[str, _Task] = field(default_factory=dict)
    _next: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._slots = Slots(self.runner.parallel)

    def serve(self, stop: threading.Event) -> None:
        """Work until ``stop``; what runs then goes back into the queue, as if it had not been begun."""
        warm()
        try:
            while not stop.is_set():
                try:
                    self._round()
                except StorageError as fault:  # a lock that is held long, a database server that starts again
                    self.notice(fault)
                    stop.wait(HOUSEKEEPING_S)
                stop.wait(ROUND_S)
        finally:
            self._put_off()

    def drain(self, report: Callable[[Job], None] = lambda job: None) -> list[Job]:
        """Work until nothing is queued; the jobs in their final state, in the order of the queue."""
        done: list[Job] = []
        try:
            while self._round(done.append, report) or jobs.waiting(self._database):
                time.sleep(ROUND_S)
        finally:
            self._put_off()
        return sorted(done, key=lambda job: job.queued_at)

    @property
    def _database(self) -> Database:
        return self.runner.city.database

    def _round(self, *reports: Callable[[Job], None]) -> int:
        """Look once at the queue and at the jobs in work; how many are in work afterwards."""
        if self._due("recover", RECOVER_S):
            jobs.recover(self._database)
        self._collect(*reports)
        for job in jobs.ended(self._database, self._tasks):
            self._tasks[job].runner.stop()
        if self._due("tell", HOUSEKEEPING_S):
            for task in self._tasks.values():
                if task.job.kind == "comparison":
                    jobs.report(self._database, task.job.id, *task.latest)
        self._begin()
        return len(self._tasks)

    def _due(self, what: str, every_s: float) -> bool:
        instant = time.monotonic()
        if instant < self._next.get(what, 0.0):
            return False
        self._next[what] = instant + every_s
        return True

    def _begin(self) -> None:
        """Start a thread for each waiting job that there is room for; a run then waits for its place in order."""
        room = Counter(run=self.runner.parallel, comparison=MOST_COMPARISONS)
        room.subtract(task.job.kind for task in self._tasks.values())
        for job in jobs.waiting(self._database):
            if job.id not in self._tasks and room[job.kind] > 0:
                room[job.kind] -= 1
                self._tasks[job.id] = self._task(job)

    def _task(self, job: Job) -> _Task:
        base = self.runner
        parent = job.id if job.kind == "comparison" else job.parent
        runner = Runner(
            base.city, base.registry, base.drop_in, base.parallel, job.owner, parent=parent, slots=self._slots
        )
        task = _Task(job, runner, threading.Thread(target=lambda: self._do(task), name=f"job {job.id}", daemon=True))
        task.thread.start()
        return task

    def _do(self, task: _Task) -> None:
        """The body of a job's thread. A run writes its end to the queue itself."""
        try:
            task.runner.registry = Registry.discover(task.runner.drop_in)  # as its folder is now
            if task.job.kind == "comparison":
                self._compare(task)
            else:
                with task.runner.place():
                    if jobs.claim(self._database, task.job.id):
                        task.runner.work(task.job)
        except BaseException as fault:  # noqa: BLE001 - kept for _collect, which ends the job with it
            task.fault = fault

    def _compare(self, task: _Task) -> None:
        if not jobs.claim(self._database, task.job.id):
            return
        task.runner.city = City.open(self.runner.city.root, at=task.job.request["sequence"])
        try:
            found = compare.answer(task.runner, task.job.request, task.update)
            jobs.finish(self._database, task.job.id, "succeeded", result=found.id)
        finally:
            task.runner.city.database.close()

    def _collect(self, *reports: Callable[[Job], None]) -> None:
        """Write down the end of jobs whose thread has ended without doing so, and forget them."""
        for task in [task for task in self._tasks.values() if not task.thread.is_alive()]:
            self._settle(task)
            del self._tasks[task.job.id]
            found = jobs.get(self._database, task.job.id)
            for report in reports if found.state not in jobs.OPEN else ():
                report(found)

    def _settle(self, task: _Task) -> None:
        if task.runner.put_off:
            jobs.release(self._database, task.job.id)
        elif task.fault is not None and jobs.get(self._database, task.job.id).state == "running":
            jobs.finish(self._database, task.job.id, *ending(task.fault))

    def _put_off(self) -> None:
        """Stop all that is in work; it goes back into the queue."""
        for task in self._tasks.values():
            task.runner.stop(release=True)
        until = time.monotonic() + STOP_S
        for task in self._tasks.values():
            task.thread.join(max(0.0, until - time.monotonic()))
            self._settle(task)
        self._tasks.clear()
