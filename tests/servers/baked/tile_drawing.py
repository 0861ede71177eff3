"""Frames drawn as tiles, read back by another decoder, and what Shapely says should be there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import mapbox_vector_tile
import numpy as np
import shapely
from shapely.geometry import shape

from servers.serving.baked.bake import BakeSpec, bake_frame
from servers.serving.baked.layout import BakedLayer
from servers.serving.baked.tile_layer import BakedTiles
from servers.serving.web_mercator import BUFFER, EXTENT, tile_of, to_degrees, to_tile_units

PLACE = (106.58, 29.56)
NAME = "shapes"


def framed(geometries: Sequence[shapely.Geometry | None], **columns: Any) -> gpd.GeoDataFrame:
    """Geometries in degrees."""
    index = [f"f{i}" for i in range(len(geometries))]
    placed = gpd.GeoSeries(np.array(geometries, dtype=object), index=index, crs="EPSG:4326")
    return gpd.GeoDataFrame(columns, geometry=placed, index=index)


def in_tile(points: Sequence[tuple[float, float]], z: int) -> list[tuple[float, float]]:
    """Places in units of the tile over PLACE as degrees."""
    x, y = tile_of(*PLACE, z)
    side = 2 * np.pi * 6_378_137.0 / 2**z
    half = np.pi * 6_378_137.0
    mercator = [((x + u / EXTENT) * side - half, half - (y + v / EXTENT) * side) for u, v in points]
    return [to_degrees((east, north, east, north))[:2] for east, north in mercator]


def baked(frame: gpd.GeoDataFrame, name: str = NAME) -> BakedLayer:
    return bake_frame(frame, BakeSpec(name))


def features(body: bytes, name: str = NAME) -> list[dict[str, Any]]:
    """The features of a layer, none if it is not in the tile; each with a Shapely ``shape`` besides."""
    layer = mapbox_vector_tile.decode(body, default_options={"y_coord_down": True}).get(name)
    if layer is None:
        return []
    assert (layer["extent"], layer["version"]) == (EXTENT, 2)
    return [feature | {"shape": shape(feature["geometry"])} for feature in layer["features"]]


def drawn(frame: gpd.GeoDataFrame, z: int, **how: Any) -> dict[str, dict[str, Any]]:
    """The tile over PLACE: feature id → feature."""
    body = BakedTiles(baked(frame)).encode(z, *tile_of(*PLACE, z), **how)
    return {feature["properties"]["id"]: feature for feature in features(body)}


def true_shapes(frame: gpd.GeoDataFrame, z: int, x: int, y: int, rim: int = BUFFER) -> dict[str, shapely.Geometry]:
    """Feature id → what is within tile and rim at full precision. Mended before it is projected, as at bake."""
    given = np.array(frame.geometry.array)
    invalid = np.flatnonzero(~shapely.is_valid(given) & ~shapely.is_missing(given))
    given[invalid] = shapely.make_valid(given[invalid], method="structure")
    projected = gpd.GeoSeries(given, crs=frame.crs).to_crs("EPSG:3857")
    units = to_tile_units(np.asarray(projected.array), z, x, y)
    whole = shapely.box(-rim, -rim, EXTENT + rim, EXTENT + rim)
    present = [(str(id_), one) for id_, one in zip(frame.index, units, strict=True) if one is not None]
    return {id_: shapely.intersection(shapely.make_valid(one), whole) for id_, one in present}
