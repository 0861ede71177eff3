import sys
from pathlib import Path

import numpy as np
import pytest
from traffic_streets import (
    CROSSING,
    CRS,
    LINE,
    LINE_WITH_DETOUR,
    ORIGIN,
    PLACES,
    FolderCache,
    edit,
    network_of,
    roads_frame,
    signals_frame,
    street,
)

from cim_core.errors import CityError, EngineError, PlanError
from scenarios.traffic import netconvert
from scenarios.traffic.additional import write_additional
from scenarios.traffic.net_xml import read_net
from scenarios.traffic.network import build_network
from scenarios.traffic.turns import lost_turns, with_turns

pytestmark = pytest.mark.engine


def test_each_road_part_has_its_edges_with_its_lanes_and_speed_and_place(tmp_path: Path) -> None:
    streets = {**LINE, "cd": street([3, 4], 3, 1, speed_limit_mps=10.0), "one": street([4, 6], 2, 0)}
    network = network_of(tmp_path, streets)
    edges = network.edges
    assert edges.groupby("road").size().to_dict() == {"ab": 2, "bc": 2, "cd": 2, "one": 1}
    (forward,), (backward,) = network.edges_of(["cd"], "forward"), network.edges_of(["cd"], "backward")
    assert edges.loc[[forward, backward], "lanes"].tolist() == [3, 1]
    assert edges.at[forward, "speed_mps"] == pytest.approx(10.0, abs=0.01)
    assert network.edges_of(["one"], "backward") == []
    assert network.roads_without_edge == {}
    begin, end = np.add(ORIGIN, PLACES[3]), np.add(ORIGIN, PLACES[4])
    assert np.hypot(*(edges.loc[forward, ["x0", "y0"]] - begin)) < 12  # half a carriageway and the junction
    assert np.hypot(*(edges.loc[forward, ["x1", "y1"]] - end)) < 12
    assert edges.at[forward, "length_m"] == pytest.approx(500, abs=15)
    assert network.junctions.loc["3", ["x", "y"]].tolist() == pytest.approx(begin.tolist(), abs=0.05)


def test_the_same_roads_are_built_once_and_a_correction_builds_anew(tmp_path: Path) -> None:
    cache = FolderCache(tmp_path)
    frame = roads_frame(LINE)
    first = build_network(frame, None, None, CRS, cache)
    again = build_network(frame.iloc[::-1], None, None, CRS, cache)
    assert (cache.built, again.net_file) == (1, first.net_file)
    frame.loc["bc", "lanes_forward"] = 3
    corrected = build_network(frame, None, None, CRS, cache)
    (edge,) = corrected.edges_of(["bc"], "forward")
    assert cache.built == 2
    assert (first.edges.at[edge, "lanes"], corrected.edges.at[edge, "lanes"]) == (2, 3)


def test_a_bus_road_is_in_the_network_but_not_for_cars(tmp_path: Path) -> None:
    network = network_of(tmp_path, {**LINE_WITH_DETOUR, "be": street([2, 5], access="bus")})
    assert not network.edges.loc[network.edges_of(["be"]), "passenger"].any()
    assert network.edges.loc[network.edges_of(["ec"]), "passenger"].all()
    assert not set(network.edges_of(["be"])) & network.reachable


@pytest.mark.parametrize("gap_m", [0.0, 4.0])
def test_roads_that_cross_on_different_layers_without_a_shared_node_never_join(tmp_path: Path, gap_m: float) -> None:
    # a viaduct over a street; their nodes lie above each other or a few metres apart
    places = {**PLACES, 20: (500 + gap_m, gap_m), 21: (900, -400), 22: (100, 400)}
    streets = {
        "west": street([1, 2]),
        "east": street([2, 3]),
        "over1": street([21, 20], layer=1, bridge=True),
        "over2": street([20, 22], layer=1, bridge=True),
    }
    network = network_of(tmp_path, streets, places=places)
    below, above = set(network.edges_of(["west", "east"])), set(network.edges_of(["over1", "over2"]))
    links = network.connections
    assert len(below) == len(above) == 4
    assert not (links["from_edge"].isin(below) & links["to_edge"].isin(above)).any()
    assert not (links["from_edge"].isin(above) & links["to_edge"].isin(below)).any()
    assert network.facts["pieces"] == [4, 4]
    assert any("in 2 pieces" in sentence for sentence in network.warnings)


def test_sources_and_sinks_are_the_streets_that_lead_to_and_from_the_connected_part(tmp_path: Path) -> None:
    streets = {**LINE, "in": street([7, 2], 1, 0), "out": street([3, 5], 1, 0)}
    network = network_of(tmp_path, streets)
    (inward,), (outward,) = network.edges_of(["in"]), network.edges_of(["out"])
    assert inward in network.sources - network.sinks
    assert outward in network.sinks - network.sources
    assert network.reachable == set(network.edges_of(LINE))
    assert network.graph.shape == (8, 8)


def test_parts_inside_a_joined_junction_have_no_edge_and_a_reason(tmp_path: Path) -> None:
    places = {**PLACES, 30: (508, 0)}
    streets = {
        "ab": street([1, 2]),
        "short": street([2, 30]),
        "bc": street([30, 3]),
        "south": street([7, 2]),
        "north": street([30, 8]),
    }
    network = network_of(tmp_path, streets, places=places)
    assert network.roads_without_edge == {"short": "inside a junction that its ends were joined into"}
    additional = write_additional([edit("short", closed_forward=True)], [], network, None, tmp_path)
    ((_, features, reason),) = additional.without_effect
    assert features == ("short",)
    assert "joined" in reason
    assert additional.files == ()


