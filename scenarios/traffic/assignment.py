"""Routes of one side of a comparison: which start it has, how many iterations it gets, what is kept in the cache."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from cim_core.canonical import file_hash
from scenarios.traffic.netconvert import sumo_version
from scenarios.traffic.route_files import Vehicle, write_vehicles
from scenarios.traffic.routing import WEIGHT_PERIOD_S, Routed, Router, equilibrium, route_once
from scenarios.traffic.simulation import FLAGS, MESO_FLAGS, Simulation, run_for_weights
from scenarios.traffic.sumo import Watch

if TYPE_CHECKING:
    from cim_core.scenario import Cache

Method = Literal["equilibrium", "oneshot", "given"]


@dataclass(frozen=True)
class Assignment:
    """How routes are found.

    Attributes
    ----------
    iterations
        Of the common start, and again of this side.
    simulation
        The mesoscopic simulation of this side (its ``routes`` are filled in).
    watch
        Share of the iterations that are done → what watches the next one.
    """

    iterations: int
    simulation: Simulation
    watch: Callable[[float], Watch]

    def learn(self, directory: Path) -> Callable[[Sequence[Vehicle]], Path]:
        """A function that simulates vehicles and returns the weight file."""
        done = itertools.count()

        def simulate(vehicles: Sequence[Vehicle]) -> Path:
            watch = self.watch(next(done) / self.iterations)
            routes = directory / "iteration.rou.xml"
            write_vehicles(routes, vehicles)
            return run_for_weights(replace(self.simulation, routes=routes), WEIGHT_PERIOD_S, directory, watch)

        return simulate


def common_start(assignment: Assignment, router: Router, vehicles: Sequence[Vehicle], cache: Cache) -> Path:
    """A directory with ``weights.xml``, ``routes.txt`` and ``gaps.json`` of the baseline's equilibrium, from the cache.

    ``assignment`` and ``router`` are the baseline's: no additional file, nothing closed.
    """
    listed = "\n".join(f"{v.number} {v.depart_s:.2f} {v.from_edge} {v.to_edge}" for v in vehicles)
    key = {
        "net": file_hash(router.network.net_file),
        "trips": hashlib.sha256(listed.encode()).hexdigest(),
        "iterations": assignment.iterations,
        "span": [assignment.simulation.begin_s, assignment.simulation.end_s],
        "seed": router.seed,
        "flags": [*FLAGS, *MESO_FLAGS],
        "sumo": sumo_version(),
    }

    def build(directory: Path) -> None:
        routed = route_once(router, vehicles)
        learn = assignment.learn(directory)
        routed = equilibrium(router, routed, learn, iterations=assignment.iterations, swap_last=True)
        rows = [f"{vehicle.number}\t{vehicle.route}" for vehicle in routed.vehicles]
        (directory / "routes.txt").write_text("\n".join(rows), encoding="utf-8")
        (directory / "gaps.json").write_text(json.dumps(routed.gaps))
        for name in ("iteration.rou.xml", "sumo.out", "sumo.log", "weights.add.xml"):
            (directory / name).unlink(missing_ok=True)

    return cache.get("traffic-routes", key, build)


def assign(
    assignment: Assignment, router: Router, vehicles: Sequence[Vehicle], start: Path | None, directory: Path
) -> Routed:
    """Routes of one side: one-shot, or ``iterations`` of the equilibrium from the common start."""
    if start is None:
        return route_once(router, vehicles)
    rows = (line.split("\t") for line in (start / "routes.txt").read_text(encoding="utf-8").splitlines())
    warm = {int(number): route for number, route in rows}
    vehicles = [_warm(vehicle, warm.get(vehicle.number), router) for vehicle in vehicles]
    routed = route_once(router, vehicles, start / "weights.xml")
    routed = replace(routed, gaps=tuple(json.loads((start / "gaps.json").read_text())))
    learn, count = assignment.learn(directory), assignment.iterations
    return equilibrium(router, routed, learn, iterations=count, first=count + 1)


def _warm(vehicle: Vehicle, route: str | None, router: Router) -> Vehicle:
    """The vehicle on its route of the start, where it still begins, ends and exists on this side."""
    edges = route.split() if route else ["", ""]
    fits = (edges[0], edges[-1]) == (vehicle.from_edge, vehicle.to_edge) and router.passable.issuperset(edges)
    return vehicle._replace(route=route) if fits else vehicle
