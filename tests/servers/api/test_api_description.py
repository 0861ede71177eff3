"""The OpenAPI document: valid, complete, true; and every address under generated requests, good and bad."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tiny_cities import TOYS

from cim_core.plan import Plan
from cim_core.question import ask
from cim_core.registry import Registry
from cim_core.runner import Runner
from cim_core.settings import Settings
from cim_core.store import plans
from cim_core.testing.tiny_city import tiny_city
from servers.api import create_app

NOT_OURS = {"/", "/<path:path>"}
"""Addresses of the page."""
EXAMPLES = 6
"""Requests for each operation: enough to have found what was wrong, few enough for a minute."""
STREAMED = ["/api/live"]
SHARE_ANSWERED = 0.6
"""Of the operations that at least one good request must have met; comparisons and frames are not there."""


@pytest.fixture(scope="module")
def description(reading_app: Flask) -> dict[str, Any]:
    content: dict[str, Any] = reading_app.test_client().get("/api/openapi.json").get_json(force=True)
    return content


def test_every_address_is_described_and_nothing_else(reading_app: Flask, description: dict[str, Any]) -> None:
    routes = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in reading_app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule not in NOT_OURS
    }
    described = {(path, method) for path, methods in description["paths"].items() for method in methods}
    assert described == routes
    assert len(described) >= 25


def test_the_document_is_openapi(reading_app: Flask, description: dict[str, Any]) -> None:
    assert description["openapi"] == "3.1.0"
    schemathesis.openapi.from_wsgi("/api/openapi.json", reading_app).validate()
    for name, schema in description["components"]["schemas"].items():
        assert jsonschema_rs.meta.is_valid(schema), name


def test_every_reference_leads_somewhere(description: dict[str, Any]) -> None:
    known = {f"#/components/schemas/{name}" for name in description["components"]["schemas"]}
    assert set(_references(description)) <= known


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


def test_every_operation_has_words_and_a_name_of_its_own(description: dict[str, Any]) -> None:
    entries = [entry for methods in description["paths"].values() for entry in methods.values()]
    names = [entry["operationId"] for entry in entries]
    assert len(names) == len(set(names))
    assert [entry["operationId"] for entry in entries if not entry["summary"] or not entry["description"]] == []
    parameters = [(e["operationId"], p["name"]) for e in entries for p in e["parameters"] if not p["description"]]
    assert parameters == []


def test_every_path_parameter_is_described(description: dict[str, Any]) -> None:
    for path, methods in description["paths"].items():
        wanted = set(re.findall(r"{(\w+)}", path))
        for entry in methods.values():
            assert {one["name"] for one in entry["parameters"] if one["in"] == "path"} == wanted, path


class _Parts(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.sources: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.sources += [value or "" for name, value in attrs if name in ("src", "href")]


def test_the_listing_for_people_needs_nothing_else(get: Any, description: dict[str, Any]) -> None:
    text = get("/api/docs").text
    parts = _Parts()
    parts.feed(text)
    assert "script" not in parts.tags
    assert parts.sources == ["/api/openapi.json"]
    for path in description["paths"]:
        assert path in text


KNOWN: dict[str, list[Any]] = {
    "collection": ["roads", "buildings", "elevation"],
    "feature": ["w9100-n1000", "b00"],
    "process": ["toy.steady", "access.reach"],
    "name": ["close-west"],
    "layer": ["roads_result"],
    "table": ["trips"],
    "number": [1],
    "z": [0, 14],
    "row": [0, 6784],
    "col": [0, 13041],
    "at": [2],
    "bbox": [[106.57, 29.55, 106.59, 29.57]],
    "properties": [["name"]],
    "collections": [["roads", "water"]],
    "sort": ["", "-", "-trip", "nix"],
}
"""What is there, so that not every generated request asks for what is not."""


@pytest.fixture(scope="module")
def changing(tmp_path_factory: pytest.TempPathFactory, toys: Registry) -> tuple[Flask, str]:
    """An application on a city that generated requests may change as they like, and a run in it."""
    folder: Path = tmp_path_factory.mktemp("generated") / "city"
    city = tiny_city(folder)
    runner = Runner(city, toys, drop_in=TOYS, parallel=1)
    run = runner.run(ask(city, toys, "toy.noise", {}, plan=Plan.empty(), seed=1)).run
    with city.database.write() as connection:
        plans.save(connection, "close-west", {"plan": "close-west", "measures": []}, "x", author="tester")
    city.database.close()
    return create_app(folder, settings=Settings(), registry=toys), run


def _loaded(app: Flask, known: dict[str, list[Any]]) -> Any:
    document = app.test_client().get("/api/openapi.json").get_json(force=True)
    for methods in document["paths"].values():
        for parameter in (one for entry in methods.values() for one in entry["parameters"]):
            if parameter["name"] in known:
                parameter["schema"] = {"enum": known[parameter["name"]]}
    loaded = schemathesis.openapi.from_dict(document).exclude(path=STREAMED)
    loaded.app = _local(app)
    return loaded


def _local(app: Flask) -> Any:
    """The same for requests that come from this machine."""
    return lambda environ, start: app.wsgi_app({**environ, "REMOTE_ADDR": "127.0.0.1"}, start)


CHECKS = [not_a_server_error, content_type_conformance, status_code_conformance, response_schema_conformance]
GENERATED = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def test_good_requests_are_met(changing: tuple[Flask, str]) -> None:
    app, run = changing
    answered = _all_answers(_loaded(app, {**KNOWN, "run": [run]}), GenerationMode.POSITIVE)
    met = {label for label, statuses in answered.items() if statuses & {200, 201, 204}}
    assert len(met) > len(answered) * SHARE_ANSWERED, sorted(set(answered) - met)


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_no_request_harms_the_server(changing: tuple[Flask, str], mode: GenerationMode) -> None:
    assert len(_all_answers(_loaded(changing[0], {}), mode)) >= 25


def _all_answers(schema: Any, mode: GenerationMode) -> dict[str, set[int]]:
    """Status codes of every operation; fails with all that was wrong, not with the first."""
    faults, answered = [], {}
    for one in (found.ok() for found in schema.get_all_operations()):
        try:
            answered[one.label] = _answers(one, mode)
        except FailureGroup as fault:
            faults.append(f"{one.label}: {fault.exceptions}")
    assert faults == []
    return answered


def _answers(one: schemathesis.APIOperation, mode: GenerationMode) -> set[int]:
    """Status codes of generated requests to one operation, each answer checked against the description."""
    statuses: set[int] = set()

    @GENERATED
    @given(case=one.as_strategy(generation_mode=mode))
    def ask_it(case: schemathesis.Case) -> None:
        response = case.call_and_validate(headers={"Accept-Encoding": "identity"}, checks=CHECKS)
        statuses.add(response.status_code)

    with contextlib.suppress(Unsatisfiable):  # an operation without parameters has no bad ones
        ask_it()
    return statuses
