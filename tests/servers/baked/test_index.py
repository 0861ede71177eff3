"""The packed tree against Shapely's, and against looking at every row."""

from __future__ import annotations

import json

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from servers.serving.baked.bake import BakeSpec, bake_frame
from servers.serving.baked.grid import Grid
from servers.serving.baked.index import build_tree, grid_box, query, query_within, warm
from servers.serving.baked.layout import NODE


def scattered(count: int, seed: int) -> gpd.GeoDataFrame:
    random = np.random.default_rng(seed)
    low = np.column_stack([random.uniform(106, 107, count), random.uniform(29, 30, count)])
    shapes = shapely.box(*low.T, *(low + 10 ** random.uniform(-6, -1, (count, 2))).T)
    shapes[random.random(count) < 0.1] = None
    return gpd.GeoDataFrame(geometry=shapes, crs="EPSG:4326", index=[str(i) for i in range(count)])


@pytest.fixture(scope="module")
def layer_and_tree():
    frame = scattered(3_000, 5)
    layer = bake_frame(frame, BakeSpec("things"))
    return layer, frame.geometry.to_numpy(), shapely.STRtree(frame.geometry.to_numpy())


edge = st.floats(-0.2, 1.2, allow_nan=False)


@settings(max_examples=80, deadline=None)
@given(edge, edge, edge, edge)
def test_finds_what_shapely_finds(layer_and_tree, a, b, c, d) -> None:
    layer, shapes, tree = layer_and_tree
    box = (106 + min(a, b), 29 + min(c, d), 106 + max(a, b), 29 + max(c, d))
    found = query(layer, grid_box(layer, *box))
    assert (np.diff(found) > 0).all()
    got = {int(layer.id(row)) for row in found}
    sure = set(tree.query(shapely.box(*box)).tolist())
    near = set(tree.query(shapely.buffer(shapely.box(*box), 2e-7, join_style="mitre")).tolist())
    assert sure <= got <= near
    rows, inside = query_within(layer, grid_box(layer, *box))
    assert rows.tolist() == found.tolist()
    within = {int(layer.id(row)) for row in rows[inside]}
    assert all(shapely.contains(shapely.buffer(shapely.box(*box), 2e-7), shapes[i]) for i in within)
    small = shapely.buffer(shapely.box(*box), -2e-7)
    assert {i for i in got if shapely.contains(small, shapes[i])} <= within


@pytest.mark.parametrize("zoom", [0, 5, 9, 12, 15, 16, 22, 255])
def test_a_zoom_leaves_out_what_is_drawn_later_only(layer_and_tree, zoom) -> None:
    layer, _, _ = layer_and_tree
    box = np.array(grid_box(layer, 106.2, 29.3, 106.7, 29.6))
    held = box - np.tile(layer.origin, 2)
    rows = [
        row
        for row, one in enumerate(layer.box.tolist())
        if one[0] <= one[2]
        and one[0] <= held[2] and one[2] >= held[0] and one[1] <= held[3] and one[3] >= held[1]
        and (zoom >= 16 or layer.first_zoom[row] <= zoom)
    ]  # fmt: skip
    assert query(layer, box, zoom).tolist() == rows
    assert (len(rows) == 0) == (zoom == 0)


@pytest.mark.parametrize("count", [0, 1, NODE - 1, NODE, NODE + 1, NODE**2, NODE**2 + 1])
def test_every_size_of_tree_finds_all_its_rows(count) -> None:
    frame = gpd.GeoDataFrame(geometry=shapely.points(np.arange(count) / 1e3, 1.0), crs="EPSG:4326")
    layer = bake_frame(frame, BakeSpec("things"))
    assert query(layer, grid_box(layer, -180, -90, 180, 90)).tolist() == list(range(count))
    assert layer.tree_level[-1] == len(layer.tree_box) - 1 or count == 0


def test_a_node_holds_its_rows_and_the_earliest_zoom_below(layer_and_tree) -> None:
    layer, _, _ = layer_and_tree
    tree = build_tree(layer.box, layer.first_zoom)
    for node in range(len(layer) // NODE):
        rows = slice(node * NODE, (node + 1) * NODE)
        boxes = layer.box[rows][layer.kind[rows] > 0]
        if len(boxes):
            assert tree.box[node].tolist() == [*boxes[:, :2].min(axis=0), *boxes[:, 2:].max(axis=0)]
            assert tree.zoom[node] == layer.first_zoom[rows][layer.kind[rows] > 0].min()


def test_rows_are_found_by_the_coordinates_they_are_shown_with(city) -> None:
    frame, schema = city.layer("pois"), city.schema("pois")
    layer = bake_frame(frame, BakeSpec("pois", schema.fields))
    for row in range(len(layer)):
        shown = json.loads(layer.feature(row))["geometry"]["coordinates"]
        assert row in query(layer, grid_box(layer, *shown, *shown))


def test_boxes_beyond_the_world_and_beyond_int32_are_compared_rightly(layer_and_tree) -> None:
    layer, _, _ = layer_and_tree
    whole = (layer.kind > 0).sum()
    assert len(query(layer, (-(2**50), -(2**50), 2**50, 2**50))) == whole
    assert len(query(layer, (2**50, 2**50, 2**51, 2**51))) == len(query(layer, (5, 5, 4, 4))) == 0
    assert Grid(40, (0, 0)).square(-180, -89, 180, 89) == (0, 0, 2.0**40, 2.0**40)
    warm()
