"""Plane curves as arrays of points of shape (n, 2) in metres."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def spline(points: ArrayLike, step_m: float = 20.0) -> Floats:
    """A centripetal-like Catmull-Rom curve through the points, resampled to about ``step_m``."""
    given = np.asarray(points, dtype=np.float64)
    around = np.vstack([2 * given[0] - given[1], given, 2 * given[-1] - given[-2]])
    t = np.linspace(0, 1, 24, endpoint=False)[:, None]
    pieces = []
    for p0, p1, p2, p3 in zip(around, around[1:], around[2:], around[3:], strict=False):
        cubic = -p0 + 3 * p1 - 3 * p2 + p3
        pieces.append(0.5 * (2 * p1 + (p2 - p0) * t + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t**2 + cubic * t**3))
    return resample(np.vstack([*pieces, given[-1:]]), step_m)


def resample(points: ArrayLike, step_m: float) -> Floats:
    """Points at even distance along a line, both ends kept."""
    line = shapely.LineString(np.asarray(points, dtype=np.float64))
    count = max(round(line.length / step_m), 1) + 1
    even: Floats = shapely.get_coordinates(shapely.line_interpolate_point(line, np.linspace(0, line.length, count)))
    return even


def hermite(start: ArrayLike, heading: ArrayLike, end: ArrayLike, end_heading: ArrayLike, pull: float = 1.0) -> Floats:
    """A smooth curve from ``start`` to ``end`` with unit headings at both, as the ramp of a road; about 12 m a step."""
    p0, p1 = np.asarray(start, float), np.asarray(end, float)
    reach = pull * float(np.hypot(*(p1 - p0)))
    m0, m1 = reach * np.asarray(heading, float), reach * np.asarray(end_heading, float)
    count = max(int(reach / 12), 6)
    t = np.linspace(0, 1, count + 1)[:, None]
    curve: Floats = (
        (2 * t**3 - 3 * t**2 + 1) * p0 + (t**3 - 2 * t**2 + t) * m0 + (-2 * t**3 + 3 * t**2) * p1 + (t**3 - t**2) * m1
    )
    return curve


def headings(points: ArrayLike) -> Floats:
    """Unit tangent at each point."""
    slope = np.gradient(np.asarray(points, dtype=np.float64), axis=0)
    unit: Floats = slope / np.maximum(np.hypot(slope[:, 0], slope[:, 1]), 1e-9)[:, None]
    return unit


def beside(points: ArrayLike, offset_m: float | Floats) -> Floats:
    """The curve moved to its left by ``offset_m`` (to its right if negative), point by point."""
    along = headings(points)
    left = np.column_stack([-along[:, 1], along[:, 0]])
    moved: Floats = np.asarray(points, float) + left * np.reshape(offset_m, (-1, 1))
    return moved


def heading_at(points: ArrayLike, distance_m: float) -> Floats:
    """Unit tangent at a distance along a curve."""
    line = shapely.LineString(points)
    ends = shapely.line_interpolate_point(line, [max(distance_m - 3, 0), min(distance_m + 3, line.length)])
    step = np.diff(shapely.get_coordinates(ends), axis=0)[0]
    return np.asarray(step / np.hypot(*step))


def rounded(line: shapely.LineString, step_m: float = 25.0, passes: int = 4) -> shapely.LineString:
    """The line without kinks: resampled, then each point moved to the mean of its neighbours, ends kept."""
    points = resample(shapely.get_coordinates(line), step_m)
    for _ in range(passes):
        points[1:-1] = 0.25 * points[:-2] + 0.5 * points[1:-1] + 0.25 * points[2:]
    return shapely.LineString(points)
