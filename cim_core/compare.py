"""Comparing two plans: the question, checked; the same seeds on both sides; the runs that are missing."""

from __future__ import annotations

import concurrent.futures
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cim_core import comparison
from cim_core.canonical import content_hash
from cim_core.city import City
from cim_core.comparison import Comparison, Pair, comparison_path, values
from cim_core.errors import ParameterError
from cim_core.plan import Plan
from cim_core.question import Question, ask
from cim_core.registry import Registry
from cim_core.result import Bundle
from cim_core.runner import Report, Runner, quiet
from cim_core.scenario import AnalysisDeclaration

MOST_SEEDS = 30
__all__ = ["Comparison", "ComparisonQuestion", "Experiment", "answer", "ask_comparison", "compare", "comparison_path"]


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
class ComparisonQuestion:
    """A checked comparison that was not computed yet.

    Attributes
    ----------
    identity
        Hash of what is asked: a job has one open job for each.
    comparison
        Id that the answer will have; None if the figures decide how many pairs there will be.
    request
        What a supervisor needs to answer it, as JSON.
    """

    analysis: str
    identity: str
    comparison: str | None
    request: dict[str, Any]

    def answer(self, root: Path) -> Comparison | None:
        """The finished comparison, if it is known to be there."""
        return None if self.comparison is None else Comparison.find(root, self.comparison)


def ask_comparison(
    city: City,
    registry: Registry,
    analysis: str,
    parameters: Mapping[str, Any],
    *,
    plan: Plan,
    against: Plan | None = None,
    seeds: int = 5,
    precision: float | None = None,
) -> ComparisonQuestion:
    """Check a comparison as a whole and give it its identity. Nothing is computed.

    Raises
    ------
    NotFoundError, ParameterError, CityError
        As :func:`cim_core.question.ask`; the number of seeds or the precision is out of range.
    PlanError
        A plan has measures that do not fit, contradict each other, or name what the city does not have.
    """
    sides = [against or Plan.empty(), plan]
    declaration = registry.analysis(analysis)[1]
    first_side, second_side = (Experiment(analysis, parameters, side) for side in sides)
    _check(first_side, second_side, seeds, declaration, precision)
    for side in sides:
        side.compile(registry.measure_types(), city.find)
    first, second = (ask(city, registry, analysis, parameters, plan=side, seed=1) for side in sides)
    names = [side.name for side in sides]
    drawn = list(range(1, seeds + 1)) if declaration.stochastic else [0]
    runs = [[content_hash(question.key | {"seed": seed}) for question in (first, second)] for seed in drawn]
    request = {
        "analysis": analysis,
        "parameters": second.parameters,
        "plan": second.plan.model_dump(mode="json", by_alias=True),
        "against": first.plan.model_dump(mode="json", by_alias=True),
        "seeds": seeds,
        "precision": precision,
        "sequence": city.sequence,
    }
    identity = content_hash([runs, names, precision])
    return ComparisonQuestion(analysis, identity, identity if precision is None else None, request)


def answer(runner: Runner, request: Mapping[str, Any], report: Report = quiet) -> Comparison:
    """Answer a comparison's request on the runner's city."""
    against, plan = (
        Experiment(request["analysis"], request["parameters"], Plan.model_validate(request[side]))
        for side in ("against", "plan")
    )
    numbers = {name: request[name] for name in ("seeds", "precision")}
    return compare(runner, runner.city, against, plan, **numbers, report=report)


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
    _check(baseline, plan, seeds, declaration, precision)
    started = time.monotonic()
    wanted = seeds if declaration.stochastic else 1
    progress = _Progress(report)
    pairs = _run(runner, city, (baseline, plan), range(1, wanted + 1), progress)
    while precision is not None and _another(pairs, declaration, precision):
        pairs += _run(runner, city, (baseline, plan), [len(pairs) + 1], progress)
    waited = time.monotonic() - started
    report(1.0, "comparing")
    plans = (baseline.plan, plan.plan)
    return comparison.write(city.root, declaration, plans, pairs, precision=precision, waited=waited)


def _check(
    baseline: Experiment, plan: Experiment, seeds: int, declaration: AnalysisDeclaration, precision: float | None
) -> None:
    if baseline.analysis != plan.analysis or not 2 <= seeds <= MOST_SEEDS:
        raise ParameterError(
            "compare.parameters",
            "these cannot be compared",
            where="cim compare",
            expected=f"one analysis, 2 to {MOST_SEEDS} seeds",
            got=f"{baseline.analysis} and {plan.analysis}, {seeds} seeds",
            remedy="five seeds are a good beginning",
        )
    if precision is not None and not 0 < precision <= 1:
        raise ParameterError(
            "compare.precision",
            "the precision is no share",
            where="precision",
            expected="above 0 and at most 1, such as 0.02 for 2 %",
            got=f"{precision}",
            remedy="ask for 0.02, or for none",
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


def _another(pairs: Sequence[Pair], declaration: AnalysisDeclaration, precision: float) -> bool:
    from cim_core.analysis.statistics import another_seed, paired_difference

    judged = [name for name, figure in declaration.figures.items() if figure.judged and figure.better != "neither"]
    found = [paired_difference(values(pairs, 0, name), values(pairs, 1, name)) for name in judged]
    found = [one for one in found if one.pairs and one.baseline]  # a share of nothing says nothing
    return declaration.stochastic and another_seed(found, len(pairs), share=precision)
