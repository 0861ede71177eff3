"""Runs of neighbouring rows: the rows that a box holds, whatever the tree looks like."""

from __future__ import annotations

import json
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from paged import baked

from servers.serving.baked import index
from servers.serving.baked.feature_pages import BakedPages
from servers.serving.baked.placing import CRS84
from servers.serving.baked.row_runs import Runs
from servers.serving.baked.searching import Search

NEAR = 1e-9
edges = st.integers(-3, 73).map(lambda n: n / 100)
boxes = st.tuples(edges, edges, edges, edges).map(lambda e: (min(e[:2]), min(e[2:]), max(e[:2]), max(e[2:])))


def _layer(count: int, without: int) -> Any:
    random = np.random.default_rng(count)
    corner = random.integers(0, 70, (count, 2)) / 100
    shapes = [*shapely.box(*corner.T, *(corner + 0.01).T), *[None] * without]
    return baked(gpd.GeoDataFrame(geometry=shapes, crs="EPSG:4326", index=[f"f{n}" for n in range(len(shapes))]))


LAYERS = [
    _layer(*size) for size in ((0, 0), (0, 3), (1, 0), (15, 2), (16, 0), (17, 1), (256, 0), (257, 40), (5_000, 7))
]


@pytest.mark.parametrize("layer", LAYERS, ids=len)
@settings(max_examples=40, deadline=None, report_multiple_bugs=False)
@given(boxes)
def test_runs_are_the_rows_that_meet_a_box(layer: Any, box: Any) -> None:
    runs = Search(box, CRS84).runs(layer)
    assert runs is not None
    rows = runs.rows().tolist()
    assert runs.count == len(rows) == len(set(rows))
    assert rows == sorted(rows)
    candidates = index.query(layer, index.grid_box(layer, *box))
    shapes = shapely.from_wkb([layer.wkb(int(row)) for row in candidates])
    around = shapely.box(box[0] - NEAR, box[1] - NEAR, box[2] + NEAR, box[3] + NEAR)  # edges touch, but for rounding
    assert rows == candidates[shapely.intersects(shapes, around)].tolist()


def test_a_feature_is_found_by_the_coordinates_it_is_shown_with() -> None:
    random = np.random.default_rng(3)
    frame = gpd.GeoDataFrame(geometry=shapely.points(random.uniform(600_000, 640_000, (200, 2))), crs="EPSG:32648")
    pages = BakedPages(baked(frame))
    for feature in json.loads(pages.page(limit=200).features):
        lon, lat = feature["geometry"]["coordinates"]
        assert pages.page(bbox=(lon, lat, lon, lat)).matched == 1


def test_a_box_over_all_is_a_few_runs() -> None:
    for layer in LAYERS:
        runs = Search((-180, -90, 180, 90), CRS84).runs(layer)
        assert runs is not None
        assert len(runs.begin) <= 1
        assert runs.count == int((layer.kind > 0).sum())


ranges = st.lists(st.tuples(st.integers(1, 4), st.integers(1, 4)), max_size=8)


@given(ranges, st.integers(-2, 70), st.integers(1, 40))
def test_parts_of_runs(gaps_and_sizes: Any, row: int, most: int) -> None:
    begin, end, at = [], [], 0
    for gap, size in gaps_and_sizes:
        begin.append(at + gap)
        at += gap + size
        end.append(at)
    runs = Runs(np.array(begin, dtype=np.int64), np.array(end, dtype=np.int64))
    every = [one for a, b in zip(begin, end, strict=True) for one in range(a, b)]
    assert runs.rows().tolist() == every
    assert runs.after(row).rows().tolist() == [one for one in every if one > row]
    assert runs.first(most).tolist() == every[:most]
    probe = np.arange(-1, 70, dtype=np.int32)
    assert runs.holds(probe).tolist() == [one in every for one in probe]


@settings(max_examples=40, deadline=None)
@given(boxes, st.sets(st.integers(0, 256)), st.integers(1, 60))
def test_hidden_rows_are_neither_shown_nor_counted(box: Any, hidden: set[int], limit: int) -> None:
    layer = LAYERS[-2]
    mask = np.isin(np.arange(len(layer)), list(hidden))
    pages = BakedPages(layer, mask)
    runs = Search(box, CRS84).runs(layer)
    assert runs is not None
    wanted = [row for row in runs.rows().tolist() if row not in hidden]
    found: list[int] = []
    after = None
    while True:
        part = pages.positions.select(bbox=box, limit=limit, after=after)
        assert part.matched == len(wanted)
        found += part.positions.tolist()
        if part.next is None:
            break
        after = part.next
    assert found == wanted
