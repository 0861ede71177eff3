"""The integer grid of baked coordinates: web mercator in whole units of 2π·6,378,137 m / 2^bits, y southwards."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from servers.serving.baked.array_files import read_only
from servers.serving.web_mercator import HALF_M

FEWEST_BITS, MOST_BITS = 32, 40
RADIUS_M = 6_378_137.0
STEEPEST = 85.0511287798066
"""Degrees of latitude at the world square's edge; what lies beyond is drawn there."""
_ROOM = 2**32 - 16
"""Grid units that int32 spans around its origin, with a little room for rounding."""


@dataclass(frozen=True)
class Grid:
    """Units of 2·HALF_M / 2**bits metres from the world's north-west corner; stored less ``origin``, as int32."""

    bits: int
    origin: tuple[int, int]

    @property
    def unit_m(self) -> float:
        """Mercator metres of one unit."""
        return 2 * HALF_M / 2.0**self.bits

    def tile_unit(self, z: int) -> float:
        """Grid units of one unit of a tile (extent 4096) at a zoom."""
        return 2.0 ** (self.bits - z - 12)

    def place(self, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.int32]:
        """(n, 2) grid coordinates less the origin, of places in degrees.

        >>> Grid(32, (2**31, 2**31)).place(np.array([0.0]), np.array([0.0])).tolist()
        [[0, 0]]
        """
        return np.asarray(
            _placed(read_only(lon), read_only(lat), 2.0**self.bits, np.int64(self.origin[0]), np.int64(self.origin[1]))
        )

    def square(self, west: float, south: float, east: float, north: float) -> tuple[float, float, float, float]:
        """(min x, min y, max x, max y) in absolute units, not rounded, of a box in degrees."""
        side = 2.0**self.bits
        return east_of(west) * side, south_of(north) * side, east_of(east) * side, south_of(south) * side


def grid_for(west: float, south: float, east: float, north: float) -> Grid:
    """The finest grid on which a box in degrees fits int32; the world's for one that is not finite."""
    if not math.isfinite(west + south + east + north):
        return Grid(FEWEST_BITS, (2**31, 2**31))
    for bits in range(MOST_BITS, FEWEST_BITS - 1, -1):
        left, top, right, bottom = Grid(bits, (0, 0)).square(west, south, east, north)
        if bits == FEWEST_BITS or max(right - left, bottom - top) <= _ROOM:
            break
    return Grid(bits, (round((left + right) / 2), round((top + bottom) / 2)))


@njit(cache=True, nogil=True)
def east_of(lon):  # type: ignore[no-untyped-def]
    """Fraction of the world's side, 0 at 180° west."""
    return (lon + 180.0) / 360.0


@njit(cache=True, nogil=True)
def south_of(lat):  # type: ignore[no-untyped-def]
    """Fraction of the world's side, 0 in the north."""
    held = min(max(lat, -STEEPEST), STEEPEST)
    return min(max(0.5 - math.asinh(math.tan(math.radians(held))) / (2 * math.pi), 0.0), 1.0)


@njit(cache=True, nogil=True)
def _placed(lon, lat, side, ox, oy):  # type: ignore[no-untyped-def]
    found = np.empty((len(lon), 2), dtype=np.int32)
    for i in range(len(lon)):
        x = np.int64(math.floor(east_of(lon[i]) * side + 0.5)) - ox
        y = np.int64(math.floor(south_of(lat[i]) * side + 0.5)) - oy
        found[i, 0] = min(max(x, -2147483648), 2147483647)
        found[i, 1] = min(max(y, -2147483648), 2147483647)
    return found
