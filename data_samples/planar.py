"""From curves that cross to a street graph: cut at crossings, joined where they nearly meet, freed of stubs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray

from data_samples.ways import Way

Node = tuple[float, float]
Floats = NDArray[np.float64]
_RANK = {"primary": 0, "secondary": 1, "tertiary": 2, "residential": 3, "service": 4, "steps": 5, "footway": 6}
_REACH_M, _BEHIND_M, _BEYOND_M = 85.0, 2.0, 0.6
_SHORT_M = 24.0
_STUB_M = 48.0
_TWIN = 1.35


@dataclass(frozen=True)
class Edge:
    """A part of a street between two nodes; ``way`` is the position of its street among all."""

    start: Node
    end: Node
    line: Floats
    way: int

    @property
    def length_m(self) -> float:
        """Length of its line."""
        return float(np.hypot(*np.diff(self.line, axis=0).T).sum())

    def reversed(self) -> Edge:
        """The same part drawn the other way."""
        return Edge(self.end, self.start, self.line[::-1], self.way)


def street_graph(ways: list[Way], fixed: Iterable[Node]) -> list[Edge]:
    """The parts of planar ways between their junctions; nodes at the ``fixed`` places stay where they are."""
    kept = frozenset(_node(np.array(place)) for place in fixed)
    edges = _cut(_reaching(ways, kept), list(range(len(ways))), ways)
    for _ in range(3):
        edges = _contracted(edges, ways, kept)
        edges = _without_twins(edges, ways)
        edges = _without_stubs(edges, ways, kept)
        edges = _cut([shapely.LineString(edge.line) for edge in edges], [edge.way for edge in edges], ways)
    return _uncrossed(_joined(edges, kept), ways)


def _reaching(ways: list[Way], kept: frozenset[Node]) -> list[shapely.LineString]:
    """The ways' lines, led on to the next street ahead if there is one near, but not past what is kept."""
    lines = [way.line for way in ways]
    tree = shapely.STRtree(lines)
    result = []
    for number, line in enumerate(lines):
        xy = shapely.get_coordinates(line)
        ends = [None if _node(end[0]) in kept else _ahead(end, number, lines, tree) for end in (xy, xy[::-1])]
        result.append(shapely.LineString(np.vstack([part for part in (ends[0], xy, ends[1]) if part is not None])))
    return result


def _ahead(points: Floats, number: int, lines: list[shapely.LineString], tree: shapely.STRtree) -> Floats | None:
    """A point just beyond the first street ahead of the first of the points, or None."""
    heading = points[0] - points[min(3, len(points) - 1)]
    heading = heading / max(float(np.hypot(*heading)), 1e-9)
    ray = shapely.LineString([points[0] - _BEHIND_M * heading, points[0] + _REACH_M * heading])
    hits = [shapely.get_coordinates(ray.intersection(lines[other])) for other in _met(ray, number, tree)]
    if not hits:
        return None
    nearest = float(((np.vstack(hits) - points[0]) @ heading).min())  # below 0: it ends on the street or just beyond
    return np.array([points[0] + (nearest + _BEYOND_M) * heading]) if nearest > -_BEYOND_M / 2 else None


def _met(ray: shapely.LineString, number: int, tree: shapely.STRtree) -> list[int]:
    return sorted(int(other) for other in tree.query(ray, predicate="intersects") if other != number)


def _cut(lines: list[shapely.LineString], owner: list[int], ways: list[Way]) -> list[Edge]:
    """The parts of lines between their crossings; a part that several share belongs to the greatest street."""
    parts = shapely.get_parts(shapely.union_all(lines))
    middles = shapely.line_interpolate_point(parts, 0.5, normalized=True)
    part_of, line_of = shapely.STRtree(lines).query(middles, predicate="dwithin", distance=0.02)
    best: dict[int, int] = {}
    for part, line in zip(part_of.tolist(), (owner[line] for line in line_of.tolist()), strict=True):
        key = (_RANK[ways[line].highway], line)
        if part not in best or key < (_RANK[ways[best[part]].highway], best[part]):
            best[part] = line
    edges = []
    for number, part in enumerate(parts):
        xy = np.round(shapely.get_coordinates(part), 2)
        if number in best and len(np.unique(xy, axis=0)) > 1:
            edges.append(Edge(_node(xy[0]), _node(xy[-1]), xy, best[number]))
    return sorted(edges, key=lambda edge: (edge.start, edge.end, edge.way, len(edge.line)))


def _node(xy: Floats) -> Node:
    return round(float(xy[0]), 2), round(float(xy[1]), 2)


