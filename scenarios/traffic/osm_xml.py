"""Canonical OSM XML of a roads layer for netconvert: the same content gives the same bytes.

Each road part becomes one way whose integer id is a hash of its feature id, so ids, and with them SUMO's edge ids, do
not depend on row order or on other roads. Ways meet only where they share a node id: a bridge never joins the road
beneath it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple
from xml.sax.saxutils import quoteattr

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from cim_core.errors import InputError
from cim_core.units import mps_to_kmh

if TYPE_CHECKING:
    from pyproj import CRS

WAY_ID_BITS = 52
STACKED_DEGREES = 1e-6
"""How far nodes at one place are moved apart (0.1 m)."""
KEPT_RAW_TAGS = ("junction",)
"""Source tags that no field of the layer carries and that netconvert needs (``junction=roundabout``)."""


@dataclass(frozen=True)
class OsmXml:
    """The document, which feature each way stands for, and which features were left out and why."""

    document: bytes
    road_of_way: dict[int, str]
    left_out: dict[str, str]


def way_id(feature: str) -> int:
    """A positive 52-bit integer that follows from the feature id alone (exact in a double, short in an edge id)."""
    digest = hashlib.sha256(feature.encode()).digest()
    return (int.from_bytes(digest[:8], "big") >> (64 - WAY_ID_BITS)) or 1


def write_osm_xml(
    roads: gpd.GeoDataFrame,
    signals: gpd.GeoDataFrame | None,
    restrictions: gpd.GeoDataFrame | None,
    crs: CRS,
) -> OsmXml:
    """The roads, traffic lights and turn restrictions as one OSM document.

    Parameters
    ----------
    roads, signals, restrictions
        Frames as in :mod:`cim_core.layers` (index ``id``), in ``crs``; the last two may be missing.
    crs
        The working CRS; the document has WGS84 degrees with seven digits (1 cm).

    Raises :class:`InputError` when two features hash to one way id, or a road's node list does not fit its vertices.
    """
    left_out = {str(road): "closed to vehicles" for road in roads.index[roads["access"] == "none"]}
    drivable = roads.loc[roads["access"] != "none"].sort_index()
    lanes = drivable["lanes_forward"] + drivable["lanes_backward"]
    left_out |= {str(road): "no lane in either direction" for road in drivable.index[lanes <= 0]}
    drivable = drivable.loc[lanes > 0]
    ids = way_ids(drivable.index)
    used = set(drivable["from_node"]) | set(drivable["to_node"])
    lights = set() if signals is None else {int(node) for node in signals["node"]}
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<osm version="0.6">',
        *_node_lines(drivable, crs, lights),
        *_way_lines(drivable, ids),
        *([] if restrictions is None else _restriction_lines(restrictions, ids, used)),
        "</osm>",
    ]
    road_of_way = {way: road for road, way in ids.items()}
    return OsmXml(("\n".join(lines) + "\n").encode(), road_of_way, left_out)


def way_ids(features: Iterable[str]) -> dict[str, int]:
    """Feature id → way id; raises :class:`InputError` if two features would share one."""
    ids = {str(feature): way_id(str(feature)) for feature in features}
    if len(set(ids.values())) < len(ids):
        counts = pd.Series(ids)
        clash = list(counts.index[counts.duplicated(keep=False)])
        raise InputError(
            "traffic.way_id_collision",
            "two roads hash to the same way id",
            where=f"layer roads, features {', '.join(clash[:4])}",
            expected=f"{len(ids)} different {WAY_ID_BITS}-bit hashes",
            got=f"{len(set(ids.values()))}",
            remedy="rename one of the features at its source and import again",
        )
    return ids


def _node_lines(roads: gpd.GeoDataFrame, crs: CRS, lights: set[int]) -> Iterator[str]:
    nodes = node_positions(roads)
    to_wgs84 = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    lon, lat = to_wgs84.transform(nodes["x"].to_numpy(), nodes["y"].to_numpy())
    for node, (x, y) in zip(nodes.index, _apart(np.column_stack([lon, lat])), strict=True):
        place = f'<node id="{node}" lat="{y:.7f}" lon="{x:.7f}"'
        yield f'{place}><tag k="highway" v="traffic_signals"/></node>' if node in lights else f"{place}/>"


def _apart(degrees: np.ndarray) -> np.ndarray:
    """Move nodes at the same place a decimetre apart: netconvert makes one node of them, whatever their layers."""
    rounded = pd.DataFrame(np.round(degrees, 7))
    apart: np.ndarray = degrees + rounded.groupby([0, 1]).cumcount().to_numpy()[:, np.newaxis] * STACKED_DEGREES
    return apart


def node_positions(roads: gpd.GeoDataFrame) -> pd.DataFrame:
    """Every node of the roads once: index node id (sorted), columns ``x`` and ``y`` in the frame's CRS."""
    ids = [np.asarray(nodes, dtype=np.int64) for nodes in roads["nodes"]]
    xy = shapely.get_coordinates(roads.geometry.to_numpy())
    counts = shapely.get_num_coordinates(roads.geometry.to_numpy())
    faulty = [road for road, node, count in zip(roads.index, ids, counts, strict=True) if len(node) != count]
    if faulty:
        raise InputError(
            "traffic.nodes_without_vertices",
            "a road's node list does not fit its geometry",
            where=f"layer roads, features {', '.join(faulty[:4])}",
            expected="one node id per vertex",
            got=f"{len(faulty)} roads where they differ",
            remedy="import the roads again",
        )
    flat = np.concatenate(ids) if ids else np.empty(0, dtype=np.int64)
    frame = pd.DataFrame({"x": xy[:, 0], "y": xy[:, 1]}, index=pd.Index(flat, name="node"))
    return frame.sort_values(["x", "y"]).groupby(level=0, sort=True).first()


