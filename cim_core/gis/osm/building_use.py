"""What a building is used for, and where that is known from.

In order: the ``building`` value; the building's own ``amenity``, ``shop``, ``office`` … ; a node inside that fills a
whole building (a school, a hospital, but no café); the landuse area it stands in; else ``residential``, the most common
use. All but the first two are assumptions.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely

from cim_core.gis.osm.areas import Area, area_outlines
from cim_core.gis.osm.elements import Elements, Shapes, Tags

DEFAULT_USE = "residential"

_VALUES_BY_USE = {
    "residential": "residential apartments dormitory terrace bungalow static_caravan cabin house detached "
    "semidetached_house farm villa townhouse",
    "office": "office",
    "retail": "retail shop supermarket kiosk mall marketplace",
    "commercial": "commercial",
    "hotel": "hotel hostel motel guest_house",
    "industrial": "industrial warehouse factory manufacture storage_tank silo",
    "education": "school kindergarten university college library",
    "health": "hospital clinic doctors",
    "civic": "civic public government townhall fire_station police courthouse prison",
    "culture": "museum theatre cinema arts_centre historic pavilion",
    "religious": "church cathedral chapel temple mosque synagogue shrine monastery religious pagoda",
    "sport": "stadium sports_hall sports_centre grandstand riding_hall",
    "transport": "train_station transportation station terminal",
    "parking": "parking garage garages carport",
    "utility": "service transformer_tower water_tower power substation digester",
    "agricultural": "farm_auxiliary barn greenhouse stable cowshed",
    "roof": "roof canopy",
    "construction": "construction",
    "tower": "communications_tower bell_tower",
}
USE_OF_BUILDING = {value: use for use, text in _VALUES_BY_USE.items() for value in text.split()}
"""``building=…`` → use; values that are not here (``yes``, ``tower``) say nothing about use."""

_VALUES_BY_USE_OF_PLACE = {
    "education": "school kindergarten university college library",
    "health": "hospital clinic",
    "civic": "townhall fire_station police courthouse community_centre public_building government prison",
    "culture": "museum theatre cinema arts_centre gallery",
    "religious": "place_of_worship monastery",
    "sport": "stadium sports_centre sports_hall",
    "hotel": "hotel hostel motel guest_house",
    "retail": "mall department_store marketplace supermarket",
    "transport": "station bus_station ferry_terminal",
    "parking": "parking",
}
USE_OF_PLACE = {value: use for use, text in _VALUES_BY_USE_OF_PLACE.items() for value in text.split()}
"""Values of place keys that take a whole building → use."""

_PLACE_KEYS = ("amenity", "tourism", "leisure", "healthcare", "railway", "public_transport", "shop", "office")
_USE_OF_KEY = {"shop": "retail", "office": "office", "healthcare": "health"}
_USE_OF_LANDUSE = {
    "residential": "residential",
    "commercial": "commercial",
    "retail": "retail",
    "industrial": "industrial",
    "education": "education",
    "institutional": "civic",
    "religious": "religious",
    "railway": "transport",
    "farmyard": "agricultural",
    "construction": "construction",
}

Use = tuple[str, str | None]
"""A use and, where it was assumed, from what."""


def uses_of(elements: Elements, areas: Sequence[Area]) -> list[Use]:
    """The use of each building outline, in order."""
    found = [use_of_tags(area.tags) for area in areas]
    open_ = [i for i, use in enumerate(found) if use is None]
    shapes = np.array([areas[i].geometry for i in open_], dtype=object)
    by_place, by_land = _by_place_inside(elements, shapes), _by_landuse(elements, shapes)
    guessed = {i: by_place.get(n) or by_land.get(n) or (DEFAULT_USE, "most common use") for n, i in enumerate(open_)}
    return [use if use is not None else guessed[i] for i, use in enumerate(found)]


def use_of_tags(tags: Tags) -> Use | None:
    """The use a building's own tags say, or None."""
    if use := USE_OF_BUILDING.get(tags.get("building", "")):
        return use, None
    return (use, None) if (use := _use_of_place(tags, with_tenants=True)) else None


def _use_of_place(tags: Tags, *, with_tenants: bool) -> str | None:
    for key in _PLACE_KEYS:
        value = tags.get(key, "no")
        if use := USE_OF_PLACE.get(value):
            return use
        if with_tenants and value != "no" and key in _USE_OF_KEY:
            return _USE_OF_KEY[key]
    return None


def _by_place_inside(elements: Elements, shapes: Shapes) -> dict[int, Use]:
    nodes = [(node, use) for node in elements.nodes if (use := _use_of_place(node.tags, with_tenants=False))]
    place = elements.locate(np.array([node.id for node, _ in nodes], dtype=np.int64))
    points = shapely.points(place.lonlat[place.good])
    uses = [use for (_, use), good in zip(nodes, place.good, strict=True) if good]
    point_at, shape_at = shapely.STRtree(shapes).query(points, predicate="within")
    pairs = sorted(zip(shape_at.tolist(), point_at.tolist(), strict=True), reverse=True)
    return {shape: (uses[point], f"{uses[point]} inside") for shape, point in pairs}


def _by_landuse(elements: Elements, shapes: Shapes) -> dict[int, Use]:
    """The smallest landuse area that holds a point of the building counts."""
    land = [a for a in area_outlines(elements, lambda t: t.get("landuse") in _USE_OF_LANDUSE) if a.geometry is not None]
    outlines = np.array([area.geometry for area in land], dtype=object)
    points = shapely.point_on_surface(shapes)
    shape_at, land_at = shapely.STRtree(outlines).query(points, predicate="within")
    sizes = shapely.area(outlines)
    by_size = sorted(zip(shape_at.tolist(), land_at.tolist(), strict=True), key=lambda pair: -sizes[pair[1]])
    uses = {shape: land[area].tags["landuse"] for shape, area in by_size}
    return {shape: (_USE_OF_LANDUSE[landuse], "landuse around it") for shape, landuse in uses.items()}
