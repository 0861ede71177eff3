"""``traffic.simulate``: who drives where, how long it takes, what each road carries, and who is stranded."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from cim_core.instants import Day
from scenarios.traffic import simulation as engine
from scenarios.traffic.additional import Additional, write_additional
from scenarios.traffic.assignment import Assignment, Method, assign, common_start
from scenarios.traffic.closures import ROAD_EDIT_FIELDS, SIGNAL_EDIT_FIELDS
from scenarios.traffic.demand import Demand
from scenarios.traffic.demand_of import demand_of, optional_layer
from scenarios.traffic.diversion import divert
from scenarios.traffic.network import Network, build_network
from scenarios.traffic.parameters import SimulateParameters
from scenarios.traffic.profile import Period
from scenarios.traffic.result_of import Run, to_result
from scenarios.traffic.route_files import Vehicle, write_vehicles
from scenarios.traffic.routing import Routed, Router
from scenarios.traffic.simulation import Recording, Simulation
from scenarios.traffic.times import Times

if TYPE_CHECKING:
    from cim_core.city import City
    from cim_core.result import Result
    from cim_core.scenario import Context

INTERVAL_S = 900.0
_SEEDS = 2**31


@dataclass
class Stages:
    """Where the time goes: name → seconds."""

    context: Context
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str, fraction: float, message: str) -> Iterator[None]:
        """Say what begins, and keep how long it took."""
        self.context.progress(fraction, message)
        began = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - began, 2)


def simulate(city: City, parameters: SimulateParameters, context: Context) -> Result:
    """Simulate the traffic of some hours of a day on the city with its plan.

    Raises
    ------
    CimError
        Demand files that do not fit, a network that cannot be built, an engine that fails, and ``traffic.all_stranded``
        when nobody arrives.
    """
    times, day = Times.of(parameters), Day.of(parameters.day, city.timezone)
    period = Period(day.type, times.start_s, times.end_s)
    stages = Stages(context)
    with stages.stage("network", 0.0, "building the road network"):
        base = _network(context.baseline, context)
        network = _network(city, context) if city.edits else base
    with stages.stage("demand", 0.08, "drawing the demand"):
        demand, places = demand_of(parameters, context.baseline, base, period, context.seed)
    with stages.stage("measures", 0.12, "writing the measures"):
        side = _side(city, network, day, context.scratch)
        vehicles, diverted = _vehicles(demand, network, side["micro"], context.seed)
    with stages.stage("routing", 0.15, "finding routes"):
        method, routed = _route(base, network, side, demand, vehicles, times, parameters, context)
    with stages.stage("simulation", 0.5, "simulating"):
        job, recording = _job(network, side, routed, times, parameters, context)
        finished = engine.run(job, recording, context.scratch, _watcher(context, times, 0.5, 0.45, "simulating"))
    with stages.stage("reading", 0.95, "reading the outputs"):
        run = Run(
            parameters=parameters,
            times=times,
            network=network,
            roads=city.layer("roads"),
            demand=demand,
            places=places,
            routed=routed,
            method=method,
            additional=side[parameters.mode],
            job=job,
            recording=recording,
            finished=finished,
            diverted=diverted,
            directory=context.scratch,
            out=context.out,
            planned=bool(city.edits),
        )
        result = to_result(run)
    result.facts["seconds"] = stages.seconds
    return result


def _network(city: City, context: Context) -> Network:
    signals, restrictions = optional_layer(city, "signals"), optional_layer(city, "restrictions")
    return build_network(city.layer("roads"), signals, restrictions, city.crs, context.cache)


def _side(city: City, network: Network, day: Day, scratch: Path) -> dict[str, Additional]:
    """The plan's additional files for both modes; edits without effect go back to the plan's ledger."""
    road_edits = city.take_edits("roads", ROAD_EDIT_FIELDS, day)
    signal_edits = city.take_edits("signals", SIGNAL_EDIT_FIELDS, day)
    signals = optional_layer(city, "signals")
    side = {}
    for mode in ("micro", "meso"):
        directory = scratch / mode
        directory.mkdir()
        side[mode] = write_additional(
            road_edits, signal_edits, network, signals, directory, mesoscopic=mode == "meso"
        )
    for edit, features, reason in side["micro"].without_effect:
        city.give_back(edit, features, reason)
    return side


def _vehicles(
    demand: Demand, network: Network, additional: Additional, seed: int
) -> tuple[list[Vehicle], tuple[str, ...]]:
    """Vehicles numbered as the demand's trips, after external trips have turned to gateways that are open."""
    trips, diverted = demand.trips, ()
    if demand.beta_per_km is not None:
        trips, diverted = divert(
            trips,
            demand.terminals,
            network.edges,
            network.connections,
            additional.closed,
            beta_per_km=demand.beta_per_km,
            seed=seed,
        )
    return numbered(trips), diverted


