"""The spatial join against comparing every geometry with every other, and against GeoPandas."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from cim_core.analysis import spatial_join
from cim_core.analysis.box_tree import BoxTree
from cim_core.analysis.spatial_join import join, pair_chunks
from cim_core.errors import ParameterError

PREDICATES = ["intersects", "within", "contains"]


def shapes(seed: int, count: int, side: float = 1000.0) -> np.ndarray:
    """Points, lines, polygons (some with holes), multi-parts, empty and missing ones, in no order."""
    random = np.random.default_rng(seed)
    x, y = random.uniform(0, side, (2, count))
    size = random.exponential(20, count)
    made = []
    for i in range(count):
        point = shapely.Point(x[i], y[i])
        disc = point.buffer(size[i], quad_segs=2)
        line = shapely.LineString([(x[i], y[i]), (x[i] + size[i], y[i] - size[i])])
        kinds = [
            point,
            line,
            disc,
            disc.difference(point.buffer(size[i] / 2)),
            shapely.MultiPoint([(x[i], y[i]), (0, 0)]),
        ]
        made.append([*kinds, shapely.Polygon(), None][i % 7])
    return np.array(made, dtype=object)


def every_pair(left, right, relation):
    a, b = np.meshgrid(np.arange(len(left)), np.arange(len(right)), indexing="ij")
    holds = relation(left[a.ravel()], right[b.ravel()])
    return list(zip(a.ravel()[holds].tolist(), b.ravel()[holds].tolist(), strict=True))


def pairs(found):
    return list(zip(*(rows.tolist() for rows in found), strict=True))


@pytest.mark.parametrize("predicate", PREDICATES)
@pytest.mark.parametrize("sizes", [(300, 200), (200, 300), (1, 400), (400, 1)])
def test_the_pairs_are_those_of_comparing_all_with_all(predicate, sizes):
    left, right = shapes(1, sizes[0]), shapes(2, sizes[1])
    expected = every_pair(left, right, getattr(shapely, predicate))
    assert pairs(join(left, right, predicate)) == expected
    assert expected or 1 in sizes


@pytest.mark.parametrize("distance_m", [0.0, 5.0, 60.0])
def test_within_a_distance(distance_m):
    left, right = shapes(3, 250), shapes(4, 250)
    expected = every_pair(left, right, lambda a, b: shapely.dwithin(a, b, distance_m))
    assert expected
    assert pairs(join(left, right, "dwithin", distance_m=distance_m)) == expected


def test_points_exactly_at_the_distance_count_wherever_they_are():
    x = np.array([0.1, 3_300_000.1, -7e6])
    left, right = shapely.points(x, 0.3), shapely.points(x + 0.7, 0.3)
    exact = shapely.distance(left, right)
    for i, distance_m in enumerate(exact):
        assert (i, i) in pairs(join(left, right, "dwithin", distance_m=float(distance_m)))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**31), st.integers(0, 60), st.integers(0, 60), st.sampled_from(PREDICATES), st.integers(1, 25))
def test_chunks_and_threads_do_not_matter(seed, a, b, predicate, chunk):
    left, right = shapes(seed, a, side=100), shapes(seed + 1, b, side=100)
    found = [pair for rows in pair_chunks(left, right, predicate, chunk=chunk, threads=3) for pair in pairs(rows)]
    assert sorted(found) == every_pair(left, right, getattr(shapely, predicate))


def test_points_in_polygons_whichever_side_they_stand_on_as_geopandas_has_them():
    random = np.random.default_rng(5)
    points = gpd.GeoDataFrame(geometry=shapely.points(random.uniform(0, 5000, (20_000, 2))))
    corner = random.uniform(0, 5000, (3000, 2))
    houses = gpd.GeoDataFrame(geometry=shapely.box(*corner.T, *(corner + random.uniform(5, 60, (3000, 2))).T))
    for left, right, predicate in ((points, houses, "within"), (houses, points, "contains")):
        joined = left.sjoin(right, predicate=predicate)
        expected = sorted(zip(joined.index.tolist(), joined["index_right"].tolist(), strict=True))
        assert pairs(join(left.geometry.array, right.geometry.array, predicate)) == expected
        assert len(expected) > 1000


def test_left_names_those_without_a_match_too():
    left = np.array([shapely.Point(5, 5), None, shapely.Point(0.5, 0.5)], dtype=object)
    assert pairs(join(left, [shapely.box(0, 0, 1, 1)], "within", "left")) == [(0, -1), (1, -1), (2, 0)]
    assert pairs(join(left, [], "within", "left")) == [(0, -1), (1, -1), (2, -1)]
    assert pairs(join([], left)) == []


def test_what_was_prepared_stays_so_and_nothing_else_is_left_prepared():
    houses = shapely.box(*np.random.default_rng(6).uniform(0, 50, (2, 40)), 60, 60)
    shapely.prepare(houses[:3])
    join(houses, shapely.points(np.random.default_rng(7).uniform(0, 60, (500, 2))))
    assert shapely.is_prepared(houses).tolist() == [True] * 3 + [False] * 37


def test_a_join_that_would_fill_the_memory_ends(monkeypatch):
    monkeypatch.setattr(spatial_join, "MOST_PAIRS", 99)
    same = shapely.points(np.zeros((10, 2)))
    with pytest.raises(ParameterError, match="more pairs than memory should hold"):
        join(same, same)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"predicate": "touching"}, "join.predicate"),
        ({"predicate": "dwithin"}, "join.distance"),
        ({"predicate": "dwithin", "distance_m": -1.0}, "join.distance"),
        ({"predicate": "dwithin", "distance_m": float("nan")}, "join.distance"),
        ({"predicate": "within", "distance_m": 3.0}, "join.distance"),
    ],
)
def test_what_does_not_fit_is_refused(asked, code):
    with pytest.raises(ParameterError, match="relation") as caught:
        join([shapely.Point(0, 0)], [shapely.Point(0, 0)], **asked)
    assert caught.value.code == code


@given(st.integers(0, 2**31), st.integers(0, 300), st.integers(0, 80), st.sampled_from([1.0, 1e-9, 1e7]))
@settings(max_examples=60, deadline=None)
def test_the_tree_of_boxes_finds_what_overlaps(seed, count, asked, scale):
    random = np.random.default_rng(seed)

    def boxes(number):
        low = random.integers(0, 40, (number, 2)) * scale  # on a lattice: many share an edge
        found = np.column_stack([low, low + random.integers(0, 6, (number, 2)) * scale])
        found[random.random(number) < 0.1] = np.nan
        return found

    mine, theirs = boxes(count), boxes(asked)
    meets = (
        (theirs[:, None, 0] <= mine[None, :, 2]) & (theirs[:, None, 2] >= mine[None, :, 0])
        & (theirs[:, None, 1] <= mine[None, :, 3]) & (theirs[:, None, 3] >= mine[None, :, 1])
    )  # fmt: skip
    expected = list(zip(*(axis.tolist() for axis in np.nonzero(meets)), strict=True))
    assert sorted(pairs(BoxTree.of(mine).meeting(theirs))) == expected
