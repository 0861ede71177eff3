"""Walking speeds on slopes and stairs. Pure functions on arrays."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cim_core.units import kmh_to_mps

Floats = NDArray[np.float64]

BESIDE_M = 30.0
"""A door or place within this distance of a way opens to it; isochrones reach as far to both sides."""
FARTHEST_DOOR_M = 200.0
"""A building or place farther than this from every way is not connected."""
STAIRS_UP_MPS = 0.610
"""Horizontal component of speed up stairs (U. Weidmann, Transporttechnik der Fussgänger, ETH Zürich, IVT 90, 1993)."""
STAIRS_DOWN_MPS = 0.694
"""Horizontal component of speed down stairs (same source)."""


def tobler_mps(gradient: ArrayLike) -> Floats:
    """Walking speed in m/s on a slope (rise over run, uphill positive): ``6 · exp(-3.5 · |gradient + 0.05|)`` km/h.

    W. Tobler, Three presentations on geographical analysis and modeling, NCGIA technical report 93-1, 1993: 5 km/h on
    the flat, at most 6 km/h, on a slope of 5 % downhill.

    >>> (tobler_mps([0.0, -0.05]) * 3.6).round(2)
    array([5.04, 6.  ])
    """
    slope = np.asarray(gradient, dtype=np.float64)
    return np.asarray(kmh_to_mps(6.0) * np.exp(-3.5 * np.abs(slope + 0.05)))


FLAT_MPS = float(tobler_mps(0.0))
"""Speed on the flat, also for the steps between a door and the way."""


def walking_s(length_m: ArrayLike, rise_m: ArrayLike, stairs: ArrayLike) -> Floats:
    """Seconds to walk each piece in the direction in which it rises by ``rise_m`` (NaN: unknown, taken as level).

    ``length_m`` is horizontal. On stairs the speed goes by the direction alone; where up and down are unknown the two
    paces are averaged.
    """
    length, rise = np.asarray(length_m, np.float64), np.nan_to_num(np.asarray(rise_m, np.float64))
    with np.errstate(divide="ignore", invalid="ignore"):
        gradient = np.where(length > 0, rise / length, 0.0)
    pace_up, pace_down = 1 / STAIRS_UP_MPS, 1 / STAIRS_DOWN_MPS
    on_stairs = np.select([rise > 0, rise < 0], [pace_up, pace_down], (pace_up + pace_down) / 2)
    return length * np.where(np.asarray(stairs, bool), on_stairs, 1 / tobler_mps(gradient))
