"""Where drivers learn of a closure: the edges a rerouter must stand on, upstream of the closed ones."""

from __future__ import annotations

from collections import deque

import numpy as np
from scipy.sparse import csr_array, diags_array
from scipy.sparse.csgraph import breadth_first_order, dijkstra

from scenarios.traffic.connectivity import reach

NOTICE_M = 1000.0
"""Driving distance before a closure within which every edge tells drivers.

Further away drivers must not be told: the closure may be over when they arrive. Where the last way around branches off
earlier than this, the edges there tell them too.
"""


def notification_edges(
    graph: csr_array, length_m: np.ndarray, passenger: np.ndarray, closed: np.ndarray, notice_m: float = NOTICE_M
) -> np.ndarray:
    """Mask of the open edges on which a rerouter stands for these closed edges.

    Parameters
    ----------
    graph
        Car graph over n edges (:attr:`Network.graph`).
    length_m, passenger, closed
        n values: length, whether cars may use it, whether it is closed (bool).

    The edges within ``notice_m`` upstream, and, as SUMO's ``generateRerouters.py`` finds them, those beyond from which
    a destination can still be reached that cannot be reached any more further down.
    """
    near = _upstream(graph, length_m, closed, notice_m)
    told: np.ndarray = (near | _last_ways_around(graph, length_m, passenger, closed)) & ~closed & passenger
    return told


def _upstream(graph: csr_array, length_m: np.ndarray, closed: np.ndarray, notice_m: float) -> np.ndarray:
    against = csr_array((graph.astype(float) * length_m[:, np.newaxis]).T)  # to go back to an edge costs its length
    distance = dijkstra(against, indices=np.flatnonzero(closed), min_only=True)
    near: np.ndarray = distance - length_m <= notice_m
    return near


def _last_ways_around(graph: csr_array, length_m: np.ndarray, passenger: np.ndarray, closed: np.ndarray) -> np.ndarray:
    open_graph = csr_array(diags_array((~closed).astype(float)) @ graph @ diags_array((~closed).astype(float)))
    rescuable = reach(open_graph, passenger & ~closed, length_m).sinks
    backwards = csr_array(graph.T)
    notify = np.zeros(len(closed), dtype=bool)
    lost = {int(edge): _reached(graph, int(edge)) & rescuable for edge in np.flatnonzero(closed)}
    queue = deque(sorted(lost))
    while queue:
        edge = queue.popleft()
        for before in backwards.indices[backwards.indptr[edge] : backwards.indptr[edge + 1]].tolist():
            if closed[before]:
                continue
            can_reach = _reached(open_graph, before)
            beyond = lost[edge] & ~can_reach
            can_reach[before] = False
            notify[before] |= bool((lost[edge] & can_reach).any())
            known = lost.get(before)
            if beyond.any() and (known is None or (beyond & ~known).any()):
                lost[before] = beyond if known is None else known | beyond
                queue.append(before)
    return notify


def _reached(graph: csr_array, start: int) -> np.ndarray:
    mask = np.zeros(graph.shape[0], dtype=bool)
    mask[breadth_first_order(graph, start, directed=True, return_predecessors=False)] = True
    return mask
