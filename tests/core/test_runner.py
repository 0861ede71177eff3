"""The runner: an answer is found or computed once, whole or not at all, whatever the scenario does."""

import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest
from tiny_cities import TOYS

from cim_core import jobs
from cim_core.canonical import content_hash
from cim_core.errors import CimError, InputError, JobError, ScenarioError
from cim_core.plan import Plan
from cim_core.result import run_path
from cim_core.runner import Runner
from cim_core.service import RunService

TIMED = Plan(plan="timed", measures=({"type": "calm", "road": "西桥", "from": "07:00", "to": "08:00"},))


def left_behind(root: Path) -> list[str]:
    """What a run that ended must not leave."""
    return [path.name for path in (root / "tmp").glob("*")]


def last(runner: Runner) -> jobs.Job:
    return jobs.listing(runner.city.database)[-1]


def fails(runner: Runner, question, kind: type[CimError], code: str) -> CimError:
    with pytest.raises(kind, match=code.replace(".", r"\.")) as caught:
        runner.run(question)
    assert caught.value.remedy
    assert not run_path(runner.city.root, question.run).exists(), "no half result"
    assert left_behind(runner.city.root) == []
    assert last(runner).run == question.run
    return caught.value


def test_an_answer_is_computed_once_and_found_then(runner, question):
    asked = question("toy.behave", how="work", seconds=0.05)
    seen = []
    first = runner.run(asked, lambda fraction, message: seen.append((fraction, message)))
    again = runner.run(asked, lambda fraction, message: pytest.fail("computed again"))
    assert first.figures == again.figures
    assert first.run == asked.run
    assert seen[0] == (0.1, "about to work")
    assert [job.state for job in jobs.listing(runner.city.database)] == ["succeeded"]
    assert left_behind(runner.city.root) == []


def test_a_bundle_has_what_was_asked_and_what_it_stands_on(runner, question):
    bundle = runner.run(question("toy.noise", seed=3, plan=TIMED))
    assert bundle.content["plan"]["plan"] == "timed"
    assert bundle.content["seed"] == 3
    assert [row["reason"] for row in bundle.content["unused_edits"]] == ["this analysis does not read it"]
    assert bundle.layer("roads_result").crs == runner.city.crs
    assert set(bundle.layer("roads_result").index) == set(runner.city.layer("roads").index)
    assert list(bundle.table("trips").columns) == ["trip", "duration_s"]
    receipt = json.loads((bundle.path / "receipt.json").read_text())
    assert receipt["key"]["snapshots"] == {"roads": runner.city.layer_hash("roads")}
    assert receipt["key"]["code"].keys() == {"scenario", "core", "measures"}


def test_a_files_path_is_relative_and_opens(runner, question):
    bundle = runner.run(question("toy.behave", how="work", seconds=0.0))
    assert (bundle.path / "files" / "big").stat().st_size == 10_000


def test_a_scenario_that_raises_is_named_with_its_last_lines(runner, question):
    fault = fails(runner, question("toy.behave", how="raise"), ScenarioError, "scenario.crashed")
    assert fault.got == "ZeroDivisionError: told to"
    assert "analyses.py" in fault.where
    assert (last(runner).state, last(runner).error["code"]) == ("failed", "scenario.crashed")


def test_an_error_of_ours_passes_as_it_was_raised(runner, question):
    fault = fails(runner, question("toy.behave", how="refuse"), InputError, "toy.refused")
    assert (fault.expected, fault.remedy) == ("other orders", "ask nicely")


@pytest.mark.parametrize(("how", "exit_code"), [("exit", "3"), ("kill", "-9")])
def test_a_worker_that_dies_is_an_error(runner, question, how, exit_code):
    fault = fails(runner, question("toy.behave", how=how), JobError, "job.died")
    assert f"exit code {exit_code}" in fault.got
    assert last(runner).state == "failed"


def test_a_result_that_was_not_declared_is_refused(runner, question):
    fault = fails(runner, question("toy.behave", how="undeclared"), ScenarioError, "scenario.undeclared")
    assert "surprise" in fault.got


def test_a_run_that_takes_too_long_is_ended(runner, question):
    fault = fails(runner, question("toy.hasty", how="wait", seconds=60), JobError, "job.timeout")
    assert "waiting" in fault.got