class _Part(NamedTuple):
    """A road part's columns that netconvert needs, in the order of ``_PART_COLUMNS``."""

    road: str
    nodes: Sequence[int]
    road_class: str
    forward: int
    backward: int
    speed_mps: float
    access: str
    bridge: bool
    tunnel: bool
    layer: int
    name: str | None
    raw: str | None


_PART_COLUMNS = (
    *("nodes", "class", "lanes_forward", "lanes_backward", "speed_limit_mps", "access"),
    *("bridge", "tunnel", "layer", "name", "tags"),
)


def _way_lines(roads: gpd.GeoDataFrame, ids: dict[str, int]) -> Iterator[str]:
    parts = map(_Part, roads.index, *(roads[column] for column in _PART_COLUMNS))
    for part in sorted(parts, key=lambda part: ids[part.road]):
        refs = "".join(f'<nd ref="{int(node)}"/>' for node in part.nodes)
        tags = "".join(f"<tag k={quoteattr(k)} v={quoteattr(v)}/>" for k, v in sorted(_way_tags(part).items()))
        yield f'<way id="{ids[part.road]}">{refs}{tags}</way>'


def _way_tags(part: _Part) -> dict[str, str]:
    # netconvert drops a way with access=no and bus=yes altogether
    tags = {"highway": "busway" if part.access == "bus" else part.road_class}
    tags["maxspeed"] = f"{mps_to_kmh(float(part.speed_mps)):.3f}".rstrip("0").rstrip(".")
    tags |= _lane_tags(int(part.forward), int(part.backward))
    if part.layer:
        tags["layer"] = str(int(part.layer))
    tags |= {key: "yes" for key, holds in (("bridge", part.bridge), ("tunnel", part.tunnel)) if holds}
    if isinstance(part.name, str) and part.name:
        tags["name"] = part.name
    source: dict[str, Any] = json.loads(part.raw) if isinstance(part.raw, str) and part.raw else {}
    return tags | {key: str(source[key]) for key in KEPT_RAW_TAGS if key in source}


def _lane_tags(forward: int, backward: int) -> dict[str, str]:
    lanes = {"lanes": str(forward + backward)}
    if forward and backward:
        return lanes | {"oneway": "no", "lanes:forward": str(forward), "lanes:backward": str(backward)}
    return lanes | {"oneway": "yes" if forward else "-1"}


def _restriction_lines(restrictions: gpd.GeoDataFrame, ids: dict[str, int], used: set[int]) -> Iterator[str]:
    columns = ["from_road", "to_road", "via_node", "kind"]
    for feature, came, left, via, kind in zip(
        restrictions.index, *(restrictions[column] for column in columns), strict=True
    ):
        if came in ids and left in ids and int(via) in used:
            members = (
                f'<member type="way" ref="{ids[came]}" role="from"/><member type="node" ref="{int(via)}" role="via"/>'
                f'<member type="way" ref="{ids[left]}" role="to"/>'
            )
            tags = f'<tag k="restriction" v={quoteattr(str(kind))}/><tag k="type" v="restriction"/>'
            yield f'<relation id="{way_id(str(feature))}">{members}{tags}</relation>'
