"""Elevation and gradient of roads and walkways from a coverage, without burying bridges and tunnels.

The coverage is a surface: over a river it shows the water, over a tunnel the hill, beside a tower its roof. So nodes
within bridges and tunnels are not sampled but interpolated between the abutments, the rest is smoothed along the
network, and no road is left steeper than can be driven.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from cim_core.gis.node_heights import limit_gradients, smooth_heights
from cim_core.gis.quality import QualityReport

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Sample = Callable[[Floats, Floats], Floats]
"""x and y in the working CRS to elevation in metres, NaN where there is none; ``Coverage.sample`` is one."""

MAX_ROAD_GRADIENT = 0.25
"""Steeper than any public street of the city, below the steepest in the world (0.35, Baldwin Street, Dunedin)."""
MAX_WALKWAY_GRADIENT = 0.40
"""Footways and paths: above the 1:4 of pushed bicycles, below where steps are cut."""
MAX_STAIRS_GRADIENT = 1.0
"""Riser equal to tread: stairs of buildings are about 1:2, old hillside ones up to this."""
SMOOTHING_M = 45.0
"""e-folding length along the network: one and a half pixels of a 30 m model, below which it says nothing."""
_ABUTMENT_TRUST = 0.2
"""Weight of a sample at an abutment or portal, where one pixel holds both the road and what it crosses."""
_STAIRS_STIFFNESS = 0.1
"""Stairs are steep by intent, so they pass on little of one end's height to the other."""
_HANGING_STIFFNESS = 0.01
"""Ground walkways that meet a road bridge or tunnel away from the ground (lifts, ramps, errors) pass on least."""
_SHORTEST_M = 0.001
_NO_LIMIT = 1e9
_MOVED_M = 0.01


@dataclass(frozen=True)
class DrapeResult:
    """The networks with ``elevation_from_m``, ``elevation_to_m``, ``gradient``, and what happened.

    ``heights`` is node id → elevation in metres (NaN where none). ``counts`` has, in nodes: ``nodes``, ``sampled``,
    ``between_abutments``, ``outside_coverage``, ``without_elevation``, ``limited``; ``largest_change_m``, the most that
    the gradient limit moved a node; and ``steep_to_deck``, walkways that climb to a deck more steeply than others may.
    """

    networks: dict[str, gpd.GeoDataFrame]
    heights: pd.Series[Any]
    counts: dict[str, float]
    report: QualityReport


