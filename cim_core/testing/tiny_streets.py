"""The tiny city's ground, nodes, streets and walkways: rows that :mod:`cim_core.testing.tiny` makes frames of."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from pyproj import Transformer

from cim_core.crs import geodesic_length_m
from cim_core.units import kmh_to_mps

ORIGIN = (106.576, 29.556)
"""Longitude and latitude of the south-western street corner."""
BLOCK_M = 160.0
COLUMNS, ROWS = 6, 5

Row = dict[str, Any]
Nodes = dict[int, tuple[float, float]]
"""Node id → metres east and north of the origin."""
_ROW_NAMES = (
    ("南街", "South Street"),
    ("学府街", "College Street"),
    ("中心大道", "Central Avenue"),
    ("山腰街", "Hillside Street"),
    ("滨江路", "Riverside Road"),
)
_COLUMN_NAMES = (
    ("一街", "First Street"),
    ("西桥路", "West Bridge Road"),
    ("三街", "Third Street"),
    ("四街", "Fourth Street"),
    ("东桥路", "East Bridge Road"),
    ("六街", "Sixth Street"),
)
_DRIVE = {"primary": (2, 50.0), "secondary": (1, 40.0), "tertiary": (1, 40.0), "residential": (1, 30.0)}
"""Class → lanes in each direction, speed limit in km/h."""


def hill_m(x: np.ndarray[Any, Any] | float, y: np.ndarray[Any, Any] | float) -> Any:
    """Height of the ground in metres at metres east and north of the origin: a hill above a river at 165 m."""
    x, y = np.asarray(x, float), np.asarray(y, float)
    hill = 190 + 95 * np.exp(-(((x - 420) / 520) ** 2 + ((y - 170) / 430) ** 2))
    return np.where((y > 690) & (y < 810), 165.0, hill)


@cache
def to_wgs84() -> Transformer:
    """Transformer from local metres (transverse Mercator at the origin) to WGS84 degrees."""
    local = f"+proj=tmerc +lon_0={ORIGIN[0]} +lat_0={ORIGIN[1]} +ellps=WGS84 +units=m"
    return Transformer.from_crs(local, "EPSG:4326", always_xy=True)


def to_degrees(metres: Any) -> Any:
    """Geometry in local metres → EPSG:4326."""
    return shapely.transform(metres, lambda xy: np.column_stack(to_wgs84().transform(xy[:, 0], xy[:, 1])))


def draw_nodes(random: np.random.Generator) -> Nodes:
    """Node id → local metres. Grid node = 1000 + 10 row + column; 20xx stand on and behind the river."""
    grid = {
        1000 + 10 * row + column: (
            BLOCK_M * column + float(random.uniform(-6, 6)),
            BLOCK_M * row + float(random.uniform(-6, 6)),
        )
        for row in range(ROWS)
        for column in range(COLUMNS)
    }
    for column in (1, 4):
        x = grid[1040 + column][0]
        grid |= {2000 + column: (x, 750.0), 2010 + column: (x, 860.0), 2030 + column: (x + 20, 1060.0)}
    grid |= {2022: (300.0, 880.0), 2023: (480.0, 885.0)}
    lower, upper = np.array(grid[1022]), np.array(grid[1032])
    for step, share in ((3001, 0.35), (3002, 0.65)):
        x, y = lower + share * (upper - lower)
        grid[step] = (float(x) + 4, float(y))
    return grid | {3010: (grid[1023][0] + 30, grid[1023][1] - 28)}


def synthetic(kind: str, number: int, zh: str = "", en: str = "", group: str = "", **tags: str) -> Row:
    """The common fields of a feature, which say that it is synthetic."""
    names = {"name": zh or None, "name_zh": zh or None, "name_en": en or None, "group": group or None}
    text = json.dumps({**tags, "synthetic": "yes"}, ensure_ascii=False)
    return {**names, "source_id": f"synthetic/{kind}/{number}", "assumed": "{}", "tags": text}


def _part(way: int, along: Sequence[int], nodes: Nodes, *, bridge: bool = False) -> Row:
    """What a road part and a walkway part have in common: geometry, topology, elevation."""
    line = to_degrees(shapely.LineString([nodes[node] for node in along]))
    length = float(geodesic_length_m([line])[0])
    low, high = float(hill_m(*nodes[along[0]])), float(hill_m(*nodes[along[-1]]))
    low, high = (205.0 if node in (2001, 2004) else z for node, z in ((along[0], low), (along[-1], high)))
    return {
        "id": f"w{way}-n{along[0]}",
        "geometry": line,
        "from_node": along[0],
        "to_node": along[-1],
        "nodes": np.array(along, dtype=np.int64),
        "length_m": length,
        "bridge": bridge,
        "tunnel": False,
        "layer": int(bridge),
        "elevation_from_m": low,
        "elevation_to_m": high,
        "gradient": (high - low) / length,
        "access": "all",
    }


def _drive(highway: str, *, oneway: bool = False) -> Row:
    lanes, speed = _DRIVE[highway]
    assumed = {"lanes_forward": "lanes: by class"} if highway == "residential" else {}
    return {
        "class": highway,
        "lanes_forward": 2 if oneway else lanes,
        "lanes_backward": 0 if oneway else lanes,
        "speed_limit_mps": kmh_to_mps(speed),
        "oneway": oneway,
        "surface": "asphalt",
        "assumed": json.dumps(assumed),
    }


def streets(nodes: Nodes) -> Iterable[Row]:
    """The grid: College Street is one-way eastwards, Hillside Street one-way westwards."""
    classes = ("residential", "tertiary", "primary", "tertiary", "secondary")
    for row, (highway, names) in enumerate(zip(classes, _ROW_NAMES, strict=True)):
        oneway = highway == "tertiary"
        columns = range(COLUMNS) if row != 3 else range(COLUMNS - 1, -1, -1)  # College east, Hillside west
        along = [1000 + 10 * row + column for column in columns]
        for pair in pairwise(along):
            common = synthetic("way", 9100 + row, *names, highway=highway)
            yield common | _part(9100 + row, pair, nodes) | _drive(highway, oneway=oneway)
    for column, names in enumerate(_COLUMN_NAMES):
        highway = "secondary" if column in (1, 4) else "residential"
        for row in range(ROWS - 1):
            if (column, row) == (2, 2):
                continue  # the stairway
            pair = (1000 + 10 * row + column, 1010 + 10 * row + column)
            common = synthetic("way", 9200 + column, *names, highway=highway)
            yield common | _part(9200 + column, pair, nodes) | _drive(highway)


def river_crossings(nodes: Nodes) -> Iterable[Row]:
    """Two bridges of two parts each, the street of the far bank, and the two gateway roads."""
    for column, zh, en in ((1, "西桥", "West Bridge"), (4, "东桥", "East Bridge")):
        way = 9240 + column
        for pair in ((1040 + column, 2000 + column), (2000 + column, 2010 + column)):
            common = synthetic("way", way, zh, en, f"bridge:{zh}", highway="primary", bridge="yes")
            yield common | _part(way, pair, nodes, bridge=True) | _drive("primary")
        common = synthetic("way", way + 10, f"{zh}北路", f"{en} North Road", highway="primary")
        yield common | _part(way + 10, (2010 + column, 2030 + column), nodes) | _drive("primary")
    common = synthetic("way", 9260, "北滨路", "North Bank Road", highway="secondary")
    yield common | _part(9260, (2011, 2022, 2023, 2014), nodes) | _drive("secondary")


def walkways(nodes: Nodes) -> list[Row]:
    """One stairway and one footpath to a station entrance."""
    stairs = synthetic("way", 9300, "百步梯", "Hundred Steps", highway="steps") | _part(
        9300, (1022, 3001, 3002, 1032), nodes
    )
    path = synthetic("way", 9301, highway="footway") | _part(9301, (1023, 3010), nodes)
    return [
        stairs | {"class": "steps", "stairs": True, "steps": 100, "width_m": 3.0},
        path | {"class": "footway", "stairs": False, "width_m": 4.0},
    ]
