"""What a coarse map leaves out, so that its tiles stay small: by class, by size, and by number."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from servers.serving.web_mercator import EXTENT, side_m

MAX_ZOOM = 16
"""The deepest zoom that tiles are made for; nothing is simplified or left out there. Deeper ones are drawn from it."""
PIXEL = 8
"""Tile units of one pixel: pages draw a tile 512 pixels wide."""
TOLERANCE = 3.0
"""Tile units by which a line may move above the deepest zoom: less than half a pixel."""
MOST_FEATURES = 20_000
"""Features of one tile of one layer above the deepest zoom; the largest stay."""

MIN_ZOOM: Mapping[str, Mapping[str, int]] = {
    "roads": {
        "motorway": 0, "motorway_link": 10, "trunk": 0, "trunk_link": 10, "primary": 8, "primary_link": 11,
        "secondary": 10, "secondary_link": 12, "tertiary": 11, "tertiary_link": 12, "residential": 12,
        "unclassified": 12, "living_street": 13, "service": 13, "*": 12,
    },
    "walkways": {"pedestrian": 13, "*": 14},
    "rail": {"rail": 8, "subway": 10, "monorail": 10, "light_rail": 10, "*": 12},
    "water": {"river": 0, "lake": 6, "reservoir": 6, "stream": 12, "drain": 13, "ditch": 13, "*": 8},
    "buildings": {"*": 12},
    "pois": {"subway_entrance": 12, "hospital": 12, "university": 12, "fire_station": 12, "*": 13},
    "signals": {"*": 14},
    "parking": {"*": 14},
    "restrictions": {"*": 15},
}  # fmt: skip
"""Layer → class → first zoom that shows it; ``*`` stands for every other class. Other layers are shown at all zooms."""
_CLASS_FIELDS = ("class", "kind")


def first_zooms(name: str, frame: gpd.GeoDataFrame) -> NDArray[np.int8]:
    """The first zoom that shows each row of a layer, by its class."""
    rules = MIN_ZOOM.get(name, {})
    rest = rules.get("*", 0)
    column = next((field for field in _CLASS_FIELDS if field in frame.columns), None)
    if column is None:
        return np.full(len(frame), rest, dtype=np.int8)
    zooms = frame[column].astype(object).map(lambda value: rules.get(value, rest) if isinstance(value, str) else rest)
    return np.asarray(zooms, dtype=np.int8)


def large_enough(
    bounds: NDArray[np.float64], areas: NDArray[np.float64], is_point: NDArray[np.bool_], z: int
) -> NDArray[np.bool_]:
    """Which geometries are seen at a zoom: points always, lines longer and areas larger than a pixel.

    ``bounds`` (n, 4) and ``areas`` in mercator metres; ``areas`` is NaN for what has none.
    """
    if z >= MAX_ZOOM:
        return np.ones(len(bounds), dtype=bool)
    pixel = PIXEL * side_m(z) / EXTENT
    long = np.maximum(bounds[:, 2] - bounds[:, 0], bounds[:, 3] - bounds[:, 1]) >= pixel
    broad = np.isnan(areas) | (areas >= pixel**2)
    return is_point | (long & broad)


def simplified(geometries: NDArray[np.object_], z: int) -> NDArray[np.object_]:
    """Mercator geometries without what a zoom cannot show (Douglas and Peucker); as they are at the deepest."""
    if z >= MAX_ZOOM:
        return geometries
    tolerance = TOLERANCE * side_m(z) / EXTENT
    areal = shapely.get_dimensions(geometries) == 2
    found = geometries.copy()
    found[areal] = shapely.simplify(geometries[areal], tolerance, preserve_topology=True)
    found[~areal] = shapely.simplify(geometries[~areal], tolerance, preserve_topology=False)
    return found
