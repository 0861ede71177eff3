"""Do data that call themselves WGS84 look like GCJ-02 or BD-09? Judged by how they fit what the city has already."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from cim_core.crs.chinese_offsets import bd09_to_wgs84, gcj02_to_wgs84, in_offset_area

Floats = NDArray[np.float64]

_M_PER_DEGREE = 111_195.0
_MAX_POINTS = 1500
_MIN_POINTS = 12
_FLOOR_M = 2.0
"""Added to distances before they are compared: below it, nearer says nothing."""
_CLEARLY = 0.6
"""The converted data must fit at least this much better than as they are and than under any other shift."""
_MIN_NEARER = 0.65
_REACH_M = 1500.0
_INVERSE: dict[Literal["gcj02", "bd09"], Callable[[Floats, Floats], tuple[Floats, Floats]]] = {
    "gcj02": gcj02_to_wgs84,
    "bd09": bd09_to_wgs84,
}


@dataclass(frozen=True)
class OffsetEvidence:
    """Why data look offset. Distances are medians from the data's points to the nearest reference geometry."""

    offset: Literal["gcj02", "bd09"]
    points: int
    shift_m: float
    distance_as_is_m: float
    distance_converted_m: float
    distance_other_shifts_m: float
    """The best median among shifts of the same length in other directions: what chance alone achieves."""
    share_nearer: float

    def sentence(self) -> str:
        """The warning a person reads."""
        return (
            f"This looks like {self.offset.upper().replace('GCJ', 'GCJ-').replace('BD', 'BD-')} declared as WGS84: "
            f"converted, the data lie {self.distance_converted_m:.0f} m (median) from what the city has, as they are "
            f"{self.distance_as_is_m:.0f} m ({self.points} points, shift {self.shift_m:.0f} m). "
            f"If so, import again with --source-crs {self.offset}."
        )


def gcj02_suspicion(moving: Any, reference: Any) -> OffsetEvidence | None:
    """Evidence that ``moving``, declared as WGS84, is in GCJ-02 or BD-09; None when there is none.

    Both are arrays of shapely geometries in longitude and latitude, ``reference`` being trusted. Up to 1,500 points of
    the moving geometry within 1.5 km of the reference are compared as they are, converted, and moved by the same length
    in seven other directions: only a conversion that fits clearly better than all of these counts, so a dense or an
    unrelated reference raises no alarm.
    """
    points, of_outlines = _sample(moving, reference)
    if len(points) < _MIN_POINTS or not in_offset_area(points[:, 0], points[:, 1]).all():
        return None
    fit = _Fit(points, reference, of_outlines)
    if not len(fit.tree):
        return None
    as_is = fit.distances(points)
    found = [
        evidence
        for offset, inverse in _INVERSE.items()
        if (evidence := _evidence(offset, np.column_stack(inverse(points[:, 0], points[:, 1])), points, as_is, fit))
    ]
    return min(found, key=lambda evidence: evidence.distance_converted_m, default=None)


def _evidence(
    offset: Literal["gcj02", "bd09"], converted: Floats, points: Floats, as_is: Floats, fit: _Fit
) -> OffsetEvidence | None:
    distance = fit.distances(converted)
    shift = (converted - points).mean(axis=0) * fit.scale
    angles = np.radians(np.arange(45, 360, 45))
    turned = np.column_stack([np.cos(angles), np.sin(angles)]) @ np.array([shift, [-shift[1], shift[0]]])
    others = min(float(np.median(fit.distances(points + move / fit.scale))) for move in turned)
    medians = float(np.median(as_is)), float(np.median(distance))
    nearer = float(np.mean(distance < as_is))
    if medians[1] + _FLOOR_M > _CLEARLY * (min(medians[0], others) + _FLOOR_M) or nearer < _MIN_NEARER:
        return None
    return OffsetEvidence(offset, len(points), float(np.hypot(*shift)), *medians, others, nearer)


class _Fit:
    """Distances in metres from points to the nearest reference geometry, on a plane tangent at the points."""

    def __init__(self, points: Floats, reference: Any, of_outlines: bool) -> None:
        import shapely

        latitude = float(points[:, 1].mean())
        self.scale = np.array([_M_PER_DEGREE * np.cos(np.radians(latitude)), _M_PER_DEGREE])
        near = _near(np.asarray(reference, dtype=object), points)
        polygons = np.isin(shapely.get_type_id(near), [3, 6])
        if of_outlines and polygons.any():
            near = np.where(polygons, shapely.boundary(near), near)
        self.tree = shapely.STRtree(shapely.transform(near, lambda degrees: degrees * self.scale))

    def distances(self, points: Floats) -> Floats:
        import shapely

        metric = shapely.points(points * self.scale)
        (order, _), metres = self.tree.query_nearest(metric, all_matches=False, return_distance=True)
        found = np.empty(len(points))
        found[order] = metres
        return found


def _near(reference: Any, points: Floats) -> Any:
    import shapely

    west, south, east, north = shapely.bounds(reference).T
    reach = 2 * _REACH_M / _M_PER_DEGREE
    (left, bottom), (right, top) = points.min(axis=0) - reach, points.max(axis=0) + reach
    return reference[(west <= right) & (east >= left) & (south <= top) & (north >= bottom)]


def _sample(moving: Any, reference: Any) -> tuple[Floats, bool]:
    """Evenly chosen vertices of the moving data near the reference, and whether they are of lines or outlines."""
    import shapely

    moving, reference = np.asarray(moving, dtype=object), np.asarray(reference, dtype=object)
    points = shapely.get_coordinates(moving)
    if not len(points) or not len(reference):
        return np.empty((0, 2)), False
    west, south, east, north = shapely.total_bounds(reference)
    reach = _REACH_M / _M_PER_DEGREE
    x, y = points.T
    points = points[(x >= west - reach) & (x <= east + reach) & (y >= south - reach) & (y <= north + reach)]
    step = max(len(points) / _MAX_POINTS, 1.0)
    chosen = np.unique(np.arange(0, len(points), step).astype(int))
    return points[chosen], bool((shapely.get_dimensions(moving) > 0).any())
