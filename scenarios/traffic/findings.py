"""What a reader must know beside the figures: how the run was made, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import pandas as pd

from scenarios.traffic.netconvert import sumo_version

if TYPE_CHECKING:
    from scenarios.traffic.run import Run

GRIDLOCK_SHARE = 0.005
"""Share of teleported vehicles above which a run is called gridlocked."""
GAP = 0.05
"""Relative gap above which routes are not called an equilibrium."""
NEVER_IN_SHARE = 0.01
"""Share of vehicles that never set out above which a reader is told."""


def facts_of(run: Run) -> dict[str, Any]:
    """How the result was made, as plain JSON."""
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
        "closed": {"edges": int(closed["edge"].nunique()), **run.closure_entries._asdict()},
        "stranded_by_reason": _tally(trips.loc[trips["status"] != "arrived", "reason"]),
        "teleports": {
            "window_by_cause": _tally(pd.Series([cause for number, cause in run.teleports if number in trips.index])),
            "all_of_the_run": run.statistics.teleports,
            "collisions_of_the_run": run.statistics.collisions,
        },
        "gridlocked": gridlocked(run.trips["teleported"], run.account.inserted),
        "roads_nobody_drove_on": run.network.edges["road"].nunique() - len(_driven(run)),
    }


def _driven(run: Run) -> set[str]:
    names = run.edges.loc[run.edges["sampled_s"] > 0, "edge"]
    return set(run.network.edges["road"].reindex(names.unique()).dropna())


def _tally(values: pd.Series) -> dict[str, int]:
    return {str(name): int(count) for name, count in values.value_counts().sort_index().items()}


def gridlocked(teleported: pd.Series, inserted: int) -> bool:
    """Whether more than :data:`GRIDLOCK_SHARE` of the vehicles that set out were teleported."""
    return bool(teleported.sum() > GRIDLOCK_SHARE * max(inserted, 1))


def warnings_of(run: Run) -> Iterator[str]:
    """Sentences that a reader of the figures must know."""
    yield from run.network.warnings
    yield from run.additional.warnings
    account, parameters = run.account, run.parameters
    if gridlocked(run.trips["teleported"], account.inserted):
        share = 100 * run.trips["teleported"].sum() / max(account.inserted, 1)
        yield f"Gridlocked: {share:.1f} % of the vehicles were teleported; the means say little."
    if parameters.mode == "meso":
        yield "Mesoscopic: queues instead of vehicles, for screening only."
    if run.method == "oneshot":
        yield "One-shot routing: everybody takes the shortest path on the empty network, jams attract no detour."
    if run.routed.gaps and run.routed.gaps[-1] > GAP:
        yield f"The routes are not in equilibrium: relative gap {run.routed.gaps[-1]:.1%}; more iterations may help."
    if run.times.begin_s - run.times.start_s < 60 * parameters.warmup_min:
        yield "The warm-up is cut at midnight: the first vehicles meet an emptier network than they would."
    never = account.waiting + account.discarded
    if never > NEVER_IN_SHARE * max(account.loaded, 1):
        yield f"{never} vehicles found no room to enter and are not in the means."
    if account.running:
        yield f"{account.running} vehicles had not arrived when they were no longer followed; their time so far counts."
    if entries := run.closure_entries.entered:
        yield f"A closure did not hold: {entries} vehicles entered closed roads."
    if run.diverted:
        yield f"{len(run.diverted)} external trips took another gateway; their detour outside the area is not counted."
