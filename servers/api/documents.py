"""The documents of the core half of the API: landing page, city, collections, cards, corrections, quality, search."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from cim_core.schema import Dtype, Grade, Text


def _absent(value: Any) -> bool:
    return value is None


class Document(BaseModel):
    """Base of all documents."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)


class Link(Document):
    """A link as OGC API has it."""

    href: str
    rel: str
    type: str | None = Field(default=None, exclude_if=_absent)
    title: str | None = Field(default=None, exclude_if=_absent)


class LandingDocument(Document):
    """What this API is, and where it goes on."""

    title: str
    description: str
    links: list[Link]


class ConformanceDocument(Document):
    """The OGC conformance classes whose requirements the tests of this project check."""

    conforms_to: list[str] = Field(alias="conformsTo")


class HealthDocument(Document):
    """Whether the server works."""

    status: Literal["ok", "degraded"]
    version: str
    city: str
    sequence: int
    processes: dict[str, Any]


class CityDocument(Document):
    """The city as a whole."""

    id: str
    name: str
    sequence: int
    timezone: str
    crs: str | None
    bounds: list[float] | None = Field(description="west, south, east, north in degrees; null for an empty city")
    synthetic: bool
    attribution: list[str]
    software: str
    language: str
    collections: list[str]
    now: datetime


class FieldDocument(Document):
    """One field of a collection."""

    name: str
    title: Text
    unit: str | None
    dtype: Dtype
    nullable: bool
    editable: bool
    grade: Grade


class SourceDocument(Document):
    """Where a collection comes from."""

    uri: str
    importer: str
    attribution: str
    imported_at: datetime | None
    sha256: str
    synthetic: bool
    quality: dict[str, Any]


class SpatialExtent(Document):
    """Bounding boxes in longitude and latitude."""

    bbox: list[list[float]]
    crs: str


class Extent(Document):
    """Where a collection lies."""

    spatial: SpatialExtent


class CollectionDocument(Document):
    """One layer or coverage of the city."""

    id: str
    title: str
    titles: Text
    description: str
    kind: Literal["feature", "coverage"]
    extent: Extent | None = Field(default=None, exclude_if=_absent)
    item_type: Literal["feature"] | None = Field(default=None, alias="itemType", exclude_if=_absent)
    crs: list[str]
    storage_crs: str | None = Field(default=None, alias="storageCrs", exclude_if=_absent)
    links: list[Link]
    geometry: str | None
    rows: int
    snapshot: str = Field(description="hash of the content")
    editable: bool = Field(description="whether features are created, replaced, updated and deleted one by one")
    version: int
    grade: Grade
    cim_class: str | None
    cim_level: int | None
    synthetic: bool
    fields: list[FieldDocument]
    source: SourceDocument | None


class CatalogueDocument(Document):
    """The catalogue: a collection whose items are records (OGC API Records, 20-004r1)."""

    id: str
    type: Literal["Collection"] = "Collection"
    conforms_to: list[str] = Field(alias="conformsTo")
    item_type: Literal["record"] = Field(default="record", alias="itemType")
    kind: Literal["record"] = "record"
    title: str
    titles: Text
    description: str
    crs: list[str]
    extent: Extent | None = Field(default=None, exclude_if=_absent)
    synthetic: bool
    links: list[Link]


class CollectionsDocument(Document):
    """All of them, and the catalogue of them."""

    links: list[Link]
    collections: list[CollectionDocument | CatalogueDocument]


class Feature(Document):
    """A GeoJSON feature (RFC 7946)."""

    type: Literal["Feature"]
    id: str | int
    geometry: dict[str, Any] | None
    properties: dict[str, Any]
    links: list[Link] | None = Field(default=None, exclude_if=_absent)


class FeatureCollection(Document):
    """A page of GeoJSON features."""

    type: Literal["FeatureCollection"]
    features: list[Feature]
    number_matched: int | None = Field(default=None, alias="numberMatched", exclude_if=_absent)
    number_returned: int = Field(alias="numberReturned")
    time_stamp: datetime = Field(alias="timeStamp")
    links: list[Link]


class CorrectionDocument(Document):
    """A correction and what became of it."""

    id: int
    collection: str
    feature: str
    fields: dict[str, Any]
    base: dict[str, Any] = Field(description="what the source said when it was made")
    note: str
    state: str
    detail: dict[str, Any]
    at: datetime | None
    author: str


class CorrectionsDocument(Document):
    """All corrections, newest first."""

    corrections: list[CorrectionDocument]


class CorrectedDocument(Document):
    """The version that a correction made."""

    sequence: int
    correction: CorrectionDocument


class SequenceDocument(Document):
    """The version that a change made."""

    sequence: int


class FieldCorrection(Document):
    """Which correction a field's value comes from."""

    id: int
    from_: Any = Field(alias="from", description="what the source says")
    note: str
    at: datetime | None
    author: str
    state: str


class CardField(Document):
    """One field of one feature, as a person reads it."""

    name: str
    title: Text
    unit: str | None
    value: Any
    editable: bool
    dtype: Dtype
    assumed: Text | None = Field(description="why the value was assumed; null where the source says it")
    correction: FieldCorrection | None


class GroupDocument(Document):
    """What people call a structure of several features."""

    id: str
    name: str
    members: list[str]


class CardMeasure(Document):
    """A measure type that can be applied to the feature, and the field that names it."""

    type: str
    title: Text
    field: str


class CardDocument(Document):
    """Everything about one feature."""

    collection: str
    collection_title: Text
    id: str
    title: Text
    name: str | None
    geometry: dict[str, Any] | None
    fields: list[CardField]
    group: GroupDocument | None
    source: SourceDocument | None
    synthetic: bool
    corrections: list[CorrectionDocument]
    measures: list[CardMeasure]
    sequence: int


class LayerQuality(Document):
    """What an import did to one layer."""

    collection: str
    title: Text
    source: str
    importer: str
    synthetic: bool
    read: int
    kept: int
    repaired: dict[str, int]
    dropped: dict[str, int]
    assumed: dict[str, int]
    reasons: dict[str, Text] = Field(description="the reasons above in both languages")
    warnings: list[str]


class QualityDocument(Document):
    """The quality report of the city."""

    layers: list[LayerQuality]


class VersionDocument(Document):
    """One version of the city."""

    sequence: int
    at: datetime
    author: str
    message: str


class SearchResult(Document):
    """Something found by its name."""

    kind: Literal["feature", "plan", "run", "analysis"]
    id: str
    collection: str | None = Field(default=None, exclude_if=_absent)
    title: str
    subtitle: Text
    point: tuple[float, float] | None = Field(default=None, exclude_if=_absent)
    bbox: tuple[float, float, float, float] | None = Field(default=None, exclude_if=_absent)


class SearchDocument(Document):
    """What was found, best first."""

    results: list[SearchResult]


class TileJson(Document):
    """TileJSON 3.0, with the links and members of an OGC tileset unless TileJSON alone is asked for."""

    model_config = ConfigDict(frozen=True, populate_by_name=True, extra="allow")

    tilejson: Literal["3.0.0"]
    tiles: list[str]
    minzoom: int
    maxzoom: int
    links: list[dict[str, Any]] | None = Field(default=None, exclude_if=_absent)


class TilesetsDocument(Document):
    """The tilesets of a collection."""

    tilesets: list[dict[str, Any]]
    links: list[Link]
