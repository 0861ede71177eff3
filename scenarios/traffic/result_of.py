"""From a finished run to its result: figures, layers, tables, trajectories, facts and warnings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from cim_core.errors import PlanError, ScenarioError
from cim_core.result import Result
from scenarios.traffic import accounting, outputs
from scenarios.traffic.additional import Additional
from scenarios.traffic.assignment import Method
from scenarios.traffic.counts import compare_counts, counts_summary, read_counts
from scenarios.traffic.demand import UNCALIBRATED, Demand
from scenarios.traffic.netconvert import sumo_version
from scenarios.traffic.network import Network
from scenarios.traffic.parameters import SimulateParameters
from scenarios.traffic.places import Places
from scenarios.traffic.road_results import road_results, roads_by_interval
from scenarios.traffic.routing import Routed
from scenarios.traffic.simulation import FCD, STEP_S, Recording, Simulation
from scenarios.traffic.sumo import Finished
from scenarios.traffic.times import Times
from scenarios.traffic.trajectories import encode, read_fcd

GRIDLOCK_SHARE = 0.005
"""Share of teleported vehicles above which a run is called gridlocked."""
NEVER_IN_SHARE = 0.01
TRAJECTORIES = "trajectories.cimtraj"
_MEANS = {
    "mean_duration": "duration_s",
    "mean_time_loss": "time_loss_s",
    "mean_depart_delay": "depart_delay_s",
    "mean_route_length": "route_length_m",
}
_TRIP_COLUMNS = (
    "trip_id", "kind", "purpose", "depart_s", "status", "reason", "duration_s", "time_loss_s", "depart_delay_s",
    "route_length_m", "teleported", "from_x", "from_y",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Run:
    """All that a finished simulation leaves behind."""

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
    finished: Finished
    diverted: tuple[str, ...]
    directory: Path
    out: Path
    planned: bool

    @cached_property
    def vehicles(self) -> pd.DataFrame:
        """Vehicles that drive: index number; columns ``due_s to_edge``."""
        rows = [(vehicle.number, vehicle.depart_s, (vehicle.route or "").rpartition(" ")[2]) for vehicle in self.routed.vehicles]
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


def to_result(run: Run) -> Result:
    """The result of a run; raises :class:`CimError` when the account does not balance or nobody arrives."""
    account = run.account
    _refuse_all_stranded(run)
    figures: dict[str, float | None] = {**account.figures(), **_measured(run)}
    tables = {"trips": _trip_table(run), "roads_by_interval": roads_by_interval(run.edges, run.network.edges)}
    tables["network_by_minute"] = outputs.read_summary(run.directory)
    facts, warnings = _facts(run), list(_warnings(run))
    if run.parameters.counts is not None:
        counts = compare_counts(
            read_counts(run.parameters.counts, run.places, run.network.edges), _flows(run.edges), run.network.edges
        )
        summary = counts_summary(counts)
        facts |= {"counts": summary, "calibration": summary["calibration"]}
        figures["geh_share"] = summary["geh_share"]  # type: ignore[assignment]
        tables["counts"] = counts.assign(edges=counts["edges"].map(" ".join))
    if facts["calibration"] == UNCALIBRATED:
        warnings.append("The demand is uncalibrated: no counts were given that it was compared with.")
    times = run.times
    layers = {
        "roads_result": road_results(run.edges, run.network.edges, run.roads, times.begin_s, times.end_s),
        "stranded": _stranded(run),
    }
    return Result(figures, layers, tables, _trajectories(run), facts, warnings)


def _measured(run: Run) -> dict[str, float | None]:
    """Means over the vehicles that entered and were neither taken off the road nor gave up; counts beside them."""
    trips = run.trips
    driven = trips[trips["status"].isin(("arrived", "running"))]
    moving = driven[driven["duration_s"] > 0]
    means = {name: _mean(driven[column]) for name, column in _MEANS.items()}
    return {
        **means,
        "mean_speed": _mean(moving["route_length_m"] / moving["duration_s"]),
        "teleported": float(trips["teleported"].sum()),
        "stranded": float((trips["status"] != "arrived").sum()),
        "closure_entries": float(outputs.closure_entries(run.directory)),
        "relative_gap": run.routed.gaps[-1] if run.routed.gaps else None,
        "geh_share": None,
    }


def _mean(values: pd.Series) -> float | None:
    return float(values.mean()) if len(values) else None


def _refuse_all_stranded(run: Run) -> None:
    account = run.account
    if account.arrived or account.demand == account.beyond_window:
        return
    reasons = Counter(run.trips["reason"])
    kind = PlanError if run.planned else ScenarioError
    raise kind(
        "traffic.all_stranded",
        "nobody arrives: every trip of the window is stranded",
        where="the plan" if run.planned else "the city without a plan",
        expected="at least one trip that arrives",
        got=", ".join(f"{count} {reason}" for reason, count in reasons.most_common()),
        remedy="close less, or for a shorter time" if run.planned else "check the network and the demand; follow longer",
    )


def _trip_table(run: Run) -> pd.DataFrame:
    table = run.trips.reindex(columns=list(_TRIP_COLUMNS)).drop(columns=["from_x", "from_y"])
    return table.reset_index(drop=True)


def _flows(edges: pd.DataFrame) -> pd.DataFrame:
    vehicles = edges["entered"].astype(float) + edges["departed"].astype(float)
    return edges[["edge", "begin_s", "end_s"]].assign(vehicles=vehicles)


def _stranded(run: Run) -> gpd.GeoDataFrame:
    """Trips that did not arrive, where they ended if they set out, else where they wanted to set out."""
    rows = run.trips[run.trips["status"] != "arrived"]
    middle = run.network.edges[["x0", "y0", "x1", "y1"]]
    ended = middle.reindex(rows["arrival_edge"].fillna("").to_numpy())
    x = (ended["x0"] + ended["x1"]).to_numpy() / 2
    y = (ended["y0"] + ended["y1"]).to_numpy() / 2
    known = np.isfinite(x)
    places = gpd.points_from_xy(np.where(known, x, rows["from_x"]), np.where(known, y, rows["from_y"]))
    table = rows[["trip_id", "kind", "depart_s", "status", "reason"]].set_index("trip_id")
    table.index.name = "id"
    return gpd.GeoDataFrame(table, geometry=places, crs=run.roads.crs)


def _trajectories(run: Run) -> dict[str, Path]:
    period = run.recording.trajectories_s
    if not period:
        return {}
    ids = tuple(run.demand.trips["trip_id"].astype(str))
    samples = read_fcd(run.directory / FCD, run.recording.begin_s, period, ids)
    path = run.out / TRAJECTORIES
    path.write_bytes(encode(samples, crs=run.roads.crs.to_string() if run.roads.crs else ""))
    return {TRAJECTORIES: path}


def _facts(run: Run) -> dict[str, Any]:
    trips, demand = run.trips, run.demand
    closed = run.additional.closed
    return {
        "calibration": demand.calibration,
        "demand": demand.facts,
        "network": run.network.facts,
        "engine": {
            "name": "SUMO",
            "version": sumo_version(),
            "mode": run.job.mode,
            "seed": run.job.seed,
            "options": [option for option in run.job.command() if "-file" not in option],
            "cpu_seconds": round(run.finished.cpu_seconds, 2),
        },
        "times": asdict(run.times),
        "warm_up_trips": len(demand.trips) - len(trips),
        "routing": {
            "method": run.method,
            "iterations": run.parameters.iterations if run.method == "equilibrium" else 0,
            "relative_gaps": [round(gap, 6) for gap in run.routed.gaps],
            "trips_with_ends_moved_off_closures": len(run.routed.moved),
            "diverted_to_other_gateways": len(run.diverted),
        },
        "closed": {"edges": int(closed["edge"].nunique()), "entries": outputs.closure_entries(run.directory)},
        "stranded_by_reason": _tally(trips.loc[trips["status"] != "arrived", "reason"]),
        "teleports": {
            "window_by_cause": _tally(pd.Series([cause for number, cause in run.teleports if number in trips.index])),
            "all_of_the_run": run.statistics.teleports,
            "collisions_of_the_run": run.statistics.collisions,
        },
        "gridlocked": _gridlocked(run),
        "roads_nobody_drove_on": run.network.edges["road"].nunique() - len(_driven(run)),
    }


def _driven(run: Run) -> set[str]:
    names = run.edges.loc[run.edges["sampled_s"] > 0, "edge"]
    return set(run.network.edges["road"].reindex(names.unique()).dropna())


def _tally(values: pd.Series) -> dict[str, int]:
    return {str(name): int(count) for name, count in values.value_counts().sort_index().items()}


def _gridlocked(run: Run) -> bool:
    return bool(run.trips["teleported"].sum() > GRIDLOCK_SHARE * max(run.account.inserted, 1))


def _warnings(run: Run) -> Iterator[str]:
    yield from run.network.warnings
    yield from run.additional.warnings
    account, parameters = run.account, run.parameters
    if _gridlocked(run):
        share = 100 * run.trips["teleported"].sum() / max(account.inserted, 1)
        yield f"Gridlocked: {share:.1f} % of the vehicles were teleported; the means say little."
    if parameters.mode == "meso":
        yield "Mesoscopic: queues instead of vehicles, for screening only."
    if run.method == "oneshot":
        yield "One-shot routing: everybody takes the shortest path on the empty network, jams attract no detour."
    if run.times.begin_s - run.times.start_s < 60 * parameters.warmup_min:
        yield "The warm-up is cut at midnight: the first vehicles meet an emptier network than they would."
    never = account.waiting + account.discarded
    if never > NEVER_IN_SHARE * max(account.loaded, 1):
        yield f"{never} vehicles found no room to enter and are not in the means."
    if account.running:
        yield f"{account.running} vehicles were still under way when they were no longer followed; their time so far counts."
    if entries := outputs.closure_entries(run.directory):
        yield f"A closure did not hold: {entries} vehicles entered closed roads."
    if run.diverted:
        yield f"{len(run.diverted)} external trips took another gateway; their detour outside the area is not counted."
