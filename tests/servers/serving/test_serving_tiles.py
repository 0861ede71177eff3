"""Tiles of the tiny city against Shapely's own cutting, read with another decoder."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from tile_reading import expected, polygons_of, read, signed_area

from cim_core.errors import NotFoundError
from servers.serving.layers import tile_fields
from servers.serving.tiles import LayerTiles, tile
from servers.serving.web_mercator import BUFFER, EXTENT, tile_of
from servers.serving.zoom_rules import MAX_ZOOM, TOLERANCE

LAYERS = ["roads", "walkways", "buildings", "pois", "rail", "water", "signals", "parking", "restrictions"]


def addresses(tiles: LayerTiles, z: int) -> list[tuple[int, int, int]]:
    west, south, east, north = tiles.bounds
    (left, top), (right, bottom) = tile_of(west, north, z), tile_of(east, south, z)
    return [(z, x, y) for x in range(left, right + 1) for y in range(top, bottom + 1)]


def layer(city, name) -> tuple[gpd.GeoDataFrame, LayerTiles]:
    frame = city.layer(name)
    return frame, LayerTiles(frame, name=name, properties=tile_fields(city.schema(name)))


@pytest.mark.parametrize("name", LAYERS)
def test_deepest_tiles_are_what_shapely_cuts(city, name) -> None:
    frame, tiles = layer(city, name)
    seen = set()
    for address in addresses(tiles, MAX_ZOOM):
        features = {feature["id"]: feature for feature in read(tiles.encode(*address), name)}
        wanted = expected(frame, *address)
        assert set(features) == set(wanted)
        for row, feature in features.items():
            assert feature["properties"]["id"] == frame.index[row]
            assert shapely.hausdorff_distance(feature["shape"], wanted[row]) <= 1
        seen |= set(features)
    assert seen == set(range(len(frame)))


@pytest.mark.parametrize("name", ["roads", "buildings", "water"])
@pytest.mark.parametrize("z", [12, 14, 15])
def test_coarser_tiles_stay_near_and_leave_out_what_is_small(city, name, z) -> None:
    frame, tiles = layer(city, name)
    for address in addresses(tiles, z):
        wanted = expected(frame, *address)
        features = read(tiles.encode(*address), name)
        assert features or name == "buildings"
        for feature in features:
            assert shapely.hausdorff_distance(feature["shape"], wanted[feature["id"]]) <= TOLERANCE + 1
        left_out = set(wanted) - {feature["id"] for feature in features}
        assert all(wanted[row].area < 8**2 or wanted[row].length < 8 or z < 13 for row in left_out)


def test_properties_are_the_layers(city) -> None:
    frame, tiles = layer(city, "buildings")
    fields = tile_fields(city.schema("buildings"))
    assert {"levels", "height_m", "use"} < set(fields)
    assert {"assumed", "tags"}.isdisjoint(fields)
    (feature, *_) = read(tiles.encode(14, *tile_of(106.58, 29.56, 14)), "buildings")
    row = frame.iloc[feature["id"]]
    for name, value in feature["properties"].items():
        if name == "id":
            assert value == row.name
        elif isinstance(value, float):
            assert value == np.float32(row[name])
        else:
            assert (type(value), value) == (
                type(getattr(row[name], "item", lambda row=row, name=name: row[name])()),
                row[name],
            )
    known = {name for name in fields if not pd.isna(row[name])}
    assert set(feature["properties"]) == known | {"id"}


def test_every_kind_of_value() -> None:
    frame = gpd.GeoDataFrame(
        {
            "whole": [-(2**40), 7],
            "maybe": pd.array([None, 3], dtype="Int64"),
            "real": [np.nan, 0.5],
            "endless": [np.inf, -np.inf],
            "flag": [True, False],
            "loose_flag": [None, True],
            "text": ["重庆", None],
            "sort": pd.Categorical(["a", "b"]),
            "when": pd.to_datetime(["2026-01-02T03:04:05Z", None]),
            "nothing": [None, None],
        },
        geometry=gpd.points_from_xy([106.58, 106.58], [29.56, 29.56]),
        crs="EPSG:4326",
        index=pd.Index(["甲", "乙"], name="id"),
    )
    tiles = LayerTiles(frame, name="things", properties=[n for n in frame.columns if n != "geometry"])
    first, second = (one["properties"] for one in read(tiles.encode(16, *tile_of(106.58, 29.56, 16)), "things"))
    assert first == {
        "id": "甲", "whole": -(2**40), "flag": True, "text": "重庆", "sort": "a", "when": "2026-01-02T03:04:05+00:00",
    }  # fmt: skip
    assert second == {
        "id": "乙", "whole": 7, "maybe": 3, "real": 0.5, "flag": False, "loose_flag": True, "sort": "b",
    }  # fmt: skip
    assert (tiles.kinds["flag"], tiles.kinds["real"], tiles.kinds["text"]) == ("Boolean", "Number", "String")


def test_hole_is_wound_against_its_polygon() -> None:
    ring = shapely.box(106.5801, 29.5601, 106.5809, 29.5609)
    hole = shapely.box(106.5803, 29.5603, 106.5806, 29.5606)
    frame = gpd.GeoDataFrame(geometry=[ring.difference(hole)], crs="EPSG:4326", index=["a"])
    (feature,) = read(LayerTiles(frame, name="a", properties=[]).encode(16, *tile_of(106.5805, 29.5605, 16)), "a")
    ((exterior, interior),) = polygons_of(feature["geometry"])
    assert signed_area(exterior) > 0 > signed_area(interior)


def test_rows_without_a_place_are_in_no_tile() -> None:
    here = shapely.Point(106.58, 29.56)
    frame = gpd.GeoDataFrame(
        geometry=[None, shapely.Point(), here, shapely.GeometryCollection(), shapely.Point(0, 90)],
        crs="EPSG:4326",
        index=list("abcde"),
    )
    tiles = LayerTiles(frame, name="a", properties=[])
    (feature,) = read(tiles.encode(0, 0, 0), "a")
    assert (feature["id"], feature["properties"]) == (2, {"id": "c"})
    assert tiles.bounds == pytest.approx((106.58, 29.56, 106.58, 29.56))
    assert LayerTiles(frame.iloc[:2], name="a", properties=[]).encode(0, 0, 0) == b""
    assert LayerTiles(frame.iloc[:0], name="a", properties=[]).bounds is None


def test_parts_of_a_collection_share_its_id() -> None:
    mixed = shapely.GeometryCollection(
        [shapely.Point(106.58, 29.56), shapely.box(106.5801, 29.5601, 106.5803, 29.5603)]
    )
    frame = gpd.GeoDataFrame(geometry=[shapely.Point(106.5802, 29.56), mixed], crs="EPSG:4326", index=["a", "b"])
    features = read(LayerTiles(frame, name="m", properties=[]).encode(16, *tile_of(106.58, 29.56, 16)), "m")
    assert [(one["id"], one["geometry"]["type"]) for one in features] == [(0, "Point"), (1, "Point"), (1, "Polygon")]


def test_several_layers_in_one_tile(city) -> None:
    layers = [layer(city, name)[1] for name in ("roads", "pois", "signals")]
    address = (14, *tile_of(106.58, 29.56, 14))
    body = tile(layers, *address)
    for one in layers:
        assert read(body, one.name) == read(one.encode(*address), one.name)
        assert read(body, one.name)
    assert tile(layers, 14, 0, 0) == b""


@pytest.mark.parametrize("address", [(-1, 0, 0), (23, 0, 0), (3, 8, 0), (3, 0, -1)])
def test_no_such_tile(city, address) -> None:
    with pytest.raises(NotFoundError, match="no such tile"):
        layer(city, "pois")[1].encode(*address)


def test_minor_classes_begin_at_deeper_zooms(city) -> None:
    frame, tiles = layer(city, "roads")
    classes = {
        z: {frame["class"].iloc[one["id"]] for a in addresses(tiles, z) for one in read(tiles.encode(*a), "roads")}
        for z in (10, 13)
    }
    assert "residential" in classes[13] - classes[10]
    assert classes[10] < classes[13]


@pytest.mark.parametrize("name", ["roads", "buildings", "water"])
@pytest.mark.parametrize("z", [15, 16])
def test_neighbouring_tiles_agree_where_they_overlap(city, name, z) -> None:
    _, tiles = layer(city, name)
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
    tiles = LayerTiles(frame, name="any", properties=[])
    shown = {
        z: [one["id"] for one in read(tiles.encode(z, *tile_of(106.58, 29.56, z)), "any")] for z in (9, 12, 14, 16)
    }
    assert shown == {9: [], 12: [2], 14: [1, 2], 16: [0, 1, 2]}


def test_crowded_tile_keeps_the_largest(monkeypatch) -> None:
    monkeypatch.setattr("servers.serving.tiles.MOST_FEATURES", 10)
    length = np.random.default_rng(4).permutation(np.linspace(0.001, 0.01, 50))
    lines = shapely.linestrings([[(106.58, 29.56), (106.58 + one, 29.56)] for one in length])
    tiles = LayerTiles(gpd.GeoDataFrame(geometry=lines, crs="EPSG:4326"), name="any", properties=[])
    address = tile_of(106.58, 29.56, 12)
    kept = [one["id"] for one in read(tiles.encode(12, *address), "any")]
    assert kept == sorted(np.argsort(-length)[:10])
    assert len(read(tiles.encode(16, *tile_of(106.58, 29.56, 16)), "any")) == 50


def test_coarse_tiles_have_fewer_points() -> None:
    angle = np.linspace(0, 2 * np.pi, 2000)
    shore = shapely.Polygon(np.column_stack([106.58 + 0.004 * np.cos(angle), 29.56 + 0.004 * np.sin(angle)]))
    frame = gpd.GeoDataFrame(geometry=[shore, shore.exterior], crs="EPSG:4326", index=["a", "b"])
    tiles = LayerTiles(frame, name="any", properties=[])
    for feature in read(tiles.encode(12, *tile_of(106.58, 29.56, 12)), "any"):
        assert 8 < shapely.get_num_coordinates(feature["shape"]) < 60
