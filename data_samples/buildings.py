"""Buildings along the streets: oriented to them, clear of water, streets, rails and each other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from cim_core.crs import geodesic_area_m2
from data_samples.districts import KINDS, Kind, district_of, draw_kind
from data_samples.grid import to_crs, to_degrees
from data_samples.names import invented
from data_samples.records import Row, common
from data_samples.rivers import Rivers
from data_samples.streets import Part
from data_samples.terrain import Ground

Floats = NDArray[np.float64]
_CORNER_M = 9.0
_BEHIND_M = 7.0
_APART_M = 1.2
_STEEPEST = 0.42
_LETTERS = "ABCDEFGH"


@dataclass(frozen=True)
class Plot:
    """A building that might stand: its outline in local metres, its kind, and how early it is built."""

    outline: shapely.Polygon
    kind: str
    rank: tuple[int, float]


def buildings(
    parts: list[Part], rivers: Rivers, ground: Ground, kept_free: shapely.Geometry, random: np.random.Generator
) -> list[Row]:
    """Rows of the layer of buildings. ``kept_free`` is ground that stays open (parks, stations, car parks)."""
    plots = sorted(_plots(parts, rivers, ground, random), key=lambda plot: plot.rank)
    outlines = np.array([plot.outline for plot in plots], dtype=object)
    free = _free(outlines, parts, rivers, ground, kept_free)
    kept = _apart(outlines, free)
    return list(_rows([plots[position] for position in kept], random))


def _plots(parts: list[Part], rivers: Rivers, ground: Ground, random: np.random.Generator) -> Iterator[Plot]:
    sides = [(part, side) for part in parts if not part.way.highway.startswith("trunk") for side in (1.0, -1.0)]
    sides = [(part, side) for part, side in sides if not (part.way.bridge or part.way.tunnel)]
    middles = [shapely.get_coordinates(part.line.interpolate(0.5, normalized=True))[0] for part, _ in sides]
    beside = [middle + side * 30 * _left(part.line, 0.5) for (part, side), middle in zip(sides, middles, strict=True)]
    for (part, side), district in zip(sides, district_of(np.array(beside), rivers, ground), strict=True):
        name = draw_kind(district, random)
        yield from _along(part, side, name, KINDS[name], random)


def _along(part: Part, side: float, name: str, kind: Kind, random: np.random.Generator) -> Iterator[Plot]:
    """Plots of one kind along one side of a street part, row behind row."""
    if part.walked and name not in ("old_town", "terrace", "mixed", "villa"):
        return
    offset = part.way.width_m / 2 + kind.setback_m
    for row in range(kind.rows):
        depth = random.uniform(*kind.depth_m)
        at = _CORNER_M + random.uniform(0, 6)
        while True:
            frontage = random.uniform(*kind.frontage_m)
            if at + frontage > part.line.length - _CORNER_M:
                break
            if random.random() > kind.vacancy:
                own = depth * random.uniform(0.9, 1.0)
                outline = _rectangle(part.line, (at, at + frontage), side, offset, own)
                yield Plot(_shaped(outline, name, random), name, (row, float(random.random())))
            at += frontage + random.uniform(*kind.gap_m)
        offset += depth + _BEHIND_M + kind.setback_m


def _left(line: shapely.LineString, share: float) -> Floats:
    ends = shapely.line_interpolate_point(line, [max(share - 0.02, 0), min(share + 0.02, 1)], normalized=True)
    along = np.diff(shapely.get_coordinates(ends), axis=0)[0]
    along /= max(float(np.hypot(*along)), 1e-9)
    left: Floats = np.array([-along[1], along[0]])
    return left


def _rectangle(
    line: shapely.LineString, front: tuple[float, float], side: float, offset: float, depth: float
) -> shapely.Polygon:
    """A rectangle whose front is parallel to the street between two places along it."""
    frontage = front[1] - front[0]
    first, last = shapely.get_coordinates(shapely.line_interpolate_point(line, front))
    along = (last - first) / max(float(np.hypot(*(last - first))), 1e-9)
    away = side * np.array([-along[1], along[0]])
    middle = (first + last) / 2 + away * (offset + depth / 2)
    half, deep = along * frontage / 2, away * depth / 2
    return shapely.Polygon([middle - half - deep, middle + half - deep, middle + half + deep, middle - half + deep])


def _shaped(outline: shapely.Polygon, name: str, random: np.random.Generator) -> shapely.Polygon:
    """Some outlines are not plain rectangles: point towers are crosses, some blocks are angled or have a court."""
    xy = shapely.get_coordinates(outline)[:4]

    def at(u: float, v: float) -> tuple[float, float]:
        x, y = xy[0] + u * (xy[1] - xy[0]) + v * (xy[3] - xy[0])
        return float(x), float(y)

    if name in ("compound", "waterfront", "riverside") and random.random() < 0.75:
        a, b = random.uniform(0.16, 0.26), random.uniform(0.16, 0.26)
        cross = [
            (a, 0), (1 - a, 0), (1 - a, b), (1, b), (1, 1 - b), (1 - a, 1 - b),
            (1 - a, 1), (a, 1), (a, 1 - b), (0, 1 - b), (0, b), (a, b),
        ]  # fmt: skip
        return shapely.Polygon([at(u, v) for u, v in cross])
    if name in ("mixed", "podium") and random.random() < 0.35:
        a, b = random.uniform(0.35, 0.6), random.uniform(0.4, 0.6)
        angle = [(0, 0), (1, 0), (1, 1), (1 - a, 1), (1 - a, b), (0, b)]
        return shapely.Polygon([at(u, v) for u, v in angle])
    if name == "tower" and random.random() < 0.4:
        a = random.uniform(0.12, 0.25)
        cut = [(a, 0), (1 - a, 0), (1, a), (1, 1 - a), (1 - a, 1), (a, 1), (0, 1 - a), (0, a)]
        return shapely.Polygon([at(u, v) for u, v in cut])
    return outline


def _free(
    outlines: NDArray[np.object_], parts: list[Part], rivers: Rivers, ground: Ground, kept_free: shapely.Geometry
) -> NDArray[np.bool_]:
    """Outlines that lie on dry, not too steep ground, inside the sample, and off every street."""
    open_parts = [part for part in parts if not part.way.tunnel]
    streets = [part.line.buffer(part.way.width_m / 2 + (4 if part.way.bridge else 0.8)) for part in open_parts]
    obstacles = np.array([*streets, rivers.water.buffer(22), kept_free], dtype=object)
    hit, _ = shapely.STRtree(obstacles).query(outlines, predicate="intersects")
    free = np.ones(len(outlines), dtype=bool)
    free[hit] = False
    centre = shapely.get_coordinates(shapely.centroid(outlines))
    steep = ground.grid.sample(ground.steepness, centre)
    inside = (np.abs(centre[:, 0]) < 2350) & (np.abs(centre[:, 1]) < 2150)
    dry: NDArray[np.bool_] = free & (steep < _STEEPEST) & inside
    return dry


def _apart(outlines: NDArray[np.object_], free: NDArray[np.bool_]) -> list[int]:
    """Positions of the outlines that stand, earlier ones first, none nearer to another than a passage."""
    left, right = shapely.STRtree(outlines).query(outlines, predicate="dwithin", distance=_APART_M)
    near: dict[int, list[int]] = {}
    for one, other in zip(left.tolist(), right.tolist(), strict=True):
        if one != other:
            near.setdefault(one, []).append(other)
    standing = np.zeros(len(outlines), dtype=bool)
    for position in np.flatnonzero(free).tolist():
        standing[position] = not any(standing[other] for other in near.get(position, ()))
    return np.flatnonzero(standing).tolist()


def _rows(plots: list[Plot], random: np.random.Generator) -> Iterator[Row]:
    words = invented(random)
    outlines = to_crs(np.array([plot.outline for plot in plots], dtype=object))
    areas = geodesic_area_m2(to_degrees(outlines))
    for number, (plot, outline, area) in enumerate(zip(plots, outlines, areas, strict=True), start=1):
        kind = KINDS[plot.kind]
        use = str(random.choice(list(kind.uses), p=np.array(list(kind.uses.values())) / sum(kind.uses.values())))
        storeys = int(random.integers(kind.storeys[0], kind.storeys[1] + 1))
        zh, en = _name(plot.kind, use, words, random)
        yield common("building", number, zh, en, building=use) | {
            "id": f"b{number:04d}",
            "geometry": outline,
            "use": use,
            "levels": storeys,
            "height_m": round(storeys * kind.storey_m + (1.0 if storeys < 8 else 3.0), 1),
            "footprint_m2": float(area),
            "floor_area_m2": float(area) * storeys,
        }


_TITLES = {
    "office": ("大厦", "Tower"),
    "hotel": ("酒店", "Hotel"),
    "retail": ("商场", "Mall"),
    "commercial": ("广场", "Plaza"),
    "industrial": ("厂", "Works"),
}


def _name(kind: str, use: str, words: Iterator[tuple[str, str]], random: np.random.Generator) -> tuple[str, str]:
    """Towers, malls and works have names; homes are called by their estate now and then; most have none."""
    if kind in ("tower", "podium", "works") and use in _TITLES:
        (zh, en), (zh_title, en_title) = next(words), _TITLES[use]
        return zh + zh_title, f"{en} {en_title}"
    if kind in ("waterfront", "riverside", "compound") and random.random() < 0.35:
        (zh, en), letter = next(words), _LETTERS[int(random.integers(len(_LETTERS)))]
        return f"{zh}苑{letter}座", f"{en} Court, Block {letter}"
    return "", ""
