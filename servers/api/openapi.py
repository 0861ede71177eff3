"""The OpenAPI 3.1 description, made from the operations and their Pydantic models; a listing of it for people."""

from __future__ import annotations

import html
import inspect
import re
from collections.abc import Iterator
from typing import Any

from flask import Response
from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import models_json_schema

import cim_core
from servers.api.content import bytes_response, json_bytes, json_response
from servers.api.operations import Api, Call, Operation, body_types, contents, operation
from servers.api.problems import ProblemDocument
from servers.problems import MEDIA_TYPE, STATUS_BY_CLASS

OPENAPI = "application/vnd.oai.openapi+json;version=3.1"
_REF = "#/components/schemas/{model}"
_RULE = re.compile(r"<(?:(?P<kind>\w+):)?(?P<name>\w+)>")
_PARAMETERS = {
    "collection": "id of a layer or coverage of the city",
    "feature": "id of a feature",
    "z": "zoom",
    "row": "tile row, from the north",
    "col": "tile column, from the west",
    "run": "hash of a run",
    "job": "id of a job",
    "name": "name",
    "number": "number",
}
_COMMON_PROBLEMS = (400, 403, 404, 406, 409, 421, 500, 503)


def describe(api: Api) -> dict[str, Any]:
    """The whole document."""
    shown = [one for one in api.operations if one.documented]
    refs, definitions = _schemas(shown)
    paths: dict[str, dict[str, Any]] = {}
    for one in shown:
        paths.setdefault(_RULE.sub(r"{\g<name>}", one.path), {})[one.method.lower()] = _operation(one, refs)
    return {
        "openapi": "3.1.0",
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "info": {
            "title": "Map API",
            "version": cim_core.__version__,
            "description": "City information model, scenarios and plans. Errors are problem details (RFC 9457).",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": tag} for tag in dict.fromkeys(one.tag for one in shown)],
        "paths": paths,
        "components": {"schemas": definitions},
    }


def _schemas(operations: list[Operation]) -> tuple[dict[Any, Any], dict[str, Any]]:
    """Type → its schema (a reference for models); and the definitions. Bodies in validation, answers in output form."""
    asked: list[tuple[Any, str]] = [(ProblemDocument, "serialization")]
    for one in operations:
        taken = {} if one.body is None else body_types(one.body)
        asked += [(model, "validation") for model in taken.values() if model is not None]
        answers = (pair for content in one.responses.values() for pair in contents(content))
        asked += [(kind, "serialization") for _, kind in answers if kind is not None]
    unique = list({(repr(kind), mode): (kind, mode) for kind, mode in asked}.values())
    models: Any = [(kind, mode) for kind, mode in unique if isinstance(kind, type) and issubclass(kind, BaseModel)]
    others: Any = [(repr(kind), mode, TypeAdapter(kind)) for kind, mode in unique if (kind, mode) not in models]
    by_model, schema = models_json_schema(models, ref_template=_REF)
    by_name, extra = TypeAdapter.json_schemas(others, ref_template=_REF) if others else ({}, {})
    refs = {(repr(kind), mode): found for (kind, mode), found in by_model.items()} | dict(by_name)
    return refs, {**schema.get("$defs", {}), **extra.get("$defs", {})}


def _operation(one: Operation, refs: dict[Any, Any]) -> dict[str, Any]:
    description: dict[str, Any] = {
        "operationId": one.name,
        "summary": one.summary,
        "description": inspect.cleandoc(one.view.__doc__ or ""),
        "tags": [one.tag],
        "parameters": [*_path_parameters(one), *_query_parameters(one)],
        "responses": _responses(one, refs),
    }
    if one.body is not None:
        content = {
            kind: {"schema": {} if model is None else refs[repr(model), "validation"]}
            for kind, model in body_types(one.body).items()
        }
        description["requestBody"] = {"required": True, "content": content}
    return description


def _path_parameters(one: Operation) -> Iterator[dict[str, Any]]:
    for match in _RULE.finditer(one.path):
        whole = {"type": "integer", "minimum": 0, "maximum": 999_999_999}
        schema = whole if match["kind"] == "int" else {"type": "string", "minLength": 1}
        name = match["name"]
        yield {
            "name": name,
            "in": "path",
            "required": True,
            "description": _PARAMETERS.get(name, name),
            "schema": schema,
        }


def _query_parameters(one: Operation) -> Iterator[dict[str, Any]]:
    schema = one.query.model_json_schema(by_alias=True, ref_template=_REF)
    for name, field in schema.get("properties", {}).items():
        shown = _inlined(field, schema.get("$defs", {}))
        parameter = {"name": name, "in": "query", "description": shown.pop("description", ""), "schema": shown}
        if name in schema.get("required", []):
            parameter["required"] = True
        if shown.get("type") == "array":
            parameter |= {"style": "form", "explode": False}
        yield parameter


def _inlined(field: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """A query parameter's schema without references, and without the null that stands for its absence."""
    options = [option for option in field.get("anyOf", []) if option != {"type": "null"}]
    rest = {key: value for key, value in field.items() if key not in ("anyOf", "title")}
    if rest.get("default", 0) is None:
        rest.pop("default")
    if len(options) == 1:
        return rest | _inlined(options[0], definitions)
    if options:
        return rest | {"anyOf": [_inlined(option, definitions) for option in options]}
    if "$ref" in rest:
        rest |= definitions[rest.pop("$ref").rpartition("/")[2]]
    return rest


def _responses(one: Operation, refs: dict[Any, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for status, content in sorted(one.responses.items()):
        answer: dict[str, Any] = {"description": "as asked" if status < 400 else "a problem"}
        pairs = contents(content)
        if pairs:
            answer["content"] = {
                media: {"schema": {} if kind is None else refs[repr(kind), "serialization"]} for media, kind in pairs
            }
        found[str(status)] = answer
    if one.method == "GET":
        found["304"] = {"description": "unchanged since the ETag that was sent"}
    problem = {MEDIA_TYPE: {"schema": refs[repr(ProblemDocument), "serialization"]}}
    for status in _problem_statuses(one):
        found.setdefault(str(status), {"description": "a problem", "content": problem})
    return found


def _problem_statuses(one: Operation) -> list[int]:
    possible = {*_COMMON_PROBLEMS, *STATUS_BY_CLASS.values()}
    if one.body is not None:
        possible |= {413, 415, 422}
    if one.method != "GET":
        possible |= {412, 428}
    return sorted(possible | {405})


@operation("GET", "/api/openapi.json", summary="This API for programs", tag="start", responses={200: (dict, OPENAPI)})
def openapi(call: Call) -> Response:
    """OpenAPI 3.1, generated from the code that answers."""
    body = call.context.remember("openapi.json", lambda: json_bytes(_document(call)))
    return json_response(body, media_type=OPENAPI)


def _document(call: Call) -> dict[str, Any]:
    from flask import current_app

    api: Api = current_app.extensions["cim"]
    return call.context.remember("openapi", lambda: describe(api))


@operation("GET", "/api/docs", summary="This API for people", tag="start", responses={200: "text/html"})
def docs(call: Call) -> Response:
    """Every address with what it takes; no script, nothing from outside."""
    return bytes_response(_listing(_document(call)).encode(), "text/html")


_STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1d2733}"
    "h2{margin-top:2rem;text-transform:capitalize}code{background:#eef1f4;padding:.1em .3em;border-radius:3px}"
    "details{border-top:1px solid #d5dbe1;padding:.4rem 0}summary{cursor:pointer}b{display:inline-block;width:4.5rem}"
    "td,th{text-align:left;padding:.15rem .8rem .15rem 0;vertical-align:top}"
)


def _listing(document: dict[str, Any]) -> str:
    parts = []
    for tag in document["tags"]:
        rows = [
            _row(method, path, entry)
            for path, methods in document["paths"].items()
            for method, entry in methods.items()
            if tag["name"] in entry["tags"]
        ]
        parts.append(f"<h2>{html.escape(tag['name'])}</h2>{''.join(rows)}")
    title = f"{document['info']['title']} {document['info']['version']}"
    head = f'<meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>'
    intro = f'<p>{html.escape(document["info"]["description"])} <a href="/api/openapi.json">openapi.json</a></p>'
    body = f"<h1>{title}</h1>{intro}{''.join(parts)}"
    return f'<!doctype html><html lang="en"><head>{head}</head><body>{body}</body></html>'


def _row(method: str, path: str, entry: dict[str, Any]) -> str:
    parameters = "".join(
        f"<tr><td><code>{html.escape(one['name'])}</code></td><td>{one['in']}</td>"
        f"<td>{html.escape(one['description'])}</td></tr>"
        for one in entry["parameters"]
    )
    answers = {kind for answer in entry["responses"].values() for kind in answer.get("content", {})}
    kinds = sorted(answers - {MEDIA_TYPE})
    body = " ".join(f"<code>{html.escape(kind)}</code>" for kind in entry.get("requestBody", {}).get("content", {}))
    return (
        f"<details><summary><b>{method.upper()}</b><code>{html.escape(path)}</code> {html.escape(entry['summary'])}"
        f"</summary><p>{html.escape(entry['description'])}</p><table>{parameters}</table>"
        + (f"<p>Takes {body}</p>" if body else "")
        + f"<p>Answers {html.escape(', '.join(kinds)) or 'without a body'}</p></details>"
    )


def register(api: Api) -> None:
    """Add the operations."""
    api.add(openapi, docs)
