"""Gateways: where the modelled streets end and the rest of the city begins.

Rule
----
A *terminal* is an edge of class tertiary or higher (links included) at whose outer end no other road goes on, and whose
outer end lies outside the convex hull of the buildings or at most 300 m inside it. Where an extract cuts the far bank
off, that is the street on which a river bridge comes down; on the land side it is the arterial that leaves the area. A
terminal counts inbound if cars can drive from it into the network's core, outbound if they can drive from the core to
it; a dead end of a two-way road is both.

The weight of a terminal is lanes × design capacity of a lane (:func:`~scenarios.traffic.trip_rates.lane_capacity_vph`),
but no more than its share of every road on its shortest way to the built-up area: three streets on which one bridge
comes down weigh together no more than the bridge. Terminals whose way leads over the same named bridge
(the longest on it) form one gateway, called by its name; the others are called by their road.

What lies outside is not modelled. Which gateway an external trip uses is drawn from the weights and the distance; what
it does when a plan closes its gateway is the rule of :mod:`scenarios.traffic.diversion`.
"""

from __future__ import annotations

from collections.abc import Collection

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from scenarios.traffic.trip_rates import lane_capacity_vph

MAIN_CLASSES = frozenset({"motorway", "trunk", "primary", "secondary", "tertiary"})
INSIDE_M = 300.0
"""How far inside the hull of the buildings an end may lie and still be an exit."""

COLUMNS = ("edge", "inbound", "gateway", "name", "x", "y", "weight_vph")


def successor_graph(edges: pd.DataFrame, connections: pd.DataFrame) -> csr_array:
    """Directed graph over edges in their order: weight of a → b is the length of b (m), for cars."""
    use = connections[connections["passenger"]] if "passenger" in connections else connections
    links = use[["from_edge", "to_edge"]].drop_duplicates()
    start, end = (edges.index.get_indexer(links[name]) for name in ("from_edge", "to_edge"))
    known = (start >= 0) & (end >= 0)
    start, end = start[known], end[known]
    weights = np.maximum(edges["length_m"].to_numpy()[end], 0.1)
    return csr_array((weights, (start, end)), shape=(len(edges), len(edges)))


def find_terminals(
    edges: pd.DataFrame,
    connections: pd.DataFrame,
    roads: gpd.GeoDataFrame,
    *,
    sources: Collection[str],
    sinks: Collection[str],
    built_up: shapely.Geometry | None = None,
) -> pd.DataFrame:
    """Terminals by the rule above, sorted by edge and direction.

    Parameters
    ----------
    edges
        Index edge id; columns ``road length_m lanes passenger reachable x0 y0 x1 y1``.
    connections
        ``from_edge to_edge`` and optionally ``passenger``.
    roads
        Index road id; columns ``class name group bridge``.
    sources, sinks
        Edges from which the core can be reached, and which can be reached from it.
    built_up
        Convex hull of the buildings in the CRS of the edges; without it, of the edges' ends.

    Returns
    -------
    Columns ``edge inbound gateway name x y weight_vph``; ``x y`` is the outer end, ``gateway`` an id ``g01`` and so on.
    """
    streets = edges.join(roads[["class", "name", "group", "bridge"]], on="road")
    streets["capacity_vph"] = streets["lanes"] * streets["class"].fillna("").map(lane_capacity_vph)
    graph = successor_graph(edges, connections)
    ends = [_outer_ends(streets, graph, inbound) for inbound in (True, False)]
    terminals = pd.concat(ends).sort_values(["edge", "inbound"], kind="stable").reset_index(drop=True)
    if built_up is None or built_up.is_empty:
        built_up = shapely.convex_hull(shapely.multipoints(edges[["x0", "y0"]].to_numpy()))
    allowed = np.where(terminals["inbound"], terminals["edge"].isin(sources), terminals["edge"].isin(sinks))
    points = shapely.points(terminals[["x", "y"]].to_numpy(dtype="float64"))
    leaves = ~shapely.contains(shapely.buffer(built_up, -INSIDE_M), points)
    terminals = terminals[allowed.astype(bool) & leaves].reset_index(drop=True)
    return _name(_weigh(terminals, streets, graph, built_up))


