"""The street network: which ways are kept, their chains, and the parts with their geometry.

Counts in the quality report are of **ways** (``read = kept + dropped``); a kept way becomes one or more parts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from cim_core.crs import geodesic_length_m
from cim_core.gis.osm.elements import Elements, Flags, Floats, Shapes, Way
from cim_core.gis.osm.lanes import Direction, direction_of
from cim_core.gis.osm.road_classes import NetworkLayer, network_layer
from cim_core.gis.osm.splitting import Chain, Part, runs, split, without_repeats
from cim_core.gis.quality import QualityReport


@dataclass(frozen=True, slots=True)
class Street:
    """A kept way with its direction and its chains."""

    way: Way
    layer: NetworkLayer
    direction: Direction
    chains: tuple[Chain, ...]


@dataclass(frozen=True)
class Network:
    """Kept ways and their parts; ``street_of[i]`` is the position of the street that part ``i`` belongs to."""

    streets: list[Street]
    parts: list[Part]
    street_of: list[int]
    lines: Shapes
    lengths: Floats

    def positions(self, layer: NetworkLayer) -> list[int]:
        """Positions of the parts of one layer."""
        return [i for i, street in enumerate(self.street_of) if self.streets[street].layer == layer]


def build_network(elements: Elements, report: QualityReport) -> Network:
    """Roads and walkways together, split at the nodes that any two of them share."""
    ways = [way for way in elements.ways if "highway" in way.tags]
    streets = [street for way, good, bad in _with_nodes(elements, ways) if (street := _street(way, good, bad, report))]
    chains = [chain for street in streets for chain in street.chains]
    street_of_chain = [i for i, street in enumerate(streets) for _ in street.chains]
    parts = split(chains)
    lines = _lines(elements, parts)
    lengths = geodesic_length_m(lines)
    return _without_flat(Network(streets, parts, [street_of_chain[p.chain] for p in parts], lines, lengths), report)


def _with_nodes(elements: Elements, ways: Sequence[Way]) -> Iterable[tuple[Way, Flags, Flags]]:
    """Each way with which of its nodes are usable, and which have bad coordinates."""
    flat = np.fromiter((ref for way in ways for ref in way.refs), dtype=np.int64)
    place = elements.locate(flat)
    ends = np.cumsum([len(way.refs) for way in ways])[:-1]
    return zip(ways, np.split(place.good, ends), np.split(place.bad, ends), strict=True) if ways else ()


def _street(way: Way, good: Flags, bad: Flags, report: QualityReport) -> Street | None:
    layer, reason = network_layer(way)
    pieces = [] if reason else [piece for run in runs(way.refs, good) if len(piece := without_repeats(run)) > 1]
    reason = reason or _fault(way, good, bad, pieces)
    if reason:
        report.drop(layer, reason)
        return None
    direction = direction_of(way.tags) if layer == "roads" else Direction(oneway=False)
    if direction.reverse:
        pieces = [piece[::-1] for piece in reversed(pieces)]
    _count(way, good, layer, report)
    return Street(way, layer, direction, tuple(Chain(way.id, tuple(piece)) for piece in pieces))


def _fault(way: Way, good: Flags, bad: Flags, pieces: list[list[int]]) -> str | None:
    if bad.any():
        return "coordinates out of range"
    if len(set(way.refs)) < 2:
        return "fewer than two nodes"
    return None if pieces else ("node missing" if not good.all() else "fewer than two nodes")


def _count(way: Way, good: Flags, layer: str, report: QualityReport) -> None:
    report.keep(layer)
    if not good.all():
        report.repair(layer, "nodes missing: the rest kept")
    if len(without_repeats(way.refs)) < len(way.refs):
        report.repair(layer, "node repeated in succession")


def _lines(elements: Elements, parts: Sequence[Part]) -> Shapes:
    flat = np.fromiter((node for part in parts for node in part.nodes), dtype=np.int64)
    owner = np.repeat(np.arange(len(parts)), [len(part.nodes) for part in parts])
    lines: Shapes = shapely.linestrings(elements.locate(flat).lonlat, indices=owner)
    return lines


def _without_flat(network: Network, report: QualityReport) -> Network:
    """Leave out parts whose nodes all lie on one spot: they are no lines."""
    keep = np.flatnonzero(network.lengths > 0)
    for i in np.flatnonzero(network.lengths == 0):
        report.repair(network.streets[network.street_of[i]].layer, "part without length left out")
    return Network(
        streets=network.streets,
        parts=[network.parts[i] for i in keep],
        street_of=[network.street_of[i] for i in keep],
        lines=network.lines[keep],
        lengths=network.lengths[keep],
    )
