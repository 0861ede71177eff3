"""The walk itself: least times from everywhere to the nearest place, and to the doors of buildings."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cim_core.analysis.networks import Network, Reach, least_cost
from cim_core.analysis.segments import Accesses, Segments, accesses, cut
from scenarios.access.walking import BESIDE_M, FARTHEST_DOOR_M, FLAT_MPS, walking_s

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Walk:
    """The ground cut at the places' doors, and the time from both ends of each piece to the nearest place."""

    segments: Segments
    parent: NDArray[np.int64]
    network: Network
    found: Reach
    place: NDArray[np.int64]
    """For each origin of ``found`` the position of its place."""
    forward_s: Floats
    backward_s: Floats
    stairs: NDArray[np.bool_]

    @property
    def tail(self) -> NDArray[np.int64]:
        """Position of each piece's tail in the network."""
        return self.network.positions(self.segments.tail)

    @property
    def head(self) -> NDArray[np.int64]:
        """Position of each piece's head in the network."""
        return self.network.positions(self.segments.head)

    @property
    def times(self) -> tuple[Floats, Floats, Floats, Floats]:
        """Times from tail and head to the nearest place, and to walk the piece forward and backward."""
        return self.found.cost[self.tail], self.found.cost[self.head], self.forward_s, self.backward_s

    @property
    def stairs_s(self) -> Floats:
        """Time on stairs on the way from each node."""
        one_way = np.r_[self.backward_s, self.forward_s]  # as the arcs of the reversed network
        return self.found.along(np.where(np.r_[self.stairs, self.stairs] & np.isfinite(one_way), one_way, 0.0))


def walk_from(ground: Segments, ways: gpd.GeoDataFrame, shut: NDArray[np.bool_], entries: Accesses) -> Walk:
    """Reach against the walking direction: from the places out to everywhere."""
    segments, parent, nodes = cut(ground, entries.segment, entries.fraction)
    stairs = ways["stairs"].to_numpy(bool)[segments.feature]
    closed = shut[segments.feature]
    forward = np.where(closed[:, 0], np.inf, walking_s(segments.length_m, segments.rise_m, stairs))
    backward = np.where(closed[:, 1], np.inf, walking_s(segments.length_m, -segments.rise_m, stairs))
    network = Network.build(
        np.r_[segments.tail, segments.head], np.r_[segments.head, segments.tail], np.r_[backward, forward]
    )
    found = least_cost(network, nodes, initial=entries.distance_m / FLAT_MPS)
    return Walk(segments, parent, network, found, entries.item, forward, backward, stairs)


def walk_of_buildings(
    buildings: gpd.GeoDataFrame, walk: Walk, doors: NDArray[np.bool_], places: pd.Index[str], within_s: float
) -> gpd.GeoDataFrame:
    """Per building the best of all its doors and both directions along the way in front.

    ``doors`` is a mask over the ground's segments, ``places`` the ids of what is walked to. Adds ``walk_time_s``,
    ``stairs_time_s``, ``reached`` (within ``within_s``) and ``destination``; NaN and None without any way.
    """
    footprints = np.asarray(buildings.geometry.values)
    allowed = doors[walk.parent]
    exits = accesses(walk.segments, footprints, beside=BESIDE_M, within=FARTHEST_DOOR_M, allowed=allowed)
    at, door_s = exits.segment, exits.distance_m / FLAT_MPS
    tail_s, head_s, forward_s, backward_s = (time[at] for time in walk.times)
    to_tail, to_head = _part_of(exits.fraction, backward_s), _part_of(1 - exits.fraction, forward_s)
    by_tail, by_head = door_s + to_tail + tail_s, door_s + to_head + head_s
    first_by_tail = by_tail <= by_head
    node = np.where(first_by_tail, walk.tail[at], walk.head[at])
    in_front = np.where(first_by_tail, to_tail, to_head)
    options = pd.DataFrame(
        {
            "item": exits.item,
            "walk_time_s": np.minimum(by_tail, by_head),
            "stairs_time_s": walk.stairs_s[node] + np.where(walk.stairs[at], in_front, 0.0),
            "place": walk.place[walk.found.origin[node]],
        }
    )
    options = options[np.isfinite(options["walk_time_s"])].sort_values(["item", "walk_time_s", "place"], kind="stable")
    best = options.drop_duplicates("item").set_index("item").reindex(np.arange(len(buildings)))
    houses = buildings[["floor_area_m2", "geometry"]].copy()
    for name in ("walk_time_s", "stairs_time_s"):
        houses[name] = best[name].to_numpy()
    houses["reached"] = houses["walk_time_s"] <= within_s
    place = best["place"].to_numpy()
    known = np.isfinite(place)
    houses["destination"] = None
    houses.loc[known, "destination"] = places.to_numpy()[place[known].astype(int)]
    return houses


def _part_of(share: Floats, whole_s: Floats) -> Floats:
    """That share of a time; infinite where the whole is, even for a share of zero."""
    return np.where(np.isfinite(whole_s), share * np.where(np.isfinite(whole_s), whole_s, 0.0), np.inf)
