"""The main streets that meet at level: avenues, riverside and hillside roads, and the connections between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from data_samples.curves import Floats, rounded, spline
from data_samples.grid import HALF_HEIGHT_M, HALF_WIDTH_M, extent
from data_samples.rivers import Rivers
from data_samples.ways import Way

Controls = tuple[tuple[float, float], ...]
_EAST, _NORTH = HALF_WIDTH_M - 20, HALF_HEIGHT_M - 20

RIDGE: Controls = ((-2120, 310), (-1760, 270), (-1150, 120), (-560, 20), (-10, 40), (420, 110), (790, 190))
NORTH_AVENUE: Controls = (
    (-2150, 1830),
    (-1670, 1760),
    (-1050, 1560),
    (-420, 1470),
    (455, 1500),
    (1000, 1370),
    (1320, 980),
)
SOUTH_AVENUE: Controls = (
    (-2200, -1500),
    (-1665, -1560),
    (-900, -1640),
    (40, -1680),
    (720, -1430),
    (1250, -980),
    (1700, -330),
    (1985, 310),
)
YUNMEN_NORTH: Controls = ((-10, 40), (-30, -300), (0, -640))
YUNMEN_SOUTH: Controls = ((30, -1545), (40, -1680), (-40, -1950), (30, -_NORTH))
WANGLAN_SOUTH: Controls = ((420, 110), (395, 340), (415, 600))
WANGLAN_NORTH: Controls = ((445, 1265), (455, 1500), (400, 1850), (470, _NORTH))
YUNMEN_BRIDGE: Controls = ((0, -640), (30, -1545))
WANGLAN_BRIDGE: Controls = ((415, 600), (445, 1265))
HEDU_BRIDGE: Controls = ((1320, 980), (1985, 310))
TUNNEL: Controls = ((1250, -980), (1600, -1130), (2050, -1290), (2260, -1330))
TUNNEL_EAST: Controls = ((2260, -1330), (_EAST, -1390))
_CONNECTIONS: tuple[tuple[Controls, str, str, str], ...] = (
    (((-2130, 1215), (-2160, 800), (-2120, 310), (-2150, -120), (-2110, -480)), "secondary", "西苑路", "Xiyuan Road"),
    (((-1130, 870), (-1170, 500), (-1150, 120), (-1180, -250), (-1120, -520)), "secondary", "梧桐路", "Wutong Road"),
    (((-520, 745), (-560, 400), (-560, 20), (-600, -300), (-560, -640)), "secondary", "石榴路", "Shiliu Road"),
    (((640, 155), (690, 320), (720, 505)), "secondary", "银杏路", "Yinxing Road"),
    (((-930, 1200), (-900, 1390), (-880, 1520)), "secondary", "杏林路", "Xinglin Road"),
    (((-250, 1175), (-230, 1300), (-210, 1480)), "tertiary", "书院路", "Shuyuan Road"),
    (((930, 940), (960, 1160), (1000, 1370), (1060, 1700), (1000, 1950)), "secondary", "鹿鸣路", "Luming Road"),
    (((-900, -1290), (-930, -1480), (-900, -1640)), "secondary", "柳荫路", "Liuyin Road"),
    (((1330, -500), (1380, -700), (1400, -790)), "tertiary", "听松路", "Tingsong Road"),
    (((560, -1130), (640, -1290), (720, -1430)), "secondary", "榕荫路", "Rongyin Road"),
    (((1320, 980), (1600, 1230), (1950, 1560), (_EAST, 1800)), "secondary", "东岭大道", "Dongling Avenue"),
)
_FROM_WATER_M = 55.0
_LANES = {"东岭大道": 1}
"""Lanes each way where they are not those of the class."""
_SWITCHBACK: Controls = (
    (720, -1430), (900, -1560), (1130, -1420), (1290, -1330), (1330, -1400), (1170, -1560), (960, -1800), (990, -1860),
    (1180, -1760), (1400, -1560), (1510, -1500), (1530, -1570), (1420, -1700), (1330, -1830),
)  # fmt: skip


@dataclass(frozen=True)
class Shore:
    """Lines at a distance from the water: ``ring`` follows the peninsula's shore from north-west to south-west."""

    bank: shapely.Polygon

    def line(self, offset_m: float, rounding_m: float = 70.0) -> shapely.LineString:
        """The line at ``offset_m`` from the shore, well within the sample."""
        inner = self.bank.buffer(-offset_m - rounding_m).buffer(rounding_m)
        whole = max(shapely.get_parts(inner), key=lambda part: part.area)
        edge = whole.exterior.intersection(extent(-330))
        found = shapely.line_merge(edge) if edge.geom_type != "LineString" else edge
        parts = [part for part in shapely.get_parts(found) if part.geom_type == "LineString"]
        return rounded(max(parts, key=lambda part: part.length))


