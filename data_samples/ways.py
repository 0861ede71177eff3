"""A street before it is cut into parts: its line, its class, its names, and the level it lies on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import shapely

STEPS = "steps"
WALKED = frozenset({"steps", "footway", "pedestrian", "path"})
"""Classes that belong to the layer of walkways."""
_LANES = {
    "trunk": 3, "trunk_link": 1, "primary": 2, "primary_link": 1, "secondary": 2, "tertiary": 1, "residential": 1,
    "service": 1,
}  # fmt: skip
_SPEED_KMH = {
    "trunk": 80, "trunk_link": 40, "primary": 60, "primary_link": 40, "secondary": 50, "tertiary": 40,
    "residential": 30, "service": 20,
}  # fmt: skip
WIDTH_M = {
    "trunk": 13.5, "trunk_link": 7.5, "primary": 22.0, "secondary": 17.0, "tertiary": 11.0, "residential": 8.5,
    "service": 6.0, "primary_link": 7.5, "steps": 4.0, "footway": 4.0, "pedestrian": 8.0, "path": 3.0,
}  # fmt: skip
"""Width of the whole street with its pavements, by class; a carriageway of a trunk road alone."""


@dataclass(frozen=True)
class Way:
    """A street or walkway in local metres; ``level`` is OSM's layer.

    ``planar`` ways meet wherever they cross; the others meet what shares one of their ends only.
    """

    line: shapely.LineString
    highway: str
    zh: str = ""
    en: str = ""
    lanes: int | None = None
    speed_kmh: float | None = None
    oneway: bool = False
    level: int = 0
    bridge: bool = False
    tunnel: bool = False
    group: str = ""
    planar: bool = True
    access: str = "all"

    @property
    def walked(self) -> bool:
        """Whether it belongs to the layer of walkways."""
        return self.highway in WALKED

    @property
    def lanes_forward(self) -> int:
        """Lanes in drawing direction: its own or those of its class."""
        return self.lanes if self.lanes is not None else _LANES[self.highway]

    @property
    def speed(self) -> float:
        """Speed limit in km/h: its own or that of its class."""
        return self.speed_kmh if self.speed_kmh is not None else _SPEED_KMH[self.highway]

    @property
    def width_m(self) -> float:
        """Width by class."""
        return WIDTH_M[self.highway]

    def along(self, line: shapely.LineString) -> Way:
        """The same street on another line."""
        return replace(self, line=line)


def point(line: shapely.LineString, distance_m: float) -> tuple[float, float]:
    """The place at a distance along a line, in whole centimetres."""
    place = shapely.line_interpolate_point(line, distance_m)
    return round(float(place.x), 2), round(float(place.y), 2)


def cut(line: shapely.LineString, distances_m: list[float]) -> list[shapely.LineString]:
    """The pieces of a line between distances along it; each cut is a vertex of both pieces, in whole centimetres."""
    stops = sorted({0.0, *(d for d in distances_m if 0.5 < d < line.length - 0.5), line.length})
    xy = shapely.get_coordinates(line)
    at = np.r_[0.0, np.cumsum(np.hypot(*np.diff(xy, axis=0).T))]
    pieces = []
    for start, end in pairwise(stops):
        inner = xy[(at > start + 0.05) & (at < end - 0.05)]
        first = xy[0] if start == 0.0 else np.array(point(line, start))
        last = xy[-1] if end == line.length else np.array(point(line, end))
        pieces.append(shapely.LineString(np.vstack([first, inner, last])))
    return pieces


def cut_at(ways: list[Way], places: list[tuple[float, float]], reach_m: float = 0.5) -> list[Way]:
    """The ways, those cut in two that pass within reach of a place, with the place itself as the new end."""
    result = list(ways)
    for place in places:
        spot = shapely.Point(place)
        nearest = min(result, key=lambda way: way.line.distance(spot))
        distance = shapely.line_locate_point(nearest.line, spot)
        if nearest.line.distance(spot) > reach_m or not 0.5 < distance < nearest.line.length - 0.5:
            continue
        pieces = [_ending_at(piece, place) for piece in cut(nearest.line, [distance])]
        position = result.index(nearest)
        result[position : position + 1] = [nearest.along(piece) for piece in pieces]
    return result


def _ending_at(piece: shapely.LineString, place: tuple[float, float]) -> shapely.LineString:
    xy = shapely.get_coordinates(piece)
    near = 0 if np.hypot(*(xy[0] - place)) < np.hypot(*(xy[-1] - place)) else -1
    xy[near] = place
    return shapely.LineString(xy)
