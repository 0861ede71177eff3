"""Comparisons: the same seeds on both sides, differences that are known, nothing computed twice."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from cim_core import jobs
from cim_core.compare import Experiment, compare
from cim_core.errors import InputError, ParameterError
from cim_core.plan import Plan
from cim_core.testing.tiny import BRIDGES

CALM = Plan(plan="calm", measures=({"type": "calm", "road": "西桥", "speed_mps": 1.0},))


@pytest.fixture
def compared(runner):
    """``compared("toy.noise", CALM, seeds=3)`` → the comparison."""

    def run(analysis: str, plan: Plan, *, against: Plan | None = None, report=lambda fraction, message: None, **rest):
        options = {name: rest.pop(name) for name in ("seeds", "precision") if name in rest}
        sides = [Experiment(analysis, rest, one) for one in (against or Plan.empty(), plan)]
        return compare(runner, runner.city, *sides, report=report, **options)

    return run


@pytest.fixture
def shift(city) -> float:
    """By how much the plan changes the mean speed limit."""
    roads = city.layer("roads")
    after = roads.speed_limit_mps.where(~roads.index.isin(BRIDGES["bridge:西桥"]), 1.0)
    return float(after.mean() - roads.speed_limit_mps.mean())


def test_the_difference_and_its_interval_are_those_of_the_pairs(compared, shift):
    content = compared("toy.noise", CALM, seeds=5).content
    rows = content["figures"]
    common = [np.random.default_rng(seed).normal(100.0, 30.0) for seed in range(1, 6)]
    own = [[np.random.default_rng([s, round(1e6 * abs(x))]).normal(0, 1) for s in range(1, 6)] for x in (0.0, shift)]
    expected = np.subtract(own[1], own[0]) + 2 * shift
    half = stats.t.ppf(0.975, 4) * expected.std(ddof=1) / np.sqrt(5)
    assert rows["noisy"]["difference"] == pytest.approx(expected.mean())
    assert rows["noisy"]["baseline"] == pytest.approx(np.mean(common) + np.mean(own[0]))
    assert (rows["noisy"]["low"], rows["noisy"]["high"]) == pytest.approx(
        (expected.mean() - half, expected.mean() + half)
    )
    assert abs(rows["noisy"]["difference"]) < 30, "the noise that both sides share is gone"
    assert rows["mean_speed"]["difference"] == pytest.approx(shift)
    assert rows["constant"]["difference"] == 0
    assert content["seeds"] == [1, 2, 3, 4, 5]


def test_rows_of_layers_and_tables_are_paired(compared, city):
    found = compared("toy.noise", CALM, seeds=2)
    layer = pd.read_parquet(found.path / found.content["layers"]["roads_result"]["frame"]).set_index("id")
    changed = layer[layer.speed_difference != 0]
    assert set(changed.index) == set(BRIDGES["bridge:西桥"])
    assert (changed.speed_plan == 1.0).all()
    trips = found.content["tables"]["trips"]
    assert {key: trips[key] for key in ("gained", "lost", "unchanged", "only_baseline", "only_plan")} == {
        "gained": 0,
        "lost": 2 * 3,
        "unchanged": 2 * 16,
        "only_baseline": 2,
        "only_plan": 0,
    }


def test_sides_that_do_not_serve_the_same_are_warned_of(compared):
    content = compared("toy.noise", CALM, seeds=2).content
    assert any("do not serve the same demand: served differs by -5.0%" in text for text in content["warnings"])


def test_without_chance_one_pair_is_enough_and_the_difference_is_certain(compared, runner, shift):
    content = compared("toy.steady", CALM, seeds=5).content
    assert content["seeds"] == [0]
    row = content["figures"]["mean_speed"]
    assert row["difference"] == pytest.approx(shift)
    assert (row["low"], row["high"], row["p_adjusted"]) == (row["difference"], row["difference"], 0.0)
    assert row["verdict"] == "loss"
    assert len(jobs.listing(runner.city.database)) == 2


def test_two_plans_can_be_compared_and_the_empty_difference_is_none(compared):
    row = compared("toy.steady", CALM, against=CALM, seeds=2).content["figures"]["mean_speed"]
    assert row["difference"] == 0


def test_only_the_runs_that_are_missing_are_computed(compared, runner):
    compared("toy.noise", CALM, seeds=2)
    assert len(jobs.listing(runner.city.database)) == 4
    compared("toy.noise", CALM, seeds=3)
    assert len(jobs.listing(runner.city.database)) == 6
    first, second = compared("toy.noise", CALM, seeds=3), compared("toy.noise", CALM, seeds=3)
    assert first.path == second.path
    assert first.content == second.content
    assert len(jobs.listing(runner.city.database)) == 6


def test_a_comparison_bears_the_names_of_its_own_plans(compared):
    assert compared("toy.steady", CALM, seeds=2).content["plan"]["plan"] == "calm"
    assert compared("toy.steady", CALM.duplicate("quiet"), seeds=2).content["plan"]["plan"] == "quiet"


def test_the_first_failure_stops_the_rest_with_its_error(compared, runner):
    with pytest.raises(InputError, match=r"toy\.told_to_fail"):
        compared("toy.noise", CALM, seeds=4, fail_on_seed=1, pause_s=1.0)
    found = jobs.listing(runner.city.database)
    assert not [job for job in found if job.state in jobs.OPEN]
    assert len([job for job in found if job.state == "succeeded"]) < 6
    assert not (runner.city.root / "comparisons").exists()
    assert compared("toy.steady", CALM, seeds=2).content, "the runner works on"


def test_progress_never_falls_and_ends_at_one(compared):
    seen: list[float] = []
    compared("toy.noise", CALM, seeds=3, report=lambda fraction, message: seen.append(fraction))
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    assert len(set(seen)) > 5


def test_seeds_are_added_until_the_interval_is_short_enough(compared):
    content = compared("toy.noise", CALM, seeds=2, precision=0.15, sigma=3.0).content
    row = content["figures"]["noisy"]
    assert 2 < len(content["seeds"]) < 8
    assert (row["high"] - row["low"]) / 2 <= 0.15 * row["baseline"]
    assert any("true confidence" in text for text in content["warnings"])


@pytest.mark.parametrize("seeds", [1, 0, -3, 31])
def test_a_number_of_seeds_that_says_nothing_is_refused(compared, seeds):
    with pytest.raises(ParameterError, match=r"compare\.parameters"):
        compared("toy.noise", CALM, seeds=seeds)


def test_two_analyses_cannot_be_compared(runner):
    sides = [Experiment(name, {}, Plan.empty()) for name in ("toy.noise", "toy.steady")]
    with pytest.raises(ParameterError, match=r"compare\.parameters"):
        compare(runner, runner.city, *sides)