def numbered(trips: pd.DataFrame) -> list[Vehicle]:
    """Vehicle *n* is row *n* of the trips."""
    routes = trips["route"] if "route" in trips else [None] * len(trips)
    columns = (trips["depart_s"], trips["from_edge"], trips["to_edge"], routes)
    return [
        Vehicle(number, round(float(depart), 2), start, goal, " ".join(route) if route else None)
        for number, (depart, start, goal, route) in enumerate(zip(*columns, strict=True))
    ]


def _route(
    base: Network,
    network: Network,
    side: dict[str, Additional],
    demand: Demand,
    vehicles: list[Vehicle],
    times: Times,
    parameters: SimulateParameters,
    context: Context,
) -> tuple[Method, Routed]:
    method: Method = "given" if "route" in demand.trips else parameters.routing
    seed = context.seed % _SEEDS
    meso = Simulation(base.net_file, Path(), (), (), times.start_s, times.stop_s, "meso", seed)
    watch = _watcher(context, times, 0.15, 0.0, "finding routes")
    start = None
    if method == "equilibrium":
        undisturbed = Router(base.net_file, base.edges, base.graph, (), context.scratch, seed)
        first = Assignment(method, parameters.iterations, meso, watch)
        start = common_start(first, undisturbed, numbered(demand.trips), context.cache)
    own = side["meso"]
    meso = replace(meso, net=network.net_file, additional=own.files, options=own.options)
    closed = closed_spans(own.closed)
    router = Router(network.net_file, network.edges, network.graph, closed, context.scratch, seed)
    assignment = Assignment(method, parameters.iterations, meso, watch)
    return method, assign(assignment, router, vehicles, start, context.scratch)


def closed_spans(closed: pd.DataFrame) -> list[tuple[str, float, float]]:
    """The frame of closures as (edge, begin_s, end_s)."""
    return list(closed[["edge", "begin_s", "end_s"]].itertuples(index=False, name=None))


def _job(
    network: Network,
    side: dict[str, Additional],
    routed: Routed,
    times: Times,
    parameters: SimulateParameters,
    context: Context,
) -> tuple[Simulation, Recording]:
    own = side[parameters.mode]
    routes = context.scratch / "final.rou.xml"
    write_vehicles(routes, routed.vehicles)
    job = Simulation(
        network.net_file,
        routes,
        own.files,
        own.options,
        times.start_s,
        times.stop_s,
        parameters.mode,
        context.seed % _SEEDS,
    )
    closed = [
        (edge, max(begin, times.start_s), min(end, times.stop_s))
        for edge, begin, end in closed_spans(own.closed)
        if begin < times.stop_s and end > times.start_s
    ]
    interval = min(INTERVAL_S, times.end_s - times.begin_s)
    shown = parameters.trajectories_s if parameters.mode == "micro" else 0.0
    return job, Recording(times.begin_s, times.end_s, interval, closed, shown)


def _watcher(context: Context, times: Times, low: float, share: float, message: str) -> engine.Watch:
    def watch(second: float | None) -> None:
        done = 0.0 if second is None else (second - times.start_s) / (times.stop_s - times.start_s)
        context.progress(low + share * done, message)

    return watch
