"""GeoJSON of a baked layer against Shapely's and Python's: every kind of value and geometry."""

from __future__ import annotations

import datetime
import json

import baked_truth as truth
import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from servers.serving.baked.bake import BakeField, BakeSpec, bake_frame
from servers.serving.baked.fragments_writer import put_decimal


def parsed(layer, row: int):
    return json.loads(layer.feature(row), parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))


def test_every_feature_of_a_city_is_as_it_should_be(city) -> None:
    for name in filter(city.has_layer, city.versions):
        frame, schema = city.layer(name), city.schema(name)
        layer = bake_frame(frame, BakeSpec(name, schema.fields))
        documents = [field.name for field in schema.fields if field.dtype == "json"]
        assert layer.fields == schema.names
        for row in range(len(layer)):
            assert parsed(layer, row) == truth.feature(frame, layer.id(row), documents)


def test_values_without_a_schema_are_written_plainly() -> None:
    instant = pd.Timestamp("2026-01-02 03:04:05.678", tz="Asia/Shanghai")
    frame = gpd.GeoDataFrame(
        {
            "real": [np.nan, np.inf, 1e300, 0.1],
            "single": np.array([0.1, 1, np.nan, -2.5], dtype=np.float32),
            "whole": pd.array([None, 2**53 + 1, -5, 0], dtype="Int64"),
            "large": np.array([2**64 - 1, 0, 1, 2], dtype=np.uint64),
            "flag": pd.array([True, None, False, True], dtype="boolean"),
            "when": [instant, pd.NaT, instant, instant],
            "bare": pd.to_datetime(["2026-01-01", None, "2026-01-01T01:02:03.000004", None], format="ISO8601"),
            "day": [datetime.date(2026, 1, 2), None, None, None],
            "mixed": [np.float64("nan"), {"a": [np.int64(1), float("inf")]}, "12", 12],
            "kinds": pd.Categorical(["乙", None, "甲", "乙"]),
            "lists": [np.array([1, 2]), [], None, [3]],
            "text": ['"\n\\\x00\x1f\x7f\t', "  重庆", "", "[1]"],
            "nothing": [None] * 4,
        },
        geometry=[None, shapely.Point(1, 2), shapely.Point(3, 4), shapely.Point(5, 6)],
        crs="EPSG:4326",
        index=['a"b', "乙", "", "d"],
    )
    layer = bake_frame(frame, BakeSpec("things"))
    for row in range(4):
        assert parsed(layer, row) == truth.feature(frame, layer.id(row))
    assert {column.name: column.dtype for column in layer.columns} == {
        "id": "string", "real": "float64", "single": "float64", "whole": "int64", "large": "json", "flag": "bool",
        "when": "timestamp", "bare": "timestamp", "day": "string", "mixed": "json", "kinds": "string",
        "lists": "json", "text": "string", "nothing": "string",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("dtype", "values"),
    [
        ("json", ['{"a": [1.0, "重"], "b": NaN}', None, "no json", '" "', '{"s": "\\ud800"}', "[" * 5_000]),
        ("list<int64>", [[1, -(2**62)], [], None, np.array([7]), [1], [1]]),
        ("string", ["a", None, "a", "🏙", "", '"']),
        ("timestamp", [pd.Timestamp("2026-01-01T00:00Z"), None, *[pd.Timestamp("1969-12-31T23:59:59.5Z")] * 4]),
    ],
)
def test_values_of_a_schema_are_written_as_it_says(dtype, values) -> None:
    points = shapely.points(np.arange(6) / 10, 0.0)
    frame = gpd.GeoDataFrame({"v": values}, geometry=points, crs="EPSG:4326", index=list("abcdef"))
    layer = bake_frame(frame, BakeSpec("things", (BakeField("v", dtype),)))
    for row in range(6):
        wanted = truth.feature(frame, layer.id(row), ["v"] if dtype == "json" else [])
        got = parsed(layer, row)
        if wanted["properties"]["v"] == {"s": "\ud800"}:
            assert got["properties"]["v"] == {"s": "?"}  # half a character has no UTF-8
        else:
            assert got == wanted


