"""Every error of the application becomes a problem: the answers to requests that went wrong."""

from __future__ import annotations

import sys
import traceback
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, current_app, request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import to_json
from werkzeug.exceptions import ClientDisconnected, HTTPException, RequestEntityTooLarge

from cim_core.errors import CimError, NotFoundError, ParameterError
from servers.problems import MEDIA_TYPE, document, status_of

RETRY_S = 5
"""What an answer that has no other reason than the moment advises to wait."""


class FieldFault(BaseModel):
    """One field that does not fit: where it stands, and what is wrong with it."""

    model_config = ConfigDict(frozen=True)
    loc: list[str | int]
    msg: str


class ProblemDocument(BaseModel):
    """What went wrong (RFC 9457), with what, where, expected, got and remedy for people, and a code for programs."""

    model_config = ConfigDict(frozen=True, extra="allow")
    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    what: str
    where: str
    expected: str
    got: str
    remedy: str
    errors: list[FieldFault] = Field(default_factory=list)


class Problem(Exception):  # noqa: N818 - it is the standard's word
    """An error with a status of its own, or with further members (``newest``, ``errors``) for the client."""

    def __init__(self, error: CimError, status: int | None = None, **members: Any) -> None:
        super().__init__(error.what)
        self.error = error
        self.status = status or status_of(error)
        self.members = members


def faults_of(fault: ValidationError) -> list[dict[str, Any]]:
    """Every fault of a validation as ``{"loc": [...], "msg": "..."}``."""
    return [
        {"loc": list(each["loc"]), "msg": str(each["msg"]).removeprefix("Value error, ")}
        for each in fault.errors(include_url=False, include_context=False, include_input=False)
    ]


def problem_response(problem: Problem) -> Response:
    """The answer to a request that went wrong."""
    root = current_app.extensions["cim"].context.root
    content = document(problem.error, problem.status, instance=request.path, root=root, **problem.members)
    response = Response(to_json(content, inf_nan_mode="null"), status=problem.status, mimetype=MEDIA_TYPE)
    response.cache_control.no_store = True
    if problem.status == 503:
        response.headers["Retry-After"] = str(RETRY_S)
    return response


def register_handlers(app: Flask) -> None:
    """Turn every error of the application into a problem."""
    app.register_error_handler(Problem, problem_response)
    app.register_error_handler(CimError, lambda error: problem_response(Problem(error)))
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _defect)


def _http(fault: HTTPException) -> Response:
    """Errors of the HTTP layer itself, in the same shape."""
    status = fault.code or 500
    if status < 400:
        return Response(fault.get_response().get_data(), status, fault.get_response().headers)
    response = problem_response(Problem(_as_error(fault, status), status))
    allowed = getattr(fault, "valid_methods", None)
    if allowed:
        response.headers["Allow"] = ", ".join(sorted(allowed))
    return response


def _as_error(fault: HTTPException, status: int) -> CimError:
    got = f"{request.method} {request.path}"
    if status == HTTPStatus.NOT_FOUND:
        return NotFoundError(
            "http.not_found",
            "there is nothing at this address",
            where=request.path,
            expected="an address that /api/openapi.json lists",
            got=got,
            remedy="follow the links from /api/",
        )
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        return ParameterError(
            "http.method",
            "this address does not take this method",
            where=request.path,
            expected=", ".join(sorted(getattr(fault, "valid_methods", None) or [])),
            got=request.method,
            remedy="use a method named",
        )
    if isinstance(fault, RequestEntityTooLarge):
        limit = request.max_content_length
        return ParameterError(
            "http.too_large",
            "the body is too large",
            where=request.path,
            expected=f"at most {limit:,} bytes" if limit else "a smaller body",
            got=f"{request.content_length:,} bytes" if request.content_length else "more",
            remedy="send less at once",
        )
    if isinstance(fault, ClientDisconnected):
        return ParameterError(
            "http.cut",
            "the body did not come whole",
            where=request.path,
            expected=f"{request.content_length:,} bytes" if request.content_length else "chunks with an end",
            got="fewer, or too slowly, or broken chunks",
            remedy="send it again; nothing was done",
        )
    return ParameterError(
        "http.refused",
        HTTPStatus(status).phrase.lower() if status in HTTPStatus._value2member_map_ else "the request was refused",
        where=request.path,
        expected=str(fault.description or ""),
        got=got,
        remedy="mend the request; /api/docs shows what each address takes",
    )


def _defect(fault: Exception) -> Response:
    """What nobody foresaw: the trace goes to the log, never to the client."""
    trace = "".join(traceback.format_exception(fault))
    sys.stderr.write(f"{request.method} {request.path} failed\n{trace}")
    sys.stderr.flush()
    error = CimError(
        "server.defect",
        "the server met an error that nobody foresaw",
        where=f"{request.method} {request.path}",
        expected="an answer",
        got=type(fault).__name__,
        remedy="the server's log has the details; please report them",
    )
    return problem_response(Problem(error, 500))
