"""The queue: one open job for each run, claimed once, found again when its process died."""

import os
import subprocess
import sys
import threading

import psutil
import pytest
from sqlalchemy import update

from cim_core import jobs
from cim_core.errors import NotFoundError
from cim_core.store.tables import job as table


@pytest.fixture
def queue(new_city):
    return new_city().database


def submit(queue, run: str = "r1") -> jobs.Job:
    return jobs.submit(queue, run, "toy.behave", {"seed": 1}, "tester")


def died(queue, job: jobs.Job) -> None:
    """As if the process that had the job was killed."""
    child = subprocess.Popen([sys.executable, "-c", ""])
    worker = f"{os.uname().nodename}:{child.pid}:{psutil.Process(child.pid).create_time():.2f}"
    child.wait()
    with queue.write() as connection:
        connection.execute(update(table).where(table.c.id == job.id).values(state="running", worker=worker))


def test_a_job_goes_from_queued_to_succeeded(queue):
    job = submit(queue)
    assert (job.state, job.attempts, job.owner, job.request) == ("queued", 0, "tester", {"seed": 1})
    assert jobs.claim(queue, job.id)
    assert jobs.report(queue, job.id, 0.5, "half")
    running = jobs.get(queue, job.id)
    assert (running.state, running.attempts, running.progress, running.message) == ("running", 1, 0.5, "half")
    assert jobs.alive(running.worker)
    jobs.finish(queue, job.id, "succeeded")
    done = jobs.get(queue, job.id)
    assert (done.state, done.progress, done.error) == ("succeeded", 1.0, None)
    assert done.queued_at <= done.started_at <= done.finished_at


def test_a_run_has_one_open_job(queue):
    first = submit(queue)
    assert submit(queue).id == first.id
    jobs.claim(queue, first.id)
    assert submit(queue).id == first.id
    jobs.finish(queue, first.id, "failed", {"code": "x"})
    assert submit(queue).id != first.id
    assert submit(queue, "r2").id not in {job.id for job in jobs.listing(queue) if job.run == "r1"}


def test_many_who_ask_at_once_get_one_job(queue):
    found: list[str] = []
    barrier = threading.Barrier(8)

    def ask() -> None:
        barrier.wait()
        found.append(submit(queue).id)

    askers = [threading.Thread(target=ask) for _ in range(8)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    assert (len(found), len(set(found)), len(jobs.listing(queue))) == (8, 1, 1)


def test_a_job_is_claimed_once(queue):
    job, winners = submit(queue), []
    claimers = [threading.Thread(target=lambda: winners.append(jobs.claim(queue, job.id))) for _ in range(4)]
    for claimer in claimers:
        claimer.start()
    for claimer in claimers:
        claimer.join()
    assert sorted(winners) == [False, False, False, True]


def test_a_cancelled_job_stays_cancelled(queue):
    job = submit(queue)
    jobs.claim(queue, job.id)
    assert jobs.cancel(queue, job.id).state == "cancelled"
    assert not jobs.report(queue, job.id, 0.9, "late")
    jobs.finish(queue, job.id, "succeeded")
    assert jobs.get(queue, job.id).state == "cancelled"
    assert not jobs.claim(queue, job.id)


def test_a_job_whose_process_died_is_queued_again_and_one_that_lives_is_not(queue):
    dead, living = submit(queue), submit(queue, "r2")
    jobs.claim(queue, living.id)
    died(queue, dead)
    assert [job.id for job in jobs.recover(queue)] == [dead.id]
    assert jobs.get(queue, dead.id).state == "queued"
    assert jobs.get(queue, living.id).state == "running"
    assert jobs.claim(queue, dead.id)


def test_a_pid_that_was_used_again_is_not_taken_for_the_process(queue):
    me = jobs.this_process()
    host, pid, started = me.rsplit(":", 2)
    assert jobs.alive(me)
    assert not jobs.alive(f"{host}:{pid}:{float(started) - 100:.2f}")
    assert jobs.alive(f"elsewhere:{pid}:{started}"), "another host is taken to live"
    assert not jobs.alive(None)


def test_a_process_that_nobody_collects_does_not_live(queue):
    child = subprocess.Popen([sys.executable, "-c", ""])
    process = psutil.Process(child.pid)
    while process.status() != psutil.STATUS_ZOMBIE:
        pass
    assert not jobs.alive(f"{os.uname().nodename}:{child.pid}:{process.create_time():.2f}")
    child.wait()


def test_a_job_that_kills_its_worker_is_given_up(queue):
    job = submit(queue)
    for _ in range(jobs.MAX_ATTEMPTS):
        assert jobs.claim(queue, job.id)
        died(queue, job)
        jobs.recover(queue)
    given_up = jobs.get(queue, job.id)
    assert (given_up.state, given_up.error["code"]) == ("failed", "job.crashed")
    assert given_up.finished_at is not None
    assert submit(queue).id != job.id, "it may be asked for again"


def test_the_list_is_in_order(queue):
    ids = [submit(queue, f"r{number}").id for number in range(3)]
    jobs.finish(queue, ids[1], "cancelled")
    assert [job.id for job in jobs.listing(queue)] == ids
    assert [job.id for job in jobs.listing(queue, open_only=True)] == [ids[0], ids[2]]


def test_an_unknown_job_is_not_found(queue):
    with pytest.raises(NotFoundError, match=r"job\.unknown"):
        jobs.get(queue, "nobody")
    with pytest.raises(NotFoundError, match=r"job\.unknown"):
        jobs.cancel(queue, "nobody")
