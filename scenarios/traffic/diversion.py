"""What external trips do when a plan closes the way to their gateway.

Rule
----
The demand is drawn from the city without a plan and shared by both sides of a comparison: trip id, departure, purpose
and the end inside the area never change. The end outside is not modelled; a driver who finds the bridge closed crosses
by another one. So a trip whose gateway is cut off from the network's core at its departure is given a gateway that is
open in its direction, drawn with the weights and the distance deterrence of the demand model; a through trip never gets
the gateway of its other end. The way on the far side is not counted: delays of diverted trips are a lower bound, and a
result says how many there are. Where no gateway is open the trip keeps its own and is unroutable. Trips with both ends
inside never change ends, and neither does demand that was given as a file: its ends are data.
"""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array, diags_array

from scenarios.traffic.connectivity import reach
from scenarios.traffic.distribution import tanner
from scenarios.traffic.gateways import successor_graph
from scenarios.traffic.trip_rates import DETOUR
from scenarios.traffic.zones import distances_km

_STREAM = 0x646976657274


def divert(
    trips: pd.DataFrame,
    terminals: pd.DataFrame,
    edges: pd.DataFrame,
    connections: pd.DataFrame,
    closed: pd.DataFrame,
    *,
    beta_per_km: float,
    seed: int,
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Move external trips from cut-off gateways to open ones; gives the trips (same order) and the ids of those moved.

    ``closed``: columns ``edge begin_s end_s``, seconds after midnight. A trip's time is its departure. The draw depends
    on seed and position in ``trips`` only, so the same closure moves the same trips the same way.
    """
    if closed.empty or terminals.empty or trips.empty:
        return trips, ()
    graph = successor_graph(edges, connections)
    numbers = np.random.default_rng([seed, _STREAM]).random((len(trips), 2))
    moved = trips.copy()
    bounds = np.unique(np.concatenate([closed["begin_s"], closed["end_s"], [-np.inf, np.inf]]))
    for begin, end in itertools.pairwise(bounds):
        due = trips["depart_s"].between(begin, end, inclusive="left").to_numpy()
        holds = closed[(closed["begin_s"] <= begin) & (closed["end_s"] >= end)]
        if not due.any() or holds.empty:
            continue
        open_now = terminals["edge"].isin(connected(graph, edges, terminals, set(holds["edge"]))).to_numpy()
        for inbound in (True, False):
            rows = due & trips["kind"].isin(["inbound" if inbound else "outbound", "through"]).to_numpy()
            _move(moved, rows, terminals, open_now, inbound=inbound, uniform=numbers[:, int(inbound)], beta=beta_per_km)
    changed = (moved["from_edge"] != trips["from_edge"]) | (moved["to_edge"] != trips["to_edge"])
    return moved, tuple(trips.loc[changed, "trip_id"])


def connected(graph: csr_array, edges: pd.DataFrame, terminals: pd.DataFrame, closed: set[str]) -> set[str]:
    """Terminal edges that still lead into (inbound) or out of (outbound) the largest strongly connected part."""
    stays = (~edges.index.isin(closed)).astype(float)
    left = (diags_array(stays) @ graph @ diags_array(stays)).tocsr()
    left.eliminate_zeros()
    span = reach(left, edges["passenger"].to_numpy(dtype=bool) & (stays > 0), edges["length_m"].to_numpy())
    leads_in, leads_out = set(edges.index[span.sources]), set(edges.index[span.sinks])
    inbound = terminals["inbound"].to_numpy(dtype=bool)
    at = terminals["edge"].to_numpy()
    return {edge for edge, come in zip(at, inbound, strict=True) if edge in (leads_in if come else leads_out)} - closed


def _move(
    moved: pd.DataFrame,
    rows: NDArray[np.bool_],
    terminals: pd.DataFrame,
    open_now: NDArray[np.bool_],
    *,
    inbound: bool,
    uniform: NDArray[np.float64],
    beta: float,
) -> None:
    """Redraw in place the outer ends of ``rows`` that lie at terminals cut off in this direction."""
    outer, inner = ("from", "to") if inbound else ("to", "from")
    direction = terminals["inbound"].to_numpy(dtype=bool) == inbound
    cut = set(terminals["edge"].to_numpy()[direction & ~open_now])
    choices = terminals[direction & open_now]
    at = np.flatnonzero(rows & moved[f"{outer}_edge"].isin(cut).to_numpy())
    if not len(at) or choices.empty:
        return
    inner_xy = moved[[f"{inner}_x", f"{inner}_y"]].to_numpy(dtype="float64")[at]
    weights = choices["weight_vph"].to_numpy() * tanner(
        distances_km(inner_xy, choices[["x", "y"]].to_numpy(dtype="float64"), DETOUR.value), beta
    )
    other_end = moved[f"{inner}_zone"].to_numpy()[at]
    weights = np.where(other_end[:, None] == choices["gateway"].to_numpy()[None, :], 0.0, weights)
    cumulated = np.cumsum(weights, axis=1)
    at, cumulated = at[cumulated[:, -1] > 0], cumulated[cumulated[:, -1] > 0]
    picked = (cumulated < (uniform[at] * cumulated[:, -1])[:, None]).sum(axis=1)
    for column, name in (("edge", "edge"), ("zone", "gateway"), ("x", "x"), ("y", "y")):
        position = moved.columns.get_loc(f"{outer}_{column}")
        moved.iloc[at, position] = choices[name].to_numpy()[picked]