def arteries(rivers: Rivers) -> list[Way]:
    """All main streets at level, named, in local metres; long, not yet cut where they cross."""
    avenues = [
        (RIDGE, "primary", "山脊大道", "Ridge Avenue"),
        (NORTH_AVENUE, "primary", "北岭大道", "Beiling Avenue"),
        (SOUTH_AVENUE, "primary", "南岭大道", "Nanling Avenue"),
        (YUNMEN_NORTH, "primary", "云门路", "Yunmen Road"),
        (YUNMEN_SOUTH, "primary", "云门南路", "Yunmen South Road"),
        (WANGLAN_SOUTH, "primary", "望岚路", "Wanglan Road"),
        (WANGLAN_NORTH, "primary", "望岚北路", "Wanglan North Road"),
        (TUNNEL_EAST, "primary", "东麓大道", "Donglu Avenue"),
        *_CONNECTIONS,
        (_SWITCHBACK, "tertiary", "盘山路", "Panshan Road"),
    ]
    wet = rivers.water.buffer(_FROM_WATER_M)
    lines = [_dry(_street(controls), wet) for controls, *_ in avenues]
    named = zip(lines, avenues, strict=True)
    ways = [Way(line, highway, zh, en, _LANES.get(zh)) for line, (_, highway, zh, en) in named]
    return ways + _shores(rivers)


def _dry(line: shapely.LineString, wet: shapely.Geometry) -> shapely.LineString:
    """The longest part of a line on land."""
    parts = shapely.get_parts(line.difference(wet))
    return parts[int(np.argmax(shapely.length(parts)))]


def _street(controls: Controls) -> shapely.LineString:
    line = spline(controls, 25)
    line[0], line[-1] = controls[0], controls[-1]
    return shapely.LineString(line)


def riverside_ring(rivers: Rivers) -> shapely.LineString:
    """The riverside road of the peninsula, from the north-west round the point to where the expressway begins."""
    ring = _from_north(Shore(rivers.peninsula).line(58))
    xy = shapely.get_coordinates(ring)
    tip = int(np.argmax(xy[:, 0]))
    end = tip + int(np.argmax(xy[tip:, 0] < 800))
    return shapely.LineString(xy[: end + 1])


def _from_north(line: shapely.LineString) -> shapely.LineString:
    xy: Floats = shapely.get_coordinates(line)
    return shapely.LineString(xy if xy[0, 1] > xy[-1, 1] else xy[::-1])


def _shores(rivers: Rivers) -> list[Way]:
    peninsula, north, south = Shore(rivers.peninsula), Shore(rivers.north), Shore(rivers.south)
    return [
        Way(riverside_ring(rivers), "secondary", "岚滨路", "Lanbin Road"),
        Way(_from_north(peninsula.line(235, 90)), "secondary", "半山路", "Banshan Road", lanes=1),
        Way(north.line(75), "secondary", "澄波路", "Chengbo Road", lanes=1),
        Way(south.line(75), "secondary", "望江路", "Wangjiang Road", lanes=1),
    ]
