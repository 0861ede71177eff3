"""Rail and water: ways as lines (their pieces where nodes are missing), areas as polygons."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from cim_core.gis.osm.areas import area_outlines
from cim_core.gis.osm.elements import Elements, Tags, Way
from cim_core.gis.osm.frames import Rows, common
from cim_core.gis.osm.splitting import runs, without_repeats
from cim_core.gis.osm.stacking import level_of
from cim_core.gis.osm.structures import Structures
from cim_core.gis.quality import QualityReport
from cim_core.layers import RAIL, WATER

RAIL_CLASSES = frozenset(
    {"rail", "subway", "light_rail", "monorail", "tram", "funicular", "narrow_gauge", "preserved", "miniature"}
)
"""OSM railway values that are tracks in use."""

_NOT_IN_USE = frozenset({"construction", "proposed", "planned", "disused", "abandoned", "razed", "dismantled"})
WATERWAYS = frozenset({"river", "stream", "canal", "drain", "ditch", "tidal_channel", "fairway"})
_WATERWAY_AREAS = frozenset({"riverbank", "dock", "boatyard"})
_WATER_LANDUSE = frozenset({"reservoir", "basin"})


def rail_frame(elements: Elements, structures: Structures, report: QualityReport) -> gpd.GeoDataFrame:
    """One row per track way; a way with missing nodes gives one row per piece (``.2``, ``.3``), counted once."""
    rows = Rows(RAIL, report)
    for way in elements.ways:
        value = way.tags.get("railway")
        if value in RAIL_CLASSES:
            _track(elements, way, structures, rows)
        elif value in _NOT_IN_USE:
            rows.drop(str(value))
    frame = rows.frame()
    groups = frame["group"].tolist()
    structures.fill_from_outlines(groups, frame["bridge"].tolist(), frame.geometry.to_numpy())
    frame["group"] = np.array(groups, dtype=object)
    return frame


def _track(elements: Elements, way: Way, structures: Structures, rows: Rows) -> None:
    pieces = line_pieces(elements, way, rows)
    level = level_of(way.tags)
    fields = {"class": way.tags["railway"], "bridge": level.bridge, "tunnel": level.tunnel, "layer": level.layer}
    group = structures.group_of(way.id, way.tags, level)
    record = common(f"way/{way.id}", way.tags, level.assumed, group) | fields
    for nth, line in enumerate(pieces, start=1):
        rows.add(f"w{way.id}" + (f".{nth}" if nth > 1 else ""), record, line)
    if pieces:
        rows.assume(level.assumed)


def line_pieces(elements: Elements, way: Way, rows: Rows) -> list[Any]:
    """The unbroken lines of a way; counts the way as kept, repaired or dropped."""
    refs = np.array(way.refs, dtype=np.int64)
    place = elements.locate(refs)
    pieces = [piece for run in runs(way.refs, place.good) if len(piece := without_repeats(run)) > 1]
    lines = [shapely.LineString(elements.locate(np.array(piece, dtype=np.int64)).lonlat) for piece in pieces]
    lines = [line for line in lines if line.length > 0]
    if place.bad.any() or not lines:
        rows.drop(_line_fault(bad=bool(place.bad.any()), missing=bool(place.missing.any())))
        return []
    rows.report.keep(rows.schema.name)
    if place.missing.any():
        rows.report.repair(rows.schema.name, "nodes missing: the rest kept")
    return lines


def _line_fault(*, bad: bool, missing: bool) -> str:
    if bad:
        return "coordinates out of range"
    return "node missing" if missing else "fewer than two nodes"


def water_frame(elements: Elements, report: QualityReport) -> gpd.GeoDataFrame:
    """Water areas as polygons, then waterways as lines."""
    rows = Rows(WATER, report)
    for area in area_outlines(elements, is_water_area):
        if area.fault:
            rows.drop(area.fault)
            continue
        rows.keep(area.id, area.source_id, area.tags, area.geometry, **{"class": water_class(area.tags)})
        if area.repair:
            report.repair(WATER.name, area.repair)
    for way in elements.ways:
        if way.tags.get("waterway") in WATERWAYS and not is_water_area(way.tags):
            record = common(f"way/{way.id}", way.tags, {}) | {"class": way.tags["waterway"]}
            for nth, line in enumerate(line_pieces(elements, way, rows), start=1):
                rows.add(f"w{way.id}" + (f".{nth}" if nth > 1 else ""), record, line)
    return rows.frame()


def is_water_area(tags: Tags) -> bool:
    """Whether tags are of a water surface: ``natural=water``, riverbank, dock, reservoir, basin."""
    return (
        tags.get("natural") == "water"
        or tags.get("waterway") in _WATERWAY_AREAS
        or tags.get("landuse") in _WATER_LANDUSE
    )


def water_class(tags: Tags) -> str:
    """Kind of a water surface: ``water=*``, else the value that makes it one."""
    return tags.get("water") or tags.get("waterway") or tags.get("landuse") or "water"
