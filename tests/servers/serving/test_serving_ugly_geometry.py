"""Whatever geometry comes, a tile can be read, its rings are valid and rightly wound, and nothing is lost."""

from __future__ import annotations

from itertools import pairwise

import geopandas as gpd
import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from tile_reading import RIM, expected, polygons_of, read, signed_area

from servers.serving.mvt import Column, Parts, layer_message, varints
from servers.serving.tiles import LayerTiles
from servers.serving.web_mercator import tile_of

PLACE = (106.58, 29.56)
TILE = (16, *tile_of(*PLACE, 16))
unit = st.integers(-6, 6).map(lambda n: n / 4) | st.floats(-1, 1)
pairs = st.tuples(unit, unit)


def polygon(points: list[tuple[float, float]]) -> shapely.Geometry:
    return shapely.Polygon(points)


shapes = st.one_of(
    pairs.map(shapely.Point),
    st.lists(pairs, min_size=1, max_size=6).map(shapely.MultiPoint),
    st.lists(pairs, min_size=2, max_size=12).map(shapely.LineString),
    st.lists(st.lists(pairs, min_size=2, max_size=5), min_size=1, max_size=3).map(shapely.MultiLineString),
    st.lists(pairs, min_size=3, max_size=14).map(polygon),
    st.lists(st.lists(pairs, min_size=3, max_size=8).map(polygon), min_size=1, max_size=3).map(shapely.MultiPolygon),
    st.tuples(st.lists(pairs, min_size=3, max_size=8), st.lists(pairs, min_size=3, max_size=6)).map(
        lambda two: shapely.Polygon(two[0], [two[1]])
    ),
    st.tuples(pairs.map(shapely.Point), st.lists(pairs, min_size=3, max_size=6).map(polygon)).map(
        shapely.GeometryCollection
    ),
    st.none(),
)
frames = st.tuples(st.lists(shapes, min_size=1, max_size=8), st.sampled_from([1e-6, 1e-5, 1e-3, 1e-2, 1.0]))


def frame_of(drawn: tuple[list[shapely.Geometry | None], float]) -> gpd.GeoDataFrame:
    geometries, scale = drawn
    placed = shapely.transform(np.array(geometries, dtype=object), lambda points: points * scale + PLACE)
    return gpd.GeoDataFrame(geometry=placed, crs="EPSG:4326", index=[f"f{i}" for i in range(len(placed))])


@given(frames, st.sampled_from([0, 5, 10, 13, 15, 16]))
@settings(max_examples=150, deadline=None)
def test_rings_are_valid_and_wound_right(drawn, z) -> None:
    tiles = LayerTiles(frame_of(drawn), name="u", properties=[])
    low, high = RIM[0] - 1, RIM[2] + 1
    for feature in read(tiles.encode(z, *tile_of(*PLACE, z)), "u"):
        for exterior, *interiors in polygons_of(feature["geometry"]):
            assert signed_area(exterior) > 0
            assert all(signed_area(ring) < 0 for ring in interiors)
            assert all(first != second for ring in (exterior, *interiors) for first, second in pairwise(ring))
            assert shapely.Polygon(exterior, interiors).is_valid
        if "Line" in feature["geometry"]["type"]:
            assert feature["shape"].length > 0
        bounds = shapely.bounds(feature["shape"])
        assert ((bounds >= low) & (bounds <= high)).all()


@given(frames)
@settings(max_examples=100, deadline=None)
def test_nothing_is_lost_at_the_deepest_zoom(drawn) -> None:
    frame = frame_of(drawn)
    mended = frame.set_geometry(shapely.make_valid(np.asarray(frame.geometry.array), method="structure"))
    found = {feature["id"] for feature in read(LayerTiles(frame, name="u", properties=[]).encode(*TILE), "u")}
    inner = shapely.box(0, 0, 4096, 4096)
    for row, geometry in expected(mended, *TILE).items():
        kinds = {shapely.get_dimensions(part) for part in shapely.get_parts(geometry)}
        own = shapely.get_dimensions(frame.geometry.iloc[row])
        if own in kinds and shapely.intersects(geometry, inner) and (own < 2 or geometry.area > 1e-6):
            assert row in found


@given(st.lists(st.integers(0, 2**32 - 1)))
def test_varints_are_protobufs(numbers: list[int]) -> None:
    body, back, shift, value = varints(np.array(numbers, dtype=np.uint64)), [], 0, 0
    for byte in body:
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            back.append(value)
            shift = value = 0
    assert back == numbers


@given(st.integers(0, 2**32 - 1), st.integers(-(2**62), 2**62), st.text(max_size=200))
def test_ids_numbers_and_texts_of_any_size(id_: int, number: int, text: str) -> None:
    text = text.encode(errors="ignore").decode()
    one = np.array([0], dtype=np.int64)
    parts = Parts(np.array([[3, 4]], dtype=np.int64), one, one, np.array([1], dtype=np.int64))
    columns = [Column("number", one, np.array([number], dtype=np.int64)), Column("text", one, [text])]
    body = layer_message("层", parts, extent=4096, ids=np.array([id_], dtype=np.int64), rows=one, columns=columns)
    (feature,) = read(body, "层")
    assert (feature["id"], feature["properties"]) == (id_, {"number": number, "text": text})
    assert feature["geometry"] == {"type": "Point", "coordinates": [3, 4]}
