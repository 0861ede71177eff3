"""Reference systems by name, the working CRS, geodesic measures, placement, and the look of GCJ-02."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import Transformer

from cim_core import crs
from cim_core.errors import InputError, ParameterError

YUZHONG = (106.4677, 29.5069, 106.5966, 29.5953)


def test_gcj02_agrees_with_a_published_pair() -> None:
    # eviltransform's own test (Shanghai): WGS84 31.1774276, 121.5272106 is GCJ-02 31.17530398364597, 121.531541859215
    lon, lat = crs.wgs84_to_gcj02(121.5272106, 31.1774276)
    assert (float(lon), float(lat)) == pytest.approx((121.531541859215, 31.17530398364597), abs=1e-6)


def test_offsets_are_the_identity_outside_china() -> None:
    places = np.array([24.94, -0.12, 151.2]), np.array([60.17, 51.5, -33.9])
    for convert in (crs.wgs84_to_gcj02, crs.wgs84_to_bd09, crs.gcj02_to_wgs84, crs.bd09_to_wgs84):
        np.testing.assert_array_equal(convert(*places), places)


def test_offsets_leave_nan_and_shape_alone() -> None:
    lon, lat = crs.gcj02_to_wgs84(np.array([[106.5, np.nan], [np.inf, 24.9]]), 29.5)
    assert lon.shape == lat.shape == (2, 2)
    assert np.isnan(lon[0, 1])
    assert lon[1, 0] == np.inf
    assert lon[0, 0] != 106.5


@pytest.mark.parametrize(
    ("text", "name", "offset"),
    [
        ("EPSG:4490", "EPSG:4490", None),
        ("4544", "EPSG:4544", None),
        ("epsg:32648", "EPSG:32648", None),
        ("GCJ-02", "gcj02", "gcj02"),
        ("bd09", "bd09", "bd09"),
        ("cgcs2000", "EPSG:4490", None),
        ("urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326", None),
        ("EPSG:9897", "EPSG:2169", None),  # compound: its horizontal part
    ],
)
def test_reference_systems_by_name(text: str, name: str, offset: str | None) -> None:
    source = crs.parse_crs(text)
    assert (source.name, source.offset) == (name, offset)


def test_wkt_of_a_prj_file_is_recognised() -> None:
    assert crs.parse_crs(crs.parse_crs("EPSG:4544").crs.to_wkt()).name == "EPSG:4544"


@pytest.mark.parametrize("text", ["EPSG:999999", "chongqing", "", "bd09mc"])
def test_unknown_reference_systems_are_refused(text: str) -> None:
    with pytest.raises(ParameterError, match="not known") as caught:
        crs.parse_crs(text)
    assert caught.value.code == "crs.unknown"
    assert "gcj02" in caught.value.expected


def test_a_geocentric_system_is_refused() -> None:
    with pytest.raises(ParameterError, match="does not place data on the map"):
        crs.parse_crs("EPSG:4978")


@pytest.mark.parametrize(
    ("text", "warns"), [("EPSG:4544", False), ("EPSG:32648", False), ("EPSG:4610", True), ("EPSG:2383", True)]
)
def test_a_datum_without_transformation_is_warned_of(text: str, warns: bool) -> None:
    warning = crs.datum_warning(crs.parse_crs(text))
    assert (warning is not None) == warns
    if warning:
        assert "Xian 1980" in warning


def test_easting_comes_first_though_epsg_4544_says_northing() -> None:
    lon, lat = crs.coordinates_to_wgs84([650_000.0], [3_270_000.0], crs.parse_crs("EPSG:4544"))
    by_authority = Transformer.from_crs("EPSG:4544", "EPSG:4490", always_xy=False).transform(3_270_000.0, 650_000.0)
    assert (float(lat[0]), float(lon[0])) == pytest.approx(by_authority, abs=1e-9)
    assert float(lon[0]) == pytest.approx(106.547, abs=1e-3)


def test_frames_go_to_wgs84_and_to_the_working_crs() -> None:
    point = shapely.Point(*(float(value) for value in crs.wgs84_to_gcj02(106.55, 29.56)))
    frame = gpd.GeoDataFrame({"name": ["解放碑"]}, geometry=[point], crs="EPSG:4326")
    source = crs.parse_crs("gcj02")
    degrees = crs.to_wgs84(frame, source).geometry.iloc[0]
    assert (degrees.x, degrees.y) == pytest.approx((106.55, 29.56), abs=1e-9)
    working = crs.to_working(frame, source, "EPSG:32648")
    assert working.crs == "EPSG:32648"
    assert list(working.columns) == ["name", "geometry"]
    expected = gpd.GeoSeries([shapely.Point(106.55, 29.56)], crs=4326).to_crs(32648).iloc[0]
    assert working.geometry.iloc[0].distance(expected) < 1e-4


def test_a_frame_already_in_the_working_crs_keeps_its_coordinates_bit_for_bit() -> None:
    frame = gpd.GeoDataFrame(geometry=[shapely.Point(650_000.123456789, 3_270_000.987654321)])
    working = crs.to_working(frame, crs.parse_crs("EPSG:32648"), "EPSG:32648")
    assert working.geometry.iloc[0].equals(frame.geometry.iloc[0])


def test_heights_pass_unchanged() -> None:
    line = shapely.LineString([(650_000, 3_270_000, 200.5), (650_100, 3_270_000, 210.25)])
    (moved,) = crs.geometries_to_wgs84([line], crs.parse_crs("EPSG:32648"))
    assert [z for _, _, z in moved.coords] == [200.5, 210.25]


@pytest.mark.parametrize(
    ("lon", "lat", "code"),
    [
        (106.55, 29.55, "EPSG:32648"),  # UTM 48N −122 ppm; CM105 +278, CM108 +244
        (110.2, 31.0, "EPSG:4546"),  # UTM 49N −326 ppm; CM111 +70
        (105.0, 29.5, "EPSG:4544"),  # on a central meridian: exact
        (24.94, 60.17, "EPSG:32635"),
        (151.2, -33.9, "EPSG:32756"),
        (180.0, 0.0, "EPSG:32660"),
    ],
)
def test_default_working_crs_has_the_least_scale_error(lon: float, lat: float, code: str) -> None:
    assert crs.working_crs_for(lon, lat) == code
    assert crs.require_working_crs(code) == code


def test_scale_errors_at_chongqing_are_those_measured() -> None:
    errors = {code: crs.scale_error_ppm(code, 106.55, 29.55) for code in ("EPSG:32648", "EPSG:4544", "EPSG:4545")}
    assert errors == pytest.approx({"EPSG:32648": -122, "EPSG:4544": 278, "EPSG:4545": 244}, abs=2)


def test_no_default_working_crs_at_the_pole() -> None:
    with pytest.raises(ParameterError, match="no default working CRS"):
        crs.working_crs_for(0.0, 88.0)


@pytest.mark.parametrize("text", ["EPSG:4326", "EPSG:4490", "EPSG:3857", "gcj02", "bd09", "EPSG:2263"])
def test_what_is_not_in_true_metres_is_no_working_crs(text: str) -> None:
    with pytest.raises(ParameterError, match="projected and in metres") as caught:
        crs.require_working_crs(text)
    assert caught.value.code == "crs.not_metric"


def test_a_local_projection_may_be_the_working_crs() -> None:
    wkt = crs.require_working_crs("+proj=tmerc +lon_0=107.7 +k=0.9998 +x_0=500000 +ellps=GRS80 +units=m")
    assert crs.scale_error_ppm(wkt, 107.7, 30.0) == pytest.approx(-200, abs=1)


def test_geodesic_length_of_every_kind_of_geometry() -> None:
    line = shapely.LineString([(106.5, 29.5), (106.51, 29.5), (106.51, 29.51)])
    ring = shapely.Polygon([(106.5, 29.5), (106.51, 29.5), (106.51, 29.51), (106.5, 29.51)])
    several = shapely.MultiLineString([line, line])
    mixed = shapely.GeometryCollection([line, shapely.Point(0, 0)])
    lengths = crs.geodesic_length_m([line, None, shapely.Point(1, 1), several, shapely.LineString(), ring, mixed])
    assert lengths[0] == pytest.approx(969.6 + 1108.5, abs=1.0)
    assert lengths[[1, 2, 4]].tolist() == [0.0, 0.0, 0.0]
    assert lengths[3] == pytest.approx(2 * lengths[0])
    assert lengths[5] == pytest.approx(2 * lengths[0], rel=1e-3)
    assert lengths[6] == lengths[0]


def test_geodesic_area_subtracts_holes_and_ignores_orientation() -> None:
    shell = [(106.5, 29.5), (106.6, 29.5), (106.6, 29.6), (106.5, 29.6)]
    hole = [(106.52, 29.52), (106.54, 29.52), (106.54, 29.54), (106.52, 29.54)]
    whole, empty = shapely.Polygon(shell), shapely.Polygon(hole)
    geometries = [whole, shapely.Polygon(shell[::-1], [hole]), shapely.MultiPolygon([empty]), None, shapely.Point(1, 1)]
    full, pierced, inner, missing, point = crs.geodesic_area_m2(geometries)
    assert pierced == pytest.approx(full - inner, rel=1e-12)
    assert full == pytest.approx(107.4e6, rel=0.01)
    assert (missing, point) == (0.0, 0.0)


def test_measures_of_nothing_are_empty() -> None:
    assert crs.geodesic_length_m([]).shape == crs.geodesic_area_m2([]).shape == (0,)


@pytest.mark.parametrize(
    ("bounds", "source", "code", "remedy"),
    [
        ((29.5, 106.5, 29.6, 106.6), "EPSG:4326", "crs.swapped_axes", "longitude"),
        ((650_000, 3_270_000, 651_000, 3_271_000), "EPSG:4326", "crs.metres_as_degrees", "--source-crs"),
        ((650_000, 3_270_000, 651_000, 3_271_000), "gcj02", "crs.metres_as_degrees", "--source-crs"),
        ((106.5, 29.5, 106.6, 29.6), "EPSG:4544", "crs.degrees_as_metres", "EPSG:4490"),
        ((3_270_000, 650_000, 3_271_000, 651_000), "EPSG:4544", "crs.swapped_axes", "--x and --y"),
        ((35_650_000, 3_270_000, 35_651_000, 3_271_000), "EPSG:4544", "crs.zone_prefix", "EPSG:4523"),
        ((18_650_000, 3_270_000, 18_651_000, 3_271_000), "EPSG:32648", "crs.zone_prefix", "EPSG:4496"),
        ((9e6, 9e6, 9.1e6, 9.1e6), "EPSG:32648", "crs.coordinates_outside", "--source-crs"),
    ],
)
def test_coordinates_that_cannot_be_of_their_system(bounds: crs.Bounds, source: str, code: str, remedy: str) -> None:
    declared = crs.parse_crs(source)
    assert not crs.fits_crs(bounds, declared)[0]
    error = crs.misfit_error(bounds, declared, "roads.gpkg")
    assert error.code == code
    assert remedy in error.remedy


@pytest.mark.parametrize(
    ("bounds", "source"),
    [
        (YUZHONG, "EPSG:4326"),
        (YUZHONG, "gcj02"),
        ((640_000, 3_265_000, 655_000, 3_275_000), "EPSG:32648"),
        ((340_000, 3_265_000, 370_000, 3_275_000), "EPSG:4545"),
        ((35_650_000, 3_270_000, 35_651_000, 3_271_000), "EPSG:4523"),
        ((800_000, 3_400_000, 810_000, 3_410_000), "EPSG:4544"),  # east of the zone, as whole provinces are
        ((1_757_000, 5_427_000, 1_758_000, 5_428_000), "EPSG:2193"),  # New Zealand: area across the antimeridian
    ],
)
def test_coordinates_that_are_of_their_system(bounds: crs.Bounds, source: str) -> None:
    assert crs.fits_crs(bounds, crs.parse_crs(source))[0]


def test_data_near_the_city_are_taken_and_far_ones_refused() -> None:
    crs.refuse_far((106.0, 29.0, 106.1, 29.1), YUZHONG, where="near.gpkg")
    crs.refuse_far((70.0, 10.0, 140.0, 50.0), YUZHONG, where="all-china.gpkg")
    with pytest.raises(InputError, match=r"lie [\d,]+ km from the city") as caught:
        crs.refuse_far((24.9, 60.1, 25.0, 60.2), YUZHONG, where="helsinki.osm.pbf")
    assert caught.value.code == "data.far_from_city"
    assert "cim init" in caught.value.remedy


def test_far_data_that_are_only_swapped_get_that_hint() -> None:
    helsinki = (24.8, 60.1, 25.1, 60.3)
    with pytest.raises(InputError, match="km from the city") as caught:
        crs.refuse_far((60.15, 24.9, 60.2, 25.0), helsinki, where="stops.csv")
    assert "swapped" in caught.value.remedy


def test_separation_is_geodesic() -> None:
    assert crs.separation_m(YUZHONG, YUZHONG) == 0.0
    assert crs.separation_m((0, 0, 1, 1), (0, 2, 1, 3)) == pytest.approx(110_574, abs=30)


def _blocks(seed: int, count: int = 120) -> np.ndarray:
    """Small irregular blocks scattered over two kilometres."""
    random = np.random.default_rng(seed)
    centres = np.array([106.55, 29.55]) + random.uniform(-0.01, 0.01, (count, 2))
    return np.array([shapely.box(x, y, x + 2e-4 + 1e-4 * random.random(), y + 2e-4) for x, y in centres])


def _moved(geometries: np.ndarray, offset: str) -> np.ndarray:
    forward = {"gcj02": crs.wgs84_to_gcj02, "bd09": crs.wgs84_to_bd09}[offset]
    return shapely.transform(geometries, forward, interleaved=False)


@pytest.mark.parametrize("offset", ["gcj02", "bd09"])
def test_offset_data_are_recognised(offset: str) -> None:
    blocks = _blocks(1)
    evidence = crs.gcj02_suspicion(_moved(blocks, offset), blocks)
    assert evidence is not None
    assert evidence.offset == offset
    assert evidence.distance_converted_m < 1 < evidence.distance_as_is_m
    assert f"--source-crs {offset}" in evidence.sentence()
    assert "GCJ-02" in evidence.sentence() or "BD-09" in evidence.sentence()


def test_data_in_place_raise_no_suspicion() -> None:
    assert crs.gcj02_suspicion(_blocks(1), _blocks(1)) is None


def test_unrelated_data_raise_no_suspicion() -> None:
    for seed in range(2, 12):
        assert crs.gcj02_suspicion(_blocks(seed), _blocks(1)) is None


@pytest.mark.parametrize(("dx", "dy"), [(0.004, 0.0), (0.0, -0.004), (-0.0037, 0.0028)])
def test_another_displacement_of_the_same_size_is_not_taken_for_the_offset(dx: float, dy: float) -> None:
    shifted = shapely.transform(_blocks(1), lambda xy: xy + np.array([dx, dy]))
    assert crs.gcj02_suspicion(shifted, _blocks(1)) is None


def test_too_little_or_foreign_data_raise_no_suspicion() -> None:
    blocks = _blocks(1)
    assert crs.gcj02_suspicion(_moved(blocks[:2], "gcj02"), blocks) is None
    assert crs.gcj02_suspicion(np.array([]), blocks) is None
    assert crs.gcj02_suspicion(blocks, np.array([])) is None
    helsinki = shapely.transform(blocks, lambda xy: xy + np.array([-81.6, 30.6]))
    assert crs.gcj02_suspicion(helsinki, helsinki) is None


def test_importing_the_module_does_not_import_geopandas() -> None:
    code = "import sys, cim_core.crs; print([m for m in ('geopandas', 'shapely', 'pyproj') if m in sys.modules])"
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.strip() == "[]"
