"""Input files: kept by content, named by parameters; no other file of the machine can be read."""

from __future__ import annotations

import io

import pytest
from answered_city import document, ended

from cim_core.errors import ParameterError
from servers.api.models_processes import InputEntry, InputList
from servers.inputs import MOST_BYTES, InputFiles

TRIPS = b"depart,from,to\n07:00,a,b\n"


def upload(client, name, content=TRIPS):
    return client.post(f"/api/inputs?name={name}", data=content, content_type="text/csv")


def test_a_file_is_kept_once_under_a_name_with_its_hash(client, city):
    first = document(upload(client, "trips.csv"), InputEntry, 201)
    form = {"file": (io.BytesIO(TRIPS), "trips.csv")}
    again = document(client.post("/api/inputs", data=form, content_type="multipart/form-data"), InputEntry, 201)
    other = document(upload(client, "trips.csv", TRIPS + b"08:00,a,b\n"), InputEntry, 201)
    assert again == first
    assert other.name != first.name
    assert (first.name.startswith("trips-"), first.name.endswith(".csv"), first.bytes) == (True, True, len(TRIPS))
    assert (city.root / "inputs" / first.name).read_bytes() == TRIPS
    listed = document(client.get("/api/inputs"), InputList)
    assert {one.name for one in listed.inputs} == {first.name, other.name}
    assert listed.most_bytes == MOST_BYTES


def test_a_file_put_there_by_hand_is_listed_but_links_and_hidden_ones_are_not(client, city):
    folder = city.root / "inputs"
    folder.mkdir()
    (folder / "计数 2026.csv").write_bytes(TRIPS)
    (folder / ".hidden").write_bytes(TRIPS)
    (folder / "link.csv").symlink_to("/etc/hostname")
    (folder / "folder").mkdir()
    assert [one.name for one in document(client.get("/api/inputs"), InputList).inputs] == ["计数 2026.csv"]


@pytest.mark.parametrize(
    "name", ["../x.csv", "a/b.csv", ".hidden", "..", "", "x" * 121, "a..b", "a\\b", "%0Ax.csv", "-x", "a:b"]
)
def test_names_that_are_paths_or_none_are_refused(client, city, refused, name):
    problem = refused(upload(client, name), 400, "inputs.name" if name else "inputs.no_file")
    assert problem["remedy"]
    assert not (city.root / "inputs").exists()


def test_nothing_and_too_much_are_refused(client, city, refused):
    refused(upload(client, "x.csv", b""), 400, "inputs.size")
    large = {"CONTENT_LENGTH": str(MOST_BYTES + 200_000)}
    refused(
        client.post("/api/inputs?name=x.csv", data=b"x", content_type="text/csv", environ_overrides=large),
        413,
        "http.too_large",
    )
    with pytest.raises(ParameterError, match="too large"):
        InputFiles(city.root).store("x.csv", bytes(MOST_BYTES + 1))


def test_a_form_without_a_file_or_with_two_is_refused(client, refused):
    two = {"a": (io.BytesIO(b"1"), "a.csv"), "b": (io.BytesIO(b"2"), "b.csv")}
    for form in ({"text": "hello"}, two):
        refused(client.post("/api/inputs", data=form, content_type="multipart/form-data"), 400, "inputs.no_file")
    refused(client.post("/api/inputs", json={"name": "x"}), 415, "http.media_type")


def test_a_run_reads_the_file_it_names_and_its_place_is_not_told(client, city, service):
    name = upload(client, "orders.txt").get_json()["name"]
    asked = {"inputs": {"how": "well", "file": name}}
    job = client.post("/api/processes/toy.behave/execution", json=asked).get_json()["jobID"]
    run = ended(client, job)["run"]
    found = client.get(f"/api/runs/{run}")
    assert found.get_json()["parameters"]["file"] == name
    assert str(city.root) not in found.get_data(as_text=True)
    listed = client.get("/api/runs").get_data(as_text=True)
    assert name in listed
    assert str(city.root) not in listed


@pytest.mark.parametrize(
    "value", ["/etc/passwd", "../city.json", "inputs/x.csv", "city.json", "x.csv", "link.csv", "~/.profile", 7, ["x"]]
)
def test_no_other_file_can_be_named(client, city, refused, jobs_of, value):
    folder = city.root / "inputs"
    folder.mkdir()
    (folder / "link.csv").symlink_to(city.root / "city.json")
    asked = {"inputs": {"how": "well", "file": value}}
    refused(client.post("/api/processes/toy.behave/execution", json=asked), 400, "inputs.unknown")
    compared = {"analysis": "toy.behave", "parameters": asked["inputs"], "plan": "baseline"}
    refused(client.post("/api/compare", json=compared), 400, "inputs.unknown")
    assert jobs_of() == []


def test_no_file_is_no_file(client):
    asked = {"inputs": {"how": "well", "file": None}}
    assert client.post("/api/processes/toy.behave/execution", json=asked).status_code == 201
