"""Saved plans over HTTP: versions, two editors at once, undo, duplicate, differences, check."""

from __future__ import annotations

import pytest
from answered_city import CALM, document

from servers.api.models_plans import PlanCheck, PlanDifference, PlanHistory, PlanList, PlanVersionDocument

NEW = {"If-None-Match": "*"}
SLOWER = CALM | {"measures": [CALM["measures"][0] | {"speed_mps": 3.0}]}


@pytest.fixture
def saved(client):
    """The plan ``calm`` in version 1."""
    return document(client.put("/api/plans/calm", json=CALM, headers=NEW), PlanVersionDocument, 201)


def test_a_plan_is_saved_listed_and_read(client, saved):
    assert (saved.name, saved.version, saved.author) == ("calm", 1, "tester")
    response = client.get("/api/plans/calm")
    assert document(response, PlanVersionDocument) == saved
    assert response.headers["ETag"] == '"1"'
    (entry,) = document(client.get("/api/plans"), PlanList).plans
    assert (entry.name, entry.title, entry.version, entry.measures) == ("calm", "Calm it", 1, 1)
    client.put("/api/plans/b", json=CALM | {"plan": "b"}, headers=NEW)
    assert [one.name for one in document(client.get("/api/plans"), PlanList).plans] == ["b", "calm"]


def test_the_next_version_follows_the_one_that_was_seen(client, saved):
    response = client.put("/api/plans/calm", json=SLOWER, headers={"If-Match": '"1"'})
    assert document(response, PlanVersionDocument).version == 2
    assert response.headers["ETag"] == '"2"'
    history = document(client.get("/api/plans/calm/versions"), PlanHistory)
    assert [(one.version, one.measures) for one in history.versions] == [(2, 1), (1, 1)]
    first = document(client.get("/api/plans/calm/versions/1"), PlanVersionDocument)
    assert first == saved


def test_two_people_editing_one_plan_lose_nothing(client, saved, refused):
    client.put("/api/plans/calm", json=SLOWER, headers={"If-Match": '"1"'})
    mine = CALM | {"note": "mine"}
    problem = refused(
        client.put("/api/plans/calm", json=mine, headers={"If-Match": '"1"'}), 412, "plan.edited_meanwhile"
    )
    newest = PlanVersionDocument.model_validate(problem["newest"])
    assert (newest.version, newest.author, newest.plan["measures"]) == (2, "tester", SLOWER["measures"])
    on_top = client.put("/api/plans/calm", json=mine, headers={"If-Match": f'"{newest.version}"'})
    assert document(on_top, PlanVersionDocument).version == 3
    kept = [client.get(f"/api/plans/calm/versions/{number}").get_json()["plan"] for number in (1, 2, 3)]
    assert [one["measures"] for one in kept] == [CALM["measures"], SLOWER["measures"], mine["measures"]]
    assert kept[2]["note"] == "mine"


def test_a_name_is_taken_once(client, saved, refused):
    refused(client.put("/api/plans/calm", json=SLOWER, headers=NEW), 409, "plan.name_taken")
    assert client.get("/api/plans/calm").get_json()["version"] == 1


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 428),
        ({"If-Match": "*"}, 400),
        ({"If-Match": '"one"'}, 400),
        ({"If-Match": '"0"'}, 400),
        ({"If-Match": '"7"'}, 412),
    ],
)
def test_a_save_must_say_which_version_it_follows(client, saved, headers, status):
    response = client.put("/api/plans/calm", json=SLOWER, headers=headers)
    assert response.status_code == status
    assert client.get("/api/plans/calm").get_json()["version"] == 1


def test_a_first_version_cannot_follow_another(client, refused):
    refused(client.put("/api/plans/calm", json=CALM, headers={"If-Match": '"1"'}), 404, "plan.not_saved")


def test_what_does_not_fit_is_not_saved(client, refused):
    refused(client.put("/api/plans/other", json=CALM, headers=NEW), 422, "plan.another_name")
    unknown = CALM | {"measures": [{"type": "calm", "road": "nowhere street"}]}
    refused(client.put("/api/plans/calm", json=unknown, headers=NEW), 422, "plan.unknown_name")
    refused(client.put("/api/plans/calm", json=CALM | {"x": 1}, headers=NEW), 422, "http.body")
    refused(client.put("/api/plans/calm", json=[CALM], headers=NEW), 422, "http.body")
    assert client.get("/api/plans").get_json() == {"plans": []}


@pytest.mark.parametrize("name", ["baseline", ".", "..", "..."])
def test_names_that_would_mean_something_else_are_refused(client, saved, refused, name):
    refused(client.post("/api/plans/calm/duplicate", json={"name": name}), 422, "http.body")
    problem = refused(client.post("/api/plans/check", json=CALM | {"plan": name}), 422, "http.body")
    assert "name" in problem["got"]
    assert [one["name"] for one in client.get("/api/plans").get_json()["plans"]] == ["calm"]


