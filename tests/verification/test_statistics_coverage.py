"""How often the intervals hold what they promise, by simulation with a fixed seed."""

import numpy as np

from cim_core.analysis.statistics import FIRST_SEEDS, MOST_SEEDS, another_seed, holm, paired_difference, paired_rows

REPEATS = 20_000


def _binomial_margin(rate: float, repeats: int) -> float:
    """Four standard errors: a right code fails once in 16,000 draws, and the seed is fixed."""
    return 4 * (rate * (1 - rate) / repeats) ** 0.5


def test_a_95_percent_interval_covers_the_truth_in_95_percent():
    random = np.random.default_rng(2024)
    before = random.normal(500, 40, size=(5, REPEATS))
    after = before + 3 + random.normal(0, 7, size=(5, REPEATS))
    found = paired_rows(before, after)
    covered = np.mean((found.low <= 3) & (found.high >= 3))
    assert abs(covered - 0.95) < _binomial_margin(0.95, REPEATS)


def test_holm_keeps_the_chance_of_any_false_finding_at_alpha():
    random = np.random.default_rng(7)
    figures, repeats = 12, 3_000
    noise = random.normal(size=(5, figures * repeats)) + random.normal(size=(5, repeats)).repeat(figures, axis=1)
    p = paired_rows(np.zeros_like(noise), noise).p.reshape(repeats, figures)
    false_findings = np.mean([(holm(row) < 0.05).any() for row in p])
    assert false_findings < 0.05 + _binomial_margin(0.05, repeats)


def test_stopping_on_the_width_costs_at_most_three_points_of_coverage():
    random = np.random.default_rng(11)
    repeats, sd, covered, ran = 1_500, 1.0, 0, 0
    for _ in range(repeats):
        noise = random.normal(0, sd, size=MOST_SEEDS)
        seeds = FIRST_SEEDS
        while True:
            found = paired_difference([50.0] * seeds, list(50 + noise[:seeds]))
            if not another_seed([found], seeds, share=0.01):  # a half width of half a standard deviation
                break
            seeds += 1
        covered += found.low <= 0 <= found.high
        ran += seeds
    assert 0.92 - _binomial_margin(0.92, repeats) < covered / repeats < 0.95
    assert FIRST_SEEDS < ran / repeats < MOST_SEEDS
