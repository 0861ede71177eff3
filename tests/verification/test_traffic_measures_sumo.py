"""Each measure has its effect in the real engine, micro- and mesoscopic, and nobody vanishes."""

from __future__ import annotations

from pathlib import Path

import pytest
from traffic_streets import (
    CROSSING,
    LINE,
    LINE_WITH_DETOUR,
    PLACES,
    SPEED_MPS,
    FolderCache,
    Run,
    edit,
    network_of,
    run_sumo,
    signals_frame,
    street,
    vehicles,
)

from scenarios.traffic.additional import Additional, write_additional
from scenarios.traffic.network import Network
from scenarios.traffic.turns import with_turns

pytestmark = pytest.mark.engine
BEGIN, END = 300.0, 900.0
MODELS = pytest.mark.parametrize("mesoscopic", [False, True], ids=["micro", "meso"])


def route(network: Network, *roads: str) -> list[str]:
    return [network.edges_of([road], "forward")[0] for road in roads]


def closed_run(tmp_path: Path, network: Network, demand: list[str], mesoscopic: bool, *edits) -> Run:
    measures = write_additional(edits, [], network, None, tmp_path, mesoscopic=mesoscopic)
    return simulate(tmp_path, network, demand, measures, mesoscopic)


def simulate(tmp_path: Path, network: Network, demand: list[str], measures: Additional, mesoscopic: bool) -> Run:
    model = ["--mesosim"] if mesoscopic else []
    run = run_sumo(tmp_path / "run", network, demand, measures.files, [*measures.options, *model])
    assert run.status == 0, run.messages
    assert len(run.trips()) == len(demand)  # everybody is in the statistics
    return run


def during(entries, begin: float = BEGIN, end: float = END) -> int:
    return int(((entries >= begin) & (entries < end)).sum())


@MODELS
def test_a_closed_street_has_no_entries_and_traffic_takes_the_detour(tmp_path: Path, mesoscopic: bool) -> None:
    network = network_of(tmp_path, LINE_WITH_DETOUR)
    through = route(network, "ab", "bc", "cd")
    closed = edit("bc", closed_forward=True)
    run = closed_run(tmp_path, network, vehicles(through, range(0, 1500, 10)), mesoscopic, closed)
    entries = run.entries(through[1])
    assert during(entries) == 0
    assert during(entries, 0, BEGIN - 60) > 15
    assert during(entries, END, 2000) > 40
    assert during(run.entries(route(network, "be")[0])) > 40
    assert run.teleports == 0
    assert (run.arrival_edges() == through[-1]).all()


@MODELS
def test_who_has_no_other_way_gives_up_and_is_counted_and_nobody_is_teleported_through(
    tmp_path: Path, mesoscopic: bool
) -> None:
    network = network_of(tmp_path, LINE)
    through = route(network, "ab", "bc", "cd")
    closed = edit("bc", closed_forward=True)
    run = closed_run(tmp_path, network, vehicles(through, range(0, 1500, 10)), mesoscopic, closed)
    assert during(run.entries(through[1])) == 0
    assert run.teleports == 0
    stranded = run.arrival_edges() == through[0]
    departs = run.trips().loc[stranded, "depart"]
    assert 50 <= stranded.sum() <= 70
    assert departs.min() >= BEGIN - 110  # who could still have passed did
    assert departs.max() < END
    assert (run.arrival_edges()[~stranded] == through[-1]).all()


def test_who_cannot_give_up_waits_before_the_barrier_and_is_not_teleported_through(tmp_path: Path) -> None:
    # SUMO does not end a trip at a place further along than the destination edge is long
    network = network_of(tmp_path, {**LINE, "cd": street([3, 9])}, places={**PLACES, 9: (1002, 0)})
    through = route(network, "ab", "bc", "cd")
    demand = vehicles(through, range(200, 800, 10))
    run = closed_run(tmp_path, network, demand, False, edit("bc", closed_forward=True))
    entries = run.entries(through[1])
    assert during(entries) == 0
    assert during(entries, END, 2000) > 20


@MODELS
def test_a_destination_on_the_closed_street_is_given_up_and_an_origin_may_leave(
    tmp_path: Path, mesoscopic: bool
) -> None:
    network = network_of(tmp_path, LINE_WITH_DETOUR)
    inward, outward = route(network, "ab", "bc"), route(network, "bc", "cd")
    demand = vehicles(inward, range(400, 800, 20), "in") + vehicles(outward, range(405, 800, 20), "out")
    run = closed_run(tmp_path, network, demand, mesoscopic, edit("bc", closed_forward=True))
    ends = run.arrival_edges()
    assert during(run.entries(inward[1])) == 0
    assert (ends[ends.index.str.startswith("in")] == inward[0]).all()
    assert (ends[ends.index.str.startswith("out")] == outward[1]).all()
    assert run.teleports == 0


