"""The SUMO network of a city's roads: built by netconvert, read back as frames, with the road ↔ edge map.

INTERFACE (implementation follows).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import geopandas as gpd
import pandas as pd
from scipy.sparse import csr_array

if TYPE_CHECKING:
    from pyproj import CRS

    from cim_core.scenario import Cache

Direction = Literal["forward", "backward", "both"]


@dataclass(frozen=True, eq=False)
class Network:
    """A network that SUMO drives on; coordinates are metres in the city's working CRS.

    Attributes
    ----------
    net_file
        The ``.net.xml`` (in the cache: read-only).
    edges
        One row per drivable edge, index ``edge`` (SUMO id, str), sorted by id. Columns ``road`` (feature id of the road
        part; for an edge merged of several parts the first), ``roads`` (tuple of all of them in driving order),
        ``direction`` (``forward``/``backward``), ``from_junction``, ``to_junction``, ``length_m``, ``speed_mps``, ``lanes``
        (int), ``passenger`` (cars may drive on at least one lane), ``x0 y0 x1 y1`` (ends, m), ``reachable`` (bool).
    connections
        One row per lane-to-lane connection between edges: ``from_edge to_edge from_lane to_lane passenger tls link``.
    signals
        One row per traffic light, index SUMO tls id: ``nodes`` (tuple of OSM node ids it stands for), ``x``, ``y``,
        ``type``, ``program`` and ``phases`` (tuple of (state, duration_s)).
    roads_without_edge
        Feature id of a road part that has no edge → why.
    reachable
        Edges of the largest strongly connected component of the passenger-car graph over edges (by lane connection):
        from each of them a car can get to each other.
    sources, sinks
        Edges from which that component can be reached; edges that can be reached from it (both contain it).
        A car from any source to any sink has a route: put origins on ``sources`` and destinations on ``sinks``.
    facts, warnings
        How the net was made, with counts; sentences for the reader of a result.
    """

    net_file: Path
    edges: pd.DataFrame
    connections: pd.DataFrame
    signals: pd.DataFrame
    roads_without_edge: dict[str, str]
    reachable: frozenset[str]
    sources: frozenset[str]
    sinks: frozenset[str]
    facts: dict[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    @property
    def graph(self) -> csr_array:
        """Passenger-car graph: row/column = position in ``edges``, 1 where a lane of the row's edge leads to the column's."""
        raise NotImplementedError

    def edges_of(self, roads: Iterable[str], direction: Direction = "both") -> list[str]:
        """Edge ids of these road parts in this direction, in the order of ``edges``; unknown or unmapped ids give none."""
        raise NotImplementedError


def build_network(
    roads: gpd.GeoDataFrame,
    signals: gpd.GeoDataFrame | None,
    restrictions: gpd.GeoDataFrame | None,
    crs: CRS,
    cache: Cache,
) -> Network:
    """Build (or find in the cache) the network of these roads; raises :class:`cim_core.errors.EngineError`."""
    raise NotImplementedError
