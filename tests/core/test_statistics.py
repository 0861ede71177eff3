"""Paired statistics: exact answers, missing values, verdicts, the stopping rule, changes of single trips."""

import json
import math

import numpy as np
import pandas as pd
import pytest

from cim_core.analysis.statistics import (
    FIRST_SEEDS,
    MOST_SEEDS,
    PairedDifference,
    another_seed,
    certain_difference,
    clear_rows,
    compare_figures,
    half_width_small_enough,
    holm,
    paired_difference,
    paired_rows,
    verdict,
)
from cim_core.analysis.trips import paired_changes
from cim_core.errors import ParameterError

NAN = float("nan")


def test_a_missing_value_on_one_side_drops_that_pair_and_is_counted():
    found = paired_difference([10.0, 12.0, None, 11.0, math.inf], [13.0, NAN, 9.0, 15.0, 1.0])
    assert (found.pairs, found.dropped) == (2, 3)
    assert (found.baseline, found.plan, found.difference) == (10.5, 14.0, 3.5)


def test_equal_differences_have_no_noise():
    moved = paired_difference([1.0, 5.0, 9.0], [1.5, 5.5, 9.5])
    assert (moved.low, moved.difference, moved.high, moved.p) == (0.5, 0.5, 0.5, 0.0)
    same = paired_difference([0.1, 0.2, 0.3], [0.1, 0.2, 0.3])
    assert (same.low, same.high, same.p) == (0.0, 0.0, 1.0)


def test_differences_equal_but_for_rounding_count_as_equal():
    found = paired_difference([0.1, 0.2, 0.3], [0.1 + 0.2, 0.2 + 0.2, 0.3 + 0.2])
    assert found.p == 0.0
    assert found.high - found.low == 0.0


def test_one_pair_has_a_difference_but_no_interval():
    found = paired_difference([3.0], [5.0])
    assert (found.difference, found.pairs) == (2.0, 1)
    assert all(math.isnan(x) for x in (found.low, found.high, found.p))


def test_without_pairs_every_number_is_missing():
    found = paired_difference([NAN, 1.0], [1.0, None])
    assert (found.pairs, found.dropped) == (0, 2)
    assert all(math.isnan(x) for x in (found.baseline, found.plan, found.difference, found.low, found.p))
    assert paired_difference([], []).pairs == 0


def test_sides_of_other_lengths_are_refused():
    with pytest.raises(ParameterError, match="do not pair"):
        paired_difference([1.0, 2.0], [1.0])


def test_rows_have_each_their_own_number_of_pairs():
    before = np.array([[1.0, 1.0, NAN], [2.0, NAN, NAN], [3.0, 3.0, NAN]])
    found = paired_rows(before, before + np.array([[1.0], [2.0], [3.0]]))
    assert found.pairs.tolist() == [3, 2, 0]
    assert found.dropped.tolist() == [0, 1, 3]
    np.testing.assert_allclose(found.difference[:2], [2.0, 2.0])
    assert found.low[0] < 2.0 < found.high[0]
    assert np.isnan(found.low[2])


def test_holm_leaves_missing_values_out_of_the_family():
    np.testing.assert_allclose(holm([0.01, NAN, 0.02]), [0.02, NAN, 0.02])
    assert holm([]).shape == (0,)


@pytest.mark.parametrize(
    ("better", "difference", "said"),
    [("lower", -2.0, "gain"), ("lower", 2.0, "loss"), ("higher", 2.0, "gain"), ("higher", -2.0, "loss")],
)
def test_the_declared_direction_makes_a_clear_difference_a_gain_or_a_loss(better, difference, said):
    found = PairedDifference(10, 10 + difference, difference, difference - 1, difference + 1, 0.001, 5, 0)
    assert verdict(found, 0.01, better) == said
    assert verdict(found, 0.01, "neither") == "change"
    assert verdict(found, 0.06, better) == "no clear difference"
    assert verdict(found, NAN, better) == "too few pairs"


