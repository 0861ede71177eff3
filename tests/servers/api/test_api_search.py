"""Search by name: features in both languages, plans, runs, analyses."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, event

from cim_core.city import City
from cim_core.question import Question
from cim_core.runner import Runner
from cim_core.store import plans
from servers.api.documents import SearchDocument


def _found(answer: Any) -> list[dict[str, Any]]:
    content = answer.get_json()
    SearchDocument.model_validate(content)
    return list(content["results"])


def test_a_bridge_is_found_once_with_its_place(get: Any) -> None:
    first = _found(get("/api/search?q=西桥"))[0]
    assert (first["kind"], first["collection"], first["title"]) == ("feature", "roads", "西桥")
    assert first["subtitle"] == {"en": "Roads · 2 parts", "zh": "道路 · 2 段"}
    west, south, east, north = first["bbox"]
    assert west <= first["point"][0] <= east
    assert south <= first["point"][1] <= north
    assert get(f"/api/collections/roads/items/{first['id']}/card").get_json()["group"]["name"] == "西桥"


def test_exact_before_beginning_before_part(get: Any) -> None:
    titles = [one["title"] for one in _found(get("/api/search?q=西桥&limit=50"))]
    assert titles[0] == "西桥"
    assert "西桥路" in titles[1:]
    parts = [one["title"] for one in _found(get("/api/search?q=桥&limit=50"))]
    assert {"西桥", "东桥", "西桥路"} <= set(parts)
    assert parts.index("西桥") < parts.index("西桥路")


@pytest.mark.parametrize("q", ["South Street", "south street", "SOUTHSTREET", "Ｓｏｕｔｈ　Ｓｔｒｅｅｔ", "南街"])
def test_case_width_spaces_and_language_make_no_difference(get: Any, q: str) -> None:
    assert "南街" in [one["title"] for one in _found(get(f"/api/search?q={q}"))]


@pytest.mark.parametrize("q", ["traffic.simulate", "Traffic simulation", "交通仿真"])
def test_analyses_are_found(get: Any, q: str) -> None:
    assert ("analysis", "traffic.simulate") in [(one["kind"], one["id"]) for one in _found(get(f"/api/search?q={q}"))]


def test_plans_and_runs_are_found(
    client: FlaskClient, city: City, runner: Runner, question: Callable[..., Question]
) -> None:
    run = runner.run(question("toy.steady")).run
    with city.database.write() as connection:
        plans.save(
            connection, "close-west", {"plan": "close-west", "title": "封闭西桥", "measures": []}, "x", author=""
        )
    found = [(one["kind"], one["id"]) for one in _found(client.get("/api/search?q=封闭"))]
    assert found == [("plan", "close-west")]
    assert ("run", run) in [(one["kind"], one["id"]) for one in _found(client.get(f"/api/search?q={run[:8]}"))]
    assert ("run", run) in [(one["kind"], one["id"]) for one in _found(client.get("/api/search?q=steady"))]


def test_what_was_not_there_yet_is_found_by_the_next_search(
    client: FlaskClient, city: City, runner: Runner, question: Callable[..., Question]
) -> None:
    assert _found(client.get("/api/search?q=封闭")) == []
    found = set()
    for seed in (1, 2):
        found.add(runner.run(question("toy.noise", seed=seed)).run)
        assert {one["id"] for one in _found(client.get("/api/search?q=noise")) if one["kind"] == "run"} == found
    for title in ("封闭", "封闭东桥"):
        content = {"plan": "close", "title": title, "measures": []}
        with city.database.write() as connection:
            plans.save(connection, "close", content, "x", author="")
        assert [one["title"] for one in _found(client.get("/api/search?q=封闭"))] == [title]


def test_a_run_is_dated_in_the_time_of_the_city(
    client: FlaskClient, runner: Runner, question: Callable[..., Question], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        run = runner.run(question("toy.steady")).run
        (found,) = _found(client.get(f"/api/search?q={run[:12]}"))
        assert found["subtitle"]["en"].endswith("+08:00")
    finally:
        monkeypatch.undo()
        time.tzset()


def test_what_has_not_changed_is_not_read_again(client: FlaskClient, city: City) -> None:
    for number in range(5):
        with city.database.write() as connection:
            plans.save(connection, f"p{number}", {"plan": f"p{number}", "measures": []}, "x", author="")
    statements: list[str] = []

    @event.listens_for(Engine, "before_cursor_execute")
    def heard(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        statements.append(statement)

    try:
        client.get("/api/search?q=p1")
        first = len(statements)
        client.get("/api/search?q=p2")
    finally:
        event.remove(Engine, "before_cursor_execute", heard)
    read = [one for one in statements[first:] if one.startswith("SELECT")]
    assert sum("plan_version" in one for one in statements[:first]) == 2, "one look, one read of all"
    assert len(read) == 2, read
    assert all("max(" in one for one in read)


def test_a_new_name_is_found_at_once(client: FlaskClient) -> None:
    assert _found(client.get("/api/search?q=磨盘山")) == []
    client.patch("/api/collections/buildings/items/b00", json={"fields": {"name": "磨盘山大楼"}})
    assert [one["id"] for one in _found(client.get("/api/search?q=磨盘山"))] == ["b00"]


def test_no_more_than_asked_for(get: Any) -> None:
    assert len(_found(get("/api/search?q=路&limit=3"))) == 3


@pytest.mark.parametrize("q", ["%20", "%E3%80%80", "(", "%25", "'; DROP TABLE run; --", "[a-z]+", "\\"])
def test_odd_questions_find_nothing_and_harm_nothing(get: Any, q: str) -> None:
    assert _found(get(f"/api/search?q={q}")) == []


@pytest.mark.parametrize("query", ["", "q=", "limit=5", "q=a&limit=0", "q=a&limit=51", "q=" + "a" * 201])
def test_questions_that_do_not_fit(get: Any, refused: Any, query: str) -> None:
    refused(get(f"/api/search?{query}"), 400, "http.query")
