"""Round trips of coordinates, wherever they are."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Transformer

from cim_core import crs

M_PER_DEGREE = 111_320.0
RIM_DEG = 0.05
"""Near the rim of the rectangle the forward formulas are not one-to-one (see gcj02_to_wgs84)."""


@cache
def _from_wgs84(code: str) -> Transformer:
    return Transformer.from_crs("EPSG:4326", code, always_xy=True)


china = st.tuples(st.floats(72.004 + RIM_DEG, 137.8347 - RIM_DEG), st.floats(0.8293 + RIM_DEG, 55.8271 - RIM_DEG))
anywhere = st.tuples(st.floats(-180, 180), st.floats(-90, 90))


def _error_m(found: tuple[np.ndarray, np.ndarray], lon: float, lat: float) -> float:
    return float(np.hypot(found[0] - lon, found[1] - lat)) * M_PER_DEGREE


@given(china)
def test_gcj02_inverse_undoes_forward_to_a_micrometre(place: tuple[float, float]) -> None:
    assert _error_m(crs.gcj02_to_wgs84(*crs.wgs84_to_gcj02(*place)), *place) < 1e-6


@given(china)
def test_bd09_inverse_undoes_forward_to_a_micrometre(place: tuple[float, float]) -> None:
    assert _error_m(crs.bd09_to_wgs84(*crs.wgs84_to_bd09(*place)), *place) < 1e-6


@given(china)
def test_gcj02_forward_undoes_inverse(place: tuple[float, float]) -> None:
    assert _error_m(crs.wgs84_to_gcj02(*crs.gcj02_to_wgs84(*place)), *place) < 1e-6


@given(china)
def test_the_shift_is_some_hundreds_of_metres(place: tuple[float, float]) -> None:
    shift = _error_m(crs.wgs84_to_gcj02(*place), *place)
    assert 0 < shift < 2000
    assert shift < _error_m(crs.wgs84_to_bd09(*place), *place) + 2000


@given(anywhere)
def test_outside_the_rectangle_nothing_moves(place: tuple[float, float]) -> None:
    if not crs.in_offset_area(*place):
        assert tuple(map(float, crs.wgs84_to_gcj02(*place))) == place


@settings(deadline=None)  # the first use of a system in PROJ takes a moment
@given(
    st.sampled_from(["EPSG:4490", "EPSG:4544", "EPSG:4545", "EPSG:4523", "EPSG:32648", "gcj02", "bd09"]),
    st.floats(105.3, 107.9),
    st.floats(28.2, 32.2),
)
def test_points_come_back_through_every_source_system(code: str, lon: float, lat: float) -> None:
    source = crs.parse_crs(code)
    if source.offset:
        forward = {"gcj02": crs.wgs84_to_gcj02, "bd09": crs.wgs84_to_bd09}[source.offset]
        x, y = forward(lon, lat)
    else:
        x, y = _from_wgs84(code).transform(lon, lat)
    assert _error_m(crs.coordinates_to_wgs84(x, y, source), lon, lat) < 1e-3
    assert crs.fits_crs((float(x), float(y), float(x), float(y)), source)[0]


@settings(deadline=None)
@given(st.floats(73, 135), st.floats(18, 53))
def test_the_default_working_crs_is_metric_and_true_to_a_permille(lon: float, lat: float) -> None:
    code = crs.working_crs_for(lon, lat)
    assert crs.require_working_crs(code) == code
    assert abs(crs.scale_error_ppm(code, lon, lat)) < 400


@settings(deadline=None)
@given(st.lists(anywhere, min_size=2, max_size=12), st.integers(1, 10))
def test_length_is_additive_and_blind_to_direction(places: list[tuple[float, float]], cut: int) -> None:
    cut = min(cut, len(places) - 1)
    whole = shapely.LineString(places)
    parts = [shapely.LineString(part) for part in (places[: cut + 1], places[cut:]) if len(part) > 1]
    lengths = crs.geodesic_length_m([whole, whole.reverse(), *parts])
    assert lengths[1] == pytest.approx(lengths[0], abs=1e-6)
    assert lengths[2:].sum() == pytest.approx(lengths[0], abs=1e-6)
