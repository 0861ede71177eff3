"""The planning half of the API on a tiny city whose queue is worked."""

from __future__ import annotations

import contextlib
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest
from flask.testing import FlaskClient
from pydantic import BaseModel
from tiny_cities import TOYS
from werkzeug.test import TestResponse

from cim_core.city import City
from cim_core.registry import Registry
from cim_core.runner import Runner
from cim_core.service import RunService
from cim_core.settings import Settings
from servers.api import create_app

Model = TypeVar("Model", bound=BaseModel)
__all__ = ["answered", "jobs_of", "service"]
CALM = {"plan": "calm", "title": "Calm it", "measures": [{"type": "calm", "road": "w9100-n1000"}]}
PATIENCE_S = 60.0


@contextlib.contextmanager
def worked(root: Path, registry: Registry) -> Iterator[None]:
    """The queue of a city is worked while this lasts."""
    stop = threading.Event()
    service = RunService(Runner(City.open(root), registry, drop_in=TOYS, parallel=2))
    thread = threading.Thread(target=service.serve, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def ended(client: FlaskClient, job: str) -> dict[str, Any]:
    """The job's document once it has ended."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        status: dict[str, Any] = client.get(f"/api/jobs/{job}").get_json()
        if status["status"] not in ("accepted", "running"):
            return status
        time.sleep(0.05)
    pytest.fail(f"job {job} has not ended: {status}")


def document(response: TestResponse, model: type[Model], status: int = 200) -> Model:
    """The response's JSON as its declared model reads it; nothing may be in it that is not declared."""
    assert response.status_code == status, response.get_data(as_text=True)
    assert response.mimetype == "application/json"
    return model.model_validate_json(response.get_data())


@pytest.fixture
def service(city: City, toys: Registry) -> Iterator[None]:
    """The queue of the test's own city is worked."""
    with worked(city.root, toys):
        yield


@pytest.fixture
def jobs_of(client: FlaskClient) -> Callable[[], list[dict[str, Any]]]:
    """All jobs as the API lists them."""
    return lambda: client.get("/api/jobs?limit=1000").get_json()["jobs"]


@dataclass(frozen=True)
class Answered:
    """A city that has answered: one run, and one comparison of three seeds. Nobody may write to it."""

    client: FlaskClient
    root: Path
    run: str
    comparison: str

    def get(self, path: str, **headers: str) -> TestResponse:
        """Of ``{run}`` and ``{comparison}``."""
        return self.client.get(path.format(run=self.run, comparison=self.comparison), headers=headers)


@pytest.fixture(scope="session")
def answered(tiny_folder: Path, toys: Registry, tmp_path_factory: pytest.TempPathFactory) -> Answered:
    """Asked over HTTP, worked by the run service, once for the session."""
    root = Path(shutil.copytree(tiny_folder, tmp_path_factory.mktemp("answered") / "city"))
    client = create_app(root, settings=Settings(author="tester"), registry=toys).test_client()
    with worked(root, toys):
        asked = {"analysis": "toy.noise", "plan": CALM, "seeds": 3}
        job = client.post("/api/compare", json=asked).get_json()["jobID"]
        comparison = ended(client, job)["comparison"]
    runs = client.get(f"/api/comparisons/{comparison}").get_json()["runs"]
    return Answered(client, root, runs[0]["plan"], comparison)
