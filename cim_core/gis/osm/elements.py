"""OpenStreetMap's nodes, ways and relations in memory, whichever format they came from."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Tags = dict[str, str]
Ids = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Shapes = npt.NDArray[np.object_]
"""Shapely geometries."""

COORDINATE_DECIMALS = 7
"""OpenStreetMap keeps coordinates to 1e-7 degree; more digits in a file are noise."""


@dataclass(frozen=True, slots=True)
class Node:
    """A node that has tags; its place is found with :meth:`Elements.locate`."""

    id: int
    tags: Tags


@dataclass(frozen=True, slots=True)
class Way:
    """A way: the nodes along it in order, and its tags."""

    id: int
    refs: tuple[int, ...]
    tags: Tags

    @property
    def closed(self) -> bool:
        """Whether it is a ring of at least three corners."""
        return len(self.refs) > 3 and self.refs[0] == self.refs[-1]


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a relation; ``kind`` is ``n``, ``w`` or ``r``."""

    kind: str
    ref: int
    role: str


@dataclass(frozen=True, slots=True)
class Relation:
    """A relation: its members in order, and its tags."""

    id: int
    members: tuple[Member, ...]
    tags: Tags


@dataclass(frozen=True, slots=True)
class Located:
    """Where nodes are: longitude and latitude in degrees (n, 2), NaN where ``missing`` or ``bad``."""

    lonlat: Floats
    missing: Flags
    bad: Flags

    @property
    def good(self) -> Flags:
        """Nodes that are in the file with a usable place."""
        usable: Flags = ~(self.missing | self.bad)
        return usable


@dataclass(frozen=True)
class Elements:
    """All elements of a file, each kind in ascending id. ``lonlat`` is NaN for nodes with unusable coordinates."""

    node_ids: Ids
    lonlat: Floats
    nodes: list[Node]
    ways: list[Way]
    relations: list[Relation]
    timestamp: str | None = None
    duplicates: int = 0
    ways_by_id: dict[int, Way] = field(default_factory=dict)

    def locate(self, refs: Ids) -> Located:
        """Longitude and latitude of nodes by id; those not in the file or with unusable coordinates are marked."""
        if not len(self.node_ids):
            missing = np.ones(len(refs), dtype=bool)
            return Located(np.full((len(refs), 2), np.nan), missing, ~missing)
        at = np.minimum(np.searchsorted(self.node_ids, refs), len(self.node_ids) - 1)
        missing = self.node_ids[at] != refs
        lonlat = np.where(missing[:, None], np.nan, self.lonlat[at])
        return Located(lonlat, missing, np.isnan(lonlat).any(axis=1) & ~missing)

    def locate_one(self, ref: int) -> tuple[float, float]:
        """Longitude and latitude of one node, NaN if it has none."""
        lon, lat = self.locate(np.array([ref], dtype=np.int64)).lonlat[0]
        return float(lon), float(lat)

    def bounds(self) -> tuple[float, float, float, float] | None:
        """West, south, east, north of the located nodes, in degrees; None without any."""
        good = self.lonlat[~np.isnan(self.lonlat).any(axis=1)]
        if not len(good):
            return None
        west, south = good.min(axis=0)
        east, north = good.max(axis=0)
        return float(west), float(south), float(east), float(north)


class Collector:
    """Takes elements in any order and hands them back sorted; the last of several with one id counts."""

    def __init__(self) -> None:
        self._node_ids = array("q")
        self._lon = array("d")
        self._lat = array("d")
        self._nodes: dict[int, Node] = {}
        self._ways: dict[int, Way] = {}
        self._relations: dict[int, Relation] = {}
        self._duplicates = 0

    def add_node(self, ident: int, lon: float, lat: float, tags: Tags) -> None:
        """Take one node; degrees, NaN where the file's value is not a number."""
        self._node_ids.append(ident)
        self._lon.append(lon)
        self._lat.append(lat)
        if tags:
            self._nodes[ident] = Node(ident, tags)

    def add_way(self, ident: int, refs: Iterable[int], tags: Tags) -> None:
        """Take one way."""
        self._duplicates += ident in self._ways
        self._ways[ident] = Way(ident, tuple(refs), tags)

    def add_relation(self, ident: int, members: Iterable[Member], tags: Tags) -> None:
        """Take one relation."""
        self._duplicates += ident in self._relations
        self._relations[ident] = Relation(ident, tuple(members), tags)

    def finish(self, timestamp: str | None) -> Elements:
        """Everything taken, sorted by id, coordinates rounded to 1e-7 degree and unusable ones set to NaN."""
        ids = np.array(self._node_ids, dtype=np.int64)
        order = np.argsort(ids, kind="stable")
        last = np.append(np.diff(ids[order]) != 0, True)[: len(ids)]
        order = order[last]
        lonlat = np.column_stack([np.array(self._lon), np.array(self._lat)]).reshape(-1, 2)[order]
        lonlat[_unusable(lonlat)] = np.nan
        return Elements(
            node_ids=ids[order],
            lonlat=np.round(lonlat, COORDINATE_DECIMALS),
            nodes=[self._nodes[ident] for ident in sorted(self._nodes)],
            ways=[self._ways[ident] for ident in sorted(self._ways)],
            relations=[self._relations[ident] for ident in sorted(self._relations)],
            timestamp=timestamp or None,
            duplicates=self._duplicates + len(ids) - len(order),
            ways_by_id=self._ways,
        )


def _unusable(lonlat: Floats) -> Flags:
    with np.errstate(invalid="ignore"):
        outside: Flags = ~((np.abs(lonlat[:, 0]) <= 180.0) & (np.abs(lonlat[:, 1]) <= 90.0))
    return outside
