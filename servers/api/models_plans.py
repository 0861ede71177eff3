"""Documents of plans and measure types."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from cim_core.plan import SavedName
from servers.api.models import Document, JsonObject, Text
from servers.api.operations import Body, Query


class PlanEntry(Document):
    """A saved plan in a list."""

    name: str
    title: str
    version: int
    at: str
    author: str
    measures: int


class PlanList(Document):
    """Saved plans, the one saved last first."""

    plans: list[PlanEntry]


class PlanVersionDocument(Document):
    """One version of a saved plan."""

    name: str
    version: int
    at: str
    author: str
    hash: str
    plan: JsonObject


class PlanVersionEntry(PlanEntry):
    """A version in a plan's history."""

    hash: str


class PlanHistory(Document):
    """All versions of a plan, newest first."""

    name: str
    versions: list[PlanVersionEntry]


class PlanDifference(Document):
    """Measures that are only after, and only before; a changed measure is both."""

    before: int
    after: int
    added: list[JsonObject]
    removed: list[JsonObject]


class DifferenceQuery(Query):
    """Two versions of one plan; by default the newest and the one before it."""

    before: int | None = Field(
        default=None, ge=1, lt=2**31, description="version; the one before the newest by default"
    )
    after: int | None = Field(default=None, ge=1, lt=2**31, description="version; the newest by default")


class Duplicate(Body):
    """The new plan's name; a version of the old one other than the newest."""

    name: SavedName
    title: str | None = Field(default=None, max_length=400)
    version: int | None = Field(default=None, ge=1, lt=2**31)


class EditDocument(BaseModel):
    """One timed change that a plan stands for."""

    model_config = ConfigDict(extra="allow")
    layer: str
    target: str
    features: list[str]
    op: str
    fields: JsonObject
    measure: int


class PlanCheck(Document):
    """A plan that fits the city: the edits it stands for, and where they are (degrees; null if nowhere)."""

    ok: bool
    hash: str
    edits: list[EditDocument]
    bounds: list[float] | None


class Target(Document):
    """A field of a measure that names a feature, and the layer it is one of."""

    field: str
    layer: str


class MeasureType(Document):
    """A kind of change: its form as a JSON Schema, and which of its fields are picked on the map."""

    type: str
    title: Text
    description: str
    scenario: str
    scenario_titles: Text
    schema_: dict[str, Any] = Field(alias="schema")
    targets: list[Target]


class BrokenMeasure(Document):
    """A kind of change whose scenario cannot be loaded."""

    type: str
    title: Text
    scenario: str
    error: dict[str, str]


class MeasureList(Document):
    """All kinds of changes that a plan may hold."""

    measures: list[MeasureType]
    broken: list[BrokenMeasure]
