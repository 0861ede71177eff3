"""The roads and walkways layers: fields of each kept way, handed on to its parts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import geopandas as gpd

from cim_core.gis.osm.access import drive_access, walk_access
from cim_core.gis.osm.carriageways import ASSUMED, other_carriageways
from cim_core.gis.osm.elements import Shapes
from cim_core.gis.osm.frames import canonical_json, common, frame
from cim_core.gis.osm.lanes import lanes_of
from cim_core.gis.osm.network import Network, Street
from cim_core.gis.osm.quantities import metres, whole
from cim_core.gis.osm.road_classes import NetworkLayer
from cim_core.gis.osm.speeds import speed_limit_of
from cim_core.gis.osm.stacking import Level, level_of
from cim_core.gis.osm.structures import Structures
from cim_core.gis.quality import QualityReport
from cim_core.layers import STANDARD_LAYERS

MAX_STEPS = 5000
MAX_WIDTH_M = 100.0


def network_frame(
    network: Network, layer: NetworkLayer, structures: Structures, report: QualityReport
) -> gpd.GeoDataFrame:
    """One row per part of the layer (``roads`` or ``walkways``); assumed values are counted once per way.

    Elevations and gradient stay empty: the elevation coverage fills them.
    """
    schema = STANDARD_LAYERS[layer]
    records = {i: _record(s, structures, report) for i, s in enumerate(network.streets) if s.layer == layer}
    positions = network.positions(layer)
    parts = [network.parts[i] for i in positions]
    rows = [records[network.street_of[i]] for i in positions]
    columns: dict[str, Any] = {name: [row.get(name) for row in rows] for name in schema.names}
    columns["nodes"] = [list(part.nodes) for part in parts]
    columns["from_node"] = [part.nodes[0] for part in parts]
    columns["to_node"] = [part.nodes[-1] for part in parts]
    columns["length_m"] = network.lengths[positions]
    lines = network.lines[positions]
    structures.fill_from_outlines(columns["group"], columns["bridge"], lines)
    if layer == "roads":
        _join_carriageways(columns, lines, report)
    return frame(schema, [part.id for part in parts], columns, lines)


def _join_carriageways(columns: dict[str, Any], lines: Shapes, report: QualityReport) -> None:
    keys = ("bridge", "oneway", "name", "group", "class", "layer")
    rows = [dict(zip(keys, row, strict=True)) for row in zip(*(columns[key] for key in keys), strict=True)]
    joined = other_carriageways(rows, lines, columns["length_m"])
    for i, group in joined.items():
        columns["group"][i] = group
        columns["assumed"][i] = canonical_json({**json.loads(columns["assumed"][i]), "group": ASSUMED})
    for _ in {columns["source_id"][i] for i in joined}:
        report.assume("roads", f"group: {ASSUMED}")


def _record(street: Street, structures: Structures, report: QualityReport) -> dict[str, Any]:
    tags, level = street.way.tags, level_of(street.way.tags)
    own, assumed = _road(street) if street.layer == "roads" else _walkway(street)
    assumed = {**assumed, **level.assumed}
    for name, reason in assumed.items():
        report.assume(street.layer, f"{name}: {reason}")
    group = structures.group_of(street.way.id, tags, level)
    return {**common(f"way/{street.way.id}", tags, assumed, group), **_level_fields(level), **own}


def _level_fields(level: Level) -> dict[str, Any]:
    return {"bridge": level.bridge, "tunnel": level.tunnel, "layer": level.layer}


def _road(street: Street) -> tuple[dict[str, Any], Mapping[str, str]]:
    tags, direction = street.way.tags, street.direction
    lanes = lanes_of(tags, direction)
    speed, speed_reason = speed_limit_of(tags)
    fields = {
        "class": tags["highway"],
        "lanes_forward": lanes.forward,
        "lanes_backward": lanes.backward,
        "speed_limit_mps": speed,
        "oneway": direction.oneway,
        "access": drive_access(tags),
        "surface": tags.get("surface"),
    }
    reasons = {"oneway": direction.assumed, "speed_limit_mps": speed_reason}
    return fields, {**lanes.assumed, **{name: reason for name, reason in reasons.items() if reason}}


def _walkway(street: Street) -> tuple[dict[str, Any], Mapping[str, str]]:
    tags = street.way.tags
    steps, width = whole(tags.get("step_count")), metres(tags.get("width"))
    return {
        "class": tags["highway"],
        "stairs": tags["highway"] == "steps",
        "steps": steps if steps is not None and 0 < steps <= MAX_STEPS else None,
        "width_m": width if width is not None and 0 < width <= MAX_WIDTH_M else None,
        "access": walk_access(tags),
    }, {}
