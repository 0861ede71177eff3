"""The reduced programme of limit_gradients against the whole one, given to the solver as it stands."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse
from scipy.optimize import linprog

from cim_core.gis.node_heights import limit_gradients


def _whole_programme(z: np.ndarray, w: np.ndarray, start: np.ndarray, end: np.ndarray, rise: np.ndarray) -> float:
    count, edges = len(z), np.arange(len(start))
    signs = sparse.coo_matrix(
        (np.r_[np.ones(len(start)), -np.ones(len(start))], (np.r_[edges, edges], np.r_[end, start])),
        shape=(len(start), count),
    )
    rows = sparse.vstack([sparse.hstack([signs, -signs]), sparse.hstack([-signs, signs])])
    change = signs @ z
    solution = linprog(np.tile(w, 2), A_ub=rows, b_ub=np.r_[rise - change, rise + change], bounds=(0, None))
    assert solution.status == 0
    return float(solution.fun)


@pytest.mark.parametrize("seed", range(10))
def test_only_nodes_in_conflict_need_to_move(seed: int) -> None:
    random = np.random.default_rng(seed)
    count = 120
    start, end = random.integers(0, count, (2, 2 * count))
    keep = start != end
    start, end = start[keep], end[keep]
    z, w = random.normal(200, 10, count), random.uniform(1, 20, count)
    rise = random.uniform(0, 40, len(start))
    limited = limit_gradients(z, w, start, end, rise)
    assert (np.abs(limited[end] - limited[start]) <= rise).all()
    assert (w * np.abs(limited - z)).sum() == pytest.approx(_whole_programme(z, w, start, end, rise), rel=1e-6)
    assert (limited != z).any()
    assert (np.abs(limited - z) < 1e-6).any()
