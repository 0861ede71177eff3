"""Saved plans: versions, undo, duplicate, differences, check."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from flask import Response, request

from cim_core.errors import ParameterError, PlanError
from cim_core.plan import Plan, difference
from cim_core.store import plans as store
from servers.api import asking, plan_places
from servers.api.content import json_response
from servers.api.models_plans import (
    DifferenceQuery,
    Duplicate,
    PlanCheck,
    PlanDifference,
    PlanHistory,
    PlanList,
    PlanVersionDocument,
)
from servers.api.operations import Api, Call, operation
from servers.api.problems import Problem

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from cim_core.store.plans import PlanVersion


def register(api: Api) -> None:
    """All that can be done with plans."""
    api.add(plans, check, plan, save, undo, duplicate, versions, version, differences)


@operation("GET", "/api/plans", summary="Saved plans", tag="plans", responses={200: PlanList}, resource="plan")
def plans(call: Call) -> dict[str, Any]:
    """The newest version of each, the one saved last first."""
    with call.city.database.read() as connection:
        found = store.newest(connection)
    return {"plans": [_entry(one) for one in sorted(found, key=lambda one: one.at, reverse=True)]}


@operation(
    "GET",
    "/api/plans/<name>",
    summary="The newest version of a plan",
    tag="plans",
    responses={200: PlanVersionDocument},
    resource="plan",
)
def plan(call: Call, name: str) -> Response:
    """With its version as the ETag, for the If-Match of the next save."""
    with call.city.database.read() as connection:
        return _response(store.get(connection, name))


@operation(
    "PUT",
    "/api/plans/<name>",
    summary='Save a plan: If-Match: "version" for the next version, If-None-Match: * for a new plan',
    tag="plans",
    body=Plan,
    responses={200: PlanVersionDocument, 201: PlanVersionDocument},
    resource="plan",
)
def save(call: Call, name: str) -> Response:
    """Append a version. What somebody else saved meanwhile is shown, never overwritten."""
    if call.body.name != name:
        raise PlanError(
            "plan.another_name",
            "the plan bears another name than its address",
            where=f"plan {name}",
            expected=name,
            got=call.body.name,
            remedy="use one name; POST …/duplicate makes a copy under another",
        )
    based_on = _based_on(name)
    asking.edits_of(call.city, call.registry, call.body)
    return _saved(call, call.body, based_on)


@operation(
    "POST",
    "/api/plans/<name>/undo",
    summary="Bring the version before the newest back, as a new version",
    tag="plans",
    responses={201: PlanVersionDocument},
    resource="plan",
)
def undo(call: Call, name: str) -> Response:
    """A second undo brings back what the first undid. With If-Match only if that version is still the newest."""
    based_on = _based_on(name) if "If-Match" in request.headers else None
    with call.city.database.write() as connection, _newest_shown(connection, name):
        return _response(store.undo(connection, name, call.author, based_on=based_on), 201)


@operation(
    "POST",
    "/api/plans/<name>/duplicate",
    summary="Save a copy under another name",
    tag="plans",
    body=Duplicate,
    responses={201: PlanVersionDocument},
    resource="plan",
)
def duplicate(call: Call, name: str) -> Response:
    """The copy's first version, of any version of the original."""
    with call.city.database.read() as connection:
        found = Plan.given(store.get(connection, name, call.body.version).content, f"plan {name}")
    copy = found.duplicate(call.body.name)
    if call.body.title is not None:
        copy = copy.model_copy(update={"title": call.body.title})
    return _saved(call, copy, 0)


@operation(
    "GET",
    "/api/plans/<name>/versions",
    summary="All versions of a plan, newest first",
    tag="plans",
    responses={200: PlanHistory},
    resource="plan",
)
def versions(call: Call, name: str) -> dict[str, Any]:
    """Who saved what, and when."""
    with call.city.database.read() as connection:
        store.get(connection, name)
        found = store.history(connection, name)
    return {"name": name, "versions": [{**_entry(one), "hash": one.hash} for one in found]}


