"""What a baked layer must say, worked out without it: by pyproj, Shapely and Python's json, one feature at a time."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from pyproj import Transformer

from servers.serving.baked.layout import BakedLayer
from servers.serving.plain_values import plain_values
from servers.serving.web_mercator import HALF_M


def feature(frame: gpd.GeoDataFrame, id_: str, json_fields: Collection[str] = ()) -> dict[str, Any]:
    """A GeoJSON feature as the parsed text."""
    row = [str(one) for one in frame.index].index(id_)
    names = [name for name in frame.columns if name != frame.geometry.name]
    values = {name: plain_values(frame[name].iloc[[row]], parse_json=name in json_fields)[0] for name in names}
    return {"type": "Feature", "id": id_, "geometry": geometry(frame, row), "properties": values}


def geometry(frame: gpd.GeoDataFrame, row: int) -> Any:
    shape = frame.geometry.iloc[row]
    if shape is None or shapely.is_empty(shape):
        return None
    change = Transformer.from_crs(frame.crs, "EPSG:4326", always_xy=True)

    def moved(points: np.ndarray) -> np.ndarray:
        lon, lat = change.transform(points[:, 0], points[:, 1])
        return np.column_stack([np.round(lon, 7), np.round(lat, 7), *np.round(points[:, 2:], 3).T])

    placed = shapely.transform(shape, moved, include_z=bool(shapely.has_z(shape)))
    return json.loads(shapely.to_geojson(shapely.orient_polygons(placed, exterior_cw=False)))


def metres(layer: BakedLayer, row: int) -> np.ndarray:
    """Mercator coordinates of all vertices of a row."""
    first, last = layer.feature_part[row], layer.feature_part[row + 1]
    found = layer.xy[layer.part[first] : layer.part[last]] + np.array(layer.origin, dtype=np.int64)
    return np.column_stack([found[:, 0] * layer.grid.unit_m - HALF_M, HALF_M - found[:, 1] * layer.grid.unit_m])


def drawn(layer: BakedLayer, row: int) -> shapely.Geometry:
    """A row's geometry in grid units less the origin, y southwards; rings as they are wound."""
    parts = [layer.xy[layer.part[i] : layer.part[i + 1]] for i in range(*layer.feature_part[row : row + 2])]
    if layer.kind[row] == 1:
        return shapely.multipoints(parts[0].astype(float))
    if layer.kind[row] == 2:
        return shapely.multilinestrings([shapely.linestrings(part) for part in parts])
    polygons: list[list[np.ndarray]] = []
    for part in parts:
        if area(part) > 0:
            polygons.append([])
        polygons[-1].append(part)
    return shapely.multipolygons([shapely.Polygon(rings[0], rings[1:]) for rings in polygons])


def area(ring: np.ndarray) -> float:
    """Signed area of an open ring by the surveyor's formula."""
    x, y = ring.astype(float).T
    return float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum() / 2)
