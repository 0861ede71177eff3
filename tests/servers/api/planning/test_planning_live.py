"""The event stream of an application without a live process."""

from __future__ import annotations

import itertools
import json

from answered_city import CALM, ended
from tiny_cities import TOYS

from cim_core.settings import Settings
from servers.api import create_app


def events(response, count):
    """The first events: (name, data, id)."""
    lines = itertools.chain.from_iterable(part.decode().splitlines() for part in response.iter_encoded())
    found, fields = [], {}
    for line in lines:
        if line.startswith(":"):
            continue
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
        elif "event" in fields:
            found.append((fields["event"], json.loads(fields["data"]), fields["id"]))
            fields = {}
        if len(found) == count:
            return found
    return found


def test_changes_arrive_as_they_happen(client):
    response = client.get("/api/live?topics=jobs,plans")
    assert response.mimetype == "text/event-stream"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    stream = client.get("/api/live?topics=jobs,plans")
    (hello,) = events(stream, 1)
    assert hello[0] == "hello"
    client.put("/api/plans/calm", json=CALM, headers={"If-None-Match": "*"})
    asked = client.post("/api/processes/toy.noise/execution", json={"plan": "calm"}).get_json()
    back = client.get("/api/live?topics=jobs,plans", headers={"Last-Event-ID": hello[2]})
    found = events(back, 3)
    assert [name for name, _, _ in found] == ["hello", "plan", "job"]
    assert found[1][1] == {"name": "calm", "version": 1, "author": "tester"}
    assert (found[2][1]["jobID"], found[2][1]["status"]) == (asked["jobID"], "accepted")
    for one in (response, stream, back):
        one.close()


def test_a_job_is_followed_to_its_end(city, toys, service):
    settings = Settings(scenarios=TOYS)
    client = create_app(city.root, settings=settings, registry=toys).test_client()
    job = client.post("/api/processes/toy.noise/execution", json={}).get_json()["jobID"]
    ended(client, job)
    response = client.get("/api/live?topics=runs", headers={"Last-Event-ID": _before_everything(client)})
    (_, told) = events(response, 2)
    assert (told[1]["jobID"], told[1]["status"]) == (job, "successful")
    assert told[1] == client.get(f"/api/jobs/{job}").get_json()
    response.close()


def _before_everything(client):
    response = client.get("/api/live")
    ((_, _, mark),) = events(response, 1)
    response.close()
    return mark.partition("-")[0] + "-1-0-0"


def test_topics_are_asked_for_by_name(client, refused):
    for topics in ("", "weather", "jobs,weather"):
        refused(client.get(f"/api/live?topics={topics}"), 400, "http.query")