@operation(
    "GET",
    "/api/plans/<name>/versions/<int:number>",
    summary="One version of a plan",
    tag="plans",
    responses={200: PlanVersionDocument},
    resource="plan",
)
def version(call: Call, name: str, number: int) -> Response:
    """As it was saved."""
    with call.city.database.read() as connection:
        return _response(store.get(connection, name, number))


@operation(
    "GET",
    "/api/plans/<name>/diff",
    summary="What changed between two versions of a plan",
    tag="plans",
    query=DifferenceQuery,
    responses={200: PlanDifference},
    resource="plan",
)
def differences(call: Call, name: str) -> dict[str, Any]:
    """Measures added and removed; by default by the newest version."""
    with call.city.database.read() as connection:
        after = store.get(connection, name, call.query.after)
        before = store.get(connection, name, call.query.before or max(after.number - 1, 1))
    found = difference(*(Plan.given(one.content, f"plan {name}") for one in (before, after)))
    return {"before": before.number, "after": after.number, **found}


@operation(
    "POST",
    "/api/plans/check",
    summary="What a plan would change, or what is wrong with it; nothing is saved",
    tag="plans",
    body=Plan,
    responses={200: PlanCheck},
    action="read",
    resource="plan",
)
def check(call: Call) -> dict[str, Any]:
    """The edits it compiles to, and where they are."""
    edits = asking.edits_of(call.city, call.registry, call.body)
    bounds = plan_places.bounds(call.city, edits)
    return {"ok": True, "hash": call.body.hash, "edits": [edit.as_dict() for edit in edits], "bounds": bounds}


def _saved(call: Call, plan: Plan, based_on: int) -> Response:
    """Append a version after ``based_on``; 0 for a plan that is not there yet."""
    content = plan.to_save()
    with call.city.database.write() as connection, _newest_shown(connection, plan.name):
        made = store.save(connection, plan.name, content, plan.hash, author=call.author, based_on=based_on)
    return _response(made, 201 if made.number == 1 else 200)


def _based_on(name: str) -> int:
    """The version that the client has seen; raises if it does not say."""
    if request.headers.get("If-None-Match", "").strip() == "*":
        return 0
    tag = request.headers.get("If-Match", "").strip()
    number = tag.removeprefix("W/").strip('"')
    if number.isascii() and number.isdigit() and len(number) < 10 and int(number):
        return int(number)
    error = ParameterError(
        "plan.no_precondition",
        "it is not said which version this one follows",
        where=f"plan {name}, header If-Match",
        expected='If-Match: "3" to save after version 3, or If-None-Match: * for a new plan',
        got=tag[:100] or "neither",
        remedy="get the plan, and send back the ETag that came with it",
    )
    raise Problem(error, 400 if tag else 428)


@contextlib.contextmanager
def _newest_shown(connection: Connection, name: str) -> Iterator[None]:
    """If somebody else saved meanwhile, show both states: the client has its own, the problem brings the other one."""
    try:
        yield
    except PlanError as fault:
        if fault.code != "plan.edited_meanwhile":
            raise
        raise Problem(fault, newest=_document(store.get(connection, name))) from None


def _document(one: PlanVersion) -> dict[str, Any]:
    return {
        "name": one.name,
        "version": one.number,
        "at": one.at.isoformat(),
        "author": one.author,
        "hash": one.hash,
        "plan": one.content,
    }


def _entry(one: PlanVersion) -> dict[str, Any]:
    return {
        "name": one.name,
        "title": one.content.get("title", ""),
        "version": one.number,
        "at": one.at.isoformat(),
        "author": one.author,
        "measures": len(one.content.get("measures", [])),
    }


def _response(one: PlanVersion, status: int = 200) -> Response:
    headers = {"Location": f"/api/plans/{one.name}"} if status == 201 else {}
    return json_response(_document(one), status, etag=str(one.number), headers=headers)
