"""What manifests declare, as JSON documents: processes, figures, layers, tables."""

from __future__ import annotations

from typing import Any

from cim_core.city import City
from cim_core.errors import CimError
from cim_core.layers import STANDARD_LAYERS
from cim_core.registry import Registry, ScenarioRecord
from cim_core.scenario import AnalysisDeclaration, ColumnDeclaration, Manifest
from cim_core.schema import Text
from cim_core.units import symbol
from servers.api.forms import form_schema

REL = "http://www.opengis.net/def/rel/ogc/1.0/"
MARK_TITLES = {"elevation": Text(en="Elevation", zh="高程")}


def declared(declaration: AnalysisDeclaration) -> dict[str, Any]:
    """Titles and what figures, layers and tables mean; a :class:`servers.api.models.Declared`."""
    return {
        "titles": declaration.title.model_dump(),
        "descriptions": declaration.description.model_dump(),
        "stochastic": declaration.stochastic,
        "figures": {
            name: {
                "title": one.title.model_dump(),
                "unit": one.unit,
                "symbol": symbol(one.unit),
                "better": one.better,
                "description": one.description,
                "judged": one.judged,
            }
            for name, one in declaration.figures.items()
        },
        "layers": {
            name: {
                "title": one.title.model_dump(),
                "geometry": one.geometry,
                "show": one.show,
                "ids": one.ids,
                "columns": _columns(one.columns),
            }
            for name, one in declaration.layers.items()
        },
        "tables": {
            name: {"title": one.title.model_dump(), "pair_by": one.pair_by, "columns": _columns(one.columns)}
            for name, one in declaration.tables.items()
        },
    }


def _columns(columns: dict[str, ColumnDeclaration]) -> dict[str, Any]:
    return {
        name: {
            "title": one.title.model_dump(),
            "unit": one.unit,
            "symbol": symbol(one.unit) if one.unit else "",
            "better": one.better,
            "compare": one.compare,
            "tolerance": one.tolerance,
        }
        for name, one in columns.items()
    }


def declared_now(registry: Registry, analysis: str) -> dict[str, Any] | None:
    """As :func:`declared`; None if the scenario that made an old answer is gone or broken."""
    try:
        return declared(registry.analysis(analysis)[1])
    except CimError:
        return None


def missing_needs(city: City, declaration: AnalysisDeclaration) -> list[str]:
    """Layers and coverages that the analysis needs and the city lacks."""
    needs = declaration.needs
    return [name for name in needs.layers if not city.has_layer(name)] + [
        name for name in needs.coverages if not city.has_coverage(name)
    ]


def _need_title(name: str) -> dict[str, str]:
    if name in STANDARD_LAYERS:
        return STANDARD_LAYERS[name].title.model_dump()
    return MARK_TITLES.get(name, Text(en=name, zh=name)).model_dump()


def summary(city: City, registry: Registry, process: str) -> dict[str, Any]:
    """A process in short. Nothing of the scenario is imported."""
    record, declaration = registry.analysis(process)
    missing = missing_needs(city, declaration)
    href = f"/api/processes/{process}"
    return {
        "id": process,
        "title": declaration.title.en,
        "description": declaration.description.en,
        "version": _manifest(record).version,
        "jobControlOptions": ["async-execute", "dismiss"],
        "outputTransmission": ["value"],
        "titles": declaration.title.model_dump(),
        "descriptions": declaration.description.model_dump(),
        "scenario": record.slug,
        "scenario_titles": _manifest(record).title.model_dump(),
        "stochastic": declaration.stochastic,
        "missing": missing,
        "missing_titles": [_need_title(name) for name in missing],
        "links": [
            {"href": href, "rel": "self", "type": "application/json", "title": "this analysis"},
            {"href": f"{href}/execution", "rel": REL + "execute", "type": "application/json", "title": "ask it"},
        ],
    }


def description(city: City, registry: Registry, process: str) -> dict[str, Any]:
    """A process in full. Raises the error of a scenario whose parameters cannot be loaded."""
    schema = form_schema(registry.parameters(process))
    required = schema.get("required", [])
    inputs = {
        name: {
            "title": field.get("title", name),
            "description": field.get("description", ""),
            "minOccurs": int(name in required),
            "maxOccurs": 1,
            "schema": field,
        }
        for name, field in schema.get("properties", {}).items()
    }
    answer = declared(registry.analysis(process)[1])
    return {
        **summary(city, registry, process),
        "inputs": inputs,
        "outputs": {"result": {"title": "the run's document", "schema": {"type": "object"}}},
        "parameters": schema,
        **{name: answer[name] for name in ("figures", "layers", "tables")},
    }


def scenario_entry(record: ScenarioRecord, label: str) -> dict[str, Any]:
    """A scenario as found; ``label`` tells two of one slug apart."""
    manifest = record.manifest
    return {
        "slug": label,
        "title": manifest.title.model_dump() if manifest else None,
        "origin": record.origin,
        "version": manifest.version if manifest else None,
        "analyses": [f"{record.slug}.{name}" for name in manifest.analyses] if manifest else [],
        "error": record.error.as_dict() if record.error else None,
    }


def _manifest(record: ScenarioRecord) -> Manifest:
    assert record.manifest is not None  # noqa: S101 - Registry.analysis found its declaration in it
    return record.manifest
