"""What the database says of a city, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from cim_core.schema import LayerSchema
from cim_core.store.snapshots import SnapshotInfo


@dataclass(frozen=True)
class CityRecord:
    """The row that says which city this is."""

    id: str
    name: str
    crs: str | None
    timezone: str


@dataclass(frozen=True)
class LayerVersion:
    """A layer or coverage as one version of the city shows it."""

    name: str
    kind: str
    seq: int
    """The version that brought it."""
    snapshot: str
    """Its file."""
    base: str
    """The source's own state, before corrections."""
    source: int | None
    rows: int
    bounds: tuple[float, float, float, float] | None
    schema: dict[str, Any]
    content: str = ""
    """Hash of what it shows: the snapshot's own, or that of the snapshot and its log."""
    log_from: int = 0
    """The version that brought the snapshot: the log is what was edited after it, up to ``seq``."""
    edits: int = 0
    """Entries of the log."""
    edits_in_all: int = 0
    """Edits since the layer was imported, those that snapshots hold by now too."""

    @cached_property
    def layer_schema(self) -> LayerSchema:
        """``schema``, read once: a server asks for it many times in each request."""
        return LayerSchema.model_validate(self.schema)


Op = Literal["create", "replace", "update", "delete"]


@dataclass(frozen=True)
class FeatureEdit:
    """One entry of the log of edits: a feature as it is after it."""

    feature: str
    op: Op
    content: dict[str, Any] | None
    """``fields`` (plain values) and ``geometry`` (WKB in hex, working CRS); None: it is gone."""
    seq: int = 0
    """The version it belongs to; 0 while it is not written."""


@dataclass(frozen=True)
class CorrectionRecord:
    """A correction and what became of it."""

    id: int
    layer: str
    feature: str
    fields: dict[str, Any]
    base: dict[str, Any]
    note: str
    state: str
    detail: dict[str, Any]


@dataclass(frozen=True)
class SourceRecord:
    """Where a layer came from, and what its import did."""

    importer: str
    uri: str
    sha256: str
    attribution: str
    parameters: Mapping[str, Any]
    quality: Mapping[str, Any]


@dataclass
class Changes:
    """What one version of the city changes; written in one transaction."""

    crs: str | None = None
    sources: list[SourceRecord] = field(default_factory=list)
    layers: dict[str, tuple[SnapshotInfo, SnapshotInfo, int | None]] = field(default_factory=dict)
    """Name → (shown, base, position in ``sources`` or None to keep the earlier source)."""
    edits: dict[str, list[FeatureEdit]] = field(default_factory=dict)
    """Name → new entries of the layer's log, in order."""
    logged: dict[str, LayerVersion] = field(default_factory=dict)
    """Name → the layer with these entries; one that is not here has them in its new snapshot in ``layers``."""
    edits_in_all: dict[str, int] = field(default_factory=dict)
    """Name → edits that the new snapshot in ``layers`` holds."""
    removed: dict[str, str] = field(default_factory=dict)
    """Name → kind."""
    corrections: list[CorrectionRecord] = field(default_factory=list)
    states: list[tuple[int, str, dict[str, Any]]] = field(default_factory=list)
    """(correction, state, detail) of corrections that existed before."""

    @property
    def empty(self) -> bool:
        """Whether there is nothing to write."""
        return not (self.crs or self.layers or self.logged or self.removed or self.corrections or self.states)