def test_a_run_that_takes_too_much_memory_is_ended(runner, question):
    fault = fails(runner, question("toy.narrow", how="memory", seconds=60), JobError, "job.memory")
    assert fault.expected == "at most 500 MB"


def test_a_run_may_be_asked_again_after_it_failed(runner, question, tmp_path):
    file = tmp_path / "order"
    asked = question("toy.behave", how="raise")
    for _ in range(2):
        fails(runner, asked, ScenarioError, "scenario.crashed")
    assert [job.state for job in jobs.listing(runner.city.database)] == ["failed", "failed"]
    assert not file.exists()


def in_thread(runner: Runner, asked) -> tuple[threading.Thread, list]:
    ends: list = []

    def work() -> None:
        try:
            ends.append(runner.run(asked))
        except CimError as fault:
            ends.append(fault)

    thread = threading.Thread(target=work)
    thread.start()
    return thread, ends


def wait_for(condition, seconds: float = 30.0):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found = condition()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError("it never came to that")


def running(runner: Runner, message: str) -> jobs.Job | None:
    return next((job for job in jobs.listing(runner.city.database, open_only=True) if message in job.message), None)


@pytest.mark.parametrize("how", ["wait", "sleep"])
def test_a_cancel_from_elsewhere_ends_the_run_whether_it_listens_or_not(runner, question, how):
    asked = question("toy.behave", how=how, seconds=120)
    thread, ends = in_thread(runner, asked)
    job = wait_for(lambda: running(runner, "waiting" if how == "wait" else "about to"))
    jobs.cancel(runner.city.database, job.id)
    thread.join(30)
    assert [end.code for end in ends] == ["job.cancelled"]
    assert last(runner).state == "cancelled"
    assert not run_path(runner.city.root, asked.run).exists()
    assert left_behind(runner.city.root) == []


def test_the_children_of_a_worker_end_with_it(runner, question, tmp_path):
    note = tmp_path / "pid"
    note.write_text("")
    asked = question("toy.behave", how="spawn", seconds=120, file=str(note))
    thread, ends = in_thread(runner, asked)
    child = int(wait_for(note.read_text))
    assert psutil.pid_exists(child)
    jobs.cancel(runner.city.database, wait_for(lambda: running(runner, "waiting")).id)
    thread.join(30)
    assert ends[0].code == "job.cancelled"
    wait_for(lambda: not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE)


def test_two_who_ask_the_same_compute_once(runner, question, toys):
    asked = question("toy.behave", how="wait", seconds=1.0)
    other = Runner(runner.city, toys, drop_in=TOYS)
    pairs = [in_thread(one, asked) for one in (runner, other)]
    for thread, _ in pairs:
        thread.join(60)
    pids = {ends[0].figures["pid"].value for _, ends in pairs}
    assert len(pids) == 1
    assert [job.state for job in jobs.listing(runner.city.database)] == ["succeeded"]


def test_who_waits_for_another_hears_its_error(runner, question, toys):
    asked = question("toy.hasty", how="wait", seconds=60)
    other = Runner(runner.city, toys, drop_in=TOYS)
    pairs = [in_thread(one, asked) for one in (runner, other)]
    for thread, _ in pairs:
        thread.join(60)
    assert [type(ends[0]) for _, ends in pairs] == [JobError, JobError]
    assert {ends[0].code for _, ends in pairs} == {"job.timeout"}
    assert len(jobs.listing(runner.city.database)) == 1


def test_another_process_that_asks_the_same_waits_for_the_answer(runner, question):
    asked = question("toy.behave", how="wait", seconds=4.0)
    thread, ends = in_thread(runner, asked)
    wait_for(lambda: running(runner, "waiting"))
    command = [str(Path(sys.executable).with_name("cim")), "run", "toy.behave", "-p", "how=wait", "-p", "seconds=4"]
    environment = {"PATH": "/usr/bin:/bin", "CIM_SCENARIOS": str(TOYS), "CIM_CITY": str(runner.city.root)}
    done = subprocess.run([*command, "--json"], env=environment, capture_output=True, text=True, check=False)
    thread.join(30)
    answer = json.loads(done.stdout)
    assert (answer["run"], answer["figures"]["pid"]["value"]) == (asked.run, ends[0].figures["pid"].value)
    assert len(jobs.listing(runner.city.database)) == 1


