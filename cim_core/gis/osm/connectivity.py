"""Whether the road net hangs together."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from cim_core.gis.osm.elements import Ids
from cim_core.gis.quality import QualityReport


def components(from_nodes: Ids, to_nodes: Ids) -> Ids:
    """The connected component of each edge, one-way or not: 0 for the one with most edges, then by falling size."""
    nodes, ends = np.unique(np.concatenate([from_nodes, to_nodes]), return_inverse=True)
    start, stop = ends[: len(from_nodes)], ends[len(from_nodes) :]
    graph = coo_matrix((np.ones(len(start)), (start, stop)), shape=(len(nodes), len(nodes)))
    _, of_node = connected_components(graph, directed=False)
    of_edge = of_node[start]
    rank = np.empty(of_node.max(initial=-1) + 1, dtype=np.int64)
    rank[np.argsort(-np.bincount(of_edge, minlength=len(rank)), kind="stable")] = np.arange(len(rank))
    ranked: Ids = rank[of_edge]
    return ranked


def warn_if_in_pieces(roads: gpd.GeoDataFrame, report: QualityReport) -> None:
    """Warn when roads do not form one net, with the size of the largest piece and of the rest."""
    if roads.empty:
        return
    piece = components(roads["from_node"].to_numpy(), roads["to_node"].to_numpy())
    others = int(piece.max())
    if not others:
        return
    length_km = roads["length_m"].to_numpy() / 1000
    main = piece == 0
    report.warn(
        f"The road net is in {others + 1} pieces: the largest has {main.sum():,} of {len(piece):,} parts "
        f"({length_km[main].sum():,.1f} of {length_km.sum():,.1f} km); "
        f"nobody can drive to or from the other {others:,}, which have {(~main).sum():,} parts."
    )
