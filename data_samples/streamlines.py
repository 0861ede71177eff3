"""Minor streets as evenly spaced curves through a field of directions.

After Jobard and Lefer, Creating evenly-spaced streamlines of arbitrary density (1997): a curve grows both ways from a
seed until it comes too near to another of its family, and leaves new seeds on both sides.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray

from data_samples.curves import headings, resample
from data_samples.field import Field
from data_samples.grid import CELL_M, Grid
from data_samples.ways import Way

Floats = NDArray[np.float64]
_STEP_M = 7.0
_TEST_SHARE = 0.62
_SHORTEST_M = 70.0


@dataclass
class Family:
    """One family of curves: ``along`` the field or across it, with its spacing and the cells it keeps clear."""

    along: bool
    spacing_m: Floats
    longest_m: float
    taken: NDArray[np.bool_]
    lines: list[Floats] = field(default_factory=list)

    def stamp(self, grid: Grid, xy: Floats, share: float = _TEST_SHARE) -> None:
        """Keep the surroundings of a curve clear of others."""
        rows, columns = grid.shape
        for x, y in xy[::2]:
            row, column = grid.cell(float(x), float(y))
            reach = int(self.spacing_m[row, column] * share / CELL_M)
            top, left = max(row - reach, 0), max(column - reach, 0)
            window = self.taken[top : min(row + reach + 1, rows), left : min(column + reach + 1, columns)]
            down, right = np.ogrid[: window.shape[0], : window.shape[1]]
            window |= (down + top - row) ** 2 + (right + left - column) ** 2 <= reach**2


def minor_streets(
    directions: Field, allowed: NDArray[np.bool_], mains: list[Way], spacing_m: Floats, random: np.random.Generator
) -> tuple[list[Floats], list[Floats]]:
    """Curves along the field and curves across it, at about ``spacing_m`` (a raster) from each other and the mains.

    ``allowed`` are the cells they may enter.
    """
    grid = directions.grid
    families = [
        Family(True, spacing_m, 1100.0, np.zeros(grid.shape, dtype=bool)),
        Family(False, spacing_m * 1.35, 620.0, np.zeros(grid.shape, dtype=bool)),
    ]
    for way in mains:
        _stamp_main(way, directions, families)
    for family in families:
        seeds = deque(_first_seeds(grid, allowed, mains, family, random))
        while seeds:
            seed = seeds.popleft()
            if _free(grid, seed, allowed, family):
                line = _grow(seed, directions, allowed, family)
                if len(line) * _STEP_M >= _SHORTEST_M:
                    family.lines.append(line)
                    family.stamp(grid, line)
                    seeds.extend(_beside(grid, line, family))
    return families[0].lines, families[1].lines


def _stamp_main(way: Way, directions: Field, families: list[Family]) -> None:
    xy = resample(shapely.get_coordinates(way.line), _STEP_M)
    along = np.array([directions.major(float(x), float(y)) for x, y in xy])
    agree = np.abs((headings(xy) * along).sum(axis=1)) > 0.7
    for family in families:
        family.stamp(directions.grid, xy[agree == family.along], share=0.75)


def _first_seeds(
    grid: Grid, allowed: NDArray[np.bool_], mains: list[Way], family: Family, random: np.random.Generator
) -> list[Floats]:
    """Beside the main streets, then anywhere."""
    seeds = []
    for way in mains:
        xy = resample(shapely.get_coordinates(way.line), 40)
        seeds += list(_beside(grid, xy, family))
    rows, columns = np.nonzero(allowed)
    chosen = random.permutation(len(rows))[:1500]
    x, y = grid.centres()
    return seeds + [np.array([x[rows[i], columns[i]], y[rows[i], columns[i]]]) for i in chosen]


def _beside(grid: Grid, line: Floats, family: Family) -> list[Floats]:
    picked = np.arange(2, len(line) - 2, 5)
    if len(line) < 5:
        return []
    turn = headings(line)
    left = np.column_stack([-turn[:, 1], turn[:, 0]])
    gap = grid.sample(family.spacing_m, line)[:, None] * 1.02
    return [line[i] + sign * left[i] * gap[i] for i in picked for sign in (1, -1)]


def _free(grid: Grid, place: Sequence[float] | Floats, allowed: NDArray[np.bool_], family: Family) -> bool:
    cell = grid.cell(float(place[0]), float(place[1]))
    return bool(allowed[cell]) and not family.taken[cell]


def _grow(seed: Floats, directions: Field, allowed: NDArray[np.bool_], family: Family) -> Floats:
    halves = [_half(seed, sign, directions, allowed, family) for sign in (1.0, -1.0)]
    return np.vstack([np.array(halves[1])[::-1], [seed], np.array(halves[0])]) if all(halves) else np.zeros((0, 2))


def _half(seed: Floats, sign: float, directions: Field, allowed: NDArray[np.bool_], family: Family) -> list[Floats]:
    """Midpoint steps from a seed in one sense."""
    place = (float(seed[0]), float(seed[1]))
    path: list[Floats] = []
    before = _heading(place, None, directions, family.along)
    before = (sign * before[0], sign * before[1])
    while len(path) * _STEP_M < family.longest_m / 2:
        heading = _heading(place, before, directions, family.along)
        ahead = (place[0] + heading[0] * _STEP_M / 2, place[1] + heading[1] * _STEP_M / 2)
        heading = _heading(ahead, heading, directions, family.along)
        if heading[0] * before[0] + heading[1] * before[1] < 0.8:
            break
        place, before = (place[0] + heading[0] * _STEP_M, place[1] + heading[1] * _STEP_M), heading
        if not _free(directions.grid, place, allowed, family):
            break
        path.append(np.array(place))
    return path


Vector = tuple[float, float]


def _heading(place: Vector, before: Vector | None, directions: Field, along: bool) -> Vector:
    """Direction of the family at a place, in the sense that goes on from ``before``."""
    east, north = directions.major(*place)
    x, y = (east, north) if along else (-north, east)
    forward = before is None or x * before[0] + y * before[1] >= 0
    return (x, y) if forward else (-x, -y)
