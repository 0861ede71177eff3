"""Comparisons of what the seed draws, of figures that say nothing, and of what is judged and what is accounted for."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tiny_cities import TOYS

from cim_core.city import City
from cim_core.compare import Comparison, Experiment, compare
from cim_core.plan import Plan
from cim_core.registry import Registry
from cim_core.runner import Runner
from cim_core.testing.tiny_city import tiny_city

CALM = Plan(plan="calm", measures=({"type": "calm", "road": "西桥", "speed_mps": 1.0},))
SEEDS = 5


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Comparison:
    """Five seeds on both sides, asked for with a precision that they have from the first."""
    city = tiny_city(tmp_path_factory.mktemp("drawn") / "city")
    runner = Runner(City.open(city.root), Registry.discover(TOYS), drop_in=TOYS, parallel=2)
    sides = [Experiment("toy.drawn", {}, plan) for plan in (Plan.empty(), CALM)]
    return compare(runner, runner.city, *sides, seeds=SEEDS, precision=0.05)


def holm(p: list[float]) -> list[float]:
    """S. Holm (1979), step by step: the smallest of n times n, the next times n - 1, never falling, at most 1."""
    adjusted, least = dict.fromkeys(range(len(p)), 0.0), 0.0
    for step, place in enumerate(sorted(range(len(p)), key=lambda i: p[i])):
        least = max(least, p[place] * (len(p) - step))
        adjusted[place] = min(least, 1.0)
    return list(adjusted.values())


def test_rows_that_the_seed_draws_are_joined_within_their_seed(found):
    layer = found.content["layers"]["trips"]
    rows = pd.read_parquet(Path(found.path) / layer["frame"]).set_index("id")
    assert sorted(rows.index) == [f"seed {seed}: {row}" for seed in range(1, SEEDS + 1) for row in "01"]
    assert (layer["rows"], layer["new"], layer["gone"]) == (2 * SEEDS, 0, 0)
    expected = [100.0 * seed + row for seed in range(1, SEEDS + 1) for row in (0, 1)]
    assert rows.time_s_baseline.sort_index().tolist() == expected
    assert (rows.time_s_difference == -1.0).all()
    assert (rows.seeds_in_baseline == 1).all()
    assert (rows.seeds_in_plan == 1).all()
    assert not rows.time_s_clear.any(), "one seed is no evidence"
    assert rows.geometry.nunique() > SEEDS, "each has the shape of its own trip"


def test_warnings_say_their_side_and_those_that_differ_in_numbers_count_once(found):
    assert found.content["warnings"] == [
        "the city is small",
        "1 of 1,000 trips found no way",
        "plan: a queue of 10.5 m",
        next(text for text in found.content["warnings"] if "true confidence" in text),
    ]


def test_figures_without_a_value_or_of_nothing_ask_for_no_more_seeds(found):
    figures = found.content["figures"]
    assert found.content["seeds"] == list(range(1, SEEDS + 1))
    assert (figures["absent"]["pairs"], figures["absent"]["baseline"]) == (0, None)
    assert figures["queue"]["baseline"] == 0
    assert figures["queue"]["high"] - figures["queue"]["low"] > 1, "it would never be precise enough"


@pytest.mark.parametrize("family", [("queue", "delay", "length"), ("loaded", "waiting")])
def test_what_is_judged_and_the_account_are_families_of_their_own(found, family):
    rows = [found.content["figures"][name] for name in family]
    raw = [row["p"] for row in rows]
    assert 0 < min(raw) < 0.5
    assert [row["p_adjusted"] for row in rows] == pytest.approx(holm(raw))
    everything = [row["p"] for row in found.content["figures"].values() if row["p"] is not None]
    assert len(everything) == 5
    together = dict(zip(everything, holm(everything), strict=True))
    assert not np.allclose([together[p] for p in raw], holm(raw)), "one family would have said something else"
