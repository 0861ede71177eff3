"""Where a car can get to: the graph over edges by lane connection, its pieces and its strongly connected part."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, connected_components


class Reach(NamedTuple):
    """Boolean masks over the edges: in the largest strongly connected part, leading to it, reached from it."""

    both: np.ndarray
    sources: np.ndarray
    sinks: np.ndarray


def passenger_graph(edges: pd.Index, connections: pd.DataFrame) -> csr_array:
    """Directed graph over edges (row and column: position in ``edges``); 1 where a car lane leads from row to column.

    A vehicle changes lanes along an edge, so one connected lane is enough.
    """
    cars = connections.loc[connections["passenger"].to_numpy(dtype=bool)]
    pairs = cars[["from_edge", "to_edge"]].drop_duplicates()
    rows, columns = (edges.get_indexer(pairs[column]) for column in ("from_edge", "to_edge"))
    shape = (len(edges), len(edges))
    return csr_array((np.ones(len(pairs), dtype=np.int8), (rows, columns)), shape=shape)


def reach(graph: csr_array, passenger: np.ndarray, length_m: np.ndarray) -> Reach:
    """The strongly connected part with the most car-road length (m), and what leads to it and from it."""
    _, labels = connected_components(graph, connection="strong")
    weight = np.bincount(labels, weights=np.where(passenger, length_m, 0.0))
    both = (labels == weight.argmax()) & passenger
    if not both.any():
        return Reach(both, both, both)
    seed = int(np.flatnonzero(both)[0])
    sinks, sources = (_closure(side, seed) & passenger for side in (graph, csr_array(graph.T)))
    return Reach(both, sources, sinks)


def _closure(graph: csr_array, seed: int) -> np.ndarray:
    mask = np.zeros(graph.shape[0], dtype=bool)
    mask[breadth_first_order(graph, seed, directed=True, return_predecessors=False)] = True
    return mask


def weak_pieces(graph: csr_array) -> list[int]:
    """Number of edges in each piece that no connection joins to another, largest first."""
    _, labels = connected_components(graph, connection="weak")
    return sorted(np.bincount(labels).tolist(), reverse=True)
