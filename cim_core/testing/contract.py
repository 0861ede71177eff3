"""The contract of a scenario, as checks that its author runs: ``cim scenario check DIR``, or under pytest::

    from cim_core.testing.contract import CHECKS, findings
    from cim_core.testing.subject import Subject

    @pytest.fixture(scope="module")
    def subject(tmp_path_factory):
        return Subject.of_folder(Path("my_scenario"), tmp_path_factory.mktemp("contract"))

    @pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
    def test_contract(subject, check):
        assert findings(subject, check) == []

Each check yields one sentence for each breach. The analyses run on the tiny synthetic city with default parameters.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from cim_core.canonical import canonical_json
from cim_core.errors import CimError
from cim_core.plan import Edit, Measure, Plan, parse_measure
from cim_core.scenario import AnalysisDeclaration
from cim_core.schema import Text
from cim_core.testing.examples import example_measures, example_parameters
from cim_core.testing.subject import Subject
from cim_core.testing.trial import Trial
from cim_core.units import UNITS

Check = Callable[[Subject], Iterator[str]]


def manifest_reads(subject: Subject) -> Iterator[str]:
    """The manifest is sound, and offers something."""
    manifest = subject.manifest
    if not (manifest.analyses or manifest.measures):
        yield "manifest.toml offers neither an analysis nor a measure"


def texts_in_both_languages(subject: Subject) -> Iterator[str]:
    """Every text for people has words in English and Chinese."""
    for where, text in _texts(subject.manifest, "manifest"):
        for language in ("en", "zh"):
            if not getattr(text, language).strip():
                yield f"{where}: the text has no words in {language!r}"


def units_are_known(subject: Subject) -> Iterator[str]:
    """Columns declare units of the table of units; figures are held to it by the manifest itself."""
    for analysis, declaration in subject.manifest.analyses.items():
        for kind in ("layers", "tables"):
            for name, one in getattr(declaration, kind).items():
                for column, declared in one.columns.items():
                    if declared.unit and declared.unit not in UNITS:
                        yield f"{analysis}.{kind}.{name}.{column}: unit {declared.unit!r} is not in cim_core.units"
        for name, layer in declaration.layers.items():
            if layer.show is not None and layer.show not in layer.columns:
                yield f"{analysis}.layers.{name}: shows column {layer.show!r}, which it does not declare"


def entry_points_load(subject: Subject) -> Iterator[str]:
    """Functions are callable, parameters are Pydantic models."""
    for name, declaration in subject.manifest.analyses.items():
        if not callable(subject.record.load(declaration.function)):
            yield f"{name}: {declaration.function} is not a function"
        model = subject.record.load(declaration.parameters)
        if not (isinstance(model, type) and issubclass(model, BaseModel)):
            yield f"{name}: {declaration.parameters} is not a pydantic.BaseModel"


def parameters_explain_themselves(subject: Subject) -> Iterator[str]:
    """Each parameter has a description, and a default or an example; the JSON schema builds and is JSON."""
    for name, declaration in subject.manifest.analyses.items():
        model = subject.record.load(declaration.parameters)
        json.dumps(model.model_json_schema())
        for field, known in model.model_fields.items():
            if not known.description:
                yield f"{name}: parameter {field} has no description"
        checked = model.model_validate(example_parameters(model))
        if model.model_validate(checked.model_dump(mode="json")) != checked:
            yield f"{name}: parameters do not survive JSON: {checked!r}"


def measures_compile(subject: Subject) -> Iterator[str]:
    """Measures are of their type, survive a plan file, and compile to the same edits before and after."""
    for kind, declaration in subject.manifest.measures.items():
        model = subject.record.load(declaration.model)
        if not (isinstance(model, type) and issubclass(model, Measure)):
            yield f"measure {kind}: {declaration.model} is not a cim_core.plan.Measure"
            continue
        if getattr(model, "kind", None) != kind:
            yield f"measure {kind}: its class says kind = {getattr(model, 'kind', None)!r}"
        for measure in example_measures(model, kind):
            yield from _round_trip(measure, kind, model)


def runs_as_declared(subject: Subject) -> Iterator[str]:
    """With default parameters an analysis gives exactly the figures, layers and tables that it declares."""
    for name, trial in subject.trials.items():
        content = trial.first.content
        for kind in ("figures", "layers", "tables"):
            absent = set(getattr(subject.manifest.analyses[name], kind)) - set(content[kind])
            if absent:
                yield f"{name}: declared but not returned with default parameters: {kind} {', '.join(sorted(absent))}"
        yield from _layers_fit(name, subject.manifest.analyses[name], trial)


def same_seed_same_figures(subject: Subject) -> Iterator[str]:
    """The same question gives the same figures in another process."""
    for name, trial in subject.trials.items():
        yield from _differences(f"{name}: the same seed, asked again,", trial.first.content, trial.again.content)


def seed_matters_only_if_declared(subject: Subject) -> Iterator[str]:
    """An analysis that is not declared stochastic gives the same figures for another seed."""
    for name, trial in subject.trials.items():
        if not subject.manifest.analyses[name].stochastic:
            told = f"{name}: stochastic = false, but another seed"
            yield from _differences(told, trial.first.content, trial.with_seed(2).content)


def writes_only_where_it_may(subject: Subject) -> Iterator[str]:
    """Nothing is written but to context.scratch, context.out and the cache; the city's data stay untouched."""
    for name, trial in subject.trials.items():
        _ = trial.first
        for path in trial.outside:
            yield f"{name}: writes {path}; use context.scratch, context.out or context.cache"


