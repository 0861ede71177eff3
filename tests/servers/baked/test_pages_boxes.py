"""Boxes in any reference system find exactly what meets them there, and what is counted is what is found."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from paged import pages_of, walk

from cim_core.errors import ParameterError
from servers.serving.baked.feature_pages import BakedPages
from servers.serving.baked.placing import CRS84, ReferenceSystem, offered, system_named
from servers.serving.web_mercator import transformer

CRS = "EPSG:4545"
SYSTEMS = [one for one in offered(CRS, False) if not one.is_wgs84]


def _things(count: int = 300) -> gpd.GeoDataFrame:
    """Points, bent lines, rings with courts and parts that lie apart, in a few kilometres."""
    random = np.random.default_rng(7)
    middle = random.uniform(0, 4_000, (count, 2)) + np.array([360_000, 3_270_000])
    shapes: list[Any] = []
    for number, (x, y) in enumerate(middle):
        size = random.uniform(5, 600)
        square = shapely.box(x, y, x + size, y + size / 3)
        court = shapely.box(x + size / 4, y + size / 12, x + size / 2, y + size / 6)
        bend = [(x, y), (x + size, y + size), (x + size, y - size), (x, y + 2 * size)]
        apart = shapely.MultiPolygon([square, shapely.box(x + 2 * size, y, x + 3 * size, y + 9)])
        tilted = shapely.affinity.rotate(square, random.uniform(0, 90))
        points = shapely.MultiPoint([(x, y), (x + size, y)])
        kinds = [shapely.Point(x, y), shapely.LineString(bend), square - court, apart, tilted, points, None]
        shapes.append(kinds[number % len(kinds)])
    return gpd.GeoDataFrame(geometry=shapes, crs=CRS, index=[f"f{n}" for n in range(count)])


THINGS = _things()
PAGES = pages_of(THINGS)
IN_SYSTEM = {one.uri: THINGS.geometry.to_crs(one.definition) for one in (*SYSTEMS, CRS84)}
share = st.floats(-0.2, 1.2)


def _box(bounds: np.ndarray, corners: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    west, east = sorted(bounds[0] + (bounds[2] - bounds[0]) * one for one in corners[:2])
    south, north = sorted(bounds[1] + (bounds[3] - bounds[1]) * one for one in corners[2:])
    return west, south, east, north


def _ids(pages: BakedPages, **asked: Any) -> set[str]:
    found = [one["id"] for one in walk(pages, limit=100, skip_geometry=True, **asked)]
    assert len(set(found)) == len(found)
    return set(found)


@pytest.mark.parametrize("system", [*SYSTEMS, CRS84], ids=lambda one: one.uri.rpartition("/")[2])
@settings(max_examples=25, deadline=None)
@given(corners=st.tuples(share, share, share, share))
def test_boxes_find_what_meets_them(system: ReferenceSystem, corners: tuple[float, float, float, float]) -> None:
    shapes = IN_SYSTEM[system.uri]
    box = _box(shapes.total_bounds, corners)
    found = _ids(PAGES, bbox=box, bbox_crs=system)
    surely, perhaps = _judged(shapes, box, system)
    assert surely <= found <= perhaps


def _judged(shapes: gpd.GeoSeries, box: Any, system: ReferenceSystem) -> tuple[set[str], set[str]]:
    """What meets the box by GEOS, and what comes within a centimetre of it (which rounding may add or take)."""
    rim = 0.02 if system.definition != "OGC:CRS84" and system.decimals == 3 else 2e-7
    around, within = shapely.box(*box).buffer(rim), shapely.box(*box).buffer(-rim)
    return set(shapes.index[shapes.intersects(within)]), set(shapes.index[shapes.intersects(around)])


def test_a_box_of_everything_finds_all_that_has_a_place() -> None:
    placed = set(THINGS.index[THINGS.geometry.notna()])
    assert _ids(PAGES, bbox=(-180, -90, 180, 90)) == placed
    assert _ids(PAGES, bbox=(-9e9, -9e9, 9e9, 9e9), bbox_crs=SYSTEMS[-1]) == placed
    assert len(_ids(PAGES)) == len(THINGS) > len(placed)


def test_a_box_far_away_finds_nothing() -> None:
    for system in SYSTEMS:
        assert PAGES.page(bbox=(0, 0, 1, 1), bbox_crs=system).matched == 0
    assert PAGES.page(bbox=(0, 0, 1, 1)).matched == 0


@pytest.mark.parametrize(
    ("box", "count"), [((6, 1, 9, 4), 0), ((4, 4, 5, 5), 1), ((5, 5, 5, 5), 1), ((-9, 5, 30, 5), 1)]
)
def test_a_slanted_line_is_met_only_where_it_runs(box: Any, count: int) -> None:
    """Near the equator, where a straight line of the map is one of degrees too."""
    line = gpd.GeoDataFrame(geometry=[shapely.LineString([(0, 0), (10, 10)])], crs="EPSG:4326", index=["a"])
    near = tuple(edge / 1000 for edge in box)
    line["geometry"] = line.geometry.scale(0.001, 0.001, origin=(0, 0))
    assert pages_of(line).page(bbox=near).matched == count


def test_a_court_is_no_part_of_the_building() -> None:
    ring = shapely.box(0, 0, 0.03, 0.03) - shapely.box(0.01, 0.01, 0.02, 0.02)
    pages = pages_of(gpd.GeoDataFrame(geometry=[ring], crs="EPSG:4326", index=["a"]))
    assert pages.page(bbox=(0.012, 0.012, 0.018, 0.018)).matched == 0
    assert pages.page(bbox=(0.002, 0.002, 0.003, 0.003)).matched == 1  # wholly within the walls
    assert pages.page(bbox=(0.012, 0.012, 0.025, 0.018)).matched == 1


def test_what_lies_wholly_within_is_counted_like_what_is_looked_at() -> None:
    bounds = IN_SYSTEM[CRS84.uri].total_bounds
    page = PAGES.page(bbox=tuple(bounds), limit=1)
    assert page.matched == int(THINGS.geometry.notna().sum())
    assert page.returned == 1


def test_the_antimeridian_is_crossed_in_degrees_only() -> None:
    frame = gpd.GeoDataFrame(geometry=gpd.points_from_xy([179.9, -179.9, 0], [0, 0, 0]), crs="EPSG:4326")
    pages = pages_of(frame)
    assert {one["id"] for one in walk(pages, bbox=(179, -1, -179, 1))} == {"0", "1"}
    mercator = system_named(SYSTEMS[0].uri, pages.systems, "bbox-crs")
    with pytest.raises(ParameterError, match="bounding box"):
        pages.page(bbox=(10, -1, -10, 1), bbox_crs=mercator)


def test_axes_are_those_of_the_authority() -> None:
    by_uri = {one.uri.rpartition("/")[2]: one for one in offered("EPSG:4545", True)}
    assert list(by_uri) == ["CRS84h", "CRS84", "4326", "3857", "4490", "4545"]
    assert [one.north_first for one in by_uri.values()] == [False, False, True, False, True, True]
    assert by_uri["4326"].x_first((29, 106, 30, 107)) == (106, 29, 107, 30)
    assert offered("EPSG:32648", False)[-1].north_first is False


def test_a_system_that_is_not_offered_is_refused() -> None:
    with pytest.raises(ParameterError, match="not served in this reference system"):
        system_named("http://www.opengis.net/def/crs/EPSG/0/2154", PAGES.systems, "crs")


def test_a_box_of_another_system_is_judged_in_it() -> None:
    """A line that runs along the box's edge, a centimetre off: the same box in degrees would be tilted against it."""
    system = SYSTEMS[-1]
    line = shapely.LineString([(360_000, 3_270_000), (364_000, 3_270_000)])
    pages = pages_of(gpd.GeoDataFrame(geometry=[line], crs=CRS, index=["a"]))
    assert pages.page(bbox=(359_000, 3_269_000, 365_000, 3_269_999.99), bbox_crs=system).matched == 0
    assert pages.page(bbox=(359_000, 3_269_000, 365_000, 3_270_000), bbox_crs=system).matched == 1
    north = transformer(CRS, "OGC:CRS84").transform(364_000, 3_269_999.99)[1]
    assert pages.page(bbox=(-180, -90, 180, north)).matched == 1
