"""What the database says of a city, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

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
    base: str
    """The source's own state, before corrections."""
    source: int | None
    rows: int
    bounds: tuple[float, float, float, float] | None
    schema: dict[str, Any]


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
    removed: dict[str, str] = field(default_factory=dict)
    """Name → kind."""
    corrections: list[CorrectionRecord] = field(default_factory=list)
    states: list[tuple[int, str, dict[str, Any]]] = field(default_factory=list)
    """(correction, state, detail) of corrections that existed before."""

    @property
    def empty(self) -> bool:
        """Whether there is nothing to write."""
        return not (self.crs or self.layers or self.removed or self.corrections or self.states)
