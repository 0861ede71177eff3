"""Frames become flat arrays: where vertices lie, how rings are wound, what ugly geometry is drawn as."""

from __future__ import annotations

import json

import baked_truth as truth
import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pyproj import Transformer
from shapely import wkt

from servers.serving.baked.bake import BakeSpec, bake_frame
from servers.serving.baked.hashing import equal_row, fnv1a
from servers.serving.zoom_rules import MIN_ZOOM

PLAIN = BakeSpec("things")


def frame_of(shapes: list, crs: str = "EPSG:4326", **columns: object) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=crs, index=[f"f{i}" for i in range(len(shapes))])


@pytest.mark.parametrize("crs", ["EPSG:32648", "EPSG:4326", "EPSG:4490", "EPSG:3857", "EPSG:4544"])
@pytest.mark.parametrize("side", [300.0, 60_000.0, 400_000.0])
def test_vertices_lie_where_proj_puts_them(crs, side) -> None:
    random = np.random.default_rng(4)
    places = random.uniform(-side, side, (200, 2)) + np.array([650_000, 3_270_000])
    shapes = [*shapely.points(places), *shapely.linestrings(places.reshape(-1, 2, 2))]
    frame = frame_of(shapes, "EPSG:32648").to_crs(crs)
    layer = bake_frame(frame, PLAIN)
    change = Transformer.from_crs(frame.crs, "EPSG:3857", always_xy=True)
    for row in range(len(layer)):
        points = shapely.get_coordinates(frame.geometry[layer.id(row)])
        wanted = np.column_stack(change.transform(points[:, 0], points[:, 1]))
        assert np.abs(truth.metres(layer, row) - wanted).max() <= layer.grid.unit_m * 0.501
    assert layer.bits == (40 if side < 70_000 else 37)


def test_the_world_and_beyond_the_square_fit_the_grid() -> None:
    layer = bake_frame(frame_of([shapely.Point(-180, 90), shapely.Point(180, -90), shapely.Point(0, 0)]), PLAIN)
    assert layer.bits == 32
    corners = np.sort(np.concatenate([truth.metres(layer, row) for row in range(3)]), axis=0)
    assert corners == pytest.approx(np.array([[-1, -1], [0, 0], [1, 1]]) * 20_037_508.34, abs=0.02)
    assert layer.bounds == (-180, -90, 180, 90)


coordinates = st.tuples(st.integers(0, 60), st.integers(0, 60))


@st.composite
def polygons(draw) -> shapely.Geometry:
    outer = shapely.convex_hull(shapely.multipoints(draw(st.lists(coordinates, min_size=3, max_size=9))))
    inner = shapely.convex_hull(shapely.multipoints(draw(st.lists(coordinates, min_size=3, max_size=5))))
    shape = shapely.difference(shapely.buffer(outer, 5, quad_segs=1), shapely.buffer(inner, 1, quad_segs=1))
    assume(not shape.is_empty)
    return shape if draw(st.booleans()) else shapely.orient_polygons(shape, exterior_cw=True)


@settings(max_examples=60, deadline=None)
@given(st.lists(polygons(), min_size=1, max_size=4))
def test_rings_are_wound_for_tiles_and_keep_their_area(shapes) -> None:
    layer = bake_frame(frame_of([shapely.transform(one, lambda xy: xy / 1e4) for one in shapes], "EPSG:4326"), PLAIN)
    for row in range(len(layer)):
        made = truth.drawn(layer, row)
        assert shapely.is_valid(made)
        whole = shapes[int(layer.id(row)[1:])]
        parts = shapely.get_parts(whole)
        rings = sum(1 + shapely.get_num_interior_rings(part) for part in parts)
        assert layer.feature_part[row + 1] - layer.feature_part[row] == rings
        assert sum(
            truth.area(np.array(ring.coords)[:-1]) > 0 for ring in shapely.get_rings(shapely.get_parts(made))
        ) == len(parts)
        scale = 2.0**layer.bits / 360 / 1e4  # at the equator degrees of both axes are nearly as long
        assert shapely.area(made) == pytest.approx(shapely.area(whole) * scale**2, rel=1e-4)


UGLY = {
    "POINT EMPTY": (0, 0), "POLYGON EMPTY": (0, 0), "GEOMETRYCOLLECTION EMPTY": (0, 0), "LINESTRING EMPTY": (0, 0),
    "POINT (1 1)": (1, 1), "MULTIPOINT ((1 1), EMPTY, (2 2))": (1, 2), "LINESTRING (1 1, 2 2)": (2, 2),
    "MULTILINESTRING ((0 0, 1 1), (2 2, 3 3, 4 2))": (2, 5), "LINEARRING (0 0, 1 0, 1 1, 0 0)": (2, 4),
    "POLYGON ((0 0, 1 0, 1 1, 0 0))": (3, 3), "POLYGON ((0 0, 2 2, 2 0, 0 2, 0 0))": (3, 6),
    "POLYGON ((0 0, 1 1, 2 2, 0 0))": (3, 3),
    "GEOMETRYCOLLECTION (POINT (9 9), LINESTRING (1 1, 2 2), LINESTRING (3 3, 4 4))": (2, 4),
    "GEOMETRYCOLLECTION (GEOMETRYCOLLECTION (POLYGON ((0 0, 1 0, 1 1, 0 0))), LINESTRING (8 8, 9 9))": (3, 3),
    "MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)), ((5 5, 6 5, 6 6, 5 5)))": (3, 6),
    "POINT Z (1 1 7)": (1, 1), "POLYGON Z ((0 0 1, 1 0 2, 1 1 3, 0 0 1))": (3, 3),
}  # fmt: skip


