"""Paired statistics: two sides of a comparison that ran with the same seeds.

Each seed gives one pair; the difference is plan minus baseline. Intervals and p-values are Student's (W. S. Gosset,
"The probable error of a mean", Biometrika 6, 1908, 1-25), because five to thirty seeds are too few for a bootstrap.
Figures of one comparison are a family and are corrected after Holm; the thousands of rows of a layer are corrected
after Benjamini and Hochberg. What changed for single trips is in :mod:`cim_core.analysis.trips`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from cim_core.errors import ParameterError

Better = Literal["lower", "higher", "neither"]
Verdict = Literal["gain", "loss", "change", "no clear difference", "too few pairs"]
Floats = NDArray[np.float64]

FIRST_SEEDS, MOST_SEEDS = 5, 30
_ROUNDING = 1e-12
"""A spread below this share of the values is rounding, not noise."""


@dataclass(frozen=True)
class PairedDifference:
    """Means over the complete pairs, their difference, its interval and two-sided p-value.

    ``pairs`` seeds had a value on both sides, ``dropped`` had none on at least one. Without a pair all numbers are NaN;
    with one pair the interval and ``p`` are.
    """

    baseline: float
    plan: float
    difference: float
    low: float
    high: float
    p: float
    pairs: int
    dropped: int


@dataclass(frozen=True, eq=False)
class PairedRows:
    """As :class:`PairedDifference`, one entry a row (road, building, …): float arrays of shape (rows,)."""

    baseline: Floats
    plan: Floats
    difference: Floats
    low: Floats
    high: Floats
    p: Floats
    pairs: NDArray[np.int64]
    dropped: NDArray[np.int64]


@dataclass(frozen=True)
class FigureComparison(PairedDifference):
    """A paired difference of one figure with its p-value corrected over the family, and what to say about it."""

    p_adjusted: float
    verdict: Verdict

    def as_dict(self) -> dict[str, Any]:
        """JSON form; not-a-number becomes null."""
        return {
            key: None if isinstance(value, float) and not math.isfinite(value) else value
            for key, value in asdict(self).items()
        }


def paired_rows(baseline: ArrayLike, plan: ArrayLike, *, confidence: float = 0.95) -> PairedRows:
    """Paired t interval and p-value of many rows at once.

    Parameters
    ----------
    baseline, plan
        Arrays of shape (seeds, rows), the same seed in the same place. A value that is NaN, infinite or None on either
        side drops that row's pair of that seed.
    confidence
        Of the interval ``mean ± t(1 - (1 - confidence)/2; n - 1) · s / √n``.

    Notes
    -----
    Where all n ≥ 2 differences are equal there is no noise to judge by: the interval is that one value, p is 0 if it is
    not zero and 1 if it is.

    Raises
    ------
    ParameterError
        The two sides differ in shape.
    """
    before, after = np.asarray(baseline, dtype=np.float64), np.asarray(plan, dtype=np.float64)
    _check_shapes(before, after)
    used = np.isfinite(before) & np.isfinite(after)
    pairs = used.sum(axis=0)
    before, after = np.where(used, before, 0.0), np.where(used, after, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean_before, mean_after = before.sum(axis=0) / pairs, after.sum(axis=0) / pairs
        difference = (after - before).sum(axis=0) / pairs
        residual = np.where(used, after - before - difference, 0.0)
        spread = np.sqrt((residual**2).sum(axis=0) / (pairs - 1))
    scale = np.maximum(np.abs(before).max(axis=0, initial=0), np.abs(after).max(axis=0, initial=0))
    low, high, p = _t_interval(difference, spread, pairs, _ROUNDING * scale, confidence)
    return PairedRows(mean_before, mean_after, difference, low, high, p, pairs, len(used) - pairs)


def _check_shapes(before: Floats, after: Floats) -> None:
    if before.shape != after.shape or before.ndim != 2:
        raise ParameterError(
            "statistics.unpaired",
            "the two sides of the comparison do not pair",
            where="baseline and plan",
            expected="two arrays (seeds, rows) of one shape",
            got=f"{before.shape} and {after.shape}",
            remedy="run the same seeds on both sides, and give rows without a value as NaN",
        )


def _t_interval(
    mean: Floats, spread: Floats, pairs: NDArray[np.int64], rounding: Floats, confidence: float
) -> tuple[Floats, Floats, Floats]:
    freedom = np.where(pairs >= 2, pairs - 1, np.nan)
    still = (spread <= rounding) & (pairs >= 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        error = spread / np.sqrt(pairs)
        p = 2 * stats.t.sf(np.abs(mean) / error, freedom)
    half = np.where(still, 0.0, stats.t.ppf((1 + confidence) / 2, freedom) * error)
    p = np.where(still, (np.abs(mean) <= rounding).astype(float), p)
    return mean - half, mean + half, np.asarray(p, dtype=np.float64)


def paired_difference(
    baseline: Sequence[float | None], plan: Sequence[float | None], *, confidence: float = 0.95
) -> PairedDifference:
    """One figure over the seeds; see :func:`paired_rows`.

    >>> paired_difference([10, 12, 11], [13, 14, 15]).difference
    3.0
    """
    columns = (np.asarray(side, dtype=np.float64).reshape(-1, 1) for side in (baseline, plan))
    rows = paired_rows(*columns, confidence=confidence)
    return PairedDifference(**{name: getattr(rows, name)[0].item() for name in PairedDifference.__annotations__})


def certain_difference(baseline: float | None, plan: float | None) -> PairedDifference:
    """The difference of an analysis without chance: one pair says all, its interval is the value itself."""
    before, after = (np.nan if value is None else float(value) for value in (baseline, plan))
    gap = after - before
    known = bool(np.isfinite(gap))
    p = float(gap == 0) if known else np.nan
    return PairedDifference(before, after, gap, gap, gap, p, int(known), int(not known))


def holm(p: ArrayLike) -> Floats:
    """Holm's step-down adjusted p-values; NaN stays NaN and does not count into the family.

    S. Holm, "A simple sequentially rejective multiple test procedure", Scand. J. Statist. 6 (1979) 65-70: of m sorted
    p-values the k-th (k = 0, 1, …) is multiplied by m - k, kept at least as large as the ones before it, and cut at 1.
    The chance of one or more false findings in the family stays at or below alpha, however the figures hang together.

    >>> holm([0.01, 0.04, 0.03]).round(2)
    array([0.03, 0.06, 0.06])
    """
    raw = np.asarray(p, dtype=np.float64)
    adjusted = np.full(raw.shape, np.nan)
    order = np.argsort(raw, kind="stable")[: np.isfinite(raw).sum()]
    steps = raw[order] * np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return adjusted


def clear_rows(p: ArrayLike, *, rate: float = 0.05) -> NDArray[np.bool_]:
    """Which of many rows differ clearly, with an expected share of false ones of at most ``rate``.

    Y. Benjamini, Y. Hochberg, "Controlling the false discovery rate", J. R. Statist. Soc. B 57 (1995) 289-300. NaN is
    never clear and does not count.
    """
    raw = np.asarray(p, dtype=np.float64)
    known = np.isfinite(raw)
    clear = np.zeros(raw.shape, dtype=np.bool_)
    if known.any():
        clear[known] = stats.false_discovery_control(raw[known], method="bh") <= rate
    return clear


def verdict(found: PairedDifference, p_adjusted: float, better: Better, *, alpha: float = 0.05) -> Verdict:
    """What a difference means for a figure whose ``better`` direction is declared.

    Clear is a difference whose adjusted p is below ``alpha`` and whose interval leaves out zero. A clear difference
    is a gain or a loss by direction, or a change where neither direction is better.
    """
    if not np.isfinite(p_adjusted):
        return "too few pairs"
    if p_adjusted >= alpha or found.low <= 0 <= found.high:
        return "no clear difference"
    if better == "neither":
        return "change"
    return "gain" if (found.difference < 0) == (better == "lower") else "loss"


def compare_figures(
    baseline: Mapping[str, Sequence[float | None]],
    plan: Mapping[str, Sequence[float | None]],
    better: Mapping[str, Better],
    *,
    stochastic: bool = True,
    alpha: float = 0.05,
) -> dict[str, FigureComparison]:
    """Every figure that both sides have: difference, interval, Holm-adjusted p over all of them, verdict.

    ``baseline`` and ``plan`` give for each figure its values in the order of the seeds. The interval of each figure is
    its own (1 - alpha, not corrected); the verdict rests on the corrected p. An analysis without chance
    (``stochastic=False``) is compared by its first values alone, and what differs, differs.
    """
    names = [name for name in baseline if name in plan]
    found = [
        paired_difference(baseline[name], plan[name], confidence=1 - alpha)
        if stochastic
        else certain_difference(baseline[name][0], plan[name][0])
        for name in names
    ]
    raw = [one.p for one in found]
    adjusted = holm(raw) if stochastic else np.asarray(raw)
    return {
        name: FigureComparison(
            **asdict(one), p_adjusted=float(p), verdict=verdict(one, float(p), better[name], alpha=alpha)
        )
        for name, one, p in zip(names, found, adjusted, strict=True)
    }


def half_width_small_enough(found: PairedDifference, *, share: float = 0.02) -> bool:
    """Whether the interval's half width is at most ``share`` of the baseline's mean.

    Stopping rule of a sequential comparison: begin with :data:`FIRST_SEEDS` seeds, add seeds one by one until this
    holds, at most :data:`MOST_SEEDS` (:func:`another_seed`). It looks at the width only, never at the difference or
    at p, so it does not hunt for significance. Yet samples that happen to look quiet are stopped first, which makes
    the last interval somewhat too short (Y. S. Chow, H. Robbins, Ann. Math. Statist. 36, 1965, 457-462: coverage is
    nominal only in the limit of a small width): simulated with normal differences, a 95 % interval covers the truth
    in 92-95 % of comparisons, so a nominal error rate of 5 % is up to 8 % (worst where the half width asked for is
    about half a standard deviation of the differences). Fix the number of seeds beforehand where that matters.
    Checked in ``tests/verification/test_statistics_coverage.py``.
    """
    half = (found.high - found.low) / 2
    return bool(half <= share * abs(found.baseline))


def another_seed(found: Sequence[PairedDifference], done: int, *, share: float = 0.02) -> bool:
    """Whether a sequential comparison that ran ``done`` seeds needs one more for these figures."""
    if done < FIRST_SEEDS:
        return True
    return done < MOST_SEEDS and not all(half_width_small_enough(one, share=share) for one in found)
