"""The layers of roads, walkways, signals and turn restrictions from the street parts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely

from cim_core.crs import geodesic_length_m
from cim_core.units import kmh_to_mps
from data_samples.grid import to_crs, to_degrees
from data_samples.planar import Node
from data_samples.records import Row, common
from data_samples.streets import Part

_FIRST_NODE, _FIRST_WAY = 1001, 101
_RISER_M = 0.15
_MOST_RESTRICTIONS = 8
_SURFACE = {"steps": "stone", "footway": "paving_stones", "path": "stone", "pedestrian": "paving_stones"}
_WIDTH_M = {"steps": 3.0, "footway": 2.5, "path": 1.8, "pedestrian": 6.0}


@dataclass(frozen=True)
class Network:
    """Rows of the network's layers, and the place of each node in local metres."""

    roads: list[Row]
    walkways: list[Row]
    signals: list[Row]
    restrictions: list[Row]
    nodes: dict[int, Node]


def network(parts: list[Part], heights: dict[Node, float]) -> Network:
    """The network's rows; ``heights`` is the ground (m) at the parts' ends, from which stairs count their steps."""
    places = sorted({node for part in parts for node in (part.start, part.end)})
    number = {node: _FIRST_NODE + position for position, node in enumerate(places)}
    lines = [to_crs(part.line) for part in parts]
    lengths = geodesic_length_m([to_degrees(line) for line in lines])
    inner = _FIRST_NODE + len(places)
    roads: list[Row] = []
    walkways: list[Row] = []
    seen: set[str] = set()
    for part, line, length in zip(parts, lines, lengths, strict=True):
        count = shapely.get_num_coordinates(line) - 2
        nodes = np.array([number[part.start], *range(inner, inner + count), number[part.end]], dtype=np.int64)
        inner += count
        row = _row(part, line, float(length), nodes)
        while row["id"] in seen:
            row["id"] += "b"
        seen.add(row["id"])
        rise = abs(heights[part.end] - heights[part.start])
        (walkways if part.walked else roads).append(row | (_walk(part, rise) if part.walked else _drive(part)))
    by_node = {number[node]: node for node in places}
    signals = list(_signals(roads, by_node))
    return Network(
        roads, walkways, signals, list(_restrictions(roads, {row["node"] for row in signals}, by_node)), by_node
    )


def _row(part: Part, line: shapely.LineString, length_m: float, nodes: np.ndarray) -> Row:
    way = part.way
    tags = (
        {"highway": way.highway} | ({"bridge": "yes"} if way.bridge else {}) | ({"tunnel": "yes"} if way.tunnel else {})
    )
    return common("way", _FIRST_WAY + part.number, way.zh, way.en, way.group, **tags) | {
        "id": f"w{_FIRST_WAY + part.number}-n{nodes[0]}",
        "geometry": line,
        "class": way.highway,
        "access": way.access,
        "from_node": int(nodes[0]),
        "to_node": int(nodes[-1]),
        "nodes": nodes,
        "length_m": length_m,
        "bridge": way.bridge,
        "tunnel": way.tunnel,
        "layer": way.level,
        "elevation_from_m": None,
        "elevation_to_m": None,
        "gradient": None,
    }


def _drive(part: Part) -> Row:
    way = part.way
    return {
        "lanes_forward": way.lanes_forward,
        "lanes_backward": 0 if way.oneway else way.lanes_forward,
        "speed_limit_mps": kmh_to_mps(way.speed),
        "oneway": way.oneway,
        "surface": "asphalt",
    }


def _walk(part: Part, rise_m: float) -> Row:
    stairs = part.way.highway == "steps"
    steps = max(round(rise_m / _RISER_M), 3) if stairs else None
    return {"stairs": stairs, "steps": steps, "width_m": _WIDTH_M[part.way.highway]}


_WEIGHT = {"trunk": 3, "primary": 3, "secondary": 2, "trunk_link": 2, "tertiary": 1}


def _signals(roads: list[Row], places: dict[int, Node]) -> Iterator[Row]:
    """Lights where a main street meets another street that is not minor."""
    for node, met in _junctions(roads).items():
        weights = sorted((_WEIGHT.get(road["class"], 0) for road in met), reverse=True)
        fast = all(road["class"].startswith("trunk") for road in met)
        if fast or len(weights) < 3 or not (sum(weights[:3]) >= 7 or (len(weights) > 3 and sum(weights[:4]) >= 6)):
            continue
        named = sorted({(-_WEIGHT.get(road["class"], 0), road["name_zh"], road["name_en"]) for road in met})
        zh, en = "与".join(name[1] for name in named[:2]) + "路口", " and ".join(name[2] for name in named[:2])
        common_fields = common("node", node, zh, en, highway="traffic_signals")
        yield common_fields | {"id": f"n{node}", "geometry": to_crs(shapely.Point(places[node])), "node": node}


def _restrictions(roads: list[Row], lit: set[int], places: dict[int, Node]) -> Iterator[Row]:
    """No left turn out of some side streets onto an avenue without lights."""
    found = 0
    for node, met in _junctions(roads).items():
        sides = [road for road in met if road["class"] == "residential"]
        avenue = [road for road in met if road["class"] == "primary"]
        if node in lit or len(sides) != 1 or len(avenue) != 2 or len(met) != 3 or found >= _MOST_RESTRICTIONS:
            continue
        left = max(avenue, key=lambda road: _turn(sides[0], road, node))
        if _turn(sides[0], left, node) > 0.5:
            found += 1
            row = common("relation", found, type="restriction", restriction="no_left_turn")
            place = {"id": f"r{found}", "geometry": to_crs(shapely.Point(places[node])), "kind": "no_left_turn"}
            yield row | place | {"from_road": sides[0]["id"], "to_road": left["id"], "via_node": node}


def _turn(came: Row, left: Row, node: int) -> float:
    """Sine of the turn at a node from one road into another: 1 is square to the left."""
    coming, going = -_away(came, node), _away(left, node)
    return float(coming[0] * going[1] - coming[1] * going[0])


def _away(road: Row, node: int) -> np.ndarray:
    """Unit vector in which a road leaves a node."""
    xy = shapely.get_coordinates(road["geometry"])
    step = xy[1] - xy[0] if road["from_node"] == node else xy[-2] - xy[-1]
    return np.asarray(step / np.hypot(*step))


def _junctions(roads: list[Row]) -> dict[int, list[Row]]:
    at: dict[int, list[Row]] = defaultdict(list)
    for road in roads:
        for node in (road["from_node"], road["to_node"]):
            at[node].append(road)
    return {node: at[node] for node in sorted(at)}