def test_no_road_for_cars_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(CityError, match="no roads to drive on"):
        network_of(tmp_path / "none", {"a": street([1, 2], access="none")})
    with pytest.raises(CityError, match="no roads to drive on"):
        network_of(tmp_path / "buses", {"a": street([1, 2], access="bus")})


@pytest.fixture
def fake_netconvert(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def install(script: str) -> None:
        home = tmp_path / "sumo"
        (home / "bin").mkdir(parents=True)
        programme = home / "bin" / "netconvert"
        programme.write_text(f"#!{sys.executable}\n{script}")
        programme.chmod(0o755)
        monkeypatch.setattr(netconvert, "sumo_home", lambda: home)

    return install


def test_a_missing_engine_is_named_with_its_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(netconvert, "sumo_home", lambda: tmp_path)
    with pytest.raises(EngineError, match="SUMO is not installed") as caught:
        network_of(tmp_path, LINE)
    assert "make env" in caught.value.remedy


def test_a_failing_netconvert_is_one_error_with_the_end_of_its_log(tmp_path: Path, fake_netconvert) -> None:
    fake_netconvert("import sys; [print('line', i, file=sys.stderr) for i in range(99)]; sys.exit(1)")
    with pytest.raises(EngineError, match="could not build the road network") as caught:
        network_of(tmp_path, LINE)
    assert caught.value.code == "engine.netconvert_failed"
    assert "line 98" in caught.value.where
    assert "line 3\n" not in caught.value.where


def test_a_killed_netconvert_is_one_error_and_leaves_no_net(tmp_path: Path, fake_netconvert) -> None:
    fake_netconvert("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    with pytest.raises(EngineError, match="could not build the road network") as caught:
        network_of(tmp_path, LINE)
    assert (caught.value.code, caught.value.got) == ("engine.netconvert_killed", "killed by signal 9")
    assert not list(tmp_path.rglob("*.net.xml"))


def test_a_broken_network_file_is_an_engine_error(tmp_path: Path) -> None:
    broken = tmp_path / "net.net.xml"
    broken.write_text("<net><edge id='a'")
    with pytest.raises(EngineError, match="cannot be read"):
        read_net(broken)


def test_a_turn_that_a_closed_lane_would_take_is_built_on_the_next_lane(tmp_path: Path) -> None:
    network = network_of(tmp_path, CROSSING, signals_frame([2]))
    closed = [edit("ab", closed_lanes_forward=1)]
    (west,), (south,) = network.edges_of(["ab"], "forward"), network.edges_of(["south"], "backward")
    (turn,) = lost_turns(network, closed)
    assert (turn.from_edge, turn.to_edge, turn.from_lane) == (west, south, 1)
    patched = with_turns(network, closed, FolderCache(tmp_path / "turns"))
    assert lost_turns(patched, closed) == []
    assert patched.facts["turns_added"] == 1
    columns = ["from_edge", "to_edge", "from_lane", "to_lane"]
    before, after = (set(map(tuple, net.connections[columns].to_numpy())) for net in (network, patched))
    assert after - before == {tuple(turn)}
    assert before <= after
    assert patched.edges.equals(network.edges)
    (states, states_before) = (net.signals.at["2", "phases"] for net in (patched, network))
    assert [len(state) for state, _ in states] == [len(state) + 1 for state, _ in states_before]
    assert [duration for _, duration in states] == [duration for _, duration in states_before]


def test_without_lane_edits_the_network_is_the_same(tmp_path: Path) -> None:
    network = network_of(tmp_path, CROSSING)
    cache = FolderCache(tmp_path / "turns")
    assert with_turns(network, [edit("ab", closed_forward=True)], cache) is network
    assert cache.built == 0


def program_edit(**program: object):
    return edit("n2", program=program)


def test_a_signal_programme_that_does_not_fit_is_refused_with_what_would(tmp_path: Path) -> None:
    signals = signals_frame([2])
    network = network_of(tmp_path, CROSSING, signals)
    assert network.signals["nodes"].to_dict() == {"2": (2,)}
    with pytest.raises(PlanError, match="does not fit") as caught:
        write_additional([], [program_edit(cycle_s=60, splits=[1, 1, 1])], network, signals, tmp_path)
    assert caught.value.expected == "2 splits, one for each green phase"
    with pytest.raises(PlanError, match="does not fit") as caught:
        write_additional([], [program_edit(cycle_s=20, splits=[9, 1])], network, signals, tmp_path)
    assert caught.value.got == "1.4 s"
    short = program_edit(phases=[{"state": "G", "duration_s": 30}])
    with pytest.raises(PlanError, match="does not fit") as caught:
        write_additional([], [short], network, signals, tmp_path)
    assert caught.value.expected == "16 signals in each state"


def test_a_signal_without_a_traffic_light_is_answered_with_the_nearest_that_have_one(tmp_path: Path) -> None:
    signals = signals_frame([2, 4])  # 4 is a pedestrian crossing on a street
    network = network_of(tmp_path, {**CROSSING, "cd": street([3, 4]), "de": street([4, 6])}, signals)
    assert network.facts["signals_without_traffic_light"] == 1
    with pytest.raises(PlanError, match="no traffic light") as caught:
        write_additional([], [edit("n4", program={"cycle_s": 60})], network, signals, tmp_path)
    assert "n2 (1000 m)" in caught.value.remedy
