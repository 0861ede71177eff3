"""Two lines of rail: one climbs out of the ground to cross the Lan on a bridge of its own, one stays in its tunnel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from data_samples.curves import spline
from data_samples.grid import to_crs
from data_samples.records import Row, common
from data_samples.rivers import Rivers
from data_samples.ways import cut

_LINE_1 = (
    (-2430, 1745), (-1690, 1690), (-1050, 1490), (-560, 1440), (-350, 1290), (-330, 1000), (-320, 700), (-200, 350),
    (120, 150), (450, 60), (800, -20), (1130, -190), (1400, -470), (1330, -790), (1060, -1080), (640, -1420),
    (100, -1620), (-700, -1590), (-1300, -1520), (-2300, -1450),
)  # fmt: skip
_LINE_2 = (
    (-2430, 190), (-1700, 190), (-1130, 60), (-520, -50), (0, 10), (450, 60), (560, 420), (520, 900), (640, 1350),
    (980, 1600), (1150, 2230),
)  # fmt: skip
_STATIONS_1 = ("鹭湖", "柳岸", "听松", "云门", "东渡", "松崖", "榕荫", "南岭", "荷风")
_STATIONS_2 = ("西苑", "梧桐", "石榴", "揽月", "鹿鸣", "书院")
_ENGLISH = {
    "鹭湖": "Luhu", "柳岸": "Liu'an", "听松": "Tingsong", "云门": "Yunmen", "东渡": "Dongdu", "松崖": "Songya",
    "榕荫": "Rongyin", "南岭": "Nanling", "荷风": "Hefeng", "西苑": "Xiyuan", "梧桐": "Wutong", "石榴": "Shiliu",
    "揽月": "Lanyue", "鹿鸣": "Luming", "书院": "Shuyuan",
}  # fmt: skip
_AT_1 = (
    (-1050, 1490),
    (-450, 1390),
    (-250, 450),
    (450, 60),
    (800, -20),
    (1400, -470),
    (1060, -1080),
    (100, -1620),
    (-700, -1590),
)
_AT_2 = ((-2100, 190), (-1130, 60), (-520, -50), (200, 20), (640, 1350), (1000, 1680))
BRIDGE = ("霁月轨道桥", "Jiyue Rail Bridge")
_PORTAL_NORTH, _PORTAL_SOUTH = (-325, 800), (1395, -500)
_CLEAR_M = 11.0


@dataclass(frozen=True)
class Station:
    """A station in local metres."""

    x: float
    y: float
    zh: str
    en: str


@dataclass(frozen=True)
class Rails:
    """Rows of the layer of rail, the stations, and the ground beneath elevated tracks, which stays open."""

    rows: list[Row]
    stations: list[Station]
    kept_free: shapely.Geometry


def rails(rivers: Rivers) -> Rails:
    """The rail of the sample."""
    first = shapely.LineString(spline(_LINE_1, 25))
    stops = [float(shapely.line_locate_point(first, shapely.Point(place))) for place in (_PORTAL_NORTH, _PORTAL_SOUTH)]
    shores = [
        float(shapely.line_locate_point(first, spot))
        for spot in shapely.get_parts(first.intersection(rivers.lan.exterior))
    ]
    rows, open_tracks = [], []
    for number, piece in enumerate(cut(first, [*stops, *shores]), start=1):
        middle = piece.interpolate(0.5, normalized=True)
        along = float(shapely.line_locate_point(first, middle))
        tunnel, bridge = stops[0] < along < stops[1], rivers.lan.contains(middle)
        if not tunnel:
            open_tracks.append(piece)
        zh, en = BRIDGE if bridge else ("轨道1号线", "Line 1")
        rows.append(_row(number, piece, zh, en, tunnel=tunnel, group=f"bridge:{zh}" if bridge else ""))
    second = shapely.LineString(spline(_LINE_2, 25))
    rows.append(_row(len(rows) + 1, second, "轨道2号线", "Line 2", tunnel=True))
    return Rails(rows, _stations(), shapely.union_all([track.buffer(_CLEAR_M) for track in open_tracks]))


def _row(number: int, line: shapely.LineString, zh: str, en: str, *, tunnel: bool, group: str = "") -> Row:
    kind = "monorail" if en != "Line 2" else "subway"
    structure = {"tunnel": "yes"} if tunnel else {"bridge": "yes" if group else "viaduct"}
    fields = {"class": kind, "bridge": not tunnel, "tunnel": tunnel, "layer": -2 if tunnel else 2}
    if en == "Line 2":
        fields["layer"] = -3
    place = {"id": f"t{number:02d}", "geometry": to_crs(shapely.simplify(line, 0.5))}
    return common("rail", number, zh, en, group, railway=kind, **structure) | fields | place


def _stations() -> list[Station]:
    stations: dict[str, Station] = {}
    for names, places in ((_STATIONS_1, _AT_1), (_STATIONS_2, _AT_2)):
        for zh, (x, y) in zip(names, places, strict=True):
            stations[zh] = Station(float(np.float64(x)), float(y), f"{zh}站", f"{_ENGLISH[zh]} Station")
    return list(stations.values())
