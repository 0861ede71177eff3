"""The rows of a baked layer that meet a box, in whatever reference system the box is given."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cim_core.errors import ParameterError
from servers.serving.baked import index
from servers.serving.baked.box_meeting import GridBox, meeting
from servers.serving.baked.placing import ReferenceSystem, outer_and_inner, wkb_in
from servers.serving.baked.row_runs import Runs, drawn_in, runs_meeting
from servers.serving.web_mercator import Bounds

if TYPE_CHECKING:
    from servers.serving.baked.layout import BakedLayer

_SHOWN = 0.5e-7
"""Half the last decimal of degrees that is served: a feature is found by the coordinates it is shown with."""
_NOTHING = (1, 1, 0, 0)
"""A box on the grid that holds nothing."""
Rows = NDArray[np.int32]


@dataclass(frozen=True)
class Search:
    """A box (min x, min y, max x, max y) in a reference system; in degrees west beyond east crosses the antimeridian.

    Raises :class:`ParameterError` (``pages.bbox``) for what is no box.
    """

    box: Bounds
    system: ReferenceSystem

    def __post_init__(self) -> None:
        min_x, min_y, max_x, max_y = self.box
        ordered = min_y <= max_y and (min_x <= max_x or self.system.is_wgs84)
        if not (all(map(math.isfinite, self.box)) and ordered):
            raise ParameterError(
                "pages.bbox",
                "the bounding box is none",
                where="bbox",
                expected="the lower left and the upper right corner in the axis order of bbox-crs",
                got=",".join(f"{edge:g}" for edge in self.box),
                remedy="give finite numbers, the smaller ones first; in degrees only west may lie beyond east",
            )

    def runs(self, layer: BakedLayer) -> Runs | None:
        """What :meth:`meeting` finds as runs of neighbours; None across the antimeridian, where it is none."""
        if not self.system.is_wgs84:
            return self._runs_elsewhere(layer)
        return _exactly(layer, self.box) if self.box[0] <= self.box[2] else None

    def meeting(self, layer: BakedLayer) -> Rows:
        """Rows whose geometry meets the box, ascending."""
        runs = self.runs(layer)
        if runs is not None:
            return runs.rows()
        return np.unique(np.concatenate([_exactly(layer, box).rows() for box in self._halves()]))

    def near(self, layer: BakedLayer) -> Rows:
        """Rows whose bounding box meets the box: all of :meth:`meeting`, and some more. For WGS84."""
        found = [index.query(layer, index.grid_box(layer, *box)) for box in self._halves()]
        return found[0] if len(found) == 1 else np.unique(np.concatenate(found))

    def _halves(self) -> Iterator[Bounds]:
        west, south, east, north = self.box
        if west <= east:
            yield self.box
        else:
            yield from ((west, south, 180.0, north), (-180.0, south, east, north))

    def _runs_elsewhere(self, layer: BakedLayer) -> Runs:
        """What lies across the edge is carried into the box's own system and judged there."""
        edges = None if layer.bounds is None else outer_and_inner(self.box, self.system, layer.bounds)
        if edges is None:
            return Runs(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
        outer, inner = edges
        sure = drawn_in(_rounded(layer, inner)) if inner[0] <= inner[2] and inner[1] <= inner[3] else _NOTHING
        return runs_meeting(layer, sure, index.grid_box(layer, *outer), lambda rows: self._judged(layer, rows))

    def _judged(self, layer: BakedLayer, rows: Rows) -> NDArray[np.bool_]:
        """Which of some rows meet the box in its own system."""
        import shapely

        wkb, at = wkb_in(layer, rows, self.system)
        shapes = shapely.from_wkb([wkb[a:b].tobytes() or None for a, b in itertools.pairwise(at)])
        return np.asarray(shapely.intersects(shapes, shapely.box(*self.box)))


def _exactly(layer: BakedLayer, box: Bounds) -> Runs:
    west, south, east, north = box
    shown = (west - _SHOWN, max(south - _SHOWN, -90.0), east + _SHOWN, min(north + _SHOWN, 90.0))
    exact, near = _rounded(layer, shown), index.grid_box(layer, *box)
    return runs_meeting(layer, drawn_in(near), near, lambda rows: meeting(layer, rows, exact))


def _rounded(layer: BakedLayer, box: Bounds) -> GridBox:
    """On the grid like the vertices, so that a point on the edge is on the edge."""
    left, top, right, bottom = (math.floor(edge + 0.5) for edge in layer.grid.square(*box))
    return left, top, right, bottom
