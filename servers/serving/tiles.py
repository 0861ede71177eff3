"""Vector tiles of a frame: projected and indexed once, then cut for each tile that is asked for."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from servers.serving.integer_geometry import geometry_bytes, kinds, on_grid, only_kind, to_parts
from servers.serving.mvt import POINT, POLYGON, Column, layer_message
from servers.serving.web_mercator import (
    BUFFER,
    EXTENT,
    HALF_M,
    MERCATOR,
    Bounds,
    require_tile,
    tile_bounds,
    to_degrees,
    to_tile_units,
)
from servers.serving.zoom_rules import MAX_ZOOM, MOST_FEATURES, first_zooms, large_enough, simplified

Objects = NDArray[np.object_]
Ints = NDArray[np.int64]


class LayerTiles:
    """A layer ready for tiles: web-mercator geometries, an STR tree and coded properties.

    Features carry their row number as id, the frame's index as property ``id``, and ``properties``. Whole numbers and
    flags are exact; other numbers are in single precision, since a tile is for looking; missing values are left out.

    Parameters
    ----------
    frame
        In any CRS; its index is the feature id. Rows without geometry are in no tile.
    name
        The layer's name in the tile; that of a standard layer also says what coarse zooms leave out.
    properties
        Columns that travel along.

    >>> streets = gpd.GeoDataFrame({"lanes": [2]}, geometry=gpd.points_from_xy([106.58], [29.56]), crs="EPSG:4326")
    >>> len(LayerTiles(streets, name="streets", properties=["lanes"]).encode(14, 13042, 6789)) > 0
    True
    """

    def __init__(self, frame: gpd.GeoDataFrame, *, name: str, properties: Sequence[str]) -> None:
        self.name = name
        self.properties = tuple(properties)
        self.rows = len(frame)
        self._columns = [
            _column("id", frame.index.to_series().astype(str)),
            *(_column(p, frame[p]) for p in properties),
        ]
        geometries, row = _simple(np.asarray(frame.geometry.to_crs(MERCATOR).array))
        self._geometries, self._row = geometries, row
        self._kinds = kinds(geometries)
        self._bounds = shapely.bounds(geometries) if len(geometries) else np.zeros((0, 4))
        self._areas = np.where(self._kinds == POLYGON, shapely.area(geometries), np.nan)
        self._first_zoom = first_zooms(name, frame)[row]
        self._tree = shapely.STRtree(geometries)
        self._tree.query(shapely.Point(0, 0))  # builds it now, before threads share it

    @cached_property
    def nbytes(self) -> int:
        """What it takes of memory, about: coordinates, index, coded properties."""
        arrays = (self._row, self._kinds, self._bounds, self._areas, self._first_zoom)
        columns = sum(column.codes.nbytes + _size(column.values) for column in self._columns)
        return geometry_bytes(self._geometries) + sum(one.nbytes for one in arrays) + columns

    @cached_property
    def bounds(self) -> Bounds | None:
        """(west, south, east, north) in degrees; None for a layer without geometry."""
        if not len(self._bounds):
            return None
        low = np.maximum(self._bounds[:, :2].min(axis=0), -HALF_M)
        high = np.minimum(self._bounds[:, 2:].max(axis=0), HALF_M)
        return to_degrees((float(low[0]), float(low[1]), float(high[0]), float(high[1])))

    @property
    def kinds(self) -> dict[str, str]:
        """Property → ``Number``, ``Boolean`` or ``String``, as TileJSON's ``fields`` have it."""
        return {column.key: _kind(column) for column in self._columns}

    def encode(self, z: int, x: int, y: int) -> bytes:
        """The layer's message in a tile; empty bytes if nothing of it is there.

        Raises
        ------
        NotFoundError
            ``tiles.no_such_tile``.
        """
        require_tile(z, x, y)
        chosen = self._chosen(z, x, y)
        if not len(chosen):
            return b""
        cut = self._cut(chosen, z, x, y)
        parts, present = to_parts(on_grid(cut, keep_collapsed=z >= MAX_ZOOM))
        rows = self._row[chosen[present]]
        return layer_message(self.name, parts, extent=EXTENT, ids=rows, rows=rows, columns=self._columns)

    def _chosen(self, z: int, x: int, y: int) -> Ints:
        """Positions of the geometries that a tile shows, in the order of their rows."""
        found: Ints = np.sort(self._tree.query(shapely.box(*tile_bounds(z, x, y, BUFFER))))
        seen = (self._first_zoom[found] <= z) | (z >= MAX_ZOOM)
        seen &= large_enough(self._bounds[found], self._areas[found], self._kinds[found] == POINT, z)
        found = found[seen]
        if z >= MAX_ZOOM or len(found) <= MOST_FEATURES:
            return found
        size = (self._bounds[found, 2:] - self._bounds[found, :2]).max(axis=1)
        return np.sort(found[np.argsort(-size, kind="stable")[:MOST_FEATURES]])

    def _cut(self, chosen: Ints, z: int, x: int, y: int) -> Objects:
        """Simplified as a whole, so that neighbouring tiles agree; then clipped to the tile and its rim."""
        geometries = to_tile_units(simplified(self._geometries[chosen], z), z, x, y)
        bounds = shapely.bounds(geometries)
        across = np.flatnonzero((bounds[:, :2] < -BUFFER).any(axis=1) | (bounds[:, 2:] > EXTENT + BUFFER).any(axis=1))
        rim = (-BUFFER, -BUFFER, EXTENT + BUFFER, EXTENT + BUFFER)
        geometries[across] = shapely.clip_by_rect(geometries[across], *rim)
        return only_kind(geometries, self._kinds[chosen])


