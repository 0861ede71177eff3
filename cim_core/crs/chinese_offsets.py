"""GCJ-02 and BD-09: the offset coordinates of Chinese map services, forward and inverse.

Neither is published. The forward formulas are those recovered by the community (eviltransform by googollee, MIT;
coordtransform by wandergis, MIT), which the services' own conversion reproduces to well below a metre. The inverse is
found by fixed-point iteration, so that it undoes the forward formula to about 1e-11 degrees.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Pair = tuple[Floats, Floats]

_AREA = (72.004, 0.8293, 137.8347, 55.8271)
"""Rectangle (west, south, east, north) in which the services shift coordinates."""
_SEMI_MAJOR_M = 6378245.0  # Krassovsky 1940
_ECCENTRICITY2 = 0.00669342162296594323
_BD_FREQUENCY = np.pi * 3000.0 / 180.0
_TOLERANCE_DEG = 1e-12
_MAX_ITERATIONS = 30
_MAX_SHIFT_DEG = 0.05
"""More than any shift of either system, so points just outside the rectangle are inverted too."""


def in_offset_area(lon: ArrayLike, lat: ArrayLike) -> NDArray[np.bool_]:
    """Whether points lie in the rectangle in which GCJ-02 and BD-09 differ from WGS84."""
    return _within(np.asarray(lon, float), np.asarray(lat, float), 0.0)


def wgs84_to_gcj02(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """WGS84 longitude and latitude in degrees to GCJ-02; the identity outside the rectangle.

    >>> lon, lat = wgs84_to_gcj02(106.55, 29.56)
    >>> round(float(lon), 6), round(float(lat), 6)
    (106.55372, 29.557153)
    """
    return _forward(_gcj02, lon, lat)


def wgs84_to_bd09(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """WGS84 longitude and latitude in degrees to BD-09 (``bd09ll``); the identity outside the rectangle."""
    return _forward(_bd09, lon, lat)


def gcj02_to_wgs84(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """GCJ-02 to WGS84, in degrees, to about 1e-11 degrees.

    Within some 700 m of the rectangle's rim a GCJ-02 point may have two origins; the one inside is returned.
    """
    return _inverse(_gcj02, lon, lat)


def bd09_to_wgs84(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """BD-09 (``bd09ll``) to WGS84, in degrees, as :func:`gcj02_to_wgs84`."""
    return _inverse(_bd09, lon, lat)


def _within(lon: Floats, lat: Floats, margin: float) -> NDArray[np.bool_]:
    west, south, east, north = _AREA
    inside: NDArray[np.bool_] = (
        (lon > west - margin) & (lon < east + margin) & (lat > south - margin) & (lat < north + margin)
    )
    return inside


def _forward(formula: Callable[[Floats, Floats], Pair], lon: ArrayLike, lat: ArrayLike) -> Pair:
    x, y = np.broadcast_arrays(np.asarray(lon, float), np.asarray(lat, float))
    shift = _within(x, y, 0.0)
    out_x, out_y = x.copy(), y.copy()
    out_x[shift], out_y[shift] = formula(x[shift], y[shift])
    return out_x, out_y


def _inverse(formula: Callable[[Floats, Floats], Pair], lon: ArrayLike, lat: ArrayLike) -> Pair:
    x, y = np.broadcast_arrays(np.asarray(lon, float), np.asarray(lat, float))
    out_x, out_y = x.copy(), y.copy()
    near = _within(x, y, _MAX_SHIFT_DEG)
    origin_x, origin_y = _fixed_point(formula, x[near], y[near])
    inside = _within(origin_x, origin_y, 0.0)
    out_x[near] = np.where(inside, origin_x, x[near])
    out_y[near] = np.where(inside, origin_y, y[near])
    return out_x, out_y


def _fixed_point(formula: Callable[[Floats, Floats], Pair], x: Floats, y: Floats) -> Pair:
    """Solve ``formula(u, v) = (x, y)``; the shift varies by under 3 % of a displacement, so this contracts fast."""
    u, v = x.copy(), y.copy()
    for _ in range(_MAX_ITERATIONS):
        fx, fy = formula(u, v)
        error_x, error_y = fx - x, fy - y
        u, v = u - error_x, v - error_y
        if max(np.abs(error_x).max(initial=0.0), np.abs(error_y).max(initial=0.0)) < _TOLERANCE_DEG:
            break
    return u, v


def _gcj02(lon: Floats, lat: Floats) -> Pair:
    east_m, north_m = _shift_m(lon - 105.0, lat - 35.0)
    phi = np.radians(lat)
    magic = 1.0 - _ECCENTRICITY2 * np.sin(phi) ** 2
    meridian_m = _SEMI_MAJOR_M * (1.0 - _ECCENTRICITY2) / magic**1.5
    parallel_m = _SEMI_MAJOR_M / np.sqrt(magic) * np.cos(phi)
    return lon + np.degrees(east_m / parallel_m), lat + np.degrees(north_m / meridian_m)


def _shift_m(x: Floats, y: Floats) -> Pair:
    """Shift east and north in metres; ``x``, ``y`` are degrees from 105°E, 35°N."""
    root = np.sqrt(np.abs(x))
    common = (20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + common
    north += (20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
    north += (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + common
    east += (20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
    east += (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0
    return east, north


def _bd09(lon: Floats, lat: Floats) -> Pair:
    x, y = _gcj02(lon, lat)
    radius = np.hypot(x, y) + 0.00002 * np.sin(y * _BD_FREQUENCY)
    angle = np.arctan2(y, x) + 0.000003 * np.cos(x * _BD_FREQUENCY)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006
