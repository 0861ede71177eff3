"""Who may drive or walk, from the access tags (https://wiki.openstreetmap.org/wiki/Key:access)."""

from __future__ import annotations

from collections.abc import Iterable

from cim_core.gis.osm.elements import Tags

_PRIVATE = frozenset({"private", "customers", "permit", "residents", "employees", "members"})
_NONE = frozenset({"no", "agricultural", "forestry", "use_sidepath", "military", "emergency"})
_GRANTED = frozenset({"yes", "designated", "permissive", "official"})
_DRIVE_KEYS = ("motorcar", "motor_vehicle", "vehicle", "access")
_WALK_KEYS = ("foot", "access")


def drive_access(tags: Tags) -> str:
    """Who may drive: ``all``, ``bus``, ``private`` or ``none``. The most specific key counts.

    Of values under a condition (hours, vehicles) grants count and restrictions do not; both stay in the tags.
    """
    if tags.get("highway") in ("busway", "bus_guideway"):
        return "bus"
    general = _by_first(tags, _DRIVE_KEYS)
    if general != "all" and any(_value(tags, key) in _GRANTED for key in ("bus", "psv")):
        return "bus"
    return general


def walk_access(tags: Tags) -> str:
    """Who may walk: ``all``, ``private`` or ``none``."""
    return _by_first(tags, _WALK_KEYS)


def _by_first(tags: Tags, keys: Iterable[str]) -> str:
    said = next((value for key in keys if (value := _value(tags, key))), "")
    if said in _NONE:
        return "none"
    return "private" if said in _PRIVATE else "all"


def _value(tags: Tags, key: str) -> str:
    """The value; under a condition only a grant counts: ``yes @ (Mo-Su 6:30-24:00)`` is ``yes``, ``no @ …`` nothing."""
    value, condition, _ = (text.strip().lower() for text in tags.get(key, "").partition("@"))
    return value if not condition or value in _GRANTED else ""
