"""Tiles of baked layers: against Shapely's own cutting, and every rule of what is shown."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from tile_drawing import NAME, PLACE, baked, drawn, features, framed, in_tile, true_shapes

from cim_core.errors import NotFoundError
from servers.serving.baked import tile_layer
from servers.serving.baked.bake import BakeSpec, bake_frame
from servers.serving.baked.layout import open_baked, write_baked
from servers.serving.baked.tile_commands import put_rings
from servers.serving.baked.tile_encoder import features as features_of
from servers.serving.baked.tile_encoder import messages, numbered
from servers.serving.baked.tile_layer import BakedTiles, warm
from servers.serving.baked.tile_shapes import draw
from servers.serving.web_mercator import DEEPEST, EXTENT, tile_of
from servers.serving.zoom_rules import MAX_ZOOM

LAYERS = ["roads", "walkways", "buildings", "pois", "rail", "water", "signals", "parking", "restrictions"]


def addresses(tiles: BakedTiles, z: int) -> list[tuple[int, int, int]]:
    west, south, east, north = tiles.bounds
    (left, top), (right, bottom) = tile_of(west, north, z), tile_of(east, south, z)
    return [(z, x, y) for x in range(left, right + 1) for y in range(top, bottom + 1)]


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("z", [MAX_ZOOM, 18])
def test_deep_tiles_are_what_shapely_cuts(city, name, z) -> None:
    frame = city.layer(name)
    tiles = BakedTiles(baked(frame, name))
    seen = set()
    for address in addresses(tiles, z):
        found = {one["properties"]["id"]: one["shape"] for one in features(tiles.encode(*address), name)}
        wanted = {id_: one for id_, one in true_shapes(frame, *address).items() if not one.is_empty}
        assert set(found) == set(wanted)
        for id_, geometry in found.items():
            assert shapely.hausdorff_distance(geometry, wanted[id_]) <= 1
        seen |= set(found)
    assert seen == set(frame.index.astype(str))


@pytest.mark.parametrize("name", ["roads", "buildings"])
@pytest.mark.parametrize("z", [12, 14, 15])
def test_coarser_tiles_stay_near_and_leave_out_what_is_small(city, name, z) -> None:
    frame = city.layer(name)
    tiles = BakedTiles(baked(frame, name))
    for address in addresses(tiles, z):
        found = {one["properties"]["id"]: one["shape"] for one in features(tiles.encode(*address), name)}
        wanted = true_shapes(frame, *address)
        for id_, geometry in found.items():
            assert shapely.hausdorff_distance(geometry, wanted[id_]) <= 3.0 + 1
        left_out = set(wanted) - set(found)
        assert all(wanted[id_].area < 8**2 or wanted[id_].length < 8 or z < 13 for id_ in left_out)


def test_every_value_travels_with_its_kind_and_what_is_missing_does_not() -> None:
    frame = framed(
        [shapely.Point(PLACE)] * 3,
        text=["解放碑", None, ""],
        whole=pd.array([2**40, None, -1], dtype="Int64"),
        share=[0.1, np.nan, -2.5],
        flag=pd.array([True, None, False], dtype="boolean"),
        list=[[1, 2], None, []],
    )
    tiles = BakedTiles(baked(frame))
    found = {one["properties"].pop("id"): one["properties"] for one in features(tiles.encode(0, 0, 0))}
    assert found["f0"] == {"text": "解放碑", "whole": 2**40, "share": float(np.float32(0.1)), "flag": True}
    assert found["f1"] == {}
    assert found["f2"] == {"text": "", "whole": -1, "share": -2.5, "flag": False}
    kinds = {"id": "String", "text": "String", "whole": "Number", "share": "Number", "flag": "Boolean"}
    assert tiles.kinds == kinds


def test_only_the_chosen_properties_and_the_id() -> None:
    frame = framed([shapely.Point(PLACE)], a=["x"], b=["y"])
    tiles = BakedTiles(baked(frame), ["b", "unknown"])
    (feature,) = features(tiles.encode(0, 0, 0))
    assert feature["properties"] == {"id": "f0", "b": "y"}
    assert tiles.fields == ("id", "b")


def test_heights_travel_as_the_lowest_of_each_feature() -> None:
    frame = framed([shapely.Point(*PLACE, 212.5), shapely.LineString([(*PLACE, 9.0), (106.6, 29.6, 3.0)])])
    tiles = BakedTiles(baked(frame), [])
    assert {one["properties"]["z_m"] for one in features(tiles.encode(12, *tile_of(*PLACE, 12)))} == {212.5, 3.0}


def test_hidden_rows_go_and_added_ones_come_with_ids_of_their_own() -> None:
    layer = baked(framed([shapely.Point(PLACE)] * 3, name=["a", "b", "c"]))
    added = bake_frame(framed([shapely.Point(PLACE)], name=["new"]).set_axis(["g"]), BakeSpec(NAME))
    hidden = np.zeros(3, dtype=bool)
    hidden[layer.row("f1")] = True
    found = features(BakedTiles(layer, None, hidden, added).encode(14, *tile_of(*PLACE, 14)))
    assert {(one["id"], one["properties"]["name"]) for one in found} == {
        (layer.row("f0"), "a"), (layer.row("f2"), "c"), (3, "new"),
    }  # fmt: skip


def test_ids_are_storage_rows_at_every_zoom() -> None:
    layer = baked(framed([shapely.Point(106.5 + i / 1000, 29.56) for i in range(40)]))
    tiles = BakedTiles(layer)
    for z in (3, 12, 22):
        for row in (0, 39):
            x, y = tile_of(106.5 + int(layer.id(row)[1:]) / 1000, 29.56, z)
            assert row in {
                one["id"] for one in features(tiles.encode(z, x, y)) if layer.id(row) in one["properties"]["id"]
            }


def test_the_largest_stay_where_too_many_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tile_layer, "MOST_FEATURES", 3)
    squares = [shapely.box(106.58, 29.56, 106.58 + size / 100, 29.56 + size / 100) for size in (1, 5, 2, 4, 3)]
    frame = framed(squares)
    assert set(drawn(frame, 12)) == {"f1", "f3", "f4"}
    assert len(drawn(frame, 12, exact=True)) == 5
    assert len(drawn(frame, MAX_ZOOM)) == 5


@pytest.mark.parametrize(("kind", "size"), [("LineString", 1), ("Polygon", 0.5)])
def test_what_rounding_leaves_nothing_of_is_drawn_smallest_at_the_deepest_zoom_only(kind, size) -> None:
    places = in_tile([(100.1, 100.1), (100.2, 100.1), (100.2, 100.2)], MAX_ZOOM)
    frame = framed([getattr(shapely, kind)(places)])
    (feature,) = drawn(frame, MAX_ZOOM).values()
    assert feature["geometry"]["type"] == kind
    assert (feature["shape"].area or feature["shape"].length) == size
    assert drawn(frame, MAX_ZOOM, exact=True) == {}
    assert drawn(frame, 13) == {}


@pytest.mark.parametrize("buffer", [0, 5, 256])
def test_the_rim_is_as_wide_as_asked(buffer: int) -> None:
    frame = framed([shapely.LineString(in_tile([(-1000, 50), (5000, 50)], 15))])
    (feature,) = drawn(frame, 15, exact=True, buffer=buffer).values()
    assert feature["shape"].bounds == (-buffer, 50, EXTENT + buffer, 50)


def test_a_line_that_leaves_and_comes_back_is_in_pieces() -> None:
    frame = framed([shapely.LineString(in_tile([(10, 10), (10, -300), (40, -300), (40, 10), (60, 10)], 16))])
    (feature,) = drawn(frame, 16).values()
    assert feature["geometry"]["coordinates"] == [[[10, 10], [10, -64]], [[40, -64], [40, 10], [60, 10]]]


def test_a_polygon_that_fills_the_tile_is_its_square() -> None:
    frame = framed([shapely.box(100, 20, 110, 35)])
    (feature,) = drawn(frame, 16).values()
    assert feature["shape"].equals(shapely.box(-64, -64, EXTENT + 64, EXTENT + 64))


def test_the_deepest_zoom_is_finer_than_the_grid_of_a_continent() -> None:
    frame = framed([shapely.Point(PLACE), shapely.Point(-170, -60)])
    x, y = tile_of(*PLACE, DEEPEST)
    found = features(BakedTiles(baked(frame)).encode(DEEPEST, x, y))
    assert [one["properties"]["id"] for one in found] == ["f0"]


def test_nothing_there_is_no_bytes() -> None:
    tiles = BakedTiles(baked(framed([shapely.Point(PLACE)])))
    assert tiles.encode(14, 0, 0) == b""
    assert BakedTiles(baked(gpd.GeoDataFrame(geometry=[], crs="EPSG:4326"))).encode(0, 0, 0) == b""


@pytest.mark.parametrize("address", [(0, 0, 1), (23, 0, 0), (-1, 0, 0), (4, -1, 2)])
def test_tiles_outside_the_grid_are_refused(address) -> None:
    with pytest.raises(NotFoundError, match="no such tile"):
        BakedTiles(baked(framed([shapely.Point(PLACE)]))).encode(*address)


@pytest.mark.parametrize("buffer", [-1, 5000])
def test_a_rim_that_is_none_is_refused(buffer: int) -> None:
    with pytest.raises(ValueError, match="buffer is 0 to 4096"):
        BakedTiles(baked(framed([shapely.Point(PLACE)]))).encode(0, 0, 0, buffer=buffer)


def test_what_is_warm_serves_mapped_layers_without_compiling(tmp_path) -> None:
    warm()
    compiled = {kernel: len(kernel.signatures) for kernel in (draw, features_of, numbered, messages, put_rings)}
    assert all(compiled.values())
    touching = shapely.Polygon(in_tile([(0, 0), (90, 0), (90, 90), (45, 0.1), (0, 90)], 15))
    frame = framed([touching, shapely.Point(PLACE)], text=["a", None], number=[1.5, 2.5])
    write_baked(baked(frame), tmp_path)
    assert len(features(BakedTiles(open_baked(tmp_path)).encode(15, *tile_of(*PLACE, 15)))) == 2
    assert {kernel: len(kernel.signatures) for kernel in compiled} == compiled


def test_what_touches_itself_once_rounded_is_mended() -> None:
    """Two triangles whose common corner is a hair's breadth wide become two polygons that meet in a point."""
    frame = framed([shapely.Polygon(in_tile([(0, 0), (90, 0), (90, 90), (45, 0.1), (0, 90)], 15))])
    (feature,) = drawn(frame, 15).values()
    assert feature["shape"].equals(
        shapely.MultiPolygon(
            [shapely.Polygon([(0, 0), (45, 0), (0, 90)]), shapely.Polygon([(45, 0), (90, 0), (90, 90)])]
        )
    )
