"""Comparing two plans: the same seeds on both sides, the runs that are missing, paired differences, what changed."""

from __future__ import annotations

import concurrent.futures
import json
import re
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cim_core.canonical import content_hash
from cim_core.city import City
from cim_core.errors import ParameterError
from cim_core.plan import Plan
from cim_core.question import Question, ask
from cim_core.result import Bundle, write_json
from cim_core.runner import Report, Runner, quiet
from cim_core.scenario import AnalysisDeclaration
from cim_core.store.files import staged_directory

MOST_SEEDS = 30
SIDES = ("baseline", "plan")


@dataclass(frozen=True)
class Experiment:
    """A question without its seed."""

    analysis: str
    parameters: Mapping[str, Any]
    plan: Plan


@dataclass
class _Progress:
    """One fraction out of many runs that work at the same time, each in a thread; it never falls."""

    report: Report
    runs: int = 0
    highest: float = 0.0
    fractions: dict[str, float] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, run: str) -> Report:
        """The report of one run."""

        def update(fraction: float, message: str) -> None:
            with self.lock:
                self.fractions[run] = fraction
                done = sum(1 for part in self.fractions.values() if part >= 1)
                self.highest = max(self.highest, sum(self.fractions.values()) / self.runs)
                self.report(self.highest, f"{done} of {self.runs} runs done; {message}")

        return update


@dataclass(frozen=True)
class Comparison:
    """A finished comparison: its folder with ``comparison.json`` and the frames it names."""

    path: Path
    content: dict[str, Any]


def compare(
    runner: Runner,
    city: City,
    baseline: Experiment,
    plan: Experiment,
    *,
    seeds: int = 5,
    precision: float | None = None,
    report: Report = quiet,
) -> Comparison:
    """Run what is missing for seeds 1 … n on both sides and compare.

    Parameters
    ----------
    seeds
        Pairs to begin with.
    precision
        If given, pairs are added (at most 30 in all) until each figure's half-width is at most this share of its
        baseline. The interval is then somewhat too short; the result says so.

    Raises
    ------
    ParameterError
        The two sides differ in analysis, or the number of seeds is out of range.
    """
    _, declaration = runner.registry.analysis(plan.analysis)
    _check(baseline, plan, seeds, declaration)
    started = time.monotonic()
    wanted = seeds if declaration.stochastic else 1
    progress = _Progress(report)
    pairs = _run(runner, city, (baseline, plan), range(1, wanted + 1), progress)
    while precision is not None and _another(pairs, declaration, precision):
        pairs += _run(runner, city, (baseline, plan), [len(pairs) + 1], progress)
    waited = time.monotonic() - started
    report(1.0, "comparing")
    return _write(city, declaration, (baseline, plan), pairs, precision=precision, waited=waited)


Pair = tuple[Bundle, Bundle]


def _check(baseline: Experiment, plan: Experiment, seeds: int, declaration: AnalysisDeclaration) -> None:
    if baseline.analysis != plan.analysis or not 2 <= seeds <= MOST_SEEDS:
        raise ParameterError(
            "compare.parameters",
            "these cannot be compared",
            where="cim compare",
            expected=f"one analysis, 2 to {MOST_SEEDS} seeds",
            got=f"{baseline.analysis} and {plan.analysis}, {seeds} seeds",
            remedy="five seeds are a good beginning",
        )


def _run(
    runner: Runner, city: City, sides: tuple[Experiment, Experiment], seeds: Sequence[int], progress: _Progress
) -> list[Pair]:
    questions = [
        [ask(city, runner.registry, side.analysis, side.parameters, plan=side.plan, seed=seed) for side in sides]
        for seed in seeds
    ]
    flat = [pair[side] for side in range(2) for pair in questions]  # baselines first: plans may stand on their caches
    progress.runs += len({question.run for question in flat})
    bundles = _answers(runner, flat, progress)
    return [(bundles[first.run], bundles[second.run]) for first, second in questions]


def _answers(runner: Runner, questions: Sequence[Question], progress: _Progress) -> dict[str, Bundle]:
    """All answers, the runner's ``parallel`` at a time; the first failure stops the rest."""
    distinct = list({question.run: question for question in questions}.values())
    with runner.pool() as pool:
        futures = {pool.submit(runner.run, one, progress.of(one.run)): one.run for one in distinct}
        for future in concurrent.futures.as_completed(futures):
            future.result()
            progress.of(futures[future])(1.0, "")
        return {run: future.result() for future, run in futures.items()}


def _values(pairs: Sequence[Pair], side: int, figure: str) -> list[float | None]:
    return [pair[side].figures[figure].value for pair in pairs]


