"""The demand of a question: drawn from the baseline city or read from a file, and what a plan's closures do to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from scenarios.traffic.demand import Demand, land_use_demand
from scenarios.traffic.diversion import divert
from scenarios.traffic.gateways import find_terminals
from scenarios.traffic.given_demand import given_demand
from scenarios.traffic.places import Places
from scenarios.traffic.profile import Period

if TYPE_CHECKING:
    import geopandas as gpd

    from cim_core.city import City
    from scenarios.traffic.network import Network
    from scenarios.traffic.parameters import SimulateParameters
