"""What a coarse map leaves out, so that its tiles stay small: by class, by size, and by number."""

from __future__ import annotations

from collections.abc import Mapping

MAX_ZOOM = 16
"""The deepest zoom that tiles are made for; nothing is simplified or left out there. Deeper ones are drawn from it."""
PIXEL = 8
"""Tile units of one pixel: pages draw a tile 512 pixels wide.
Above the deepest zoom lines shorter and areas smaller than one are left out; points never."""
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
CLASS_FIELDS = ("class", "kind")
"""The first of these that a layer has says its class."""
