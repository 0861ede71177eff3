"""OGC API Processes, part 1: what can be asked, and how it is described."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jsonschema_rs
import pytest
from abstract_tests import suite
from links import REL, Get, claims, link, links

checks = suite("processes-1")
Document = Callable[..., dict[str, Any]]
EXCEPTIONS = "http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0"


@pytest.fixture
def processes(document: Document) -> list[dict[str, Any]]:
    """Every process that can be described (one toy is broken on purpose)."""
    listed = document("/api/processes")["processes"]
    found = [document(f"/api/processes/{one['id']}") for one in listed if not one["id"].startswith("split.")]
    assert len(found) > 5
    return found


@checks("/conf/core/landingpage-op", "/conf/core/landingpage-success", "/conf/core/http")
def test_the_landing_page_leads_to_processes_and_jobs(document: Document, served: Any) -> None:
    content = document("/api/")
    for rel in ("service-desc", f"{REL}/conformance", f"{REL}/processes", f"{REL}/job-list"):
        assert document(link(content, rel))
    assert served.test_client().put("/api/processes").status_code == 405


@checks("/conf/core/api-definition-op", "/conf/core/api-definition-success")
def test_the_description_has_the_execution(document: Document, get: Get) -> None:
    (described,) = links(document("/api/"), "service-desc")
    assert get(described["href"]).mimetype == described["type"].partition(";")[0]
    assert "post" in document(described["href"])["paths"]["/api/processes/{process}/execution"]


@checks("/conf/core/conformance-op", "/conf/core/conformance-success")
@pytest.mark.parametrize("name", ["core", "ogc-process-description", "json", "job-list", "dismiss"])
def test_the_classes_are_listed(get: Get, name: str) -> None:
    assert claims(get, "ogcapi-processes-1", name)


@checks("/conf/core/process-list", "/conf/core/process-list-success", "/conf/json/definition")
def test_the_processes_are_listed(get: Get) -> None:
    answer = get("/api/processes", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    for one in answer.get_json()["processes"]:
        assert all(isinstance(one[name], str) and one[name] for name in ("id", "version", "title"))
        assert one["jobControlOptions"] == ["async-execute", "dismiss"]
        assert get(link(one, "self")).status_code in (200, 500)


@checks("/conf/core/pl-limit-definition", "/conf/core/pl-limit-response", "/conf/core/pl-links")
@pytest.mark.parametrize("limit", [1, 3, 1000])
def test_the_processes_come_in_pages(document: Document, get: Get, limit: int) -> None:
    every = [one["id"] for one in document("/api/processes")["processes"]]
    page = document("/api/processes", limit=limit)
    found = [one["id"] for one in page["processes"]]
    assert link(page, "self")
    while following := link(page, "next"):
        assert len(page["processes"]) == limit
        page = document(following)
        found += [one["id"] for one in page["processes"]]
    assert found == every
    assert get("/api/processes", limit=0).status_code == 400


@checks("/conf/core/process", "/conf/core/process-success", "/conf/ogc-process-description/json-encoding")
def test_every_process_is_described(get: Get, processes: list[dict[str, Any]]) -> None:
    for one in processes:
        assert get(f"/api/processes/{one['id']}").mimetype == "application/json"
        assert link(one, f"{REL}/execute") == f"/api/processes/{one['id']}/execution"
        assert isinstance(one["inputs"], dict)
        assert isinstance(one["outputs"], dict)


@checks("/conf/ogc-process-description/inputs-def", "/conf/ogc-process-description/input-def")
@checks("/conf/ogc-process-description/input-mixed-type")
def test_every_input_has_a_schema(processes: list[dict[str, Any]]) -> None:
    for one in processes:
        for name, declared in one["inputs"].items():
            assert declared["title"], (one["id"], name)
            assert declared["minOccurs"] in (0, 1)
            assert jsonschema_rs.meta.is_valid(declared["schema"]), (one["id"], name)


@checks("/conf/ogc-process-description/outputs-def", "/conf/ogc-process-description/output-def")
@checks("/conf/ogc-process-description/output-mixed-type", "/conf/core/job-results-async-raw-value-multi")
@checks("/conf/core/job-results-async-raw-ref", "/conf/core/job-results-async-raw-mixed-multi")
def test_every_process_has_one_output_of_one_type_by_value(processes: list[dict[str, Any]]) -> None:
    for one in processes:
        assert list(one["outputs"]) == ["result"]
        assert one["outputs"]["result"]["schema"] == {"type": "object"}
        assert one["outputTransmission"] == ["value"]


@checks("/conf/core/job-creation-success-sync-raw-value-one", "/conf/core/job-creation-success-sync-raw-value-multi")
@checks("/conf/core/job-creation-success-sync-raw-ref", "/conf/core/job-creation-success-sync-raw-mixed-multi")
@checks("/conf/core/job-creation-success-sync-document", "/conf/core/job-results-success-sync")
def test_nothing_runs_at_once(processes: list[dict[str, Any]]) -> None:
    assert [one["id"] for one in processes if "sync-execute" in one["jobControlOptions"]] == []


@checks("/conf/core/job-creation-input-array", "/conf/core/job-creation-input-inline-binary")
@checks("/conf/core/job-creation-input-inline-bbox")
def test_no_input_is_binary_a_box_or_comes_several_times(processes: list[dict[str, Any]]) -> None:
    declared = [one for process in processes for one in process["inputs"].values()]
    assert {one["maxOccurs"] for one in declared} == {1}
    assert [one for one in declared if "contentEncoding" in one["schema"]] == []
    assert [one for one in declared if one["schema"].get("format") == "ogc-bbox"] == []


@checks("/conf/core/process-exception-no-such-process")
@pytest.mark.parametrize("address", ["/api/processes/nothing", "/api/processes/toy.nothing"])
def test_a_process_that_is_not_there(get: Get, served: Any, address: str) -> None:
    for answer in (get(address), served.test_client().post(f"{address}/execution", json={})):
        assert answer.status_code == 404
        assert answer.get_json(force=True)["type"] == f"{EXCEPTIONS}/no-such-process"


@checks("/conf/core/job-exception-no-such-job", "/conf/core/job-results-exception-no-such-job")
@pytest.mark.parametrize("path", ["/api/jobs/nothing", "/api/jobs/nothing/results"])
def test_a_job_that_is_not_there(get: Get, path: str) -> None:
    answer = get(path)
    assert answer.status_code == 404
    assert answer.get_json(force=True)["type"] == f"{EXCEPTIONS}/no-such-job"
