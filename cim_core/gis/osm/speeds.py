"""Speed limits in metres per second, from ``maxspeed`` or by class."""

from __future__ import annotations

import re

from cim_core.gis.osm.elements import Tags
from cim_core.gis.osm.quantities import number, values
from cim_core.gis.osm.road_classes import ROAD_CLASSES
from cim_core.units import kmh_to_mps

MIN_SPEED_KMH = 5.0
MAX_SPEED_KMH = 140.0
"""Limits outside 5–140 km/h are taken for typing errors (the highest legal limit in China is 120)."""

_KMH_PER_UNIT = {"": 1.0, "km/h": 1.0, "kmh": 1.0, "kph": 1.0, "mph": 1.609344, "knots": 1.852}
_NAMED_KMH = {
    "CN:urban": 50.0,  # Regulation on the Implementation of the Road Traffic Safety Law, article 45 (one lane each way)
    "CN:rural": 70.0,
    "CN:motorway": 120.0,
    "walk": 5.0,
}
_NAMED_SUFFIX_KMH = {"urban": 50.0, "living_street": 20.0, "motorway": 120.0}
_SPEED = re.compile(r"(\d{1,4}(?:\.\d{1,4})?)\s*([a-z/]*)", re.ASCII | re.IGNORECASE)
_ZONE = re.compile(r"(?:[A-Z]{2}:)?zone:?(\d{1,3})", re.ASCII)


def speed_kmh(text: str | None) -> float | None:
    """A speed limit in km/h, or None where the text is missing, unreadable or absurd. Of several the lowest."""
    speeds = [_one_kmh(value) for value in values(text)]
    return min((s for s in speeds if s is not None and MIN_SPEED_KMH <= s <= MAX_SPEED_KMH), default=None)


def _one_kmh(value: str) -> float | None:
    if value in _NAMED_KMH:
        return _NAMED_KMH[value]
    if zone := _ZONE.fullmatch(value):
        return number(zone[1])
    if (speed := _SPEED.fullmatch(value)) and speed[2].lower() in _KMH_PER_UNIT:
        return float(speed[1]) * _KMH_PER_UNIT[speed[2].lower()]
    return _NAMED_SUFFIX_KMH.get(value.partition(":")[2])


def speed_limit_of(tags: Tags) -> tuple[float, str | None]:
    """Speed limit in m/s and, where it was assumed, why."""
    said = [tags[key] for key in ("maxspeed", "maxspeed:forward", "maxspeed:backward") if key in tags]
    found = next((speed for text in said if (speed := speed_kmh(text)) is not None), None)
    if found is not None:
        return kmh_to_mps(found), None
    reason = "by class: maxspeed not readable" if said else "by class"
    return kmh_to_mps(ROAD_CLASSES[tags["highway"]].speed_kmh), reason
