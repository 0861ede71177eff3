"""What a demand or count file may call a place, and the edges it stands for."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cim_core.errors import InputError
from scenarios.traffic.zones import zone_ids

if TYPE_CHECKING:
    from scenarios.traffic.network import Network

_LISTED = 5


class Places:
    """Names → edges: an edge id, a road id, a gateway (id or name), a zone id, or a road's or structure's name.

    The first of these that fits counts. ``roads``: index road id with ``name`` and ``group``; ``terminals``: as of
    :func:`~scenarios.traffic.gateways.find_terminals`.
    """

    def __init__(self, network: Network, roads: gpd.GeoDataFrame, terminals: pd.DataFrame) -> None:
        self._network = network
        self._edges = network.edges[network.edges["passenger"].astype(bool)].sort_index()
        self._roads = roads
        self._terminals = terminals

    def origins(self, name: str) -> tuple[str, ...]:
        """Edges a trip from there starts on; () if unknown. Those that lead into the network, if any do."""
        return _prefer(self._find(name, inbound=True), self._network.sources)

    def destinations(self, name: str) -> tuple[str, ...]:
        """Edges a trip to there ends on; () if unknown. Those that the network leads to, if it leads to any."""
        return _prefer(self._find(name, inbound=False), self._network.sinks)

    def edges(self, name: str) -> tuple[str, ...]:
        """All edges of that edge id, road id or name; () if unknown."""
        return self._find(name, inbound=None)

    def _find(self, name: str, inbound: bool | None) -> tuple[str, ...]:
        if name in self._edges.index:
            return (name,)
        if name in self._by_road:
            return self._by_road[name]
        if inbound is not None:
            at = self._terminals[self._terminals["inbound"].eq(inbound)]
            gates = at.loc[at["gateway"].eq(name) | at["name"].eq(name), "edge"]
            if len(gates) or name in self._by_zone:
                return tuple(gates) or self._by_zone[name]
        return self._by_name.get(name, ())

    @cached_property
    def _by_road(self) -> dict[str, tuple[str, ...]]:
        parts = self._edges["roads"] if "roads" in self._edges else self._edges["road"].map(lambda road: (road,))
        found: dict[str, list[str]] = {}
        for edge, roads in parts.items():
            for road in roads:
                found.setdefault(road, []).append(str(edge))
        return {road: tuple(edges) for road, edges in found.items()}

    @cached_property
    def _by_name(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, dict[str, None]] = {}
        for column in ("name", "group"):
            for road, name in self._roads[column].dropna().items():
                found.setdefault(str(name), {}).update(dict.fromkeys(self._by_road.get(str(road), ())))
        return {name: tuple(sorted(edges)) for name, edges in found.items() if edges}

    @cached_property
    def _by_zone(self) -> dict[str, tuple[str, ...]]:
        core = self._edges[self._edges["reachable"].astype(bool)]
        zones = zone_ids(((core["x0"] + core["x1"]) / 2).to_numpy(), ((core["y0"] + core["y1"]) / 2).to_numpy())
        return {str(zone): tuple(part.index) for zone, part in core.groupby(zones, sort=True)}

    def require(self, names: Iterable[str], where: str) -> None:
        """Raise :class:`InputError` that names every unknown place with its nearest names."""
        unknown = sorted({name for name in names if not (self.edges(name) or self.origins(name))})
        if not unknown:
            return
        gateways = self._terminals["gateway"]
        known = sorted({*self._by_name, *self._by_zone, *gateways, *self._by_road, *self._edges.index})
        hints = []
        for name in unknown[:_LISTED]:
            near = difflib.get_close_matches(name, known, n=3, cutoff=0.4)
            hints.append(f"{name}" + (f" (nearest: {', '.join(near)})" if near else ""))
        more = f" and {len(unknown) - _LISTED} more" if len(unknown) > _LISTED else ""
        raise InputError(
            "traffic.unknown_place",
            "places that the road network does not have",
            where=where,
            expected="edge ids, road ids, gateways, zone ids or road names of this city",
            got="; ".join(hints) + more,
            remedy="correct the names; result facts of a run with drawn demand list the gateways",
        )


def _prefer(edges: tuple[str, ...], good: frozenset[str]) -> tuple[str, ...]:
    return tuple(edge for edge in edges if edge in good) or edges


def middle_of(edges: pd.DataFrame, names: Iterable[str]) -> NDArray[np.float64]:
    """Middle between the ends of each named edge, n × 2 in metres."""
    ends = edges.loc[list(names), ["x0", "y0", "x1", "y1"]].to_numpy(dtype="float64").reshape(-1, 4)
    middle: NDArray[np.float64] = (ends[:, :2] + ends[:, 2:]) / 2
    return middle