def test_an_interval_over_zero_is_never_clear():
    found = PairedDifference(10, 9, -1, -3, 1, 0.001, 5, 0)
    assert verdict(found, 0.001, "lower") == "no clear difference"


def test_correction_over_figures_can_take_a_verdict_away():
    noise = np.array([-0.6, 0.4, 0.1, -0.3, 0.5])
    values = {"a": [10.0] * 5, "b": [20.0] * 5, "c": [5.0] * 5}
    plan = {"a": list(10.5 + noise), "b": list(20 + noise), "c": list(5 - noise)}
    alone = compare_figures({"a": values["a"]}, {"a": plan["a"]}, {"a": "lower"}, alpha=0.1)
    family = compare_figures(values, plan, dict.fromkeys("abc", "lower"), alpha=0.1)
    assert alone["a"].verdict == "loss"
    assert family["a"].p == alone["a"].p
    assert family["a"].p_adjusted == pytest.approx(3 * alone["a"].p)
    assert family["a"].verdict == "no clear difference"


def test_an_analysis_without_chance_is_compared_by_one_pair():
    found = compare_figures(
        {"x": [4.0], "y": [1.0]}, {"x": [3.0], "y": [1.0]}, {"x": "lower", "y": "lower"}, stochastic=False
    )
    assert found["x"].verdict == "gain"
    assert (found["x"].low, found["x"].high) == (-1.0, -1.0)
    assert found["y"].verdict == "no clear difference"
    assert certain_difference(None, 1.0).pairs == 0


def test_a_comparison_is_json_even_without_values():
    found = compare_figures({"x": [None]}, {"x": [1.0]}, {"x": "lower"})
    plain = json.loads(json.dumps(found["x"].as_dict(), allow_nan=False))
    assert plain["verdict"] == "too few pairs"
    assert plain["difference"] is None


def test_clear_rows_keep_the_rate_of_false_ones():
    p = np.r_[np.full(5, 1e-6), np.linspace(0.01, 1, 95), NAN]
    clear = clear_rows(p)
    assert clear[:5].all()
    assert clear.sum() == 5
    assert not clear_rows([NAN, NAN]).any()


def test_seeds_are_added_until_the_interval_is_narrow_or_thirty_ran():
    wide, narrow = PairedDifference(100, 101, 1, -9, 11, 0.8, 5, 0), PairedDifference(100, 101, 1, -0.9, 2.9, 0.1, 5, 0)
    assert half_width_small_enough(narrow, share=0.02)
    assert not half_width_small_enough(wide, share=0.02)
    assert another_seed([narrow], FIRST_SEEDS - 1)
    assert not another_seed([narrow], FIRST_SEEDS)
    assert another_seed([narrow, wide], FIRST_SEEDS)
    assert not another_seed([narrow, wide], MOST_SEEDS)


def test_changes_count_who_gained_who_lost_and_who_is_on_one_side_only():
    before = pd.Series({"a": 60.0, "b": 80.0, "c": 50.0, "d": NAN, "e": 10.0})
    after = pd.Series({"a": 50.0, "b": 95.0, "c": 50.4, "d": 30.0, "f": 12.0})
    found = paired_changes(before, after, tolerance=0.5)
    assert found.counts() == {
        "pairs": 3, "gained": 1, "lost": 1, "unchanged": 1, "only_baseline": 1, "only_plan": 2,
    }  # fmt: skip
    assert found.frame.loc["b", "difference"] == 15.0
    assert paired_changes(before, after, better="higher", tolerance=0.5).counts()["gained"] == 1


def test_a_row_named_twice_cannot_be_paired():
    with pytest.raises(ParameterError, match="names some of them twice"):
        paired_changes(pd.Series([1.0, 2.0], index=["a", "a"]), pd.Series([1.0], index=["a"]))
