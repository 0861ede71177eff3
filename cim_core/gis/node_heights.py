"""Heights of a network's nodes from noisy observations: smoothed along its edges, then kept within gradient limits.

Pure functions on arrays. A network is ``start`` and ``end``, node positions of shape (edges,); heights are of shape
(nodes,), NaN where there is none.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import linprog
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.sparse.linalg import spsolve

from cim_core.errors import EngineError

Floats = NDArray[np.float64]
Positions = NDArray[np.int64]

_ROUNDING = 1e-9
"""Share by which limits are tightened, far above rounding, so that a computed gradient never exceeds its limit."""
_TOUCHED_M = 1e-9


def smooth_heights(observed: Floats, weight: Floats, start: Positions, end: Positions, stiffness: Floats) -> Floats:
    """Heights that minimise  Σ weight (z − observed)²  +  Σ stiffness (z_end − z_start)².

    A node of weight zero is not observed: it gets the harmonic interpolation between its neighbours, along a chain of
    edges with stiffness 1/length the straight line. Nodes that no path joins to an observed one are NaN.

    Weighted least squares with the graph Laplacian as penalty (Tikhonov); with a node's weight half the length of its
    edges and stiffness λ²/length, it is a smoothing kernel of e-folding length λ along the network.
    """
    count = len(observed)
    adjacency = sparse.coo_matrix((np.ones(len(start)), (start, end)), shape=(count, count))
    pieces, piece_of = connected_components(adjacency, directed=False)
    anchored = (np.bincount(piece_of, weights=weight, minlength=pieces) > 0)[piece_of]
    anchor = np.where(anchored, weight, 1.0)
    difference = _differences(start, end, count)
    system = sparse.diags(anchor) + difference.T @ sparse.diags(stiffness) @ difference
    known = np.where(weight > 0, np.nan_to_num(observed), 0.0)
    heights = np.atleast_1d(spsolve(system.tocsc(), anchor * known)) if count else np.zeros(0)
    return np.where(anchored, heights, np.nan)


def limit_gradients(heights: Floats, weight: Floats, start: Positions, end: Positions, rise_m: Floats) -> Floats:
    """The nearest heights with |z_end − z_start| ≤ ``rise_m`` on every edge, surely.

    Nearest is least  Σ weight |change|, a linear programme. Only nodes in conflict with some other node (farther apart
    in height than the limits along any path between them allow) can gain by moving, so the programme holds only these.
    What the solver's tolerance leaves over is taken off by the lower envelope  min over u of z_u + distance(u, v)
    (McShane 1934), which meets every limit by construction. NaN heights stay NaN; infinite limits are none.

    Raises
    ------
    EngineError
        ``elevation.solver`` when the linear programme is not solved.
    """
    result = heights.copy()
    known = np.isfinite(heights)
    bound = known[start] & known[end] & np.isfinite(rise_m) & (start != end)
    edges = {"start": start[bound], "end": end[bound], "rise_m": rise_m[bound] * (1.0 - _ROUNDING)}
    values = np.where(known, heights, 0.0)
    above = _lower_envelope(values, **edges)
    below = -_lower_envelope(-values, **edges)
    moving = known & ((values - above > _TOUCHED_M) | (below - values > _TOUCHED_M))
    if moving.any():
        values = values + _least_change(values, np.maximum(weight, 1.0), moving, **edges)
    result[known] = _lower_envelope(values, **edges)[known]
    return result


def _least_change(
    values: Floats,
    weight: Floats,
    moving: NDArray[np.bool_],
    *,
    start: Positions,
    end: Positions,
    rise_m: Floats,
) -> Floats:
    """Solve for the upward and downward change of the moving nodes; the others are fixed."""
    near = moving[start] | moving[end]
    signs = _differences(start[near], end[near], len(values))[:, np.flatnonzero(moving)]
    rise = values[end[near]] - values[start[near]]
    rows = sparse.vstack([sparse.hstack([signs, -signs]), sparse.hstack([-signs, signs])]).tocsr()
    room = np.r_[rise_m[near] - rise, rise_m[near] + rise]
    cost = np.tile(weight[moving], 2)
    solution = linprog(cost, A_ub=rows, b_ub=room, bounds=(0, None), method="highs-ds")
    if solution.status != 0:
        raise EngineError(
            "elevation.solver",
            "The gradients could not be limited",
            where="scipy.optimize.linprog (HiGHS)",
            expected="an optimal solution; level ground always is a feasible one",
            got=str(solution.message)[:200],
            remedy="Check the network for lengths that are negative or not finite.",
        )
    up, down = np.split(solution.x, 2)
    change = np.zeros(len(values))
    change[moving] = up - down
    return change


def _differences(start: Positions, end: Positions, count: int) -> sparse.csr_matrix:
    """Matrix of shape (edges, nodes): height of the end less height of the start."""
    edges = np.arange(len(start))
    entries = np.r_[np.ones(len(start)), -np.ones(len(start))]
    return sparse.coo_matrix((entries, (np.r_[edges, edges], np.r_[end, start])), shape=(len(start), count)).tocsr()


def _lower_envelope(values: Floats, start: Positions, end: Positions, rise_m: Floats) -> Floats:
    """The greatest function that is nowhere above ``values`` and meets every limit: shortest paths from a source that
    is joined to each node by its value.
    """
    count = len(values)
    if not count:
        return values
    base = values.min() - 1.0
    tail = np.r_[start, end, np.full(count, count)]
    head = np.r_[end, start, np.arange(count)]
    cost = np.r_[rise_m, rise_m, values - base]
    distance = dijkstra(_shortest_edges(tail, head, cost, count + 1), indices=count)[:count]
    return np.asarray(distance + base, dtype=np.float64)


def _shortest_edges(tail: Positions, head: Positions, cost: Floats, count: int) -> sparse.csr_matrix:
    """The graph as a matrix, of parallel edges the shortest; built by hand, since converting would add them up."""
    order = np.lexsort((cost, head, tail))
    tail, head, cost = tail[order], head[order], cost[order]
    first = np.r_[True, (tail[1:] != tail[:-1]) | (head[1:] != head[:-1])]
    rows = np.r_[0, np.cumsum(np.bincount(tail[first], minlength=count))]
    return sparse.csr_matrix((cost[first], head[first], rows), shape=(count, count))
