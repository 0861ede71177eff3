"""Expected car trips of a period as streams: one matrix per kind, purpose and leg, from zones and gateways.

Kinds
-----
For each purpose and leg let P be the trip ends produced and A those attracted in the area. Where roads leave it,
``(1 - external share) · min(P, A)`` trips have both ends inside; what remains of P leaves the area and what remains of
A comes into it, so that every trip end is served exactly once and trips stay in proportion to floor area. External ends
are spread over gateways by weight and distance. Through traffic is a stated share of the gateways' capacity, by hour;
it crosses the area: the weight of a pair of gateways is ``(1 - cos θ) / 2`` with θ the angle between them as seen from
the middle of the gateways, and none returns by the gateway it came in. Without gateways all trips are internal and the
activity end is scaled to the home end.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scenarios.traffic.distribution import calibrate_beta, furness, tanner
from scenarios.traffic.profile import LEGS, Leg, Period, hourly_shares, period_share
from scenarios.traffic.trip_rates import DETOUR, EXTERNAL_SHARE, MEAN_LENGTH_KM, THROUGH_LOAD
from scenarios.traffic.zones import distances_km

Array = NDArray[np.float64]
Kind = Literal["internal", "inbound", "outbound", "through"]


@dataclass(frozen=True, eq=False)
class Stream:
    """Expected trips of one kind, purpose and leg: ``trips`` (vehicles in the period), rows from, columns to."""

    kind: Kind
    purpose: str
    leg: Leg
    trips: Array

    @property
    def total(self) -> float:
        """Expected vehicles."""
        return float(self.trips.sum())


@dataclass(frozen=True, eq=False)
class Expectation:
    """All streams, and what the gravity model came to."""

    streams: tuple[Stream, ...]
    beta_per_km: float
    mean_internal_km: float


def expect(
    productions: pd.DataFrame,
    attractions: pd.DataFrame,
    zones: pd.DataFrame,
    terminals: pd.DataFrame,
    period: Period,
) -> Expectation:
    """Expected trips.

    ``productions`` and ``attractions``: index zone id as in ``zones`` (with ``x y``), a column per (purpose, leg), car
    trips in the period. ``terminals``: as of :func:`~scenarios.traffic.gateways.find_terminals`.
    """
    inbound, outbound = terminals[terminals["inbound"].eq(True)], terminals[terminals["inbound"].eq(False)]
    exits = (len(inbound) > 0, len(outbound) > 0)
    split = {key: _split(productions[key].sum(), attractions[key].sum(), key[1], exits) for key in LEGS}
    within = distances_km(_xy(zones), _xy(zones), DETOUR.value)
    parts = [(productions[key].to_numpy(), attractions[key].to_numpy(), split[key][0]) for key in LEGS]
    from_all = sum((_scaled(made, count) for made, _, count in parts), np.zeros(len(zones)))
    to_all = sum((_scaled(drawn, count) for _, drawn, count in parts), np.zeros(len(zones)))
    beta, mean = 0.0, 0.0
    if from_all.sum() > 0:
        beta, mean = calibrate_beta(from_all, to_all, within, MEAN_LENGTH_KM.value)
    near = tanner(within, beta)
    far_out = tanner(distances_km(_xy(zones), _xy(outbound), DETOUR.value), beta)
    far_in = tanner(distances_km(_xy(inbound), _xy(zones), DETOUR.value), beta)
    streams = []
    for key, (made, drawn, inner) in zip(LEGS, parts, strict=True):
        _, leaving, coming = split[key]
        streams.append(Stream("internal", *key, furness(near, _scaled(made, inner), _scaled(drawn, inner))))
        if leaving > 0:
            gates = _scaled(outbound["weight_vph"].to_numpy(), leaving)
            streams.append(Stream("outbound", *key, furness(far_out, _scaled(made, leaving), gates)))
        if coming > 0:
            gates = _scaled(inbound["weight_vph"].to_numpy(), coming)
            streams.append(Stream("inbound", *key, furness(far_in, gates, _scaled(drawn, coming))))
    streams.append(Stream("through", "through", "out", through_trips(inbound, outbound, period)))
    full = [stream for stream in streams if stream.total > 0]
    return Expectation(tuple(full), beta, mean)


def _split(produced: float, attracted: float, leg: Leg, exits: tuple[bool, bool]) -> tuple[float, float, float]:
    """Trips with both ends inside, leaving, coming in; where no way leads out (in), none leave (come)."""
    can_come, can_leave = exits
    if not (can_come or can_leave):
        home = attracted if leg == "back" else produced
        return home if min(produced, attracted) > 0 else 0.0, 0.0, 0.0
    inside = (1.0 - EXTERNAL_SHARE.value) * min(produced, attracted)
    return inside, (produced - inside) * can_leave, (attracted - inside) * can_come


def through_trips(inbound: pd.DataFrame, outbound: pd.DataFrame, period: Period) -> Array:
    """Through traffic between terminals: capacity × load × (share of the period against that of the busiest hour)."""
    capacity = min(inbound["weight_vph"].sum(), outbound["weight_vph"].sum())
    if capacity <= 0:
        return np.zeros((len(inbound), len(outbound)))
    busiest = hourly_shares("through", "out", "workday").max()
    total = capacity * THROUGH_LOAD.value * period_share("through", "out", period) / busiest
    seed = _across(inbound, outbound)
    seed[inbound["gateway"].to_numpy()[:, None] == outbound["gateway"].to_numpy()[None, :]] = 0.0
    trips = inbound["weight_vph"].to_numpy()[:, None] * seed * outbound["weight_vph"].to_numpy()[None, :]
    scaled: Array = trips * (total / max(trips.sum(), 1e-12))
    return scaled


def _across(inbound: pd.DataFrame, outbound: pd.DataFrame) -> Array:
    """``(1 - cos θ) / 2`` between terminals as seen from the middle of all of them."""
    middle = np.vstack([_xy(inbound), _xy(outbound)]).mean(axis=0)
    one, two = _xy(inbound) - middle, _xy(outbound) - middle
    lengths = np.maximum(np.hypot(*one.T)[:, None] * np.hypot(*two.T)[None, :], 1e-9)
    across: Array = np.clip((1.0 - (one @ two.T) / lengths) / 2.0, 0.0, 1.0)
    return across


def _scaled(weights: Array, total: float) -> Array:
    mass = weights.sum()
    scaled: Array = weights * (total / mass if mass > 0 and total > 0 else 0.0)
    return scaled


def _xy(frame: pd.DataFrame) -> Array:
    points: Array = frame[["x", "y"]].to_numpy(dtype="float64")
    return points