def test_a_stopped_runner_ends_its_work_and_can_work_again(runner, question):
    futures = []

    def leave_early() -> None:
        with runner.pool() as pool:
            futures.append(pool.submit(runner.run, question("toy.behave", how="wait", seconds=120)))
            wait_for(lambda: running(runner, "waiting"))
            raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        leave_early()
    assert isinstance(futures[0].exception(), JobError)
    assert last(runner).state == "cancelled"
    assert runner.run(question("toy.behave", how="well")).figures


def test_what_is_queued_is_done_in_order_and_failures_stay_on_record(runner, question):
    for number, how in enumerate(("well", "raise", "well")):
        asked = question("toy.behave", how=how, tag=str(number))
        request = asked.request() | {"key": asked.key}
        jobs.submit(runner.city.database, asked.run, asked.analysis, request, "tester")
    done = RunService(runner).drain()
    assert [job.state for job in done] == ["succeeded", "failed", "succeeded"]
    assert done[1].error["code"] == "scenario.crashed"
    assert RunService(runner).drain() == []


def test_a_job_whose_answer_is_there_is_not_computed_again(runner, question):
    asked = question("toy.behave")
    pid = runner.run(asked).figures["pid"].value
    request = asked.request() | {"key": asked.key}
    jobs.submit(runner.city.database, asked.run, asked.analysis, request, "as if killed before its last word")
    (job,) = RunService(runner).drain()
    assert (job.state, runner.run(asked).figures["pid"].value) == ("succeeded", pid)


def test_a_job_of_a_scenario_that_went_away_fails_and_does_not_stop_the_rest(runner, question):
    for asked, analysis in ((question("toy.behave"), "gone.away"), (question("toy.steady"), "toy.steady")):
        request = asked.request() | {"key": asked.key, "analysis": analysis}
        jobs.submit(runner.city.database, asked.run, analysis, request, "tester")
    assert [job.state for job in RunService(runner).drain()] == ["failed", "succeeded"]


def test_an_earlier_version_of_the_city_can_be_asked(runner, question, city):
    asked = question("toy.steady")
    with city.edit("faster") as session:
        session.correct("roads", city.layer("roads").index[0], {"speed_limit_mps": 30.0})
    assert runner.run(asked).figures["mean_speed"].value == pytest.approx(city.layer("roads").speed_limit_mps.mean())


def queued(runner: Runner, asked, key: dict) -> str:
    """Put a question in the queue under the hash of this key."""
    run = content_hash(key)
    jobs.submit(runner.city.database, run, asked.analysis, asked.request() | {"key": key}, "tester")
    return run


def test_a_job_whose_file_was_changed_while_it_waited_is_refused(runner, question, tmp_path):
    order = tmp_path / "order"
    order.write_text("as it was asked")
    asked = question("toy.behave", file=str(order))
    queued(runner, asked, asked.key)
    order.write_text("something else")
    (job,) = RunService(runner).drain()
    assert (job.state, job.error["code"], job.error["where"]) == ("failed", "job.question_changed", "parameters")
    assert "ask again" in job.error["remedy"]
    assert not run_path(runner.city.root, asked.run).exists()
    assert left_behind(runner.city.root) == []
    order.write_text("as it was asked")
    assert runner.run(asked).run == asked.run, "with the file as it was it is the same question"


@pytest.mark.parametrize(
    ("name", "other"),
    [("snapshots", {"roads": "0" * 64}), ("code", {"scenario": "0" * 64}), ("engines", {"an engine": "1.0"})],
)
def test_a_job_that_stands_on_something_else_than_its_hash_says_is_refused(runner, question, name, other):
    asked = question("toy.steady")
    run = queued(runner, asked, asked.key | {name: asked.key[name] | other})
    (job,) = RunService(runner).drain()
    assert (job.state, job.error["code"], job.error["where"]) == ("failed", "job.question_changed", name)
    assert not run_path(runner.city.root, run).exists()
    assert not run_path(runner.city.root, asked.run).exists()
