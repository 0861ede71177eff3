"""What 500 people's maps ask for while they pan and zoom, as MapLibre asks: a trace by seed."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass

WIDE, HIGH = 1280, 800
TILE = 512
"""Pixels of a vector tile on the screen."""
LOWEST, DEEPEST = 12, 16
KEPT = 400
"""Tiles that a browser's memory holds; what left it is asked for again."""

MOVES = 100

Tile = tuple[int, int, int]
"""z, row, column."""


@dataclass(frozen=True)
class Wanted:
    """One request of the trace: whose, for which tile, and whether that browser has it already."""

    user: int
    tile: Tile
    known: bool


class Person:
    """One map on a screen. Its centre wanders over the city, now and then it zooms."""

    def __init__(self, number: int, box: tuple[float, float, float, float], seed: int) -> None:
        self._chance = random.Random(f"{seed}/{number}")
        self.number = number
        self._box = box
        self._zoom = self._chance.randint(LOWEST + 1, DEEPEST - 1)
        self._x, self._y = self._somewhere()
        self._had: dict[Tile, None] = {}

    def _somewhere(self) -> tuple[float, float]:
        west, south, east, north = self._box
        return mercator(self._chance.uniform(west, east), self._chance.uniform(south, north))

    def move(self) -> list[Tile]:
        """The tiles that the screen shows after the next drag, turn of the wheel or jump."""
        kind = self._chance.random()
        if kind < 0.75:  # a drag, of half a screen as a rule
            pixels, angle = self._chance.uniform(100, 700), self._chance.uniform(0, 2 * math.pi)
            size = 1 / (TILE * 2**self._zoom)
            self._x += pixels * size * math.cos(angle)
            self._y += pixels * size * math.sin(angle)
        elif kind < 0.97:
            self._zoom = min(DEEPEST, max(LOWEST, self._zoom + self._chance.choice((-1, 1))))
        else:
            self._x, self._y = self._somewhere()
        self._stay_inside()
        return self._shown()

    def _stay_inside(self) -> None:
        west, south, east, north = self._box
        (left, bottom), (right, top) = mercator(west, south), mercator(east, north)
        self._x, self._y = min(right, max(left, self._x)), min(bottom, max(top, self._y))

    def _shown(self) -> list[Tile]:
        count = 2**self._zoom
        half_x, half_y = WIDE / 2 / TILE, HIGH / 2 / TILE
        columns = range(int(self._x * count - half_x), int(self._x * count + half_x) + 1)
        rows = range(int(self._y * count - half_y), int(self._y * count + half_y) + 1)
        return [(self._zoom, row, column) for row in rows for column in columns]

    def asks(self, tile: Tile) -> bool:
        """Note that a tile is asked for; whether this browser has had it before."""
        known = tile in self._had
        self._had.pop(tile, None)
        self._had[tile] = None
        if len(self._had) > KEPT:
            del self._had[next(iter(self._had))]
        return known


def trace(box: tuple[float, float, float, float], users: int, count: int, seed: int = 1) -> Iterator[Wanted]:
    """``count`` requests of ``users`` people over a box in degrees, half of them for what the browser has.

    A browser would not ask for versioned tiles again at all. Here each does: half of the requests are revalidations,
    of tiles that it has seen.
    """
    chance = random.Random(seed)
    people = [Person(number, box, seed) for number in range(users)]
    fresh: list[list[Tile]] = [[] for _ in people]
    seen: list[list[Tile]] = [[] for _ in people]
    for number in range(count):
        who = number % users if number < users else chance.randrange(users)
        if seen[who] and chance.random() < 0.5:
            yield Wanted(who, chance.choice(seen[who][-40:]), known=True)
            continue
        for _ in range(MOVES):
            if fresh[who]:
                break
            fresh[who] = [tile for tile in people[who].move() if not people[who].asks(tile)]
        if not fresh[who]:  # a small city: this browser has all of it
            yield Wanted(who, chance.choice(seen[who]), known=True)
            continue
        tile = fresh[who].pop()
        seen[who].append(tile)
        yield Wanted(who, tile, known=False)


def mercator(longitude: float, latitude: float) -> tuple[float, float]:
    """World coordinates from 0 to 1, y from the north (EPSG:3857's square)."""
    return (longitude + 180) / 360, (1 - math.asinh(math.tan(math.radians(latitude))) / math.pi) / 2