def _outer_ends(streets: pd.DataFrame, graph: csr_array, inbound: bool) -> pd.DataFrame:
    """Edges of main class without a predecessor (inbound) or successor of another road."""
    links = graph.tocoo()
    inner, outer = (links.col, links.row) if inbound else (links.row, links.col)
    road = streets["road"].to_numpy()
    goes_on = np.zeros(len(streets), dtype=bool)
    goes_on[inner[road[inner] != road[outer]]] = True
    main = streets["class"].fillna("").str.removesuffix("_link").isin(MAIN_CLASSES) & streets["passenger"]
    found = streets[main.to_numpy() & ~goes_on]
    x, y = ("x0", "y0") if inbound else ("x1", "y1")
    return pd.DataFrame({"edge": found.index, "inbound": inbound, "x": found[x].to_numpy(), "y": found[y].to_numpy()})


def _weigh(
    terminals: pd.DataFrame, streets: pd.DataFrame, graph: csr_array, built_up: shapely.Geometry
) -> pd.DataFrame:
    """Add ``weight_vph`` and ``name``: capacity cut to its share of each edge on the way to the built-up area."""
    capacity = streets["capacity_vph"].to_numpy(dtype="float64")
    weights, names = np.zeros(len(terminals)), np.full(len(terminals), "", dtype=object)
    for inbound in (True, False):
        rows = np.flatnonzero(terminals["inbound"].to_numpy() == inbound)
        at = streets.index.get_indexer(terminals["edge"].iloc[rows])
        ways = _ways(at, streets, graph.T.tocsr() if inbound else graph, built_up)
        load = np.zeros(len(streets))
        for position, way in zip(at, ways, strict=True):
            load[way] += capacity[position]
        for row, position, way in zip(rows, at, ways, strict=True):
            weights[row] = capacity[position] * min(1.0, float((capacity[way] / load[way]).min()))
            names[row] = _structure(streets, position, way)
    return terminals.assign(weight_vph=weights, name=names)


def _ways(
    at: NDArray[np.intp], streets: pd.DataFrame, graph: csr_array, built_up: shapely.Geometry
) -> list[NDArray[np.intp]]:
    """For each terminal, the edges from it up to the nearest core edge on the ground in the built-up area, left out.

    ``graph`` leads from the core to the terminals.
    """
    middle = shapely.points(
        (streets["x0"].to_numpy() + streets["x1"].to_numpy()) / 2,
        (streets["y0"].to_numpy() + streets["y1"].to_numpy()) / 2,
    )
    on_ground = ~streets["bridge"].eq(True).to_numpy() & streets["reachable"].to_numpy(dtype=bool)
    core = np.flatnonzero(on_ground & shapely.contains(built_up, middle))
    if not len(core):
        return [np.array([position]) for position in at]
    _, before, _ = dijkstra(graph, indices=core, min_only=True, return_predecessors=True)
    ways = []
    for position in at:
        way = [int(position)]
        while before[way[-1]] >= 0:
            way.append(int(before[way[-1]]))
        ways.append(np.array(way[:-1] or way))
    return ways


def _structure(streets: pd.DataFrame, position: int, way: NDArray[np.intp]) -> str:
    """Name of the longest named bridge on the way inwards, else of the outermost named road, else the edge id."""
    part = streets.iloc[way]
    bridges = part[part["bridge"].eq(True) & part["group"].notna()].groupby("group", sort=True)["length_m"].sum()
    if len(bridges):
        return str(bridges.idxmax()).split(":", 1)[-1]
    names = [name for name in part["name"] if isinstance(name, str) and name]
    return names[0] if names else str(streets.index[position])


def _name(terminals: pd.DataFrame) -> pd.DataFrame:
    """Number the gateways by name, in the order of names."""
    numbers = {name: f"g{number:02d}" for number, name in enumerate(sorted(terminals["name"].unique()), start=1)}
    return terminals.assign(gateway=terminals["name"].map(numbers))[list(COLUMNS)]


def no_terminals() -> pd.DataFrame:
    """The frame of an area that no road leaves."""
    return pd.DataFrame(columns=list(COLUMNS)).astype({"x": "float64", "y": "float64", "weight_vph": "float64"})
