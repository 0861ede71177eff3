"""Trip distribution: the doubly constrained gravity model.

``T_ij = a_i b_j P_i A_j f(c_ij)`` with balancing factors found by Furness' method (iterative proportional fitting);
Ortúzar & Willumsen, Modelling Transport, chapter 5. The deterrence is Tanner's ``f(c) = c · exp(-β c)``: short trips
are rare by car because they are walked, long ones because they are long.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cim_core.errors import ScenarioError

Array = NDArray[np.float64]
_BETA_MAX = 10.0


def tanner(distance_km: Array, beta: float) -> Array:
    """Deterrence ``c · exp(-β c)``, scaled so that its largest value is 1 (the scale cancels in the balancing)."""
    logarithm = np.log(np.maximum(distance_km, 1e-3)) - beta * distance_km
    return np.exp(logarithm - logarithm.max()) if logarithm.size else logarithm


def furness(
    seed: Array, productions: Array, attractions: Array, *, tolerance: float = 1e-8, iterations: int = 2000
) -> Array:
    """The matrix nearest to ``seed`` (n × m, ≥ 0) with row sums ``productions`` and column sums ``attractions``.

    Stops when every margin is met within ``tolerance`` × the total. Raises :class:`ScenarioError` when the margins have
    different totals or the seed's zeros make them unreachable.

    >>> furness(np.ones((2, 2)), np.array([3.0, 1.0]), np.array([2.0, 2.0])).tolist()
    [[1.5, 1.5], [0.5, 0.5]]
    """
    total = float(productions.sum())
    if abs(total - float(attractions.sum())) > tolerance * max(total, 1.0):
        raise _unbalanced(f"{total:.6g} and {float(attractions.sum()):.6g}")
    if total <= 0:
        return np.zeros(seed.shape)
    row, column = np.zeros(len(productions)), np.ones(len(attractions))
    for _ in range(iterations):
        column = column / max(float(column.max()), 1e-300)
        row = _ratio(productions, seed @ column)
        column = _ratio(attractions, row @ seed)
        if np.abs(row * (seed @ column) - productions).max() <= tolerance * total:
            matrix = row[:, None] * seed * column[None, :]
            if np.abs(matrix.sum(axis=0) - attractions).max() <= tolerance * total:
                return matrix
            break
    raise _unbalanced("margins that the given connections between zones cannot carry")


def _ratio(wanted: Array, got: Array) -> Array:
    return np.divide(wanted, got, out=np.zeros_like(wanted), where=got > 0)


def _unbalanced(got: str) -> ScenarioError:
    return ScenarioError(
        "traffic.distribution_unbalanced",
        "trip ends cannot be balanced",
        where="gravity model",
        expected="as many trips produced as attracted, and a way for each",
        got=got,
        remedy="report this with the city's data; with demand given as an OD table this step is not needed",
    )


def mean_distance_km(trips: Array, distance_km: Array) -> float:
    """Mean distance of a trip matrix; 0 without trips."""
    total = trips.sum()
    return float((trips * distance_km).sum() / total) if total > 0 else 0.0


def calibrate_beta(
    productions: Array, attractions: Array, distance_km: Array, target_km: float, *, tolerance_km: float = 0.01
) -> tuple[float, float]:
    """β (1/km) in [0, 10] whose balanced matrix has the mean distance nearest to ``target_km``, and that mean.

    Bisection (Hyman, 1969): the mean falls as β grows. A target out of reach gives the bound.
    """

    def mean(beta: float) -> float:
        return mean_distance_km(furness(tanner(distance_km, beta), productions, attractions), distance_km)

    low, high = 0.0, 0.5
    if (reached := mean(low)) <= target_km:
        return low, reached
    while high < _BETA_MAX and mean(high) > target_km:
        low, high = high, high * 2
    for _ in range(40):
        middle = (low + high) / 2
        reached = mean(middle)
        if abs(reached - target_km) <= tolerance_km:
            break
        low, high = (middle, high) if reached > target_km else (low, middle)
    return middle, reached
