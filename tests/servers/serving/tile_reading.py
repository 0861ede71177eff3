"""Tiles read back: with a decoder that is not ours, in tile units, y downwards as the specification has it."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import mapbox_vector_tile
import numpy as np
import shapely
from shapely.geometry import shape

from servers.serving.web_mercator import BUFFER, EXTENT, to_tile_units

RIM = (-BUFFER, -BUFFER, EXTENT + BUFFER, EXTENT + BUFFER)


def read(body: bytes, name: str) -> list[dict[str, Any]]:
    """The features of a layer, none if it is not in the tile; each with a Shapely ``shape`` besides."""
    layer = mapbox_vector_tile.decode(body, default_options={"y_coord_down": True}).get(name)
    if layer is None:
        return []
    assert (layer["extent"], layer["version"]) == (EXTENT, 2)
    return [feature | {"shape": shape(feature["geometry"])} for feature in layer["features"]]


def expected(frame: gpd.GeoDataFrame, z: int, x: int, y: int) -> dict[int, shapely.Geometry]:
    """Row → its geometry in the tile, cut by Shapely at full precision; only what meets tile and rim."""
    units = to_tile_units(np.asarray(frame.geometry.to_crs("EPSG:3857").array), z, x, y)
    rim = shapely.box(*RIM)
    return {row: shapely.intersection(one, rim) for row, one in enumerate(units) if shapely.intersects(one, rim)}


def signed_area(ring: list[list[int]]) -> float:
    """The surveyor's formula, twice the area."""
    x, y = np.array(ring, dtype=np.int64).T
    return float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))


def polygons_of(geometry: dict[str, Any]) -> list[list[list[list[int]]]]:
    if geometry["type"] == "Polygon":
        return [geometry["coordinates"]]
    return list(geometry["coordinates"]) if geometry["type"] == "MultiPolygon" else []
