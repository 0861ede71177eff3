"""The Map API as tables, read from the OpenAPI document that the server makes of its own operations."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from schema_tables import fields, table

from cim_core.settings import Settings
from servers.api import create_app
from servers.api.openapi import describe
from servers.problems import MEDIA_TYPE

COMMON = {"lang"}
"""Query parameters that every address takes."""
ELSEWHERE = {"Plan": "A plan: [measures](measures.md)."}
"""Bodies that another page describes."""


def openapi_document() -> dict[str, Any]:
    """The description that ``/api/openapi.json`` serves."""
    app = create_app(Path("city"), settings=Settings())  # no city is opened before the first request
    return describe(app.extensions["cim"])


def http_api_lines() -> list[str]:
    """A table for each group of addresses, then the fields of the bodies that they take."""
    document = openapi_document()
    groups = [line for tag in document["tags"] for line in _group(document, tag["name"])]
    return [*groups, "## Bodies", "", *_bodies(document)]


def _group(document: dict[str, Any], tag: str) -> Iterator[str]:
    rows = [
        (f"`{method.upper()} {path}`", one["summary"], ", ".join(_query(one)), ", ".join(_answers(one)))
        for path, methods in document["paths"].items()
        for method, one in methods.items()
        if tag in one["tags"]
    ]
    yield from (f"## {tag.capitalize()}", "", *table(("address", "what", "takes", "answers"), rows), "")


def _query(operation: dict[str, Any]) -> Iterator[str]:
    """Query parameters, a required one in bold; then the body."""
    for one in operation["parameters"]:
        if one["in"] == "query" and one["name"] not in COMMON:
            yield f"**`{one['name']}`**" if one.get("required") else f"`{one['name']}`"
    for media, content in operation.get("requestBody", {}).get("content", {}).items():
        name = _model(content)
        yield f"[{name}](#{name.lower()})" if name else media


def _answers(operation: dict[str, Any]) -> Iterator[str]:
    """Status and media type of what is no problem; 304 is possible for every GET and goes without saying."""
    for status, answer in operation["responses"].items():
        kinds = [kind for kind in answer.get("content", {}) if kind != MEDIA_TYPE]
        if status < "300":
            yield f"{status} {' or '.join(kinds)}".strip()


def _bodies(document: dict[str, Any]) -> Iterator[str]:
    schemas = document["components"]["schemas"]
    contents = [
        content
        for methods in document["paths"].values()
        for one in methods.values()
        for content in one.get("requestBody", {}).get("content", {}).values()
    ]
    for name in sorted({_model(content) for content in contents} - {""}):
        described = ELSEWHERE.get(name)
        text = described or schemas[name].get("description", "").replace("``", "`")
        yield from (f"### {name}", "", text, "", *([] if described else [*fields(schemas[name]), ""]))


def _model(content: dict[str, Any]) -> str:
    return str(content.get("schema", {}).get("$ref", "")).rpartition("/")[2]
