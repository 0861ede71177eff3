"""Asking over HTTP: what fits is queued and worked; what does not fit is refused at the door, and nothing is queued."""

from __future__ import annotations

import pytest
from answered_city import CALM, document, ended

from cim_core.city import City
from cim_core.settings import Settings
from servers.api import create_app
from servers.api.models_processes import StatusInfo
from servers.api.models_results import RunDocument


def test_a_question_becomes_a_job_and_its_answer_a_document(client, service):
    response = client.post(
        "/api/processes/toy.noise/execution", json={"inputs": {"sigma": 2.0}, "plan": CALM, "seed": 7}
    )
    asked = document(response, StatusInfo, 201)
    assert response.headers["Location"].endswith(f"/api/jobs/{asked.jobID}")
    assert response.headers["Preference-Applied"] == "respond-async"
    assert (asked.kind, asked.seed, asked.plan.title) == ("run", 7, "Calm it")
    done = ended(client, asked.jobID)
    assert (done["status"], done["progress"]) == ("successful", 100)
    found = document(client.get(f"/api/jobs/{asked.jobID}/results"), RunDocument)
    assert (found.run, found.seed, found.parameters["sigma"]) == (done["run"], 7, 2.0)
    assert found.plan["measures"] == CALM["measures"]
    assert client.get(f"/api/runs/{found.run}").get_json() == client.get(f"/api/jobs/{asked.jobID}/results").get_json()


def test_a_question_answered_before_is_answered_at_once_by_the_same_job(client, service, jobs_of):
    first = client.post("/api/processes/toy.steady/execution", json={}).get_json()
    run = ended(client, first["jobID"])["run"]
    again = client.post("/api/processes/toy.steady/execution", json={"inputs": {}, "plan": "baseline", "seed": 5})
    found = document(again, StatusInfo, 201)
    assert (found.jobID, found.status, found.run) == (first["jobID"], "successful", run)
    assert len(jobs_of()) == 1


def test_an_answer_without_a_job_of_its_own_gets_one_that_has_ended(client, runner, question, jobs_of):
    run = runner.run(question("toy.steady")).run
    with runner.city.database.write() as connection:
        connection.exec_driver_sql("DELETE FROM job")
    found = document(client.post("/api/processes/toy.steady/execution", json={}), StatusInfo, 201)
    assert (found.status, found.run, found.progress) == ("successful", run, 100)
    assert [one["jobID"] for one in jobs_of()] == [found.jobID]


def test_the_same_question_twice_while_it_waits_is_one_job(client, jobs_of):
    first, second = (client.post("/api/processes/toy.noise/execution", json={}).get_json() for _ in range(2))
    assert first["jobID"] == second["jobID"]
    assert len(jobs_of()) == 1


def test_saved_plans_are_asked_for_by_name_and_version(client):
    client.put("/api/plans/calm", json=CALM, headers={"If-None-Match": "*"})
    slower = CALM | {"measures": [CALM["measures"][0] | {"speed_mps": 3.0}]}
    client.put("/api/plans/calm", json=slower, headers={"If-Match": '"1"'})
    runs = [
        client.post("/api/processes/toy.noise/execution", json={"plan": plan}).get_json()["jobID"]
        for plan in ("calm", "calm@2", "calm@1", CALM, slower)
    ]
    assert runs[0] == runs[1] == runs[4]
    assert runs[2] == runs[3] != runs[0]


UNFIT = [
    ({"inputs": {"sigm": 1}}, 400, "parameter.unknown"),
    ({"inputs": {"sigma": "much"}}, 400, "parameter.invalid"),
    ({"inputs": {"sigma": -1}}, 400, "parameter.invalid"),
    ({"inputs": []}, 422, "http.body"),
    ({"seed": -1}, 422, "http.body"),
    ({"seed": "1"}, 422, "http.body"),
    ({"seed": 2**31}, 422, "http.body"),
    ({"sed": 1}, 422, "http.body"),
    ({"plan": 3}, 422, "http.body"),
    ({"plan": {"measures": []}}, 422, "plan.invalid"),
    ({"plan": {"plan": "x", "measures": [{"type": "fly"}]}}, 422, "plan.unknown_measure"),
    ({"plan": {"plan": "x", "measures": [{"type": "calm"}]}}, 422, "plan.invalid_measure"),
    ({"plan": {"plan": "x", "measures": [{"type": "calm", "road": "no such road"}]}}, 422, "plan.unknown_name"),
    ({"plan": {"plan": "x", "measures": [{"type": "snap"}]}}, 422, "scenario.broken"),
    ({"plan": {"plan": "x", "measures": [{"type": "build", "id": "a", "layer": "no_layer"}]}}, 422, "city.no_layer"),
    ({"plan": "nowhere"}, 404, "plan.not_saved"),
    ({"plan": "../../etc/passwd"}, 404, "plan.not_saved"),
    ({"plan": "/etc/passwd"}, 404, "plan.not_saved"),
    ({"plan": "calm@x"}, 404, "plan.not_saved"),
    ({"plan": "calm@99999999999999999999"}, 404, "plan.not_saved"),
]


@pytest.mark.parametrize("case", UNFIT, ids=str)
def test_what_does_not_fit_is_refused_and_nothing_is_queued(client, refused, jobs_of, case):
    body, status, code = case
    refused(client.post("/api/processes/toy.noise/execution", json=body), status, code)
    assert jobs_of() == []


def test_an_unknown_or_broken_analysis_is_refused(client, refused, jobs_of):
    refused(client.post("/api/processes/toy.nothing/execution", json={}), 404, "analysis.unknown")
    refused(client.post("/api/processes/split.gone/execution", json={}), 500, "scenario.broken")
    assert jobs_of() == []


def test_a_city_that_lacks_what_is_needed_is_said(tmp_path, toys, refused):
    City.create(tmp_path / "empty")
    client = create_app(tmp_path / "empty", settings=Settings(), registry=toys).test_client()
    problem = refused(client.post("/api/processes/toy.noise/execution", json={}), 409, "city.lacks_needs")
    assert problem["expected"] == "layer roads"


def test_a_body_that_is_no_json_is_refused(client, refused):
    url = "/api/processes/toy.noise/execution"
    refused(client.post(url, data=b"{", content_type="application/json"), 400, "http.not_json")
    refused(client.post(url, data=b'{"seed": NaN}', content_type="application/json"), 400, "http.not_json")
    refused(client.post(url, data="seed=1", content_type="application/x-www-form-urlencoded"), 415, "http.media_type")


def test_measures_whose_code_fails_are_the_plans_fault_and_no_defect(client, refused, monkeypatch, toys):
    measure = toys.measure_types()["calm"]
    monkeypatch.setattr(measure, "compile", lambda self, find: 1 / 0)
    problem = refused(client.post("/api/plans/check", json=CALM), 422, "plan.measure_failed")
    assert "ZeroDivisionError" in problem["got"]
