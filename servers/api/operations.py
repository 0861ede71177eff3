"""One declaration for each address: its view, its validation, its policy check and its OpenAPI description.

::

    class ItemsQuery(Query):
        limit: int = Field(default=100, ge=1, le=10_000, description="features at most")


    @operation("GET", "/api/collections/<collection>/items", summary="Features of a collection", tag="collections",
               query=ItemsQuery, responses={200: (FeatureCollection, GEOJSON)}, resource="collection")
    def items(call: Call, collection: str) -> Response: ...


    def register(api: Api) -> None:
        api.add(items)

A view returns a Pydantic model, a dictionary or a list (200, JSON), or a Flask response of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal
from urllib.parse import quote, urlencode

from flask import Flask, Response, request
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import from_json

from cim_core.errors import CimError, NotFoundError, ParameterError
from cim_core.trust.policy import Action, Resource, Subject, decide
from servers.api.content import json_response
from servers.api.context import Context
from servers.api.grades import grade_of
from servers.api.problems import Problem, faults_of
from servers.api.security import subject_of

MAX_BODY = 8 * 2**20
LARGEST_INTEGER = 2**31 - 1
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
View = Callable[..., Any]
ResponseContent = Any
"""A model or another type that Pydantic knows (JSON), a media type, a (model, media type), a list of any of these
among which the query chooses, or None for no body."""

CommaList = Annotated[
    tuple[str, ...],
    BeforeValidator(lambda text: tuple(filter(None, text.split(","))) if isinstance(text, str) else text),
]
"""``a,b,c`` in a query."""


class Query(BaseModel):
    """What every address takes. Query models inherit from it; unknown names are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    lang: Literal["en", "zh"] | None = Field(default=None, description="language of texts; else by Accept-Language")


class AtQuery(Query):
    """With a moment of the city."""

    at: int | None = Field(
        default=None, ge=1, le=LARGEST_INTEGER, description="version of the city; the newest by default"
    )


class Body(BaseModel):
    """Bodies that are JSON objects inherit from it; unknown names are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


@dataclass(frozen=True)
class RawBody:
    """A body that is not JSON; the view reads it from ``flask.request``."""

    media_types: tuple[str, ...] = ("application/octet-stream",)
    max_bytes: int = MAX_BODY


@dataclass(frozen=True)
class BodyByType:
    """A JSON body whose media type says which model it follows."""

    models: Mapping[str, type[BaseModel]]


@dataclass(frozen=True)
class Operation:
    """One method at one address."""

    method: Method
    path: str
    """In Flask's form."""
    view: View
    summary: str
    tag: str
    query: type[Query] = Query
    body: type[BaseModel] | RawBody | BodyByType | None = None
    responses: Mapping[int, ResponseContent] = field(default_factory=dict)
    action: Action = "read"
    resource: str = "city"
    documented: bool = True
    """Whether it belongs to the API; the page's own files do not."""

    @property
    def name(self) -> str:
        """Unique among all operations: module and function."""
        return f"{self.view.__module__.rpartition('.')[2]}_{self.view.__name__}"


def operation(
    method: Method,
    path: str,
    *,
    summary: str,
    tag: str,
    query: type[Query] = Query,
    body: type[BaseModel] | RawBody | BodyByType | None = None,
    responses: Mapping[int, ResponseContent] | None = None,
    action: Action | None = None,
    resource: str = "city",
    documented: bool = True,
) -> Callable[[View], Operation]:
    """Declare a view ``(call, **path_parameters)``. ``action`` follows from the method unless it is a ``run``."""
    chosen: Action = action or ("read" if method in ("GET", "OPTIONS") else "write")

    def declare(view: View) -> Operation:
        return Operation(
            method, path, view, summary, tag, query, body, responses or {200: None}, chosen, resource, documented
        )

    return declare


WRITER_WAIT_S = 10.0
"""A request that waits holds a thread that others could be read with."""


