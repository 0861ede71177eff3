"""Real boundaries in GCJ-02 against the same district in WGS84."""

from __future__ import annotations

import itertools

import geopandas as gpd
import numpy as np
import pytest
import shapely

from cim_core import crs
from cim_core.gis.osm import read_osm
from tests.real.inputs import real

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def boundary() -> gpd.GeoDataFrame:
    return gpd.read_file(real("yuzhong/boundary.geojson"))


@pytest.fixture(scope="module")
def amap() -> gpd.GeoDataFrame:
    return gpd.read_file(real("boundaries_gcj02/amap_land_500103.geojson"))


def _iou(one: shapely.Geometry, other: shapely.Geometry) -> float:
    return float(one.intersection(other).area / one.union(other).area)


def test_the_district_fits_once_converted(boundary: gpd.GeoDataFrame, amap: gpd.GeoDataFrame) -> None:
    converted = crs.to_wgs84(amap, crs.parse_crs("gcj02"))
    assert _iou(amap.geometry.iloc[0], boundary.geometry.iloc[0]) == pytest.approx(0.663, abs=0.001)
    assert _iou(converted.geometry.iloc[0], boundary.geometry.iloc[0]) == pytest.approx(0.945, abs=0.001)


def test_gcj02_declared_as_wgs84_is_suspected(boundary: gpd.GeoDataFrame, amap: gpd.GeoDataFrame) -> None:
    evidence = crs.gcj02_suspicion(amap.geometry, boundary.geometry)
    assert evidence is not None
    assert evidence.offset == "gcj02"
    assert evidence.distance_converted_m < 40
    assert evidence.distance_as_is_m > 250
    assert evidence.shift_m == pytest.approx(479, abs=5)
    converted = crs.to_wgs84(amap, crs.parse_crs("gcj02"))
    assert crs.gcj02_suspicion(converted.geometry, boundary.geometry) is None


def test_real_layers_in_place_raise_no_suspicion_and_moved_ones_do(boundary: gpd.GeoDataFrame) -> None:
    extract = read_osm(real("yuzhong/yuzhong.osm.pbf"))
    layers = {
        "roads": extract.layers["roads"].geometry.to_numpy(),
        "buildings": extract.layers["buildings"].geometry.to_numpy(),
        "pois": gpd.read_file(real("yuzhong/pois.geojson")).geometry.to_numpy(),
        "stations": gpd.read_file(real("yuzhong/transit.geojson")).geometry.to_numpy(),
        "boundary": boundary.geometry.to_numpy(),
    }
    for moving, reference in itertools.product(layers, repeat=2):
        assert crs.gcj02_suspicion(layers[moving], layers[reference]) is None, (moving, reference)
    random = np.random.default_rng(0)
    for moving, reference in (("roads", "roads"), ("buildings", "buildings"), ("pois", "buildings")):
        for offset, forward in (("gcj02", crs.wgs84_to_gcj02), ("bd09", crs.wgs84_to_bd09)):
            surveyed = [
                shapely.affinity.translate(shape, *random.normal(0, 5e-5, 2)) for shape in layers[moving]
            ]  # another survey of the same things, 5 m off each
            shifted = shapely.transform(np.array(surveyed), forward, interleaved=False)
            evidence = crs.gcj02_suspicion(shifted, layers[reference])
            assert evidence is not None, (moving, reference, offset)
            assert evidence.offset == offset
