"""Tiles of the tiny city from its snapshots, read with another decoder: what zooms leave out, how neighbours agree."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from tile_reading import expected, read

from servers.serving.baked.bake import BakeSpec, bake_frame
from servers.serving.baked.tile_layer import BakedTiles
from servers.serving.layers import city_tiles, tile_fields
from servers.serving.web_mercator import BUFFER, EXTENT, tile_of
from servers.serving.zoom_rules import MAX_ZOOM

LAYERS = ["roads", "walkways", "buildings", "pois", "rail", "water", "signals", "parking", "restrictions"]


def addresses(tiles: BakedTiles, z: int) -> list[tuple[int, int, int]]:
    west, south, east, north = tiles.bounds
    (left, top), (right, bottom) = tile_of(west, north, z), tile_of(east, south, z)
    return [(z, x, y) for x in range(left, right + 1) for y in range(top, bottom + 1)]


def drawn(frame: gpd.GeoDataFrame) -> BakedTiles:
    return BakedTiles(bake_frame(frame, BakeSpec("any")))


@pytest.mark.parametrize("name", LAYERS)
def test_deepest_tiles_of_a_city_are_what_shapely_cuts(city, name) -> None:
    frame = city.layer(name)
    (tiles,) = city_tiles(city, [name]).layers
    seen = set()
    for address in addresses(tiles, MAX_ZOOM):
        features = {feature["properties"]["id"]: feature for feature in read(tiles.encode(*address), name)}
        wanted = {frame.index[row]: shape for row, shape in expected(frame, *address).items()}
        assert set(features) == set(wanted)
        for id_, feature in features.items():
            assert shapely.hausdorff_distance(feature["shape"], wanted[id_]) <= 1
        seen |= set(features)
    assert seen == set(frame.index)
    assert {"assumed", "tags"}.isdisjoint(tiles.fields)
    assert set(tile_fields(city.schema(name))) <= set(tiles.fields)


def test_minor_classes_begin_at_deeper_zooms(city) -> None:
    (tiles,) = city_tiles(city, ["roads"]).layers
    classes = {
        z: {one["properties"]["class"] for a in addresses(tiles, z) for one in read(tiles.encode(*a), "roads")}
        for z in (10, 13)
    }
    assert "residential" in classes[13] - classes[10]
    assert classes[10] < classes[13]


@pytest.mark.parametrize("name", ["roads", "buildings", "water"])
@pytest.mark.parametrize("z", [15, 16])
def test_neighbouring_tiles_agree_where_they_overlap(city, name, z) -> None:
    (tiles,) = city_tiles(city, [name]).layers
    shared = shapely.box(EXTENT - BUFFER + 2, -BUFFER, EXTENT + BUFFER - 2, EXTENT + BUFFER)
    met = 0
    for _, x, y in addresses(tiles, z):
        here = {one["id"]: one["shape"] for one in read(tiles.encode(z, x, y), name)}
        beside = {one["id"]: one["shape"] for one in read(tiles.encode(z, x + 1, y), name)}
        for row in set(here) & set(beside):
            moved = shapely.transform(beside[row], lambda points: np.add(points, (EXTENT, 0)))
            both = [shapely.intersection(one, shared) for one in (here[row], moved)]
            assert both[0].is_empty == both[1].is_empty
            if not both[0].is_empty:
                assert shapely.hausdorff_distance(*both) <= 3  # a unit of rounding, seen at a shallow angle
                met += 1
    assert met


def test_coarse_tiles_leave_out_what_is_less_than_a_pixel() -> None:
    side = 0.0001 * np.array([0.01, 1, 8])  # degrees: 0.1, 10 and 77 m
    places = shapely.box(106.58, 29.56, 106.58 + side, 29.56 + side)
    frame = gpd.GeoDataFrame(geometry=places, crs="EPSG:4326", index=list("abc"))
    tiles = drawn(frame)
    shown = {
        z: {one["properties"]["id"] for one in read(tiles.encode(z, *tile_of(106.58, 29.56, z)), "any")}
        for z in (9, 12, 14, 16)
    }
    assert shown == {9: set(), 12: {"c"}, 14: {"b", "c"}, 16: {"a", "b", "c"}}


def test_coarse_tiles_have_fewer_points() -> None:
    angle = np.linspace(0, 2 * np.pi, 2000)
    shore = shapely.Polygon(np.column_stack([106.58 + 0.004 * np.cos(angle), 29.56 + 0.004 * np.sin(angle)]))
    frame = gpd.GeoDataFrame(geometry=[shore, shore.exterior], crs="EPSG:4326", index=["a", "b"])
    tiles = drawn(frame)
    for feature in read(tiles.encode(12, *tile_of(106.58, 29.56, 12)), "any"):
        assert 8 < shapely.get_num_coordinates(feature["shape"]) < 60
