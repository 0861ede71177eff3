"""Do coordinates lie where their reference system and their city say they do?"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cim_core.crs.reference_systems import SourceCrs, coordinates_to_wgs84
from cim_core.errors import InputError

Bounds = tuple[float, float, float, float]
"""West, south, east, north (or least x, least y, greatest x, greatest y)."""

_MARGIN_DEG = 5.0
"""How far beyond a projected system's area of use data are still taken: one zone often serves a whole province."""
_CHOICES = "--source-crs EPSG:… | gcj02 | bd09"


def fits_crs(bounds: ArrayLike, source: SourceCrs) -> NDArray[np.bool_]:
    """Whether bounding boxes of shape (n, 4), in the source's own coordinates, are possible in that system.

    Degrees must be longitudes and latitudes. Projected coordinates must fall within 5° of the system's area of use.
    """
    box = np.asarray(bounds, float).reshape(-1, 4)
    if source.is_geographic:
        return _are_degrees(box)
    area = source.crs.area_of_use
    lon, lat = coordinates_to_wgs84((box[:, 0] + box[:, 2]) / 2, (box[:, 1] + box[:, 3]) / 2, source)
    with np.errstate(invalid="ignore"):
        fits: NDArray[np.bool_] = np.isfinite(lon) & np.isfinite(lat)
        if area is not None:
            west, south, east, north = area.bounds
            east = east + 360 if east < west else east
            fits &= ((lon - (west - _MARGIN_DEG)) % 360 <= east - west + 2 * _MARGIN_DEG) & ~_are_degrees(box)
            fits &= (lat >= south - _MARGIN_DEG) & (lat <= north + _MARGIN_DEG)
    return fits


def _are_degrees(box: NDArray[np.float64]) -> NDArray[np.bool_]:
    x, y = box[:, [0, 2]], box[:, [1, 3]]
    return np.asarray((np.abs(x) <= 180.0).all(axis=1) & (np.abs(y) <= 90.0).all(axis=1))


def misfit_error(bounds: Bounds, source: SourceCrs, where: str) -> InputError:
    """The error for data whose coordinates do not fit their system, with the likeliest cause and its remedy.

    Codes: ``crs.swapped_axes``, ``crs.zone_prefix``, ``crs.degrees_as_metres``, ``crs.metres_as_degrees`` and
    ``crs.coordinates_outside``.
    """
    code, what, remedy = _diagnosis(bounds, source)
    shown = f"x {bounds[0]:.10g} … {bounds[2]:.10g}, y {bounds[1]:.10g} … {bounds[3]:.10g}"
    expected = f"coordinates of {source.name}"
    if source.crs.area_of_use is not None and not source.is_geographic:
        expected += f" ({source.crs.area_of_use.name})"
    return InputError(code, what, where=where, expected=expected, got=shown, remedy=remedy)


def _diagnosis(bounds: Bounds, source: SourceCrs) -> tuple[str, str, str]:
    west, south, east, north = bounds
    if bool(fits_crs((south, west, north, east), source)[0]):
        return (
            "crs.swapped_axes",
            "The two coordinates are swapped: latitude (or northing) comes first",
            "Write longitude (easting) first; for a table swap the columns with --x and --y.",
        )
    if source.is_geographic:
        return (
            "crs.metres_as_degrees",
            "The coordinates are not degrees, though the data are declared so",
            f"Declare the projected system they are in: {_CHOICES}.",
        )
    if bool(_are_degrees(np.array([bounds]))[0]):
        return (
            "crs.degrees_as_metres",
            "The coordinates are degrees, though the data are declared to be in metres",
            "Declare --source-crs EPSG:4326, EPSG:4490, gcj02 or bd09.",
        )
    zone = int(west // 1e6)
    unprefixed = (west - zone * 1e6, south, east - zone * 1e6, north)
    if zone > 0 and bool(fits_crs(unprefixed, source)[0]):
        return (
            "crs.zone_prefix",
            f"The eastings begin with the zone number {zone}, which {source.name} does not have",
            _zone_remedy(zone),
        )
    return (
        "crs.coordinates_outside",
        "The coordinates lie far outside the area of their reference system",
        f"Declare the system the data are in: {_CHOICES}.",
    )


def _zone_remedy(zone: int) -> str:
    if 25 <= zone <= 45:
        return f"Declare --source-crs EPSG:{4513 + zone - 25} (CGCS2000, 3-degree zone {zone})."
    if 13 <= zone <= 23:
        return f"Declare --source-crs EPSG:{4491 + zone - 13} (CGCS2000, 6-degree zone {zone})."
    return "Declare the system with zone numbers, or take the number off the eastings."


def separation_m(bounds: Bounds, others: Bounds) -> float:
    """Geodesic distance in metres between two boxes in WGS84 degrees; zero where they overlap."""
    from pyproj import Geod

    start = _nearest(((others[0] + others[2]) / 2, (others[1] + others[3]) / 2), bounds)
    end = _nearest(start, others)
    _, _, metres = Geod(ellps="WGS84").inv(*_nearest(end, bounds), *end)
    return float(metres)


def _nearest(point: tuple[float, float], bounds: Bounds) -> tuple[float, float]:
    return min(max(point[0], bounds[0]), bounds[2]), min(max(point[1], bounds[1]), bounds[3])


def refuse_far(bounds: Bounds, city_bounds: Bounds, *, where: str, limit_km: float = 100.0) -> None:
    """Refuse data that lie farther from the city than a limit. Both boxes are in WGS84 degrees.

    Raises
    ------
    InputError
        ``data.far_from_city``, with a hint when swapping the axes would bring the data to the city.
    """
    distance_km = separation_m(bounds, city_bounds) / 1000
    if distance_km <= limit_km:
        return
    west, south, east, north = bounds
    swapped = (south, west, north, east)
    if abs(swapped[1]) <= 90 and abs(swapped[3]) <= 90 and separation_m(swapped, city_bounds) <= limit_km * 1000:
        remedy = "Latitude and longitude seem swapped: write longitude first (for a table, --x and --y)."
    else:
        remedy = f"Check {_CHOICES}, or import the data into a city of their own (cim init)."
    raise InputError(
        "data.far_from_city",
        f"The data lie {distance_km:,.0f} km from the city",
        where=where,
        expected=f"within {limit_km:g} km of {_shown(city_bounds)}",
        got=_shown(bounds),
        remedy=remedy,
    )


def _shown(bounds: Bounds) -> str:
    return f"{bounds[0]:.4f}…{bounds[2]:.4f}°E, {bounds[1]:.4f}…{bounds[3]:.4f}°N"