def _another(pairs: Sequence[Pair], declaration: AnalysisDeclaration, precision: float) -> bool:
    from cim_core.analysis.statistics import another_seed, paired_difference

    judged = [name for name, figure in declaration.figures.items() if figure.judged and figure.better != "neither"]
    found = [paired_difference(_values(pairs, 0, name), _values(pairs, 1, name)) for name in judged]
    found = [one for one in found if one.pairs and one.baseline]  # a share of nothing says nothing
    return declaration.stochastic and another_seed(found, len(pairs), share=precision)


def _write(
    city: City,
    declaration: AnalysisDeclaration,
    sides: tuple[Experiment, Experiment],
    pairs: list[Pair],
    *,
    precision: float | None,
    waited: float,
) -> Comparison:
    identity = [[[bundle.run for bundle in pair] for pair in pairs], [side.plan.name for side in sides], precision]
    target = city.root / "comparisons" / content_hash(identity)
    if not (target / "comparison.json").exists():
        with staged_directory(target, city.root) as aside:
            content = _content(declaration, sides, pairs, aside, precision)
            content["seconds"] = {"waited": round(waited, 3), "runs": _seconds(pairs), "stages": _stages(pairs)}
            write_json(aside / "comparison.json", content)
    return Comparison(target, json.loads((target / "comparison.json").read_text(encoding="utf-8")))


def _content(
    declaration: AnalysisDeclaration,
    sides: tuple[Experiment, Experiment],
    pairs: list[Pair],
    folder: Path,
    precision: float | None,
) -> dict[str, Any]:
    figures = _figures(declaration, pairs)
    first = pairs[0][1].content
    return {
        "analysis": first["analysis"],
        "parameters": first["parameters"],
        "plan": sides[1].plan.model_dump(mode="json", by_alias=True),
        "against": sides[0].plan.model_dump(mode="json", by_alias=True),
        "seeds": [int(pair[1].content["seed"]) for pair in pairs],
        "runs": [{side: bundle.run for side, bundle in zip(SIDES, pair, strict=True)} for pair in pairs],
        "stochastic": declaration.stochastic,
        "figures": figures,
        "layers": {name: _layer(declaration, name, pairs, folder) for name in _common(pairs, "layers")},
        "tables": {
            name: found for name in _common(pairs, "tables") if (found := _table(declaration, name, pairs, folder))
        },
        "facts": {side: pairs[0][i].content["facts"] for i, side in enumerate(SIDES)},
        "warnings": _warnings(declaration, pairs, figures, precision),
        "unused_edits": _distinct([row for pair in pairs for row in pair[1].content["unused_edits"]]),
        "unused_edits_against": _distinct([row for pair in pairs for row in pair[0].content["unused_edits"]]),
    }


def _seconds(pairs: Sequence[Pair]) -> dict[str, list[float]]:
    return {side: [float(pair[i].content["seconds"]) for pair in pairs] for i, side in enumerate(SIDES)}


def _stages(pairs: Sequence[Pair]) -> dict[str, float]:
    """Where the time of all runs together went, as the runs say it in the fact ``seconds``."""
    total: Counter[str] = Counter()
    for bundle in {bundle.run: bundle for pair in pairs for bundle in pair}.values():
        total.update(bundle.content["facts"].get("seconds", {}))
    return {name: round(seconds, 2) for name, seconds in total.items()}


def _common(pairs: Sequence[Pair], kind: str) -> list[str]:
    """Names that both sides of every pair can give, if need be as an empty frame."""
    names = [set(first.content[kind]) | set(second.content[kind]) for first, second in pairs]
    return sorted(set.intersection(*names))


