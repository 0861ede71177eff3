"""One-way and lanes of a road, from its tags or by its class."""

from __future__ import annotations

from dataclasses import dataclass, field

from cim_core.gis.osm.elements import Tags
from cim_core.gis.osm.quantities import number, values
from cim_core.gis.osm.road_classes import ROAD_CLASSES

MAX_LANES = 12
"""More in one direction is taken for a typing error."""

_FORWARD = frozenset({"yes", "true", "1"})
_BACKWARD = frozenset({"-1", "reverse"})
_BOTH = frozenset({"no", "false", "0"})


@dataclass(frozen=True, slots=True)
class Direction:
    """Whether a road is one-way, whether its drawing must be turned round for that, and why if it was assumed."""

    oneway: bool
    reverse: bool = False
    assumed: str | None = None


@dataclass(frozen=True, slots=True)
class Lanes:
    """Lanes in and against the (turned) drawing direction; ``assumed`` is field → reason."""

    forward: int
    backward: int
    assumed: dict[str, str] = field(default_factory=dict)


def direction_of(tags: Tags) -> Direction:
    """One-way as OSM defines it: ``oneway``, else implied by motorway and by roundabout.

    A road that changes direction by the hour (``reversible``, ``alternating``) is taken as two-way, assumed.
    """
    said = tags.get("oneway", "").strip().lower()
    if said in _FORWARD or said in _BACKWARD:
        return Direction(True, reverse=said in _BACKWARD)
    if said in _BOTH:
        return Direction(False)
    if tags.get("junction") in ("roundabout", "circular"):
        return Direction(True, assumed="implied by roundabout")
    if tags.get("highway") in ("motorway", "motorway_link"):
        return Direction(True, assumed="implied by motorway")
    return Direction(False, assumed="two-way: oneway not readable" if said else None)


def lane_count(text: str | None) -> int | None:
    """A number of lanes from 1 to 12, or None. Of several values the lowest; half lanes are left out."""
    counts = [number(value) for value in values(text)]
    whole = [int(count) for count in counts if count is not None and 1 <= count < MAX_LANES + 1]
    return min(whole, default=None)


def lanes_of(tags: Tags, direction: Direction) -> Lanes:
    """Lanes each way from ``lanes``, ``lanes:forward`` and ``lanes:backward``; by class where they do not say."""
    total = lane_count(tags.get("lanes"))
    forward, backward = lane_count(tags.get("lanes:forward")), lane_count(tags.get("lanes:backward"))
    if direction.reverse:
        forward, backward = backward, forward
    if direction.oneway:
        return _oneway(tags, total, forward, backward)
    return _two_way(tags, total, forward, backward)


def _oneway(tags: Tags, total: int | None, forward: int | None, backward: int | None) -> Lanes:
    assumed = {"lanes_backward": "counter lane of a one-way left out"} if backward else {}
    if forward is None and total is not None:
        forward = max(total - (backward or 0), 1)
    if forward is None:
        assumed["lanes_forward"] = _by_class(tags)
        forward = ROAD_CLASSES[tags["highway"]].lanes_oneway
    return Lanes(forward, 0, assumed)


def _two_way(tags: Tags, total: int | None, forward: int | None, backward: int | None) -> Lanes:
    default = ROAD_CLASSES[tags["highway"]].lanes_each_way
    assumed: dict[str, str] = {}
    if total is not None and forward is None and backward is None:
        forward, backward = (total + 1) // 2, max(total // 2, 1)
        if total % 2:
            assumed["lanes_backward"] = "one lane for both directions" if total == 1 else "odd total"
    if total is not None:
        forward = max(total - backward, 1) if forward is None and backward is not None else forward
        backward = max(total - forward, 1) if backward is None and forward is not None else backward
    if forward is None:
        assumed["lanes_forward"] = _by_class(tags)
    if backward is None:
        assumed["lanes_backward"] = _by_class(tags)
    return Lanes(forward or default, backward or default, assumed)


def _by_class(tags: Tags) -> str:
    return "by class: lanes not readable" if "lanes" in tags else "by class"
