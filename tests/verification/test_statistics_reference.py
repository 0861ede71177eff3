"""Paired intervals, p-values and Holm's correction against a second code and published numbers."""

import numpy as np
import pytest
from scipy import stats

from cim_core.analysis.statistics import holm, paired_difference, paired_rows

SLEEP_DRUG_1 = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
SLEEP_DRUG_2 = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
"""Extra hours of sleep of ten patients: the example of Student (1908), table on p. 20; R's data set ``sleep``."""


def test_students_own_example():
    found = paired_difference(SLEEP_DRUG_1, SLEEP_DRUG_2)
    assert found.difference == pytest.approx(1.58)
    assert found.p == pytest.approx(0.002833, abs=5e-7)  # R: t.test(extra ~ group, paired = TRUE)
    assert (found.low, found.high) == (pytest.approx(0.7001142, abs=5e-7), pytest.approx(2.4598858, abs=5e-7))


@pytest.mark.parametrize("pairs", [2, 5, 30])
@pytest.mark.parametrize("confidence", [0.9, 0.95])
def test_rows_agree_with_scipy(pairs, confidence):
    random = np.random.default_rng(pairs)
    before = random.normal(100, 10, size=(pairs, 40))
    after = before + random.normal(1, 3, size=(pairs, 40))
    found = paired_rows(before, after, confidence=confidence)
    reference = stats.ttest_rel(after, before, axis=0)
    interval = reference.confidence_interval(confidence)
    np.testing.assert_allclose(found.p, reference.pvalue, rtol=1e-10)
    np.testing.assert_allclose(found.low, interval.low, rtol=1e-9)
    np.testing.assert_allclose(found.high, interval.high, rtol=1e-9)


def test_missing_values_agree_with_scipy_omitting_them():
    random = np.random.default_rng(3)
    before, after = random.normal(size=(12, 20)), random.normal(size=(12, 20))
    before[random.random((12, 20)) < 0.2] = np.nan
    found = paired_rows(before, after)
    reference = stats.ttest_rel(after, before, axis=0, nan_policy="omit")
    np.testing.assert_allclose(found.p, np.asarray(reference.pvalue), rtol=1e-10)


def test_holms_correction_by_hand():
    # Four hypotheses: 4·0.005 = 0.02; 3·0.01 = 0.03; 2·0.03 = 0.06; 1·0.04 = 0.04, raised to the 0.06 before it.
    np.testing.assert_allclose(holm([0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02])


def test_holm_is_never_stricter_than_bonferroni_nor_milder_than_nothing():
    p = np.random.default_rng(1).random(50) ** 3
    adjusted = holm(p)
    assert (adjusted <= np.minimum(p * 50, 1) + 1e-15).all()
    assert (adjusted >= p).all()
    assert adjusted.min() == pytest.approx(min(p.min() * 50, 1))
