"""Where every vehicle is in the end. Nothing vanishes:

``demand = unroutable + loaded + beyond_window``,
``loaded = inserted + waiting + not_yet_due + discarded``,
``inserted = arrived + running + removed``.

All of it is about the trips due in the window; those of the warm-up are driven but belong to ``beyond_window``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from cim_core.errors import EngineError
from scenarios.traffic.outputs import DrivenRoute, Statistics

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


class Entries(NamedTuple):
    """What happened on closed edges while they were closed."""

    entered: int
    """Vehicles that drove onto the closed roads from an open edge: 0 when a closure holds."""
    set_out: int
    """Vehicles that set out there: they were due before the closing, or nobody told them."""


def closure_entries(routes: Iterable[DrivenRoute], closed: Iterable[tuple[str, float, float]]) -> Entries:
    """Count vehicles that enter closed edges; those that drive on from one closed edge to the next only leave it.

    A vehicle enters an edge when it leaves the edge before it (SUMO's exit time, at the stop line).

    >>> route = DrivenRoute(0, 0.0, ["a", "b", "c"], [10.0, 20.0, 30.0])
    >>> closure_entries([route], [("b", 5.0, 25.0), ("c", 5.0, 25.0)])
    Entries(entered=1, set_out=0)
    """
    spans: dict[str, list[tuple[float, float]]] = {}
    for edge, begin, end in closed:
        spans.setdefault(edge, []).append((begin, end))

    def shut(edge: str, time: float) -> bool:
        return any(begin <= time < end for begin, end in spans.get(edge, ()))

    entered = set_out = 0
    for route in routes:
        if not spans.keys() & set(route.edges):
            continue
        set_out += shut(route.edges[0], route.departed_s)
        steps = zip(route.edges, route.edges[1:], route.left_s, strict=False)
        entered += any(time >= 0 and shut(after, time) and not shut(before, time) for before, after, time in steps)
    return Entries(entered, set_out)
