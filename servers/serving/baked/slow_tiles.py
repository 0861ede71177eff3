"""Polygons that rounding to a tile's grid makes touch themselves: mended by GEOS, those few only.

The rings that come are already cut to tile and rim, so that a river's ten thousand bends cost what is seen of them.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from servers.serving.baked.tile_commands import PATH_BYTES, POINT_BYTES, put_rings, put_smallest_area

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Objects = NDArray[np.object_]
_POLYGON = 3


def mended(points: Floats, ring_at: Ints, owner: Ints, is_hole: Flags, *, keep_collapsed: bool) -> dict[int, bytes]:
    """Valid polygons on whole units, as MVT commands.

    Parameters
    ----------
    points, ring_at, owner, is_hole
        Rings in tile units (2, n), as :func:`servers.serving.baked.tile_shapes.draw` hands them on.
    keep_collapsed
        Whether what has no area on the grid becomes a unit triangle; else it is left out.

    Returns
    -------
    dict
        Owner → commands.

    The area differs from that of the cut polygon by at most ``0.75 * perimeter + points``: each side moves by at most
    half a unit along either axis.
    """
    owners, exteriors = _assembled(points, ring_at, owner, is_hole)
    valid = shapely.make_valid(exteriors, method="structure")
    rounded = shapely.set_precision(_areal(valid), 1.0)
    written = {}
    for key, polygon, place in zip(
        owners.tolist(), rounded, _first_places(points, ring_at, owner, owners), strict=True
    ):
        commands = _commands(polygon)
        if not commands and keep_collapsed:
            commands = _smallest(*place)
        if commands:
            written[key] = commands
    return written


def _assembled(points: Floats, ring_at: Ints, owner: Ints, is_hole: Flags) -> tuple[Ints, Objects]:
    """Owners, ascending, and the (multi)polygon of each; holes belong to the exterior before them."""
    which = np.repeat(np.arange(len(owner)), np.diff(ring_at))
    rings = shapely.linearrings(points.T, indices=which)
    polygon_of = np.cumsum(~is_hole) - 1
    polygons = shapely.polygons(rings[~is_hole])
    for number in np.unique(polygon_of[is_hole]).tolist():
        polygons[number] = shapely.polygons(rings[~is_hole][number], rings[is_hole & (polygon_of == number)])
    owners, feature = np.unique(owner[~is_hole], return_inverse=True)
    return owners, np.asarray(shapely.multipolygons(polygons, indices=feature))


def _areal(geometries: Objects) -> Objects:
    """Only the polygons of what mending gave."""
    found = geometries.copy()
    for i in np.flatnonzero(shapely.get_type_id(geometries) == 7).tolist():
        parts = shapely.get_parts(geometries[i])
        found[i] = shapely.multipolygons(shapely.get_parts(parts[shapely.get_dimensions(parts) == 2]))
    return found


def _first_places(points: Floats, ring_at: Ints, owner: Ints, owners: Ints) -> list[tuple[float, float]]:
    first = ring_at[np.searchsorted(owner, owners)]
    return list(zip(points[0, first].tolist(), points[1, first].tolist(), strict=True))


def _commands(geometry: shapely.Geometry | None) -> bytes:
    """MVT commands of polygons on whole units; no bytes for none."""
    polygons = shapely.get_parts(geometry)
    polygons = polygons[(shapely.get_type_id(polygons) == _POLYGON) & (shapely.area(polygons) > 0)]
    if not len(polygons):
        return b""
    rings, part = shapely.get_rings(polygons, return_index=True)
    counts = shapely.get_num_coordinates(rings)
    points = np.delete(shapely.get_coordinates(rings), np.cumsum(counts) - 1, axis=0)
    ring_at = np.concatenate([[0], np.cumsum(counts - 1)]).astype(np.int64)
    is_hole = np.concatenate([[False], np.diff(part) == 0])
    whole = np.rint(points).astype(np.int64)
    out = np.empty(POINT_BYTES * len(whole) + PATH_BYTES * len(rings), np.uint8)
    end = put_rings(out, 0, np.ascontiguousarray(whole.T), ring_at, len(rings), is_hole)
    return out[:end].tobytes()


def _smallest(x: float, y: float) -> bytes:
    out = np.empty(PATH_BYTES + 4 * POINT_BYTES, np.uint8)
    whole = np.floor(np.array([x, y]) + 0.5).astype(np.int64)
    return out[: put_smallest_area(out, 0, whole[0], whole[1])].tobytes()
