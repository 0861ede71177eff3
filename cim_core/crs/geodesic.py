"""Lengths and areas on the WGS84 ellipsoid, for what is shown or judged."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from pyproj import Geod

Floats = NDArray[np.float64]


@cache
def _geod() -> Geod:
    from pyproj import Geod

    return Geod(ellps="WGS84")


def geodesic_length_m(geometries: Any) -> Floats:
    """Length in metres of each geometry whose coordinates are WGS84 longitude and latitude in degrees.

    Lines give their length, polygons the length of all their rings, points, empty and missing ones zero. Karney's
    geodesics (J. Geod. 87, 2013) through PROJ, one call for all segments.

    >>> import shapely
    >>> geodesic_length_m([shapely.LineString([(106.5, 29.5), (106.5, 29.51)])]).round(1)
    array([1108.4])
    """
    import shapely

    geometries = np.asarray(geometries, dtype=object)
    simple, simple_owner = shapely.get_parts(geometries.ravel(), return_index=True)
    lines, line_of = _lines_and_rings(simple)
    coordinates, owner = shapely.get_coordinates(lines, return_index=True)
    same = owner[1:] == owner[:-1]
    start, end = coordinates[:-1][same], coordinates[1:][same]
    _, _, metres = _geod().inv(start[:, 0], start[:, 1], end[:, 0], end[:, 1])
    feature = simple_owner[line_of[owner[1:][same]]]
    sums = np.bincount(feature, weights=np.asarray(metres, float), minlength=geometries.size)
    return sums.astype(np.float64).reshape(geometries.shape)


def geodesic_area_m2(geometries: Any) -> Floats:
    """Area in square metres of each geometry whose coordinates are WGS84 longitude and latitude in degrees.

    Edges are geodesics, holes are subtracted, orientation does not matter; what is not a polygon has area zero.
    """
    import shapely

    geometries = np.asarray(geometries, dtype=object)
    simple, simple_owner = shapely.get_parts(geometries.ravel(), return_index=True)
    rings, polygon_of = shapely.get_rings(simple, return_index=True)
    is_shell = np.r_[True, polygon_of[1:] != polygon_of[:-1]][: len(rings)]
    signed = np.where(is_shell, 1.0, -1.0) * _ring_areas_m2(rings)
    sums = np.bincount(simple_owner[polygon_of], weights=signed, minlength=geometries.size)
    return sums.astype(np.float64).reshape(geometries.shape)


def _lines_and_rings(simple: Any) -> tuple[Any, NDArray[np.int64]]:
    """Line strings and polygon rings among single-part geometries, with the position each came from."""
    import shapely

    kinds = shapely.get_type_id(simple)
    is_line = np.flatnonzero((kinds == shapely.GeometryType.LINESTRING) | (kinds == shapely.GeometryType.LINEARRING))
    is_polygon = np.flatnonzero(kinds == shapely.GeometryType.POLYGON)
    rings, ring_of = shapely.get_rings(simple[is_polygon], return_index=True)
    return np.r_[simple[is_line], rings], np.r_[is_line, is_polygon[ring_of]].astype(np.int64)


def _ring_areas_m2(rings: Any) -> Floats:
    import shapely

    coordinates, owner = shapely.get_coordinates(rings, return_index=True)
    starts = np.searchsorted(owner, np.arange(len(rings) + 1))
    area = _geod().polygon_area_perimeter
    lon, lat = coordinates[:, 0], coordinates[:, 1]
    return np.array([abs(area(lon[i:j], lat[i:j])[0]) for i, j in pairwise(starts)], dtype=np.float64)
