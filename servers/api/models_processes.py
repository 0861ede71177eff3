"""Documents of processes, scenarios, input files and jobs."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from servers.api.models import Document, FigureDeclared, JsonObject, LayerDeclared, Link, TableDeclared, Text
from servers.api.operations import Body, Query


class ProcessSummary(Document):
    """An analysis as an OGC process, in short."""

    id: str
    title: str
    description: str
    version: str
    jobControlOptions: list[str]  # noqa: N815 - the standard's names
    outputTransmission: list[str]  # noqa: N815
    titles: Text
    descriptions: Text
    scenario: str
    scenario_titles: Text
    stochastic: bool
    missing: list[str]
    missing_titles: list[Text]
    links: list[Link]


class ProcessList(Document):
    """All analyses of sound scenarios."""

    processes: list[ProcessSummary]
    links: list[Link]


class ProcessDescription(ProcessSummary):
    """An analysis as an OGC process: parameters as a JSON Schema, and what its answers mean."""

    inputs: dict[str, JsonObject]
    outputs: dict[str, JsonObject]
    parameters: JsonObject
    figures: dict[str, FigureDeclared]
    layers: dict[str, LayerDeclared]
    tables: dict[str, TableDeclared]


class ScenarioEntry(Document):
    """A scenario as found, or the error that keeps it out."""

    slug: str
    title: Text | None
    origin: str
    version: str | None
    analyses: list[str]
    error: dict[str, str] | None


class ScenarioList(Document):
    """All scenarios found, the broken ones too."""

    scenarios: list[ScenarioEntry]


class Execute(Body):
    """A question: parameters, the plan as JSON or by its saved name (``name`` or ``name@3``), and a seed."""

    inputs: JsonObject = Field(default_factory=dict)
    plan: JsonObject | str | None = None
    seed: int = Field(default=1, ge=0, lt=2**31, strict=True)


class Compare(Body):
    """A comparison: one analysis, a plan against another one (the city as it is by default), and how many seeds."""

    analysis: str
    parameters: JsonObject = Field(default_factory=dict)
    plan: JsonObject | str
    against: JsonObject | str | None = None
    seeds: int = Field(default=5, ge=2, le=30, strict=True)
    precision: float | None = Field(default=None, gt=0, lt=1, strict=True)


class PlanName(Document):
    """Which plan."""

    name: str
    title: str


Status = Literal["accepted", "running", "successful", "failed", "dismissed"]


class StatusInfo(Document):
    """A job (OGC API Processes ``statusInfo``)."""

    jobID: str  # noqa: N815
    processID: str  # noqa: N815
    type: Literal["process"] = "process"
    kind: Literal["run", "comparison"]
    status: Status
    progress: int = Field(ge=0, le=100)
    message: str
    created: str
    started: str | None
    finished: str | None
    updated: str
    title: Text
    plan: PlanName
    against: PlanName | None
    seed: int | None = None
    seeds: int | None = None
    run: str | None
    comparison: str | None
    parent: str | None = None
    error: JsonObject | None
    links: list[Link]
    position: int | None = None


class JobList(Document):
    """Jobs, newest first."""

    jobs: list[StatusInfo]
    links: list[Link]


class JobQuery(Query):
    """Which jobs."""

    status: Status | None = Field(default=None, description="only these")
    kind: Literal["run", "comparison"] | None = Field(default=None, description="only these")
    parent: str | None = Field(default=None, max_length=36, description="id of a comparison's job: show the runs of it")
    limit: int = Field(default=50, ge=1, le=1000, description="jobs at most")


class InputEntry(Document):
    """An input file; ``name`` is what a file parameter says."""

    name: str
    bytes: int
    modified_at: str


class InputList(Document):
    """Input files, newest first."""

    inputs: list[InputEntry]
    most_bytes: int
