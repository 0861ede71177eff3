"""A tiny city of one's own whose jobs are worked at, and the processes asked over HTTP."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from tiny_cities import TOYS
from werkzeug.test import TestResponse

from cim_core.city import City
from cim_core.registry import Registry
from cim_core.runner import Runner
from cim_core.service import RunService
from cim_core.settings import Settings
from servers.api import create_app

__all__ = ["Asked", "asked"]
PATIENCE_S = 60.0


@dataclass(frozen=True)
class Asked:
    """A client of a city that answers."""

    client: FlaskClient
    root: Path

    def execute(self, process: str, headers: dict[str, str] | None = None, **body: Any) -> TestResponse:
        return self.client.post(f"/api/processes/{process}/execution", json=body, headers=headers)

    def job(self, address: str) -> dict[str, Any]:
        content: dict[str, Any] = self.client.get(address.removeprefix("http://localhost")).get_json()
        return content

    def ended(self, started: TestResponse) -> dict[str, Any]:
        """The status of the job of an execution, once it has ended."""
        assert started.status_code == 201, started.text
        until = time.monotonic() + PATIENCE_S
        while (found := self.job(started.headers["Location"]))["status"] in ("accepted", "running"):
            assert time.monotonic() < until, found
            time.sleep(0.05)
        return found

    def results(self, job: dict[str, Any]) -> TestResponse:
        return self.client.get(f"/api/jobs/{job['jobID']}/results")


@pytest.fixture(scope="session")
def asked(tiny_folder: Path, toys: Registry, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    """The session's own city, worked at while the tests last."""
    root = Path(shutil.copytree(tiny_folder, tmp_path_factory.mktemp("worked") / "city"))
    stop = threading.Event()
    service = RunService(Runner(City.open(root), toys, drop_in=TOYS, parallel=2))
    thread = threading.Thread(target=service.serve, args=(stop,))
    thread.start()
    yield Asked(create_app(root, settings=Settings(author="tester"), registry=toys).test_client(), root)
    stop.set()
    thread.join()
