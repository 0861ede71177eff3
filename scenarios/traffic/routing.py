"""Which way everybody drives: one-shot shortest paths, or an equilibrium by repeated mesoscopic simulation.

Equilibrium
-----------
Method of successive averages by trips (Sheffi, Urban Transportation Networks, 1985, chapter 5, on a simulated network;
cf. SUMO's ``tools/assign/duaIterate.py``). Iteration *k* simulates the present routes mesoscopically, judges each
trip's present route and its shortest path under the edge travel times that came out (time-dependent, by departure),
and moves each trip that would gain to its shortest path with probability 1/(k+1). The relative gap is
``(Σ cost of present routes − Σ cost of shortest paths) / Σ cost of shortest paths`` over all trips.

Both sides of a comparison drive the same number of iterations from one start: the baseline's routes after as many.

Closures
--------
A closed edge costs :data:`~scenarios.traffic.route_files.PROHIBITIVE_S` in its window, so everybody knows of it. A trip
that has no way but over a closed edge, because it begins or ends on one or where the closures leave no way in or out,
begins or ends on the nearest open edge that meets its own at a junction (often the other side of the same road). A trip
that is barred even so is stranded: it does not wait at home for the reopening.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, diags_array

from scenarios.traffic.connectivity import reach
from scenarios.traffic.route_files import (
    PROHIBITIVE_S,
    Alternative,
    Vehicle,
    read_alternatives,
    write_closed_weights,
    write_vehicles,
)
from scenarios.traffic.sumo import run_child

if TYPE_CHECKING:
    from scenarios.traffic.network import Network

WEIGHT_PERIOD_S = 900.0
_STREAM = 0x726F757465
Closed = Sequence[tuple[str, float, float]]


@dataclass(frozen=True)
class Routed:
    """Vehicles with their routes, and those that have none.

    Attributes
    ----------
    vehicles
        Ordered by departure, each with a route.
    unroutable
        Vehicle number → reason: ``unknown_edge``, ``no_route`` or ``closed``.
    moved
        Vehicle numbers whose origin or destination was moved off a closed edge.
    gaps
        Relative gap of each iteration, in order; the last belongs to ``vehicles``.
    """

    vehicles: tuple[Vehicle, ...]
    unroutable: dict[int, str]
    moved: frozenset[int] = frozenset()
    gaps: tuple[float, ...] = ()


class Router:
    """duarouter on one network with its closures.

    Parameters
    ----------
    network
        On which cars drive.
    closed
        (edge, begin_s, end_s), seconds after local midnight.
    directory
        For its files.
    """

    def __init__(self, network: Network, closed: Closed, directory: Path, seed: int) -> None:
        self.network, self.edges, self.directory, self.seed = network, network.edges, directory, seed
        self.passable = frozenset(self.edges.index[self.edges["passenger"]])
        self.closed = [interval for interval in closed if interval[0] in self.passable]

    def judge(self, vehicles: Sequence[Vehicle], weights: Path | None) -> dict[int, list[Alternative]]:
        """Each vehicle's present route and its shortest path with their costs; who has no route is left out.

        Shortest paths come from customisable contraction hierarchies, which take the travel times of the quarter of an
        hour of the departure for the whole trip; whoever has to do with a closure is judged by A*, at the time of each
        edge. Costs are exact either way. (On the Yuzhong extract the sum of all shortest paths is 6 millionths higher
        than with A* for all, in a quarter of the time.)

        duarouter drops edges it does not know from a route and goes on: all edges must be known beforehand.
        """
        quick = self._duarouter(vehicles, weights, "CCH")
        if not self.closed:
            return quick
        shut = {edge for edge, _, _ in self.closed}
        concerned = [
            vehicle
            for vehicle in vehicles
            if vehicle.route is None
            or not shut.isdisjoint(vehicle.route.split())
            or not all(shut.isdisjoint(each.route.split()) for each in quick.get(vehicle.number, ()))
        ]
        return quick | self._duarouter(concerned, weights, "astar")

    def _duarouter(
        self, vehicles: Sequence[Vehicle], weights: Path | None, algorithm: str
    ) -> dict[int, list[Alternative]]:
        if not vehicles:
            return {}
        trips, alternatives = self.directory / "judge.rou.xml", self.directory / "judged.alt.xml"
        write_vehicles(trips, vehicles)
        files = [weights] if weights else []
        if self.closed:
            files.append(self.directory / "closed.xml")  # the last one wins
            write_closed_weights(files[-1], self.closed)
        options = [
            f"--net-file={self.network.net_file}",
            f"--route-files={trips}",
            f"--output-file={self.directory / 'judged.rou.xml'}",
            f"--alternatives-output={alternatives}",
            *([f"--weight-files={','.join(str(file) for file in files)}"] if files else []),
            f"--routing-algorithm={algorithm}",
            f"--weight-period={WEIGHT_PERIOD_S:.0f}",
            "--route-choice-method=logit",  # it gives every alternative its exact cost
            "--ignore-errors",
            "--no-warnings",
            "--no-step-log",
            "--xml-validation=never",
            f"--seed={self.seed}",
        ]
        run_child("duarouter", options, self.directory)
        return read_alternatives(alternatives)

    def moved_off(self, vehicle: Vehicle) -> Vehicle:
        """The vehicle with ends where the open network reaches, and without a route; itself if nothing changes."""
        sources, sinks = self._open_core
        start, goal = self._nearby(vehicle.from_edge, sources), self._nearby(vehicle.to_edge, sinks)
        if (start, goal) == (vehicle.from_edge, vehicle.to_edge):
            return vehicle
        return vehicle._replace(from_edge=start, to_edge=goal, route=None)

    def _nearby(self, edge: str, core: frozenset[str]) -> str:
        """The edge itself if it is in the core; else the nearest one there that meets it at a junction, if any does."""
        if edge in core:
            return edge
        here = self.edges.loc[edge]
        ends = (here["from_junction"], here["to_junction"])
        meeting = sorted({other for end in ends for other in self._at_junction[end]} & core)
        return min(meeting, key=lambda other: self._distance(edge, other), default=edge)

    def _distance(self, edge: str, other: str) -> float:
        ends = self.edges.loc[[edge, other], ["x0", "y0", "x1", "y1"]].to_numpy(dtype=float)
        return float(np.hypot(*np.diff(ends[:, :2] + ends[:, 2:], axis=0)[0]))

    @cached_property
    def _at_junction(self) -> dict[str, list[str]]:
        meeting: dict[str, list[str]] = {}
        for end in ("from_junction", "to_junction"):
            for edge, junction in self.edges[end].items():
                meeting.setdefault(str(junction), []).append(str(edge))
        return meeting

    @cached_property
    def _open_core(self) -> tuple[frozenset[str], frozenset[str]]:
        """Edges that lead into, and that are led to from, the largest connected part that no closure touches."""
        shut = {edge for edge, _, _ in self.closed}
        stays = self.edges["passenger"].to_numpy(dtype=bool) & ~self.edges.index.isin(shut)
        keep = diags_array(stays.astype(float))
        left = csr_array(keep @ self.network.graph @ keep)
        left.eliminate_zeros()
        span = reach(left, stays, self.edges["length_m"].to_numpy())
        return (frozenset(self.edges.index[span.sources & stays]), frozenset(self.edges.index[span.sinks & stays]))


def route_once(router: Router, vehicles: Sequence[Vehicle], weights: Path | None = None) -> Routed:
    """Give every vehicle its shortest path; one that brings a route keeps it unless a closure is in its way."""
    known = [vehicle for vehicle in vehicles if _edges(vehicle) <= router.passable]
    unroutable = {vehicle.number: "unknown_edge" for vehicle in vehicles if not _edges(vehicle) <= router.passable}
    routed, barred, lost = _choose(known, router.judge(known, weights))
    changed = [after for before in barred if (after := router.moved_off(before)) != before]
    moved, _, _ = _choose(changed, router.judge(changed, weights))
    numbers = {vehicle.number for vehicle in moved}
    unroutable |= {vehicle.number: "no_route" for vehicle in lost}
    unroutable |= {vehicle.number: "closed" for vehicle in barred if vehicle.number not in numbers}
    return Routed(_by_departure([*routed, *moved]), unroutable, frozenset(numbers))


def _edges(vehicle: Vehicle) -> frozenset[str]:
    return frozenset(vehicle.route.split() if vehicle.route else (vehicle.from_edge, vehicle.to_edge))


def _by_departure(vehicles: Sequence[Vehicle]) -> tuple[Vehicle, ...]:
    return tuple(sorted(vehicles, key=lambda vehicle: (vehicle.depart_s, vehicle.number)))


def _choose(
    vehicles: Sequence[Vehicle], judged: Mapping[int, Sequence[Alternative]]
) -> tuple[list[Vehicle], list[Vehicle], list[Vehicle]]:
    """Vehicles with a route; those whose best way is barred by a closure; those without any."""
    routed, barred, lost = [], [], []
    for vehicle in vehicles:
        alternatives = judged.get(vehicle.number)
        if not alternatives:
            lost.append(vehicle)
            continue
        present = next((each for each in alternatives if each.route == vehicle.route), None)
        chosen = present if present and present.cost_s < PROHIBITIVE_S else min(alternatives)
        if chosen.cost_s < PROHIBITIVE_S:
            routed.append(vehicle._replace(route=chosen.route))
        else:
            barred.append(vehicle)
    return routed, barred, lost


def equilibrium(
    router: Router,
    routed: Routed,
    learn: Callable[[Sequence[Vehicle]], Path],
    *,
    iterations: int,
    first: int = 1,
    swap_last: bool = False,
) -> Routed:
    """Improve routes by successive averages.

    Parameters
    ----------
    learn
        Simulates the vehicles and returns the weight file that came out.
    iterations, first
        How many, and the number *k* of the first one.
    swap_last
        Whether trips also move after the last iteration; then the last gap belongs to the routes before.
    """
    vehicles, gaps = list(routed.vehicles), list(routed.gaps)
    for k in range(first, first + iterations):
        judged = router.judge(vehicles, learn(vehicles))
        present, best, shortest = _compare(vehicles, judged)
        gaps.append(relative_gap(present, best))
        if k < first + iterations - 1 or swap_last:
            drawn = np.random.default_rng([router.seed, _STREAM, k]).random(len(routed.vehicles)) < 1 / (k + 1)
            move = (best < present) & (drawn | (present >= PROHIBITIVE_S))
            vehicles = [
                vehicle._replace(route=way) if go else vehicle
                for vehicle, way, go in zip(vehicles, shortest, move, strict=True)
            ]
    return replace(routed, vehicles=tuple(vehicles), gaps=tuple(gaps))


def _compare(
    vehicles: Sequence[Vehicle], judged: Mapping[int, Sequence[Alternative]]
) -> tuple[NDArray[np.float64], NDArray[np.float64], list[str]]:
    """Cost of each vehicle's present route and of its shortest path, and that path."""
    present, best, shortest = [], [], []
    for vehicle in vehicles:
        alternatives = judged.get(vehicle.number) or [Alternative(0.0, vehicle.route or "")]
        least = min(alternatives)
        best.append(least.cost_s)
        shortest.append(least.route)
        present.append(next((each.cost_s for each in alternatives if each.route == vehicle.route), least.cost_s))
    return np.array(present), np.array(best), shortest


def relative_gap(present_s: NDArray[np.float64], shortest_s: NDArray[np.float64]) -> float:
    """(Σ present − Σ shortest) / Σ shortest; trips that run into a closure (and will be moved) are left out.

    >>> relative_gap(np.array([110.0, 100.0]), np.array([100.0, 100.0]))
    0.05
    """
    use = present_s < PROHIBITIVE_S
    total = float(shortest_s[use].sum())
    return (float(present_s[use].sum()) - total) / total if total > 0 else 0.0
