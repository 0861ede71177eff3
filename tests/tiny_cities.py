"""Fixtures around the tiny city: made once, copied for each test that needs one."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from cim_core.city import City
from cim_core.plan import Plan
from cim_core.question import Question, ask
from cim_core.registry import Registry
from cim_core.runner import Runner
from cim_core.testing.tiny_city import tiny_city

TOYS = Path(__file__).parent / "toys"
__all__ = ["city", "new_city", "question", "runner", "tiny_folder", "toys"]


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny city that no test may write to."""
    folder = tmp_path_factory.mktemp("tiny") / "city"
    made = tiny_city(folder)
    made.database.close()
    return folder


@pytest.fixture
def city(tiny_folder: Path, tmp_path: Path) -> City:
    """A tiny city of the test's own."""
    made_of_it = shutil.ignore_patterns("cache")  # others may have been served from the folder
    return City.open(Path(shutil.copytree(tiny_folder, tmp_path / "city", ignore=made_of_it)))


@pytest.fixture(scope="session")
def toys() -> Registry:
    """The installed scenarios and the toys."""
    return Registry.discover(TOYS)


@pytest.fixture
def runner(city: City, toys: Registry) -> Runner:
    """A runner on the test's city that knows the toys."""
    return Runner(city, toys, drop_in=TOYS, parallel=2)


@pytest.fixture
def question(runner: Runner) -> Callable[..., Question]:
    """``question("toy.behave", how="well")`` → a question."""

    def make(analysis: str, *, seed: int = 1, plan: Plan | None = None, **parameters: object) -> Question:
        return ask(runner.city, runner.registry, analysis, parameters, plan=plan or Plan.empty(), seed=seed)

    return make


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def new_city(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., City]:
    """``new_city()`` → an empty city, in SQLite and in PostgreSQL."""
    url = "" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    return lambda name="new", **options: City.create(tmp_path / name, url=url, **options)