def tile(layers: Iterable[LayerTiles], z: int, x: int, y: int) -> bytes:
    """Several layers in one tile; empty bytes if none has anything there."""
    return b"".join(layer.encode(z, x, y) for layer in layers)


def _simple(geometries: Objects) -> tuple[Objects, Ints]:
    """Points, lines and valid polygons with finite coordinates, and the row of each; collections fall apart."""
    row = np.flatnonzero(~shapely.is_missing(geometries))
    geometries = shapely.force_2d(geometries[row])
    collections = shapely.get_type_id(geometries) == 7
    if collections.any():
        kept, parts = geometries[~collections], geometries[collections]
        owner = row[collections]
        while (shapely.get_type_id(parts) == 7).any():
            parts, member = shapely.get_parts(parts, return_index=True)
            owner = owner[member]
        geometries, row = np.concatenate([kept, parts]), np.concatenate([row[~collections], owner])
        order = np.argsort(row, kind="stable")
        geometries, row = geometries[order], row[order]
    kind = kinds(geometries)
    invalid = np.flatnonzero((kind == POLYGON) & ~shapely.is_valid(geometries))
    geometries[invalid] = shapely.make_valid(geometries[invalid], method="structure")
    kept = (kinds(only_kind(geometries, kind)) > 0) & _in_the_world(shapely.bounds(geometries))
    return geometries[kept], row[kept]


def _in_the_world(bounds: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether anything lies within the square: what is beyond 85° of latitude has no place on it."""
    inside = np.hstack([np.isfinite(bounds), bounds[:, :2] <= HALF_M, bounds[:, 2:] >= -HALF_M])
    return np.asarray(inside.all(axis=1))


def _column(key: str, values: pd.Series) -> Column:
    """Each distinct value once, and which row has which."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        values = values.astype(values.cat.categories.dtype)
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        values = values.map(lambda instant: None if pd.isna(instant) else instant.isoformat())
    if pd.api.types.is_float_dtype(values.dtype):
        numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
        values = pd.Series(np.where(np.isfinite(numbers), numbers, np.nan).astype(np.float32))
    codes, distinct = pd.factorize(values)
    return Column(key, codes.astype(np.int64), _stored(distinct))


def _stored(distinct: pd.Index | np.ndarray) -> NDArray[np.float32] | Ints | NDArray[np.bool_] | list[str]:
    array = np.asarray(distinct)
    if array.dtype == object and len(array) and all(isinstance(value, bool) for value in array):
        array = array.astype(bool)
    if array.dtype.kind in "iu":
        return array.astype(np.int64)
    if array.dtype.kind == "f":
        return array.astype(np.float32)
    return array if array.dtype == np.bool_ else [str(value) for value in array]


def _size(values: NDArray[np.generic] | Sequence[str]) -> int:
    return values.nbytes if isinstance(values, np.ndarray) else sum(map(sys.getsizeof, values))


def _kind(column: Column) -> str:
    if not isinstance(column.values, np.ndarray):
        return "String"
    return "Boolean" if column.values.dtype == np.bool_ else "Number"
