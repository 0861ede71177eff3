"""Vector tiles of a baked layer: found by its index, drawn and written by compiled code."""

from __future__ import annotations

import math
from collections.abc import Collection
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from servers.serving.baked.index import query
from servers.serving.baked.layout import HEIGHT, BakedColumn, BakedLayer
from servers.serving.baked.slow_tiles import mended
from servers.serving.baked.tile_encoder import features, layer_entry, messages, numbered
from servers.serving.baked.tile_shapes import DRAWN, draw
from servers.serving.web_mercator import BUFFER, EXTENT, Bounds, require_tile
from servers.serving.zoom_rules import MAX_ZOOM, MOST_FEATURES

Rows = NDArray[np.int32]
Bytes = NDArray[np.uint8]
ALL = 255
"""A zoom at which everything is drawn."""
MOST_BUFFER = EXTENT
_EXTENT_BITS = EXTENT.bit_length() - 1
_NOT_IN_TILES = ("json", "list<int64>")
_KIND = {"bool": "Boolean", "int64": "Number", "float64": "Number"}


class BakedTiles:
    """One layer of tiles. Features carry their storage row as id (those added since: ``len(layer)`` + row).

    Whole numbers and flags are exact; other numbers are in single precision, since a tile is for looking; missing
    values and documents are left out.

    Parameters
    ----------
    layer
        The snapshot's content.
    fields
        Properties that travel along beside ``id``; all by default. Names the layer does not have are left out, and
        the height ``z_m`` of a layer with heights always travels.
    hidden
        bool (N,): rows that were replaced or removed since.
    added
        What was added or replaced since, with the same columns.
    """

    def __init__(
        self,
        layer: BakedLayer,
        fields: Collection[str] | None = None,
        hidden: NDArray[np.bool_] | None = None,
        added: BakedLayer | None = None,
    ) -> None:
        self.name = layer.name
        self._layer, self._added, self._hidden = layer, added, hidden
        self._columns = [column for column in layer.columns if _travels(column, layer, fields)]
        self.fields = tuple(column.name for column in self._columns)

    @cached_property
    def nbytes(self) -> int:
        """What it takes of memory beside the baked layer itself, which is mapped from files."""
        hidden = 0 if self._hidden is None else self._hidden.nbytes
        return hidden + (0 if self._added is None else self._added.nbytes)

    @property
    def bounds(self) -> Bounds | None:
        """(west, south, east, north) in degrees; None for a layer without geometry."""
        found = [one.bounds for one in (self._layer, self._added) if one is not None and one.bounds is not None]
        if not found:
            return None
        west, south, east, north = zip(*found, strict=True)
        return min(west), min(south), max(east), max(north)

    @property
    def kinds(self) -> dict[str, str]:
        """Property → ``Number``, ``Boolean`` or ``String``, as TileJSON's ``fields`` have it."""
        return {column.name: _KIND.get(column.dtype, "String") for column in self._columns}

    def encode(self, z: int, x: int, y: int, *, exact: bool = False, buffer: int = BUFFER) -> bytes:
        """The layer's message in a tile; empty bytes if nothing of it is there.

        Parameters
        ----------
        exact
            Neither simplify nor leave anything out but what has no size on the tile's grid (as ``ST_AsMVTGeom``).
        buffer
            Tile units that are drawn beyond each side, 0 … 4096.

        Raises
        ------
        NotFoundError
            ``tiles.no_such_tile``.
        ValueError
            For a buffer that is none.
        """
        require_tile(z, x, y)
        if not 0 <= buffer <= MOST_BUFFER:
            raise ValueError(f"a tile's buffer is 0 to {MOST_BUFFER} units, not {buffer}")
        tile = _Tile(z, x, y, exact, buffer)
        drawn = [(self._layer, tile.rows(self._layer, self._hidden), 0)]
        if self._added is not None:
            drawn.append((self._added, tile.rows(self._added, None), len(self._layer)))
        return self._written([(layer, *_shapes(layer, rows, tile), first) for layer, rows, first in drawn if len(rows)])

    def _written(self, drawn: list[tuple[BakedLayer, Rows, Bytes, Any, Any, int]]) -> bytes:
        body: list[Bytes] = []
        values: list[Bytes] = []
        count = 0
        for layer, rows, commands, begin, end, first in drawn:
            if not len(rows):
                continue
            numbers = np.empty((len(self._columns), len(rows)), dtype=np.int32)
            for key, name in enumerate(self.fields):
                column = layer.column(name)
                np.take(column.code, rows, out=numbers[key], mode="clip")
                used, size = numbered(numbers[key], column.mvt_at, count)
                values.append(messages(used, size, column.mvt, column.mvt_at))
                count += len(used)
            kinds = layer.kind[rows]
            body.append(features(rows.astype(np.int64) + first, kinds, numbers, commands, begin, end))
        return layer_entry(self.name, body, list(self.fields), values, EXTENT) if body else b""


