"""The served API as the abstract tests see it: documents by path, links by relation, all pages of a collection."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from links import Get, getter, link
from tiny_cities import *  # noqa: F403 - fixtures
from worked_city import *  # noqa: F403 - fixtures

from cim_core.registry import Registry
from cim_core.settings import Settings
from servers.api import create_app


@pytest.fixture(scope="session")
def served(tiny_folder: Path, toys: Registry) -> Flask:
    """The application on the session's tiny city, which no test here writes to."""
    return create_app(tiny_folder, settings=Settings(author="tester"), registry=toys)


@pytest.fixture
def get(served: Flask) -> Get:
    """``get("/api/collections", limit=1)`` → the answer; also takes absolute addresses, as links have them."""
    return getter(served.test_client())


@pytest.fixture
def document(get: Get) -> Callable[..., dict[str, Any]]:
    """``document("/api/")`` → the JSON of an answer that must be 200."""

    def ask(address: str, **query: Any) -> dict[str, Any]:
        response = get(address, **query)
        assert response.status_code == 200, response.text
        content: dict[str, Any] = response.get_json(force=True)
        return content

    return ask


@pytest.fixture
def layers(document: Callable[..., dict[str, Any]]) -> list[dict[str, Any]]:
    """The collections that have features."""
    found = [one for one in document("/api/collections")["collections"] if one.get("itemType") == "feature"]
    assert len(found) > 5
    return found


@pytest.fixture
def pages(document: Callable[..., dict[str, Any]]) -> Callable[..., Iterator[dict[str, Any]]]:
    """``pages("/api/collections/roads/items", limit=10)`` → every page, by the links to the next."""

    def follow(address: str, **query: Any) -> Iterator[dict[str, Any]]:
        page = document(address, **query)
        yield page
        while following := link(page, "next"):
            page = document(following)
            yield page

    return follow
