"""The grid of map tiles: WebMercatorQuad of OGC 17-083r4, annex D.1 (the XYZ scheme: row 0 in the north)."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray

from cim_core.errors import NotFoundError

if TYPE_CHECKING:
    from pyproj import Transformer

HALF_M = 6_378_137.0 * math.pi
"""Half the side of the square world, in mercator metres."""
EXTENT = 4096
"""Units along a tile's side."""
BUFFER = 64
"""Units that a tile reaches beyond each side, so that strokes and labels join."""
DEEPEST = 22
MERCATOR = "EPSG:3857"
DEGREES = "EPSG:4326"
Bounds = tuple[float, float, float, float]
Floats = NDArray[np.float64]


def require_tile(z: int, x: int, y: int) -> None:
    """Raise :class:`NotFoundError` (``tiles.no_such_tile``) for an address outside the grid."""
    if not (0 <= z <= DEEPEST and 0 <= x < 1 << z and 0 <= y < 1 << z):
        raise NotFoundError(
            "tiles.no_such_tile",
            "there is no such tile",
            where=f"tile {z}/{x}/{y} (zoom/column/row)",
            expected=f"zoom 0 to {DEEPEST}, column and row from 0 to below 2^zoom",
            got=f"{z}/{x}/{y}",
            remedy="take the addresses from the TileJSON",
        )


def side_m(z: int) -> float:
    """Side of a tile in mercator metres."""
    return 2 * HALF_M / (1 << z)


def tile_bounds(z: int, x: int, y: int, buffer: float = 0.0) -> Bounds:
    """(min x, min y, max x, max y) in mercator metres; ``buffer`` in tile units on each side.

    >>> tile_bounds(0, 0, 0) == (-HALF_M, -HALF_M, HALF_M, HALF_M)
    True
    """
    side = side_m(z)
    west, north, rim = x * side - HALF_M, HALF_M - y * side, buffer * side / EXTENT
    return west - rim, north - side - rim, west + side + rim, north + rim


def to_degrees(bounds: Bounds) -> Bounds:
    """Mercator bounds as (west, south, east, north) in degrees."""
    lon = [math.degrees(value / 6_378_137.0) for value in (bounds[0], bounds[2])]
    lat = [math.degrees(2 * math.atan(math.exp(value / 6_378_137.0)) - math.pi / 2) for value in bounds[1::2]]
    return lon[0], lat[0], lon[1], lat[1]


def tile_of(lon: float, lat: float, z: int) -> tuple[int, int]:
    """Column and row of the tile that holds a place.

    >>> tile_of(106.58, 29.56, 12)
    (3260, 1697)
    """
    count = 1 << z
    x = (lon + 180) / 360
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return min(max(int(x * count), 0), count - 1), min(max(int(y * count), 0), count - 1)


def to_tile_units(geometries: NDArray[np.object_], z: int, x: int, y: int) -> NDArray[np.object_]:
    """Mercator geometries in a tile's units, y downwards, not rounded."""
    west, _, _, north = tile_bounds(z, x, y)
    scale = EXTENT / side_m(z)
    origin, factor = np.array([west, north]), np.array([scale, -scale])
    return np.asarray(shapely.transform(geometries, lambda points: (points - origin) * factor))


@lru_cache(maxsize=64)
def transformer(source: str, target: str) -> Transformer:
    """A transformer with x (easting, longitude) first; those used last are kept."""
    from pyproj import Transformer

    return Transformer.from_crs(source, target, always_xy=True)