class _Tile:
    """Which tile, and how it is drawn."""

    def __init__(self, z: int, x: int, y: int, exact: bool, buffer: int) -> None:
        self.z, self.x, self.y, self.exact, self.buffer = z, x, y, exact, buffer
        self.all = exact or z >= MAX_ZOOM
        self.zoom = ALL if self.all else z

    def rows(self, layer: BakedLayer, hidden: NDArray[np.bool_] | None) -> Rows:
        """Rows that the tile shows, ascending."""
        side = 1 << (layer.bits - self.z)
        rim = math.ceil(self.buffer * layer.grid.tile_unit(self.z))
        west, north = self.x * side, self.y * side
        box = np.array([west - rim, north - rim, west + side + rim, north + side + rim], dtype=np.int64)
        rows: Rows = query(layer, box, self.zoom)
        if hidden is not None:
            rows = rows[~hidden[rows]]
        return rows if self.all or len(rows) <= MOST_FEATURES else _largest(layer, rows)

    def commands(self, layer: BakedLayer, rows: Rows) -> Any:
        """What :func:`servers.serving.baked.tile_shapes.draw` makes of rows."""
        side = 1 << (layer.bits - self.z)
        x0, y0 = self.x * side - layer.origin[0], self.y * side - layer.origin[1]
        scale, rim = 1.0 / layer.grid.tile_unit(self.z), float(self.buffer)
        square = (x0, y0, scale, -rim, EXTENT + rim, self.zoom, self.keep_collapsed)
        return draw(rows, layer.xy, layer.level, layer.part, layer.feature_part, layer.kind, layer.box, square)

    @property
    def keep_collapsed(self) -> bool:
        return self.z >= MAX_ZOOM and not self.exact


def _travels(column: BakedColumn, layer: BakedLayer, fields: Collection[str] | None) -> bool:
    if column.dtype in _NOT_IN_TILES:
        return False
    always = column is layer.columns[0] or (column.derived and column.name == HEIGHT)
    return always or fields is None or column.name in fields


def _largest(layer: BakedLayer, rows: Rows) -> Rows:
    """The :data:`MOST_FEATURES` rows of the longest boxes, ascending; of equals the first."""
    box = layer.box[rows].astype(np.int64)
    size = (box[:, 2:] - box[:, :2]).max(axis=1)
    return np.sort(rows[np.argsort(-size, kind="stable")[:MOST_FEATURES]])


def _shapes(layer: BakedLayer, rows: Rows, tile: _Tile) -> tuple[Rows, Bytes, Any, Any]:
    """Rows of which something is drawn; their commands, and where those of each begin and end."""
    out, at, state, *loose = tile.commands(layer, rows)
    begin, end = at[:-1], at[1:]
    if len(loose[1]) > 1:
        begin, end = begin.copy(), end.copy()
        pieces, size = [out[: at[-1]]], int(at[-1])
        for owner, commands in mended(*loose, keep_collapsed=tile.keep_collapsed).items():
            begin[owner], end[owner] = size, size + len(commands)
            pieces.append(np.frombuffer(commands, dtype=np.uint8))
            size += len(commands)
            state[owner] = DRAWN
        out = np.concatenate(pieces)
    kept = state == DRAWN
    return (rows, out, begin, end) if kept.all() else (rows[kept], out, begin[kept], end[kept])


def warm() -> None:
    """Compile all that tiles run, or load it from the cache on disk: draws a point, a line, a ring and one to mend."""
    import geopandas as gpd
    import shapely

    from servers.serving.baked.bake import BakeSpec, bake_frame

    touching = [(0, 0), (1, 0), (1, 1), (0.5, 1e-9), (0, 1)]
    shapes = [shapely.Point(0, 0), shapely.LineString(touching), shapely.box(0, 0, 1, 1), shapely.Polygon(touching)]
    frame = gpd.GeoDataFrame(geometry=shapes, crs="EPSG:4326")
    BakedTiles(bake_frame(frame, BakeSpec("warm", fields=()))).encode(8, 128, 127, exact=True)