def _contracted(edges: list[Edge], ways: list[Way], kept: frozenset[Node]) -> list[Edge]:
    """Nodes that short edges join become one, where the greatest street runs."""
    leader: dict[Node, Node] = {}

    def find(node: Node) -> Node:
        while node in leader:
            node = leader[node]
        return node

    members: dict[Node, list[Node]] = defaultdict(list)
    for edge in sorted(edges, key=lambda edge: (edge.length_m, edge.start, edge.end)):
        one, two = find(edge.start), find(edge.end)
        if edge.length_m >= _SHORT_M:
            break
        both = [*members[one], *members[two], one, two]
        if one == two or len(kept.intersection(both)) > 1 or _spread(both) > 1.6 * _SHORT_M:
            continue
        leader[two] = one
        members[one] = [*members[one], *members[two], two]
    rank: dict[Node, int] = {}
    for edge in edges:
        for node in (edge.start, edge.end):
            rank[node] = min(rank.get(node, 9), _RANK[ways[edge.way].highway])
    place = {node: _place([node, *members[node]], rank, kept) for node in rank if node not in leader}
    moved = []
    for edge in edges:
        start, end = place[find(edge.start)], place[find(edge.end)]
        if start != end or edge.length_m > 3 * _SHORT_M:
            moved.append(_between(edge, start, end))
    return [edge for edge in moved if edge.start != edge.end]


def _spread(nodes: list[Node]) -> float:
    return float(np.hypot(*np.ptp(np.array(nodes), axis=0)))


def _place(nodes: list[Node], rank: dict[Node, int], kept: frozenset[Node]) -> Node:
    held = [node for node in nodes if node in kept]
    if held:
        return held[0]
    best = min(rank[node] for node in nodes)
    great = sorted(node for node in nodes if rank[node] == best)
    middle = np.mean(great, axis=0)
    return min(great, key=lambda node: (float(np.hypot(*(np.array(node) - middle))), node))


def _between(edge: Edge, start: Node, end: Node) -> Edge:
    """The edge led to other ends, without the vertices that lie close to these."""
    if (start, end) == (edge.start, edge.end):
        return edge
    inner = edge.line[1:-1]
    far = (np.hypot(*(inner - start).T) > 14) & (np.hypot(*(inner - end).T) > 14)
    return Edge(start, end, np.vstack([start, inner[far], end]), edge.way)


def _without_twins(edges: list[Edge], ways: list[Way]) -> list[Edge]:
    """Of edges between the same nodes and about as long as each other, the one of the greater street."""
    groups: dict[tuple[Node, Node], list[Edge]] = defaultdict(list)
    for edge in edges:
        low, high = sorted((edge.start, edge.end))
        groups[low, high].append(edge)
    result = []
    for group in groups.values():
        first, *others = sorted(group, key=lambda edge: (_RANK[ways[edge.way].highway], edge.length_m, edge.way))
        result += [first, *(edge for edge in others if edge.length_m > _TWIN * first.length_m and edge.length_m > 90)]
    return result


def _without_stubs(edges: list[Edge], ways: list[Way], kept: frozenset[Node]) -> list[Edge]:
    """Without short dead ends of minor streets, until there is none."""
    while True:
        count = degrees(edges)
        stubs = [
            edge
            for edge in edges
            if edge.length_m < _STUB_M and any(count[node] == 1 and node not in kept for node in (edge.start, edge.end))
        ]
        if not stubs:
            return edges
        gone = {id(edge) for edge in stubs}
        edges = [edge for edge in edges if id(edge) not in gone]


def degrees(edges: Iterable[Edge]) -> dict[Node, int]:
    """How many edges meet at each node."""
    count: dict[Node, int] = defaultdict(int)
    for edge in edges:
        count[edge.start] += 1
        count[edge.end] += 1
    return count


def _joined(edges: list[Edge], kept: frozenset[Node]) -> list[Edge]:
    """One edge of two where a street merely goes on."""
    at: dict[Node, list[Edge]] = defaultdict(list)
    for edge in edges:
        at[edge.start].append(edge)
        at[edge.end].append(edge)
    for node in sorted(at):
        two = at[node]
        if node in kept or len(two) != 2 or two[0] is two[1] or two[0].way != two[1].way:
            continue
        before = two[0] if two[0].end == node else two[0].reversed()
        after = two[1] if two[1].start == node else two[1].reversed()
        if before.start == after.end:
            continue
        whole = Edge(before.start, after.end, np.vstack([before.line, after.line[1:]]), before.way)
        for end in (whole.start, whole.end):
            at[end] = [whole if edge is two[0] or edge is two[1] else edge for edge in at[end]]
        at[node] = []
    unique = {id(edge): edge for node in sorted(at) for edge in at[node]}
    return [replace(edge, line=_simplified(edge.line)) for edge in unique.values()]


def _uncrossed(edges: list[Edge], ways: list[Way]) -> list[Edge]:
    """Without the lesser one of two edges that cross still, because moving their ends brought them over each other."""
    lines = [shapely.LineString(edge.line) for edge in edges]
    one, two = shapely.STRtree(lines).query(lines, predicate="crosses")
    rank = [(_RANK[ways[edge.way].highway], -edge.length_m, position) for position, edge in enumerate(edges)]
    gone = {max(pair, key=lambda position: rank[position]) for pair in zip(one.tolist(), two.tolist(), strict=True)}
    return [edge for position, edge in enumerate(edges) if position not in gone]


def _simplified(line: Floats) -> Floats:
    xy: Floats = np.round(shapely.get_coordinates(shapely.simplify(shapely.LineString(line), 1.2)), 2)
    return xy