def test_the_city_as_it_is_cannot_be_saved(client, refused):
    empty = {"plan": "baseline", "measures": []}
    refused(client.put("/api/plans/baseline", json=empty, headers=NEW), 422, "plan.name_reserved")


def test_undo_brings_back_and_a_second_one_again(client, saved, refused):
    refused(client.post("/api/plans/calm/undo"), 409, "plan.nothing_to_undo")
    client.put("/api/plans/calm", json=SLOWER, headers={"If-Match": '"1"'})
    undone = document(client.post("/api/plans/calm/undo", headers={"If-Match": '"2"'}), PlanVersionDocument, 201)
    assert (undone.version, undone.plan["measures"]) == (3, CALM["measures"])
    problem = refused(client.post("/api/plans/calm/undo", headers={"If-Match": '"2"'}), 412, "plan.edited_meanwhile")
    assert problem["newest"]["version"] == 3
    again = document(client.post("/api/plans/calm/undo"), PlanVersionDocument, 201)
    assert again.plan["measures"] == SLOWER["measures"]


def test_a_copy_has_another_name_and_its_own_history(client, saved, refused):
    client.put("/api/plans/calm", json=SLOWER, headers={"If-Match": '"1"'})
    body = {"name": "copy", "title": "A copy", "version": 1}
    copied = document(client.post("/api/plans/calm/duplicate", json=body), PlanVersionDocument, 201)
    assert (copied.name, copied.version, copied.plan["title"]) == ("copy", 1, "A copy")
    assert copied.plan["measures"] == CALM["measures"]
    refused(client.post("/api/plans/calm/duplicate", json={"name": "copy"}), 409, "plan.name_taken")
    refused(client.post("/api/plans/calm/duplicate", json={"name": "a b"}), 422, "http.body")
    refused(client.post("/api/plans/calm/duplicate", json={"name": "c", "version": 9}), 404, "plan.not_saved")


def test_differences_between_versions(client, saved, refused):
    client.put("/api/plans/calm", json=SLOWER, headers={"If-Match": '"1"'})
    found = document(client.get("/api/plans/calm/diff"), PlanDifference)
    assert (found.before, found.after) == (1, 2)
    assert (found.added, found.removed) == (SLOWER["measures"], CALM["measures"])
    back = document(client.get("/api/plans/calm/diff?before=2&after=1"), PlanDifference)
    assert (back.added, back.removed) == (found.removed, found.added)
    refused(client.get("/api/plans/calm/diff?before=7"), 404, "plan.not_saved")
    refused(client.get("/api/plans/calm/diff?before=x"), 400, "http.query")


def test_a_check_says_what_would_change_and_where(client, city):
    timed = CALM | {"measures": [CALM["measures"][0] | {"from": "07:00", "to": "09:00", "days": "workday"}]}
    found = document(client.post("/api/plans/check", json=timed), PlanCheck)
    (edit,) = client.post("/api/plans/check", json=timed).get_json()["edits"]
    assert (edit["layer"], edit["features"], edit["fields"]) == ("roads", ["w9100-n1000"], {"speed_limit_mps": 5.0})
    assert (edit["from"], edit["to"], edit["days"]) == ("07:00", "09:00", "workday")
    expected = city.layer("roads").loc[["w9100-n1000"]].to_crs(4326).total_bounds
    assert found.bounds == pytest.approx(list(expected), abs=1e-9)
    assert client.get("/api/plans").get_json() == {"plans": []}


def test_a_check_places_what_the_plan_brings_itself(client):
    place = {"type": "Point", "coordinates": [106.58, 29.56]}
    build = {"type": "build", "id": "new", "layer": "pois", "geometry": place, "fields": {"kind": "school"}}
    found = document(client.post("/api/plans/check", json={"plan": "x", "measures": [build]}), PlanCheck)
    assert found.bounds == [106.58, 29.56, 106.58, 29.56]
    empty = document(client.post("/api/plans/check", json={"plan": "x"}), PlanCheck)
    assert (empty.edits, empty.bounds) == ([], None)


def test_contradictions_and_unknown_names_are_the_plans_fault(client, refused):
    twice = [{"type": "calm", "road": "w9100-n1000", "speed_mps": speed} for speed in (3.0, 4.0)]
    refused(client.post("/api/plans/check", json={"plan": "x", "measures": twice}), 422, "plan.contradiction")
    refused(client.post("/api/plans/check", json={"plan": "../x"}), 422, "http.body")


@pytest.mark.parametrize("path", ["", "/versions", "/versions/1", "/diff"])
def test_unknown_plans(client, refused, path):
    refused(client.get(f"/api/plans/nothing{path}"), 404, "plan.not_saved")


def test_undo_and_copy_of_an_unknown_plan(client, refused):
    refused(client.post("/api/plans/nothing/undo"), 404, "plan.not_saved")
    refused(client.post("/api/plans/nothing/duplicate", json={"name": "x"}), 404, "plan.not_saved")
    refused(client.get("/api/plans/calm/versions/x"), 404, "http.not_found")
