"""Documents of processes, scenarios, input files and jobs."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, Field

from servers.api.items_query import interval as interval_of
from servers.api.models import Document, FigureDeclared, JsonObject, LayerDeclared, Link, TableDeclared, Text
from servers.api.operations import LARGEST_INTEGER, Body, CommaList, Query


def checked_interval(text: str) -> str:
    """A text that is an instant or an interval; raises ``ValueError`` for what is none."""
    interval_of(text)
    return text


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


class OutputWanted(Body):
    """How an output is wanted: by value, as it is."""

    transmissionMode: Literal["value"] = "value"  # noqa: N815 - the standard's name
    format: JsonObject | None = None


class Execute(Body):
    """A question: parameters, the plan as JSON or by its saved name (``name`` or ``name@3``), and a seed.

    ``response`` says whether the job's results are the output itself (``raw``) or an object with it in (``document``).
    """

    inputs: JsonObject = Field(default_factory=dict)
    outputs: dict[Literal["result"], OutputWanted] | None = None
    response: Literal["raw", "document"] = "raw"
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


class ProcessQuery(Query):
    """Which processes."""

    limit: int = Field(default=1000, ge=1, le=10_000, description="processes at most")
    after: int | None = Field(default=None, ge=0, le=LARGEST_INTEGER, description="from the link to the next page")


def _known_states(given: tuple[str, ...]) -> tuple[str, ...]:
    unknown = set(given) - set(get_args(Status))
    if unknown or not given:
        raise ValueError(f"one or several of {', '.join(get_args(Status))}")
    return given


class JobQuery(Query):
    """Which jobs."""

    status: Annotated[CommaList, AfterValidator(_known_states)] | None = Field(
        default=None, description="only these: accepted, running, successful, failed, dismissed"
    )
    kind: Literal["run", "comparison"] | None = Field(default=None, description="only these")
    type: CommaList | None = Field(default=None, description="only these; all jobs here are of the type process")
    process: CommaList | None = Field(default=None, alias="processID", description="only of these processes")
    datetime: Annotated[str, AfterValidator(checked_interval)] | None = Field(
        default=None, description="instant or interval: only jobs that were created then"
    )
    shortest: int | None = Field(
        default=None, alias="minDuration", ge=0, le=LARGEST_INTEGER, description="only jobs that took longer, in s"
    )
    longest: int | None = Field(
        default=None, alias="maxDuration", ge=0, le=LARGEST_INTEGER, description="only jobs that took less, in s"
    )
    parent: str | None = Field(default=None, max_length=36, description="id of a comparison's job: show the runs of it")
    limit: int = Field(default=50, ge=1, le=1000, description="jobs at most")
    after: str | None = Field(default=None, max_length=36, description="from the link to the next page")


class InputEntry(Document):
    """An input file; ``name`` is what a file parameter says."""

    name: str
    bytes: int
    modified_at: str


class InputList(Document):
    """Input files, newest first."""

    inputs: list[InputEntry]
    most_bytes: int
