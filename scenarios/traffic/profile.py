"""When trips are made: share of a day's trips by hour, purpose and leg."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

DayKind = Literal["workday", "weekend"]
Leg = Literal["out", "back"]


@dataclass(frozen=True)
class Period:
    """A part of a typical day, in seconds after local midnight; the end is excluded."""

    day: DayKind
    begin_s: float
    end_s: float


SOURCE = (
    "form chosen by us so that cars peak in the hours of 7:30 and 17:30 on workdays and have no sharp peak on "
    "weekends, as the 2018 annual transport report of Chongqing's central districts says (press quotation)"
)
SOURCE_THROUGH = (
    "standard weekday curve of car traffic TGw2 as shipped in SUMO's od2trips examples (West Germany); "
    "weekend: nine tenths as leisure trips, one tenth even over the day (our assumption)"
)


def _permille(**hours: int) -> NDArray[np.float64]:
    curve = np.zeros(24)
    for hour, value in hours.items():
        curve[int(hour[1:])] = value
    return curve / 1000.0


_WORKDAY: dict[tuple[str, Leg], NDArray[np.float64]] = {
    ("work", "out"): _permille(
        h5=15, h6=90, h7=370, h8=300, h9=90, h10=25, h11=15, h12=20, h13=35, h14=15, h15=5, h16=5, h17=5, h18=5, h19=3,
        h20=2,
    ),
    ("work", "back"): _permille(
        h11=30, h12=60, h13=10, h14=10, h15=20, h16=70, h17=330, h18=270, h19=90, h20=40, h21=35, h22=25, h23=10
    ),
    ("school", "out"): _permille(h6=120, h7=620, h8=120, h9=10, h12=10, h13=90, h14=10, h18=15, h19=5),
    ("school", "back"): _permille(h11=70, h12=60, h15=60, h16=260, h17=340, h18=110, h20=20, h21=60, h22=20),
    ("leisure", "out"): _permille(
        h6=20, h7=40, h8=70, h9=110, h10=110, h11=70, h12=50, h13=50, h14=80, h15=70, h16=50, h17=50, h18=80, h19=80,
        h20=40, h21=20, h22=10,
    ),
    ("leisure", "back"): _permille(
        h7=10, h8=30, h9=60, h10=90, h11=100, h12=60, h13=50, h14=50, h15=70, h16=90, h17=80, h18=60, h19=60, h20=80,
        h21=70, h22=30, h23=10,
    ),
    ("business", "out"): _permille(
        h7=10, h8=80, h9=150, h10=160, h11=110, h12=40, h13=70, h14=130, h15=120, h16=90, h17=40
    ),
    ("through", "out"): np.array(
        [0.9, 0.5, 0.2, 0.2, 0.5, 1.3, 7.0, 9.3, 6.7, 4.2, 4.0, 3.8, 4.1, 4.6, 5.0, 6.7, 9.6, 9.2, 7.1, 4.8, 3.5, 2.7,
         2.2, 1.9]
    ) / 100.0,
}  # fmt: skip
_WEEKEND_OUT = _permille(
    h7=20, h8=60, h9=120, h10=160, h11=110, h12=50, h13=60, h14=90, h15=80, h16=60, h17=60, h18=60, h19=40, h20=20,
    h21=10,
)  # fmt: skip
_WEEKEND_BACK = _permille(
    h9=20, h10=50, h11=90, h12=90, h13=60, h14=60, h15=80, h16=110, h17=110, h18=80, h19=70, h20=80, h21=60, h22=30,
    h23=10,
)  # fmt: skip
_WEEKEND: dict[tuple[str, Leg], NDArray[np.float64]] = {
    ("leisure", "out"): _WEEKEND_OUT,
    ("leisure", "back"): _WEEKEND_BACK,
    ("through", "out"): 0.45 * (_WEEKEND_OUT + _WEEKEND_BACK) + 0.1 / 24,
}
LEGS: tuple[tuple[str, Leg], ...] = tuple(key for key in _WORKDAY if key[0] != "through")
"""Every (purpose, leg) of land-use trips; business trips have one leg, between two activities."""


def hourly_shares(purpose: str, leg: Leg, day: DayKind) -> NDArray[np.float64]:
    """Share of the day's trips that start in each of 24 hours; sums to 1. ``KeyError`` for an unknown purpose."""
    curve = _WEEKEND.get((purpose, leg)) if day == "weekend" else None
    return (_WORKDAY[purpose, leg] if curve is None else curve).copy()


def slices(period: Period) -> list[tuple[int, float, float]]:
    """The period cut at full hours: (hour, begin, end) in seconds after midnight."""
    hours = range(int(period.begin_s // 3600), int(np.ceil(period.end_s / 3600)))
    return [(hour, max(period.begin_s, hour * 3600.0), min(period.end_s, (hour + 1) * 3600.0)) for hour in hours]


def period_share(purpose: str, leg: Leg, period: Period) -> float:
    """Share of the day's trips that start in the period, even within each hour.

    >>> round(period_share("work", "out", Period("workday", 7 * 3600, 8 * 3600)), 3)
    0.37
    """
    curve = hourly_shares(purpose, leg, period.day)
    return float(sum(curve[hour] * (end - begin) / 3600.0 for hour, begin, end in slices(period)))


def departures(uniform: NDArray[np.float64], purpose: str, leg: Leg, period: Period) -> NDArray[np.float64]:
    """Departure seconds after midnight for numbers in [0, 1): the inverse of the curve within the period, in 0.1 s.

    Where the curve is zero all through the period, departures are even.
    """
    curve = hourly_shares(purpose, leg, period.day)
    parts = slices(period)
    edges = np.array([parts[0][1], *(end for _, _, end in parts)])
    mass = np.array([curve[hour] * (end - begin) for hour, begin, end in parts])
    if mass.sum() <= 0:
        mass = np.diff(edges)
    steps = np.concatenate([[0.0], np.cumsum(mass) / mass.sum()])
    seconds: NDArray[np.float64] = np.floor(np.interp(uniform, steps, edges) * 10.0) / 10.0
    return np.clip(seconds, period.begin_s, period.end_s - 0.1)