degrees = st.tuples(st.floats(-180, 180), st.floats(-85, 85), st.floats(-500, 9_000))


@st.composite
def shapes(draw) -> shapely.Geometry:
    points = draw(st.lists(degrees, min_size=4, max_size=8, unique=True))
    flat = [point[: draw(st.sampled_from([2, 3]))] for point in points]
    flat = [point[: len(flat[0])] for point in points]
    kind = draw(st.sampled_from(["point", "line", "polygon", "points", "lines", "collection"]))
    if kind == "point":
        return shapely.Point(flat[0])
    if kind == "polygon":
        return shapely.Polygon(flat)
    if kind == "points":
        return shapely.MultiPoint(flat)
    lines = shapely.MultiLineString([flat[:2], flat[1:]])
    return {"line": shapely.LineString(flat), "lines": lines}.get(
        kind, shapely.GeometryCollection([lines, shapely.Point(flat[0])])
    )


@settings(max_examples=150, deadline=None)
@given(shapes())
def test_geometry_is_as_shapely_writes_it(shape) -> None:
    frame = gpd.GeoDataFrame(geometry=[shape], crs="EPSG:4326", index=["a"])
    got, wanted = parsed(bake_frame(frame, BakeSpec("things")), 0)["geometry"], truth.geometry(frame, 0)
    assert sorted(got) == sorted(wanted)
    near = shapely.equals_exact(*(shapely.from_geojson(json.dumps(one)) for one in (got, wanted)), tolerance=1.01e-7)
    assert got == wanted or (near and shapely.has_z(shape) == ("Z" in shapely.to_wkt(shape)))


def test_polygons_are_wound_as_the_standard_asks_and_keep_their_first_point() -> None:
    shell = [(0, 0), (0, 9), (9, 9), (9, 0), (0, 0)]
    hole = [(1, 1), (2, 1), (2, 2), (1, 1)]
    both = shapely.MultiPolygon([shapely.Polygon(shell, [hole]), shapely.box(20, 20, 21, 21)])
    frame = gpd.GeoDataFrame(geometry=[both], crs="EPSG:4326", index=["a"])
    layer = bake_frame(frame, BakeSpec("things"))
    assert layer.feature(0).decode() == (
        '{"type":"Feature","id":"a","geometry":{"type":"MultiPolygon","coordinates":[[[[0.0,0.0],[9.0,0.0],[9.0,9.0],'
        "[0.0,9.0],[0.0,0.0]],[[1.0,1.0],[2.0,2.0],[2.0,1.0],[1.0,1.0]]],"
        '[[[21.0,20.0],[21.0,21.0],[20.0,21.0],[20.0,20.0],[21.0,20.0]]]]},"properties":{}}'
    )


def test_text_of_geometry_is_that_of_shapely(city) -> None:
    frame = city.layer("buildings")
    layer = bake_frame(frame, BakeSpec("buildings", ()))
    placed = shapely.set_precision(frame.to_crs("EPSG:4326").geometry.array, 1e-7, mode="pointwise")
    texts = shapely.to_geojson(shapely.orient_polygons(placed, exterior_cw=False))
    for id_, text in zip(frame.index, texts, strict=True):
        assert text in layer.feature(layer.row(id_)).decode()


@settings(deadline=None)
@given(st.integers(-(10**12), 10**12), st.sampled_from([10, 1000, 10**7]))
def test_decimals_are_exact_and_short(number, scale) -> None:
    out = np.zeros(40, dtype=np.uint8)
    text = out[: put_decimal(out, 0, number, scale)].tobytes().decode()
    digits = len(str(scale)) - 1
    assert text == (
        f"{'-' if number < 0 else ''}{abs(number) // scale}.{abs(number) % scale:0{digits}d}".rstrip("0")
        + "0" * (number % scale == 0)
    )
