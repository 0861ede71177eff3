"""``traffic.simulate``: who drives where, how long it takes, what each road carries, and who is stranded."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
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
from scenarios.traffic.result_of import to_result
from scenarios.traffic.route_files import Vehicle, write_vehicles
from scenarios.traffic.routing import Routed, Router
from scenarios.traffic.run import Prepared, Run
from scenarios.traffic.simulation import MODES, Mode, Recording, Simulation
from scenarios.traffic.sumo import Watch
from scenarios.traffic.times import Times
from scenarios.traffic.turns import with_turns

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
    stages, scratch = Stages(context), context.scratch
    prepared = prepare(city, parameters, context, stages)
    with stages.stage("simulation", 0.5, "simulating"):
        watch = Setup(parameters, context).watch(0.5, 0.45, "simulating")
        finished = engine.run(prepared.job, prepared.recording, scratch, watch)
    with stages.stage("reading", 0.95, "reading the outputs"):
        result = to_result(Run(**vars(prepared), finished=finished, directory=scratch, out=context.out))
    result.facts["seconds"] = stages.seconds
    return result


def prepare(city: City, parameters: SimulateParameters, context: Context, stages: Stages) -> Prepared:
    """Everything up to the simulation itself: network, demand, measures, routes."""
    times, setup = Times.of(parameters), Setup(parameters, context)
    with stages.stage("network", 0.0, "building the road network"):
        base = _network(context.baseline, context)
        network = _network(city, context) if city.edits else base
    with stages.stage("demand", 0.08, "drawing the demand"):
        day = Day.of(parameters.day, city.timezone)
        period = Period(day.type, times.start_s, times.end_s)
        demand, places = demand_of(parameters, context.baseline, base, period, context.seed)
    with stages.stage("measures", 0.12, "writing the measures"):
        side = _side(city, network, day, context)
        vehicles, diverted = _vehicles(demand, side, context.seed)
    with stages.stage("routing", 0.15, "finding routes"):
        routed = _route(setup, side, vehicles, _common_start(setup, base, demand))
        job, recording = _job(setup, side, routed)
    return Prepared(
        parameters=parameters,
        times=times,
        network=side.network,
        roads=city.layer("roads"),
        demand=demand,
        places=places,
        routed=routed,
        method=_method(setup, demand),
        additional=side.files[parameters.mode],
        job=job,
        recording=recording,
        diverted=diverted,
        planned=bool(city.edits),
    )


@dataclass(frozen=True)
class Setup:
    """What every step needs to know."""

    parameters: SimulateParameters
    context: Context

    @property
    def times(self) -> Times:
        """The simulated times."""
        return Times.of(self.parameters)

    @property
    def seed(self) -> int:
        """The run's seed as SUMO takes one."""
        return self.context.seed % _SEEDS

    def simulation(self, net: Path, mode: Mode, additional: Additional | None = None) -> Simulation:
        """A simulation of the whole time, its routes still to be named."""
        files, options = (additional.files, additional.options) if additional else ((), ())
        return Simulation(net, Path(), files, options, self.times.start_s, self.times.stop_s, mode, self.seed)

    def watch(self, low: float, share: float, message: str) -> Watch:
        """Tells the progress of a child: ``low`` at its begin, ``low + share`` at its end."""
        times = self.times

        def tell(second: float | None) -> None:
            done = 0.0 if second is None else (second - times.start_s) / (times.stop_s - times.start_s)
            self.context.progress(low + share * done, message)

        return tell

    def routing_watch(self, low: float) -> Callable[[float], Watch]:
        """The same for iterations: share of them that are done → what watches the next one."""
        return lambda done: self.watch(low + 0.15 * done, 0.0, "finding routes")


@dataclass(frozen=True, eq=False)
class Side:
    """A network with what a plan does to it, written for both modes."""

    network: Network
    files: dict[Mode, Additional]

    @property
    def closed(self) -> pd.DataFrame:
        """Columns ``edge begin_s end_s``."""
        return self.files["micro"].closed

    @property
    def closed_spans(self) -> list[tuple[str, float, float]]:
        """The same as (edge, begin_s, end_s)."""
        return list(self.closed[["edge", "begin_s", "end_s"]].itertuples(index=False, name=None))


def _network(city: City, context: Context) -> Network:
    signals, restrictions = optional_layer(city, "signals"), optional_layer(city, "restrictions")
    return build_network(city.layer("roads"), signals, restrictions, city.crs, context.cache)


def _side(city: City, network: Network, day: Day, context: Context) -> Side:
    """The plan's network and additional files; edits without effect go back to the plan's ledger."""
    road_edits = city.take_edits("roads", ROAD_EDIT_FIELDS, day)
    signal_edits = city.take_edits("signals", SIGNAL_EDIT_FIELDS, day)
    signals = optional_layer(city, "signals")
    network = with_turns(network, road_edits, context.cache)
    files: dict[Mode, Additional] = {}
    for mode in MODES:
        directory = context.scratch / mode
        directory.mkdir()
        meso = mode == "meso"
        files[mode] = write_additional(road_edits, signal_edits, network, signals, directory, mesoscopic=meso)
    for edit, features, reason in files["micro"].without_effect:
        city.give_back(edit, features, reason)
    return Side(network, files)


def _vehicles(demand: Demand, side: Side, seed: int) -> tuple[list[Vehicle], tuple[str, ...]]:
    """Vehicles numbered as the demand's trips, after external trips have turned to gateways that are open."""
    if demand.beta_per_km is None:  # given ends are kept
        return numbered(demand.trips), ()
    trips, diverted = divert(
        demand.trips,
        demand.terminals,
        side.network.edges,
        side.network.connections,
        side.closed,
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


def _method(setup: Setup, demand: Demand) -> Method:
    return "given" if "route" in demand.trips else setup.parameters.routing


def _common_start(setup: Setup, base: Network, demand: Demand) -> Path | None:
    """The baseline's equilibrium, from which both sides of a comparison go on; None without equilibrium."""
    if _method(setup, demand) != "equilibrium":
        return None
    router = Router(base, (), setup.context.scratch, setup.seed)
    job = Assignment(setup.parameters.iterations, setup.simulation(base.net_file, "meso"), setup.routing_watch(0.15))
    return common_start(job, router, numbered(demand.trips), setup.context.cache)


def _route(setup: Setup, side: Side, vehicles: list[Vehicle], start: Path | None) -> Routed:
    router = Router(side.network, side.closed_spans, setup.context.scratch, setup.seed)
    meso = setup.simulation(side.network.net_file, "meso", side.files["meso"])
    job = Assignment(setup.parameters.iterations, meso, setup.routing_watch(0.35))
    return assign(job, router, vehicles, start, setup.context.scratch)


def _job(setup: Setup, side: Side, routed: Routed) -> tuple[Simulation, Recording]:
    parameters, times = setup.parameters, setup.times
    routes = setup.context.scratch / "final.rou.xml"
    write_vehicles(routes, routed.vehicles)
    job = setup.simulation(side.network.net_file, parameters.mode, side.files[parameters.mode])
    interval = min(INTERVAL_S, times.end_s - times.begin_s)
    shown = parameters.trajectories_s if parameters.mode == "micro" else 0.0
    recording = Recording(times.begin_s, times.end_s, interval, bool(side.closed_spans), shown)
    return replace(job, routes=routes), recording
