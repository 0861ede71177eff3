"""Geometry in tile units on the integer grid: valid, rightly wound, without repeated points."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from servers.serving.mvt import LINE, POINT, POLYGON, Parts

Objects = NDArray[np.object_]
Ints = NDArray[np.int64]
_COORDINATE_BYTES, _GEOMETRY_BYTES = 16, 450
"""Two doubles; and beside them for each geometry GEOS' object, its envelope, Python's shell and a place in the tree
(measured: 280 for points, 460 for lines, 650 for polygons)."""
_KIND_OF_TYPE = np.array([POINT, LINE, LINE, POLYGON, POINT, LINE, POLYGON, 0])
"""Shapely's type id → kind in a tile; 0 for collections, and −1 (missing) wraps round to it."""


def kinds(geometries: Objects) -> Ints:
    """POINT, LINE or POLYGON of each geometry; 0 for none, empty ones and collections."""
    found = _KIND_OF_TYPE[shapely.get_type_id(geometries)]
    return np.where(shapely.is_empty(geometries), 0, found)


def on_grid(geometries: Objects, *, keep_collapsed: bool = False) -> Objects:
    """Rounded to whole units. Polygons that rounding breaks are mended; what collapses becomes empty.

    With ``keep_collapsed`` it becomes the smallest shape of its kind instead: a step of one unit, a unit triangle.
    """
    rounded = np.asarray(shapely.set_precision(geometries, 1.0, mode="pointwise"))
    kind = kinds(geometries)
    broken = np.flatnonzero((kind == POLYGON) & ~shapely.is_valid(rounded))
    if len(broken):
        mended = shapely.set_precision(shapely.make_valid(geometries[broken], method="structure"), 1.0)
        rounded[broken] = [_only(geometry, POLYGON) for geometry in mended]
    flat = np.flatnonzero((kind == LINE) & (shapely.length(rounded) == 0))
    rounded[flat] = None
    if keep_collapsed:
        lost = np.flatnonzero((kind > 0) & ((rounded == None) | shapely.is_empty(rounded)))  # noqa: E711 - an array
        rounded[lost] = [_smallest(geometries[i], int(kind[i])) for i in lost]
    return rounded


def only_kind(geometries: Objects, kind: Ints) -> Objects:
    """What clipping or mending left of each geometry in its own kind (a polygon may leave lines besides)."""
    wrong = np.flatnonzero((kind > 0) & (kinds(geometries) != kind))
    for i in wrong:
        geometries[i] = _only(geometries[i], int(kind[i]))
    return geometries


def to_parts(geometries: Objects) -> tuple[Parts, Ints]:
    """Integer parts for :func:`servers.serving.mvt.layer_message`, and the positions of the geometries that have any.

    ``geometries`` are on the grid; what is empty or missing is left out.
    """
    kind = kinds(geometries)
    pieces = [_points(geometries, kind), _lines(geometries, kind), _rings(geometries, kind)]
    points = np.concatenate([piece[0] for piece in pieces])
    part = np.concatenate([piece[1] for piece in pieces])
    order = np.argsort(part, kind="stable")
    lengths = np.concatenate([piece[2] for piece in pieces])
    before = np.cumsum(lengths) - lengths
    sorted_lengths = lengths[order]
    take = np.repeat(before[order] - (np.cumsum(sorted_lengths) - sorted_lengths), sorted_lengths)
    points = points[take + np.arange(len(points))]
    present, feature = np.unique(part[order], return_inverse=True)
    start = np.cumsum(sorted_lengths) - sorted_lengths
    return Parts(points, start, feature.astype(np.int64), kind[present]), present


Piece = tuple[Ints, Ints, Ints]
"""Points, for each part the position of its geometry, and the number of points of each part."""


def _points(geometries: Objects, kind: Ints) -> Piece:
    chosen = np.flatnonzero(kind == POINT)
    points, owner = shapely.get_coordinates(geometries[chosen], return_index=True)
    members, lengths = np.unique(owner, return_counts=True)
    return np.rint(points).astype(np.int64), chosen[members], lengths.astype(np.int64)


def _lines(geometries: Objects, kind: Ints) -> Piece:
    chosen = np.flatnonzero(kind == LINE)
    lines, owner = shapely.get_parts(geometries[chosen], return_index=True)
    return _sequences(lines, chosen[owner], least=2)


def _rings(geometries: Objects, kind: Ints) -> Piece:
    chosen = np.flatnonzero(kind == POLYGON)
    polygons, owner = shapely.get_parts(geometries[chosen], return_index=True)
    wound = shapely.orient_polygons(polygons, exterior_cw=False)
    rings, within = shapely.get_rings(wound, return_index=True)
    points, part, lengths = _sequences(rings, chosen[owner[within]], least=4)
    closing = np.cumsum(lengths) - 1
    return np.delete(points, closing, axis=0), part, lengths - 1


def _sequences(lines: Objects, part: Ints, least: int) -> Piece:
    """Points of lines or closed rings without repeats; those with fewer than ``least`` points are left out."""
    points, line = shapely.get_coordinates(lines, return_index=True)
    points = np.rint(points).astype(np.int64)
    fresh = np.ones(len(points), dtype=bool)
    fresh[1:] = (np.diff(line) != 0) | (np.diff(points, axis=0) != 0).any(axis=1)
    points, line = points[fresh], line[fresh]
    lengths = np.bincount(line, minlength=len(lines))
    enough = lengths >= least
    return points[enough[line]], part[enough], lengths[enough].astype(np.int64)


def _only(geometry: shapely.Geometry, kind: int) -> shapely.Geometry | None:
    if geometry is None:
        return None
    parts = shapely.get_parts(shapely.get_parts(geometry))
    fitting = parts[kinds(parts) == kind]
    if not len(fitting):
        return None
    if kind == POLYGON:
        return shapely.union_all(fitting) if len(fitting) > 1 else fitting[0]
    return shapely.multilinestrings(fitting) if kind == LINE else shapely.multipoints(fitting)


def _smallest(geometry: shapely.Geometry, kind: int) -> shapely.Geometry:
    x, y = np.rint(shapely.get_coordinates(geometry)[0])
    if kind == POLYGON:
        return shapely.polygons([(x, y), (x + 1, y), (x + 1, y + 1), (x, y)])
    return shapely.linestrings([(x, y), (x + 1, y)]) if kind == LINE else shapely.points(x, y)


def geometry_bytes(geometries: Objects) -> int:
    """Memory of geometries and of a packed tree over them, about: coordinates, and what GEOS keeps for each."""
    return int(shapely.get_num_coordinates(geometries).sum()) * _COORDINATE_BYTES + len(geometries) * _GEOMETRY_BYTES
