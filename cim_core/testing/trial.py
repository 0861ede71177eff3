"""An analysis on trial: its runs on the tiny city, each made once."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from cim_core.city import City
from cim_core.errors import CimError
from cim_core.plan import Plan
from cim_core.question import Question, ask
from cim_core.registry import Registry, tree_digest
from cim_core.result import Bundle
from cim_core.runner import Runner
from cim_core.testing.examples import example_parameters
from cim_core.testing.tiny_city import tiny_city
from cim_core.testing.writes import written_outside
from cim_core.worker import answer

_RECORD = ("snapshots", "coverages")
"""Folders of a city in which only imports write."""
_OWN = ("tmp", "cache", "runs")
"""Folders of a city that hold an analysis' scratch, cache and out."""


@dataclass
class Trial:
    """Runs of one analysis with default parameters in cities of their own under ``work``."""

    analysis: str
    registry: Registry
    drop_in: Path | None
    work: Path
    outside: tuple[Path, ...] = ()
    """What the first run wrote where it may not."""

    @cached_property
    def city(self) -> City:
        """The tiny city it is tried on."""
        self.work.mkdir(parents=True, exist_ok=True)
        return tiny_city(self.work / "city")

    def question(self, seed: int) -> Question:
        """The question with default parameters."""
        parameters = example_parameters(self.registry.parameters(self.analysis))
        return ask(self.city, self.registry, self.analysis, parameters, plan=Plan.empty(), seed=seed)

    @cached_property
    def first(self) -> Bundle:
        """The answer for seed 1, computed in this process; fills :attr:`outside`."""
        folder, root = self.registry.analysis(self.analysis)[0].folder, self.city.root
        watched = {path: tree_digest(path) for path in (*(root / name for name in _RECORD), folder)}
        with written_outside([root / name for name in _OWN]) as outside:
            bundle = self._here("first", seed=1)
        changed = [path for path, digest in watched.items() if tree_digest(path) != digest]
        self.outside = (*outside, *changed)
        return bundle

    @cached_property
    def again(self) -> Bundle:
        """The same question answered by a worker process, under the limits of the manifest."""
        return Runner(self.city, self.registry, drop_in=self.drop_in).run(self.question(1))

    def with_seed(self, seed: int) -> Bundle:
        """The answer if the seed is handed down although the analysis is declared not to need it."""
        return self._here(f"seed {seed}", seed=seed)

    def cancelled(self) -> str:
        """How a run ends that is cancelled before it begins: an error's code, or ``a result``."""
        stop = threading.Event()
        stop.set()
        try:
            self._here("cancelled", seed=1, stop=stop)
        except CimError as fault:
            return fault.code
        return "a result"

    def _here(self, purpose: str, *, seed: int, stop: threading.Event | None = None) -> Bundle:
        question = self.question(seed)
        request: dict[str, Any] = question.request() | {"seed": seed}
        key = question.key | {"trial": purpose, "seed": seed}  # not the question's own run
        path = answer(
            self.city.root,
            None if self.drop_in is None else str(self.drop_in),
            request,
            key,
            report=lambda fraction, message: None,
            stop=stop or threading.Event(),
        )
        return Bundle.open(path)
