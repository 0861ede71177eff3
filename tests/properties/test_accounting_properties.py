"""Nothing vanishes, whatever the demand: made-up demands through the real engine, made-up ends through the counting."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from traffic_streets import LINE_WITH_DETOUR, network_of

from cim_core.errors import EngineError
from scenarios.traffic import accounting, outputs, simulation
from scenarios.traffic.network import Network
from scenarios.traffic.route_files import Vehicle, write_vehicles
from scenarios.traffic.routing import Router, route_once
from scenarios.traffic.simulation import MODES, STEP_S, Mode, Recording, Simulation


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Network:
    return network_of(tmp_path_factory.mktemp("net"), LINE_WITH_DETOUR)


@st.composite
def demands(draw: st.DrawFn) -> list[tuple[float, int, int]]:
    """(departure, origin, destination): scattered trips and crowds at one door; −1 is a place that is not there."""
    place = st.integers(-1, 20)
    scattered = draw(st.lists(st.tuples(st.floats(0, 700).map(lambda t: round(t, 2)), place, place), max_size=40))
    crowds = draw(st.lists(st.tuples(st.floats(0, 600).map(lambda t: round(t, 2)), place, place), max_size=2))
    return sorted(scattered + [crowd for crowd in crowds for _ in range(150)])


@pytest.mark.engine
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    demand=demands(),
    end_s=st.sampled_from([60.0, 301.0, 900.0, 2400.0]),
    closed=st.lists(st.tuples(st.integers(0, 20), st.integers(0, 500), st.integers(1, 400)), max_size=2),
    engine=st.tuples(st.sampled_from(MODES), st.integers(0, 1000)),
)
def test_every_trip_is_accounted_for_by_the_real_engine(
    network: Network,
    demand: list[tuple[float, int, int]],
    end_s: float,
    closed: list[tuple[int, int, int]],
    engine: tuple[Mode, int],
) -> None:
    mode, seed = engine
    edges = list(network.edges.index)
    named = [*edges, "nowhere"]
    spans = [(edges[at % len(edges)], float(begin), float(begin + length)) for at, begin, length in closed]
    vehicles = [
        Vehicle(number, depart, named[start % len(named)] if start >= 0 else "nowhere", edges[goal % len(edges)], None)
        for number, (depart, start, goal) in enumerate(demand)
    ]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        routed = route_once(Router(network, spans, folder, seed), vehicles)
        write_vehicles(folder / "routes.xml", routed.vehicles)
        job = Simulation(network.net_file, folder / "routes.xml", (), (), 0, end_s, mode, seed)
        simulation.run(job, Recording(0, end_s, 60, trajectories_s=0), folder)
        trips, counters = outputs.read_trips(folder), outputs.read_statistics(folder)
    rows = [(v.number, v.depart_s, (v.route or "").split()[-1]) for v in routed.vehicles]
    frame = pd.DataFrame(rows, columns=["vehicle", "due_s", "to_edge"]).set_index("vehicle")
    status = accounting.fates(frame, trips, end_s=end_s, step_s=STEP_S)
    accounting.check_against(counters, status)
    account = accounting.account(status, unroutable=len(routed.unroutable), beyond_window=0)
    accounting.check_demand(len(vehicles), account)
    assert account.unroutable >= sum(vehicle.from_edge == "nowhere" for vehicle in vehicles)
    assert set(routed.unroutable.values()) <= {"unknown_edge", "no_route", "closed"}
    assert (frame.loc[status == "not_yet_due", "due_s"] > end_s - STEP_S).all()


@given(st.lists(st.sampled_from(accounting.LOADED)), st.integers(0, 9), st.integers(0, 9))
def test_the_equations_hold_for_any_mixture_of_fates(fates: list[str], unroutable: int, beyond: int) -> None:
    account = accounting.account(pd.Series(fates, dtype=str), unroutable=unroutable, beyond_window=beyond)
    account.check()
    assert account.demand == len(fates) + unroutable + beyond
    assert account.removed == fates.count("removed") + fates.count("gave_up")


def test_an_account_that_does_not_balance_is_an_error() -> None:
    account = accounting.account(pd.Series(["arrived", "waiting"]), unroutable=1, beyond_window=0)
    with pytest.raises(EngineError, match="lost or counted twice"):
        accounting.check_demand(4, account)
    engine = outputs.Statistics(loaded=2, inserted=2, running=0, waiting=0, teleports={}, collisions=0)
    with pytest.raises(EngineError, match="lost or counted twice"):
        accounting.check_against(engine, pd.Series(["arrived", "waiting"]))


def test_fates_of_what_sumo_writes() -> None:
    vehicles = pd.DataFrame({"due_s": [0, 0, 0, 0, 0, 98.5, 99.5, 5], "to_edge": "z"})
    there = pd.DataFrame(
        {
            "departed_s": [1, 1, 1, 1, -1, -1, -1],
            "arrived_s": [50, 60, 100, 70, -1, -1, -1],
            "vaporized": ["", "", "end", "teleport", "end", "end", "end"],
            "arrival_edge": ["z", "y", "x", "z", "", "", ""],
        },
        index=range(7),
    )
    status = accounting.fates(vehicles, there, end_s=100, step_s=1)
    assert status.tolist() == [
        "arrived", "gave_up", "running", "removed", "waiting", "waiting", "not_yet_due", "discarded",
    ]  # fmt: skip


def test_entries_are_counted_from_open_edges_in_the_closed_hours_only() -> None:
    closed = [("b", 100.0, 200.0), ("c", 100.0, 200.0)]

    def entries(edges: str, left: list[float], departed: float = 0.0) -> accounting.Entries:
        return accounting.closure_entries([outputs.DrivenRoute(0, departed, edges.split(), left)], closed)

    assert entries("a b c d", [100.0, 110.0, 120.0, 130.0]) == (1, 0)
    assert entries("a b c d", [99.0, 110.0, 120.0, 130.0]) == (0, 0)  # it was on b when it closed, and leaves over c
    assert entries("a b c d", [200.0, 210.0, 220.0, 230.0]) == (0, 0)
    assert entries("a b", [-1.0, -1.0]) == (0, 0)  # it means to, and never does
    assert entries("b d", [150.0, 160.0], departed=140.0) == (0, 1)
