"""Where every vehicle is in the end. Nothing vanishes:

``demand = unroutable + loaded + beyond_window``,
``loaded = inserted + waiting + not_yet_due + discarded``,
``inserted = arrived + running + removed``.

All of it is about the trips due in the window; those of the warm-up are driven but belong to ``beyond_window``.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from cim_core.errors import EngineError
from scenarios.traffic.outputs import Statistics

INSERTED = ("arrived", "running", "removed", "gave_up")
LOADED = (*INSERTED, "waiting", "not_yet_due", "discarded")


@dataclass(frozen=True)
class Account:
    """The counts, in vehicles."""

    demand: int
    unroutable: int
    beyond_window: int
    loaded: int
    inserted: int
    waiting: int
    not_yet_due: int
    discarded: int
    arrived: int
    running: int
    removed: int

    def figures(self) -> dict[str, float]:
        """Name → count."""
        return {name: float(count) for name, count in asdict(self).items()}

    def check(self) -> None:
        """Raise :class:`EngineError` unless the three equations hold."""
        sums = {
            "demand": self.unroutable + self.loaded + self.beyond_window,
            "loaded": self.inserted + self.waiting + self.not_yet_due + self.discarded,
            "inserted": self.arrived + self.running + self.removed,
        }
        for name, total in sums.items():
            if getattr(self, name) != total:
                raise _violated(name, total, getattr(self, name))


def _violated(name: str, expected: object, got: object) -> EngineError:
    return EngineError(
        "traffic.accounting",
        "vehicles were lost or counted twice",
        where=f"the count {name!r} of the simulation",
        expected=f"{name} = {expected}",
        got=str(got),
        remedy="this is a fault of the programme: report it with the run's parameters and seed",
    )


def fates(vehicles: pd.DataFrame, trips: pd.DataFrame, *, end_s: float, step_s: float) -> pd.Series:
    """What became of each vehicle: one of :data:`LOADED`.

    Parameters
    ----------
    vehicles
        Index vehicle number, columns ``due_s`` (departure asked for) and ``to_edge`` (destination).
    trips
        As :func:`scenarios.traffic.outputs.read_trips`.
    end_s, step_s
        End of the simulation and length of a step: the last step is made at ``end_s − step_s``.

    SUMO takes a vehicle that gave up before a closure for arrived: here it is ``gave_up`` when its last edge is not its
    destination. A vehicle that SUMO took off the road (teleported beyond its last edge, collided) is ``removed``.
    """
    there = trips.reindex(vehicles.index)
    due = vehicles["due_s"] <= end_s - step_s
    known = there["departed_s"].notna()
    inserted = known & (there["departed_s"] >= 0)
    on_the_way = there["vaporized"].eq("end") | there["arrived_s"].lt(0)
    elsewhere = there["arrival_edge"].ne(vehicles["to_edge"])
    vaporized = there["vaporized"].fillna("").ne("")
    kinds = [~inserted & ~due, inserted & on_the_way, inserted & vaporized, inserted & elsewhere, inserted, known]
    names = ["not_yet_due", "running", "removed", "gave_up", "arrived", "waiting"]
    return pd.Series(np.select(kinds, names, "discarded"), index=vehicles.index, name="status")


def account(status: pd.Series, *, unroutable: int, beyond_window: int) -> Account:
    """Count the fates of the vehicles due in the window."""
    count = status.value_counts().reindex(list(LOADED), fill_value=0).astype(int)
    loaded = len(status)
    return Account(
        demand=unroutable + loaded + beyond_window,
        unroutable=unroutable,
        beyond_window=beyond_window,
        loaded=loaded,
        inserted=int(count[list(INSERTED)].sum()),
        waiting=int(count["waiting"]),
        not_yet_due=int(count["not_yet_due"]),
        discarded=int(count["discarded"]),
        arrived=int(count["arrived"]),
        running=int(count["running"]),
        removed=int(count["removed"] + count["gave_up"]),
    )


def check_against(engine: Statistics, status: pd.Series) -> None:
    """Raise :class:`EngineError` unless SUMO's own counters agree with the fates of all its vehicles."""
    ours = {
        "inserted": int(status.isin(INSERTED).sum()),
        "running": int(status.eq("running").sum()),
        "waiting": int(status.eq("waiting").sum()),
    }
    for name, count in ours.items():
        if getattr(engine, name) != count:
            raise _violated(name, f"{getattr(engine, name)} (sumo's counter)", count)


def check_demand(asked: int, given: Account) -> None:
    """Raise :class:`EngineError` unless the account is about as many trips as were asked for."""
    given.check()
    if given.demand != asked:
        raise _violated("demand", asked, given.demand)