def _distinct(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return list({content_hash(row): row for row in rows}.values())


def _figures(declaration: AnalysisDeclaration, pairs: Sequence[Pair]) -> dict[str, dict[str, Any]]:
    from cim_core.analysis.statistics import compare_figures

    declared = declaration.figures
    found: dict[str, Any] = {}
    for family in (True, False):
        names = [name for name, figure in declared.items() if figure.judged is family]
        found |= compare_figures(
            {name: _values(pairs, 0, name) for name in names},
            {name: _values(pairs, 1, name) for name in names},
            {name: declared[name].better for name in names},
            stochastic=declaration.stochastic,
        )
    return {name: {"unit": figure.unit, **found[name].as_dict()} for name, figure in declared.items()}


def _layer(declaration: AnalysisDeclaration, name: str, pairs: Sequence[Pair], folder: Path) -> dict[str, Any]:
    """Row by row means, differences and intervals of the compared columns; which rows are new or gone."""
    import numpy as np
    import pandas as pd

    from cim_core.analysis.statistics import clear_rows, paired_rows

    frames = [_both(pair, "layers", name) for pair in pairs]
    if declaration.layers[name].ids == "seed":
        frames = [
            [_with_seed(frame, pair[0].content["seed"]) for frame in both]
            for both, pair in zip(frames, pairs, strict=True)
        ]
    rows = frames[0][0].index
    for pair in frames:
        for frame in pair:
            rows = rows.union(frame.index)
    geometry = pd.concat([frame.geometry for pair in frames for frame in pair])
    merged = frames[0][0].iloc[:0][["geometry"]].reindex(rows)
    merged["geometry"] = geometry[~geometry.index.duplicated()].reindex(rows)
    columns = [column for column, declared in declaration.layers[name].columns.items() if declared.compare]
    for column in columns:
        both = [np.stack([pair[i][column].reindex(rows).to_numpy(float) for pair in frames]) for i in range(2)]
        found = paired_rows(*both)
        for part in ("baseline", "plan", "difference", "low", "high"):
            merged[f"{column}_{part}"] = getattr(found, part)
        certain = found.difference != 0
        merged[f"{column}_clear"] = (
            clear_rows(found.p) if declaration.stochastic else certain & np.isfinite(found.difference)
        )
    for i, side in enumerate(SIDES):
        merged[f"seeds_in_{side}"] = sum(rows.isin(pair[i].index).astype(int) for pair in frames)
    path = folder / f"layer_{name}.parquet"
    merged.reset_index(names="id").to_parquet(path, index=False, compression="zstd")
    new = [len(pair[1].index.difference(pair[0].index)) for pair in frames]
    gone = [len(pair[0].index.difference(pair[1].index)) for pair in frames]
    return {"frame": path.name, "columns": columns, "rows": len(merged), "new": _mean(new), "gone": _mean(gone)}


def _both(pair: Pair, kind: str, name: str) -> list[Any]:
    """A layer or table of both sides; a side that has none gives an empty one of the other's columns."""
    read = Bundle.layer if kind == "layers" else Bundle.table
    found = [read(bundle, name) if name in bundle.content[kind] else None for bundle in pair]
    present = next((frame for frame in found if frame is not None), None)
    if present is None:
        raise LookupError(name)
    return [present.iloc[:0] if frame is None else frame for frame in found]


def _with_seed(frame: Any, seed: int) -> Any:
    return frame.set_axis([f"seed {seed}: {row}" for row in frame.index])


def _mean(counts: Sequence[int]) -> float:
    return sum(counts) / len(counts)


def _table(declaration: AnalysisDeclaration, name: str, pairs: Sequence[Pair], folder: Path) -> dict[str, Any] | None:
    """Rows paired by the declared column within each seed: gained, lost, unchanged, on one side only."""
    import pandas as pd

    from cim_core.analysis.trips import paired_changes

    declared = declaration.tables[name]
    compared = [(column, one) for column, one in declared.columns.items() if one.compare]
    if declared.pair_by is None or not compared:
        return None
    column, one = compared[0]
    frames = [_both(pair, "tables", name) for pair in pairs]
    sides = [
        pd.concat({seed: pair[i].set_index(declared.pair_by)[column] for seed, pair in enumerate(frames)})
        for i in range(2)
    ]
    changes = paired_changes(*sides, better="lower" if one.better == "lower" else "higher", tolerance=one.tolerance)
    path = folder / f"table_{name}.parquet"
    changes.frame.rename_axis(["pair", declared.pair_by]).reset_index().to_parquet(
        path, index=False, compression="zstd"
    )
    return {"column": column, "unit": one.unit, "tolerance": one.tolerance, "frame": path.name, **changes.counts()}


def _gathered(pairs: Sequence[Pair]) -> list[str]:
    """The runs' warnings, each once with the side it is about; those that differ in numbers alone count as one."""
    first: dict[tuple[str, str], str] = {}
    for pair in pairs:
        for side, bundle in zip(SIDES, pair, strict=True):
            for text in bundle.content["warnings"]:
                first.setdefault((re.sub(r"\d[\d,.]*", "#", text), side), text)
    forms = dict.fromkeys(form for form, _ in first)
    gathered = []
    for form in forms:
        sides = [side for side in SIDES if (form, side) in first]
        same = len(sides) == 2 and first[form, SIDES[0]] == first[form, SIDES[1]]
        gathered += [first[form, sides[0]]] if same else [f"{side}: {first[form, side]}" for side in sides]
    return gathered


def _warnings(
    declaration: AnalysisDeclaration, pairs: Sequence[Pair], figures: Mapping[str, Any], precision: float | None
) -> list[str]:
    texts = _gathered(pairs)
    for name, declared in declaration.figures.items():
        row = figures[name]
        if declared.same_within is None or row["difference"] is None:
            continue
        share = row["difference"] / row["baseline"] if row["baseline"] else float(row["difference"] != 0)
        if abs(share) > declared.same_within:
            texts.append(
                f"the two sides do not serve the same demand: {name} differs by {share:+.1%}; "
                "means over those who were served hide those who were not"
            )
    if precision is not None:
        texts.append("seeds were added until the intervals were short enough: their true confidence is 92-95 %")
    return list(dict.fromkeys(texts))
