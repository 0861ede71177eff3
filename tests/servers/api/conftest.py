"""The application on the tiny city: one that only reads for the session, one of a test's own that may write."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from cim_core.city import City
from cim_core.registry import Registry
from cim_core.settings import Settings
from servers.api import create_app
from servers.problems import problem_type

FIVE = ("what", "where", "expected", "got", "remedy")
Refused = Callable[[TestResponse, int, str], dict[str, Any]]


@pytest.fixture(scope="session")
def reading_app(tiny_folder: Path, toys: Registry) -> Flask:
    """On the session's tiny city, which no test may write to."""
    return create_app(tiny_folder, settings=Settings(author="tester"), registry=toys)


@pytest.fixture
def get(reading_app: Flask) -> Callable[..., TestResponse]:
    """``get("/api/city", Accept="…")`` → a response."""
    client = reading_app.test_client()

    def ask(path: str, **headers: str) -> TestResponse:
        return client.get(path, headers=headers)

    return ask


@pytest.fixture
def client(city: City, toys: Registry) -> FlaskClient:
    """Of an application on the test's own city."""
    return create_app(city.root, settings=Settings(author="tester"), registry=toys).test_client()


@pytest.fixture
def refused() -> Refused:
    """``refused(response, 404, "city.no_layer")`` → the problem, whose form is checked."""

    def check(response: TestResponse, status: int, code: str) -> dict[str, Any]:
        content = response.get_json(force=True)
        assert (response.status_code, content["code"]) == (status, code), content
        assert response.mimetype == "application/problem+json"
        assert content["status"] == status
        assert content["type"] == problem_type(code)
        assert content["title"] == content["what"] != ""
        assert set(FIVE) <= content.keys()
        assert response.headers["Cache-Control"] == "no-store"
        return content

    return check
