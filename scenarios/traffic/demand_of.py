"""The demand of a question: drawn from the baseline city or read from a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scenarios.traffic.demand import Demand, land_use_demand
from scenarios.traffic.gateways import find_terminals
from scenarios.traffic.given_demand import given_demand
from scenarios.traffic.places import Places

if TYPE_CHECKING:
    import geopandas as gpd

    from cim_core.city import City
    from scenarios.traffic.network import Network
    from scenarios.traffic.parameters import SimulateParameters
    from scenarios.traffic.profile import Period


def optional_layer(city: City, name: str) -> gpd.GeoDataFrame | None:
    """A layer, or None where the city has none of that name."""
    return city.layer(name) if city.has_layer(name) else None


def demand_of(
    parameters: SimulateParameters, baseline: City, network: Network, period: Period, seed: int
) -> tuple[Demand, Places]:
    """The demand of a period on the baseline's network, and what its files may call a place."""
    roads = baseline.layer("roads")
    path = parameters.demand_file
    if path is None:
        buildings, pois = optional_layer(baseline, "buildings"), optional_layer(baseline, "pois")
        scale = parameters.demand_scale
        demand = land_use_demand(buildings, pois, roads, network, period=period, seed=seed, scale=scale)
        return demand, Places(network, roads, demand.terminals)
    edges, links = network.edges, network.connections
    terminals = find_terminals(edges, links, roads, sources=network.sources, sinks=network.sinks)
    places = Places(network, roads, terminals)
    demand = given_demand(
        path, places, edges, links, terminals, period=period, seed=seed, scale=parameters.demand_scale
    )
    return demand, places