@dataclass(frozen=True)
class Call:
    """One request as a view sees it: validated query and body, the city, and who asks."""

    context: Context
    operation: Operation
    subject: Subject
    query: Any
    body: Any
    language: str
    opened: dict[int | None, Any] = field(default_factory=dict)
    """The city as this request has seen it: the same throughout, even if somebody writes meanwhile."""

    @property
    def city(self) -> Any:
        """The :class:`~cim_core.city.City` at ``?at=`` if the query has it, else the newest when the request came."""
        at = getattr(self.query, "at", None)
        if at not in self.opened:
            self.opened[at] = self.context.city(at)
        return self.opened[at]

    @property
    def registry(self) -> Any:
        """All scenarios."""
        return self.context.registry

    @property
    def settings(self) -> Any:
        """The server's settings."""
        return self.context.settings

    @property
    def author(self) -> str:
        """The name that what this call writes will bear."""
        return self.subject.name or str(self.settings.author)

    def edit(self, message: str) -> AbstractContextManager[Any]:
        """``City.edit`` in the caller's name; another writer is not waited for as long as on the command line."""
        found: AbstractContextManager[Any] = self.city.edit(message, author=self.author, wait_s=WRITER_WAIT_S)
        return found

    def url(self, path: str, **query: Any) -> str:
        """An absolute address on this server; ``path`` is quoted, None values are left out."""
        given = {key: value for key, value in query.items() if value is not None}
        return request.host_url.rstrip("/") + quote(path, safe="/:@,{}") + (f"?{urlencode(given)}" if given else "")

    def sees(self, collection: str) -> bool:
        """Whether the subject may read a collection of :attr:`city`; for listings that leave out what is shut."""
        return decide(self.subject, self.resource("collection", collection), "read").allowed

    def resource(self, kind: str, identifier: str) -> Resource:
        """What is asked for, with its grade."""
        return Resource(kind, identifier, grade_of(kind, identifier, lambda: self.city))

    def permit(self, what: Resource, action: Action | None = None) -> None:
        """Raise unless the subject may do this; for what only the view knows (a result's grade)."""
        decision = decide(self.subject, what, action or self.operation.action)
        if not decision.allowed:
            raise CimError(
                "access.denied",
                "this is not open to you",
                where=f"{what.kind} {what.id}".strip(),
                expected="somebody who may",
                got=decision.reason,
                remedy="ask at the machine that serves the city",
            )


class Api:
    """All operations of one application."""

    def __init__(self, app: Flask, context: Context) -> None:
        self.app = app
        self.context = context
        self.operations: list[Operation] = []

    def add(self, *operations: Operation) -> None:
        """Bring operations to their addresses."""
        for one in operations:
            self.operations.append(one)
            self.app.add_url_rule(one.path, one.name, self._handler(one), methods=[one.method])

    def _handler(self, one: Operation) -> Callable[..., Response]:
        def handle(**path: Any) -> Response:
            return _answer(self.context, one, path)

        return handle


def _answer(context: Context, one: Operation, path: dict[str, Any]) -> Response:
    if isinstance(one.body, RawBody):
        request.max_content_length = one.body.max_bytes
    _refuse_nul(path)
    subject = subject_of(request)
    first = Call(context, one, subject, None, None, "en")
    identifier = str(next(iter(path.values()), ""))
    first.permit(first.resource(one.resource, identifier))
    query = _query(one)
    if getattr(query, "f", None) is None:  # a form that the address names needs no header
        _refuse_unacceptable(one)
    call = Call(context, one, subject, query, _body(one), _language(context, query), first.opened)
    if getattr(query, "at", None) is not None:
        call.permit(
            call.resource(one.resource, identifier)
        )  # what is gone or open by now may have been confidential then
    return as_response(one.view(call, **path))


def as_response(result: Any) -> Response:
    """What a view returned, as a response."""
    return result if isinstance(result, Response) else json_response(result)


def _refuse_nul(path: dict[str, Any]) -> None:
    if any("\x00" in str(value) for value in (*path.values(), *request.args.values())):
        raise ParameterError(
            "http.nul",
            "the address holds a NUL character",
            where="the address",
            expected="text",
            got="%00",
            remedy="leave it out",
        )


