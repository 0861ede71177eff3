"""Processes of a server are killed: no child is left behind, no job is lost, what ended is started again."""

from __future__ import annotations

import os
import signal

from served import eventually

from cim_core import jobs
from cim_core.compare import ask_comparison
from cim_core.plan import Plan
from cim_core.result import Bundle


def test_nothing_outlives_a_killed_supervisor(serve, submit, city, tmp_path):
    short = tmp_path / "t"
    short.mkdir()
    served = serve(TMPDIR=str(short))
    assert [path.name for path in short.glob("cim-*/*")] == ["live"]
    (city.root / "child").touch()
    job = submit(how="spawn", seconds=600, file=str(city.root / "child"))
    eventually(lambda: "waiting" in jobs.get(city.database, job.id).message)
    grandchild = int((city.root / "child").read_text())
    assert grandchild in {process.pid for process in served.family()}
    served.process.kill()
    served.process.wait()
    assert eventually(lambda: not served.family(), 3)
    assert jobs.get(city.database, job.id).state in ("queued", "running"), "a restart takes it up"
    assert list(short.glob("cim-*")) == []


def test_a_run_goes_on_after_its_service_was_killed(serve, submit, city):
    served = serve()
    job = submit(how="wait", seconds=2)
    eventually(lambda: "waiting" in jobs.get(city.database, job.id).message)
    killed = served.pid("runs")
    os.kill(killed, signal.SIGKILL)
    done = eventually(lambda: _ended(city, job))
    assert (done.state, done.attempts, done.result) == ("succeeded", 2, job.run)
    assert Bundle.find(city.root, job.run) is not None
    assert served.pid("runs") != killed
    assert "the runs process ended (signal SIGKILL); it is started again in 0.2 s" in served.complaints
    assert served.get("/health")["status"] == "ok"


def test_a_comparison_goes_on_after_its_service_was_killed(serve, city, toys):
    served = serve()
    plan = Plan(plan="calm", measures=({"type": "calm", "road": "西桥", "speed_mps": 1.0},))
    asked = ask_comparison(city, toys, "toy.noise", {"pause_s": 1.0}, plan=plan, seeds=2)
    job = jobs.submit(city.database, asked.identity, asked.analysis, asked.request, "tester", kind="comparison")
    eventually(lambda: [one for one in jobs.listing(city.database, states=["running"]) if one.parent == job.id])
    os.kill(served.pid("runs"), signal.SIGKILL)
    done = eventually(lambda: _ended(city, job))
    assert (done.state, done.attempts, done.result) == ("succeeded", 2, asked.comparison)
    assert {one.state for one in jobs.listing(city.database)} == {"succeeded"}


def _ended(city, job):
    found = jobs.get(city.database, job.id)
    return found if found.state not in jobs.OPEN else None


def test_the_web_workers_and_the_live_process_come_back(serve, city):
    served = serve()
    for name in ("web", "live"):
        killed = served.pid(name)
        os.kill(killed, signal.SIGKILL)
        eventually(lambda name=name, killed=killed: served.pid(name) not in (killed, 0))
    assert served.get("/health")["status"] == "ok"
    stream = served.listen()
    assert stream.event()[0] == "hello"
    stream.close()


def test_what_ran_at_the_end_of_a_server_is_done_by_the_next(serve, submit, city):
    served = serve()
    running, waiting = submit(how="wait", seconds=2), [submit(how="wait", seconds=1.5, tag=str(n)) for n in range(3)]
    eventually(lambda: "waiting" in jobs.get(city.database, running.id).message)
    assert served.end(signal.SIGTERM) == 0
    left = jobs.listing(city.database)
    assert {job.state for job in left} == {"queued"}
    assert {job.attempts for job in left} == {0}
    assert list((city.root / "tmp").glob("*")) == []
    serve()
    for job in (running, *waiting):
        done = eventually(lambda job=job: _ended(city, job))
        assert (done.state, done.attempts) == ("succeeded", 1)


def test_a_cancelled_run_leaves_no_process(serve, submit, city):
    served = serve()
    first = submit()
    eventually(lambda: _ended(city, first))
    before = {process.pid for process in served.family()}
    job = submit(how="sleep", seconds=600)
    eventually(lambda: "sleep" in jobs.get(city.database, job.id).message)
    jobs.cancel(city.database, job.id)
    assert eventually(lambda: {process.pid for process in served.family()} <= before, 3)
    assert jobs.get(city.database, job.id).state == "cancelled"
