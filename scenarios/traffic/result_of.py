"""From a finished run to its result: figures, layers, tables, trajectories, facts and warnings."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from cim_core.errors import PlanError, ScenarioError
from cim_core.result import Result
from cim_core.trajectories import SUFFIX, encode
from scenarios.traffic import outputs
from scenarios.traffic.bridges import bridge_volumes
from scenarios.traffic.counts import compare_counts, counts_summary, read_counts
from scenarios.traffic.demand import UNCALIBRATED
from scenarios.traffic.findings import facts_of, warnings_of
from scenarios.traffic.road_results import road_results, roads_by_interval
from scenarios.traffic.run import Run
from scenarios.traffic.simulation import FCD
from scenarios.traffic.trajectories import read_fcd

TRAJECTORIES = f"trajectories{SUFFIX}"
_MEANS = {
    "mean_duration": "duration_s",
    "mean_time_loss": "time_loss_s",
    "mean_depart_delay": "depart_delay_s",
    "mean_route_length": "route_length_m",
}
_COUNT_COLUMNS = ("place", "edges", "begin_s", "end_s", "count", "counted_vph", "modelled_vph", "geh")
Figures = dict[str, float | tuple[float, float, float] | None]
_TRIP_COLUMNS = (
    "trip_id", "kind", "purpose", "depart_s", "status", "reason", "duration_s", "time_loss_s", "depart_delay_s",
    "route_length_m", "teleported", "from_x", "from_y",
)  # fmt: skip


def to_result(run: Run) -> Result:
    """The result of a run; raises :class:`CimError` when the account does not balance or nobody arrives."""
    account = run.account
    _refuse_all_stranded(run)
    times, counts = run.times, _counts(run)
    summary = counts_summary(counts)
    figures: Figures = {**account.figures(), **_measured(run), "geh_share": _number(summary["geh_share"])}
    layers = {
        "roads_result": road_results(run.edges, run.network.edges, run.roads, times.begin_s, times.end_s),
        "stranded": _stranded(run),
    }
    tables = {
        "trips": _trip_table(run),
        "roads_by_interval": roads_by_interval(run.edges, run.network.edges),
        "bridges": bridge_volumes(run.edges, run.network.edges, run.roads["group"], times.begin_s, times.end_s),
        "network_by_minute": outputs.read_summary(run.directory),
        "counts": counts.assign(edges=counts["edges"].map(" ".join)),
    }
    facts, warnings = facts_of(run), list(warnings_of(run))
    if run.parameters.counts is not None:
        facts |= {"counts": summary, "calibration": summary["calibration"]}
    if facts["calibration"] == UNCALIBRATED:
        warnings.append("The demand is uncalibrated: no counts were given that it was compared with.")
    if "network_share" in run.demand.facts:
        share = run.demand.facts["network_share"]
        warnings.append(f"Of the trips that the land use gives, {share:.0%} are put on the streets: an assumption.")
    return Result(figures, layers, tables, _trajectories(run), facts, warnings)


def _counts(run: Run) -> pd.DataFrame:
    """Counts beside simulated volumes; no rows where none were given."""
    if run.parameters.counts is None:
        return pd.DataFrame(columns=list(_COUNT_COLUMNS))
    given = read_counts(run.parameters.counts, run.places, run.network.edges)
    return compare_counts(given, _flows(run.edges), run.network.edges)[list(_COUNT_COLUMNS)]


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, float | int) else None


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
        "closure_entries": float(run.closure_entries.entered),
        "relative_gap": run.routed.gaps[-1] if run.routed.gaps else None,
    }


def _mean(values: pd.Series) -> float | None:
    return float(values.mean()) if len(values) else None


def _refuse_all_stranded(run: Run) -> None:
    account = run.account
    if account.arrived or account.demand == account.beyond_window:
        return
    reasons = ", ".join(f"{count} {reason}" for reason, count in Counter(run.trips["reason"]).most_common())
    if run.planned:
        raise PlanError(
            "traffic.all_stranded",
            "the plan strands everybody: no trip of the window arrives",
            where="the plan",
            expected="at least one trip that arrives",
            got=reasons,
            remedy="close less, or for a shorter time",
        )
    raise ScenarioError(
        "traffic.nobody_arrives",
        "nobody arrives, although there is no plan",
        where="the city and its demand",
        expected="at least one trip that arrives",
        got=reasons,
        remedy="check that origins and destinations are connected, or follow the vehicles longer (follow_min)",
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
