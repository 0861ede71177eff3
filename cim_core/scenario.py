"""The plugin interface: a manifest that is data, and analyses that are functions.

A scenario is a folder ``<slug>/`` with ``manifest.toml``. Each analysis is
``def analysis(city, parameters, context) -> Result`` with a Pydantic model of its parameters.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from cim_core.errors import JobError, ScenarioError
from cim_core.plan import faults
from cim_core.result import Result
from cim_core.schema import GeometryKind, Text
from cim_core.units import UNITS

if TYPE_CHECKING:
    from cim_core.city import City

API_VERSION = 1
_NAME = r"^[a-z][a-z0-9_]{0,39}$"
Better = Literal["lower", "higher", "neither"]


class _Declaration(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FigureDeclaration(_Declaration):
    """A figure: its unit, and which direction is better."""

    title: Text
    unit: str
    better: Better = "neither"
    description: str = ""
    judged: bool = True
    """Whether it is one of the figures a comparison is about; the others (counts that must add up, diagnostics of the
    method) are corrected for multiple testing among themselves, so that they do not blunt the judgement."""
    same_within: float | None = None
    """A comparison warns if the two sides differ by more than this share: their means are not of the same demand."""

    @field_validator("unit")
    @classmethod
    def _known(cls, unit: str) -> str:
        if unit not in UNITS:
            raise ValueError(f"unit {unit!r} is not one of {', '.join(UNITS)}")
        return unit


class ColumnDeclaration(_Declaration):
    """A column of an output layer or table."""

    title: Text
    unit: str = ""
    better: Better = "neither"
    compare: bool = False
    """Whether a comparison pairs this column row by row over the index (layers) or ``pair_by`` (tables)."""
    tolerance: float = 0.0
    """Differences of a row up to this much count as unchanged."""


class LayerDeclaration(_Declaration):
    """An output layer; rows of two runs of one seed belong together when their ids are equal."""

    title: Text
    geometry: GeometryKind
    columns: dict[str, ColumnDeclaration] = {}
    show: str | None = None
    """The column a map shows first."""
    ids: Literal["feature", "seed"] = "feature"
    """What a row's id names: a feature of the city, the same in every run; or something drawn by the seed (a trip)."""


class TableDeclaration(_Declaration):
    """An output table; ``pair_by`` names the column that pairs rows of two runs."""

    title: Text
    pair_by: str | None = None
    columns: dict[str, ColumnDeclaration] = {}


class Needs(_Declaration):
    """What the city must have; every snapshot named here counts into the run's identity."""

    layers: tuple[str, ...] = ()
    optional_layers: tuple[str, ...] = ()
    coverages: tuple[str, ...] = ()
    optional_coverages: tuple[str, ...] = ()
    layer_parameters: tuple[str, ...] = ()
    """Parameters whose value names a layer that is read: needed, and counted, as those in ``layers``."""

    def layers_of(self, parameters: BaseModel) -> tuple[str, ...]:
        """The layers that a question with these parameters needs."""
        return (*self.layers, *(str(getattr(parameters, name)) for name in self.layer_parameters))


class AnalysisDeclaration(_Declaration):
    """One analysis: entry points as ``module:name`` inside the scenario's package."""

    title: Text
    description: Text
    function: str
    parameters: str
    needs: Needs = Needs()
    stochastic: bool = False
    """Whether the seed changes the answer; if not, one run stands for every seed."""
    timeout_s: float = 3600
    memory_mb: int = 8000
    engines: tuple[str, ...] = ()
    """Distributions whose versions count into the run's identity."""
    figures: dict[str, FigureDeclaration] = {}
    layers: dict[str, LayerDeclaration] = {}
    tables: dict[str, TableDeclaration] = {}


class MeasureDeclaration(_Declaration):
    """A measure type: its title and its model as ``module:Class``."""

    title: Text
    model: str


class Manifest(_Declaration):
    """A scenario's ``manifest.toml``."""

    slug: str = Field(pattern=_NAME)
    version: str
    api: int
    title: Text
    description: Text
    analyses: dict[str, AnalysisDeclaration] = {}
    measures: dict[str, MeasureDeclaration] = {}

    @classmethod
    def read(cls, path: Path) -> Manifest:
        """Read and check a manifest without importing the scenario; raises :class:`ScenarioError`."""
        try:
            manifest = cls.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
            raise ScenarioError(
                "scenario.manifest_unreadable",
                "the manifest cannot be read",
                where=str(path),
                expected="a TOML file",
                got=str(fault),
                remedy="mend the file; `cim scenario check DIR` tells when it is right",
            ) from None
        except ValidationError as fault:
            raise ScenarioError(
                "scenario.manifest_invalid",
                "the manifest has fields that do not fit",
                where=str(path),
                expected="the fields of docs/reference/manifest.md",
                got=faults(fault),
                remedy="mend the fields named",
            ) from None
        if manifest.api != API_VERSION or manifest.slug != path.parent.name:
            raise ScenarioError(
                "scenario.manifest_mismatch",
                "the manifest belongs to another folder or interface",
                where=str(path),
                expected=f"slug = {path.parent.name!r}, api = {API_VERSION}",
                got=f"slug = {manifest.slug!r}, api = {manifest.api}",
                remedy="give folder and slug the same name, and the interface version this server speaks",
            )
        return manifest


class Cache(Protocol):
    """Files that cost time to make and follow from a key alone (a net, a graph)."""

    def get(self, kind: str, key: object, build: Callable[[Path], None]) -> Path:
        """The directory for a JSON-like key; on a miss, ``build(directory)`` fills it, atomically and once."""


@dataclass
class Context:
    """What an analysis gets besides city and parameters.

    Attributes
    ----------
    seed
        The run's one seed.
    scratch, out
        A private directory that is removed afterwards; the directory whose files become part of the result.
    baseline
        The same city without the plan: what both sides of a comparison share is drawn from it.
    cache
        Shared between runs.
    """

    seed: int
    scratch: Path
    out: Path
    baseline: City
    cache: Cache
    report: Callable[[float, str], None] = lambda fraction, message: None
    cancelled: Callable[[], bool] = lambda: False

    def progress(self, fraction: float, message: str) -> None:
        """Say how far the work is (0 to 1); raises :class:`JobError` when the job was cancelled."""
        if self.cancelled():
            raise JobError("job.cancelled", "the job was cancelled", remedy="start it again when it is wanted")
        self.report(min(max(fraction, 0.0), 1.0), message)


Analysis = Callable[["City", BaseModel, Context], Result]


def undeclared(given: Iterable[str], declared: Iterable[str]) -> set[str]:
    """Names in a result that the manifest does not know."""
    return set(given) - set(declared)
