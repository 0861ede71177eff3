"""Bridge, tunnel and level of a way: what lies above what."""

from __future__ import annotations

from dataclasses import dataclass, field

from cim_core.gis.osm.elements import Tags
from cim_core.gis.osm.quantities import values, whole

MAX_LAYER = 10
_NO = frozenset({"", "no", "abandoned", "razed", "demolished", "proposed", "construction"})
_AT_GROUND = frozenset({"building_passage", "covered", "avalanche_protector"})
"""Tunnels through a building or under a roof: they stay at street level."""


@dataclass(frozen=True, slots=True)
class Level:
    """On a bridge, in a tunnel, and the level; ``assumed`` is field → reason."""

    bridge: bool
    tunnel: bool
    layer: int
    assumed: dict[str, str] = field(default_factory=dict)


def level_of(tags: Tags) -> Level:
    """Level from ``layer``; without it a bridge is assumed at 1 and a tunnel at -1, a building passage at 0."""
    bridge = tags.get("bridge", "") not in _NO
    tunnel = tags.get("tunnel", "") not in _NO
    said = next((layer for text in values(tags.get("layer")) if (layer := whole(text)) is not None), None)
    if said is not None and abs(said) <= MAX_LAYER:
        return Level(bridge, tunnel, said)
    if bridge:
        return Level(bridge, tunnel, 1, {"layer": "bridge"})
    if tunnel and tags["tunnel"] not in _AT_GROUND:
        return Level(bridge, tunnel, -1, {"layer": "tunnel"})
    return Level(bridge, tunnel, 0, {"layer": "not readable"} if "layer" in tags else {})
