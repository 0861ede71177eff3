"""The tiny city: a synthetic mountain town with a river, two bridges and one stairway, as frames.

Streets stand on a grid of six columns and five rows. Row 4 is the riverside; the columns 1 and 4 cross the river on the
West Bridge and the East Bridge; a street joins the bridgeheads on the far bank, and behind each a gateway road ends.
Between row 2 and row 3 the column 2 is a stairway instead of a street. Everything follows from the seed, node ids agree
between the layers, and every feature says in ``source_id`` and ``tags`` that it is synthetic.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from cim_core.crs import geodesic_area_m2
from cim_core.layers import STANDARD_LAYERS
from cim_core.schema import LayerSchema
from cim_core.testing.tiny_streets import (
    BLOCK_M,
    COLUMNS,
    ORIGIN,
    ROWS,
    Nodes,
    Row,
    draw_nodes,
    hill_m,
    river_crossings,
    streets,
    synthetic,
    to_degrees,
    to_wgs84,
    walkways,
)

STAIRWAY = "w9300-n1022"
"""Feature id of the stairway."""
BRIDGES = {"bridge:西桥": ("w9241-n1041", "w9241-n2001"), "bridge:东桥": ("w9244-n1044", "w9244-n2004")}
"""Group of each bridge → its road parts."""
GATEWAYS = (2031, 2034)
"""Nodes where the roads of the far bank leave the city."""


def tiny_layers(seed: int = 1) -> dict[str, gpd.GeoDataFrame]:
    """Every standard layer of the tiny city in EPSG:4326, index ``id``, columns as its schema.

    >>> layers = tiny_layers()
    >>> int(layers["walkways"].stairs.sum()), len(layers["buildings"])
    (1, 40)
    """
    random = np.random.default_rng(seed)
    nodes = draw_nodes(random)
    rows = {
        "roads": [*streets(nodes), *river_crossings(nodes)],
        "walkways": walkways(nodes),
        "buildings": _buildings(random),
        "pois": _pois(nodes),
        "rail": [_rail()],
        "water": [_river()],
        "signals": [_signal(1021, nodes), _signal(1024, nodes)],
        "parking": [_parking()],
        "restrictions": [_restriction(nodes)],
    }
    return {name: _frame(features, STANDARD_LAYERS[name]) for name, features in rows.items()}


def tiny_elevation(path: Path) -> Path:
    """Write the hill as a GeoTIFF (EPSG:4326, float32, about 10 m a cell) and return its path."""
    import rasterio
    from rasterio.transform import from_origin

    step = 0.0001
    west, north = ORIGIN[0] - 0.003, ORIGIN[1] + 0.0125
    lon, lat = np.meshgrid(west + step * (np.arange(145) + 0.5), north - step * (np.arange(155) + 0.5))
    x, y = to_wgs84().transform(lon, lat, direction="INVERSE")
    shape: dict[str, Any] = {"height": lon.shape[0], "width": lon.shape[1], "count": 1, "dtype": "float32"}
    profile = {**shape, "crs": "EPSG:4326", "transform": from_origin(west, north, step, step), "nodata": -9999.0}
    with rasterio.open(path, "w", driver="GTiff", **profile) as target:
        target.write(hill_m(x, y).astype("float32"), 1)
        target.update_tags(synthetic="yes")
    return path


def _buildings(random: np.random.Generator) -> Iterable[Row]:
    uses = random.choice(["residential", "office", "retail"], size=40, p=[0.6, 0.25, 0.15])
    levels = random.integers(2, 33, size=40)
    number = 0
    for row in range(ROWS - 1):
        for column in range(COLUMNS - 1):
            for side in (0, 1):
                x = BLOCK_M * column + 42 + 72 * side
                y = BLOCK_M * row + 80 + float(random.uniform(-22, 22))
                width, depth = random.uniform(28, 48), random.uniform(24, 40)
                shape = to_degrees(shapely.box(x - width / 2, y - depth / 2, x + width / 2, y + depth / 2))
                footprint = float(geodesic_area_m2([shape])[0])
                storeys = int(levels[number])
                yield synthetic("building", number, building=str(uses[number])) | {
                    "id": f"b{number:02d}",
                    "geometry": shape,
                    "use": str(uses[number]),
                    "levels": storeys,
                    "height_m": 3.0 * storeys,
                    "footprint_m2": footprint,
                    "floor_area_m2": footprint * storeys,
                }
                number += 1


def _pois(nodes: Nodes) -> Iterable[Row]:
    near = {node: nodes[node] for node in (3010, 1040, 1012, 1003, 1034)}
    kinds = (
        (3010, "railway", "subway_entrance", "中心站1口", "Central Station Exit 1"),
        (1040, "railway", "subway_entrance", "滨江站2口", "Riverside Station Exit 2"),
        (1012, "amenity", "school", "学府小学", "College Primary School"),
        (1003, "amenity", "hospital", "南街医院", "South Street Hospital"),
        (1034, "shop", "supermarket", "山腰超市", "Hillside Supermarket"),
    )
    for number, (node, category, kind, zh, en) in enumerate(kinds):
        x, y = near[node]
        offset = 0 if node == 3010 else 9
        common = synthetic("poi", number, zh, en, **{category: kind})
        place = {"geometry": to_degrees(shapely.Point(x - offset, y + offset))}
        yield common | place | {"id": f"p{number}", "category": category, "kind": kind}


def _rail() -> Row:
    line = to_degrees(shapely.LineString([(-100, 650), (0, 640), (500, 300), (900, 260)]))
    common = synthetic("way", 9400, "一号线", "Line 1", railway="subway")
    return common | {"id": "w9400", "geometry": line, "class": "subway", "bridge": False, "tunnel": True, "layer": -2}


def _river() -> Row:
    bank = to_degrees(shapely.Polygon([(-200, 690), (1000, 690), (1000, 810), (-200, 810)]))
    return synthetic("way", 9500, "小江", "Little River", natural="water") | {
        "id": "w9500",
        "geometry": bank,
        "class": "river",
    }


def _signal(node: int, nodes: Nodes) -> Row:
    place = {"id": f"n{node}", "geometry": to_degrees(shapely.Point(nodes[node])), "node": node}
    return synthetic("node", node, highway="traffic_signals") | place


def _parking() -> Row:
    lot = {"id": "w9600", "geometry": to_degrees(shapely.box(330, 40, 380, 70)), "kind": "surface", "capacity": 60}
    return synthetic("way", 9600, "南街停车场", "South Street Car Park", amenity="parking") | lot


def _restriction(nodes: Nodes) -> Row:
    roads = {"from_road": "w9202-n1012", "to_road": "w9102-n1021", "via_node": 1022}
    place = {"id": "r9700", "geometry": to_degrees(shapely.Point(nodes[1022])), "kind": "no_left_turn"}
    return synthetic("relation", 9700, type="restriction") | place | roads


def _frame(rows: Iterable[Row], schema: LayerSchema) -> gpd.GeoDataFrame:
    raw = gpd.GeoDataFrame(list(rows), geometry="geometry", crs="EPSG:4326").set_index("id").sort_index()
    frame = raw.reindex(columns=[*schema.names, "geometry"])
    for field in schema.fields:
        if field.dtype == "int64":
            frame[field.name] = frame[field.name].astype("Int64" if field.nullable else "int64")
        elif field.dtype in ("float64", "bool"):
            frame[field.name] = frame[field.name].astype(field.dtype)
        elif field.dtype in ("string", "json"):
            frame[field.name] = frame[field.name].astype(object).where(frame[field.name].notna(), None)
    frame.index = pd.Index(frame.index, name="id", dtype=object)
    return gpd.GeoDataFrame(frame, geometry="geometry", crs="EPSG:4326")
