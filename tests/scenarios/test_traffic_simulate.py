"""traffic.simulate on the tiny city, with real SUMO: what goes in comes out, and every trip is accounted for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest

from cim_core.city import City
from cim_core.errors import JobError, PlanError
from cim_core.instants import Window, parse_moment
from cim_core.plan import Edit
from cim_core.result import Result
from cim_core.scenario import Context, Manifest
from cim_core.store.cache import FileCache
from cim_core.testing.tiny import BRIDGES
from cim_core.testing.tiny_city import tiny_city
from scenarios.traffic.parameters import SimulateParameters
from scenarios.traffic.simulate import simulate

pytestmark = pytest.mark.engine
Ask = Callable[..., Result]
MANIFEST = Path(__file__).parents[2] / "scenarios/traffic/manifest.toml"


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> City:
    return tiny_city(tmp_path_factory.mktemp("simulate") / "town")


@pytest.fixture
def ask(city: City, tmp_path: Path) -> Ask:
    """``ask(edits, seed=1, **parameters)`` → the result."""
    numbers: Iterator[int] = iter(range(100))

    def run(*edits: Edit, seed: int = 1, cancelled: Callable[[], bool] = lambda: False, **parameters: object) -> Result:
        folder = tmp_path / f"run{next(numbers)}"
        for part in ("scratch", "out"):
            (folder / part).mkdir(parents=True)
        context = Context(seed, folder / "scratch", folder / "out", city, FileCache(city.root), cancelled=cancelled)
        asked = SimulateParameters.model_validate({"routing": "oneshot", "follow_min": 15} | parameters)
        return simulate(city.with_plan(edits) if edits else city, asked, context)

    return run


def close(features: list[str], begin: str | None = "07:15", end: str | None = "07:45") -> Edit:
    window = Window(parse_moment(begin), parse_moment(end)) if begin and end else Window()
    return Edit("roads", "test", tuple(features), "set", (("closed_backward", True), ("closed_forward", True)), window)


def balanced(result: Result) -> dict[str, float]:
    f = {name: value for name, value in result.figures.items() if isinstance(value, float)}
    assert f["demand"] == f["unroutable"] + f["loaded"] + f["beyond_window"]
    assert f["loaded"] == f["inserted"] + f["waiting"] + f["not_yet_due"] + f["discarded"]
    assert f["inserted"] == f["arrived"] + f["running"] + f["removed"]
    return f


def trips_file(path: Path, city: City, departs: list[float]) -> Path:
    roads = city.layer("roads").index
    rows = [f"{depart},{roads[0]},{roads[-1]}" for depart in departs]
    path.write_text("depart,from,to\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_baseline_answers_all_that_the_manifest_declares(ask: Ask) -> None:
    result = ask(routing="equilibrium", iterations=2)
    declared = Manifest.read(MANIFEST).analyses["simulate"]
    assert set(result.figures) == set(declared.figures)
    assert set(result.layers) == set(declared.layers)
    assert set(result.tables) == set(declared.tables)
    for name, layer in declared.layers.items():
        assert set(layer.columns) <= set(result.layers[name].columns)
    for name, table in declared.tables.items():
        assert set(table.columns) == set(result.tables[name].columns)
    figures = balanced(result)
    assert figures["arrived"] == figures["demand"] > 300
    assert 5 < figures["mean_speed"] < 14
    assert result.facts["routing"]["method"] == "equilibrium"
    assert len(result.facts["routing"]["relative_gaps"]) == 4  # two of the common start, two of this side
    assert 0 <= figures["relative_gap"] < 0.05
    assert "uncalibrated" in " ".join(result.warnings)
    assert {"network", "demand", "routing", "simulation", "reading"} <= set(result.facts["seconds"])


def test_roads_carry_the_distance_that_the_trips_drove(ask: Ask) -> None:
    result = ask(warmup_min=0)
    roads = result.layers["roads_result"]
    on_roads = roads["flow_vph"].mul(roads.geometry.length).sum()
    driven = result.tables["trips"]["route_length_m"].sum()
    assert on_roads == pytest.approx(driven, rel=0.06)  # parts of trips after 8:00 and lengths inside junctions
    assert (roads["saturation"] >= 0).all()
    assert roads["flow_forward_vph"].fillna(0).add(roads["flow_backward_vph"].fillna(0)).sub(
        roads["flow_vph"]
    ).abs().max() == pytest.approx(0, abs=1e-6)


def test_same_seed_same_answer_and_another_seed_another_demand(ask: Ask) -> None:
    first, again, other = ask(), ask(), ask(seed=2)
    assert first.figures == again.figures
    pd.testing.assert_frame_equal(first.tables["trips"], again.tables["trips"])
    assert first.figures["demand"] != other.figures["demand"]


def test_a_closed_bridge_sends_everybody_over_the_other(ask: Ask) -> None:
    west = list(BRIDGES["bridge:西桥"])
    before, after = ask(routing="equilibrium", iterations=2), ask(close(west), routing="equilibrium", iterations=2)
    figures = balanced(after)
    assert figures["closure_entries"] == 0
    assert figures["stranded"] == 0
    assert figures["demand"] == before.figures["demand"]
    assert figures["mean_route_length"] > before.figures["mean_route_length"]
    assert len(after.facts["routing"]["relative_gaps"]) == len(before.facts["routing"]["relative_gaps"])
    closed_for_good = ask(close(west, None, None))
    assert closed_for_good.layers["roads_result"].loc[west, "flow_vph"].max() == 0
    common = set(before.tables["trips"]["trip_id"])
    assert common == set(after.tables["trips"]["trip_id"])


def test_closing_both_bridges_strands_some_and_shows_where(ask: Ask) -> None:
    result = ask(close([road for parts in BRIDGES.values() for road in parts]))
    figures, stranded = balanced(result), result.layers["stranded"]
    assert figures["closure_entries"] == 0
    assert 0 < figures["stranded"] < figures["demand"]
    assert len(stranded) == figures["stranded"]
    assert set(stranded["reason"]) <= {"closed", "gave_up"}
    assert stranded.geometry.is_valid.all()
    assert not stranded.geometry.is_empty.any()
    assert figures["unroutable"] == (stranded["reason"] == "closed").sum()


def test_trips_that_begin_or_end_on_a_closed_street_use_the_streets_it_meets(ask: Ask, city: City) -> None:
    result = ask(close(list(city.layer("roads").index[:3]), None, None))
    figures = balanced(result)
    assert result.facts["routing"]["trips_with_ends_moved_off_closures"] > 0
    assert (figures["stranded"], figures["closure_entries"]) == (0, 0)


def test_a_plan_that_strands_everybody_is_an_error(ask: Ask, city: City) -> None:
    with pytest.raises(PlanError, match="strands everybody") as caught:
        ask(close(list(city.layer("roads").index), None, None))
    assert caught.value.code == "traffic.all_stranded"


def test_trips_of_the_warm_up_are_driven_but_not_counted(ask: Ask, city: City, tmp_path: Path) -> None:
    given = trips_file(tmp_path / "trips.csv", city, [24_600, 25_300, 25_900, 28_790, 28_800, 40_000])
    figures = balanced(ask(trips=given))
    assert (figures["demand"], figures["beyond_window"], figures["loaded"]) == (6, 3, 3)
    assert len(ask(trips=given).tables["trips"]) == 3
    without = balanced(ask(trips=given, warmup_min=0))
    assert (without["demand"], without["beyond_window"], without["arrived"]) == (6, 3, 3)


def test_vehicles_that_are_not_followed_long_enough_are_running(ask: Ask, city: City, tmp_path: Path) -> None:
    given = trips_file(tmp_path / "trips.csv", city, [28_000, 28_795])
    result = ask(trips=given, follow_min=0)
    figures = balanced(result)
    assert (figures["arrived"], figures["running"]) == (1, 1)
    assert any("no longer followed" in warning for warning in result.warnings)


def test_a_crowd_at_one_door_waits_and_is_discarded_but_never_lost(ask: Ask, city: City, tmp_path: Path) -> None:
    given = trips_file(tmp_path / "trips.csv", city, [25_200.0] * 1500)
    result = ask(trips=given, hours="7-7.25", warmup_min=0, follow_min=5)
    figures = balanced(result)
    assert figures["discarded"] + figures["waiting"] > 0
    assert figures["demand"] == 1500
    assert any("found no room" in warning for warning in result.warnings)
    assert figures["stranded"] == len(result.layers["stranded"]) == 1500 - figures["arrived"]


def test_mesoscopic_mode_accounts_as_well_and_says_what_it_is_for(ask: Ask) -> None:
    result = ask(close(list(BRIDGES["bridge:西桥"])), mode="meso")
    figures = balanced(result)
    assert figures["arrived"] > 300
    assert figures["closure_entries"] == 0
    assert any("screening" in warning for warning in result.warnings)
    assert result.files == {}


def test_given_routes_are_kept_and_a_closure_reroutes_only_who_it_stops(ask: Ask, city: City, tmp_path: Path) -> None:
    first = ask(trips=trips_file(tmp_path / "trips.csv", city, [25_300.0, 26_500.0]))
    assert first.facts["routing"]["method"] == "oneshot"
    routes = next((tmp_path / "run0/scratch").glob("final.rou.xml"))
    kept = ask(routes=routes)
    assert kept.facts["routing"]["method"] == "given"
    assert kept.figures["mean_route_length"] == first.figures["mean_route_length"]


def test_counts_give_the_geh_share_and_end_the_uncalibrated_label(ask: Ask, city: City, tmp_path: Path) -> None:
    baseline = ask()
    road = baseline.layers["roads_result"]["flow_vph"].idxmax()
    flow = baseline.layers["roads_result"].loc[road, "flow_vph"]
    counts = tmp_path / "counts.csv"
    counts.write_text(f"road,begin,end,count\n{road},07:00,08:00,{flow:.0f}\n{road},07:00,08:00,9000\n")
    result = ask(counts=counts)
    assert result.figures["geh_share"] == 0.5
    assert result.facts["calibration"] == "compared with 2 counts"
    assert not any("uncalibrated" in warning for warning in result.warnings)
    assert len(result.tables["counts"]) == 2


def test_a_cancelled_job_stops_at_once(ask: Ask) -> None:
    with pytest.raises(JobError, match="cancelled"):
        ask(cancelled=lambda: True)
