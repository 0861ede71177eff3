"""What the bridges carry: the volume of each named bridge by heading, the screenlines of a city on two rivers."""

from __future__ import annotations

import numpy as np
import pandas as pd

COMPASS = ("E", "NE", "N", "NW", "W", "SW", "S", "SE")
COLUMNS = ("bridge", "heading", "flow_vph", "length_m")
PREFIX = "bridge:"


def bridge_volumes(
    data: pd.DataFrame, edges: pd.DataFrame, groups: pd.Series, begin_s: float, end_s: float
) -> pd.DataFrame:
    """Rows ``bridge heading flow_vph length_m``: mean flow along each named bridge, one row for each way across.

    Flow is Edie's over all edges of the bridge that head the same way: distance driven / (length · time). ``heading``
    is the compass direction of the axis that way.

    Parameters
    ----------
    data
        Of :func:`scenarios.traffic.outputs.read_edges`: ``edge distance_m`` by interval.
    edges
        Of ``Network``: index edge, ``road length_m x0 y0 x1 y1``.
    groups
        Road id → group; bridges are the groups that begin with ``bridge:``.
    """
    group = edges["road"].map(groups)
    named = edges[group.str.startswith(PREFIX, na=False)].assign(bridge=group.str.removeprefix(PREFIX))
    driven = data.groupby("edge")["distance_m"].sum().reindex(named.index).fillna(0.0)
    rows = []
    for bridge, parts in named.assign(distance_m=driven).groupby("bridge", sort=True):
        ways = np.column_stack([parts["x1"] - parts["x0"], parts["y1"] - parts["y0"]])
        axis = _axis(ways)
        for sign in (1.0, -1.0):
            side = parts[np.sign(ways @ axis) == sign]
            length_m = side["length_m"].sum()
            if length_m > 0:
                flow_vph = side["distance_m"].sum() / length_m / (end_s - begin_s) * 3600
                rows.append((bridge, _compass(sign * axis), flow_vph, length_m))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _axis(ways: np.ndarray) -> np.ndarray:
    """The main direction of vectors of shape (n, 2), whichever way each points: their first principal direction."""
    direction: np.ndarray = np.linalg.svd(ways, full_matrices=False)[2][0]
    return direction


def _compass(vector: np.ndarray) -> str:
    turn = round(float(np.degrees(np.arctan2(vector[1], vector[0]))) / 45)
    return COMPASS[turn % 8]
