"""Turn restrictions: ``type=restriction`` relations onto road parts (https://wiki.openstreetmap.org/wiki/Relation:restriction).

Counts in the quality report are of relations; one with several ``from`` or ``to`` ways becomes several features.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import shapely

from cim_core.gis.osm.elements import Elements, Relation
from cim_core.gis.osm.frames import Rows, common
from cim_core.gis.osm.network import Network
from cim_core.gis.quality import QualityReport
from cim_core.layers import RESTRICTIONS


@dataclass(frozen=True, slots=True)
class _Arm:
    """A road part as turns see it."""

    id: str
    start: int
    end: int
    oneway: bool

    def arrives(self, node: int) -> bool:
        return self.end == node or (not self.oneway and self.start == node)

    def departs(self, node: int) -> bool:
        return self.start == node or (not self.oneway and self.end == node)


def restriction_frame(elements: Elements, network: Network, report: QualityReport) -> gpd.GeoDataFrame:
    """One row per forbidden (``no_…``) or compulsory (``only_…``) turn from a road part over a node to a road part."""
    rows = Rows(RESTRICTIONS, report)
    arms = _arms(network)
    for relation in elements.relations:
        if relation.tags.get("type", "").startswith("restriction"):
            reason = _take(relation, arms, elements, rows)
            if reason:
                rows.drop(reason)
            else:
                report.keep(RESTRICTIONS.name)
    return rows.frame()


def _arms(network: Network) -> dict[int, list[_Arm]]:
    arms: dict[int, list[_Arm]] = {}
    for i in network.positions("roads"):
        part, street = network.parts[i], network.streets[network.street_of[i]]
        arm = _Arm(part.id, part.nodes[0], part.nodes[-1], street.direction.oneway)
        arms.setdefault(street.way.id, []).append(arm)
    return arms


def _take(relation: Relation, arms: Mapping[int, list[_Arm]], elements: Elements, rows: Rows) -> str | None:
    """Add the turns of a relation, or say why there are none."""
    kind = relation.tags.get("restriction", "")
    if not kind.startswith(("no_", "only_")):
        return "for some vehicles or hours only" if _special(relation) else "kind not known"
    via = [member for member in relation.members if member.role == "via"]
    if len(via) != 1 or via[0].kind != "n":
        return "via a way" if any(member.kind == "w" for member in via) else "no single via node"
    turns = _turns(relation, arms, via[0].ref)
    if isinstance(turns, str):
        return turns
    point = shapely.Point(elements.locate_one(via[0].ref))
    for nth, (from_road, to_road) in enumerate(turns, start=1):
        fields = {"kind": kind, "from_road": from_road, "to_road": to_road, "via_node": via[0].ref}
        ident = f"r{relation.id}" + (f".{nth}" if nth > 1 else "")
        rows.add(ident, common(f"relation/{relation.id}", relation.tags, {}) | fields, point)
    return None


def _special(relation: Relation) -> bool:
    return any(key.startswith("restriction:") for key in relation.tags)


def _turns(relation: Relation, arms: Mapping[int, list[_Arm]], via: int) -> list[tuple[str, str]] | str:
    ends: dict[str, list[str]] = {"from": [], "to": []}
    for member in relation.members:
        if member.role in ends and member.kind == "w":
            if member.ref not in arms:
                return "road missing"
            touching = [a for a in arms[member.ref] if (a.arrives(via) if member.role == "from" else a.departs(via))]
            if len(touching) != 1:
                return "road passes through via" if touching else "road does not lead over via"
            ends[member.role].append(touching[0].id)
    if not ends["from"] or not ends["to"]:
        return "from or to missing"
    return [(from_road, to_road) for from_road in ends["from"] for to_road in ends["to"]]
