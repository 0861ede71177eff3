"""Straight segments of roads and walkways: from frames to arrays, cut at points, with access from what stands
beside."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from cim_core.errors import InputError

if TYPE_CHECKING:
    import geopandas as gpd

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Segments:
    """Pieces between consecutive vertices of line features, in drawing direction; arrays of one length.

    Attributes
    ----------
    tail, head
        Node ids.
    start, end
        Coordinates in metres, shape (segments, 2).
    length_m
        On the ellipsoid: the feature's ``length_m`` shared out by planar length.
    rise_m
        Head above tail; the feature's rise shared out by length. NaN where the feature has no elevation.
    feature
        Position of the feature in the frame.
    """

    tail: Integers
    head: Integers
    start: Floats
    end: Floats
    length_m: Floats
    rise_m: Floats
    feature: Integers

    def __len__(self) -> int:
        return len(self.tail)

    def take(self, positions: ArrayLike) -> Segments:
        """The segments at these positions (or where a mask is true)."""
        at = np.asarray(positions)
        return Segments(*(getattr(self, field.name)[at] for field in fields(self)))

    @property
    def lines(self) -> NDArray[np.object_]:
        """One line string a segment."""
        return np.asarray(shapely.linestrings(np.stack([self.start, self.end], axis=1)), dtype=object)


def segments_of(frame: gpd.GeoDataFrame) -> Segments:
    """Segments of a frame with ``nodes`` (one id a vertex), ``length_m``, ``elevation_from_m``, ``elevation_to_m``.

    Raises
    ------
    InputError
        A feature has not as many node ids as vertices.
    """
    xy, owner = shapely.get_coordinates(np.asarray(frame.geometry.values), return_index=True)
    nodes = np.concatenate([np.asarray(item, np.int64) for item in frame["nodes"]] or [np.empty(0, np.int64)])
    counts = np.array([len(item) for item in frame["nodes"]], np.int64)
    _check_vertices(frame, counts, np.bincount(owner, minlength=len(frame)))
    first = np.flatnonzero(owner[1:] == owner[:-1])
    feature = owner[first]
    planar = np.hypot(*(xy[first + 1] - xy[first]).T)
    whole = np.bincount(feature, weights=planar, minlength=len(frame))
    with np.errstate(invalid="ignore"):
        share = np.nan_to_num(planar / whole[feature])
    length = frame["length_m"].to_numpy(np.float64)
    rise = (frame["elevation_to_m"] - frame["elevation_from_m"]).to_numpy(np.float64, na_value=np.nan)
    return Segments(
        nodes[first],
        nodes[first + 1],
        xy[first],
        xy[first + 1],
        share * length[feature],
        share * rise[feature],
        feature,
    )


def _check_vertices(frame: gpd.GeoDataFrame, nodes: Integers, vertices: Integers) -> None:
    wrong = np.flatnonzero(nodes != vertices)
    if len(wrong):
        raise InputError(
            "network.vertices",
            "a line has not one node id for each vertex",
            where=f"feature {frame.index[wrong[0]]} ({len(wrong)} such features)",
            expected=f"{vertices[wrong[0]]} node ids",
            got=str(nodes[wrong[0]]),
            remedy="import the layer again; topology comes from the importer",
        )


def cut(segments: Segments, where: ArrayLike, fraction: ArrayLike) -> tuple[Segments, Integers, Integers]:
    """Cut segments at points: (pieces, the segment each piece is of, the node id of each cut).

    ``where`` are segment positions and ``fraction`` places on them, 0 at the tail and 1 at the head. Cuts become
    nodes -1, -2, … in the order given; segments that nobody cuts stay as they are.
    """
    at, share = np.asarray(where, np.int64), np.asarray(fraction, np.float64)
    new = -1 - np.arange(len(at))
    parent, begin = np.r_[np.arange(len(segments)), at], np.r_[np.zeros(len(segments)), share]
    node = np.r_[segments.tail, new]
    is_cut = np.r_[np.zeros(len(segments), bool), np.ones(len(at), bool)]
    order = np.lexsort((is_cut, begin, parent))
    parent, begin, node = parent[order], begin[order], node[order]
    last = np.r_[parent[1:] != parent[:-1], True] if len(parent) else np.empty(0, bool)
    end = np.where(last, 1.0, np.r_[begin[1:], 1.0])
    head = np.where(last, segments.head[parent], np.r_[node[1:], 0])
    whole, part = segments.take(parent), end - begin
    step = whole.end - whole.start
    pieces = Segments(
        node,
        head,
        whole.start + begin[:, None] * step,
        whole.start + end[:, None] * step,
        whole.length_m * part,
        whole.rise_m * part,
        whole.feature,
    )
    return pieces, parent, new


@dataclass(frozen=True, eq=False)
class Accesses:
    """Which item reaches which segment, where on it (0 tail, 1 head) and over what distance; one row a pair."""

    item: Integers
    segment: Integers
    fraction: Floats
    distance_m: Floats


def accesses(
    segments: Segments, items: ArrayLike, *, beside: float, within: float, allowed: ArrayLike | None = None
) -> Accesses:
    """Access of points or footprints to segments: to every one ``beside`` (metres), else to the nearest ``within``.

    A house on a corner opens to both streets; one in a courtyard reaches the nearest. Segments that are not ``allowed``
    (a mask; bridges and tunnels pass by without a door) are left out.
    """
    shapes = np.asarray(items, dtype=object)
    candidates = np.flatnonzero(np.ones(len(segments), bool) if allowed is None else np.asarray(allowed))
    lines = segments.take(candidates).lines
    tree = shapely.STRtree(lines)
    item, found = tree.query(shapes, predicate="dwithin", distance=beside)
    alone = np.setdiff1d(np.arange(len(shapes)), item)
    if len(candidates) and len(alone):
        far_item, far_found = tree.query_nearest(shapes[alone], max_distance=within, all_matches=False)
        item, found = np.r_[item, alone[far_item]], np.r_[found, far_found]
    bridge = shapely.shortest_line(lines[found], shapes[item])
    fraction = shapely.line_locate_point(lines[found], shapely.get_point(bridge, 0), normalized=True)
    return Accesses(
        item.astype(np.int64),
        candidates[found],
        np.nan_to_num(fraction),
        np.asarray(shapely.length(bridge), np.float64),
    )
