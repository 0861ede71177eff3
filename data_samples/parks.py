"""Parks: ground that no street enters and nothing is built on, with paths, a lake, and brooks from the hills."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import shapely
from scipy import ndimage

from data_samples.curves import spline
from data_samples.terrain import Ground
from data_samples.ways import Way

_PARKS = (
    (-830.0, 265.0, 175.0, 120.0, "听松公园", "Tingsong Park"),
    (130.0, 340.0, 120.0, 85.0, "揽月公园", "Lanyue Park"),
    (-1380.0, -190.0, 130.0, 110.0, "梧桐公园", "Wutong Park"),
    (-560.0, 1700.0, 190.0, 120.0, "鹭湖公园", "Luhu Lake Park"),
    (800.0, 1640.0, 130.0, 110.0, "书院公园", "Shuyuan Park"),
    (-450.0, -1830.0, 150.0, 90.0, "荷风公园", "Hefeng Park"),
    (330.0, -1890.0, 130.0, 100.0, "南岭公园", "Nanling Park"),
    (1860.0, -160.0, 100.0, 150.0, "望江公园", "Wangjiang Park"),
)
"""x, y, half width, half height (m), Chinese and English name."""
_LAKE = 3


@dataclass(frozen=True)
class Park:
    """A park in local metres."""

    area: shapely.Polygon
    zh: str
    en: str


@dataclass(frozen=True)
class Green:
    """All parks, the lake in one of them, and the brooks."""

    parks: list[Park]
    lake: shapely.Polygon
    brooks: list[shapely.LineString]

    @property
    def area(self) -> shapely.Geometry:
        """The ground of all parks."""
        return shapely.union_all([park.area for park in self.parks])


def green(ground: Ground, mains: list[Way], random: np.random.Generator) -> Green:
    """Draw the parks, the lake and the brooks; parks end at the main streets."""
    streets = shapely.union_all([way.line.buffer(way.width_m / 2 + 6) for way in mains])
    parks = [Park(_beside(_blob(x, y, a, b, random), streets), zh, en) for x, y, a, b, zh, en in _PARKS]
    x, y, a, b, *_ = _PARKS[_LAKE]
    lake = _blob(x + 15, y - 5, 0.55 * a, 0.42 * b, random).intersection(parks[_LAKE].area.buffer(-30))
    sources = ((1560.0, -1250.0), (1290.0, -1990.0), (2130.0, -700.0), (1330.0, -1500.0))
    brooks = [_brook(source, ground) for source in sources]
    return Green(parks, lake, [brook for brook in brooks if brook.length > 200])


def above_streets(made: Green, streets: list[Way]) -> Green:
    """The same with brooks that end, in a culvert, at the first street they come to."""
    near = shapely.union_all([way.line.buffer(way.width_m / 2 + 14) for way in streets if not way.tunnel])
    pieces = [shapely.get_parts(brook.difference(near)) for brook in made.brooks]
    first = [
        next((piece for piece in parts if shapely.get_point(piece, 0).equals(shapely.get_point(brook, 0))), None)
        for brook, parts in zip(made.brooks, pieces, strict=True)
    ]
    return replace(made, brooks=[piece for piece in first if piece is not None and piece.length > 120])


def _beside(area: shapely.Polygon, streets: shapely.Geometry) -> shapely.Polygon:
    """The largest part of an area that no main street takes, with rounded corners."""
    parts = shapely.get_parts(area.difference(streets).buffer(-15).buffer(15))
    return parts[int(np.argmax(shapely.area(parts)))]


def _blob(x: float, y: float, half_width: float, half_height: float, random: np.random.Generator) -> shapely.Polygon:
    angles = np.linspace(0, 2 * np.pi, 10, endpoint=False)
    reach = 1 + random.uniform(-0.16, 0.16, len(angles))
    corners = np.column_stack([x + half_width * reach * np.cos(angles), y + half_height * reach * np.sin(angles)])
    closed = spline(np.vstack([corners[-2:], corners, corners[:2]]), 12)
    return shapely.Polygon(closed).buffer(0).buffer(4).simplify(1.0)


def _brook(source: tuple[float, float], ground: Ground) -> shapely.LineString:
    """Downhill on the smoothed ground until water, or for as long as it goes down."""
    height = ndimage.gaussian_filter(ground.elevation_m, 9)
    place, path = np.array(source), [np.array(source)]
    down, right = np.gradient(height, ground.grid.cell_m)
    heading = np.zeros(2)
    for _ in range(220):
        fall = np.array([-ground.grid.sample(right, place)[0], ground.grid.sample(down, place)[0]])
        heading = 0.55 * heading + fall / max(float(np.hypot(*fall)), 1e-9)
        place = place + 12 * heading / max(float(np.hypot(*heading)), 1e-9)
        path.append(place)
        if ground.grid.sample(ground.to_water_m, place)[0] <= 2:
            break
    return shapely.LineString(path).simplify(2.0)
