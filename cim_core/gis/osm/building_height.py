"""Storeys and height of a building, from tags, from each other, or by use.

Storey heights: 3.0 m for homes (the lower limit of GB 55038-2025 for new housing), 3.6 m for other uses (a usual mean
over shops, offices and lobbies). Storeys without any tag: six for homes (the most that Chinese housing is built without
a lift is six to seven), others a modest usual number. Assumptions, to be corrected with local knowledge.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from cim_core.gis.osm.elements import Tags
from cim_core.gis.osm.quantities import metres, number, values

MAX_LEVELS = 170
MAX_HEIGHT_M = 900.0
"""Beyond the tallest building there is (828 m, 163 storeys) a value is a typing error."""

RESIDENTIAL_STOREY_M = 3.0
OTHER_STOREY_M = 3.6

LEVELS_BY_USE = {
    "residential": 6,
    "office": 8,
    "commercial": 6,
    "hotel": 8,
    "health": 6,
    "education": 5,
    "civic": 4,
    "culture": 2,
    "retail": 3,
    "industrial": 2,
    "parking": 2,
    "roof": 0,
}
"""Storeys assumed by use; 1 for a use that is not here. A roof on posts has none."""

_SMALL_HOMES = frozenset({"house", "detached", "semidetached_house", "terrace", "bungalow", "farm", "villa", "cabin"})
_MIN_HEIGHT_M = 2.5


@dataclass(frozen=True, slots=True)
class Rise:
    """Storeys above ground and height in metres; ``assumed`` is field → reason."""

    levels: int
    height_m: float
    assumed: dict[str, str] = field(default_factory=dict)


def level_count(text: str | None) -> int | None:
    """Storeys from ``building:levels``: the highest of several, halves rounded up; None if missing or absurd.

    >>> level_count("3;4"), level_count("2.5"), level_count("-1"), level_count("many")
    (4, 3, None, None)
    """
    counts = [number(value) for value in values(text)]
    return max((math.ceil(count) for count in counts if count is not None and 0 < count <= MAX_LEVELS), default=None)


def height_of(text: str | None) -> float | None:
    """Height in metres, the highest of several; None if missing, unreadable or absurd."""
    heights = [metres(value) for value in values(text)]
    return max((height for height in heights if height is not None and 0 < height <= MAX_HEIGHT_M), default=None)


def storey_height_m(use: str) -> float:
    """Metres from floor to floor that are assumed for a use."""
    return RESIDENTIAL_STOREY_M if use == "residential" else OTHER_STOREY_M


def rise_of(tags: Tags, use: str) -> Rise:
    """Storeys and height of a building of that use."""
    levels, height = level_count(tags.get("building:levels")), height_of(tags.get("height"))
    assumed: dict[str, str] = {}
    storey = storey_height_m(use)
    if levels is None and height is not None and use != "roof":
        levels, assumed["levels"] = max(round(height / storey), 1), "from height"
    if levels is None:
        unreadable = ": building:levels not readable" if "building:levels" in tags else ""
        levels, assumed["levels"] = _levels_by_use(tags, use), "by use" + unreadable
    if height is None:
        unreadable = ": height not readable" if "height" in tags else ""
        height, assumed["height_m"] = max(levels * storey, _MIN_HEIGHT_M), "from levels" + unreadable
    return Rise(levels, height, assumed)


def _levels_by_use(tags: Tags, use: str) -> int:
    if tags.get("building") in _SMALL_HOMES:
        return 2
    return LEVELS_BY_USE.get(use, 1)
