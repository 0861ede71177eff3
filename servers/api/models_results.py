"""Documents of runs and comparisons."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from servers.api.models import Declared, Document, JsonObject, Link, Text
from servers.api.models_processes import PlanName
from servers.api.operations import CommaList, Query


class FigureValue(Document):
    """A figure's value; null where it has none; low and high where it has an interval."""

    value: float | None
    unit: str
    low: float | None = None
    high: float | None = None


class ColumnStatistics(BaseModel):
    """What a legend needs to know of a column: its range and five quantiles, or its commonest categories."""

    model_config = ConfigDict(extra="allow")
    kind: str


class ResultLayer(Document):
    """A layer of a run."""

    rows: int
    geometry: str
    bounds: list[float] | None
    tilejson: str
    columns: dict[str, Any]
    href: str
    picture: str | None


class ResultTable(Document):
    """A table of a run."""

    rows: int
    columns: list[str]
    href: str


class ResultFile(Document):
    """A file of a run."""

    bytes: int
    href: str


class TrajectoriesInfo(BaseModel):
    """Where every vehicle was: read chunk by chunk from ``href``."""

    model_config = ConfigDict(extra="allow")
    chunks: int
    begin_s: float
    period_s: float
    frames: int
    chunk_frames: int
    vehicles: int
    href: str
    chunk_href: str


class RunEntry(Document):
    """A run in a list."""

    run: str
    analysis: str
    title: Text
    plan: PlanName
    parameters: JsonObject
    seed: int
    finished_at: str
    seconds: float
    synthetic: bool


class RunList(Document):
    """Runs, newest first."""

    runs: list[RunEntry]


class RunQuery(Query):
    """Which runs."""

    analysis: str | None = Field(default=None, max_length=81, description="only of this analysis")
    limit: int = Field(default=50, ge=1, le=500, description="how many at most")


class RunDocument(Document):
    """A run: figures, and where its layers, tables, files and trajectories are."""

    run: str
    analysis: str
    title: Text
    parameters: JsonObject
    plan: JsonObject
    seed: int
    sequence: int
    experiment: str
    figures: dict[str, FigureValue]
    layers: dict[str, ResultLayer]
    tables: dict[str, ResultTable]
    files: dict[str, ResultFile]
    trajectories: TrajectoriesInfo | None
    warnings: list[str]
    consequences: list[JsonObject]
    unused_edits: list[JsonObject]
    facts: JsonObject
    attribution: list[str]
    synthetic: bool
    declaration: Declared | None
    finished_at: str | None
    seconds: float
    links: list[Link]


class TableQuery(Query):
    """Which part of a table: a page in order, or a random sample drawn by the seed."""

    limit: int | None = Field(default=None, ge=1, le=100_000, description="rows; 100 as JSON and all as CSV by default")
    offset: int = Field(default=0, ge=0, le=2**31, description="rows to pass over")
    columns: CommaList | None = Field(default=None, description="names, parted by commas")
    sort: str | None = Field(default=None, max_length=100, description="a column; -column for the largest first")
    sample: int | None = Field(default=None, ge=1, le=100_000, description="this many rows, drawn by chance")
    seed: int = Field(default=1, ge=0, lt=2**31, description="of the sample")
    f: Literal["json", "csv"] = Field(default="json", description="form")


class ComparisonTableQuery(TableQuery):
    """As for a run's table; ``class`` shows the rows of one class alone."""

    class_: Literal["gained", "lost", "unchanged", "only_baseline", "only_plan"] | None = Field(
        default=None, alias="class", description="only rows of this class"
    )


class TableColumn(Document):
    """A column of a table."""

    name: str
    title: Text
    unit: str
    symbol: str
    dtype: str


class TableDocument(Document):
    """Part of a table, column by column. ``rows`` counts the table, not the part."""

    title: Text
    columns: list[TableColumn]
    rows: int
    offset: int
    sampled_of: int | None
    data: dict[str, list[Any]]


class ComparedFigure(BaseModel):
    """A figure on both sides, with its difference, interval and verdict."""

    model_config = ConfigDict(extra="allow")
    unit: str
    baseline: float | None
    plan: float | None
    difference: float | None
    low: float | None
    high: float | None
    p_adjusted: float | None
    verdict: str


class ComparedLayer(Document):
    """A layer with both sides' values and their differences, row by row."""

    columns: list[str]
    rows: int
    new: float
    gone: float
    bounds: list[float] | None
    tilejson: str
    columns_stats: dict[str, Any]
    href: str
    picture: str | None


class ComparedTable(Document):
    """A table whose rows were paired: how many gained, lost, stayed or are on one side alone."""

    column: str
    unit: str
    tolerance: float
    pairs: int
    gained: int
    lost: int
    unchanged: int
    only_baseline: int
    only_plan: int
    rows: int
    pair_by: str
    href: str


class ResultsDocument(Document):
    """The results of a job that was asked for them as a document (OGC API Processes ``results``)."""

    result: RunDocument


class ComparisonEntry(Document):
    """A comparison in a list."""

    id: str
    analysis: str
    title: Text
    plan: PlanName
    against: PlanName
    parameters: JsonObject
    seeds: int
    finished_at: str
    synthetic: bool


class ComparisonList(Document):
    """Comparisons, newest first."""

    comparisons: list[ComparisonEntry]


class ComparisonDocument(Document):
    """A comparison: differences of figures, layers and tables, and what they stand on."""

    id: str
    analysis: str
    title: Text
    parameters: JsonObject
    plan: JsonObject
    against: JsonObject
    seeds: list[int]
    runs: list[dict[str, str]]
    stochastic: bool
    figures: dict[str, ComparedFigure]
    layers: dict[str, ComparedLayer]
    tables: dict[str, ComparedTable]
    warnings: list[str]
    unused_edits: list[JsonObject]
    unused_edits_against: list[JsonObject]
    facts: JsonObject
    attribution: list[str]
    synthetic: bool
    declaration: Declared | None
    finished_at: str
    seconds: JsonObject
    links: list[Link]
