"""The car demand of a part of a day: drawn from land use once per seed, from the city without any plan.

Not in it: lorries, buses, taxis without passengers, and people who change their mode, time or destination because of a
plan. Departures are seconds after local midnight.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from cim_core.errors import ParameterError, ScenarioError
from scenarios.traffic.access_edges import access_edges
from scenarios.traffic.expectation import Expectation, expect
from scenarios.traffic.gateways import find_terminals
from scenarios.traffic.generation import floor_areas, trip_ends
from scenarios.traffic.profile import SOURCE, SOURCE_THROUGH, Period
from scenarios.traffic.sampling import Sources, draw_trips
from scenarios.traffic.trip_rates import NETWORK_SHARE, parameter_table
from scenarios.traffic.zones import make_zones, zone_ids

if TYPE_CHECKING:
    from scenarios.traffic.network import Network

UNCALIBRATED = "uncalibrated"


@dataclass(frozen=True, eq=False)
class Demand:
    """Who wants to drive when, from where to where.

    Attributes
    ----------
    trips
        Columns ``trip_id depart_s from_edge to_edge from_zone to_zone purpose kind from_x from_y to_x to_y``, and
        ``route`` (tuple of edges, or None) where routes were given; ordered by departure.
    terminals
        Edges at which the modelled streets end: ``edge inbound gateway name x y weight_vph``.
    beyond_window
        Given trips that depart outside the window; they belong to the demand and are not in ``trips``.
    beta_per_km
        Distance deterrence by which external trips choose another gateway when theirs is closed
        (:func:`~scenarios.traffic.diversion.divert`); None for given demand, whose ends are data and stay.
    calibration
        ``uncalibrated``, or what it was compared with.
    facts
        Totals, parameters with sources, and assumptions: plain JSON.
    """

    trips: pd.DataFrame
    terminals: pd.DataFrame
    beyond_window: int = 0
    beta_per_km: float | None = None
    calibration: str = UNCALIBRATED
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """All trips asked for."""
        return len(self.trips) + self.beyond_window


def land_use_demand(
    buildings: gpd.GeoDataFrame | None,
    pois: gpd.GeoDataFrame | None,
    roads: gpd.GeoDataFrame,
    network: Network,
    *,
    period: Period,
    seed: int,
    scale: float = 1.0,
) -> Demand:
    """Draw the demand of a period from buildings, points of interest and gateways.

    All layers in the working CRS of the network, index = feature id. ``scale`` multiplies every expected trip. Raises
    :class:`ParameterError` for a scale that is not positive, :class:`ScenarioError` when there is nothing to draw from.
    """
    if not (np.isfinite(scale) and scale > 0):
        raise ParameterError(
            "traffic.demand_scale",
            "the demand scale is not a positive number",
            where="parameter demand_scale",
            expected="a number above 0; 1 is the stated demand",
            got=str(scale),
            remedy="give a factor such as 0.5 or 1.2",
        )
    areas = floor_areas(buildings, pois)
    productions, attractions = trip_ends(areas, period)
    places = _places(areas, productions, attractions, network.edges, roads)
    productions, attractions = productions.loc[places.index], attractions.loc[places.index]
    zones = make_zones(places, productions.sum(axis=1) + attractions.sum(axis=1))
    terminals = find_terminals(
        network.edges,
        network.connections,
        roads,
        sources=network.sources,
        sinks=network.sinks,
        built_up=_built_up(buildings),
    )
    by_zone = places["zone"].to_numpy()
    expected = expect(
        productions.groupby(by_zone, sort=True).sum(),
        attractions.groupby(by_zone, sort=True).sum(),
        zones,
        terminals,
        period,
    )
    if not expected.streams:
        raise _nothing(len(areas), len(terminals))
    factor = scale * NETWORK_SHARE.value
    sources = Sources(places, productions, attractions)
    trips = draw_trips(expected.streams, sources, terminals, period, seed=seed, scale=factor)
    facts = {
        "method": "land use: trip rates by floor area, gravity model, gateways",
        "calibration": UNCALIBRATED,
        **asdict(period),
        "seed": seed,
        "scale": scale,
        "network_share": NETWORK_SHARE.value,
        **_trip_facts(trips),
        **_model_facts(expected, factor),
        "zones": len(zones),
        "sources": len(places),
        "farthest_access_m": round(float(places["distance_m"].max()), 1) if len(places) else None,
        "gateways": gateway_table(expected, terminals, factor),
        "parameters": parameter_table(),
    }
    return Demand(trips, terminals, beta_per_km=expected.beta_per_km, facts=facts)


def _places(
    areas: pd.DataFrame,
    productions: pd.DataFrame,
    attractions: pd.DataFrame,
    edges: pd.DataFrame,
    roads: gpd.GeoDataFrame,
) -> pd.DataFrame:
    """Sources with trip ends, sorted by zone then id, with their zone and access edges; index id."""
    ends = productions.sum(axis=1) + attractions.sum(axis=1)
    places = areas.loc[ends > 0, ["x", "y"]]
    places = places.assign(zone=zone_ids(places["x"].to_numpy(), places["y"].to_numpy()))
    places = places.sort_values("zone", kind="stable")
    access = access_edges(places["x"].to_numpy(), places["y"].to_numpy(), edges, roads)
    return pd.concat([places, access.set_index(places.index)], axis=1)


def _built_up(buildings: gpd.GeoDataFrame | None) -> shapely.Geometry | None:
    if buildings is None or not len(buildings):
        return None
    return shapely.convex_hull(shapely.multipoints(shapely.get_coordinates(shapely.centroid(buildings.geometry))))


def _nothing(sources: int, terminals: int) -> ScenarioError:
    return ScenarioError(
        "traffic.no_demand",
        "there is nothing that car trips could be drawn from",
        where="layers buildings and pois, and the ends of the road network",
        expected="buildings or points of interest with trip rates in these hours, or roads that leave the area",
        got=f"{sources} sources of trips, {terminals} terminals",
        remedy="import buildings or points of interest, choose other hours, or give the demand as a file",
    )


def gateway_table(expected: Expectation, terminals: pd.DataFrame, factor: float) -> list[dict[str, Any]]:
    """Per gateway: name, terminals, capacity and expected volume each way (vehicles in the period), as JSON rows."""
    inbound = terminals["inbound"].to_numpy(dtype=bool)
    volume = np.zeros(len(terminals))
    for stream in expected.streams:
        if stream.kind in ("inbound", "through"):
            volume[inbound] += stream.trips.sum(axis=1) * factor
        if stream.kind in ("outbound", "through"):
            volume[~inbound] += stream.trips.sum(axis=0) * factor
    frame = terminals.assign(volume=volume)
    rows = []
    for (gateway, name), part in frame.groupby(["gateway", "name"], sort=True):
        come = part["inbound"].to_numpy(dtype=bool)
        rows.append(
            {
                "gateway": gateway,
                "name": name,
                "terminals": len(part),
                "capacity_in_vph": round(float(part["weight_vph"][come].sum())),
                "capacity_out_vph": round(float(part["weight_vph"][~come].sum())),
                "expected_in": round(float(part["volume"][come].sum()), 1),
                "expected_out": round(float(part["volume"][~come].sum()), 1),
            }
        )
    return rows


def _trip_facts(trips: pd.DataFrame) -> dict[str, Any]:
    crow_fly = np.hypot(trips["to_x"] - trips["from_x"], trips["to_y"] - trips["from_y"])
    return {
        "trips": len(trips),
        "trips_by_kind": {str(kind): int(n) for kind, n in trips["kind"].value_counts().sort_index().items()},
        "trips_by_purpose": {str(name): int(n) for name, n in trips["purpose"].value_counts().sort_index().items()},
        "mean_crow_fly_m": round(float(crow_fly.mean()), 1) if len(trips) else None,
    }


def _model_facts(expected: Expectation, factor: float) -> dict[str, Any]:
    by_kind: dict[str, float] = {}
    for stream in expected.streams:
        by_kind[stream.kind] = by_kind.get(stream.kind, 0.0) + stream.total * factor
    return {
        "expected_by_kind": {kind: round(total, 1) for kind, total in sorted(by_kind.items())},
        "beta_per_km": expected.beta_per_km,
        "expected_mean_internal_km": round(expected.mean_internal_km, 3),
        "profile_source": SOURCE,
        "through_profile_source": SOURCE_THROUGH,
    }
