"""A question put to the city, and the identity of its answer: the run's hash."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from pydantic import AliasChoices, BaseModel, ValidationError

from cim_core.canonical import content_hash, file_hash
from cim_core.city import City
from cim_core.errors import CityError, EngineError, InputError, ParameterError
from cim_core.plan import Plan
from cim_core.registry import Registry, core_digest
from cim_core.result import RESULT_FORMAT
from cim_core.scenario import AnalysisDeclaration


@dataclass(frozen=True)
class Question:
    """An analysis with checked parameters, a plan and a seed, on one state of the city.

    Attributes
    ----------
    key
        Everything the answer stands on; its hash is the run.
    parameters
        JSON form of the parameters, defaults filled in.
    """

    analysis: str
    parameters: dict[str, Any]
    plan: Plan
    seed: int
    sequence: int
    key: dict[str, Any]

    @property
    def run(self) -> str:
        """Hash of the run."""
        return content_hash(self.key)

    @property
    def experiment(self) -> str:
        """Hash of the question without its seed."""
        return content_hash({name: value for name, value in self.key.items() if name != "seed"})

    def request(self) -> dict[str, Any]:
        """What a worker needs to answer it, as JSON."""
        return {
            "analysis": self.analysis,
            "parameters": self.parameters,
            "plan": self.plan.model_dump(mode="json", by_alias=True),
            "seed": self.seed,
            "sequence": self.sequence,
        }


def ask(
    city: City, registry: Registry, analysis: str, parameters: Mapping[str, Any], *, plan: Plan, seed: int
) -> Question:
    """Check a question and give it its identity. Nothing is computed.

    Raises
    ------
    NotFoundError
        No such analysis.
    ParameterError
        Parameters or seed that do not fit.
    CityError
        The city lacks what the analysis needs.
    """
    record, declaration = registry.analysis(analysis)
    model = check_parameters(registry.parameters(analysis), parameters, analysis)
    check_needs(city, declaration, analysis, model)
    seed = _checked_seed(seed) if declaration.stochastic else 0
    key = {
        "format": RESULT_FORMAT,
        "analysis": analysis,
        "scenario_version": record.manifest.version if record.manifest else "",
        "parameters": _identity(model),
        "plan": plan.hash,
        "snapshots": _snapshots(city, declaration, model),
        "crs": city.record.crs,
        "timezone": city.timezone,
        "code": {"scenario": record.digest, "core": core_digest(), "measures": _measure_code(registry, plan)},
        "engines": {name: _engine_version(name, analysis) for name in declaration.engines},
        "observations": None,
        "seed": seed,
    }
    return Question(analysis, _absolute(model), plan, seed, city.sequence, key)


def check_parameters(model: type[BaseModel], given: Mapping[str, Any], analysis: str) -> BaseModel:
    """Parameters as their model reads them; raises :class:`ParameterError` that names every fault."""
    known = [request_name(model, name) for name in model.model_fields]
    unknown = [name for name in given if name not in known]
    if unknown:
        near = difflib.get_close_matches(unknown[0], known, n=1, cutoff=0.5)
        raise ParameterError(
            "parameter.unknown",
            f"{analysis} has no parameter {unknown[0]!r}",
            where=f"-p {unknown[0]}",
            expected=", ".join(known),
            got=unknown[0],
            remedy=f"did you mean {near[0]}?" if near else "use one of the parameters named",
        )
    try:
        return model.model_validate(dict(given))
    except ValidationError as fault:
        rows = fault.errors()
        raise ParameterError(
            "parameter.invalid",
            "parameters do not fit",
            where=", ".join(f"parameter {'.'.join(map(str, row['loc']))}" for row in rows),
            expected="; ".join(str(row["msg"]).removeprefix("Value error, ") for row in rows),
            got="; ".join(repr(row.get("input")) for row in rows),
            remedy=f"correct them; `cim scenario list {analysis}` describes each parameter",
        ) from None


def request_name(model: type[BaseModel], field: str) -> str:
    """What a question calls a field of its parameters: its alias if it has one, as the model's JSON Schema says it.

    There is one name for each, so that who checks a question by its names misses none.
    """
    info = model.model_fields[field]
    alias = info.validation_alias
    if isinstance(alias, AliasChoices):
        alias = alias.choices[0]
    return alias if isinstance(alias, str) else info.alias or field


def check_needs(city: City, declaration: AnalysisDeclaration, analysis: str, parameters: BaseModel) -> None:
    """Raise :class:`CityError` if a layer or coverage that the analysis needs is missing."""
    missing = [f"layer {name}" for name in declaration.needs.layers_of(parameters) if not city.has_layer(name)]
    missing += [f"coverage {name}" for name in declaration.needs.coverages if not city.has_coverage(name)]
    if missing:
        raise CityError(
            "city.lacks_needs",
            f"{analysis} needs what the city does not have",
            where=str(city.root),
            expected=", ".join(missing),
            got=", ".join(city.versions) or "an empty city",
            remedy="import it first: `cim import osm FILE`, `cim import raster FILE --layer NAME`",
        )


def _checked_seed(seed: int) -> int:
    if not 0 <= seed < 2**31:
        raise ParameterError(
            "parameter.seed",
            "the seed is out of range",
            where="--seed",
            expected="a whole number from 0 to 2147483647",
            got=str(seed),
            remedy="use a small number such as 1",
        )
    return seed


def _identity(model: BaseModel) -> dict[str, Any]:
    """Parameters as they count: a file counts by its content, not by its name."""
    plain = model.model_dump(mode="json")
    for name in type(model).model_fields:
        value = getattr(model, name)
        if isinstance(value, Path):
            plain[name] = {"sha256": _file_identity(value, name)}
    return plain


def _absolute(model: BaseModel) -> dict[str, Any]:
    """JSON by the names that questions use, so that a worker reads it as it was asked; files by their whole path."""
    plain = model.model_dump(mode="json") | {n: str(v.resolve()) for n, v in model if isinstance(v, Path)}
    return {request_name(type(model), name): value for name, value in plain.items()}


def _file_identity(path: Path, name: str) -> str:
    try:
        return file_hash(path)
    except OSError as fault:
        raise InputError(
            "parameter.file",
            "a file that was named cannot be read",
            where=f"parameter {name}",
            expected="a readable file",
            got=f"{path}: {fault.strerror}",
            remedy="check the path",
        ) from None


def _measure_code(registry: Registry, plan: Plan) -> dict[str, str]:
    """Measure type → digest of the scenario that says what it does."""
    types = {str(measure.get("type")) for measure in plan.measures}
    owners = (
        (name, one) for one in registry.sound.values() for name in (one.manifest.measures if one.manifest else ())
    )
    return {name: one.digest for name, one in owners if name in types}


def _engine_version(name: str, analysis: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        raise EngineError(
            "engine.missing",
            f"the engine {name} is not installed",
            where=analysis,
            expected=f"the package {name} of requirements.lock",
            got="no such package",
            remedy="run `make env`, or install the packages of requirements.lock",
        ) from None


def _snapshots(city: City, declaration: AnalysisDeclaration, parameters: BaseModel) -> dict[str, str | None]:
    needs = declaration.needs
    names = (*needs.layers_of(parameters), *needs.optional_layers, *needs.coverages, *needs.optional_coverages)
    return {name: city.layer_hash(name) if name in city.versions else None for name in names}
