"""Server-sent events through the real web workers: a listener is handed over, hears in time, goes, and comes back."""

from __future__ import annotations

import http.client
import itertools
import shutil
import time

import psutil
import pytest
from served import ended, eventually, open_files, started, submitted

from cim_core.city import City
from cim_core.store import plans

FEW = ("--web-workers", "1", "--web-threads", "2")


def save(city: City, name: str) -> None:
    with city.database.write() as connection:
        plans.save(connection, name, {"plan": name, "measures": []}, "0" * 64, author="tester")


_LEVELS = itertools.count(3)


@pytest.fixture(scope="module")
def served(tiny_folder, tmp_path_factory):
    """One server for all tests of this module; each uses plans of its own."""
    folder = tmp_path_factory.mktemp("streamed")
    found = started(shutil.copytree(tiny_folder, folder / "city"), folder / "errors", *FEW)
    yield found
    ended(found)


@pytest.fixture(scope="module")
def city(served) -> City:
    return City.open(served.root)


def correct(city: City) -> int:
    """Another version of the city; its number."""
    with City.open(city.root).edit("correct") as session:
        session.correct("buildings", "b00", {"levels": next(_LEVELS)})
    return City.open(city.root).sequence


def test_a_listener_hears_of_jobs_plans_and_versions(served, city, toys):
    stream = served.listen()
    assert stream.answer.status == 200
    assert stream.answer.getheader("Content-Type") == "text/event-stream; charset=utf-8"
    assert stream.answer.getheader("X-Content-Type-Options") == "nosniff"
    name, data = stream.event()
    assert (name, data["resync"]) == ("hello", False)
    begun = time.monotonic()
    save(city, "one")
    assert stream.event() == ("plan", {"name": "one", "version": 1, "author": "tester"})
    assert time.monotonic() - begun < 5, "much later than a look at the database every quarter second"
    sequence = correct(city)
    assert stream.event() == ("city", {"sequence": sequence})
    job = submitted(city, toys, how="work", seconds=0.5)
    found = [stream.until(lambda name, data: name == "job")]
    while found[-1]["status"] in ("accepted", "running"):
        found.append(stream.until(lambda name, data: name == "job"))
    assert {one["jobID"] for one in found} == {job.id}
    assert (found[-1]["status"], found[-1]["progress"], found[-1]["run"]) == ("successful", 100, job.run)
    assert found[-1] == served.get(f"/api/jobs/{job.id}"), "the stream and the address say the same"
    stream.close()


def test_who_comes_back_hears_what_was_missed(served, city):
    stream = served.listen("/api/live?topics=plans")
    stream.event()
    save(city, "first")
    stream.event()
    stream.close()
    save(city, "two")
    save(city, "two")
    again = served.listen("/api/live?topics=plans", last=stream.last)
    heard = [again.event() for _ in range(3)]
    assert heard[0][0] == "hello"
    assert not heard[0][1]["resync"]
    assert [(name, data["name"], data["version"]) for name, data in heard[1:]] == [
        ("plan", "two", 1),
        ("plan", "two", 2),
    ]
    again.close()


@pytest.mark.parametrize("last", ["nonsense", "00000000-1-1-1", "0" * 8 + "-9999999-0-0"])
def test_who_comes_back_from_elsewhere_is_told_to_read_anew(served, last):
    stream = served.listen(last=last)
    assert stream.event()[1]["resync"]
    stream.close()


def test_only_what_was_asked_for_is_heard(served, city, toys):
    stream = served.listen("/api/live?topics=city")
    stream.event()
    save(city, "one")
    submitted(city, toys)
    correct(city)
    assert stream.event()[0] == "city"
    stream.close()


def test_listeners_take_no_thread_and_leave_nothing_behind(served, city):
    live, web = served.pid("live"), served.pid("web")
    worker = psutil.Process(web).children()[0].pid
    served.listen().close()
    eventually(lambda: served.get("/health"))
    time.sleep(0.5)
    before = {pid: open_files(pid) for pid in (live, worker)}
    streams = [served.listen("/api/live?topics=plans") for _ in range(60)]
    assert {stream.event()[0] for stream in streams} == {"hello"}
    assert served.get("/health")["status"] == "ok", "sixty listeners and two threads"
    assert eventually(lambda: open_files(worker) <= before[worker] + 1), "the worker has given them away"
    assert open_files(live) >= before[live] + 60
    save(city, "one")
    assert {stream.event()[0] for stream in streams} == {"plan"}
    for stream in streams:
        stream.close()
    assert eventually(lambda: open_files(live) <= before[live] + 2)
    assert "Traceback" not in served.complaints
    assert "Socket error" not in served.complaints


def test_a_stream_that_breaks_in_the_middle_harms_no_other(served, city):
    gone, stays = served.listen(), served.listen()
    stays.event()
    gone.connection.sock = None
    gone.answer.close()
    save(city, "one")
    assert stays.event()[0] == "plan"
    stays.close()
    assert served.complaints.count("Traceback") == 0


def test_asking_for_the_head_alone_opens_no_stream(served):
    connection = http.client.HTTPConnection(*served.address, timeout=20)
    connection.request("HEAD", "/api/live")
    answer = connection.getresponse()
    assert (answer.status, answer.getheader("Content-Type")) == (200, "text/event-stream; charset=utf-8")
    connection.close()
