"""OGC API Processes: what can be asked of the city, and asking it."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from servers.api import asking, declarations, inputs
from servers.api.forms import file_fields, form_schema
from servers.api.input_values import plain_inputs
from servers.api.jobs import Asked, page_link, submitted
from servers.api.models_processes import (
    Execute,
    ProcessDescription,
    ProcessList,
    ProcessQuery,
    ScenarioList,
    StatusInfo,
)
from servers.api.operations import Api, Call, operation


def register(api: Api) -> None:
    """Processes, scenarios, and the input files that processes read."""
    api.add(processes, process, execution, scenarios)
    inputs.register(api)


@operation(
    "GET",
    "/api/processes",
    summary="What can be asked of the city",
    tag="processes",
    query=ProcessQuery,
    responses={200: ProcessList},
    resource="process",
)
def processes(call: Call) -> dict[str, Any]:
    """All analyses of sound scenarios, each with what the city lacks for it."""
    city, query = call.city, call.query
    known = list(call.registry.analyses())
    start = 0 if query.after is None else query.after + 1
    shown = known[start : start + query.limit]
    links = [page_link(call, "/api/processes", "self", after=query.after)]
    if start + len(shown) < len(known):
        links.append(page_link(call, "/api/processes", "next", after=start + len(shown) - 1, limit=query.limit))
    return {"processes": [declarations.summary(city, call.registry, name) for name in shown], "links": links}


@operation(
    "GET",
    "/api/processes/<process>",
    summary="One analysis: its parameters, and what its answers mean",
    tag="processes",
    responses={200: ProcessDescription},
    resource="process",
)
def process(call: Call, process: str) -> dict[str, Any]:
    """The form of an analysis, generated from its declaration and its parameter model."""
    return declarations.description(call.city, call.registry, process)


@operation(
    "POST",
    "/api/processes/<process>/execution",
    summary="Ask a question; a job answers it, at once if the answer is known",
    tag="processes",
    body=Execute,
    responses={201: StatusInfo},
    action="run",
    resource="process",
)
def execution(call: Call, process: str) -> Response:
    """Check the question as a whole, then queue it. Nothing is queued for what does not fit."""
    from cim_core.question import ask
    from cim_core.result import Bundle

    city, known = call.city, call.registry
    known.analysis(process)
    plan = asking.plan_given(city, call.body.plan)
    asking.edits_of(city, known, plan)
    given = asking.parameters_given(city, known, process, _inputs(call, process))
    question = ask(city, known, process, given, plan=plan, seed=call.body.seed)
    asked = question.request() | {"key": question.key, "response": call.body.response}
    found = question.run if Bundle.find(city.root, question.run) is not None else None
    return submitted(call, Asked(process, question.run, asked, "run"), found)


def _inputs(call: Call, process: str) -> dict[str, Any]:
    """The inputs of the request as bare values."""
    model = call.registry.parameters(process)
    fields = form_schema(model).get("properties", {})
    objects = [name for name, field in fields.items() if field.get("type") == "object" or "$ref" in field]
    return plain_inputs(
        call.body.inputs, root=call.city.root, host=request.host, files=file_fields(model), objects=objects
    )


@operation(
    "GET",
    "/api/scenarios",
    summary="Scenarios as found, the broken ones too",
    tag="processes",
    responses={200: ScenarioList},
    resource="process",
)
def scenarios(call: Call) -> dict[str, Any]:
    """Each scenario with its analyses, or with the error that keeps it out."""
    found = call.registry.records
    return {"scenarios": [declarations.scenario_entry(record, label) for label, record in sorted(found.items())]}