@dataclass(frozen=True)
class _Edges:
    """All features of all networks as arrays; ``start`` and ``end`` are positions in ``nodes``."""

    nodes: NDArray[np.int64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    length_m: Floats
    elevated: Flags
    road: Flags
    stairs: Flags
    limit: Floats
    x: Floats
    y: Floats


def drape(networks: Mapping[str, gpd.GeoDataFrame], sample: Sample) -> DrapeResult:
    """Elevation of both ends of each feature and the gradient between them.

    Parameters
    ----------
    networks
        Layer name → frame in the working CRS with ``from_node``, ``to_node``, ``length_m``, ``bridge``, ``tunnel``,
        ``class`` and, for walkways, ``stairs``. Nodes shared by id have one elevation.
    sample
        Elevation at points in the working CRS.

    On every road |gradient| ≤ 0.25, on walkways ≤ 0.40, on stairs ≤ 1; lifts, and what climbs to the deck of a road
    bridge, are as steep as the source makes them and do not move the deck. Ground nodes outside the coverage are taken
    from their neighbours; what is joined to no sampled node stays null and is counted.
    """
    edges = _edges(networks)
    sampled = np.asarray(sample(edges.x, edges.y), dtype=np.float64)
    ground = _on_ground(edges)
    observed, lone = _observed(edges, sampled, ground)
    weight = _weights(edges, observed, lone)
    hanging = _hanging(edges, ground)
    smooth = smooth_heights(sampled, weight, edges.start, edges.end, _stiffness(edges, hanging))
    rise_m = np.where(hanging, np.inf, edges.limit * edges.length_m)
    heights = limit_gradients(smooth, weight, edges.start, edges.end, rise_m)
    moved = np.abs(heights - smooth) > _MOVED_M
    climb = np.where(hanging, np.abs(heights[edges.end] - heights[edges.start]), 0.0)
    counts = {
        "nodes": float(len(edges.nodes)),
        "sampled": float(observed.sum()),
        "between_abutments": float((~ground & ~observed & np.isfinite(heights)).sum()),
        "outside_coverage": float((ground & ~np.isfinite(sampled)).sum()),
        "without_elevation": float(np.isnan(heights).sum()),
        "limited": float(moved.sum()),
        "largest_change_m": float(np.nanmax(np.abs(heights - smooth), initial=0.0)),
        "steep_to_deck": float((climb > edges.limit * edges.length_m).sum()),
    }
    series = pd.Series(heights, index=pd.Index(edges.nodes, name="node"))
    outside = ground & ~np.isfinite(sampled) & np.isfinite(heights)
    flags = pd.DataFrame({"between": ~ground & ~observed, "outside": outside, "moved": moved}, index=series.index)
    report = QualityReport()
    draped = {name: _with_elevation(frame, series) for name, frame in networks.items()}
    for name, frame in draped.items():
        _count(report, name, frame, flags)
    if counts["steep_to_deck"]:
        report.warn(
            f"{counts['steep_to_deck']:.0f} walkways climb to a bridge deck or out of a tunnel more steeply than people"
            " walk: the source lacks the stairs, the ramp or the lift, and their gradient is not to be relied on."
        )
    return DrapeResult(draped, series, counts, report)


def _edges(networks: Mapping[str, gpd.GeoDataFrame]) -> _Edges:
    frames = list(networks.values())
    first = np.concatenate([frame["from_node"].to_numpy(np.int64) for frame in frames])
    last = np.concatenate([frame["to_node"].to_numpy(np.int64) for frame in frames])
    nodes, position = np.unique(np.r_[first, last], return_inverse=True)
    start, end = np.split(position.astype(np.int64), 2)
    lines = np.concatenate([np.asarray(frame.geometry) for frame in frames])
    places = np.empty((len(nodes), 2))
    places[start] = shapely.get_coordinates(shapely.get_point(lines, 0))
    places[end] = shapely.get_coordinates(shapely.get_point(lines, -1))
    road = np.concatenate([np.full(len(frame), "stairs" not in frame.columns) for frame in frames])
    stairs = np.concatenate([_flag(frame, "stairs") for frame in frames])
    lift = np.concatenate([frame["class"].eq("elevator").to_numpy(bool) for frame in frames])
    limit = np.where(road, MAX_ROAD_GRADIENT, np.where(stairs, MAX_STAIRS_GRADIENT, MAX_WALKWAY_GRADIENT))
    return _Edges(
        nodes=nodes,
        start=start,
        end=end,
        length_m=_usable(np.concatenate([frame["length_m"].to_numpy(float) for frame in frames])),
        elevated=np.concatenate([_flag(frame, "bridge") | _flag(frame, "tunnel") for frame in frames]),
        road=road,
        stairs=stairs | lift,
        limit=np.where(lift & ~road, _NO_LIMIT, limit),
        x=places[:, 0],
        y=places[:, 1],
    )


def _usable(length_m: Floats) -> Floats:
    """Lengths under a millimetre are none: such an edge is level."""
    return np.where(length_m < _SHORTEST_M, 0.0, length_m)


def _flag(frame: gpd.GeoDataFrame, column: str) -> Flags:
    return frame[column].to_numpy(bool) if column in frame.columns else np.zeros(len(frame), dtype=bool)


def _at_nodes(edges: _Edges, chosen: Flags) -> Flags:
    """Nodes that an edge of the chosen ones meets."""
    flags = np.zeros(len(edges.nodes), dtype=bool)
    flags[edges.start[chosen]] = True
    flags[edges.end[chosen]] = True
    return flags


def _on_ground(edges: _Edges) -> Flags:
    """Nodes where the coverage shows the network itself.

    A node of a road bridge or tunnel is on the ground where a road without either meets it: stairs, lifts and footways
    that climb to a deck do not bring the deck down. A node of a footbridge or subway is, where anything but stairs and
    lifts does.
    """
    of_road = _at_nodes(edges, edges.elevated & edges.road)
    of_walkway = _at_nodes(edges, edges.elevated & ~edges.road)
    by_road = _at_nodes(edges, ~edges.elevated & edges.road)
    by_any = _at_nodes(edges, ~edges.elevated & ~edges.stairs)
    return np.where(of_road, by_road, np.where(of_walkway, by_any, True))


def _observed(edges: _Edges, sampled: Floats, ground: Flags) -> tuple[Flags, Flags]:
    """Nodes whose sample counts; and among them those of pieces that are nothing but bridge or tunnel.

    Such a piece has no abutment, so its samples are all there is.
    """
    count = len(edges.nodes)
    graph = sparse.coo_matrix((np.ones(len(edges.start)), (edges.start, edges.end)), shape=(count, count))
    pieces, piece_of = connected_components(graph, directed=False)
    has_value = np.isfinite(sampled)
    grounded = (np.bincount(piece_of, weights=ground & has_value, minlength=pieces) > 0)[piece_of]
    hovering = (np.bincount(piece_of, weights=ground, minlength=pieces) == 0)[piece_of]
    lone = has_value & hovering & ~grounded
    return (has_value & ground) | lone, lone


def _weights(edges: _Edges, observed: Flags, lone: Flags) -> Floats:
    """Half the length of the ground edges at each observed node, less at abutments; zero where not observed."""
    half = np.where(edges.elevated, 0.0, edges.length_m / 2)
    count = len(edges.nodes)
    weight: Floats = (np.bincount(edges.start, half, count) + np.bincount(edges.end, half, count)).astype(np.float64)
    weight[_at_nodes(edges, edges.elevated)] *= _ABUTMENT_TRUST
    weight[lone] = 1.0
    return np.where(observed, np.maximum(weight, _SHORTEST_M), 0.0)


def _hanging(edges: _Edges, ground: Flags) -> Flags:
    """Walkways and lifts on the ground that meet a road bridge or tunnel where that is not on the ground."""
    deck = _at_nodes(edges, edges.elevated & edges.road) & ~ground
    return ~edges.road & ~edges.elevated & (deck[edges.start] | deck[edges.end])


def _stiffness(edges: _Edges, hanging: Flags) -> Floats:
    stiffness = SMOOTHING_M**2 / np.maximum(edges.length_m, _SHORTEST_M)
    stiffness[edges.stairs] *= _STAIRS_STIFFNESS
    stiffness[hanging] *= _HANGING_STIFFNESS
    return stiffness


def _with_elevation(frame: gpd.GeoDataFrame, heights: pd.Series[Any]) -> gpd.GeoDataFrame:
    first = heights.reindex(frame["from_node"].to_numpy()).to_numpy()
    last = heights.reindex(frame["to_node"].to_numpy()).to_numpy()
    length = _usable(frame["length_m"].to_numpy(float))
    gradient = np.divide(last - first, length, out=np.where(np.isnan(last - first), np.nan, 0.0), where=length > 0)
    return frame.assign(elevation_from_m=first, elevation_to_m=last, gradient=gradient)


def _count(report: QualityReport, name: str, frame: gpd.GeoDataFrame, flags: pd.DataFrame) -> None:
    ends = [flags.reindex(frame[column].to_numpy()).to_numpy(bool) for column in ("from_node", "to_node")]
    either = ends[0] | ends[1]
    null = frame["gradient"].isna().to_numpy()
    for reason, mask in (
        ("elevation: between abutments", either[:, 0] & ~null),
        ("elevation: outside the coverage, from neighbours", either[:, 1]),
    ):
        if mask.any():
            report.assume(name, reason, int(mask.sum()))
    if either[:, 2].any():
        report.repair(name, "elevation moved to limit the gradient", int(either[:, 2].sum()))
    if null.any():
        report.warn(f"{int(null.sum())} features of {name} have no elevation: no path joins them to a sampled node.")
