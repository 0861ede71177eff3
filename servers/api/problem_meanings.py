"""What problem types mean: a document for each error code, at the address that problems give as their ``type``."""

from __future__ import annotations

import html
from functools import lru_cache, partial
from pathlib import Path

from flask import Response, request
from pydantic import BaseModel, ConfigDict

import cim_core
from cim_core import errors
from cim_core.errors import CimError, NotFoundError
from servers.api.content import bytes_response
from servers.api.operations import Api, Call, operation
from servers.error_codes import ErrorCode, error_codes
from servers.problems import status_of

_ROOT = Path(cim_core.__file__).parents[1]
_PACKAGES = ("cim_core", "scenarios", "servers", "data_samples")
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{code}</title>
<style>body{{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem}}</style></head>
<body><h1><code>{code}</code></h1><p>HTTP status {status}</p>{meanings}
<p><a href="/api/docs">The API for people</a></p></body></html>
"""


class Meaning(BaseModel):
    """What an error says, and what to do about it; ``…`` stands for what differs from case to case."""

    model_config = ConfigDict(frozen=True)
    what: str
    remedy: str
    raised_in: str


class ProblemType(BaseModel):
    """One error code."""

    model_config = ConfigDict(frozen=True)
    code: str
    status: int
    meanings: list[Meaning]


@lru_cache(maxsize=1)
def _built_in() -> tuple[ErrorCode, ...]:
    """Of the programme itself; reading its syntax trees takes about a second, once in a process."""
    return tuple(error_codes(_ROOT, _PACKAGES))


def _in_scenario(folder: Path) -> tuple[ErrorCode, ...]:
    return tuple(error_codes(folder.parent, (folder.name,)))


def _known(call: Call) -> list[ErrorCode]:
    found = list(_built_in())
    for record in call.registry.sound.values():
        if record.folder.parent != _ROOT / "scenarios":
            found += call.context.remember(("error codes", record.digest), partial(_in_scenario, record.folder))
    return found


@operation(
    "GET",
    "/api/problems/<code>",
    summary="What an error code means",
    tag="start",
    responses={200: [ProblemType, "text/html"]},
    resource="problem",
)
def problem_type(call: Call, code: str) -> ProblemType | Response:
    """Meaning, remedy and status of the ``type`` of a problem; for people as HTML."""
    found = [one for one in _known(call) if one.code == code]
    if not found:
        raise NotFoundError(
            "problem.unknown",
            "no error has this code",
            where="/api/problems",
            expected="the code of an error, such as plan.invalid",
            got=code[:100],
            remedy="take it from the problem's member `code`",
        )
    meanings = [Meaning(what=one.what, remedy=one.remedy, raised_in=one.module) for one in found]
    kind = getattr(errors, found[0].kind, CimError)
    document = ProblemType(code=code, status=status_of(kind(code, "")), meanings=meanings)
    if request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html":
        return bytes_response(_page(document).encode(), "text/html")
    return document


def _page(document: ProblemType) -> str:
    rows = (f"<h2>{html.escape(one.what)}</h2><p>{html.escape(one.remedy)}</p>" for one in document.meanings)
    return _PAGE.format(code=html.escape(document.code), status=document.status, meanings="".join(rows))


def register(api: Api) -> None:
    """Add the operation."""
    api.add(problem_type)