@MODELS
def test_who_is_on_a_closed_bridge_of_several_parts_leaves_it(tmp_path: Path, mesoscopic: bool) -> None:
    slow = street([2, 3], speed_limit_mps=5.0)
    network = network_of(tmp_path, {**LINE_WITH_DETOUR, "bc": slow, "de": street([4, 6])})
    through = route(network, "ab", "bc", "cd", "de")
    edits = [edit("bc", closed_forward=True), edit("cd", closed_forward=True)]
    run = closed_run(tmp_path, network, vehicles(through, range(0, 320, 5)), mesoscopic, *edits)
    on_it = run.entries(through[1])
    assert during(on_it) == 0
    assert during(run.entries(through[2])) >= 1  # from the closed part before it
    assert run.teleports == 0


@MODELS
def test_two_closures_with_overlapping_hours_send_nobody_from_one_into_the_other(
    tmp_path: Path, mesoscopic: bool
) -> None:
    network = network_of(tmp_path, {**LINE_WITH_DETOUR, "far1": street([2, 8]), "far2": street([8, 3])})
    through = route(network, "ab", "bc", "cd")
    edits = [edit("bc", 200, 700, closed_forward=True), edit("be", 500, 1000, closed_forward=True)]
    run = closed_run(tmp_path, network, vehicles(through, range(0, 1400, 10)), mesoscopic, *edits)
    assert during(run.entries(through[1]), 200, 700) == 0
    assert during(run.entries(route(network, "be")[0]), 500, 1000) == 0
    assert during(run.entries(route(network, "be")[0]), 260, 440) > 5
    assert during(run.entries(route(network, "far1")[0]), 560, 640) > 3
    assert (run.arrival_edges() == through[-1]).all()


def test_a_closure_that_began_before_the_simulation_holds(tmp_path: Path) -> None:
    network = network_of(tmp_path, LINE_WITH_DETOUR)
    through = route(network, "ab", "bc", "cd")
    measures = write_additional([edit("bc", 0, 900, closed_forward=True)], [], network, None, tmp_path)
    demand = vehicles(through, range(410, 1200, 10))
    run = run_sumo(tmp_path / "run", network, demand, measures.files, [*measures.options, "--begin", "400"])
    assert run.status == 0
    assert during(run.entries(through[1]), 0, 900) == 0
    assert during(run.entries(through[1]), 900, 2000) > 10


@MODELS
def test_one_way_keeps_its_direction_open(tmp_path: Path, mesoscopic: bool) -> None:
    network = network_of(tmp_path, LINE_WITH_DETOUR)
    onward = route(network, "ab", "bc", "cd")
    back = [network.edges_of([road], "backward")[0] for road in ("cd", "bc", "ab")]
    demand = vehicles(onward, range(400, 800, 20), "on") + vehicles(back, range(405, 800, 20), "back")
    run = closed_run(tmp_path, network, demand, mesoscopic, edit("bc", closed_backward=True))
    assert during(run.entries(onward[1])) > 15
    assert during(run.entries(back[1])) == 0


@MODELS
def test_a_speed_limit_changes_the_free_flow_time_as_theory_says_and_ends(tmp_path: Path, mesoscopic: bool) -> None:
    network = network_of(tmp_path, {"ab": street([1, 2]), "bc": street([2, 3, 4])})
    path = route(network, "ab", "bc")
    slow_mps = 20 / 3.6
    demand = vehicles(path, [0, 100, 450, 550, 1000, 1200], type="car", departSpeed="max")
    run = closed_run(tmp_path, network, demand, mesoscopic, edit("bc", speed_limit_mps=slow_mps))
    times = run.trips()["duration"]
    first, second = network.edges.loc[path, "length_m"]
    usual, limited = (first + second) / SPEED_MPS, first / SPEED_MPS + second / slow_mps
    assert times[["v0", "v100", "v1000", "v1200"]].tolist() == pytest.approx([usual] * 4, rel=0.06)
    assert times[["v450", "v550"]].tolist() == pytest.approx([limited] * 2, rel=0.06)


