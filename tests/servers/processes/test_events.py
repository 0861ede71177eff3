"""Events are read from the database alone, in both databases; ids say what was seen, so that nothing is lost."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys

import pytest
from flask import Flask, request
from served import eventually

from cim_core import jobs
from cim_core.errors import StorageError
from cim_core.store import plans
from servers.api.models_processes import StatusInfo
from servers.live.events import Events, Mark
from servers.live.handover import ACCEPTED, LiveRequest, stream
from servers.live.hub import SLOW_BYTES, Hub

ERROR = {
    "code": "toy.refused",
    "what": "the toy refuses",
    "where": "toy",
    "remedy": "ask nicely",
    "class": "InputError",
}


@pytest.fixture
def watched(new_city):
    """An empty city and its events."""
    city = new_city()
    events = Events(city.root)
    yield city, events
    events.close()


def save(city, name: str) -> None:
    with city.database.write() as connection:
        plans.save(connection, name, {"plan": name, "measures": []}, "0" * 64, author="tester")


def submit(city, run: str = "r1") -> jobs.Job:
    return jobs.submit(city.database, run, "toy.behave", {"seed": 1, "plan": {"plan": "p", "title": "P"}}, "tester")


def test_a_mark_says_what_was_seen_and_reads_back():
    mark = Mark("0123abcd", 3, 20, 100)
    assert Mark.parse(str(mark)) == mark
    for text in (None, "", "3-20-100", "0123abcd-3-20", "0123abcd-3-20--1", "x" * 1000, "0123abcd-3-20-1e3"):
        assert Mark.parse(text) is None


def test_every_change_is_told_once_and_in_order(watched):
    city, events = watched
    start = events.newest()
    assert events.since(start) == ([], start)
    job = submit(city)
    save(city, "one")
    jobs.claim(city.database, job.id)
    found, mark = events.since(start)
    assert [(event.name, event.data.get("status")) for event in found] == [("plan", None), ("job", "running")]
    assert found[-1].mark == mark == events.newest()
    assert events.since(mark) == ([], mark)


def test_a_reader_can_come_back_after_any_event(watched):
    city, events = watched
    start = events.newest()
    for number in range(3):
        save(city, f"plan{number}")
        submit(city, f"r{number}")
    everything, _ = events.since(start)
    for position, event in enumerate(everything):
        rest, _ = events.since(Mark.parse(str(event.mark)))
        assert [one.data for one in rest] == [one.data for one in everything[position + 1 :]]


def test_two_jobs_never_share_a_change(watched):
    city, _ = watched
    parent = jobs.submit(city.database, "c", "toy.noise", {}, "tester", kind="comparison")
    for number in range(3):
        jobs.submit(city.database, f"r{number}", "toy.noise", {}, "tester", parent=parent.id)
    jobs.cancel(city.database, parent.id)
    found = jobs.listing(city.database)
    assert {job.state for job in found} == {"cancelled"}
    assert len({job.change for job in found}) == 4


def test_who_missed_too_much_reads_anew(watched, monkeypatch):
    monkeypatch.setattr("servers.live.events.MOST", 3)
    city, events = watched
    start = events.newest()
    for number in range(3):
        submit(city, f"r{number}")
    assert [event.name for event in events.since(start)[0]] == ["job"] * 3
    submit(city, "r3")
    found, mark = events.since(start)
    assert [(event.name, event.data["resync"]) for event in found] == [("hello", True)]
    assert mark == events.newest()


@pytest.mark.parametrize("state", ["queued", "running", "succeeded", "failed", "cancelled"])
@pytest.mark.parametrize("kind", ["run", "comparison"])
def test_every_job_has_the_form_that_the_api_declares(watched, state, kind):
    city, events = watched
    start = events.newest()
    asked = {"seed": 1} if kind == "run" else {"seeds": 5, "against": {"plan": "baseline"}}
    job = jobs.submit(city.database, "r1", "traffic.simulate", asked | {"plan": {"plan": "p"}}, "tester", kind=kind)
    if state != "queued":
        jobs.claim(city.database, job.id)
    if state in ("succeeded", "failed", "cancelled"):
        jobs.finish(city.database, job.id, state, ERROR if state == "failed" else None, result="f" * 64)
    (event,), _ = events.since(start)
    info = StatusInfo.model_validate(event.data)
    assert info.title["zh"] != info.title["en"] != "traffic.simulate"
    assert info.plan.name == info.plan.title == "p"
    assert (info.run, info.comparison) == {
        ("run", True): ("f" * 64, None),
        ("comparison", True): (None, "f" * 64),
    }.get((kind, state == "succeeded"), (None, None))
    assert (info.seed, info.seeds) == ((1, None) if kind == "run" else (None, 5))
    assert (info.error is None) == (state != "failed")
    if info.error:
        assert (info.error["code"], info.error["status"]) == ("toy.refused", 422)
    assert len(info.links) == 1 + (state == "succeeded")


def test_jobs_and_their_errors_are_written_without_the_api():
    program = (
        "import sys; import servers.live.job_status, servers.problems; from cim_core.errors import InputError\n"
        "assert servers.problems.document(InputError('a.b', 'c'))['status'] == 422\n"
        "print(sorted({name for name in sys.modules if name.startswith(('servers.api', 'flask'))}))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout == "[]\n", done.stdout + done.stderr


def test_without_a_live_process_the_worker_streams_the_same_events(city):
    app = Flask("small")

    @app.get("/live")
    def live():
        asked = LiveRequest(
            last_event_id=request.headers.get("Last-Event-ID"), headers={"X-Content-Type-Options": "nosniff"}
        )
        return stream(request.environ, asked, address=None, open_events=lambda: Events(city.root))

    answer = app.test_client().get("/live")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.mimetype == "text/event-stream"
    parts = answer.response
    assert next(parts).startswith(b"retry: 1000\n\nid: ")
    save(city, "one")
    said = next(parts)
    assert b"event: plan\n" in said
    answer.close()
    last = said.partition(b"id: ")[2].partition(b"\n")[0].decode()
    save(city, "two")
    again = app.test_client().get("/live", headers={"Last-Event-ID": last})
    first = next(again.response)
    assert b'"name":"two"' in first
    assert b'"name":"one"' not in first
    again.close()


@pytest.fixture
def handing(city, tmp_path):
    """``await handing(work)``: a hub in this process, and what hands it connections as a web worker does."""
    address = tmp_path / "live"

    async def run(work):
        stop = asyncio.Event()
        events, said = Events(city.root), []
        hub = Hub(events, said.append)
        serving = asyncio.create_task(hub.serve(address, stop))
        try:
            while not address.exists():
                await asyncio.sleep(0.01)
            await work(hub, address, said)
        finally:
            stop.set()
            await serving
            events.close()

    return lambda work: asyncio.run(run(work))


def hand(address, payload: bytes, with_connection: bool = True) -> tuple[socket.socket, bytes]:
    ours, theirs = socket.socketpair()
    with theirs, socket.socket(socket.AF_UNIX) as there:
        there.settimeout(5)
        there.connect(str(address))
        socket.send_fds(there, [payload], [theirs.fileno()] if with_connection else [])
        return ours, there.recv(2)


def test_a_listener_that_does_not_read_is_cut_off_and_the_others_hear(handing, city):
    async def work(hub, address, said):
        slow, _ = await asyncio.to_thread(hand, address, LiveRequest().encode())
        quick, accepted = await asyncio.to_thread(hand, address, LiveRequest().encode())
        assert accepted == ACCEPTED
        await _until(lambda: len(hub._listeners) == 2)
        quick.setblocking(False)
        loop = asyncio.get_running_loop()
        heard = 0
        while len(hub._listeners) == 2:
            assert heard < 100 * SLOW_BYTES, "the slow one is not let wait for ever"
            for listener in list(hub._listeners):
                listener.say(b": " + b"x" * 60_000 + b"\n\n")
            heard += len(await loop.sock_recv(quick, 1_000_000))
            await asyncio.sleep(0)
        await _until(lambda: len(hub._listeners) == 1)
        save(city, "one")
        text = b""
        while b"event: plan" not in text[-2000:]:
            text += await loop.sock_recv(quick, 1_000_000)
        slow.close()
        quick.close()
        await _until(lambda: not hub._listeners)

    handing(work)


async def _until(true) -> None:
    for _ in range(500):
        if true():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not come to pass")


@pytest.mark.parametrize(
    ("payload", "with_connection"),
    [(b"{}\n", True), (b"nonsense\n", True), (LiveRequest().encode(), False), (b"x" * 20_000, True)],
)
def test_what_is_no_handover_is_refused_and_harms_nobody(handing, payload, with_connection):
    async def work(hub, address, said):
        ours, answer = await asyncio.to_thread(hand, address, payload, with_connection)
        assert answer == b""
        ours.settimeout(5)
        assert ours.recv(10) == b"", "the connection was closed"
        await _until(lambda: said)
        ours.close()
        sound, accepted = await asyncio.to_thread(hand, address, LiveRequest().encode())
        assert accepted == ACCEPTED
        sound.close()

    handing(work)


@pytest.mark.parametrize("fault", [ValueError("nobody foresaw it"), StorageError("storage.database", "it refuses")])
def test_a_listener_that_cannot_be_welcomed_is_let_go_and_the_next_hears(handing, city, monkeypatch, fault):
    async def work(hub, address, said):
        def fails(last_event_id):
            raise fault

        with monkeypatch.context() as broken:
            broken.setattr(hub.events, "welcome", fails)
            unlucky, accepted = await asyncio.to_thread(hand, address, LiveRequest().encode())
            assert accepted == ACCEPTED
            unlucky.settimeout(5)
            while await asyncio.to_thread(unlucky.recv, 10_000):  # headers, and then the end
                pass
            unlucky.close()
        assert fault.args[0] in said[0]
        await _hears_of_a_plan(address, city)

    handing(work)


def test_a_failed_look_at_the_city_takes_the_stream_from_nobody(handing, city, monkeypatch):
    monkeypatch.setattr("servers.live.hub.PAUSE_S", 0.05)

    async def work(hub, address, said):
        ours, _ = await asyncio.to_thread(hand, address, LiveRequest().encode())
        await _until(lambda: hub._listeners)

        def fails():
            raise ZeroDivisionError("nobody foresaw it")

        with monkeypatch.context() as broken:
            broken.setattr(hub.events, "newest", fails)
            await _until(lambda: said)
        assert "ZeroDivisionError: nobody foresaw it" in said[0]
        save(city, "after")
        ours.settimeout(5)
        text = b""
        while b'"name":"after"' not in text:
            part = await asyncio.to_thread(ours.recv, 10_000)
            assert part, "the stream ended"
            text += part
        ours.close()
        await _hears_of_a_plan(address, city)

    handing(work)


async def _hears_of_a_plan(address, city) -> None:
    ours, accepted = await asyncio.to_thread(hand, address, LiveRequest().encode())
    assert accepted == ACCEPTED
    ours.settimeout(5)
    text = b""
    while b"event: hello" not in text:
        text += await asyncio.to_thread(ours.recv, 10_000)
    save(city, "heard")
    while b'"name":"heard"' not in text:
        part = await asyncio.to_thread(ours.recv, 10_000)
        assert part, "the stream ended"
        text += part
    ours.close()


def test_a_live_process_that_is_away_lets_the_browser_come_back(city, tmp_path):
    with socket.socketpair()[0] as connection:
        environ = {"REQUEST_METHOD": "GET", "gunicorn.socket": connection}
        answer = stream(environ, LiveRequest(), address=tmp_path / "nobody", open_events=lambda: Events(city.root))
        assert (answer.status_code, answer.mimetype) == (200, "text/event-stream")
        assert answer.get_data() == b"retry: 1000\n\n", "an error would tell the browser never to try again"
        assert eventually(lambda: connection.fileno() >= 0)
