"""What requests share: scenarios as their folder is now, and the opened versions of the city."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from tiny_cities import TOYS

from cim_core.city import City
from cim_core.registry import Registry
from cim_core.settings import Settings
from servers.api import context as module
from servers.api import create_app
from servers.api.context import MOST_EARLIER, Context, Scenarios


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A drop-in folder with the toy."""
    shutil.copytree(TOYS / "toy", tmp_path / "scenarios" / "toy", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "scenarios"


@pytest.fixture
def dropped(city: City, folder: Path, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """Of an application that looks at the folder with each request."""
    monkeypatch.setattr(module, "GLANCE_S", -1.0)
    return create_app(city.root, settings=Settings(scenarios=folder)).test_client()


def _edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_an_edited_manifest_is_read_again(dropped: FlaskClient, folder: Path) -> None:
    assert dropped.get("/api/processes/toy.steady").get_json()["title"] != "Calm"
    _edit(folder / "toy" / "manifest.toml", 'en = "Steady"', 'en = "Edited while served"')
    assert "Edited while served" in dropped.get("/api/processes/toy.steady").get_data(as_text=True)


def test_edited_code_is_another_question_with_the_parameters_of_now(
    dropped: FlaskClient, city: City, folder: Path
) -> None:
    def asked(**inputs: object) -> tuple[int, str]:
        answer = dropped.post("/api/processes/toy.steady/execution", json={"inputs": inputs, "plan": "baseline"})
        return answer.status_code, answer.get_data(as_text=True)

    status, text = asked(colour="red")
    assert (status, "colour" in text) == (400, True)
    path = folder / "toy" / "parameters.py"
    text = path.read_text(encoding="utf-8").replace(
        "class SteadyParameters(BaseModel):\n", "class SteadyParameters(BaseModel):\n    colour: str = 'blue'\n"
    )
    path.write_text(text, encoding="utf-8")
    status, text = asked(colour="red")
    assert status == 201, text


def test_a_scenario_that_is_dropped_in_is_there_and_one_that_is_taken_away_is_gone(
    dropped: FlaskClient, folder: Path
) -> None:
    def known() -> set[str]:
        return {one["id"].partition(".")[0] for one in dropped.get("/api/processes").get_json()["processes"]}

    assert "torn" not in {one["slug"] for one in dropped.get("/api/scenarios").get_json()["scenarios"]}
    shutil.copytree(TOYS / "torn", folder / "torn")
    assert "torn" in {one["slug"] for one in dropped.get("/api/scenarios").get_json()["scenarios"]}
    assert "toy" in known()
    shutil.rmtree(folder / "toy")
    assert "toy" not in known()


def test_the_folder_is_not_looked_at_with_every_request(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[Path | None] = []
    monkeypatch.setattr(module, "tree_stamp", lambda path: str(looks.append(path)))
    scenarios = Scenarios(folder)
    found = scenarios.now()
    assert all(scenarios.now() is found for _ in range(100))
    assert looks == [folder]


def test_what_has_not_changed_is_the_same_registry(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "GLANCE_S", -1.0)
    scenarios = Scenarios(folder)
    found = scenarios.now()
    assert scenarios.now() is found
    given = Registry()
    assert Scenarios(folder, given).now() is given


@pytest.fixture
def aged(city: City) -> Context:
    """On a city of more versions than are kept."""
    for levels in range(MOST_EARLIER + 3):
        with City.open(city.root).edit("correct") as session:
            session.correct("buildings", "b00", {"levels": 3 + levels})
    return Context(city.root, Settings(), Scenarios(None))


def test_the_newest_city_stays_whatever_is_asked_for(aged: Context) -> None:
    newest = aged.city()
    assert newest.sequence > MOST_EARLIER + 1
    for at in range(1, newest.sequence):
        aged.city(at)
    assert aged.city() is newest
    assert aged.city(newest.sequence) is newest


def test_of_earlier_cities_those_asked_for_last_stay(aged: Context) -> None:
    first, second = aged.city(1), aged.city(2)
    for at in range(3, MOST_EARLIER + 2):
        assert aged.city(1) is first
        aged.city(at)
    assert aged.city(1) is first
    assert aged.city(2) is not second


def test_a_city_that_was_the_newest_is_kept_when_another_comes(aged: Context) -> None:
    before = aged.city()
    with City.open(aged.root).edit("correct") as session:
        session.correct("buildings", "b00", {"levels": 40})
    assert aged.city().sequence == before.sequence + 1
    assert aged.city(before.sequence) is before


def test_a_city_that_nobody_wrote_to_is_not_opened_again(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    context = Context(city.root, Settings(), Scenarios(None))
    context.city()
    for path in city.root.glob("*.*"):
        os.utime(path, (time.time() - 60, time.time() - 60))
    before = context.city()
    with monkeypatch.context() as patched:
        patched.setattr(City, "open", None)
        assert context.city() is before
    with City.open(city.root).edit("correct") as session:
        session.correct("buildings", "b00", {"levels": 41})
    assert context.city().sequence == before.sequence + 1


def test_what_was_written_only_now_may_change_once_more(city: City) -> None:
    context = Context(city.root, Settings(), Scenarios(None))
    for levels in range(3, 9):
        with City.open(city.root).edit("correct") as session:
            session.correct("buildings", "b00", {"levels": levels})
        assert context.city().layer("buildings")["levels"]["b00"] == levels
