"""Geometries that a filter states, and the reference system it states them in."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from pyproj.exceptions import ProjError

from servers.serving.baked.placing import CRS84, CRS84H, ReferenceSystem, record_system
from servers.serving.filter_faults import bad_geometry, unknown_crs
from servers.serving.web_mercator import Bounds, transformer

_EPSG = re.compile(r"(?:http://www\.opengis\.net/def/crs/EPSG/0/|urn:ogc:def:crs:EPSG::)(\d{4,6})")
_TYPES = frozenset(
    ("Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon", "GeometryCollection")
)
_RIM = 1e-7
"""Degrees by which the box of a geometry from another system is widened: its edges may be curved in degrees."""
_ON_AN_EDGE = 32


def filter_system(uri: str | None) -> ReferenceSystem:
    """The system of a filter's geometries, CRS84 by default; raises :class:`ParameterError` (``filters.crs``)."""
    if uri is None or uri == CRS84.uri:
        return CRS84
    if uri == CRS84H.uri:
        return CRS84H
    from pyproj.exceptions import CRSError

    named = _EPSG.fullmatch(uri)
    try:
        found = record_system(f"EPSG:{named[1]}") if named else None
    except (CRSError, IndexError):
        found = None
    if found is None:
        raise unknown_crs(uri)
    return found


def is_geometry(tree: Any) -> bool:
    """Whether a node of CQL2 JSON states a geometry."""
    return isinstance(tree, dict) and ("bbox" in tree or tree.get("type") in _TYPES)


def stated_geometry(tree: Any, system: ReferenceSystem, place: str) -> Any:
    """The geometry of a node, x first, without heights, prepared; raises :class:`ParameterError`.

    Its code is ``filters.geometry``: for what has no coordinates, impossible ones, or crosses itself.
    """
    geometry = _box(tree["bbox"], system, place) if "bbox" in tree else _shape(tree, system, place)
    if geometry.is_empty:
        raise bad_geometry(place, "a geometry with coordinates", "an empty one")
    _refuse_far(geometry, system, place)
    if not geometry.is_valid:
        raise bad_geometry(place, "a valid geometry", shapely.is_valid_reason(geometry))
    shapely.prepare(geometry)
    return geometry


def _box(numbers: Any, system: ReferenceSystem, place: str) -> Any:
    edges = [float(each) for each in numbers if _is_number(each)] if isinstance(numbers, list) else []
    if len(edges) not in (4, 6) or len(edges) != len(numbers):
        raise bad_geometry(place, "BBOX(west, south, east, north)", str(numbers))
    half = len(edges) // 2
    west, south, east, north = system.x_first((edges[0], edges[1], edges[half], edges[half + 1]))
    if west > east or south > north:
        raise bad_geometry(place, "a box from west to east and from south to north", str(numbers))
    corners = [(west, south), (east, south), (east, north), (west, north)]
    if west == east or south == north:
        return shapely.LineString([corners[0], corners[2]]) if corners[0] != corners[2] else shapely.Point(corners[0])
    return shapely.Polygon(corners)


def _shape(tree: dict[str, Any], system: ReferenceSystem, place: str) -> Any:
    allowed = {"type", "geometries" if tree["type"] == "GeometryCollection" else "coordinates", "bbox"}
    if set(tree) - allowed:
        raise bad_geometry(place, "type and coordinates alone", ", ".join(sorted(map(str, set(tree) - allowed))))
    if tree["type"] == "GeometryCollection":
        members = tree.get("geometries")
        if not isinstance(members, list) or not all(is_geometry(each) and "bbox" not in each for each in members):
            raise bad_geometry(place, "a collection of geometries", str(members))
        return shapely.GeometryCollection([_shape(each, system, place) for each in members])
    return _of_coordinates(tree["type"], tree.get("coordinates"), system, place)


def _of_coordinates(kind: str, coordinates: Any, system: ReferenceSystem, place: str) -> Any:
    def point(position: Any) -> tuple[float, float]:
        if not (isinstance(position, list) and 2 <= len(position) <= 4 and all(map(_is_number, position))):
            raise bad_geometry(place, "positions of two or three numbers", str(position))
        x, y = float(position[0]), float(position[1])
        return (y, x) if system.north_first else (x, y)

    def points(line: Any) -> Sequence[tuple[float, float]]:
        return [point(each) for each in _list(line, place)]

    def polygon(rings: Any) -> Any:
        lines = [points(ring) for ring in _list(rings, place)]
        if any(len(line) < 4 or line[0] != line[-1] for line in lines):
            raise bad_geometry(place, "rings of four positions or more that end where they begin", kind)
        return shapely.Polygon(lines[0], lines[1:]) if lines else shapely.Polygon()

    def line(given: Any) -> Any:
        if len(found := points(given)) == 1:
            raise bad_geometry(place, "a line of two positions or more", "one position")
        return shapely.LineString(found)

    match kind:
        case "Point":
            return shapely.Point(point(coordinates))
        case "LineString":
            return line(coordinates)
        case "Polygon":
            return polygon(coordinates)
        case "MultiPoint":
            return shapely.MultiPoint(points(coordinates))
        case "MultiLineString":
            return shapely.MultiLineString([line(each) for each in _list(coordinates, place)])
    return shapely.MultiPolygon([polygon(each) for each in _list(coordinates, place)])


def _list(given: Any, place: str) -> list[Any]:
    if not isinstance(given, list):
        raise bad_geometry(place, "lists of positions", str(given))
    return given


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15


def _refuse_far(geometry: Any, system: ReferenceSystem, place: str) -> None:
    west, south, east, north = geometry.bounds
    if system.is_wgs84 and (min(west, 2 * south) < -180 or max(east, 2 * north) > 180):
        raise bad_geometry(place, "longitudes within ±180 and latitudes within ±90", str(geometry.bounds))
    if not np.isfinite(degrees_of(geometry, system)).all():
        raise bad_geometry(place, "a place where the reference system has coordinates", str(geometry.bounds))


def degrees_of(geometry: Any, system: ReferenceSystem) -> Bounds:
    """A box in degrees that holds the geometry."""
    if system.is_wgs84:
        bounds = geometry.bounds
    else:
        back = transformer(system.definition, "OGC:CRS84")
        left, low, right, high = geometry.bounds
        try:
            bounds = back.transform_bounds(left, low, right, high, densify_pts=_ON_AN_EDGE)
        except ProjError:  # the system has no coordinates there
            bounds = (math.nan,) * 4
    west, south, east, north = (float(edge) for edge in bounds)
    rim = 0.0 if system.is_wgs84 else _RIM + 0.001 * max(east - west, north - south)
    return max(west - rim, -180.0), max(south - rim, -90.0), min(east + rim, 180.0), min(north + rim, 90.0)
