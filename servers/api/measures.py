"""Measure types, as the plan editor's forms need them."""

from __future__ import annotations

import inspect
from typing import Any

from cim_core.errors import ScenarioError
from cim_core.registry import Registry, ScenarioRecord
from cim_core.scenario import MeasureDeclaration
from servers.api.forms import form_schema
from servers.api.models_plans import MeasureList
from servers.api.operations import Api, Call, operation


def register(api: Api) -> None:
    """One listing."""
    api.add(measures)


@operation(
    "GET",
    "/api/measures",
    summary="Kinds of changes that a plan may hold, with their forms",
    tag="plans",
    responses={200: MeasureList},
    resource="plan",
)
def measures(call: Call) -> dict[str, Any]:
    """All measure types of all scenarios; those that cannot be loaded stand in ``broken`` with the error."""
    return measure_types(call.registry)


def measure_types(registry: Registry) -> dict[str, Any]:
    """Measure types in the order of the manifests, and the broken ones; a :class:`MeasureList`."""
    sound: dict[str, dict[str, Any]] = {}
    broken = []
    for record in registry.sound.values():
        for name, declaration in record.manifest.measures.items() if record.manifest else ():
            try:
                sound.setdefault(name, _measure_type(record, name, declaration))
            except ScenarioError as fault:
                title = declaration.title.model_dump()
                error = fault.as_dict()
                broken.append({"type": name, "title": title, "scenario": record.slug, "error": error})
    return {"measures": list(sound.values()), "broken": broken}


def _measure_type(record: ScenarioRecord, name: str, declaration: MeasureDeclaration) -> dict[str, Any]:
    model = record.load(declaration.model)
    schema = form_schema(model)
    fields = schema.get("properties", {})
    return {
        "type": name,
        "title": declaration.title.model_dump(),
        "description": inspect.cleandoc(model.__doc__ or "").partition("\n\n")[0],
        "scenario": record.slug,
        "scenario_titles": record.manifest.title.model_dump() if record.manifest else {"en": "", "zh": ""},
        "schema": schema,
        "targets": [{"field": field, "layer": one["layer"]} for field, one in fields.items() if "layer" in one],
    }
