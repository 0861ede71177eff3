"""Groups: the bridges, tunnels and interchanges that people name, each of which is many ways in the map.

A group id is ``bridge:东水门大桥``, ``tunnel:…`` or ``interchange:…``. In order of trust:

1. ``bridge:name``, ``tunnel:name`` on the way;
2. a ``type=bridge`` or ``type=tunnel`` relation with a name that has the way as a member (not what it spans);
3. the way's own name, where the way is on a bridge (in a tunnel) and the name is that of a structure (…桥, …隧道,
   … Bridge); one that has only ``name:en`` joins the structure that has both;
4. a named ``man_made=bridge`` outline that holds at least half of a way that is on a bridge;
5. a road named …立交 (interchange), on a bridge or not: its ramps.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from cim_core.gis.osm.areas import area_outlines
from cim_core.gis.osm.elements import Elements, Shapes, Tags
from cim_core.gis.osm.names import folded, name_of
from cim_core.gis.osm.stacking import Level

_BRIDGE = re.compile(r"桥([（(].*[)）])?$|高架$|\b(bridge|viaduct|overpass|footbridge)$|silta$|brücke$", re.IGNORECASE)
_TUNNEL = re.compile(
    r"(隧道|地下道|地下通道|地下环道|下穿道|地道)([（(].*[)）])?$|\b(tunnel|underpass)$|tunneli$", re.IGNORECASE
)
_INTERCHANGE = re.compile(r"^(.+立交)(桥|.*匝道)?$")
_INTERCHANGE_EN = re.compile(r"\binterchange$", re.IGNORECASE)
_NAME_KEYS = ("name", "name:zh", "name:zh-Hans", "name:en")
_SPANNED_ROLES = frozenset({"under", "outline"})


@dataclass(frozen=True)
class Structures:
    """What names structures besides the ways' own tags: relations by member way, and named bridge outlines."""

    by_way: dict[int, str]
    local_names: dict[str, str]
    """English name → local name, of ways on bridges and in tunnels that have both."""
    outlines: Shapes
    outline_groups: list[str]

    def group_of(self, way: int, tags: Tags, level: Level) -> str | None:
        """The group of a way by its tags and relations, or None."""
        own = _by_structure_tag(tags) or self.by_way.get(way) or _by_own_name(tags, level) or _interchange(tags)
        kind, _, name = (own or "").partition(":")
        return f"{kind}:{self.local_names[name]}" if name in self.local_names else own

    def fill_from_outlines(self, groups: list[str | None], on_bridge: list[bool], lines: Shapes) -> None:
        """Give each line on a bridge that has no group yet the named outline that holds at least half of it."""
        open_ = np.array([i for i, group in enumerate(groups) if group is None and on_bridge[i]], dtype=np.int64)
        if not len(open_) or not len(self.outlines):
            return
        which, outline = shapely.STRtree(self.outlines).query(lines[open_], predicate="intersects")
        inside = shapely.length(shapely.intersection(lines[open_][which], self.outlines[outline]))
        for i, area in zip(*_halves(open_, which, outline, inside, lines), strict=True):
            groups[i] = groups[i] or self.outline_groups[area]


def _halves(open_: Any, which: Any, outline: Any, inside: Any, lines: Shapes) -> tuple[list[int], list[int]]:
    enough = inside >= 0.5 * shapely.length(lines[open_][which])
    return open_[which[enough]].tolist(), outline[enough].tolist()


def find_structures(elements: Elements) -> Structures:
    """Named bridge and tunnel relations, and named ``man_made=bridge`` outlines."""
    by_way = {
        member.ref: _group(relation.tags["type"], name)
        for relation in elements.relations
        if relation.tags.get("type") in ("bridge", "tunnel") and (name := name_of(relation.tags))
        for member in relation.members
        if member.kind == "w" and member.role not in _SPANNED_ROLES
    }
    named = [
        (area.geometry, _group("bridge", name))
        for area in area_outlines(elements, lambda tags: tags.get("man_made") == "bridge")
        if area.geometry is not None and (name := name_of(area.tags))
    ]
    shapes = np.array([geometry for geometry, _ in named], dtype=object)
    return Structures(by_way, _local_names(elements), shapes, [group for _, group in named])


def _local_names(elements: Elements) -> dict[str, str]:
    both = {
        (folded(way.tags["name:en"]), folded(way.tags["name"]))
        for way in elements.ways
        if "name" in way.tags and "name:en" in way.tags and ("bridge" in way.tags or "tunnel" in way.tags)
    }
    said = Counter(english for english, _ in both)
    return {english: local for english, local in sorted(both) if said[english] == 1}


def _group(kind: str, name: str) -> str:
    name = folded(name)
    if interchange := _INTERCHANGE.match(name):
        return f"interchange:{interchange[1]}"
    return f"{kind}:{name}"


def _by_structure_tag(tags: Tags) -> str | None:
    for kind in ("bridge", "tunnel"):
        if name := tags.get(f"{kind}:name", "").strip():
            return _group(kind, name)
    return None


def _by_own_name(tags: Tags, level: Level) -> str | None:
    name = name_of(tags)
    spellings = [folded(tags[key]) for key in _NAME_KEYS if key in tags]
    if name and level.bridge and any(_BRIDGE.search(text) for text in spellings):
        return _group("bridge", name)
    if name and level.tunnel and any(_TUNNEL.search(text) for text in spellings):
        return _group("tunnel", name)
    return None


def _interchange(tags: Tags) -> str | None:
    name = folded(name_of(tags) or "")
    if _INTERCHANGE.match(name):
        return _group("interchange", name)
    return f"interchange:{name}" if name and _INTERCHANGE_EN.search(tags.get("name:en", "")) else None
