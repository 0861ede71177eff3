"""The edge at which a building's car trips begin and end."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from cim_core.errors import ScenarioError

_FAST = frozenset({"motorway", "trunk"})


def access_edges(
    x: NDArray[np.float64], y: NDArray[np.float64], edges: pd.DataFrame, roads: gpd.GeoDataFrame
) -> pd.DataFrame:
    """Where cars of each point join the streets: columns ``edge reverse other distance_m``, row per point.

    ``edge`` is the nearest edge of the core (``reachable``) that cars may use and that is no motorway, trunk, link,
    bridge or tunnel (any core edge where there is nothing else); ``reverse`` its other direction, or itself on a
    one-way road: a trip takes either with equal chance, since the data does not say on which side the door is.
    ``other`` is the nearest edge of another road, for a trip whose ends would be on one edge.

    Raises :class:`ScenarioError` when the network has no core edge.
    """
    candidates = _candidates(edges, roads)
    shapes = _shapes(candidates, roads)
    tree = shapely.STRtree(shapes)
    points = shapely.points(np.column_stack([x, y]))
    nearest = tree.nearest(points) if len(points) else np.array([], dtype=int)
    nearest = _first_of_road(candidates, shapes, points, nearest)
    names = candidates.index.to_numpy()
    partner = _partners(candidates)
    return pd.DataFrame(
        {
            "edge": names[nearest],
            "reverse": names[partner[nearest]],
            "other": names[_other_road(candidates, shapes)[nearest]],
            "distance_m": shapely.distance(points, shapes[nearest]),
        }
    )


def _candidates(edges: pd.DataFrame, roads: gpd.GeoDataFrame) -> pd.DataFrame:
    core = edges[edges["passenger"].astype(bool) & edges["reachable"].astype(bool)].sort_index()
    if core.empty:
        raise ScenarioError(
            "traffic.no_drivable_core",
            "no two streets of the network can be reached from each other by car",
            where="road network",
            expected="a connected network with passenger edges",
            got=f"{len(edges)} edges, none in a connected core",
            remedy="check the import's quality report: roads in pieces, or all closed to cars",
        )
    facts = core[["road"]].join(roads[["class", "bridge", "tunnel"]], on="road")
    road_class = facts["class"].fillna("")
    fast = road_class.isin(_FAST) | road_class.str.endswith("_link")
    plain = ~(fast | facts["bridge"].eq(True) | facts["tunnel"].eq(True))
    return core[plain] if plain.any() else core


def _shapes(candidates: pd.DataFrame, roads: gpd.GeoDataFrame) -> NDArray[np.object_]:
    """The road part's line where the edge spans it, else the straight line between the edge's ends."""
    ends = candidates[["x0", "y0", "x1", "y1"]].to_numpy(dtype="float64")
    shapes: NDArray[np.object_] = shapely.linestrings(ends.reshape(-1, 2, 2))
    alone = ~candidates.duplicated(["road", "direction"], keep=False)
    known = candidates["road"].isin(roads.index) & alone
    if "roads" in candidates:
        known &= candidates["roads"].map(len) == 1
    shapes[known.to_numpy()] = roads.geometry.reindex(candidates.loc[known, "road"]).to_numpy()
    return shapes


def _first_of_road(
    candidates: pd.DataFrame, shapes: NDArray[np.object_], points: NDArray[np.object_], nearest: NDArray[np.intp]
) -> NDArray[np.intp]:
    """Of the two directions that share a line take the one earlier in order, whatever the tree returned."""
    partner = _partners(candidates)[nearest]
    tied = shapely.distance(points, shapes[partner]) == shapely.distance(points, shapes[nearest])
    return np.where(tied, np.minimum(partner, nearest), nearest)


def _partners(candidates: pd.DataFrame) -> NDArray[np.intp]:
    """Position of each edge's other direction between the same ends, or of itself."""
    road, direction = candidates["road"].to_numpy(), candidates["direction"].to_numpy()
    by_road: dict[str, list[int]] = {}
    for position, name in enumerate(road):
        by_road.setdefault(name, []).append(position)
    ends = candidates[["x0", "y0", "x1", "y1"]].to_numpy(dtype="float64")
    partner = np.arange(len(candidates))
    for position in range(len(candidates)):
        back = [other for other in by_road[road[position]] if direction[other] != direction[position]]
        if back:
            gaps = np.hypot(*(ends[back, 2:] - ends[position, :2]).T)
            partner[position] = back[int(np.argmin(gaps))]
    return partner


def _other_road(candidates: pd.DataFrame, shapes: NDArray[np.object_]) -> NDArray[np.intp]:
    """Position of the nearest edge of another road, for each edge; itself where there is only one road."""
    road = candidates["road"].to_numpy()
    middles = shapely.line_interpolate_point(shapes, 0.5, normalized=True)
    other = np.arange(len(candidates))
    first = ~pd.Series(road).duplicated().to_numpy()
    positions = np.flatnonzero(first)
    tree = shapely.STRtree(shapes[positions])
    for position, middle in enumerate(middles):
        reach = 100.0
        while len(positions) > 1:
            hits = positions[tree.query(middle, predicate="dwithin", distance=reach)]
            hits = np.sort(hits[road[hits] != road[position]])
            if len(hits):
                other[position] = hits[int(np.argmin(shapely.distance(shapes[hits], middle)))]
                break
            reach *= 4
    return other
