"""The SUMO network of a city's roads: built by netconvert once per content, read as frames."""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import geopandas as gpd
import pandas as pd
from scipy.sparse import csr_array

from cim_core.canonical import file_hash
from cim_core.errors import CityError
from scenarios.traffic.connectivity import Reach, passenger_graph, reach, weak_pieces
from scenarios.traffic.edge_map import unmapped_roads, with_nodes, with_passenger, with_roads
from scenarios.traffic.net_xml import read_net
from scenarios.traffic.netconvert import FLAGS, NET_NAME, TYPEMAP, proj_string, run_netconvert, sumo_version
from scenarios.traffic.osm_xml import OsmXml, write_osm_xml

if TYPE_CHECKING:
    from pyproj import CRS

    from cim_core.scenario import Cache

Direction = Literal["forward", "backward", "both"]
PIECES_WARNING_SHARE = 0.05
"""Share of edges outside the largest piece, or of length outside the strong part, from which a reader is told."""


@dataclass(frozen=True, eq=False)
class Network:
    """A network that SUMO drives on; coordinates are metres in the city's working CRS.

    Attributes
    ----------
    net_file
        The ``.net.xml`` (in the cache: read-only).
    edges
        One row per edge, index ``edge`` (SUMO id), sorted. Columns ``road`` (feature id of its road part: exactly one;
        a part may have several edges in one direction, where a traffic light stands inside it), ``direction``
        (``forward``/``backward`` of the drawing direction), ``from_junction``, ``to_junction``, ``length_m``,
        ``speed_mps``, ``lanes`` (lane 0 is at the right kerb), ``passenger_lanes`` (tuple of bool), ``passenger`` (cars
        may use a lane), ``x0 y0 x1 y1`` (ends, m), ``reachable`` (bool).
    connections
        One row per lane-to-lane connection: ``from_edge to_edge from_lane to_lane via tls link passenger``
        (``via``: the internal edge inside the junction).
    junctions
        Index junction id: ``x y type``.
    signals
        One row per traffic light, index SUMO tls id: ``type program offset_s phases`` (tuple of (state, duration_s)),
        ``nodes`` (tuple of the OSM signal nodes it stands for), ``x y``.
    roads_without_edge
        Feature id of a road part that has no edge → why.
    reachable
        Edges of the largest strongly connected component (by edges, over lane connections of cars): from each of them
        a car can get to each other.
    sources, sinks
        Edges from which that component can be reached; edges that can be reached from it (both contain it). From every
        source to every sink there is a route: put origins on ``sources`` and destinations on ``sinks``.
    facts, warnings
        How the net was made, with counts; sentences for the reader of a result.
    """

    net_file: Path
    edges: pd.DataFrame
    connections: pd.DataFrame
    junctions: pd.DataFrame
    signals: pd.DataFrame
    roads_without_edge: dict[str, str]
    reachable: frozenset[str]
    sources: frozenset[str]
    sinks: frozenset[str]
    facts: dict[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    @cached_property
    def graph(self) -> csr_array:
        """Car graph over edges (row, column: position in ``edges``); 1 where a lane of the row leads to the column."""
        return passenger_graph(self.edges.index, self.connections)

    @cached_property
    def _edges_by_side(self) -> dict[tuple[str, str], list[str]]:
        sides: dict[tuple[str, str], list[str]] = {}
        for edge, road, direction in zip(self.edges.index, self.edges["road"], self.edges["direction"], strict=True):
            sides.setdefault((road, direction), []).append(edge)
        return sides

    def edges_of(self, roads: Iterable[str], direction: Direction = "both") -> list[str]:
        """Edge ids of these road parts in this direction, sorted, each once; an id without an edge gives none."""
        sides = ("forward", "backward") if direction == "both" else (direction,)
        return sorted({edge for road in roads for side in sides for edge in self._edges_by_side.get((road, side), [])})


def build_network(
    roads: gpd.GeoDataFrame,
    signals: gpd.GeoDataFrame | None,
    restrictions: gpd.GeoDataFrame | None,
    crs: CRS,
    cache: Cache,
) -> Network:
    """Build the network of these roads, or find it in the cache.

    Parameters
    ----------
    roads, signals, restrictions
        Layers as in :mod:`cim_core.layers`, in ``crs``; the last two may be None.
    cache
        Keeps the net by a hash of the canonical OSM XML, the typemap, the flags, the projection and SUMO's version.

    Raises
    ------
    CityError
        There is no road that a vehicle may use.
    EngineError
        SUMO is missing, netconvert was killed or failed.
    """
    osm = write_osm_xml(roads, signals, restrictions, crs)
    if not osm.road_of_way:
        raise _no_roads("every one of them is closed to vehicles" if len(roads) else "none")
    key = {
        "osm": hashlib.sha256(osm.document).hexdigest(),
        "typemap": file_hash(TYPEMAP),
        "flags": list(FLAGS),
        "proj": proj_string(crs),
        "sumo": sumo_version(),
    }
    directory = cache.get("net", key, lambda folder: _fill(folder, osm, crs))
    nodes = () if signals is None else tuple(int(node) for node in signals["node"])
    return read_network(directory, osm, roads, nodes)


def _fill(directory: Path, osm: OsmXml, crs: CRS) -> None:
    source = directory / "roads.osm.xml"
    source.write_bytes(osm.document)
    began = time.perf_counter()
    run_netconvert(source, crs, directory)
    source.unlink()
    (directory / "build.json").write_text(json.dumps({"seconds": round(time.perf_counter() - began, 2)}))


def read_network(directory: Path, osm: OsmXml, roads: gpd.GeoDataFrame, signal_nodes: tuple[int, ...]) -> Network:
    """The network in a cache directory, with its map to the roads it was built from."""
    tables = read_net(directory / NET_NAME)
    edges = with_roads(tables.edges, osm.road_of_way)
    connections = with_passenger(tables.connections, tables.edges["passenger_lanes"])
    graph = passenger_graph(edges.index, connections)
    span = reach(graph, edges["passenger"].to_numpy(dtype=bool), edges["length_m"].to_numpy())
    edges["reachable"] = span.both
    if not span.both.any():
        raise _no_roads("no road that cars may use")
    missing = unmapped_roads(roads, edges, osm.left_out, tables.junctions.index)
    signals = with_nodes(tables, edges, signal_nodes)
    found = {node for nodes in signals["nodes"] for node in nodes}
    facts = _facts(edges, span) | {
        "junctions": len(tables.junctions),
        "pieces": weak_pieces(graph),
        "roads_without_edge": dict(sorted(Counter(missing.values()).items())),
        "traffic_lights": len(signals),
        "signals_without_traffic_light": len(set(signal_nodes) - found),
        "build_seconds": json.loads((directory / "build.json").read_text())["seconds"],
        "sumo": sumo_version(),
    }
    return Network(
        net_file=directory / NET_NAME,
        edges=edges,
        connections=connections,
        junctions=tables.junctions,
        signals=signals,
        roads_without_edge=missing,
        reachable=frozenset(edges.index[span.both]),
        sources=frozenset(edges.index[span.sources]),
        sinks=frozenset(edges.index[span.sinks]),
        facts=facts,
        warnings=tuple(_warnings(facts)),
    )


def _facts(edges: pd.DataFrame, span: Reach) -> dict[str, Any]:
    length = edges["length_m"].to_numpy()
    return {
        "edges": len(edges),
        "lanes": int(edges["lanes"].sum()),
        "length_km": round(float(length.sum()) / 1000, 3),
        "car_edges": int(edges["passenger"].sum()),
        "strongly_connected_edges": int(span.both.sum()),
        "strongly_connected_length_share": round(float(length[span.both].sum() / length.sum()), 4),
        "source_edges": int(span.sources.sum()),
        "sink_edges": int(span.sinks.sum()),
    }


def _warnings(facts: Mapping[str, Any]) -> list[str]:
    pieces: list[int] = facts["pieces"]
    sentences = []
    if len(pieces) > 1 and sum(pieces[1:]) > PIECES_WARNING_SHARE * sum(pieces):
        sentences.append(
            f"The road network is in {len(pieces)} pieces that no road connects (edges: {pieces[:5]}); "
            "no trip goes from one to another."
        )
    share = facts["strongly_connected_length_share"]
    if 1 - share > PIECES_WARNING_SHARE:
        sentences.append(
            f"From {1 - share:.0%} of the road length a car cannot get everywhere and back (one-way roads that the "
            "data cuts off, roads without a link): origins and destinations there are limited."
        )
    return sentences


def _no_roads(got: str) -> CityError:
    return CityError(
        "traffic.no_roads",
        "there are no roads to drive on",
        where="layer roads",
        expected="at least one road that cars may use",
        got=got,
        remedy="import roads (`cim import osm FILE`), or check that the class and access of the roads are right",
    )
