"""OWSLib, as catalogues and notebooks use it: features, records, processes."""

from __future__ import annotations

import time

import pytest
from owslib.ogcapi.features import Features
from owslib.ogcapi.processes import Processes
from owslib.ogcapi.records import Records

BOX = [106.5765, 29.5550, 106.5815, 29.5600]


def test_owslib_finds_its_way(api: str) -> None:
    found = Features(api)
    assert "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core" in found.conformance()["conformsTo"]
    with pytest.raises(RuntimeError, match="service-desc"):
        found.api()  # OWSLib knows descriptions in OpenAPI 3.0 only; ours is 3.1
    assert {"roads", "buildings", "water"} <= set(found.feature_collections())
    assert "catalogue" not in found.feature_collections()
    assert found.collection("roads")["title"] == "Roads"


def test_owslib_reads_features(api: str) -> None:
    found = Features(api)
    every = found.collection_items("buildings", limit=1000)
    assert every["numberMatched"] == len(every["features"]) == 40
    some = found.collection_items("buildings", bbox=BOX)
    assert 0 < some["numberMatched"] < 40
    office = found.collection_items("buildings", filter="use = 'office'", limit=1000)
    assert {one["properties"]["use"] for one in office["features"]} == {"office"}
    one = found.collection_item("buildings", every["features"][0]["id"])
    assert one["geometry"] == every["features"][0]["geometry"]
    assert found.collection_queryables("buildings")["type"] == "object"


def test_owslib_reads_the_catalogue(api: str) -> None:
    found = Records(api)
    assert found.records() == ["catalogue"]
    every = found.collection_items("catalogue", limit=1000)
    assert every["numberMatched"] == len(every["features"]) > 10
    assert [one["id"] for one in found.collection_items("catalogue", q="高程")["features"]] == ["elevation"]
    assert {one["id"] for one in found.collection_items("catalogue", type="process")["features"]} >= {
        "process:access.reach"
    }
    assert found.collection_item("catalogue", "roads")["properties"]["title"] == "Roads"


@pytest.mark.parametrize("response", ["raw", "document"])
def test_owslib_executes_a_process(api: str, response: str) -> None:
    found = Processes(api)
    assert "access.reach" in [one["id"] for one in found.processes()]
    assert found.process("access.reach")["jobControlOptions"] == ["async-execute", "dismiss"]
    job = found.execute("access.reach", inputs={}, response=response, async_=True)
    until = time.monotonic() + 60
    while (status := found._request(path=f"jobs/{job['jobID']}"))["status"] in ("accepted", "running"):
        assert time.monotonic() < until, status
        time.sleep(0.1)
    assert status["status"] == "successful", status
    results = found._request(path=f"jobs/{job['jobID']}/results")
    run = results["result"] if response == "document" else results
    assert run["run"] == status["run"]
