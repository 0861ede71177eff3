"""Directed networks as arrays: least-cost reach from many origins, what lies on the way, connected pieces.

Built on :mod:`scipy.sparse.csgraph`. Costs are what the caller says (seconds, metres); nodes go by the ids of the
city's layers, so that networks of roads and walkways join where they share a node.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import cKDTree

from cim_core.errors import NotFoundError, ParameterError

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Network:
    """A directed graph in compressed sparse rows.

    Attributes
    ----------
    nodes
        Sorted node ids; all other arrays speak of positions in it.
    matrix
        Costs, shape (nodes, nodes), a stored zero being an arc that costs nothing.
    arc
        For each stored entry of ``matrix`` the position of its arc in the arrays the network was built from.
    """

    nodes: Integers
    matrix: csr_array
    arc: Integers

    @classmethod
    def build(cls, tail: ArrayLike, head: ArrayLike, cost: ArrayLike) -> Network:
        """A network from arcs ``tail → head`` (node ids) with their costs, three arrays of one length.

        Of parallel arcs the cheapest is kept. An infinite cost is an arc that is closed: its nodes stay.

        Raises
        ------
        ParameterError
            A cost is negative or not a number.
        """
        ends = np.asarray(tail, np.int64), np.asarray(head, np.int64)
        price = np.asarray(cost, np.float64)
        _check_costs(price)
        nodes = np.unique(np.concatenate(ends))
        start, end = (np.searchsorted(nodes, side) for side in ends)
        order = np.lexsort((price, end, start))
        order = order[np.isfinite(price[order])]
        key = start[order] * len(nodes) + end[order]
        arc = order[np.r_[True, key[1:] != key[:-1]][: len(key)]]
        rows = np.zeros(len(nodes) + 1, np.int32)
        np.add.at(rows, start[arc] + 1, 1)
        matrix = csr_array(
            (price[arc], end[arc].astype(np.int32), np.cumsum(rows, dtype=np.int32)), shape=(len(nodes), len(nodes))
        )
        return cls(nodes, matrix, arc.astype(np.int64))

    def positions(self, ids: ArrayLike) -> Integers:
        """Positions of node ids; raises :class:`NotFoundError` for one that the network does not have."""
        wanted = np.asarray(ids, np.int64)
        at = np.minimum(np.searchsorted(self.nodes, wanted), len(self.nodes) - 1)
        unknown = wanted[self.nodes[at] != wanted] if len(self.nodes) else wanted
        if len(unknown):
            raise NotFoundError(
                "network.node",
                "the network has no such node",
                where="network",
                expected=f"one of its {len(self.nodes)} nodes",
                got=", ".join(map(str, unknown[:5])),
                remedy="take node ids from the layers the network was built of",
            )
        return at

    def arcs_between(self, start: Integers, end: Integers) -> Integers:
        """For pairs of node positions that an arc joins, the arc's position in the arrays of :meth:`build`."""
        rows = np.repeat(np.arange(len(self.nodes)), np.diff(self.matrix.indptr))
        keys = rows * len(self.nodes) + self.matrix.indices
        return np.asarray(self.arc[np.searchsorted(keys, start * len(self.nodes) + end)])


def _check_costs(cost: Floats) -> None:
    wrong = ~(cost >= 0)
    if wrong.any():
        raise ParameterError(
            "network.cost",
            "an arc has a cost that cannot be",
            where=f"arc {int(np.flatnonzero(wrong)[0])}",
            expected="zero or more; infinite where the arc is closed",
            got=f"{cost[wrong][0]} ({int(wrong.sum())} such arcs)",
            remedy="compute costs from lengths and speeds above zero",
        )


@dataclass(frozen=True, eq=False)
class Reach:
    """The cheapest way from any origin to every node, arrays over the network's nodes.

    ``cost`` is infinite where no way leads; ``origin`` is the position of the origin it starts from in the list that
    was given, ``before`` the node before it on the way, ``arc`` the arc from there; -1 where there is none.
    """

    cost: Floats
    origin: Integers
    before: Integers
    arc: Integers

    def along(self, value: ArrayLike) -> Floats:
        """Sum over the way to each node of a value per arc (as given to ``Network.build``); 0 at origins, NaN
        unreached.

        By pointer doubling: log2 of the longest way many passes over arrays.
        """
        reached = np.isfinite(self.cost)
        total = np.where(self.arc >= 0, np.asarray(value, np.float64)[self.arc], 0.0)
        jump = np.where(self.before >= 0, self.before, np.arange(len(self.before)))
        while (jump[jump] != jump).any():
            total = total + total[jump] * (jump != np.arange(len(jump)))
            jump = jump[jump]
        return np.where(reached, total, np.nan)


def least_cost(
    network: Network, origins: ArrayLike, *, initial: ArrayLike | None = None, limit: float = np.inf
) -> Reach:
    """Dijkstra's algorithm from many origins at once.

    Parameters
    ----------
    network
        Costs of zero or more (E. W. Dijkstra, Numer. Math. 1, 1959, 269-271).
    origins
        Node ids; the same node may stand there twice.
    initial
        What it costs to get to each origin (default 0).
    limit
        Nodes that cost more stay unreached.

    Raises
    ------
    NotFoundError
        An origin is not a node of the network.
    """
    at = network.positions(origins)
    count, size = len(at), len(network.nodes)
    start = np.zeros(count) if initial is None else np.asarray(initial, np.float64)
    _check_costs(start)
    if not count:
        nowhere = np.full(size, -1)
        return Reach(np.full(size, np.inf), nowhere, nowhere, nowhere)
    cost, before, source = dijkstra(
        _with_doors(network.matrix, at, start),
        indices=np.arange(size, size + count),
        min_only=True,
        return_predecessors=True,
        limit=limit,
    )
    cost, before, source = cost[:size], before[:size].astype(np.int64), source[:size].astype(np.int64)
    inner = (before >= 0) & (before < size)
    arc = np.full(size, -1)
    arc[inner] = network.arcs_between(before[inner], np.flatnonzero(inner))
    return Reach(cost, np.where(np.isfinite(cost), source - size, -1), np.where(inner, before, -1), arc)


def _with_doors(matrix: csr_array, at: Integers, cost: Floats) -> csr_array:
    """The matrix and, for each origin, one more row: a door outside with one arc to its node."""
    size = matrix.shape[0] + len(at)
    ends = matrix.indptr[-1] + np.arange(1, len(at) + 1)
    return csr_array(
        (
            np.r_[matrix.data, cost],
            np.r_[matrix.indices, at].astype(np.int32),
            np.r_[matrix.indptr, ends].astype(np.int32),
        ),
        shape=(size, size),
    )


def pieces(network: Network) -> Integers:
    """Number of the connected piece each node lies in, whatever the arcs' direction (0, 1, …)."""
    return np.asarray(connected_components(network.matrix, connection="weak")[1], np.int64)


def nearest_nodes(places: ArrayLike, points: ArrayLike, *, within: float = np.inf) -> tuple[Integers, Floats]:
    """For each point the position of the nearest place and its distance; -1 and infinity if none is within.

    Both are arrays (n, 2) in one CRS in metres.
    """
    found: Any = cKDTree(np.asarray(places, np.float64).reshape(-1, 2))
    distance, at = found.query(np.asarray(points, np.float64).reshape(-1, 2), distance_upper_bound=within)
    missed = ~np.isfinite(distance)
    return np.where(missed, -1, at).astype(np.int64), np.asarray(distance, np.float64)
