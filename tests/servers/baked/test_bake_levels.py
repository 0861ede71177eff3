"""Which vertices a zoom draws: never farther from the line than the tolerance, and no more than are needed."""

from __future__ import annotations

import baked_truth as truth
import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from servers.serving.baked.bake import BakeSpec, bake_frame
from servers.serving.zoom_rules import MAX_ZOOM, TOLERANCE

steps = st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=2, max_size=60)
sizes = st.sampled_from([2.0, 40.0, 3_000.0])
ZOOMS = range(MAX_ZOOM + 1)


def baked(shape: shapely.Geometry):
    return bake_frame(gpd.GeoDataFrame(geometry=[shape], crs="EPSG:3857", index=["a"]), BakeSpec("things"))


def kept(layer, part: int, z: int) -> np.ndarray:
    inside = slice(layer.part[part], layer.part[part + 1])
    return layer.xy[inside][layer.level[inside] <= z].astype(float)


@settings(max_examples=120, deadline=None)
@given(steps, sizes)
def test_lines_are_what_douglas_and_peucker_leave(walk, size) -> None:
    points = np.cumsum(walk, axis=0) * size
    layer = baked(shapely.LineString(points))
    whole = layer.xy.astype(float)
    line = shapely.linestrings(whole)
    for z in ZOOMS:
        some, reach = kept(layer, 0, z), TOLERANCE * layer.grid.tile_unit(z)
        assert (some[0] == whole[0]).all()
        assert (some[-1] == whole[-1]).all()
        if z < MAX_ZOOM:
            assert shapely.hausdorff_distance(line, shapely.linestrings(some), densify=0.2) <= reach + 1e-6
            least = shapely.get_num_coordinates(shapely.simplify(line, reach, preserve_topology=False))
            assert len(some) <= 1.5 * least + 4  # ties are split elsewhere
        else:
            assert len(some) == len(whole)


@settings(max_examples=120, deadline=None)
@given(steps.filter(lambda walk: len(set(walk)) > 2), sizes)
def test_rings_stay_rings_and_near(walk, size) -> None:
    angle = np.linspace(0, 2 * np.pi, len(walk), endpoint=False)
    reach = 10 + np.abs(np.array(walk)[:, 0])
    ring = np.column_stack([np.cos(angle), np.sin(angle)]) * reach[:, None] * size
    shape = shapely.Polygon(ring)
    layer = baked(shape)
    for part in range(len(layer.part) - 1):
        whole = shapely.linearrings(layer.xy[layer.part[part] : layer.part[part + 1]].astype(float))
        for z in ZOOMS:
            some = kept(layer, part, z)
            assert len(some) >= 3
            far = shapely.hausdorff_distance(whole, shapely.linearrings(some), densify=0.2)
            assert far <= TOLERANCE * layer.grid.tile_unit(z) + 1e-6
        assert len(kept(layer, part, MAX_ZOOM)) == layer.part[part + 1] - layer.part[part]


def test_a_coarse_zoom_needs_few_vertices_and_a_fine_one_all() -> None:
    angle = np.linspace(0, 2 * np.pi, 1_000, endpoint=False)
    layer = baked(shapely.Polygon(np.column_stack([np.cos(angle), np.sin(angle)]) * 5_000))
    counts = [len(kept(layer, 0, z)) for z in ZOOMS]
    assert counts == sorted(counts)
    assert counts[0] == 3
    assert counts[11] < 70
    assert counts[15] > 150


def test_points_and_short_parts_are_drawn_whole() -> None:
    for shape in (shapely.MultiPoint([(0, 0), (1, 0), (2, 0)]), shapely.LineString([(0, 0), (1, 1)])):
        assert baked(shape).level.max() == 0
    assert baked(shapely.Polygon([(0, 0), (1, 0), (1, 1)])).level.max() == 0


def test_each_part_has_its_own_hierarchy() -> None:
    shape = shapely.MultiLineString([[(0, 0), (5_000, 0.1), (10_000, 0)], [(0, 9), (5_000, 9_000), (10_000, 9)]])
    layer = baked(shape)
    assert layer.level[[0, 2, 3, 5]].tolist() == [0] * 4
    assert layer.level[1] == MAX_ZOOM
    assert layer.level[4] < 8
    assert truth.drawn(layer, 0).geom_type == "MultiLineString"


@pytest.mark.parametrize("count", [4, 5, 100])
def test_a_ring_of_one_place_is_no_trouble(count) -> None:
    layer = baked(shapely.Polygon([(7, 7)] * count))
    assert len(layer.level) == count - 1
    assert (layer.level[:3] == 0).sum() >= 2
