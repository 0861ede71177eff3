"""OGC API Processes, part 1: executing a process, its job, its results, the list of jobs, dismissing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from abstract_tests import suite
from links import REL, getter, link
from worked_city import Asked

checks = suite("processes-1")
EXCEPTIONS = "http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0"
STATUS = {"jobID", "processID", "type", "status", "created", "updated", "progress", "links"}


@checks("/conf/core/job-creation-op", "/conf/core/job-creation-success-async", "/conf/core/job-op")
@checks("/conf/core/job-creation-default-execution-mode", "/conf/core/job-creation-auto-execution-mode")
@checks("/conf/core/job-success")
@pytest.mark.parametrize("prefer", ["", "respond-async", "respond-sync", "wait=10"])
def test_an_execution_is_a_job(asked: Asked, prefer: str) -> None:
    started = asked.execute("toy.steady", headers={"Prefer": prefer} if prefer else None)
    assert started.status_code == 201
    said = started.get_json()
    assert started.headers["Location"].endswith(f"/api/jobs/{said['jobID']}")
    assert said.keys() >= STATUS
    done = asked.ended(started)
    assert (done["status"], done["type"], done["processID"]) == ("successful", "process", "toy.steady")
    assert link(done, f"{REL}/results") == f"/api/jobs/{done['jobID']}/results"


@checks("/conf/core/job-creation-request", "/conf/core/job-creation-inputs", "/conf/core/job-creation-input-inline")
@checks("/conf/core/job-creation-input-inline-object", "/conf/core/job-creation-input-inline-mixed")
def test_inputs_are_taken_bare_and_qualified(asked: Asked) -> None:
    bare = asked.execute("toy.noise", inputs={"sigma": 2.5}, outputs={"result": {"transmissionMode": "value"}})
    qualified = asked.execute("toy.noise", inputs={"sigma": {"value": 2.5}}, response="raw")
    assert bare.get_json()["jobID"] == qualified.get_json()["jobID"]
    found = asked.results(asked.ended(bare)).get_json()
    assert found["parameters"]["sigma"] == 2.5


@checks("/conf/core/job-creation-input-ref")
def test_inputs_are_taken_by_reference_to_files_of_the_city(asked: Asked) -> None:
    kept = asked.client.post("/api/inputs?name=sigma.txt", data=b"2.25", content_type="text/plain").get_json()["name"]
    for href in (f"/api/inputs/{kept}", f"http://localhost/api/inputs/{kept}"):
        found = asked.results(asked.ended(asked.execute("toy.noise", inputs={"sigma": {"href": href}}))).get_json()
        assert found["parameters"]["sigma"] == 2.25


@pytest.mark.parametrize(
    "href",
    [
        "http://example.org/x",
        "//example.org/api/inputs/x",
        "file:///etc/passwd",
        "/api/city",
        "../x",
        7,
        "/api/inputs/../city.json",
        "/api/inputs/%2e%2e%2fcity.json",
    ],
)
def test_no_reference_leads_elsewhere(asked: Asked, href: Any) -> None:
    answer = asked.execute("toy.noise", inputs={"sigma": {"href": href}})
    assert answer.status_code == 400
    assert answer.get_json(force=True)["code"] in ("inputs.reference", "inputs.unknown")


@checks("/conf/core/job-creation-input-validation")
@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"inputs": {"sigma": "much"}}, 400),
        ({"inputs": {"nothing": 1}}, 400),
        ({"outputs": {"nothing": {}}}, 422),
        ({"outputs": {"result": {"transmissionMode": "reference"}}}, 422),
        ({"response": "poem"}, 422),
        ({"subscriber": {"successUri": "http://example.org"}}, 422),
    ],
)
def test_what_does_not_fit_is_refused(asked: Asked, body: dict[str, Any], status: int) -> None:
    before = len(asked.job("/api/jobs?limit=1000")["jobs"])
    assert asked.execute("toy.noise", **body).status_code == status
    assert len(asked.job("/api/jobs?limit=1000")["jobs"]) == before


@checks(
    "/conf/core/job-results-op", "/conf/core/job-results-async-raw-value-one", "/conf/core/job-results-async-document"
)
@checks("/conf/core/job-creation-default-outputs")
def test_results_come_in_the_form_asked_for(asked: Asked) -> None:
    raw = asked.ended(asked.execute("toy.noise", seed=41))
    whole = asked.ended(asked.execute("toy.noise", seed=41, response="document"))
    again = asked.ended(asked.execute("toy.noise", seed=41, response="document"))
    assert raw["run"] == whole["run"]
    assert raw["jobID"] != whole["jobID"] == again["jobID"]
    output = asked.results(raw)
    assert (output.status_code, output.mimetype) == (200, "application/json")
    assert asked.results(whole).get_json() == {"result": output.get_json()}


@checks("/conf/core/job-results-exception-results-not-ready", "/conf/dismiss/job-dismiss-op")
@checks("/conf/dismiss/job-dismiss-success")
def test_a_job_that_runs_has_no_results_and_can_be_dismissed(asked: Asked) -> None:
    started = asked.execute("toy.behave", inputs={"how": "wait", "seconds": 30})
    job = started.get_json()
    early = asked.results(job)
    assert early.status_code == 404
    assert early.get_json(force=True)["type"] == f"{EXCEPTIONS}/result-not-ready"
    answer = asked.client.delete(f"/api/jobs/{job['jobID']}")
    assert (answer.status_code, answer.get_json()["status"]) == (200, "dismissed")
    assert asked.job(f"/api/jobs/{job['jobID']}")["status"] == "dismissed"


@checks("/conf/core/job-results-failed")
def test_the_results_of_a_failed_job_are_its_error(asked: Asked) -> None:
    done = asked.ended(asked.execute("toy.behave", inputs={"how": "raise"}))
    assert done["status"] == "failed"
    answer = asked.results(done)
    assert answer.status_code >= 400
    assert answer.mimetype == "application/problem+json"
    assert answer.get_json(force=True)["code"] == done["error"]["code"]


@pytest.fixture
def jobs(asked: Asked) -> Callable[..., list[dict[str, Any]]]:
    """``jobs(status="failed")`` → the jobs listed; there are some of two processes, successful and failed."""
    for process, inputs in (("toy.steady", {}), ("toy.noise", {"sigma": 3.5}), ("toy.behave", {"how": "raise"})):
        asked.ended(asked.execute(process, inputs=inputs))

    def listed(**query: Any) -> list[dict[str, Any]]:
        answer = getter(asked.client)("/api/jobs", **{"limit": 1000} | query)
        assert answer.status_code == 200, answer.text
        return list(answer.get_json()["jobs"])

    return listed


@checks("/conf/job-list/job-list-op", "/conf/job-list/job-list-success", "/conf/job-list/processID-mandatory")
def test_jobs_are_listed(jobs: Any) -> None:
    found = jobs()
    assert len(found) >= 3
    assert all(one.keys() >= STATUS and one["processID"] for one in found)


@checks("/conf/job-list/type-definition", "/conf/job-list/type-response")
def test_jobs_are_listed_by_type(jobs: Any) -> None:
    assert jobs(type="process") == jobs(type="process,other") == jobs()
    assert jobs(type="other") == []


@checks("/conf/job-list/processID-definition", "/conf/job-list/processid-response")
@pytest.mark.parametrize("wanted", ["toy.steady", "toy.steady,toy.noise", "nothing"])
def test_jobs_are_listed_by_process(jobs: Any, wanted: str) -> None:
    every = {one["jobID"] for one in jobs() if one["processID"] in wanted.split(",")}
    assert {one["jobID"] for one in jobs(processID=wanted)} == every
    assert bool(every) == (wanted != "nothing")


@checks("/conf/job-list/status-definition", "/conf/job-list/status-response")
@pytest.mark.parametrize("wanted", ["successful", "failed", "successful,failed"])
def test_jobs_are_listed_by_status(jobs: Any, asked: Asked, wanted: str) -> None:
    every = {one["jobID"] for one in jobs() if one["status"] in wanted.split(",")}
    assert {one["jobID"] for one in jobs(status=wanted)} == every != set()
    assert asked.client.get("/api/jobs?status=lost").status_code == 400


@checks("/conf/job-list/datetime-definition", "/conf/job-list/datetime-response")
def test_jobs_are_listed_by_the_time_of_their_creation(jobs: Any) -> None:
    every = jobs()
    middle = sorted(one["created"] for one in every)[1]
    after = {one["jobID"] for one in every if one["created"] >= middle}
    assert {one["jobID"] for one in jobs(datetime=f"{middle}/..")} == after
    assert len(after) < len(every)
    assert jobs(datetime="../2001-01-01T00:00:00Z") == []


@checks("/conf/job-list/duration-definition", "/conf/job-list/duration-response")
def test_jobs_are_listed_by_how_long_they_took(jobs: Any, asked: Asked) -> None:
    started = {one["jobID"] for one in jobs() if one["started"]}
    assert {one["jobID"] for one in jobs(minDuration=0)} == started
    assert {one["jobID"] for one in jobs(maxDuration=1000)} == started
    assert jobs(minDuration=1000) == []
    assert asked.client.get("/api/jobs?minDuration=-1").status_code == 400


@checks("/conf/job-list/limit-definition", "/conf/job-list/limit-response", "/conf/job-list/links")
def test_jobs_come_in_pages(jobs: Any, asked: Asked) -> None:
    every = [one["jobID"] for one in jobs(processID="toy.steady,toy.noise,toy.behave")]
    page = asked.job("/api/jobs?limit=2&processID=toy.steady,toy.noise,toy.behave")
    found = [one["jobID"] for one in page["jobs"]]
    assert link(page, "self")
    while following := link(page, "next"):
        assert len(page["jobs"]) == 2
        page = asked.job(following)
        found += [one["jobID"] for one in page["jobs"]]
    assert found == every
    assert asked.client.get("/api/jobs?limit=0").status_code == 400