def _query(one: Operation) -> Query:
    given: dict[str, Any] = {}
    repeated = []
    for name, values in request.args.lists():
        given[name] = values[0]
        if len(values) > 1 and name in one.query.model_fields:
            repeated.append({"loc": [name], "msg": "is given more than once"})
    try:
        if repeated:
            raise _query_problem(one, repeated)
        return one.query.model_validate(given)
    except ValidationError as fault:
        raise _query_problem(one, faults_of(fault)) from None


def _query_problem(one: Operation, faults: list[dict[str, Any]]) -> Problem:
    known = [info.alias or name for name, info in one.query.model_fields.items()]
    error = ParameterError(
        "http.query",
        "the query has parameters that do not fit",
        where=request.path,
        expected="parameters among " + ", ".join(known),
        got=_sentence(faults),
        remedy="mend the parameters named",
    )
    return Problem(error, errors=faults)


def _sentence(faults: list[dict[str, Any]]) -> str:
    return "; ".join(f"{'.'.join(map(str, each['loc'])) or 'value'}: {each['msg']}" for each in faults)[:2000]


def _body(one: Operation) -> Any:
    if one.body is None:
        return None
    allowed = body_types(one.body)
    if isinstance(one.body, BodyByType) and not request.mimetype:
        raise ParameterError(
            "http.no_media_type",
            "it is not said what kind the body is of",
            where="header Content-Type",
            expected=" or ".join(allowed),
            got="none",
            remedy="name the kind",
        )
    if request.mimetype not in allowed:
        raise ParameterError(
            "http.media_type",
            "the body is of a kind that is not taken here",
            where="header Content-Type",
            expected=" or ".join(allowed),
            got=request.mimetype or "none",
            remedy="send the body in a form named",
        )
    model = allowed[request.mimetype]
    return None if model is None else _json_body(model)


def body_types(body: type[BaseModel] | RawBody | BodyByType) -> dict[str, type[BaseModel] | None]:
    """Media types that are taken, with the model of each; None for what the view reads itself."""
    if isinstance(body, RawBody):
        return dict.fromkeys(body.media_types)
    return dict(body.models) if isinstance(body, BodyByType) else {"application/json": body}


def _json_body(model: type[BaseModel]) -> BaseModel:
    raw = request.get_data(cache=False)
    try:
        if b"\\u0000" in raw:
            raise ValueError("NUL characters are not taken")
        content = from_json(raw, allow_inf_nan=False)
    except ValueError as fault:
        raise ParameterError(
            "http.not_json",
            "the body is not JSON",
            where="body",
            expected="a JSON object",
            got=str(fault)[:500],
            remedy="mend the body at that place",
        ) from None
    try:
        return model.model_validate(content)
    except ValidationError as fault:
        faults = faults_of(fault)
        error = ParameterError(
            "http.body",
            "the body has fields that do not fit",
            where="body",
            expected="fields among " + ", ".join(info.alias or name for name, info in model.model_fields.items()),
            got=_sentence(faults),
            remedy="mend the fields named",
        )
        raise Problem(error, 422, errors=faults) from None


def _language(context: Context, query: Query) -> str:
    wanted = request.accept_languages.best_match(["zh", "en"]) if request.accept_languages else None
    return query.lang or str(wanted or context.settings.language)


def _refuse_unacceptable(one: Operation) -> None:
    offered = media_types(one)
    accepted = request.accept_mimetypes
    if not accepted or not offered or accepted.best_match([*offered, "application/json"]) is not None:
        return
    raise NotFoundError(
        "http.not_acceptable",
        "this address has no answer of the kinds asked for",
        where="header Accept",
        expected=", ".join(offered),
        got=str(accepted)[:200],
        remedy="accept one of the kinds named, or */*",
    )


def media_types(one: Operation) -> list[str]:
    """Media types of the answers that are no errors."""
    return [kind for status, content in one.responses.items() if status < 400 for kind, _ in contents(content)]


def contents(content: ResponseContent) -> list[tuple[str, Any]]:
    """(media type, type of the JSON or None) of one declared answer."""
    if content is None:
        return []
    if isinstance(content, list):
        return [pair for option in content for pair in contents(option)]
    if isinstance(content, tuple):
        return [(str(content[1]), content[0])]
    return [(content, None)] if isinstance(content, str) else [("application/json", content)]
