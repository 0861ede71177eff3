"""Exact tiles of the real extract against PostGIS' ``ST_AsMVT``: the same ids and properties, geometry within one unit.

Two things PostGIS does otherwise are held against the true geometry instead. It rounds before it cuts, so a crossing
with the rim slides along it: only what is two units within the rim is compared. And it simplifies by half a unit, so
a polygon that touches itself then loses its narrow parts (19 units of a building, once): ours must be nearer the truth.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, LiteralString

import geopandas as gpd
import mapbox_vector_tile
import numpy as np
import pandas as pd
import psycopg
import pytest
import shapely
from shapely.geometry import shape

from cim_core.gis.osm import read_osm
from servers.serving.baked.bake import BakeSpec, bake_frame
from servers.serving.baked.tile_layer import BakedTiles
from servers.serving.web_mercator import EXTENT, tile_of, to_tile_units
from tests.real.inputs import real

pytestmark = [pytest.mark.real, pytest.mark.postgres]

PLACE = (106.555, 29.555)
LAYERS = ("buildings", "roads", "walkways", "pois", "districts")
NOT_IN_TILES = ("json", "list<int64>")
NEAR = 2**0.5
"""One unit along either axis."""
FEWEST_ALIKE = 0.99
"""Share of features that lie so near PostGIS'; the rest lie nearer the truth than PostGIS'."""
RIM = 2
TYPES = {"string": "text", "int64": "bigint", "float64": "real", "bool": "boolean"}
TILES = """
    SELECT ST_AsMVT(t, {layer}, 4096, 'geom', 'row') FROM (
        SELECT row, {fields}, ST_AsMVTGeom(shape, ST_TileEnvelope(%(z)s, %(x)s, %(y)s), 4096, %(rim)s, true) AS geom
        FROM {table} WHERE shape && ST_TileEnvelope(%(z)s, %(x)s, %(y)s, margin => %(rim)s::float8 / 4096)
    ) AS t WHERE geom IS NOT NULL
"""


@pytest.fixture(scope="module")
def frames() -> dict[str, gpd.GeoDataFrame]:
    layers = dict(read_osm(real("yuzhong/yuzhong.osm.pbf")).layers)
    outline = gpd.read_file(real("yuzhong/boundary.geojson"))[["geometry"]]
    layers["districts"] = outline.set_index(pd.Index([f"district/{i}" for i in range(len(outline))], name="id"))
    return {name: layers[name] for name in LAYERS}


@pytest.fixture(scope="module")
def baked(frames) -> dict[str, BakedTiles]:
    return {name: BakedTiles(bake_frame(frame, BakeSpec(name))) for name, frame in frames.items()}


@pytest.fixture(scope="module")
def database(postgis_url: str, frames, baked) -> Iterator[psycopg.Connection]:
    with psycopg.connect(postgis_url, autocommit=True) as connection:
        for name, frame in frames.items():
            _load(connection, name, frame, baked[name])
        yield connection


def _load(connection: psycopg.Connection, name: str, frame: gpd.GeoDataFrame, tiles: BakedTiles) -> None:
    layer = tiles._layer  # the ids of its rows are what is loaded beside the record
    columns = [layer.column(field) for field in tiles.fields]
    typed = ", ".join(f'"{column.name}" {TYPES[column.dtype]}' for column in columns)
    connection.execute(f"CREATE TABLE {_table(name)} (row bigint, {typed}, shape geometry(Geometry, 3857))")
    values = [column.name for column in columns[1:]]
    marks = ", ".join(["%s"] * len(columns))
    insert = (
        f"INSERT INTO {_table(name)} VALUES (%s, {marks}, ST_Transform(ST_SetSRID(ST_GeomFromWKB(%s), 4326), 3857))"
    )
    plain = frame[values].astype(object).where(frame[values].notna(), None)
    wkb = shapely.to_wkb(np.asarray(frame.geometry.to_crs(4326).array))
    rows = [
        (layer.row(str(id_)), str(id_), *map(_python, record), shape_)
        for id_, record, shape_ in zip(frame.index, plain.to_numpy(dtype=object).tolist(), wkb, strict=True)
    ]
    with connection.cursor() as cursor:
        cursor.executemany(insert, rows)


def _table(name: str) -> LiteralString:
    return f"tiled_{name}"  # type: ignore[return-value]


def _python(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _decoded(body: bytes, name: str) -> dict[int, dict[str, Any]]:
    layer = mapbox_vector_tile.decode(body, default_options={"y_coord_down": True}).get(name, {"features": []})
    return {
        feature["id"]: feature["properties"] | {"shape": shape(feature["geometry"])} for feature in layer["features"]
    }


def _addresses(z: int) -> list[tuple[int, int]]:
    x, y = tile_of(*PLACE, z)
    return [(x, y), (x + 1, y), (x, y + 1)]


@pytest.mark.parametrize("rim", [64, 256])
@pytest.mark.parametrize("z", [13, 14, 15, 16, 17])
@pytest.mark.parametrize("name", LAYERS)
def test_exact_tiles_are_those_of_postgis(database, frames, baked, *, name, z, rim) -> None:
    tiles, frame = baked[name], frames[name]
    fields = ", ".join(f'"{field}"' for field in tiles.fields)
    query = TILES.format(layer=f"'{name}'", fields=fields, table=_table(name))
    seen = alike = 0
    for x, y in _addresses(z):
        (body,) = database.execute(query, {"z": z, "x": x, "y": y, "rim": rim}).fetchone()
        theirs, ours = _decoded(bytes(body), name), _decoded(tiles.encode(z, x, y, exact=True, buffer=rim), name)
        assert ours.keys() == theirs.keys()
        seen += len(ours)
        for row, feature in ours.items():
            shapes = feature.pop("shape"), theirs[row].pop("shape")
            assert feature == theirs[row]
            true = _cut(frame.geometry.loc[[feature["id"]]], z, x, y, rim)
            alike += _is_alike(*shapes, true, rim)
    assert seen
    assert alike >= FEWEST_ALIKE * seen


def _cut(place: gpd.GeoSeries, z: int, x: int, y: int, rim: int) -> shapely.Geometry:
    units = to_tile_units(np.asarray(place.to_crs(3857).array), z, x, y)[0]
    return shapely.intersection(units, shapely.box(-rim, -rim, EXTENT + rim, EXTENT + rim))


def _is_alike(ours: shapely.Geometry, theirs: shapely.Geometry, true: shapely.Geometry, rim: int) -> bool:
    assert ours.is_valid
    if ours.equals(theirs) or max(_beyond(ours, theirs, rim), _beyond(theirs, ours, rim)) <= NEAR:
        return True
    assert _beyond(ours, true, rim) <= NEAR
    assert _beyond(true, ours, rim) < _beyond(true, theirs, rim)
    assert abs(ours.area - true.area) <= 0.75 * true.length + shapely.get_num_coordinates(true)
    return False


def _beyond(one: shapely.Geometry, other: shapely.Geometry, rim: int) -> float:
    """How far the outline of one geometry, well within the rim, gets from the other's."""
    first, second = (shape_.boundary if shape_.area else shape_ for shape_ in (one, other))
    inner = shapely.box(-rim + RIM, -rim + RIM, EXTENT + rim - RIM, EXTENT + rim - RIM)
    kept = shapely.segmentize(shapely.intersection(first, inner), 4.0)
    places = shapely.points(shapely.get_coordinates(kept))
    return float(shapely.distance(places, second).max(initial=0.0))
