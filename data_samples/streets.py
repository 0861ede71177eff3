"""The whole network: main streets, expressways, minor streets and stairs, classed, named and joined by their nodes."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray

from data_samples.arteries import arteries
from data_samples.expressways import elevated
from data_samples.field import street_field
from data_samples.names import invented, street_name
from data_samples.planar import Edge, Node, degrees, street_graph
from data_samples.rivers import Rivers
from data_samples.streamlines import minor_streets
from data_samples.terrain import Ground
from data_samples.ways import Way, cut_at

Floats = NDArray[np.float64]
_STAIRS_ACROSS, _STAIRS_ALONG = 0.125, 0.19
"""Rise over run above which a street across (along) the slope is a stairway."""
_LONG_M, _LANE_M = 420.0, 95.0
GATE_X, GATE_Y = 2380.0, 2180.0
"""Beyond these a street leaves the sample."""


@dataclass(frozen=True)
class Part:
    """A street between two nodes. ``number`` is that of its street, whose name it has."""

    number: int
    way: Way
    start: Node
    end: Node

    @property
    def line(self) -> shapely.LineString:
        """Its line in local metres."""
        return self.way.line

    @property
    def walked(self) -> bool:
        """Whether it belongs to the layer of walkways."""
        return self.way.walked


def street_parts(rivers: Rivers, ground: Ground, parks: shapely.Geometry, random: np.random.Generator) -> list[Part]:
    """All streets and stairways of the sample in parts from node to node; minor ones stay out of the parks."""
    mains = arteries(rivers)
    above = elevated(rivers, mains)
    along, across = minor_streets(
        street_field(ground, mains),
        _allowed(rivers, ground, parks, above.ways),
        mains,
        _spacing(rivers, ground),
        random,
    )
    mains = cut_at(mains, above.anchors)
    minors = [Way(shapely.LineString(line), "residential") for line in along + across]
    ways = [*mains, *minors]
    edges = street_graph(ways, above.anchors)
    first_across = len(mains) + len(along)
    classed = _classed(edges, ways, len(mains), first_across, ground)
    parts = _named(classed, len(mains), random)
    decks = [_deck(len(ways) + number, way) for number, way in enumerate(above.ways)]
    return _connected([*parts, *decks])


def _spacing(rivers: Rivers, ground: Ground) -> Floats:
    """Distance between minor streets along the slope: close in the old town, wide in the outskirts."""
    x, y = ground.grid.centres()
    east = ground.grid.mask(rivers.peninsula) * np.clip((x + 1500) / 1500, 0, 1)
    far = np.clip((np.hypot(x / 1.25, y) - 1300) / 900, 0, 1)
    return 98 - 22 * east + 26 * far


def _allowed(rivers: Rivers, ground: Ground, parks: shapely.Geometry, above: list[Way]) -> NDArray[np.bool_]:
    """Cells that minor streets may enter."""
    x, y = ground.grid.centres()
    corridor = shapely.union_all([parks, *(way.line.buffer(26) for way in above if way.highway.startswith("trunk"))])
    free = (ground.to_water_m > 90) & (ground.steepness < 0.33) & ~ground.grid.mask(corridor)
    hill = np.where(ground.grid.mask(rivers.peninsula), 400, np.where(y > 0, 232, 226))
    behind = (x > 1350) & (y < -1250) | (x > 1900) & (y < -650)
    inside = (np.abs(x) < 2230) & (np.abs(y) < 2030)
    return np.asarray(free & (ground.elevation_m < hill) & ~behind & inside)


def _classed(edges: list[Edge], ways: list[Way], minor: int, across: int, ground: Ground) -> list[Part]:
    """Parts with their class: stairs where it is steep, lanes where it is short, collectors where it is long."""
    length: dict[int, float] = defaultdict(float)
    for edge in edges:
        length[edge.way] += edge.length_m
    count = degrees(edges)
    parts = []
    for edge in edges:
        way = ways[edge.way].along(shapely.LineString(edge.line))
        if edge.way >= minor:
            low, high = ground.grid.sample(ground.elevation_m, [edge.start, edge.end])
            steep = abs(high - low) / edge.length_m
            limit = _STAIRS_ACROSS if edge.way >= across else _STAIRS_ALONG
            ends_blind = 1 in (count[edge.start], count[edge.end])
            way = replace(way, highway=_class(steep > limit, length[edge.way], edge, ends_blind))
        parts.append(Part(edge.way, way, edge.start, edge.end))
    return parts


def _class(stairs: bool, street_m: float, edge: Edge, ends_blind: bool) -> str:
    if stairs:
        return "steps"
    if ends_blind and edge.length_m < _LANE_M:
        return "service"
    return "tertiary" if street_m > _LONG_M and not ends_blind else "residential"


def _named(parts: list[Part], minor: int, random: np.random.Generator) -> list[Part]:
    words = invented(random)
    word = {number: next(words) for number in sorted({part.number for part in parts}) if number >= minor}
    named = []
    for part in parts:
        if part.number in word:
            zh, en = street_name(word[part.number], part.way.highway)
            part = replace(part, way=replace(part.way, zh=zh, en=en))  # noqa: PLW2901
        named.append(part)
    return named


def _deck(number: int, way: Way) -> Part:
    xy = np.round(shapely.get_coordinates(way.line), 2)
    ends = [(float(x), float(y)) for x, y in (xy[0], xy[-1])]
    return Part(number, way.along(shapely.LineString(xy)), ends[0], ends[1])


def _connected(parts: list[Part]) -> list[Part]:
    """Streets that cars cannot reach become footpaths; blind ends of main streets that do not leave, side streets."""
    piece = _pieces([part for part in parts if not part.walked])
    sizes: dict[Node, int] = defaultdict(int)
    for leader in piece.values():
        sizes[leader] += 1
    largest = max(sorted(sizes), key=lambda leader: sizes[leader])
    result = []
    for part in parts:
        if not part.walked and piece[part.start] != largest:
            part = replace(part, way=replace(part.way, highway="footway"))  # noqa: PLW2901
        result.append(part)
    return _without_false_gates(result)


def _pieces(parts: list[Part]) -> dict[Node, Node]:
    leader: dict[Node, Node] = {}

    def find(node: Node) -> Node:
        leader.setdefault(node, node)
        while leader[node] != node:
            leader[node] = leader[leader[node]]
            node = leader[node]
        return node

    for part in parts:
        one, two = find(part.start), find(part.end)
        leader[two] = one
    return {node: find(node) for node in sorted(leader)}


def _without_false_gates(parts: list[Part]) -> list[Part]:
    """A main street that ends within the sample would look as if it led out of it."""
    while True:
        count: dict[Node, int] = defaultdict(int)
        for part in parts:
            if not part.walked:
                count[part.start] += 1
                count[part.end] += 1
        blind = {
            number
            for number, part in enumerate(parts)
            if part.way.highway in ("primary", "secondary", "tertiary")
            and any(count[node] == 1 and not _leaves(node) for node in (part.start, part.end))
        }
        if not blind:
            return parts
        parts = [
            replace(part, way=replace(part.way, highway="residential")) if number in blind else part
            for number, part in enumerate(parts)
        ]


def _leaves(node: Node) -> bool:
    return abs(node[0]) > GATE_X or abs(node[1]) > GATE_Y
