"""Areas: closed ways and multipolygon relations into valid polygons, or the reason why not.

Outer and inner rings of a multipolygon are put together from the line work of their ways, so that a ring may be of many
ways in any order and direction; inner rings become holes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from cim_core.gis.osm.elements import Elements, Ids, Relation, Shapes, Tags, Way


@dataclass(frozen=True, slots=True)
class Area:
    """An area of the map. ``geometry`` is a valid Polygon or MultiPolygon, or None with the ``fault`` that prevents it.

    ``repair`` names what was put right.
    """

    id: str
    source_id: str
    tags: Tags
    geometry: Any
    fault: str | None = None
    repair: str | None = None


def area_outlines(elements: Elements, wanted: Callable[[Tags], bool]) -> list[Area]:
    """Areas whose tags are wanted: ways first, then ``type=multipolygon`` relations, each in ascending id.

    Faults: ``node missing``, ``coordinates out of range``, ``not closed``, ``no area``, ``member missing``.
    """
    ways = way_areas(elements, [way for way in elements.ways if way.tags and wanted(way.tags)])
    relations = [relation for relation in elements.relations if is_multipolygon(relation) and wanted(relation.tags)]
    return ways + [_relation_area(elements, relation) for relation in relations]


def is_multipolygon(relation: Relation) -> bool:
    """Whether a relation is an area made of rings."""
    return relation.tags.get("type") == "multipolygon"


def way_areas(elements: Elements, ways: Sequence[Way]) -> list[Area]:
    """The area each way encloses, for many ways at once."""
    faults = _way_faults(elements, ways)
    whole = [way for way, fault in zip(ways, faults, strict=True) if fault is None]
    polygons = iter(_repaired(shapely.polygons(_rings(elements, whole))))
    return [
        Area(f"w{way.id}", f"way/{way.id}", way.tags, *((None, fault) if fault else next(polygons)))
        for way, fault in zip(ways, faults, strict=True)
    ]


def _way_faults(elements: Elements, ways: Sequence[Way]) -> list[str | None]:
    place = elements.locate(_flat(ways))
    owner = np.repeat(np.arange(len(ways)), [len(way.refs) for way in ways])
    missing = np.bincount(owner[place.missing], minlength=len(ways)) > 0
    bad = np.bincount(owner[place.bad], minlength=len(ways)) > 0
    return [_fault(way, bool(missing[i]), bool(bad[i])) for i, way in enumerate(ways)]


def _fault(way: Way, missing: bool, bad: bool) -> str | None:
    if bad:
        return "coordinates out of range"
    if missing:
        return "node missing"
    return None if way.closed else "not closed"


def _flat(ways: Sequence[Way]) -> Ids:
    return np.fromiter((ref for way in ways for ref in way.refs), dtype=np.int64)


def _rings(elements: Elements, ways: Sequence[Way]) -> Shapes:
    owner = np.repeat(np.arange(len(ways)), [len(way.refs) for way in ways])
    rings: Shapes = shapely.linearrings(elements.locate(_flat(ways)).lonlat, indices=owner)
    return rings


def _repaired(polygons: Shapes) -> list[tuple[Any, str | None, str | None]]:
    """(geometry, fault, repair) of each polygon: the valid ones as they are, the others made valid."""
    valid = shapely.is_valid(polygons)
    return [
        (polygon, None, None) if fine else _made_valid(polygon) for polygon, fine in zip(polygons, valid, strict=True)
    ]


def _made_valid(polygon: Any) -> tuple[Any, str | None, str | None]:
    reason = shapely.is_valid_reason(polygon).partition("[")[0].strip().lower()
    repaired = _polygonal(shapely.make_valid(polygon))
    return (None, "no area", None) if repaired is None else (repaired, None, reason)


def _polygonal(geometry: Any) -> Any:
    """The polygons of a geometry as one Polygon or MultiPolygon, or None without any."""
    pieces = [p for p in shapely.get_parts(shapely.get_parts(geometry)) if p.geom_type == "Polygon" and p.area > 0]
    if not pieces:
        return None
    return pieces[0] if len(pieces) == 1 else shapely.union_all(pieces)


def _relation_area(elements: Elements, relation: Relation) -> Area:
    outer, no_outer = _ring_ways(elements, relation, inner=False)
    inner, no_inner = _ring_ways(elements, relation, inner=True)
    fault = no_outer or _line_fault(elements, outer + inner)
    shell = None if fault else _enclosed(elements, outer)
    if shell is None:
        return _area(relation, None, fault or "not closed", None)
    holes = _enclosed(elements, inner)
    shape = _polygonal(shapely.make_valid(shell if holes is None else shapely.difference(shell, holes)))
    if shape is None:
        return _area(relation, None, "no area", None)
    lost = no_inner or ("not closed" if inner and holes is None else None)
    return _area(relation, shape, None, f"inner ring left out: {lost}" if lost else None)


def _ring_ways(elements: Elements, relation: Relation, *, inner: bool) -> tuple[list[Way], str | None]:
    """The member ways of the inner or of the outer rings, and the fault if any is not in the file."""
    refs = [m.ref for m in relation.members if m.kind == "w" and (m.role == "inner") == inner]
    ways = [elements.ways_by_id[ref] for ref in refs if ref in elements.ways_by_id]
    return ways, "member missing" if len(ways) < len(refs) or not (ways or inner) else None


def _area(relation: Relation, geometry: Any, fault: str | None, repair: str | None) -> Area:
    return Area(f"r{relation.id}", f"relation/{relation.id}", relation.tags, geometry, fault, repair)


def _line_fault(elements: Elements, ways: Sequence[Way]) -> str | None:
    place = elements.locate(_flat(ways))
    if place.bad.any():
        return "coordinates out of range"
    return "node missing" if place.missing.any() else None


def _enclosed(elements: Elements, ways: Sequence[Way]) -> Any:
    """What the line work of the ways encloses, or None."""
    drawn = [way for way in ways if len(way.refs) > 1]
    if not drawn:
        return None
    owner = np.repeat(np.arange(len(drawn)), [len(way.refs) for way in drawn])
    lines = shapely.linestrings(elements.locate(_flat(drawn)).lonlat, indices=owner)
    enclosed = shapely.build_area(shapely.node(shapely.multilinestrings(lines)))
    return None if enclosed.is_empty else enclosed
