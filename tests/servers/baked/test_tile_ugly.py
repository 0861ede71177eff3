"""Whatever geometry comes: a tile can be read, its rings are valid and rightly wound, and no area strays.

The bound on area: each side of a polygon moves by half a unit along either axis, so what is drawn and what is true
differ (as sets, not only in size) by at most ``0.75 * perimeter + points``; what has no area on the grid
adds a unit triangle.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from tile_drawing import PLACE, drawn, framed, true_shapes

from servers.serving.web_mercator import BUFFER, EXTENT, tile_of
from servers.serving.zoom_rules import MAX_ZOOM

unit = st.integers(-6, 6).map(lambda n: n / 4) | st.floats(-1, 1)
pairs = st.tuples(unit, unit)
rings = st.lists(pairs, min_size=3, max_size=14)
spikes = st.tuples(pairs, pairs, st.floats(-1e-3, 1e-3)).map(
    lambda one: [one[0], one[1], (one[1][0] + one[2], one[1][1]), (one[0][0], one[0][1] + one[2])]
)
runs = st.lists(st.integers(0, 6), min_size=3, max_size=8).map(
    lambda steps: [(step / 6, 0.0) for step in steps] + [(1.0, 0.5), (0.0, 0.5)]
)
outlines = rings | spikes | runs
polygons = outlines.map(shapely.Polygon)
holed = st.tuples(outlines, st.lists(rings, min_size=1, max_size=3)).map(lambda two: shapely.Polygon(*two))
courts = st.tuples(st.integers(1, 6), st.integers(1, 6)).map(
    lambda size: shapely.Polygon(
        [(-1, -1), (1, -1), (1, 1), (-1, 1)], [[(-1, 0), (0, size[0] / 6), (size[1] / 6, 0), (0, -size[0] / 6)]]
    )
)
chequers = st.sets(st.tuples(st.integers(-2, 1), st.integers(-2, 1)), min_size=1, max_size=9).map(
    lambda cells: shapely.MultiPolygon([shapely.box(x / 2, y / 2, x / 2 + 0.5, y / 2 + 0.5) for x, y in sorted(cells)])
)
areas = st.one_of(
    polygons, holed, courts, chequers, st.lists(polygons, min_size=1, max_size=3).map(shapely.MultiPolygon)
)
others = st.one_of(
    pairs.map(shapely.Point),
    st.lists(pairs, min_size=1, max_size=6).map(shapely.MultiPoint),
    st.lists(pairs, min_size=2, max_size=12).map(shapely.LineString),
    st.lists(st.lists(pairs, min_size=2, max_size=5), min_size=1, max_size=3).map(shapely.MultiLineString),
    st.tuples(pairs.map(shapely.Point), polygons).map(shapely.GeometryCollection),
    st.none(),
)
scales = st.sampled_from([1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1.0, 20.0])


def placed(geometries: list[shapely.Geometry | None], scale: float) -> Any:
    moved = shapely.transform(np.array(geometries, dtype=object), lambda points: points * scale + PLACE)
    return framed(list(moved))


def signed_area(ring: list[list[int]]) -> float:
    x, y = np.array(ring, dtype=np.int64).T
    return float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))


def polygons_of(geometry: dict[str, Any]) -> list[list[list[list[int]]]]:
    if geometry["type"] == "Polygon":
        return [geometry["coordinates"]]
    return list(geometry["coordinates"]) if geometry["type"] == "MultiPolygon" else []


@given(st.lists(areas | others, min_size=1, max_size=8), scales, st.sampled_from([0, 5, 10, 13, 15, 16, 19]))
@settings(max_examples=150, deadline=None)
def test_every_tile_is_valid(geometries, scale, z) -> None:
    low, high = -BUFFER - 1, EXTENT + BUFFER + 1
    for feature in drawn(placed(geometries, scale), z).values():
        for exterior, *interiors in polygons_of(feature["geometry"]):
            assert signed_area(exterior) > 0
            assert all(signed_area(ring) < 0 for ring in interiors)
            assert all(first != second for ring in (exterior, *interiors) for first, second in pairwise(ring))
        if not feature["geometry"]["type"].endswith("Point"):
            assert feature["shape"].is_valid
            assert feature["shape"].length > 0
        bounds = shapely.bounds(feature["shape"])
        assert ((bounds >= low) & (bounds <= high)).all()


@given(st.lists(areas, min_size=1, max_size=6), scales, st.sampled_from([16, 19]), st.booleans())
@settings(max_examples=150, deadline=None)
def test_no_area_strays(geometries, scale, z, exact) -> None:
    frame = placed(geometries, scale)
    found = drawn(frame, z, exact=exact)
    for id_, true in true_shapes(frame, z, *tile_of(*PLACE, z)).items():
        bound = 0.75 * true.length + shapely.get_num_coordinates(true) + 1
        strays = found[id_]["shape"].symmetric_difference(true).area if id_ in found else true.area
        assert strays <= bound


@given(st.lists(areas | others, min_size=1, max_size=8), scales)
@settings(max_examples=150, deadline=None)
def test_nothing_is_lost_at_the_deepest_zoom(geometries, scale) -> None:
    frame = placed(geometries, scale)
    found = drawn(frame, MAX_ZOOM)
    inner = shapely.box(0, 0, EXTENT, EXTENT)
    for id_, true in true_shapes(frame, MAX_ZOOM, *tile_of(*PLACE, MAX_ZOOM)).items():
        own = shapely.get_dimensions(frame.geometry.loc[id_])
        size = (1, true.length, true.area)[own] if own >= 0 else 0
        reached = {shapely.get_dimensions(part) for part in shapely.get_parts(true)}
        if own in reached and size > 1e-3 and shapely.intersects(true, inner):
            assert id_ in found
