"""Walks that are no streets: promenades along the water with steps and footbridges up to the town, paths in parks."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely
from numpy.typing import NDArray

from data_samples.arteries import Shore
from data_samples.curves import resample
from data_samples.parks import Green
from data_samples.planar import Node
from data_samples.rivers import Rivers
from data_samples.streets import Part
from data_samples.terrain import Ground
from data_samples.ways import Way, cut

Floats = NDArray[np.float64]
_EVERY_M, _REACH_M = 330.0, 190.0
_STEPS = 0.11
"""Rise over run from which a link is a stairway."""


def walks(rivers: Rivers, green: Green, ground: Ground, parts: list[Part]) -> list[Part]:
    """Promenades and park paths as parts that share nodes with the streets they lead to."""
    shores = (
        (rivers.peninsula, "岚云滨江步道", "Lanyun Promenade"),
        (rivers.north, "澄波步道", "Chengbo Promenade"),
        (rivers.south, "望江步道", "Wangjiang Promenade"),
    )
    lines = [(Shore(bank).line(24, 40), "pedestrian", zh, en, _EVERY_M) for bank, zh, en in shores]
    lines += [
        (shapely.LineString(resample(park.area.buffer(-22).exterior.coords, 15)), "path", park.zh, park.en, 150.0)
        for park in green.parks
    ]
    number = max(part.number for part in parts) + 1
    made: list[Part] = []
    for line, highway, zh, en, every in lines:
        name = (zh + ("小径" if highway == "path" else ""), en + (" Trail" if highway == "path" else ""))
        found = list(_walk(Way(line, highway, *name, planar=False), number, every, parts, ground))
        number += len({part.number for part in found})
        made += found
    return made


def _walk(way: Way, number: int, every: float, parts: list[Part], ground: Ground) -> Iterator[Part]:
    """A walk cut where links leave it, and the links."""
    links = list(_links(way.line, every, parts, ground))
    closed = way.line.is_closed
    places = sorted({distance for distance, _ in links})
    if not places:
        return
    pieces = cut(way.line, places)
    if closed and places[0] > 0.5:
        xy = [shapely.get_coordinates(piece) for piece in pieces]
        pieces = [*pieces[1:-1], shapely.LineString(np.vstack([xy[-1], xy[0][1:]]))]
    for piece in pieces:
        if piece.length > 1:
            yield _part(number, way.along(piece))
    for position, (distance, target) in enumerate(links, start=1):
        yield _part(number + position, _link(way, distance, target, parts, ground))


def _links(line: shapely.LineString, every: float, parts: list[Part], ground: Ground) -> Iterator[tuple[float, Node]]:
    """Places along a walk, with the street node each is linked to."""
    nodes = sorted({node for part in parts for node in (part.start, part.end) if _walkable(part)})
    streets = shapely.STRtree([part.line for part in parts if _walkable(part)])
    spots = np.array(nodes)
    used: set[Node] = set()
    for distance in np.arange(every / 3, line.length - every / 4, every):
        here = shapely.get_coordinates(shapely.line_interpolate_point(line, distance))[0]
        gaps = np.hypot(*(spots - here).T)
        for nearest in np.argsort(gaps, kind="stable")[:3]:
            node = nodes[int(nearest)]
            foot = float(shapely.line_locate_point(line, shapely.Point(node)))
            straight = shapely.LineString([shapely.line_interpolate_point(line, foot), node])
            dry = ground.grid.sample(ground.to_water_m, resample(straight.coords, 8)).min() > 8
            free = len(streets.query(straight, predicate="crosses")) == 0
            if node not in used and dry and free and 12 < straight.length < _REACH_M and 1 < foot < line.length - 1:
                used.add(node)
                yield round(foot, 2), node
                break


def _walkable(part: Part) -> bool:
    return not (part.way.highway.startswith("trunk") or part.way.bridge or part.way.tunnel)


def _link(way: Way, distance: float, target: Node, parts: list[Part], ground: Ground) -> Way:
    """Straight from the walk to the node: stairs where it is steep, a footbridge where a fast road lies between."""
    foot = shapely.line_interpolate_point(way.line, distance)
    line = shapely.LineString([(round(foot.x, 2), round(foot.y, 2)), target])
    over = any(part.way.highway.startswith("trunk") and part.line.intersects(line) for part in parts)
    low, high = ground.grid.sample(ground.elevation_m, line.coords)
    steep = abs(high - low) / line.length > _STEPS
    zh, en = ("天桥", " Footbridge") if over else ("梯道", " Steps") if steep else ("", "")
    highway = "footway" if over or not steep else "steps"
    return Way(line, highway, way.zh + zh, way.en + en, bridge=over, level=int(over), planar=False)


def _part(number: int, way: Way) -> Part:
    xy = np.round(shapely.get_coordinates(way.line), 2)
    start, end = ((float(x), float(y)) for x, y in (xy[0], xy[-1]))
    return Part(number, way.along(shapely.LineString(xy)), start, end)
