"""The buildings layer: building ways and multipolygons with use, storeys, height and areas."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np

from cim_core.crs import geodesic_area_m2
from cim_core.gis.osm.areas import Area, area_outlines, is_multipolygon
from cim_core.gis.osm.building_height import rise_of
from cim_core.gis.osm.building_use import uses_of
from cim_core.gis.osm.elements import Elements, Tags
from cim_core.gis.osm.frames import Rows
from cim_core.gis.quality import QualityReport
from cim_core.layers import BUILDINGS

MIN_FOOTPRINT_M2 = 0.5
"""A smaller outline is a slip of the mouse."""

MANY_BUILDINGS = 100
"""Fewer storey counts than this say nothing about how they were drawn."""

_GONE = frozenset({"demolished", "razed", "proposed"})


def is_building(tags: Tags) -> bool:
    """Whether tags are of a building (``building`` with any value but ``no``)."""
    return tags.get("building", "no") != "no"


def building_frame(elements: Elements, report: QualityReport) -> gpd.GeoDataFrame:
    """One row per building way or multipolygon; a building of several blocks is one MultiPolygon.

    Counts in the report are of elements: ways, ``type=multipolygon`` relations, and what else is tagged a building
    (nodes, other relations), which is dropped for want of an outline.
    """
    rows = Rows(BUILDINGS, report)
    _drop_without_outline(elements, rows)
    areas = _kept(elements, rows)
    footprints = geodesic_area_m2(np.array([area.geometry for area in areas], dtype=object))
    for area, footprint, (use, use_reason) in zip(areas, footprints, uses_of(elements, areas), strict=True):
        rise = rise_of(area.tags, use)
        rows.keep(
            area.id,
            area.source_id,
            area.tags,
            area.geometry,
            use=use,
            levels=rise.levels,
            height_m=rise.height_m,
            footprint_m2=footprint,
            floor_area_m2=footprint * rise.levels,
            assumed={**({"use": use_reason} if use_reason else {}), **rise.assumed},
        )
        if area.repair:
            report.repair(BUILDINGS.name, area.repair)
    _warn_of_default_storeys(areas, report)
    return rows.frame()


def _warn_of_default_storeys(areas: Sequence[Area], report: QualityReport) -> None:
    """Many buildings drawn with one storey each are a drawing tool's default more often than a city of huts."""
    said = [area.tags["building:levels"] for area in areas if "building:levels" in area.tags]
    ones = said.count("1")
    if len(said) >= MANY_BUILDINGS and ones > len(said) / 2:
        report.warn(
            f"{ones:,} of the {len(said):,} buildings with a storey count have 1: often a drawing tool's default, "
            "so floor areas may be far too small; correct `levels` where it matters."
        )


def _drop_without_outline(elements: Elements, rows: Rows) -> None:
    for node in elements.nodes:
        if is_building(node.tags):
            rows.drop("a node, no outline")
    for relation in elements.relations:
        if is_building(relation.tags) and not is_multipolygon(relation):
            rows.drop("a relation that is no multipolygon")


def _kept(elements: Elements, rows: Rows) -> list[Area]:
    areas = area_outlines(elements, is_building)
    outlines = _outlines_of_relations(elements, areas)
    sizes = geodesic_area_m2(np.array([area.geometry for area in areas], dtype=object))
    kept = []
    for area, size in zip(areas, sizes, strict=True):
        reason = area.fault or _reason_to_drop(area, float(size), outlines)
        if reason:
            rows.drop(reason)
        else:
            kept.append(area)
    return kept


def _reason_to_drop(area: Area, size: float, outlines: set[str]) -> str | None:
    if area.tags["building"] in _GONE:
        return area.tags["building"]
    if area.id in outlines:
        return "outline of a building multipolygon"
    return "footprint too small" if size < MIN_FOOTPRINT_M2 else None


def _outlines_of_relations(elements: Elements, areas: Sequence[Area]) -> set[str]:
    """Building ways that are outer rings of a building multipolygon: the building is there already."""
    drawn = {area.id for area in areas if area.geometry is not None}
    return {
        f"w{member.ref}"
        for relation in elements.relations
        if is_multipolygon(relation) and f"r{relation.id}" in drawn
        for member in relation.members
        if member.kind == "w" and member.role != "inner"
    }
