"""Properties of the demand model's arithmetic."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from shapely.geometry import box

from cim_core.errors import ScenarioError
from scenarios.traffic.counts import geh
from scenarios.traffic.distribution import calibrate_beta, furness, mean_distance_km, tanner
from scenarios.traffic.expectation import expect
from scenarios.traffic.gateways import no_terminals
from scenarios.traffic.generation import floor_areas, trip_ends
from scenarios.traffic.profile import LEGS, Period, departures, hourly_shares, period_share
from scenarios.traffic.trip_rates import RATES, USE_CLASSES, use_mix

ENDS = st.floats(0.0, 1e4).map(lambda value: value if value > 1e-3 else 0.0)
USES = st.sampled_from([*sorted(USE_CLASSES), "something else"])
PERIODS = st.tuples(st.sampled_from(["workday", "weekend"]), st.floats(0, 86_000), st.floats(60, 86_400)).map(
    lambda drawn: Period(drawn[0], drawn[1], min(drawn[1] + drawn[2], 86_400.0))
)


@given(
    data=st.integers(1, 8).flatmap(
        lambda n: st.tuples(
            arrays(np.float64, n, elements=ENDS),
            arrays(np.float64, n, elements=ENDS),
            arrays(np.float64, (n, n), elements=st.floats(0.1, 10.0)),
        )
    ),
    beta=st.floats(0.0, 2.0),
)
def test_furness_meets_both_margins(data, beta: float):
    productions, attractions, distance = data
    assume(productions.sum() > 0)
    assume(attractions.sum() > 0)
    attractions = attractions * (productions.sum() / attractions.sum())
    matrix = furness(tanner(distance, beta), productions, attractions)
    scale = max(productions.sum(), 1.0)
    assert (matrix >= 0).all()
    np.testing.assert_allclose(matrix.sum(axis=1), productions, atol=1e-6 * scale)
    np.testing.assert_allclose(matrix.sum(axis=0), attractions, atol=1e-6 * scale)


def test_furness_refuses_margins_that_cannot_be_met():
    with pytest.raises(ScenarioError, match="cannot be balanced"):
        furness(np.ones((2, 2)), np.array([1.0, 1.0]), np.array([1.0, 2.0]))
    with pytest.raises(ScenarioError, match="cannot be balanced"):
        furness(np.array([[1.0, 0.0], [1.0, 0.0]]), np.array([1.0, 1.0]), np.array([1.0, 1.0]))


@given(target=st.floats(0.5, 4.0))
def test_mean_distance_falls_with_beta_and_the_target_is_met_where_it_can_be(target: float):
    x = np.arange(12, dtype="float64")
    distance = np.abs(x[:, None] - x[None, :]) + 0.3
    ends = np.full(12, 10.0)
    means = [mean_distance_km(furness(tanner(distance, beta), ends, ends), distance) for beta in (0.0, 0.5, 2.0, 10.0)]
    assert means == sorted(means, reverse=True)
    beta, reached = calibrate_beta(ends, ends, distance, target)
    wanted = min(max(target, means[-1]), means[0])
    assert reached == pytest.approx(wanted, abs=0.02)
    assert 0.0 <= beta <= 16.0


@pytest.mark.parametrize("day", ["workday", "weekend"])
@pytest.mark.parametrize(("purpose", "leg"), [*LEGS, ("through", "out")])
def test_profile_sums_to_one(day, purpose: str, leg):
    curve = hourly_shares(purpose, leg, day)
    assert curve.sum() == pytest.approx(1.0, abs=1e-12)
    assert (curve >= 0).all()
    assert period_share(purpose, leg, Period(day, 0.0, 86_400.0)) == pytest.approx(1.0)


@given(period=PERIODS, leg=st.sampled_from(LEGS), uniform=st.lists(st.floats(0, 1, exclude_max=True), min_size=1))
def test_departures_lie_in_the_period_and_keep_the_order(period: Period, leg, uniform: list[float]):
    assume(period.end_s - period.begin_s > 1)
    seconds = departures(np.sort(uniform), *leg, period)
    assert (seconds >= period.begin_s).all()
    assert (seconds < period.end_s).all()
    assert (np.diff(seconds) >= 0).all()


@given(cut=st.floats(7.0 * 3600, 9.0 * 3600), leg=st.sampled_from(LEGS))
def test_shares_of_parts_add_up(cut: float, leg):
    parts = [period_share(*leg, Period("workday", a, b)) for a, b in ((6.0 * 3600, cut), (cut, 10.0 * 3600))]
    assert sum(parts) == pytest.approx(period_share(*leg, Period("workday", 6.0 * 3600, 10.0 * 3600)))


def _block(uses: list[str], areas: list[float]) -> gpd.GeoDataFrame:
    shapes = [box(500.0 * n, 0, 500.0 * n + 50, 50) for n in range(len(uses))]
    index = pd.Index([f"b{n:02d}" for n in range(len(uses))], name="id")
    return gpd.GeoDataFrame({"use": uses, "floor_area_m2": areas}, index=index, geometry=shapes, crs="EPSG:32648")


@given(
    blocks=st.lists(st.tuples(USES, st.floats(100.0, 1e6)), min_size=1, max_size=6),
    factor=st.floats(0.1, 10.0),
    period=PERIODS,
)
def test_trip_ends_of_a_block_are_in_proportion_to_its_floor_area(blocks, factor: float, period: Period):
    uses, areas = [use for use, _ in blocks], [area for _, area in blocks]
    before = trip_ends(floor_areas(_block(uses, areas), None), period)
    grown = trip_ends(floor_areas(_block(uses, [areas[0] * factor, *areas[1:]]), None), period)
    for old, new in zip(before, grown, strict=True):
        np.testing.assert_allclose(new.iloc[0].to_numpy(), factor * old.iloc[0].to_numpy(), rtol=1e-9)
        np.testing.assert_array_equal(new.iloc[1:].to_numpy(), old.iloc[1:].to_numpy())


@given(use=USES)
def test_a_use_is_shares_of_known_classes(use: str):
    mix = use_mix(use)
    assert sum(mix.values()) == pytest.approx(1.0)
    assert set(mix) <= set(RATES)


def _gates() -> pd.DataFrame:
    rows = [
        ("n_in", True, "g01", "北桥", 1000.0, 5000.0, 2800.0),
        ("n_out", False, "g01", "北桥", 1100.0, 5000.0, 2800.0),
        ("s_in", True, "g02", "南路", 1000.0, -3000.0, 1350.0),
        ("s_out", False, "g02", "南路", 1000.0, -3000.0, 700.0),
    ]
    return pd.DataFrame(rows, columns=list(no_terminals().columns))


@given(
    data=st.integers(1, 5).flatmap(
        lambda n: st.tuples(
            arrays(np.float64, (n, len(LEGS)), elements=ENDS), arrays(np.float64, (n, len(LEGS)), elements=ENDS)
        )
    )
)
def test_every_trip_end_is_served_once_by_inside_and_gateways(data):
    made, drawn = data
    names = [f"z{n}_0" for n in range(len(made))]
    columns = pd.MultiIndex.from_tuples(LEGS)
    productions, attractions = (pd.DataFrame(ends, index=names, columns=columns) for ends in (made, drawn))
    zones = pd.DataFrame({"x": 300.0 * np.arange(len(names)), "y": 0.0}, index=names)
    streams = expect(productions, attractions, zones, _gates(), Period("workday", 25_200, 28_800)).streams
    for number, leg in enumerate(LEGS):
        own = [stream for stream in streams if (stream.purpose, stream.leg) == leg]
        leaving = sum((s.trips.sum(axis=1) for s in own if s.kind in ("internal", "outbound")), np.zeros(len(names)))
        coming = sum((s.trips.sum(axis=0) for s in own if s.kind in ("internal", "inbound")), np.zeros(len(names)))
        np.testing.assert_allclose(leaving, made[:, number], atol=1e-6 * max(made[:, number].sum(), 1.0))
        np.testing.assert_allclose(coming, drawn[:, number], atol=1e-6 * max(drawn[:, number].sum(), 1.0))
    outbound = sum((s.trips.sum(axis=0) for s in streams if s.kind == "outbound"), np.zeros(2))
    assert outbound[0] == pytest.approx(4.0 * outbound[1], rel=1e-6, abs=1e-6)


@given(modelled=st.floats(0, 1e5), counted=st.floats(0, 1e5))
def test_geh_is_symmetric_and_zero_only_where_equal(modelled: float, counted: float):
    one, other = geh(np.array([modelled]), np.array([counted])), geh(np.array([counted]), np.array([modelled]))
    assert one == pytest.approx(other)
    assert one >= 0
    if abs(modelled - counted) > 1e-3:
        assert one > 0
