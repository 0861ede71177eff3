"""Spatial relations between features and a geometry that a filter states.

They are judged in the filter's reference system. Longitude and latitude are rounded as the features are served (seven
decimals), so that what a client has read and sends back is the same geometry. Only features whose box meets the
geometry's are looked at; those whose box lies wholly inside a polygon need no look either.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import NDArray

from servers.serving.baked.placing import ReferenceSystem, wkb_in
from servers.serving.filter_geometry import degrees_of
from servers.serving.filter_rows import Look, Mask, Rows, Truth
from servers.serving.web_mercator import Bounds

if TYPE_CHECKING:
    from servers.serving.baked.layout import BakedLayer

AT_ONCE = 1_000
"""Geometries that are read together; then the clock is looked at."""
_STATED_FIRST: dict[str, Callable[[Any, Any], Any]] = {
    "s_intersects": shapely.intersects,
    "s_disjoint": shapely.disjoint,
    "s_touches": shapely.touches,
    "s_crosses": shapely.crosses,
    "s_overlaps": shapely.overlaps,
    "s_equals": shapely.equals,
    "s_within": shapely.contains,
    "s_contains": shapely.within,
}
"""Relation of a feature to the stated geometry → the function of (stated, feature): the stated one is prepared."""
CONVERSE = {"s_within": "s_contains", "s_contains": "s_within"}
RELATIONS = frozenset(_STATED_FIRST)
_INSIDE_HOLDS = {"s_intersects": True, "s_within": True, "s_disjoint": False}
"""What is true of a feature that lies in the interior of the stated geometry, where that is known."""
_STEEPEST = 85.05
_ROUNDED = 6e-8
"""Degrees that rounding to seven decimals may move a place, and a little more."""


@dataclass(frozen=True, eq=False)
class SpatialTest:
    """A feature's geometry in a relation to a stated one."""

    relation: str
    stated: Any
    system: ReferenceSystem
    cost: int = 2

    @property
    def box(self) -> Bounds:
        """In degrees: holds the stated geometry."""
        return degrees_of(self.stated, self.system)

    def truth(self, look: Look, rows: Rows) -> Truth:
        """Unknown without geometry."""
        known = np.asarray(look.layer.kind[rows] > 0, dtype=bool)
        near = np.flatnonzero(known)
        boxes = degree_boxes(look.layer, rows[near])
        meets = _meets(boxes, self.box)
        yes = np.zeros(len(rows), dtype=bool)
        yes[near[~meets]] = self.relation == "s_disjoint"
        near, boxes = near[meets], boxes[meets]
        if self.relation in _INSIDE_HOLDS and self.system.is_wgs84 and self.stated.area > 0:
            inside = shapely.contains_properly(self.stated, shapely.box(*boxes.T))
            yes[near[inside]] = _INSIDE_HOLDS[self.relation]
            near = near[~inside]
        for begin in range(0, len(near), AT_ONCE):
            look.budget.check()
            some = near[begin : begin + AT_ONCE]
            yes[some] = self._judged(look.layer, rows[some])
        return yes, known & ~yes

    def _judged(self, layer: BakedLayer, rows: Rows) -> Mask:
        shapes = geometries(layer, rows, self.system)
        holds = _STATED_FIRST[self.relation]
        try:
            return np.asarray(holds(self.stated, shapes), dtype=bool)
        except shapely.errors.GEOSException:  # rounding made one of them invalid: mend them and ask once more
            return np.asarray(holds(self.stated, shapely.make_valid(shapes, method="structure")), dtype=bool)


def geometries(layer: BakedLayer, rows: Rows, system: ReferenceSystem) -> NDArray[np.object_]:
    """Shapely geometries of some rows in a system, x first; degrees rounded as they are served."""
    wkb, at = wkb_in(layer, rows, system)
    heap, ends = wkb.tobytes(), at.tolist()
    shapes = shapely.from_wkb([heap[a:b] for a, b in itertools.pairwise(ends)])
    if not system.is_wgs84:
        return np.asarray(shapes)
    return np.asarray(shapely.transform(shapes, lambda places: np.round(places, system.decimals)))


def degree_boxes(layer: BakedLayer, rows: Rows) -> NDArray[np.float64]:
    """(n, 4) west, south, east, north that hold the features as they are served; to the pole if cut off near it.

    The inverse of the mercator projection on the sphere (OGC 17-083r4, annex D.1).
    """
    side = 2.0**layer.bits
    box = layer.box[rows].astype(np.float64)
    x = (box[:, [0, 2]] + [layer.origin[0] - 1, layer.origin[0] + 1]) / side
    y = (box[:, [3, 1]] + [layer.origin[1] + 1, layer.origin[1] - 1]) / side
    lat = np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * y))))
    lat[:, 0][lat[:, 0] < -_STEEPEST] = -90.0
    lat[:, 1][lat[:, 1] > _STEEPEST] = 90.0
    lon = x * 360.0 - 180.0
    held = np.column_stack([lon[:, 0], lat[:, 0], lon[:, 1], lat[:, 1]])
    return np.asarray(held + np.array([-_ROUNDED, -_ROUNDED, _ROUNDED, _ROUNDED]))


def _meets(boxes: NDArray[np.float64], box: Bounds) -> Mask:
    west, south, east, north = box
    return np.asarray(
        (boxes[:, 0] <= east) & (boxes[:, 2] >= west) & (boxes[:, 1] <= north) & (boxes[:, 3] >= south), dtype=bool
    )
