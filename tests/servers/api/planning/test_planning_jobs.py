"""The queue over HTTP: order, places, cancel, results, failures."""

from __future__ import annotations

import time

import pytest
from answered_city import CALM, PATIENCE_S, document, ended

from cim_core import jobs
from servers.api.models_processes import JobList, StatusInfo

EXECUTION = "/api/processes/toy.behave/execution"


def ask(client, **inputs):
    return client.post(EXECUTION, json={"inputs": inputs}).get_json()["jobID"]


def test_jobs_are_listed_newest_first_with_their_places(client):
    asked = [ask(client, tag=str(number)) for number in range(3)]
    listed = document(client.get("/api/jobs"), JobList).jobs
    assert [one.jobID for one in listed] == asked[::-1]
    assert [one.position for one in listed] == [3, 2, 1]
    assert [one.jobID for one in document(client.get("/api/jobs?limit=1"), JobList).jobs] == asked[2:]
    assert document(client.get(f"/api/jobs/{asked[1]}"), StatusInfo).position == 2


def test_jobs_by_status_and_kind(client):
    first, second = ask(client, tag="a"), ask(client, tag="b")
    client.delete(f"/api/jobs/{first}")
    compared = client.post("/api/compare", json={"analysis": "toy.noise", "plan": CALM}).get_json()["jobID"]
    found = {
        query: [one.jobID for one in document(client.get(f"/api/jobs?{query}"), JobList).jobs]
        for query in ("status=dismissed", "status=accepted", "kind=comparison", "status=failed")
    }
    assert found == {
        "status=dismissed": [first],
        "status=accepted": [compared, second],
        "kind=comparison": [compared],
        "status=failed": [],
    }


def test_runs_of_a_comparison_are_shown_with_their_parent_alone(answered):
    listed = document(answered.get("/api/jobs"), JobList).jobs
    assert [one.kind for one in listed] == ["comparison"]
    children = document(answered.get(f"/api/jobs?parent={listed[0].jobID}"), JobList).jobs
    assert len(children) == 6
    assert {(one.kind, one.parent, one.status) for one in children} == {("run", listed[0].jobID, "successful")}


@pytest.mark.parametrize("query", ["status=queued", "limit=0", "limit=x", "kind=x", "what=1", "limit=1&limit=2"])
def test_queries_that_do_not_fit(client, refused, query):
    refused(client.get(f"/api/jobs?{query}"), 400, "http.query")


def test_a_waiting_job_is_cancelled_once_and_for_all(client, refused):
    job = ask(client)
    dismissed = document(client.delete(f"/api/jobs/{job}"), StatusInfo)
    assert (dismissed.status, dismissed.position) == ("dismissed", None)
    assert document(client.delete(f"/api/jobs/{job}"), StatusInfo).status == "dismissed"
    problem = refused(client.get(f"/api/jobs/{job}/results"), 404, "job.not_ready")
    assert problem["got"] == "dismissed"


def test_a_running_job_is_cancelled(client, service):
    job = ask(client, how="wait", seconds=600)
    until = time.monotonic() + PATIENCE_S
    while client.get(f"/api/jobs/{job}").get_json()["status"] == "accepted" and time.monotonic() < until:
        time.sleep(0.05)
    client.delete(f"/api/jobs/{job}")
    assert ended(client, job)["status"] == "dismissed"


def test_a_job_that_has_ended_cannot_be_cancelled(client, service, refused):
    job = ask(client)
    assert ended(client, job)["status"] == "successful"
    refused(client.delete(f"/api/jobs/{job}"), 409, "job.finished")
    assert client.get(f"/api/jobs/{job}/results").status_code == 200


def test_a_failed_job_says_why_and_so_do_its_results(client, service, refused):
    job = ask(client, how="refuse")
    failed = ended(client, job)
    assert failed["status"] == "failed"
    assert (failed["error"]["code"], failed["error"]["remedy"]) == ("toy.refused", "ask nicely")
    problem = refused(client.get(f"/api/jobs/{job}/results"), 422, "toy.refused")
    assert problem["where"] == "toy"


def test_a_job_asked_again_after_a_failure_is_a_new_one(client, service):
    first = ask(client, how="raise")
    assert ended(client, first)["error"]["code"] == "scenario.crashed"
    assert ask(client, how="raise") != first


def test_results_of_a_waiting_job_are_not_ready(client, refused):
    refused(client.get(f"/api/jobs/{ask(client)}/results"), 404, "job.not_ready")


@pytest.mark.parametrize("job", ["nothing", "0" * 36, "x" * 300, "%00", "..", "%2e%2e%5ccity.json"])
def test_unknown_jobs(client, job):
    for response in (client.get(f"/api/jobs/{job}"), client.delete(f"/api/jobs/{job}")):
        assert response.status_code in (400, 404)
        assert response.mimetype == "application/problem+json"


def test_a_comparison_that_is_cancelled_ends_its_runs(client, city, service):
    body = {"analysis": "toy.noise", "plan": CALM, "seeds": 3, "parameters": {"pause_s": 60.0}}
    job = client.post("/api/compare", json=body).get_json()["jobID"]
    until = time.monotonic() + PATIENCE_S
    while not jobs.listing(city.database, parent=job) and time.monotonic() < until:
        time.sleep(0.05)
    assert document(client.delete(f"/api/jobs/{job}"), StatusInfo).status == "dismissed"
    while jobs.listing(city.database, open_only=True) and time.monotonic() < until:
        time.sleep(0.05)
    assert jobs.listing(city.database, open_only=True) == []