@pytest.mark.parametrize(("field", "buses"), [("closed_lanes_forward", 0), ("bus_lanes_forward", 10)])
def test_a_lane_is_empty_of_cars_while_it_is_taken_and_every_turn_stays_possible(
    tmp_path: Path, field: str, buses: int
) -> None:
    base = network_of(tmp_path, CROSSING)
    edits = [edit("ab", **{field: 1}), edit("bc", **{field: 1})]
    network = with_turns(base, edits, FolderCache(tmp_path / "turns"))
    straight, right = route(network, "ab", "bc"), [*route(network, "ab"), network.edges_of(["south"], "backward")[0]]
    joining = route(network, "south", "bc")
    demand = vehicles(straight, range(0, 1500, 10), "s") + vehicles(right, range(5, 1500, 20), "r")
    demand += (
        vehicles(joining, range(7, 1500, 20), "j") + vehicles(straight, range(330, 860, 55), "b", type="bus")[:buses]
    )
    run = closed_run(tmp_path, network, demand, False, *edits)
    assert run.teleports == 0
    kerb, inner = (run.lane_seconds()[f"{straight[0]}_{lane}"] for lane in (0, 1))
    taken = slice(BEGIN + 100, END - 100)
    assert kerb.loc[: BEGIN - 100].sum() > 500
    assert inner.loc[taken].sum() > 1000
    assert kerb.loc[END + 100 :].sum() > 500
    assert (0 < kerb.loc[taken].sum() < 60 * buses) if buses else (kerb.loc[taken].sum() == 0)
    ends = run.arrival_edges()
    assert (ends[ends.index.str.startswith("r")] == right[-1]).all()


@MODELS
def test_lane_edits_do_not_abort_the_mesoscopic_model(tmp_path: Path, mesoscopic: bool) -> None:
    base = network_of(tmp_path, CROSSING)
    edits = [edit("ab", closed_lanes_forward=1, bus_lanes_backward=1)]
    network = with_turns(base, edits, FolderCache(tmp_path / "turns"))
    right = [*route(network, "ab"), network.edges_of(["south"], "backward")[0]]
    run = closed_run(tmp_path, network, vehicles(right, range(0, 1200, 15)), mesoscopic, *edits)
    assert (run.arrival_edges() == right[-1]).all()
    assert run.teleports == 0


def test_a_signal_programme_runs_in_its_hours_and_the_present_one_before_and_after(tmp_path: Path) -> None:
    signals = signals_frame([2])
    network = network_of(tmp_path, CROSSING, signals)
    planned = edit("n2", program={"cycle_s": 100, "splits": [4, 1], "offset_s": 7})
    measures = write_additional([], [planned], network, signals, tmp_path)
    watch = tmp_path / "watch.add.xml"
    event = '<timedEvent type="SaveTLSStates" source="2" dest="run/signals.xml"/>'
    watch.write_text(f"<additional>{event}</additional>")
    demand = vehicles(route(network, "ab", "bc"), range(0, 1500, 10))
    run = run_sumo(tmp_path / "run", network, demand, [*measures.files, watch], measures.options)
    assert run.status == 0, run.messages
    states = [
        (float(s.get("time")), s.get("programID"), s.get("state")) for s in run.xml("signals.xml").iter("tlsState")
    ]
    assert {name for time, name, _ in states if BEGIN < time < END} == {"plan0"}
    assert {name for time, name, _ in states if time < BEGIN or time > END} == {"0"}
    greens = network.signals.at["2", "phases"][0][0], network.signals.at["2", "phases"][2][0]
    cycle = [state for time, _, state in states if 400 <= time < 500]
    assert [cycle.count(green) for green in greens] == [pytest.approx(94 * 4 / 5, abs=1), pytest.approx(94 / 5, abs=1)]


def test_a_permanent_signal_programme_runs_all_the_time(tmp_path: Path) -> None:
    signals = signals_frame([2])
    network = network_of(tmp_path, CROSSING, signals)
    planned = edit("n2", 0, 86400, program={"cycle_s": 60})
    measures = write_additional([], [planned], network, signals, tmp_path)
    watch = tmp_path / "watch.add.xml"
    watch.write_text('<additional><timedEvent type="SaveTLSStates" source="2" dest="run/signals.xml"/></additional>')
    demand = vehicles(route(network, "ab", "bc"), range(500, 800, 10))
    run = run_sumo(tmp_path / "run", network, demand, [*measures.files, watch], ["--begin", "450"])
    assert run.status == 0, run.messages
    assert {state.get("programID") for state in run.xml("signals.xml").iter("tlsState")} == {"plan0"}


def test_a_plan_without_edits_needs_no_file(tmp_path: Path) -> None:
    measures = write_additional([], [], network_of(tmp_path, LINE), None, tmp_path)
    assert (measures.files, measures.options, len(measures.closed)) == ((), (), 0)
