"""Two rivers that meet: the wide Yun and its tributary, the Lan, with a sand bar; and the three banks of land."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from scipy.ndimage import gaussian_filter1d

from data_samples.curves import beside, spline
from data_samples.grid import extent

_YUN = (
    (-3500, -1560), (-2450, -1180), (-1750, -930), (-1000, -1010), (-250, -1160), (450, -980), (1000, -420),
    (1370, 160), (1720, 640), (2200, 1060), (2700, 1290), (3500, 1560),
)  # fmt: skip
_LAN = (
    (-3500, 1380),
    (-2450, 1480),
    (-1850, 1390),
    (-1250, 1090),
    (-600, 950),
    (60, 1010),
    (640, 830),
    (1120, 430),
    (1420, 160),
)
_YUN_WIDTH_M, _LAN_WIDTH_M = 430.0, 215.0


@dataclass(frozen=True)
class Rivers:
    """Water and banks in local metres. ``yun`` and ``lan`` do not overlap; ``bar`` is an island in the Yun."""

    yun: shapely.Polygon
    lan: shapely.Polygon
    yun_line: shapely.LineString
    lan_line: shapely.LineString
    bar: shapely.Polygon
    peninsula: shapely.Polygon
    north: shapely.Polygon
    south: shapely.Polygon

    @property
    def water(self) -> shapely.Geometry:
        """Both rivers."""
        return shapely.union_all([self.yun, self.lan])


def rivers(random: np.random.Generator) -> Rivers:
    """Draw the rivers; the seed moves their bends and banks a little, never the place where they meet by much."""
    yun_line, yun = _river(_YUN, _YUN_WIDTH_M, random, widening=(1.0, 1.28))
    lan_line, lan = _river(_LAN, _LAN_WIDTH_M, random, widening=(0.9, 1.35))
    lan = _largest(lan.difference(yun))
    bar = _sand_bar(yun_line, random)
    yun = yun.difference(bar)
    banks = shapely.get_parts(extent(650).difference(shapely.union_all([yun, lan, bar])))
    places = {name: shapely.Point(xy) for name, xy in (("p", (-800, 0)), ("n", (0, 1900)), ("s", (300, -1900)))}
    land = {name: next(bank for bank in banks if bank.contains(place)) for name, place in places.items()}
    return Rivers(yun, lan, yun_line, lan_line, bar, land["p"], land["n"], land["s"])


def _river(
    controls: tuple[tuple[float, float], ...],
    width_m: float,
    random: np.random.Generator,
    widening: tuple[float, float],
) -> tuple[shapely.LineString, shapely.Polygon]:
    bends = np.array(controls, dtype=np.float64) + random.normal(0, 14, (len(controls), 2))
    middle = spline(bends, 20)
    widths = width_m * np.linspace(*widening, len(middle))
    sides = []
    for side in (1.0, -1.0):
        wobble = gaussian_filter1d(random.normal(0, 1, len(middle)), 9, mode="nearest")
        wobble = wobble / max(float(wobble.std()), 1e-9) * 0.045 * width_m
        sides.append(beside(middle, side * (widths / 2 + wobble)))
    bank = shapely.Polygon(np.vstack([sides[0], sides[1][::-1]])).buffer(0)
    return shapely.LineString(middle), _largest(bank.buffer(40).buffer(-80).buffer(40))


def _sand_bar(line: shapely.LineString, random: np.random.Generator) -> shapely.Polygon:
    """A long low island left of the middle of the upper Yun."""
    middle = shapely.get_coordinates(line)
    near = middle[(middle[:, 0] > -1330) & (middle[:, 0] < -690)]
    share = np.linspace(0, np.pi, len(near))
    half = 8 + 46 * np.sin(share) ** 1.3 * (1 + 0.15 * np.sin(3 * share + random.uniform(0, 6)))
    outline = shapely.Polygon(np.vstack([beside(near, -35 + half), beside(near, -35 - half)[::-1]]))
    return outline.buffer(-18).buffer(60).buffer(-36)


def _largest(geometry: shapely.Geometry) -> shapely.Polygon:
    parts = shapely.get_parts(geometry)
    return shapely.Polygon(parts[int(np.argmax(shapely.area(parts)))].exterior)
