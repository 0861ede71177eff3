"""The run service: runs and comparisons of the queue, their cancel, putting them off, and whose a shared run is."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from cim_core import jobs
from cim_core.compare import Comparison, ask_comparison
from cim_core.plan import Plan
from cim_core.result import Bundle
from cim_core.service import RunService

CALM = Plan(plan="calm", measures=({"type": "calm", "road": "西桥", "speed_mps": 1.0},))


def eventually(true: Callable[[], object], seconds: float = 30.0) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "it did not come to pass"
        time.sleep(0.02)


@pytest.fixture
def queue(runner):
    return runner.city.database


@pytest.fixture
def submit(runner, question, queue):
    """``submit(how="well")`` → a queued run of the toy."""

    def run(**parameters: object) -> jobs.Job:
        asked = question("toy.behave", **parameters)
        return jobs.submit(queue, asked.run, asked.analysis, asked.request() | {"key": asked.key}, "tester")

    return run


@pytest.fixture
def submit_comparison(runner, queue):
    """``submit_comparison(seeds=2, pause_s=1)`` → a queued comparison of the toy."""

    def run(seeds: int = 2, precision: float | None = None, **parameters: object) -> jobs.Job:
        asked = ask_comparison(
            runner.city, runner.registry, "toy.noise", parameters, plan=CALM, seeds=seeds, precision=precision
        )
        return jobs.submit(queue, asked.identity, asked.analysis, asked.request, "tester", kind="comparison")

    return run


@pytest.fixture
def serving(runner) -> Iterator[Callable[[], threading.Event]]:
    """``serving()`` starts the service in a thread; setting the event ends it."""
    started: list[tuple[threading.Event, threading.Thread]] = []

    def start() -> threading.Event:
        stop = threading.Event()
        thread = threading.Thread(target=RunService(runner).serve, args=(stop,))
        thread.start()
        started.append((stop, thread))
        return stop

    yield start
    for stop, thread in started:
        stop.set()
        thread.join(20)
        assert not thread.is_alive()


def state(queue, job: jobs.Job) -> str:
    return jobs.get(queue, job.id).state


def children(queue, job: jobs.Job) -> list[jobs.Job]:
    return [one for one in jobs.listing(queue) if one.parent == job.id]


def test_runs_and_comparisons_are_worked(runner, queue, submit, submit_comparison, serving):
    serving()
    run, comparison = submit(), submit_comparison(seeds=2)
    eventually(lambda: {state(queue, run), state(queue, comparison)} == {"succeeded"})
    done = jobs.get(queue, comparison.id)
    found = Comparison.find(runner.city.root, done.result)
    assert found is not None
    assert found.content["seeds"] == [1, 2]
    assert jobs.get(queue, run.id).result == run.run
    parts = children(queue, comparison)
    assert len(parts) == 4
    assert {part.result for part in parts} == {hash_ for pair in found.content["runs"] for hash_ in pair.values()}
    assert [job.id for job in jobs.listing(queue, asked_for=True)] == [run.id, comparison.id]


def test_a_comparison_that_is_answered_is_known_by_the_id_it_was_promised(runner, submit_comparison):
    asked = [
        ask_comparison(runner.city, runner.registry, "toy.noise", {}, plan=CALM, seeds=2, precision=precision)
        for precision in (None, 0.5)
    ]
    assert asked[0].answer(runner.city.root) is None
    submit_comparison(seeds=2)
    (done,) = RunService(runner).drain()
    assert (done.state, done.result) == ("succeeded", asked[0].comparison)
    found = asked[0].answer(runner.city.root)
    assert found is not None
    assert found.id == done.result
    assert asked[1].comparison is None, "the figures decide how many runs it stands on"


def test_a_cancelled_comparison_takes_its_own_runs_with_it(runner, queue, submit_comparison, serving):
    serving()
    comparison = submit_comparison(seeds=3, pause_s=60.0)
    eventually(lambda: len([one for one in children(queue, comparison) if one.state == "running"]) == 2)
    jobs.cancel(queue, comparison.id)
    eventually(lambda: not list((runner.city.root / "tmp").glob("*")), seconds=5)
    assert {one.state for one in children(queue, comparison)} == {"cancelled"}
    assert state(queue, comparison) == "cancelled"


def test_a_run_that_somebody_else_wants_too_goes_on_without_the_comparison(
    runner, queue, question, submit_comparison, serving
):
    serving()
    comparison = submit_comparison(seeds=2, pause_s=1.5)
    eventually(lambda: children(queue, comparison))
    asked = question("toy.noise", pause_s=1.5)
    mine = jobs.submit(queue, asked.run, asked.analysis, asked.request() | {"key": asked.key}, "somebody else")
    assert mine.parent is None
    jobs.cancel(queue, comparison.id)
    eventually(lambda: state(queue, mine) == "succeeded")
    assert Bundle.find(runner.city.root, asked.run) is not None
    eventually(lambda: {one.state for one in children(queue, comparison)} == {"cancelled"})


def test_somebody_else_who_cancels_a_shared_run_ends_no_comparison(queue, question, submit_comparison, serving):
    serving()
    comparison = submit_comparison(seeds=2, pause_s=2.0)
    asked = question("toy.noise", pause_s=2.0)
    eventually(lambda: any(one.run == asked.run and one.state == "running" for one in jobs.listing(queue)))
    mine = jobs.submit(queue, asked.run, asked.analysis, asked.request() | {"key": asked.key}, "somebody else")
    assert mine.state == "running"
    assert mine.parent is None
    jobs.cancel(queue, mine.id)
    eventually(lambda: state(queue, comparison) not in jobs.OPEN)
    found = jobs.get(queue, comparison.id)
    assert (found.state, found.message) == ("succeeded", ""), found.error
    assert state(queue, mine) == "cancelled"
    again = [one for one in jobs.listing(queue) if one.run == asked.run and one.id != mine.id]
    assert [(one.state, one.parent, one.message) for one in again] == [("succeeded", comparison.id, "")]


def test_what_is_put_off_is_queued_again_and_counts_as_no_attempt(queue, submit, submit_comparison, serving):
    stop = serving()
    run, comparison = submit(how="wait", seconds=3), submit_comparison(pause_s=0.5)
    eventually(lambda: "waiting" in jobs.get(queue, run.id).message and children(queue, comparison))
    stop.set()
    eventually(lambda: not jobs.listing(queue, states=["running"]))
    found = jobs.listing(queue)
    assert {job.state for job in found if job.id in (run.id, comparison.id)} == {"queued"}
    assert {(job.state, job.attempts) for job in found} <= {("queued", 0), ("succeeded", 1)}
    serving()
    eventually(lambda: {job.state for job in jobs.listing(queue)} == {"succeeded"})
    assert {job.attempts for job in jobs.listing(queue)} == {1}


def test_a_cancelled_run_ends_at_once_even_if_it_is_deaf(runner, queue, submit, serving):
    serving()
    deaf = submit(how="sleep", seconds=60)
    eventually(lambda: "sleep" in jobs.get(queue, deaf.id).message)
    jobs.cancel(queue, deaf.id)
    eventually(lambda: not list((runner.city.root / "tmp").glob("*")), seconds=5)
    assert state(queue, deaf) == "cancelled"


def test_a_failure_stands_in_the_queue_and_harms_no_other(queue, submit, submit_comparison, serving):
    serving()
    broken, refused = submit(how="raise"), submit_comparison(fail_on_seed=1)
    sound = submit(how="well", tag="sound")
    eventually(lambda: all(state(queue, job) not in jobs.OPEN for job in (broken, refused, sound)))
    assert jobs.get(queue, broken.id).error["code"] == "scenario.crashed"
    failed = jobs.get(queue, refused.id)
    assert (failed.state, failed.error["code"]) == ("failed", "toy.told_to_fail")
    assert state(queue, sound) == "succeeded"


def test_no_more_workers_than_places_and_a_run_gets_its_turn_beside_a_comparison(
    queue, submit, submit_comparison, serving
):
    serving()
    comparison = submit_comparison(seeds=6, pause_s=0.4)
    eventually(lambda: children(queue, comparison))
    single, most = submit(), 0
    while state(queue, single) in jobs.OPEN:
        at_work = [job for job in jobs.listing(queue, states=["running"]) if job.kind == "run"]
        most = max(most, len(at_work))
        time.sleep(0.02)
    assert most <= 2
    assert state(queue, comparison) == "running", "it came before the comparison's last run"
