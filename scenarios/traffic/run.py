"""A finished simulation: its inputs, its outputs, and the account of every trip."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import geopandas as gpd
import pandas as pd

from scenarios.traffic import accounting, outputs
from scenarios.traffic.additional import Additional
from scenarios.traffic.assignment import Method
from scenarios.traffic.demand import Demand
from scenarios.traffic.network import Network
from scenarios.traffic.parameters import SimulateParameters
from scenarios.traffic.places import Places
from scenarios.traffic.routing import Routed
from scenarios.traffic.simulation import STEP_S, Recording, Simulation
from scenarios.traffic.sumo import Finished
from scenarios.traffic.times import Times


@dataclass(frozen=True, eq=False)
class Prepared:
    """A simulation that is ready to start: what it was made of, and what it will record."""

    parameters: SimulateParameters
    times: Times
    network: Network
    roads: gpd.GeoDataFrame
    demand: Demand
    places: Places
    routed: Routed
    method: Method
    additional: Additional
    job: Simulation
    recording: Recording
    diverted: tuple[str, ...]
    planned: bool


@dataclass(frozen=True, eq=False)
class Run(Prepared):
    """A finished simulation. ``directory`` holds SUMO's outputs, ``out`` is where the result's files go."""

    finished: Finished
    directory: Path
    out: Path

    @cached_property
    def vehicles(self) -> pd.DataFrame:
        """Vehicles that drive: index number; columns ``due_s to_edge``."""
        driven = self.routed.vehicles
        rows = [(vehicle.number, vehicle.depart_s, (vehicle.route or "").rpartition(" ")[2]) for vehicle in driven]
        return pd.DataFrame(rows, columns=["vehicle", "due_s", "to_edge"]).set_index("vehicle")

    @cached_property
    def engine_trips(self) -> pd.DataFrame:
        """SUMO's trip information."""
        return outputs.read_trips(self.directory)

    @cached_property
    def statistics(self) -> outputs.Statistics:
        """SUMO's own counters."""
        return outputs.read_statistics(self.directory)

    @cached_property
    def teleports(self) -> list[tuple[int, str]]:
        """(vehicle number, cause)."""
        return outputs.read_teleports(self.finished.log)

    @cached_property
    def status(self) -> pd.Series:
        """What became of each vehicle that was given to SUMO."""
        return accounting.fates(self.vehicles, self.engine_trips, end_s=self.times.stop_s, step_s=STEP_S)

    @cached_property
    def edges(self) -> pd.DataFrame:
        """Edge data of the window."""
        return outputs.read_edges(self.directory)

    @cached_property
    def closure_entries(self) -> accounting.Entries:
        """Who got onto closed roads."""
        closed = self.additional.closed[["edge", "begin_s", "end_s"]].itertuples(index=False, name=None)
        return accounting.closure_entries(outputs.read_routes(self.directory), closed)

    @cached_property
    def trips(self) -> pd.DataFrame:
        """Every trip due in the window with its fate; index vehicle number."""
        asked = self.demand.trips
        in_window = asked["depart_s"].between(self.times.begin_s, self.times.end_s, inclusive="left")
        table = asked[in_window].join(self.engine_trips)
        reason = pd.Series(self.routed.unroutable, dtype=object).reindex(table.index)
        table["status"] = self.status.reindex(table.index).where(reason.isna(), "unroutable")
        table["reason"] = reason.fillna(table["status"].where(table["status"] != "arrived", "")).astype(str)
        table["teleported"] = table.index.isin([number for number, _ in self.teleports])
        driven = table["status"].isin(accounting.INSERTED)
        columns = ["duration_s", "time_loss_s", "depart_delay_s", "route_length_m"]
        return table.assign(**{name: table[name].where(driven) for name in columns})

    @cached_property
    def account(self) -> accounting.Account:
        """The account of the window, checked against what was asked for and against SUMO's counters."""
        status = self.trips["status"]
        outside = len(self.demand.trips) - len(self.trips)
        listed = self.parameters.trips is not None or self.parameters.routes is not None
        beyond = self.demand.beyond_window + (outside if listed else 0)
        loaded = status[status != "unroutable"]
        account = accounting.account(loaded, unroutable=len(status) - len(loaded), beyond_window=beyond)
        accounting.check_demand(len(self.trips) + beyond, account)
        accounting.check_against(self.statistics, self.status)
        return account