def stops_when_cancelled(subject: Subject) -> Iterator[str]:
    """A cancelled run ends at its first word of progress, with the error of the context."""
    for name, trial in subject.trials.items():
        ended = trial.cancelled()
        if ended != "job.cancelled":
            yield f"{name}: cancelled, it ended with {ended}; call context.progress and let its error through"


CHECKS: tuple[Check, ...] = (
    manifest_reads,
    texts_in_both_languages,
    units_are_known,
    entry_points_load,
    parameters_explain_themselves,
    measures_compile,
    runs_as_declared,
    same_seed_same_figures,
    seed_matters_only_if_declared,
    writes_only_where_it_may,
    stops_when_cancelled,
)


def findings(subject: Subject, check: Check) -> list[str]:
    """The breaches that one check finds; an error on the way is one too."""
    found: list[str] = []
    try:
        found.extend(check(subject))
    except CimError as fault:
        found.append(f"{check.__name__}: {fault}")
    except Exception as fault:  # noqa: BLE001 - an author's code may raise anything
        found.append(f"{check.__name__}: {type(fault).__name__}: {fault}")
    return found


def check_folder(folder: Path) -> list[str]:
    """Every breach of the contract by the scenario in a folder; empty if it keeps it.

    Checks that need a sound manifest and modules are left out while those are broken.
    """
    with tempfile.TemporaryDirectory(prefix="cim-check-") as work:
        subject = Subject.of_folder(folder, Path(work))
        found: list[str] = []
        for check in CHECKS:
            breaches = findings(subject, check)
            found += breaches
            if breaches and check in (manifest_reads, entry_points_load):
                break
        return found


def _texts(model: BaseModel, where: str) -> Iterator[tuple[str, Text]]:
    for name in type(model).model_fields:
        yield from _texts_in(getattr(model, name), f"{where}.{name}")


def _texts_in(value: Any, where: str) -> Iterator[tuple[str, Text]]:
    if isinstance(value, Text):
        yield where, value
    elif isinstance(value, BaseModel):
        yield from _texts(value, where)
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from _texts_in(one, f"{where}.{key}")


def _round_trip(measure: Measure, kind: str, model: type[Measure]) -> Iterator[str]:
    raw = measure.model_dump(mode="json", by_alias=True, exclude_none=True)
    plan = Plan(plan="contract", measures=(raw,))
    again = parse_measure(Plan.parse(plan.dumps(), "contract").measures[0], {kind: model}, "contract")
    first, second = (one.compile(lambda layer, name: (f"{layer}:{name}",)) for one in (measure, again))
    if again != measure or first != second:
        yield f"measure {kind}: it reads differently after a plan file: {measure!r}, {again!r}"
    if not first or not all(isinstance(edit, Edit) and edit.features for edit in first):
        yield f"measure {kind}: {raw} compiles to no edit of a feature"
    for edit in first:
        canonical_json(edit.as_dict())


def _layers_fit(name: str, declaration: AnalysisDeclaration, trial: Trial) -> Iterator[str]:
    for layer, declared in declaration.layers.items():
        if layer not in trial.first.content["layers"]:
            continue
        frame = trial.first.layer(layer)
        kinds = {kind.removeprefix("Multi") for kind in frame.geometry.dropna().geom_type}
        if declared.geometry not in ("Any", "None") and kinds - {declared.geometry}:
            yield f"{name}: layer {layer} has {', '.join(sorted(kinds))}, declared is {declared.geometry}"
        if frame.crs != trial.city.crs:
            yield f"{name}: layer {layer} is not in the city's working CRS"
        if frame.index.has_duplicates:
            yield f"{name}: layer {layer} repeats ids, e.g. {frame.index[frame.index.duplicated()][0]}"


def _differences(told: str, first: Any, second: Any) -> Iterator[str]:
    names = sorted(set(first["figures"]) | set(second["figures"]))
    other = [name for name in names if first["figures"].get(name) != second["figures"].get(name)]
    if other:
        name = other[0]
        yield (
            f"{told} gives other figures: {', '.join(other)} ({name}: {first['figures'].get(name)} and "
            f"{second['figures'].get(name)})"
        )
