"""What people may walk on: the walkable parts of roads and walkways, and what the plan closes at a moment."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cim_core.analysis.networks import Network, pieces
from cim_core.analysis.segments import Segments
from cim_core.instants import Day

if TYPE_CHECKING:
    from cim_core.city import City
    from cim_core.overlay import TimedEdit

NOT_WALKED = frozenset({"motorway", "motorway_link", "trunk", "trunk_link"})
"""Road classes that nobody walks along."""
FRAGMENT_SHARE = 0.05
"""A connected piece with less than this share of all length is a fragment: nobody is sent there."""
_COLUMNS = [
    "class",
    "nodes",
    "length_m",
    "bridge",
    "tunnel",
    "elevation_from_m",
    "elevation_to_m",
    "stairs",
    "geometry",
]
_CLOSING = ("closed_forward", "closed_backward", "closed")


def walkable(city: City) -> gpd.GeoDataFrame:
    """Roads and walkways that people may walk on, index ``id``, with ``layer_name`` and ``stairs``.

    Left out: motorways, trunk roads and the links of both, roads whose tags say ``foot=no``, and walkways that nobody
    may enter.
    """
    roads = city.layer("roads")
    roads = roads[~roads["class"].isin(NOT_WALKED) & ~roads["tags"].map(_no_foot)].assign(stairs=False)
    frames = [roads[_COLUMNS].assign(layer_name="roads")]
    if city.has_layer("walkways"):
        walkways = city.layer("walkways")
        frames.append(walkways.loc[walkways["access"] != "none", _COLUMNS].assign(layer_name="walkways"))
    joined = pd.concat(frames)
    return gpd.GeoDataFrame(joined, geometry="geometry", crs=roads.crs)


def _no_foot(tags: str | None) -> bool:
    if not tags or '"foot"' not in tags:
        return False
    return str(json.loads(tags).get("foot", "")).partition("@")[0].strip() in ("no", "use_sidepath")


def without_fragments(segments: Segments) -> NDArray[np.bool_]:
    """Mask of the segments in connected pieces that hold at least :data:`FRAGMENT_SHARE` of the whole length."""
    network = Network.build(segments.tail, segments.head, segments.length_m)
    label = pieces(network)[network.positions(segments.tail)]
    length = np.bincount(label, weights=segments.length_m)
    return np.asarray(length[label] >= FRAGMENT_SHARE * segments.length_m.sum())


def closures(city: City, ways: gpd.GeoDataFrame, day: Day, clock_s: float) -> NDArray[np.bool_]:
    """Which ways are closed to walkers at that moment: shape (ways, 2), in drawing direction and against it.

    A walkway may be closed in one direction. A road is closed to walkers when the plan closes both directions; what
    only changes the traffic's direction goes back among the edits that were not used.
    """
    shut = np.zeros((len(ways), 2), dtype=np.bool_)
    position = pd.Series(np.arange(len(ways)), index=ways.index)
    for layer in ("roads", "walkways"):
        for edit in city.take_edits(layer, _CLOSING, day):
            sides = _sides(edit)
            known = [feature for feature in edit.features if feature in position.index]
            if not edit.begin_s <= clock_s < edit.end_s:
                city.give_back(edit, edit.features, "it does not hold at the time asked about")
            elif layer == "roads" and sum(side is True for side in sides) == 1:
                city.give_back(edit, edit.features, "it closes one direction of a road; walkers go both ways")
            else:
                city.give_back(edit, set(edit.features) - set(known), "nobody walks there anyway")
                for column, closed in enumerate(sides):
                    if closed is not None:
                        shut[position[known], column] = closed
    return shut


def _sides(edit: TimedEdit) -> tuple[bool | None, bool | None]:
    """What an edit says of each direction; None where it says nothing."""
    both = edit.fields.get("closed")
    forward, backward = (edit.fields.get(f"closed_{side}", both) for side in ("forward", "backward"))
    return (None if forward is None else bool(forward), None if backward is None else bool(backward))
