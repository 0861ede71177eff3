"""Lengths and areas on the WGS 84 ellipsoid, for whole arrays at once."""

from __future__ import annotations

from functools import cache

import numpy as np
import pyproj
import shapely

from cim_core.gis.osm.elements import Floats, Shapes


@cache
def _ellipsoid() -> pyproj.Geod:
    return pyproj.Geod(ellps="WGS84")


@cache
def _equal_area() -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(4326, 6933, always_xy=True)


def lengths_m(lines: Shapes) -> Floats:
    """Geodesic length of each line in metres; lines are an array of Shapely geometries in degrees."""
    lonlat, owner = shapely.get_coordinates(lines, return_index=True)
    if len(lonlat) < 2:
        return np.zeros(len(lines))
    _, _, steps = _ellipsoid().inv(lonlat[:-1, 0], lonlat[:-1, 1], lonlat[1:, 0], lonlat[1:, 1])
    inside = owner[:-1] == owner[1:]
    weights = np.asarray(steps, dtype=np.float64)[inside]
    return np.bincount(owner[:-1][inside], weights=weights, minlength=len(lines)).astype(np.float64)


def areas_m2(polygons: Shapes) -> Floats:
    """Area of each polygon on the ellipsoid in square metres, holes taken out.

    By the cylindrical equal-area projection EPSG:6933 (NSIDC EASE-Grid 2.0), which keeps ellipsoidal areas; edges of
    building length differ from geodesics by less than 1e-5 of the area.
    """
    if not len(polygons):
        return np.zeros(0)
    project = _equal_area().transform
    flat = shapely.transform(polygons, lambda lonlat: np.column_stack(project(lonlat[:, 0], lonlat[:, 1])))
    areas: Floats = shapely.area(flat)
    return areas
