"""Coordinates in other reference systems: those of pyproj, written as Python writes them."""

from __future__ import annotations

import itertools
import json
import re
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from paged import baked, pages_of, walk
from pyproj import Transformer

from cim_core.errors import ParameterError
from servers.serving.baked import wkb_walk
from servers.serving.baked.placing import ReferenceSystem, carried, offered, wkb_in

CRS = "EPSG:4545"
RING = [(106.5, 29.5), (106.5, 29.6), (106.6, 29.6), (106.6, 29.5)]
COURT = [(106.52, 29.52), (106.54, 29.52), (106.54, 29.54), (106.52, 29.54)]
SHAPES: dict[str, Any] = {
    "point": shapely.Point(106.51, 29.52),
    "high": shapely.Point(106.51, 29.52, 187.125),
    "line": shapely.LineString(RING),
    "climbing": shapely.LineString([(106.5, 29.5, 1.5), (106.6, 29.6, -2)]),
    "ring": shapely.Polygon(RING),
    "court": shapely.Polygon(RING, [COURT, [(106.55, 29.55), (106.56, 29.55), (106.56, 29.56)]]),
    "points": shapely.MultiPoint(RING),
    "lines": shapely.MultiLineString([RING, COURT]),
    "rings": shapely.MultiPolygon([shapely.Polygon(RING, [COURT]), shapely.box(106.7, 29.5, 106.8, 29.6)]),
    "none": None,
    "empty": shapely.Polygon(),
}
COLLECTION = shapely.GeometryCollection([SHAPES["point"], shapely.GeometryCollection([SHAPES["court"]])])


def _frame(shapes: dict[str, Any]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=list(shapes.values()), index=list(shapes), crs="EPSG:4326").to_crs(CRS)


def _expected(shape: Any, system: ReferenceSystem) -> Any:
    """By pyproj with the authority's own axis order, and GEOS."""
    if shape is None or shapely.is_empty(shape):
        return None
    change = Transformer.from_crs(CRS, system.definition, always_xy=True)
    wound = shapely.orient_polygons(shape, exterior_cw=False)

    def moved(points: np.ndarray) -> np.ndarray:
        x, y = change.transform(points[:, 0], points[:, 1])
        axes = (y, x) if system.north_first else (x, y)
        return np.column_stack([*(np.round(axis, system.decimals) for axis in axes), *np.round(points[:, 2:], 3).T])

    return json.loads(shapely.to_geojson(shapely.transform(wound, moved, include_z=bool(shapely.has_z(shape)))))


@pytest.mark.parametrize("system", offered(CRS, False)[1:], ids=lambda one: one.uri.rpartition("/")[2])
@pytest.mark.parametrize("shapes", [SHAPES, SHAPES | {"all": COLLECTION}], ids=["plain", "with a collection"])
def test_geometries_in_other_systems(system: ReferenceSystem, shapes: dict[str, Any]) -> None:
    frame = _frame(shapes)
    for feature in walk(pages_of(frame), crs=system, limit=5 if shapes is SHAPES else 100):
        expected = _expected(frame.geometry[feature["id"]], system)
        assert _flat(feature["geometry"]) == (pytest.approx(_flat(expected), abs=1e-9) if expected else _flat(expected))
        assert (feature["geometry"] or {}).get("type") == (expected or {}).get("type")


def _flat(geometry: Any) -> list[float]:
    """All numbers, in order."""
    return [
        float(word) for word in json.dumps(geometry).translate(str.maketrans("[]{},:", " " * 6)).split() if _is(word)
    ]


def _is(word: str) -> bool:
    return word.lstrip("-")[0].isdigit()


def test_latitude_comes_first_where_the_authority_says_so() -> None:
    pages = pages_of(_frame({"point": SHAPES["point"]}))
    by_code = {one.uri.rpartition("/")[2]: one for one in pages.systems}
    coordinates = {
        code: json.loads(pages.feature("point", system))["geometry"]["coordinates"] for code, system in by_code.items()
    }
    assert coordinates["CRS84"] == pytest.approx([106.51, 29.52], abs=1e-7)
    assert coordinates["4326"] == coordinates["4490"] == pytest.approx([29.52, 106.51], abs=1e-7)
    assert coordinates["3857"][0] > 1e7 > coordinates["3857"][1]
    assert coordinates["4545"][0] > 3e6 > coordinates["4545"][1]  # northing first


