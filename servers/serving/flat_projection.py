"""From the working CRS to degrees by a polynomial that is fitted where it is used, with a measured error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from servers.serving.web_mercator import DEGREES, Bounds, transformer

Floats = NDArray[np.float64]
ERROR_M = 0.01
"""What the polynomial may miss the projection by; else the projection itself is used."""
_DEGREES_TRIED = (2, 3, 4, 5)
_FITTED, _CHECKED = 16, 41
_M_PER_DEGREE = 111_320.0


@dataclass(frozen=True, eq=False)
class FlatProjection:
    """x, y in metres → longitude and latitude, over a rectangle.

    Attributes
    ----------
    error_m
        The largest miss against PROJ on a lattice of 41 × 41 places that were not fitted; 0 for PROJ itself.
    """

    crs: str
    centre: tuple[float, float]
    half: tuple[float, float]
    coefficients: tuple[Floats, Floats] | None
    error_m: float

    @classmethod
    def over(cls, bounds: Bounds, crs: str) -> FlatProjection:
        """Fit by least squares at Chebyshev nodes: the lowest degree that is near enough everywhere."""
        low, high = np.array(bounds[:2]), np.array(bounds[2:])
        middle, half = (low + high) / 2, np.maximum((high - low) / 2, 1.0)
        centre, halves = (float(middle[0]), float(middle[1])), (float(half[0]), float(half[1]))
        nodes = np.cos((np.arange(_FITTED) + 0.5) * np.pi / _FITTED)
        u, v = (axis.ravel() for axis in np.meshgrid(nodes, nodes))
        exact = np.column_stack(_exact(crs, centre, halves, u, v))
        for degree in _DEGREES_TRIED:
            terms = np.polynomial.polynomial.polyvander2d(u, v, [degree, degree])
            lon, lat = (_full(part, degree) for part in np.linalg.lstsq(terms, exact, rcond=None)[0].T)
            error = _largest_miss(crs, centre, halves, (lon, lat))
            if error <= ERROR_M:
                return cls(crs, centre, halves, (lon, lat), error)
        return cls(crs, centre, halves, None, 0.0)

    def to_degrees(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Longitudes and latitudes."""
        if self.coefficients is None:
            lon, lat = transformer(self.crs, DEGREES).transform(x, y)
            return lon, lat
        u, v = (x - self.centre[0]) / self.half[0], (y - self.centre[1]) / self.half[1]
        return _horner(self.coefficients[0], u, v), _horner(self.coefficients[1], u, v)


def _full(part: Floats, degree: int) -> Floats:
    return np.asarray(part.reshape(degree + 1, degree + 1))


def _exact(
    crs: str, centre: tuple[float, float], half: tuple[float, float], u: Floats, v: Floats
) -> tuple[Floats, Floats]:
    lon, lat = transformer(crs, DEGREES).transform(centre[0] + half[0] * u, centre[1] + half[1] * v)
    return lon, lat


def _horner(coefficients: Floats, u: Floats, v: Floats) -> Floats:
    total = np.zeros_like(u)
    for row in coefficients[::-1]:
        inner = np.full_like(v, row[-1])
        for one in row[-2::-1]:
            inner *= v
            inner += one
        total *= u
        total += inner
    return total


def _largest_miss(
    crs: str, centre: tuple[float, float], half: tuple[float, float], fit: tuple[Floats, Floats]
) -> float:
    at = np.linspace(-1, 1, _CHECKED)
    u, v = (axis.ravel() for axis in np.meshgrid(at, at))
    lon, lat = _exact(crs, centre, half, u, v)
    east = (_horner(fit[0], u, v) - lon) * _M_PER_DEGREE * np.cos(np.radians(lat))
    north = (_horner(fit[1], u, v) - lat) * _M_PER_DEGREE
    return float(np.hypot(east, north).max())
