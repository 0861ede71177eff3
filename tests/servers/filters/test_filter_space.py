"""Spatial filters against Shapely on the features as they are served, one by one."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely
from filtered_places import asked, baked, frame, ids_of
from shapely.geometry import shape

from cim_core.errors import ParameterError
from servers.serving.baked.layout import BakedLayer
from servers.serving.filters import parse_filter

EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
MERCATOR = EPSG + "3857"
TRUTHS: dict[str, Callable[[Any, Any], Any]] = {
    "S_INTERSECTS": shapely.intersects,
    "S_DISJOINT": shapely.disjoint,
    "S_WITHIN": shapely.within,
    "S_CONTAINS": shapely.contains,
    "S_TOUCHES": shapely.touches,
    "S_CROSSES": shapely.crosses,
    "S_OVERLAPS": shapely.overlaps,
    "S_EQUALS": shapely.equals,
}


@pytest.mark.parametrize(
    ("text", "selected"),
    [
        ("S_INTERSECTS(geometry, BBOX(106.555, 29.545, 106.565, 29.555))", "bg"),
        ("S_INTERSECTS(geometry, BBOX(106.5, 29.5, 200, 106.565, 29.6, 300))".replace("200, ", "0, "), "abcdg"),
        ("S_INTERSECTS(geometry, POINT(106.565 29.555))", "bg"),
        ("S_INTERSECTS(POINT(106.575 29.555), geometry)", "e"),
        ("S_DISJOINT(geometry, BBOX(106.555, 29.545, 106.565, 29.555))", "acde"),
        ("NOT S_INTERSECTS(geometry, BBOX(106.555, 29.545, 106.565, 29.555))", "acde"),
        ("S_WITHIN(geometry, BBOX(106.555, 29.545, 106.575, 29.565))", "bg"),
        ("S_CONTAINS(geometry, POINT(106.565 29.555))", "bg"),
        ("S_WITHIN(POINT(106.575 29.555), geometry)", "e"),
        ("S_TOUCHES(geometry, POLYGON((106.57 29.55, 106.58 29.55, 106.58 29.56, 106.57 29.56, 106.57 29.55)))", "bc"),
        ("S_EQUALS(geometry, POLYGON((106.57 29.55, 106.58 29.55, 106.58 29.56, 106.57 29.56, 106.57 29.55)))", "e"),
        ("S_CROSSES(geometry, LINESTRING(106.565 29.5, 106.565 29.6))", "bc"),
        ("S_OVERLAPS(geometry, BBOX(106.565, 29.555, 106.575, 29.57))", "be"),
        ("S_INTERSECTS(geometry, BBOX(106.55, 29.55, 106.55, 29.55))", "a"),
        (
            "S_INTERSECTS(geometry, GEOMETRYCOLLECTION(POINT(106.55 29.55), LINESTRING(106.56 29.57, 106.57 29.58)))",
            "ad",
        ),
        ("S_INTERSECTS(geometry, BBOX(106.5, 29.5, 106.6, 29.6)) AND levels = 3", "bc"),
        ("S_INTERSECTS(geometry, BBOX(106.5, 29.5, 106.6, 29.6)) OR name LIKE 'O%'", "abcdefg"),
    ],
)
def test_relations(places: BakedLayer, text: str, selected: str) -> None:
    assert ids_of(places, asked(text)) == selected


@pytest.fixture(scope="module")
def town() -> tuple[BakedLayer, dict[str, Any]]:
    """Synthetic buildings, roads and points over a few kilometres; and what each looks like when served."""
    random = np.random.default_rng(7)
    middle = random.uniform([106.50, 29.50], [106.60, 29.58], (600, 2))
    blocks = shapely.box(*(middle[:200] - 0.001).T, *(middle[:200] + random.uniform(0.0002, 0.004, (200, 2))).T)
    ways = [shapely.LineString(place + random.normal(0, 0.004, (5, 2))) for place in middle[200:400]]
    shapes = [*blocks, *ways, *shapely.points(middle[400:])]
    ids = [f"f{k}" for k in range(len(shapes))]
    made = gpd.GeoDataFrame({"n": range(len(shapes))}, index=ids, geometry=shapes, crs="EPSG:4326")
    layer = baked(made, (("n", "int64"),))
    served = (json.loads(layer.feature(row)) for row in range(len(layer)))
    return layer, {one["id"]: shape(one["geometry"]) for one in served}


@pytest.mark.parametrize("relation", TRUTHS)
@pytest.mark.parametrize("kind", ["box", "triangle", "ring", "line", "own"])
def test_random_geometries_as_shapely_one_by_one(
    town: tuple[BakedLayer, dict[str, Any]], relation: str, kind: str
) -> None:
    layer, served = town
    random = np.random.default_rng(len(relation) * 10 + len(kind))
    for _ in range(3):
        stated = stated_geometry(kind, random, served)
        found = parse_filter(f"{relation}(geometry, {stated.wkt})", "cql2-text", None, [("n", "int64")])
        rows = np.arange(len(layer), dtype=np.int32)
        mask = found.rows(layer, rows)
        truth = [bool(TRUTHS[relation](served[layer.id(row)], stated)) for row in rows]
        assert mask.tolist() == truth
        box = found.box()
        assert (box is None) == (relation == "S_DISJOINT")
        if box is not None:
            assert all(shapely.box(*box).intersects(served[layer.id(row)]) for row in np.flatnonzero(mask))


def stated_geometry(kind: str, random: np.random.Generator, served: dict[str, Any]) -> Any:
    corner = random.uniform([106.51, 29.51], [106.57, 29.55])
    place = shapely.Point(corner).buffer(0.015)
    right, above, flat = np.array([[0.03, 0.005], [0.01, 0.02], [0.04, 0.0]])
    shapes = {
        "box": shapely.box(*corner, *(corner + 0.02)),
        "triangle": shapely.Polygon([corner, corner + right, corner + above]),
        "ring": place.difference(shapely.Point(corner).buffer(0.008)),
        "line": shapely.LineString([corner, corner + 0.02, corner + flat]),
        "own": served[f"f{random.integers(0, 400)}"],
    }
    return shapely.set_precision(shapes[kind], 1e-7) if kind == "ring" else shapes[kind]


def test_what_was_served_and_is_sent_back_is_the_same(town: tuple[BakedLayer, dict[str, Any]]) -> None:
    layer, served = town
    for name in ("f3", "f250", "f599"):
        tree = {"op": "s_equals", "args": [{"property": "geometry"}, shapely.geometry.mapping(served[name])]}
        found = parse_filter(json.dumps(tree), "cql2-json", None, [])
        rows = np.arange(len(layer), dtype=np.int32)
        assert [layer.id(row) for row in np.flatnonzero(found.rows(layer, rows))] == [name]


@pytest.mark.parametrize(("uri", "swap"), [(MERCATOR, False), (EPSG + "4326", True), (EPSG + "32648", False)])
def test_filter_crs(places: BakedLayer, uri: str, swap: bool) -> None:
    west, south, east, north = 106.555, 29.545, 106.5653, 29.5553
    project = pyproj.Transformer.from_crs("OGC:CRS84", uri.replace(EPSG, "EPSG:"), always_xy=True)
    box = [*project.transform(west, south), *project.transform(east, north)]
    edges = [box[1], box[0], box[3], box[2]] if swap else box
    found = asked(f"S_INTERSECTS(geometry, BBOX({', '.join(f'{edge:.7f}' for edge in edges)}))", crs=uri)
    assert ids_of(places, found) == "bg"
    assert found.box() == pytest.approx((west, south, east, north), abs=2e-4)
    assert uri in found.canonical


@pytest.mark.parametrize(
    ("text", "box"),
    [
        ("S_INTERSECTS(geometry, BBOX(1, 2, 3, 4))", (1, 2, 3, 4)),
        ("S_WITHIN(geometry, BBOX(1, 2, 3, 4)) AND S_TOUCHES(geometry, BBOX(2, 1, 4, 3))", (2, 2, 3, 3)),
        ("S_INTERSECTS(geometry, POINT(1 2)) OR S_INTERSECTS(geometry, POINT(3 4))", (1, 2, 3, 4)),
        ("levels = 3 AND S_INTERSECTS(geometry, POINT(1 2))", (1, 2, 1, 2)),
        ("levels = 3 OR S_INTERSECTS(geometry, POINT(1 2))", None),
        ("NOT S_INTERSECTS(geometry, POINT(1 2))", None),
        ("S_DISJOINT(geometry, POINT(1 2))", None),
        ("levels = 3", None),
        ("S_INTERSECTS(geometry, POINT(1 2)) AND S_INTERSECTS(geometry, POINT(3 4))", (1, 2, 1, 2)),
    ],
)
def test_box_beyond_which_nothing_is_selected(text: str, box: tuple[float, ...] | None) -> None:
    assert asked(text).box() == box


@pytest.mark.parametrize(
    ("stated", "words"),
    [
        ("BBOX(3, 2, 1, 4)", "from west to east"),
        ("BBOX(1, 4, 3, 2)", "from south to north"),
        ("BBOX(1, 2, 3)", "BBOX"),
        ("BBOX(levels, 2, 3, 4)", "BBOX"),
        ("BBOX(179, 2, 181, 4)", "within ±180"),
        ("POINT(29.5 106.5)", "latitudes within ±90"),
        ("POLYGON((0 0, 1 1, 1 0, 0 1, 0 0))", "Self-intersection"),
        ("POLYGON((0 0, 1 0, 1 1, 0 1))", "end where they begin"),
        ("POLYGON((0 0, 0 0))", "four positions"),
        ("LINESTRING(0 0)", "two positions|character"),
        ("POINT EMPTY", "the filter"),
        ("name", "without a stated geometry"),
    ],
)
def test_bad_geometries_are_refused(stated: str, words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        asked(f"S_INTERSECTS(geometry, {stated})")


@pytest.mark.parametrize(
    "stated",
    [
        {"type": "Point", "coordinates": []},
        {"type": "Point", "coordinates": [1]},
        {"type": "Point", "coordinates": [1, "2"]},
        {"type": "Point", "coordinates": [1, None]},
        {"type": "Point", "coordinates": [True, 2]},
        {"type": "Point", "coordinates": [1, 2], "crs": "EPSG:3857"},
        {"type": "Polygon", "coordinates": []},
        {"type": "Polygon", "coordinates": 3},
        {"type": "GeometryCollection", "geometries": [{"bbox": [1, 2, 3, 4]}]},
        {"type": "GeometryCollection", "geometries": []},
        {"type": "Sphere", "coordinates": [1, 2]},
        {"bbox": "1,2,3,4"},
    ],
)
def test_bad_geometries_in_json_are_refused(stated: dict[str, Any]) -> None:
    with pytest.raises(ParameterError, match="the filter"):
        asked(json.dumps({"op": "s_intersects", "args": [{"property": "geometry"}, stated]}), "cql2-json")


def test_unknown_geometry_property_and_crs_are_refused() -> None:
    with pytest.raises(ParameterError, match="the property geometry"):
        asked("S_INTERSECTS(geom, POINT(1 2))")
    for uri in (EPSG + "999999", EPSG + "1", "EPSG:4326; DROP", "http://example.org/crs", ""):
        with pytest.raises(ParameterError, match="reference system of the filter is not known"):
            asked("TRUE", crs=uri)


def test_features_without_place_are_neither_in_nor_out(places: BakedLayer) -> None:
    assert frame().geometry["f"] is None
    within = asked("S_WITHIN(geometry, BBOX(-180, -90, 180, 90))")
    assert ids_of(places, within) == "abcdeg"
    assert ids_of(places, asked("S_DISJOINT(geometry, POINT(0 0))")) == "abcdeg"
