"""From SUMO's edge data to what a road carries: flow, speed, time loss, density, saturation.

Flow, density and speed are Edie's: with the distance *d* and the time *t* that all vehicles together drove on a length
*L* in a time *T*, flow = d / (L·T), density = t / (L·T), speed = d / t (Edie, Discussion of traffic stream measurements
and definitions, 1963). So they hold over several edges and intervals.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from scenarios.traffic.trip_rates import lane_capacity_vph

_SUMS = ("distance_m", "driven_s", "time_loss_s", "occupied_m")


def _totals(data: pd.DataFrame, edges: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Sums over edges and intervals by ``keys`` (of ``road direction begin_s``)."""
    rows = data.join(edges[["road", "direction", "length_m"]], on="edge", how="inner")
    speed = rows["speed_mps"].to_numpy(dtype=float)
    standing = rows["sampled_s"].to_numpy(dtype=float)
    moving = np.divide(rows["distance_m"], speed, out=standing.copy(), where=speed > 0)
    interval = rows["end_s"] - rows["begin_s"]
    occupied = rows["occupancy"] / 100 * rows["length_m"] * interval
    return rows.assign(driven_s=moving, occupied_m=occupied).groupby(keys, sort=True)[list(_SUMS)].sum()


def roads_by_interval(data: pd.DataFrame, edges: pd.DataFrame) -> pd.DataFrame:
    """Columns ``road begin_s end_s flow_vph speed_mps`` for every road and interval in which somebody drove.

    Both directions together. ``data``: of :func:`scenarios.traffic.outputs.read_edges`; ``edges``: of ``Network``.
    """
    names = ["road", "begin_s", "end_s", "flow_vph", "speed_mps"]
    if data.empty:
        return pd.DataFrame(columns=names)
    sums = _totals(data, edges, ["road", "begin_s", "end_s"]).reset_index()
    sides = edges.groupby(["road", "direction"])["length_m"].sum().groupby("road").mean()
    hours = (sums["end_s"] - sums["begin_s"]) / 3600
    flow = sums["distance_m"] / sums["road"].map(sides) / hours
    return sums.assign(flow_vph=flow, speed_mps=_ratio(sums["distance_m"], sums["driven_s"]))[names]


def road_results(
    data: pd.DataFrame, edges: pd.DataFrame, roads: gpd.GeoDataFrame, begin_s: float, end_s: float
) -> gpd.GeoDataFrame:
    """One row per road with an edge, index road id, with the road's geometry.

    Columns ``flow_vph`` (both directions), ``flow_forward_vph``, ``flow_backward_vph``, ``speed_mps`` (NaN where nobody
    drove), ``time_loss_s`` (of all vehicles), ``density_vpkm``, ``occupancy`` (share of the lanes' length that vehicles
    cover), ``capacity_vph`` (design capacity, both directions), ``saturation`` (flow over capacity in the direction
    where that is higher) and ``name``.
    """
    span_s = end_s - begin_s
    sides = edges.groupby(["road", "direction"]).agg(length_m=("length_m", "sum"), lanes=("lanes", "mean"))
    nobody = pd.DataFrame(columns=list(_SUMS), index=sides.index[:0], dtype=float)
    sums = _totals(data, edges, ["road", "direction"]) if len(data) else nobody
    side = sides.join(sums).fillna(dict.fromkeys(_SUMS, 0.0))
    lane_capacity = roads["class"].astype(str).map(lane_capacity_vph).reindex(side.index.get_level_values("road"))
    side["capacity_vph"] = side["lanes"] * lane_capacity.to_numpy()
    side["flow_vph"] = side["distance_m"] / side["length_m"] / span_s * 3600
    side["saturation"] = side["flow_vph"] / side["capacity_vph"]
    by_road = side.groupby("road")
    table = by_road[["flow_vph", "time_loss_s", "capacity_vph"]].sum()
    for name in ("forward", "backward"):
        table[f"flow_{name}_vph"] = side["flow_vph"].xs(name, level="direction").reindex(table.index)
    length_m = by_road["length_m"].sum()
    table["speed_mps"] = _ratio(by_road["distance_m"].sum(), by_road["driven_s"].sum())
    table["density_vpkm"] = by_road["driven_s"].sum() / span_s / (by_road["length_m"].mean() / 1000)
    table["occupancy"] = by_road["occupied_m"].sum() / span_s / length_m
    table["saturation"] = by_road["saturation"].max()
    known = table.index.intersection(roads.index)
    result = gpd.GeoDataFrame(table.loc[known], geometry=roads.geometry.loc[known], crs=roads.crs)
    result["name"] = roads["name"].loc[known]
    result.index.name = "id"
    return result


def _ratio(top: pd.Series, bottom: pd.Series) -> pd.Series:
    return (top / bottom).where(bottom > 0)
