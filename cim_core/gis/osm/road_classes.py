"""What is assumed of a road by its class, where the map does not say; and which ways are roads or walkways.

Speeds lie within the design speeds of CJJ 37-2012 (Code for design of urban road engineering), table 3.2.1: fast road
(快速路) 100/80/60, arterial (主干路) 60/50/40, secondary (次干路) 50/40/30, branch (支路) 40/30/20 km/h. Within that
range the value is the one signed on the tagged roads of the Yuzhong extract (trunk 60, primary 50–60, secondary 30–40,
residential 20).

Lanes of a two-way road are the lower end of GB 50220-95, table 7.1.6-1 (fast road and arterial 6–8 in a large city, 4
in a medium one; secondary 4–6; branch 3–4, here 2 because a mountain city is narrow). Lanes of a one-way carriageway
are the medians of the tagged ones in the Yuzhong extract. All of it is to be corrected with local knowledge.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cim_core.gis.osm.elements import Tags, Way


@dataclass(frozen=True, slots=True)
class Assumption:
    """Lanes of a one-way carriageway, lanes each way of a two-way road, speed limit in km/h."""

    lanes_oneway: int
    lanes_each_way: int
    speed_kmh: float


ROAD_CLASSES: dict[str, Assumption] = {
    "motorway": Assumption(3, 2, 100),
    "motorway_link": Assumption(1, 1, 40),
    "trunk": Assumption(3, 3, 60),
    "trunk_link": Assumption(1, 1, 40),
    "primary": Assumption(2, 2, 50),
    "primary_link": Assumption(1, 1, 40),
    "secondary": Assumption(2, 2, 40),
    "secondary_link": Assumption(1, 1, 30),
    "tertiary": Assumption(2, 1, 30),
    "tertiary_link": Assumption(1, 1, 30),
    "unclassified": Assumption(1, 1, 30),
    "residential": Assumption(1, 1, 20),
    "living_street": Assumption(1, 1, 10),
    "service": Assumption(1, 1, 20),
    "busway": Assumption(1, 1, 40),
    "bus_guideway": Assumption(1, 1, 40),
    "road": Assumption(1, 1, 20),
}
"""OSM highway values that are driven on → what is assumed of them."""

WALKWAY_CLASSES = frozenset({"footway", "path", "steps", "pedestrian", "corridor", "cycleway", "bridleway", "track"})
"""OSM highway values that are walked on. A ``track`` (field or forest way) is walked rather than driven in a city."""

_NOT_BUILT = frozenset({"proposed", "planned", "construction", "abandoned", "razed", "disused", "demolished"})
_NOT_LINEAR = frozenset({"platform", "elevator", "rest_area", "services", "crossing", "bus_stop"})

NetworkLayer = Literal["roads", "walkways"]


def network_layer(way: Way) -> tuple[NetworkLayer, str | None]:
    """The layer a highway way belongs to, and the reason to drop it (None: keep it).

    Reasons: ``proposed``, ``construction`` and the like; ``area``; ``platform`` and the like;
    ``highway value not used``.
    """
    value = way.tags["highway"]
    layer: NetworkLayer = "walkways" if value in WALKWAY_CLASSES or value in _NOT_LINEAR else "roads"
    if value in _NOT_BUILT or value in _NOT_LINEAR:
        return layer, value
    if value not in ROAD_CLASSES and value not in WALKWAY_CLASSES:
        return layer, "highway value not used"
    return layer, "area" if _is_area(way.tags) else None


def _is_area(tags: Tags) -> bool:
    return tags.get("area", "no") != "no"
