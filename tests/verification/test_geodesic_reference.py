"""Vectorised lengths and areas against pyproj's own, one geometry at a time, and against an equal-area projection."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import Geod

from cim_core import crs

GEOD = Geod(ellps="WGS84")


def _lines(seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    walks = [np.cumsum(random.normal(0, 0.01, (random.integers(2, 30), 2)), axis=0) for _ in range(200)]
    return np.array([shapely.LineString(walk + np.array([106.5, 29.5])) for walk in walks])


def test_lengths_equal_geod() -> None:
    lines = _lines(1)
    expected = [GEOD.geometry_length(line) for line in lines]
    np.testing.assert_allclose(crs.geodesic_length_m(lines), expected, rtol=1e-12)


def test_lengths_of_multi_part_geometries_equal_geod() -> None:
    lines = _lines(2)
    parts = [shapely.MultiLineString(list(lines[i : i + 3])) for i in range(0, 30, 3)]
    np.testing.assert_allclose(crs.geodesic_length_m(parts), [GEOD.geometry_length(part) for part in parts], rtol=1e-12)


@pytest.fixture
def buildings() -> np.ndarray:
    random = np.random.default_rng(3)
    centres = random.uniform([105.3, 28.2], [110.2, 32.2], (300, 2))
    turned = [shapely.affinity.rotate(shapely.box(0, 0, 4e-4, 2e-4), random.uniform(0, 90)) for _ in centres]
    moved = [shapely.affinity.translate(box, x, y) for box, (x, y) in zip(turned, centres, strict=True)]
    return np.array([box.difference(box.centroid.buffer(5e-5)) for box in moved])


def test_areas_equal_geod(buildings: np.ndarray) -> None:
    expected = [abs(GEOD.geometry_area_perimeter(shapely.geometry.polygon.orient(item))[0]) for item in buildings]
    np.testing.assert_allclose(crs.geodesic_area_m2(buildings), expected, rtol=1e-9)


def test_areas_agree_with_an_equal_area_projection(buildings: np.ndarray) -> None:
    projected = gpd.GeoSeries(buildings, crs=4326).to_crs(6933).area  # cylindrical equal-area, on the ellipsoid
    np.testing.assert_allclose(crs.geodesic_area_m2(buildings), projected, rtol=1e-5)
