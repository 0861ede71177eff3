"""Roads that meet others by ramps or ends only: two expressways, river bridges, a tunnel, interchanges."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import shapely

from data_samples import arteries
from data_samples.curves import Floats, beside, heading_at, hermite, rounded, spline
from data_samples.rivers import Rivers
from data_samples.ways import Way, cut, point

RING = (
    (-1650, 1650), (-1700, 1400), (-1745, 800), (-1765, 200), (-1745, -400), (-1700, -930), (-1668, -1300),
    (-1660, -1450),
)  # fmt: skip
_MEDIAN_M = 11.0
_RING_KMH = 60.0
INTERCHANGE = "interchange:云门西立交"
_INTERCHANGE_NAMES = ("云门西立交", "Yunmen West Interchange")
_RING_NAMES = ("西环快速路", "West Ring Expressway")
_RIVERSIDE_NAMES = ("云滨快速路", "Yunbin Expressway")
WEST_YUN, WEST_LAN = ("青鸾大桥", "Qingluan Bridge"), ("鹭汀大桥", "Luting Bridge")
_DIAMOND_M = 270.0
_RING_ENDS = ("北岭大道", "南岭大道")
"""The avenues on which the ring expressway comes down, north and south."""


@dataclass(frozen=True)
class Elevated:
    """What meets the streets by its ends only, and the places on the streets where it does."""

    ways: list[Way]
    anchors: list[tuple[float, float]]


def elevated(rivers: Rivers, streets: list[Way]) -> Elevated:
    """All expressways, ramps, river bridges and the tunnel."""
    ring = spline(RING, 20)
    ends = [
        _nearest(_avenue(streets, name), place) for name, place in zip(_RING_ENDS, (ring[0], ring[-1]), strict=True)
    ]
    sides = (beside(ring, -_MEDIAN_M), beside(ring, _MEDIAN_M))
    south, north = (rounded(shapely.LineString(np.vstack([ends[0], side, ends[1]])), passes=2) for side in sides)
    north = north.reverse()
    ramps, anchors, exits = _diamonds(ring, south, north, streets)
    riverside, stacked, more, taken = _riverside(rivers, south, north, streets)
    carriageways = [
        *_ring_pieces(south, exits["south"] + taken["south"], rivers),
        *_ring_pieces(north, exits["north"] + taken["north"], rivers),
    ]
    slips, feet = _slips(streets)
    ways = [*carriageways, *riverside, *ramps, *stacked, *slips, *_crossings()]
    return Elevated(ways, [*anchors, *more, *ends, *feet, *_heads()])


def _crossings() -> list[Way]:
    """The bridges of the avenues and the tunnel: each one way from bank to bank."""
    bridges = (
        (arteries.YUNMEN_BRIDGE, "secondary", "云门大桥", "Yunmen Bridge", 1),
        (arteries.WANGLAN_BRIDGE, "secondary", "望岚大桥", "Wanglan Bridge", 1),
        (arteries.HEDU_BRIDGE, "primary", "鹤渡大桥", "Hedu Bridge", 2),
    )
    tunnel = Way(shapely.LineString(spline(arteries.TUNNEL, 40)), "primary", "东麓隧道", "Donglu Tunnel", level=-1)
    decks = [
        Way(
            shapely.LineString(spline(line, 60)), highway, zh, en, lanes, level=1, bridge=True,
            group=f"bridge:{zh}", planar=False,
        )
        for line, highway, zh, en, lanes in bridges
    ]  # fmt: skip
    return [*decks, replace(tunnel, tunnel=True, group="tunnel:东麓隧道", planar=False)]


def _heads() -> list[tuple[float, float]]:
    lines = (arteries.YUNMEN_BRIDGE, arteries.WANGLAN_BRIDGE, arteries.HEDU_BRIDGE, arteries.TUNNEL)
    return [(float(x), float(y)) for line in lines for x, y in (line[0], line[-1])]


def _slips(streets: list[Way]) -> tuple[list[Way], list[tuple[float, float]]]:
    """Slip roads by which traffic turns right from an avenue onto an old bridge, past the lights."""
    slips, feet = [], []
    for name, bridge, beside_m in (
        ("南岭大道", arteries.YUNMEN_BRIDGE, 170.0),
        ("北岭大道", arteries.WANGLAN_BRIDGE, -170.0),
    ):
        avenue, head = _avenue(streets, name), np.array(bridge[-1], dtype=np.float64)
        at = float(shapely.line_locate_point(avenue, shapely.Point(head))) + beside_m
        foot = point(avenue, at)
        coming = -np.sign(beside_m) * heading_at(np.asarray(avenue.coords), at)
        going = np.array(bridge[0]) - head
        curve = hermite(foot, coming, head, going / np.hypot(*going))
        zh, en = next((way.zh, way.en) for way in streets if way.zh == name)
        line = shapely.LineString(curve)
        slips.append(
            Way(line, "primary_link", zh + "匝道", f"{en} Slip", oneway=True, level=1, bridge=True, planar=False)
        )
        feet.append(foot)
    return slips, feet


def _ring_pieces(line: shapely.LineString, exits: list[float], rivers: Rivers) -> list[Way]:
    """A carriageway cut at its exits and at the shores it crosses."""
    shores = [
        float(shapely.line_locate_point(line, spot))
        for river in (rivers.yun, rivers.lan)
        for spot in shapely.get_parts(line.intersection(river.exterior))
    ]
    free = [shore for shore in shores if all(abs(shore - stop) > 12 for stop in exits)]
    return [_ring_piece(piece, rivers) for piece in cut(line, [*exits, *free])]


def _ring_piece(piece: shapely.LineString, rivers: Rivers) -> Way:
    way = Way(piece, "trunk", *_RING_NAMES, oneway=True, planar=False, speed_kmh=_RING_KMH)
    middle = piece.interpolate(0.5, normalized=True)
    way = replace(way, bridge=True, level=1)
    for river, (zh, en) in ((rivers.yun, WEST_YUN), (rivers.lan, WEST_LAN)):
        if river.contains(middle):
            return replace(way, zh=zh, en=en, group=f"bridge:{zh}")
    return way


def _diamonds(
    ring: Floats, south: shapely.LineString, north: shapely.LineString, streets: list[Way]
) -> tuple[list[Way], list[tuple[float, float]], dict[str, list[float]]]:
    """Diamond interchanges where the avenues pass beneath the ring expressway."""
    axis = shapely.LineString(ring)
    ramps: list[Way] = []
    anchors: list[tuple[float, float]] = []
    exits: dict[str, list[float]] = {"south": [], "north": []}
    for name in ("山脊大道",):
        avenue = _avenue(streets, name)
        middle = float(shapely.line_locate_point(avenue, axis.intersection(avenue)))
        for line, side, offset in ((south, "south", -62.0), (north, "north", 62.0)):
            place = point(avenue, middle + offset)
            along = float(shapely.line_locate_point(line, shapely.Point(place)))
            off, on = along - _DIAMOND_M, along + _DIAMOND_M
            link = Way(line, "trunk_link", *_RING_NAMES, oneway=True, level=1, bridge=True, planar=False)
            heading = heading_at(np.asarray(line.coords), along)
            leaving = hermite(point(line, off), heading_at(np.asarray(line.coords), off), place, heading)
            joining = hermite(place, heading, point(line, on), heading_at(np.asarray(line.coords), on))
            ramps += [link.along(shapely.LineString(curve)) for curve in (leaving, joining)]
            anchors.append(place)
            exits[side] += [off, on]
    return ramps, anchors, exits


def _riverside(
    rivers: Rivers, south: shapely.LineString, north: shapely.LineString, streets: list[Way]
) -> tuple[list[Way], list[Way], list[tuple[float, float]], dict[str, list[float]]]:
    """The riverside expressway, the stacked interchange at its western end, and its ramps to the hillside road."""
    end = shapely.get_coordinates(arteries.riverside_ring(rivers))[-1]
    shore = arteries.Shore(rivers.peninsula)
    east, west = _shore_half(shore.line(44), end), _shore_half(shore.line(66), end).reverse()
    hillside = _avenue(streets, "半山路")
    foot = _nearest(hillside, (-330, -650))
    off, on = _at_x(east, -760), _at_x(west, -780)
    main = [
        Way(piece, "trunk", *_RIVERSIDE_NAMES, oneway=True, planar=False, lanes=2, speed_kmh=50)
        for line, stop in ((east, off), (west, on))
        for piece in cut(line, [stop])
    ]
    link = Way(east, "trunk_link", *_RIVERSIDE_NAMES, oneway=True, planar=False, bridge=True, level=1)
    climb = heading_at(np.asarray(hillside.coords), float(shapely.line_locate_point(hillside, shapely.Point(foot))))
    climb = climb if climb[0] > 0 else -climb
    up = hermite(point(east, off), heading_at(np.asarray(east.coords), off), foot, climb)
    down = hermite(foot, -climb, point(west, on), heading_at(np.asarray(west.coords), on))
    ramps = [link.along(shapely.LineString(up)), link.along(shapely.LineString(down))]
    stacked, taken = _stack(east, west, south, north)
    return main, [*stacked, *ramps], [foot, (float(end[0]), float(end[1]))], taken


def _shore_half(ring: shapely.LineString, end: Floats) -> shapely.LineString:
    """The part of a shore line along the Yun, drawn eastwards from the interchange, led to the common end."""
    xy = shapely.get_coordinates(ring)
    xy = xy if xy[0, 1] < xy[-1, 1] else xy[::-1]
    stop = int(np.argmax(xy[:, 0] > end[0] - 110))
    kept = xy[:stop][xy[:stop, 0] > -1420]
    return rounded(shapely.LineString(np.vstack([kept, end])), passes=3)


def _stack(
    east: shapely.LineString, west: shapely.LineString, south: shapely.LineString, north: shapely.LineString
) -> tuple[list[Way], dict[str, list[float]]]:
    """Three ramps between the ring and the riverside expressway, one on each level; the ring itself is on the first.

    From the south nobody turns in towards the town: that way leads over Yunmen Bridge.
    """
    begin, end = point(east, 0), point(west, west.length)
    begin_heading = heading_at(np.asarray(east.coords), 0)
    end_heading = heading_at(np.asarray(west.coords), west.length)
    stops = {
        "south": [_at_y(south, -90.0), _at_y(south, -1010.0)],
        "north": [_at_y(north, -90.0)],
    }
    link = Way(east, "trunk_link", *_INTERCHANGE_NAMES, oneway=True, bridge=True, group=INTERCHANGE, planar=False)

    def ramp(level: int, points: Floats) -> Way:
        return replace(link, level=level, line=shapely.LineString(points))

    def heading(line: shapely.LineString, stop: float) -> Floats:
        return heading_at(np.asarray(line.coords), stop)

    (leave_south, join_south), (join_north,) = stops["south"], stops["north"]
    ramps = [
        ramp(2, hermite(point(south, leave_south), heading(south, leave_south), begin, begin_heading)),
        ramp(1, hermite(end, end_heading, point(north, join_north), heading(north, join_north))),
        ramp(3, hermite(end, end_heading, point(south, join_south), heading(south, join_south))),
    ]
    return ramps, stops


def _avenue(streets: list[Way], name: str) -> shapely.LineString:
    return next(way.line for way in streets if way.zh == name)


def _at_y(line: shapely.LineString, y: float) -> float:
    xy = shapely.get_coordinates(line)
    return float(shapely.line_locate_point(line, shapely.Point(xy[int(np.argmin(np.abs(xy[:, 1] - y)))])))


def _at_x(line: shapely.LineString, x: float) -> float:
    xy = shapely.get_coordinates(line)
    return float(shapely.line_locate_point(line, shapely.Point(xy[int(np.argmin(np.abs(xy[:, 0] - x)))])))


def _nearest(line: shapely.LineString, place: tuple[float, float]) -> tuple[float, float]:
    return point(line, float(shapely.line_locate_point(line, shapely.Point(place))))
