import subprocess
import sys
from pathlib import Path

import pytest

import scenarios.traffic
from cim_core.errors import PlanError
from cim_core.instants import DAY_S, Day
from cim_core.overlay import Ledger
from cim_core.plan import Plan, parse_measure
from cim_core.scenario import Manifest
from scenarios.traffic.measures import BusLane, Close, LaneClosure, OneWay, SignalProgram, SpeedLimit

TYPES = {kind.kind: kind for kind in (Close, OneWay, SpeedLimit, LaneClosure, BusLane, SignalProgram)}


def find(layer: str, name: str) -> tuple[str, ...]:
    return (f"{layer}/{name}/1", f"{layer}/{name}/2")


def edits(**measure: object) -> list:
    return list(Plan(plan="p", measures=(measure,)).compile(TYPES, find))


@pytest.mark.parametrize(
    ("measure", "layer", "fields"),
    [
        ({"type": "close", "road": "a"}, "roads", {"closed_forward": True, "closed_backward": True}),
        ({"type": "close", "road": "a", "direction": "backward"}, "roads", {"closed_backward": True}),
        ({"type": "close", "walkway": "a"}, "walkways", {"closed_forward": True, "closed_backward": True}),
        ({"type": "one_way", "road": "a"}, "roads", {"closed_backward": True, "closed_forward": False}),
        (
            {"type": "one_way", "road": "a", "direction": "backward"},
            "roads",
            {"closed_forward": True, "closed_backward": False},
        ),
        ({"type": "speed_limit", "road": "a", "speed_kmh": 36}, "roads", {"speed_limit_mps": pytest.approx(10.0)}),
        (
            {"type": "lane_closure", "road": "a", "lanes": 2},
            "roads",
            {"closed_lanes_forward": 2, "closed_lanes_backward": 2},
        ),
        ({"type": "bus_lane", "road": "a", "direction": "forward"}, "roads", {"bus_lanes_forward": 1}),
        (
            {"type": "signal_program", "signal": "a", "cycle_s": 90, "splits": [2, 1], "offset_s": 5},
            "signals",
            {"program": {"cycle_s": 90, "splits": [2, 1], "offset_s": 5}},
        ),
    ],
)
def test_a_measure_compiles_to_one_edit_in_the_vocabulary(measure: dict, layer: str, fields: dict) -> None:
    (edit,) = edits(**measure)
    assert edit.layer == layer
    assert dict(edit.fields) == fields
    assert edit.features == find(layer, "a")


def test_the_hours_of_a_measure_are_those_of_its_edit() -> None:
    (edit,) = edits(type="close", road="a", days="workday", **{"from": "07:00", "to": "09:00"})
    assert edit.window.as_dict() == {"from": "07:00", "to": "09:00", "days": "workday"}


@pytest.mark.parametrize(
    ("measure", "message"),
    [
        ({"type": "close"}, "either a road or a walkway"),
        ({"type": "close", "road": "a", "walkway": "b"}, "either a road or a walkway"),
        ({"type": "speed_limit", "road": "a", "speed_kmh": 0}, "greater than or equal to 5"),
        ({"type": "lane_closure", "road": "a", "lanes": 0}, "greater than or equal to 1"),
        ({"type": "one_way", "road": "a", "direction": "both"}, "'forward' or 'backward'"),
        ({"type": "signal_program", "signal": "a"}, "either cycle_s"),
        (
            {"type": "signal_program", "signal": "a", "phases": [{"state": "G", "duration_s": 5}] * 2, "splits": [1]},
            "splits belong to cycle_s",
        ),
        (
            {
                "type": "signal_program",
                "signal": "a",
                "phases": [{"state": "Gr", "duration_s": 5}, {"state": "r", "duration_s": 5}],
            },
            "state of the same length",
        ),
    ],
)
def test_a_measure_that_makes_no_sense_is_refused_at_the_door(measure: dict, message: str) -> None:
    with pytest.raises(PlanError, match="do not fit") as caught:
        parse_measure(measure, TYPES, "plan p, measure 1")
    assert message in caught.value.got


@pytest.mark.parametrize("direction", ["forward", "backward"])
@pytest.mark.parametrize("closed", ["forward", "backward", "both"])
def test_closing_the_direction_that_a_one_way_road_keeps_contradicts(direction: str, closed: str) -> None:
    close = {"type": "close", "road": "a", "direction": closed}
    one_way = {"type": "one_way", "road": "a", "direction": direction}
    for measures in ((close, one_way), (one_way, close)):
        plan = Plan(plan="p", measures=measures)
        if closed in (direction, "both"):
            with pytest.raises(PlanError, match=r"plan\.contradiction") as caught:
                plan.compile(TYPES, find)
            assert f"field closed_{direction}" in caught.value.where
        else:
            assert len(plan.compile(TYPES, find)) == 2


def test_one_way_and_a_closure_at_other_hours_do_not_contradict() -> None:
    close = {"type": "close", "road": "a", "from": "07:00", "to": "09:00"}
    one_way = {"type": "one_way", "road": "a", "from": "09:00"}
    assert len(Plan(plan="p", measures=(close, one_way)).compile(TYPES, find)) == 2


@pytest.mark.parametrize(
    ("hours", "begin_s", "over_midnight"),
    [
        ({}, 0, True),
        ({"days": "workday"}, 0, True),
        ({"from": "22:00"}, 22 * 3600, True),
        ({"from": "2026-11-20T22:00+08:00"}, 22 * 3600, True),
        ({"from": "2026-11-20T22:00+08:00", "to": "2026-11-21T05:00+08:00"}, 22 * 3600, True),
        ({"to": "24:00"}, 0, False),
        ({"from": "22:00", "to": "24:00"}, 22 * 3600, False),
    ],
)
def test_a_closure_without_an_end_does_not_end_at_midnight(hours: dict, begin_s: int, over_midnight: bool) -> None:
    ledger = Ledger(edits(type="close", road="a", **hours))
    (taken,) = ledger.take("roads", {"closed_forward"}, Day.of("2026-11-20", "Asia/Shanghai"), None)
    assert taken.begin_s == begin_s
    assert (taken.end_s > DAY_S) == over_midnight
    assert taken.end_s >= DAY_S
    assert ledger.unused() == []


def test_a_comparison_warns_when_the_two_sides_do_not_bring_the_same_vehicles_there() -> None:
    manifest = Manifest.read(Path(scenarios.traffic.__file__).with_name("manifest.toml"))
    figures = manifest.analyses["simulate"].figures
    assert {name for name, figure in figures.items() if figure.same_within is not None} == {"arrived"}
    assert 0 < figures["arrived"].same_within <= 0.01
    assert figures["arrived"].judged


def test_reading_measures_does_not_load_the_heavy_libraries() -> None:
    code = "import sys, scenarios.traffic.measures; print({'geopandas', 'pandas', 'scipy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