@pytest.mark.parametrize(("text", "drawn"), UGLY.items(), ids=list(UGLY))
def test_what_ugly_geometry_is_drawn_as(text, drawn) -> None:
    layer = bake_frame(frame_of([wkt.loads(text)]), PLAIN)
    assert (int(layer.kind[0]), len(layer.xy)) == drawn
    assert truth.feature(frame_of([wkt.loads(text)]), "f0") == json.loads(layer.feature(0))


def test_what_has_no_place_comes_last_and_is_never_found() -> None:
    shapes = [None, shapely.Point(3, 3), shapely.Point(), shapely.Point(1, 1), shapely.Point(np.inf, 0)]
    layer = bake_frame(frame_of(shapes), PLAIN)
    assert layer.kind.tolist() == [1, 1, 0, 0, 0]
    assert [layer.box[row].tolist() for row in (2, 3, 4)] == [[1, 1, 0, 0]] * 3
    assert [layer.id(row) for row in (2, 3)] == ["f0", "f2"]
    assert b'"geometry":null' in layer.feature(2)
    nothing = bake_frame(frame_of([]), PLAIN)
    assert (len(nothing), nothing.bounds, nothing.find("f0")) == (0, None, None)


def test_boxes_hold_the_whole_record_and_not_only_what_is_drawn() -> None:
    text = "GEOMETRYCOLLECTION (POINT (9 9), LINESTRING (1 1, 2 2))"
    layer = bake_frame(frame_of([wkt.loads(text), shapely.LineString([(1, 1), (9, 9)])]), PLAIN)
    assert layer.box[0].tolist() == layer.box[1].tolist()


def test_first_zooms_are_those_of_the_zoom_rules() -> None:
    random = np.random.default_rng(2)
    size = 10.0 ** random.uniform(-1, 5, 300)
    centre = random.uniform(-2e5, 2e5, (300, 2))
    shapes = [shapely.box(*at, *(at + np.array([s, s * 0.7]))) for at, s in zip(centre, size, strict=True)]
    shapes[200:] = [shapely.LineString([at, at + s]) for at, s in zip(centre[200:], size[200:], strict=True)]
    classes = random.choice(["motorway", "primary", "service", None], 300)
    frame = frame_of(shapes, "EPSG:3857", **{"class": classes})
    layer = bake_frame(frame, BakeSpec("roads", ()))
    rules = MIN_ZOOM["roads"]
    wanted = [max(rules.get(one, rules["*"]), first_seen(shape)) for one, shape in zip(classes, shapes, strict=True)]
    assert [int(layer.first_zoom[layer.row(f"f{i}")]) for i in range(300)] == wanted
    assert len(set(wanted)) > 5


def first_seen(shape: shapely.Geometry) -> int:
    """The first zoom at which a mercator geometry is as long and as large as a pixel of a tile 512 pixels wide."""
    for z in range(16):
        pixel = 40_075_016.68557849 / 2**z / 512
        west, south, east, north = shape.bounds
        if max(east - west, north - south) >= pixel and (
            shape.area >= pixel**2 or shape.length == shape.area == 0 or shape.geom_type == "LineString"
        ):
            return z
    return 16


def test_ids_are_looked_up_and_strangers_are_not_found() -> None:
    ids = ["", "甲", "a", "b" * 300, *map(str, range(500))]
    frame = gpd.GeoDataFrame(geometry=shapely.points(np.arange(len(ids)) / 10, 1.0), crs="EPSG:4326", index=ids)
    layer = bake_frame(frame, PLAIN)
    assert [layer.id(layer.row(one)) for one in ids] == ids
    assert [layer.find(one) for one in ("乙", "501x", "b" * 299, "\ud800")] == [None] * 4
    with pytest.raises(Exception, match=r"there is no such feature"):
        layer.row("500")


def test_hashes_are_fnv_and_a_collision_is_told_apart() -> None:
    known = {b"": 0xCBF29CE484222325, b"a": 0xAF63DC4C8601EC8C, b"foobar": 0x85944171F73967E8}
    assert {word: int(fnv1a(np.frombuffer(word, dtype=np.uint8))) for word in known} == known
    layer = bake_frame(frame_of([shapely.Point(i, 0) for i in range(5)]), PLAIN)
    ids, key = layer.columns[0], np.full(5, 7, dtype=np.uint64)
    arrays = (key, np.arange(5, dtype=np.int32), ids.code, ids.text, ids.text_at)
    for row in range(5):
        assert equal_row(np.frombuffer(layer.id(row).encode(), dtype=np.uint8), np.uint64(7), *arrays) == row
    assert equal_row(np.frombuffer(b"f9", dtype=np.uint8), np.uint64(7), *arrays) == -1


def test_neighbours_stand_together() -> None:
    side = np.arange(32)
    places = np.random.default_rng(3).permutation(np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2))
    layer = bake_frame(frame_of(list(shapely.points(places / 100.0))), PLAIN)
    steps = np.abs(np.diff(layer.box[:, :2].astype(np.int64), axis=0)).sum(axis=1)
    assert np.median(steps) < 1.1 * 2.0**layer.bits / 360 / 100  # the curve goes from a cell to the next
    assert sorted(layer.id(row) for row in range(len(layer))) == sorted(f"f{i}" for i in range(1024))