def test_a_record_in_its_own_system_is_as_it_was_stored() -> None:
    frame = _frame(SHAPES)
    layer = baked(frame)
    system = offered(CRS, False)[-1]
    wkb, at = wkb_in(layer, np.arange(len(layer), dtype=np.int32), system)
    for row in range(len(layer)):
        stored = frame.geometry[layer.id(row)]
        found = shapely.from_wkb(wkb[at[row] : at[row + 1]].tobytes() or None)
        assert found == stored or shapely.is_empty(stored)


def test_records_in_degrees_are_those_of_pyproj() -> None:
    layer = baked(_frame(SHAPES | {"all": COLLECTION}))
    degrees = _frame(SHAPES | {"all": COLLECTION}).to_crs("OGC:CRS84").geometry
    wkb, at = wkb_in(layer, np.arange(len(layer), dtype=np.int32), offered(CRS, False)[0])
    for row in range(len(layer)):
        found = shapely.from_wkb(wkb[at[row] : at[row + 1]].tobytes() or None)
        wanted = degrees[layer.id(row)]
        assert (found is None) == (wanted is None or (wanted.is_empty and found is None))
        assert shapely.get_coordinates(found, include_z=True) == pytest.approx(
            shapely.get_coordinates(wanted, include_z=True), nan_ok=True, abs=1e-12
        )


def test_a_collection_of_flat_and_high_things() -> None:
    mixed = shapely.GeometryCollection([shapely.Point(360_000, 3_270_000, 5), shapely.box(1, 2, 3, 4)])
    frame = gpd.GeoDataFrame(geometry=[mixed], crs=CRS, index=["a"])
    pages = pages_of(frame)
    found = json.loads(pages.feature("a", pages.systems[-1]))["geometry"]["geometries"]
    assert found[0]["coordinates"] == [3_270_000, 360_000, 5]
    assert found[1]["coordinates"][0][0][:2] in [[2, 1], [2, 3], [4, 1], [4, 3]]


def test_a_place_that_the_system_does_not_reach() -> None:
    with pytest.raises(ParameterError, match="no coordinates"):
        carried(np.array([[360_000.0, 3_270_000.0], [1e12, 1e12]]), CRS, offered(CRS, False)[1])
    nowhere = carried(np.array([[np.nan, np.nan]]), CRS, offered(CRS, False)[1])
    assert np.isnan(nowhere).all()


written = st.tuples(st.floats(-400, 400), st.just(7)) | st.tuples(st.floats(-1e9, 1e9), st.just(3))


@given(written | st.tuples(st.integers(-(10**9), 10**9).map(float), st.sampled_from([3, 7])))
def test_numbers_are_written_to_so_many_decimals(asked: tuple[float, int]) -> None:
    value, decimals = asked
    out = np.zeros(40, dtype=np.uint8)
    text = out[: wkb_walk.write_number(out, 0, value, decimals)].tobytes().decode()
    assert abs(float(text) - value) <= 0.500001 * 10**-decimals
    assert re.fullmatch(rf"-?(0|[1-9]\d*)(\.\d{{0,{decimals - 1}}}[1-9])?", text)
    assert text != "-0"


@given(st.lists(st.sampled_from([one for one in SHAPES.values() if one is not None] + [COLLECTION]), max_size=8))
def test_coordinates_go_in_and_out_of_records(shapes: list[Any]) -> None:
    flavours = ("iso", "extended")
    records = [shapely.to_wkb(one, flavor=flavours[n % 2], byte_order=1) for n, one in enumerate(shapes)]
    wkb = np.frombuffer(b"".join(records), dtype=np.uint8).copy()
    at = np.cumsum([0, *map(len, records)])
    place, first, kinds = wkb_walk.vertex_places(wkb, at)
    xy = wkb_walk.coordinates(wkb, place)
    assert xy.tolist() == shapely.get_coordinates(shapes).tolist()
    assert (kinds[:, 1] == 3).tolist() == [one.has_z for one in shapes]
    assert first[-1] == len(xy)
    wkb_walk.put_coordinates(wkb, place, xy + 1)
    moved = [shapely.from_wkb(wkb[a:b].tobytes()) for a, b in itertools.pairwise(at)]
    assert shapely.get_coordinates(moved).tolist() == (xy + 1).tolist()
    assert shapely.get_coordinates(moved, include_z=True)[:, 2] == pytest.approx(
        shapely.get_coordinates(shapes, include_z=True)[:, 2], nan_ok=True
    )
