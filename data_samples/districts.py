"""What is built where: the kinds of building of each part of the city, with their sizes, storeys and uses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data_samples.rivers import Rivers
from data_samples.terrain import Ground

Floats = NDArray[np.float64]
Span = tuple[float, float]


@dataclass(frozen=True)
class Kind:
    """A kind of building: metres along and away from the street, storeys, uses with their shares.

    ``vacancy`` is the share of plots left open, ``rows`` how many stand behind each other.
    """

    frontage_m: Span
    depth_m: Span
    gap_m: Span
    setback_m: float
    storeys: tuple[int, int]
    storey_m: float
    uses: dict[str, float]
    vacancy: float = 0.1
    rows: int = 1


KINDS: dict[str, Kind] = {
    "tower": Kind(
        (32, 42), (30, 38), (16, 26), 8, (22, 50), 4.1, {"office": 0.9, "hotel": 0.06, "commercial": 0.04}, 0.3
    ),
    "podium": Kind(
        (42, 70), (30, 42), (10, 16), 5, (3, 6), 4.8, {"retail": 0.25, "commercial": 0.2, "office": 0.55}, 0.3
    ),
    "old_town": Kind(
        (14, 25),
        (10, 15),
        (3, 8),
        2.5,
        (2, 4),
        3.2,
        {"residential": 0.86, "retail": 0.05, "commercial": 0.04, "office": 0.05},
        0.4,
        2,
    ),
    "waterfront": Kind(
        (27, 34), (20, 26), (34, 52), 12, (14, 30), 3.4, {"residential": 0.3, "hotel": 0.12, "office": 0.58}, 0.35
    ),
    "riverside": Kind((25, 31), (18, 23), (30, 48), 12, (16, 28), 3.0, {"residential": 1.0}, 0.4),
    "mixed": Kind(
        (26, 48),
        (14, 21),
        (14, 26),
        4,
        (3, 6),
        3.3,
        {"residential": 0.3, "commercial": 0.03, "office": 0.64, "hotel": 0.02, "retail": 0.01},
        0.52,
        2,
    ),
    "terrace": Kind((38, 62), (12, 14), (16, 30), 6, (4, 7), 3.0, {"residential": 0.985, "retail": 0.015}, 0.5, 2),
    "compound": Kind((24, 31), (19, 24), (30, 46), 10, (10, 19), 2.95, {"residential": 1.0}, 0.5),
    "campus": Kind((38, 66), (15, 20), (18, 34), 9, (2, 5), 3.7, {"education": 0.3, "industrial": 0.7}, 0.4),
    "works": Kind((36, 76), (22, 38), (14, 26), 10, (1, 3), 6.0, {"industrial": 0.85, "office": 0.15}, 0.25),
    "villa": Kind((14, 20), (11, 15), (16, 30), 7, (2, 3), 3.3, {"residential": 1.0}, 0.42),
}
_MIXES: dict[str, dict[str, float]] = {
    "centre": {"tower": 0.6, "podium": 0.3, "mixed": 0.1},
    "old_town": {"old_town": 0.95, "mixed": 0.05},
    "shore": {"waterfront": 0.8, "podium": 0.1, "mixed": 0.1},
    "far_shore": {"riverside": 0.8, "terrace": 0.2},
    "inner": {"mixed": 0.74, "old_town": 0.2, "tower": 0.06},
    "west": {"villa": 0.4, "campus": 0.55, "old_town": 0.05},
    "slopes": {"terrace": 0.42, "villa": 0.53, "mixed": 0.05},
    "new_town": {"compound": 0.5, "terrace": 0.47, "podium": 0.01, "mixed": 0.02},
    "works": {"works": 0.7, "terrace": 0.3},
    "south_town": {"compound": 0.75, "terrace": 0.22, "podium": 0.01, "mixed": 0.02},
    "hillside": {"villa": 0.75, "terrace": 0.25},
}
"""District → share of each kind among its streets' sides."""


def district_of(xy: Floats, rivers: Rivers, ground: Ground) -> NDArray[np.object_]:
    """The district of each point of shape (n, 2)."""
    x, y = xy[:, 0], xy[:, 1]
    grid = ground.grid
    peninsula = grid.sample(grid.mask(rivers.peninsula), xy, order=0) > 0.5
    shore = grid.sample(ground.to_water_m, xy)
    height = grid.sample(ground.elevation_m, xy)
    centre = np.hypot((x - 480) / 1.15, y - 130) < 350
    conditions = [
        peninsula & centre & (shore > 150),
        peninsula & (y < 60) & (x > -330) & (shore < 420),
        peninsula & (y > 0) & (x > -1500) & (shore < 180),
        peninsula & (x > -1000),
        peninsula,
        ~peninsula & (y > 0) & (shore < 165) & (x > -700),
        ~peninsula & (y < 0) & (x < -500) & (y > -1560),
        ~peninsula & (height > 216),
        ~peninsula & (y > 0) & (np.abs(x - 250) < 1150),
        ~peninsula & (x > -450) & (y < -300),
    ]
    names = ["centre", "old_town", "shore", "inner", "west", "far_shore", "works", "hillside", "new_town", "south_town"]
    chosen: NDArray[np.object_] = np.select(conditions, names, default="slopes").astype(object)
    return chosen


def draw_kind(district: str, random: np.random.Generator) -> str:
    """A kind of building by the mix of a district."""
    mix = _MIXES[district]
    return str(random.choice(list(mix), p=np.array(list(mix.values())) / sum(mix.values())))
