"""Points of interest and parking: nodes, and areas as their inner points or outlines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from cim_core.gis.osm.areas import area_outlines
from cim_core.gis.osm.elements import Elements, Tags
from cim_core.gis.osm.frames import Rows
from cim_core.gis.osm.quantities import whole
from cim_core.gis.quality import QualityReport
from cim_core.layers import PARKING, POIS

CATEGORIES = (
    "amenity",
    "shop",
    "office",
    "tourism",
    "leisure",
    "healthcare",
    "craft",
    "club",
    "emergency",
    "diplomatic",
    "historic",
    "railway",
    "public_transport",
)
"""OSM keys that make a point of interest; the first that an element has is its category, the value its kind."""

_RAILWAY_KINDS = frozenset({"station", "halt", "tram_stop", "subway_entrance", "train_station_entrance"})
_NOT_PLACES = frozenset({"no", "parking", "parking_space"})
_BAD = "coordinates out of range"
MAX_CAPACITY = 50_000


@dataclass(frozen=True, slots=True)
class Place:
    """An element with its geometry (None with the fault that prevents it)."""

    id: str
    source_id: str
    tags: Tags
    geometry: Any
    fault: str | None = None


def category_of(tags: Tags) -> tuple[str, str] | None:
    """Category and kind of a point of interest, or None for what is none."""
    for key in CATEGORIES:
        kind = tags.get(key, "no")
        if kind not in _NOT_PLACES and (key != "railway" or kind in _RAILWAY_KINDS):
            return key, kind
    return ("public_transport", "bus_stop") if tags.get("highway") == "bus_stop" else None


def places(elements: Elements, wanted: Callable[[Tags], bool]) -> list[Place]:
    """Nodes, ways (closed ones as areas, others as lines) and multipolygons whose tags are wanted."""
    nodes = [node for node in elements.nodes if wanted(node.tags)]
    where = elements.locate(np.array([node.id for node in nodes], dtype=np.int64))
    found = [
        Place(f"n{node.id}", f"node/{node.id}", node.tags, *((shapely.Point(lonlat), None) if good else (None, _BAD)))
        for node, lonlat, good in zip(nodes, where.lonlat, where.good, strict=True)
    ]
    areas = area_outlines(elements, wanted)
    found += [Place(area.id, area.source_id, area.tags, area.geometry, area.fault) for area in areas]
    return [_as_line(elements, place) if place.fault == "not closed" else place for place in found]


def _as_line(elements: Elements, place: Place) -> Place:
    way = elements.ways_by_id.get(int(place.id[1:])) if place.id.startswith("w") else None
    if way is None or len(way.refs) < 2:
        return place
    lonlat = elements.locate(np.array(way.refs, dtype=np.int64)).lonlat
    return Place(place.id, place.source_id, place.tags, shapely.LineString(lonlat))


def poi_frame(elements: Elements, report: QualityReport) -> gpd.GeoDataFrame:
    """One row per point of interest; an area or line is shown by a point on it."""
    rows = Rows(POIS, report)
    for place in places(elements, lambda tags: category_of(tags) is not None):
        category = category_of(place.tags)
        if place.fault or category is None:
            rows.drop(place.fault or "no category")
            continue
        point = shapely.point_on_surface(place.geometry)
        rows.keep(place.id, place.source_id, place.tags, point, category=category[0], kind=category[1])
    return rows.frame()


def parking_frame(elements: Elements, report: QualityReport) -> gpd.GeoDataFrame:
    """One row per ``amenity=parking``; the kind is assumed where the map does not say."""
    rows = Rows(PARKING, report)
    for place in places(elements, lambda tags: tags.get("amenity") == "parking"):
        if place.fault:
            rows.drop(place.fault)
            continue
        kind, reason = _parking_kind(place.tags)
        capacity = whole(place.tags.get("capacity"))
        rows.keep(
            place.id,
            place.source_id,
            place.tags,
            place.geometry,
            kind=kind,
            capacity=capacity if capacity is not None and 0 <= capacity <= MAX_CAPACITY else None,
            assumed={"kind": reason} if reason else {},
        )
    return rows.frame()


def _parking_kind(tags: Tags) -> tuple[str, str | None]:
    if said := tags.get("parking"):
        return said, None
    return ("multi-storey", "a building") if tags.get("building", "no") != "no" else ("surface", "not said")
