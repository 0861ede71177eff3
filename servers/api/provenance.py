"""Whose data a city shows, whether any is synthetic, and where it lies: read once for each version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from cim_core.city import City
from cim_core.schema import Text
from cim_core.store import catalogue
from cim_core.store.records import LayerVersion, SourceRecord
from servers.api.context import Context
from servers.api.documents import SourceDocument

Degrees = tuple[float, float, float, float]
"""West, south, east, north."""
_COVERAGE_TITLES = {"elevation": Text(en="Elevation", zh="高程")}


@dataclass(frozen=True)
class Provenance:
    """Sources and versions of one state of the city; ``imported`` is the version that each source came with."""

    sources: Mapping[str, SourceRecord]
    versions: Mapping[int, Mapping[str, Any]]
    imported: Mapping[int, int]

    @property
    def attribution(self) -> list[str]:
        """Whose data these are, each once."""
        return sorted({source.attribution for source in self.sources.values() if source.attribution})

    @property
    def synthetic(self) -> bool:
        """Whether any collection was made by a program."""
        return any(is_synthetic(source) for source in self.sources.values())

    def source(self, layer: LayerVersion) -> SourceDocument | None:
        """The source of a collection; the import is dated by the version that it came with."""
        found = self.sources.get(layer.name)
        if found is None:
            return None
        return SourceDocument(
            uri=found.uri,
            importer=found.importer,
            attribution=found.attribution,
            imported_at=None if layer.source is None else self.at(self.imported[layer.source]),
            sha256=found.sha256,
            synthetic=is_synthetic(found),
            quality=quality_of(found, layer.name),
        )

    def at(self, sequence: int) -> datetime | None:
        """When a version was written."""
        row = self.versions.get(sequence)
        return None if row is None else row["at"]


def quality_of(source: SourceRecord, layer: str) -> dict[str, Any]:
    """What an import said of one layer: counts read, kept, repaired, dropped, assumed, and the import's warnings."""
    counted: dict[str, Any] = source.quality.get("layers", {}).get(layer, {})
    counts = {"read": 0, "kept": 0, "repaired": {}, "dropped": {}, "assumed": {}}
    return {**counts, **counted, "warnings": list(source.quality.get("warnings", []))}


def is_synthetic(source: SourceRecord | None) -> bool:
    """Whether a source says that a program made it up."""
    return bool(source is not None and source.parameters.get("synthetic", False))


def provenance(context: Context, city: City) -> Provenance:
    """Sources and versions of a city, remembered for its version."""
    return context.remember(("provenance", city.record.id, city.sequence), lambda: _read(city))


def _read(city: City) -> Provenance:
    with city.database.read() as connection:
        versions = {row["seq"]: row for row in catalogue.versions(connection)}
        imported = catalogue.source_sequences(connection)
    return Provenance(city.sources(), versions, imported)


def title_of(layer: LayerVersion) -> Text:
    """A collection's title in both languages."""
    title = layer.schema.get("title") if layer.kind == "layer" else None
    if title is not None:
        return Text.model_validate(title)
    return _COVERAGE_TITLES.get(layer.name, Text(en=layer.name, zh=layer.name))


def degrees(city: City, bounds: tuple[float, float, float, float] | None) -> Degrees | None:
    """Bounds of the working CRS in longitude and latitude; None for none."""
    return None if bounds is None or city.record.crs is None else _degrees(city.record.crs, tuple(bounds))


@lru_cache(maxsize=256)
def _degrees(crs: str, bounds: tuple[float, ...]) -> Degrees:
    from pyproj import Transformer

    west, south, east, north = bounds
    transformer = Transformer.from_crs(crs, "OGC:CRS84", always_xy=True)
    found = transformer.transform_bounds(west, south, east, north)
    return (round(found[0], 7), round(found[1], 7), round(found[2], 7), round(found[3], 7))


def city_bounds(city: City) -> Degrees | None:
    """What all collections together cover, in degrees."""
    boxes = [box for layer in city.versions.values() if (box := degrees(city, layer.bounds)) is not None]
    if not boxes:
        return None
    west, south, east, north = zip(*boxes, strict=True)
    return min(west), min(south), max(east), max(north)
