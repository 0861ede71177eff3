"""Questions at the door: parameters, files, plan and needs are checked before anything is queued."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cim_core.errors import CimError, NotFoundError, ParameterError, PlanError, ScenarioError
from cim_core.plan import BASELINE, NAME, Edit, Plan
from servers.api.forms import file_fields
from servers.inputs import InputFiles

if TYPE_CHECKING:
    from cim_core.city import City
    from cim_core.registry import Registry

_SAVED = re.compile(rf"({NAME})(?:@(\d{{1,9}}))?")


def plan_given(city: City, given: Mapping[str, Any] | str | None) -> Plan:
    """A plan as JSON, a saved one by ``name`` or ``name@version``, or the city as it is for None and ``baseline``.

    Raises :class:`PlanError` or :class:`NotFoundError`. A name is never a path.
    """
    if given is None or given == BASELINE:
        return Plan.empty()
    if isinstance(given, str):
        return _saved(city, given)
    return Plan.given(given, "plan")


def _saved(city: City, name: str) -> Plan:
    from cim_core.store import plans

    match = _SAVED.fullmatch(name)
    if match is None:
        raise NotFoundError(
            "plan.not_saved",
            "no plan can have this name",
            where="plan",
            expected="the name of a saved plan, or name@version",
            got=name[:200],
            remedy="GET /api/plans lists the saved ones; a plan can also be given as JSON",
        )
    with city.database.read() as connection:
        found = plans.get(connection, match[1], int(match[2]) if match[2] else None)
    return Plan.given(found.content, f"plan {name}")


def edits_of(city: City, registry: Registry, plan: Plan) -> tuple[Edit, ...]:
    """The edits a plan stands for; raises :class:`PlanError` for whatever is wrong with it, its measures' code too."""
    try:
        return plan.compile(registry.measure_types(), city.find)
    except (PlanError, OSError):
        raise
    except (NotFoundError, ParameterError, ScenarioError) as fault:
        answers = {name: text for name, text in fault.as_dict().items() if name not in ("code", "what")}
        raise PlanError(fault.code, fault.what, **answers) from fault
    except CimError:
        raise
    except Exception as fault:  # a scenario's measure may raise anything
        raise PlanError(
            "plan.measure_failed",
            "a measure of the plan could not be read by its scenario",
            where=f"plan {plan.name}",
            expected="a measure that its scenario understands",
            got=f"{type(fault).__name__}: {fault}"[:500],
            remedy="change the measure added last; if it is right, report it to the scenario's author",
        ) from fault


def parameters_given(city: City, registry: Registry, analysis: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters with the names of input files turned into their paths.

    Only files of the city's ``inputs`` folder can be named: over HTTP nobody reads another file of this machine.
    """
    found = dict(given)
    files = InputFiles(city.root)
    for name in file_fields(registry.parameters(analysis)):
        value = found.get(name)
        if value is None or value == "":
            found.pop(name, None)
        elif isinstance(value, str):
            found[name] = files.find(value, name)
        else:
            raise ParameterError(
                "inputs.unknown",
                "a file is named by a text",
                where=f"parameter {name}",
                expected="the name of an input file",
                got=repr(value)[:200],
                remedy="use a name that GET /api/inputs lists",
            )
    return found


def shown_parameters(registry: Registry, analysis: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters as the world may see them: a file by its name, not by its place on this machine."""
    try:
        files = set(file_fields(registry.parameters(analysis)))
    except CimError:  # the scenario that made an old answer is gone: what looks like a path is taken for one
        files = {name for name, value in parameters.items() if isinstance(value, str) and Path(value).is_absolute()}
    return {
        name: Path(value).name if name in files and isinstance(value, str) else value
        for name, value in parameters.items()
    }
