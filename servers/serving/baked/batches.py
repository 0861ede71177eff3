"""One batch of a layer after the other into the arrays of a baked layer."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np
import shapely
from numpy.typing import NDArray

from servers.serving.baked.array_files import Array, Arrays
from servers.serving.baked.columns import Distinct, binary_heap, distinct
from servers.serving.baked.fragments_writer import DECIMALS, HEIGHT_DECIMALS, fragments
from servers.serving.baked.geometry import Shapes, lowest, measure, read_wkb, wind
from servers.serving.baked.grid import Grid
from servers.serving.baked.hashing import hashes
from servers.serving.baked.heaps import Heap, chosen, empty_heap, frozen, heap_of
from servers.serving.baked.index import build_tree
from servers.serving.baked.interning import Interning
from servers.serving.baked.layout import FORMAT, HEIGHT, BakedLayer, assembled, column_array
from servers.serving.baked.levels import row_zooms, vertex_levels
from servers.serving.baked.spec import GEOMETRY_COLUMN, ID_COLUMN, BakeField, BakeSpec, FieldLike
from servers.serving.web_mercator import DEGREES, transformer
from servers.serving.zoom_rules import CLASS_FIELDS, MAX_ZOOM, MIN_ZOOM

if TYPE_CHECKING:
    import pyarrow as pa

_KIND = np.array([0, 1, 2, 3, 1, 2, 3], dtype=np.uint8)
"""WKB type → kind in a tile."""
_COLLECTION = 7
_STARTS = ("part", "feature_part", "fragment_at", "geometry_at")
_HEAPS = ("text", "json", "mvt")


class Drawn(NamedTuple):
    """Geometries of a batch as they are drawn, and the GeoJSON of those that are drawn differently from the record."""

    shapes: Shapes
    degrees: NDArray[np.float64]
    given: Heap
    box_of: list[tuple[int, NDArray[np.float64]]]
    """Rows and the degrees of all their vertices, where what is drawn is only a part."""


class Batches:
    """Takes the batches of a layer in storage order (rows without geometry last) and makes the layer of them.

    Parameters
    ----------
    crs
        Of the geometries, as PROJ reads it.
    grid
        On which all of the layer fits.
    arrays
        Where the arrays go.
    """

    def __init__(self, spec: BakeSpec, fields: Sequence[FieldLike], crs: str, grid: Grid, arrays: Arrays) -> None:
        self._spec = spec
        self._crs, self._grid, self._arrays = crs, grid, arrays
        self._fields = [BakeField(ID_COLUMN, "string"), *(BakeField(one.name, one.dtype) for one in fields)]
        self._interned: list[Interning] = [Interning() for _ in self._fields]
        self._heights: list[NDArray[np.float64]] = []
        self._totals = dict.fromkeys(_STARTS, 0)
        self._bounds = np.array([np.inf, np.inf, -np.inf, -np.inf])
        for name in _STARTS:
            arrays.append(name, np.zeros(1, dtype=np.int64))
        for number in range(len(self._fields)):
            self._begin_column(number)

    def add(self, table: pa.Table) -> None:
        """A batch: columns as :func:`~servers.serving.baked.spec.frame_table` makes them."""
        geometry = table[GEOMETRY_COLUMN].combine_chunks()
        drawn = _drawn(geometry, self._crs)
        columns = [distinct(table[one.name], one.dtype) for one in self._fields]
        self._add_geometry(drawn, self._class_zooms(table))
        self._add_heap("geometry", binary_heap(geometry))
        self._add_heap("fragment", self._fragments(columns, drawn))
        for number, (column, interned) in enumerate(zip(columns, self._interned, strict=True)):
            self._add_column(number, column, interned)

    def finish(self, meta_crs: str) -> tuple[dict[str, Any], BakedLayer]:
        """The layer and its meta data; nothing may be added any more."""
        arrays = self._arrays
        fields = [BakeField("id", "string"), *self._fields[1:]]
        about = [{"name": one.name, "dtype": one.dtype, "derived": False} for one in fields]
        heights = np.concatenate([np.zeros(0), *self._heights])
        if self._spec.heights or not np.isnan(heights).all():
            about.append({"name": HEIGHT, "dtype": "float64", "derived": True})
            self._add_heights(heights)
        tree = build_tree(arrays.read("box"), arrays.read("first_zoom"))
        keys = hashes(*frozen((arrays.read("c0.text"), arrays.read("c0.text_at"))))
        order = np.argsort(keys, kind="stable")
        for name, array in (
            ("tree_box", tree.box),
            ("tree_zoom", tree.zoom),
            ("id_hash", keys[order]),
            ("id_row", order.astype(np.int32)),
        ):
            arrays.append(name, array)
        meta = {
            "format": FORMAT,
            "name": self._spec.name,
            "version": self._spec.version,
            "crs": meta_crs,
            "bits": self._grid.bits,
            "origin": self._grid.origin,
            "bounds": self._bounds.tolist() if np.isfinite(self._bounds).all() else None,
            "tree_level": tree.level,
            "columns": about,
        }
        return meta, assembled(meta, arrays.read)

    def _add_geometry(self, drawn: Drawn, class_zooms: NDArray[np.uint8]) -> None:
        shapes, grid = drawn.shapes, self._grid
        xy = grid.place(drawn.degrees[:, 0], drawn.degrees[:, 1])
        wind(xy, shapes.part, shapes.role)
        box, area = measure(xy, shapes.part, shapes.role, shapes.feature_part)
        kind = _KIND[shapes.type]
        points = np.repeat(kind == 1, np.diff(shapes.feature_part))
        level = vertex_levels(xy, shapes.part, shapes.role, points, grid)
        zoom = np.minimum(np.maximum(row_zooms(box, area, kind, grid), class_zooms), MAX_ZOOM)
        for row, degrees in drawn.box_of:
            whole = grid.place(degrees[:, 0], degrees[:, 1])
            box[row] = (*whole.min(axis=0), *whole.max(axis=0))
        for name, array in (("xy", xy), ("level", level), ("kind", kind), ("box", box)):
            self._arrays.append(name, array)
        self._arrays.append("first_zoom", zoom.astype(np.uint8))
        self._add_starts("part", shapes.part)
        self._add_starts("feature_part", shapes.feature_part)
        self._heights.append(lowest(shapes.z, shapes.part, shapes.feature_part))
        self._grow_bounds(drawn)

    def _grow_bounds(self, drawn: Drawn) -> None:
        for degrees in (drawn.degrees, *(one for _, one in drawn.box_of)):
            if len(degrees):
                rounded = np.round(degrees, DECIMALS)
                self._bounds[:2] = np.minimum(self._bounds[:2], rounded.min(axis=0))
                self._bounds[2:] = np.maximum(self._bounds[2:], rounded.max(axis=0))

    def _fragments(self, columns: Sequence[Distinct], drawn: Drawn) -> Heap:
        ids, *properties = columns
        names = [one.name for one in self._fields[1:]]
        rows = len(ids.code)
        codes = np.array([one.code for one in properties], dtype=np.int32).reshape(len(properties), rows)
        heads = chosen(ids.json, ids.code.astype(np.int64))
        return fragments(
            heads, drawn.shapes, drawn.degrees, drawn.given, names, codes, [one.json for one in properties]
        )

    def _class_zooms(self, table: pa.Table) -> NDArray[np.uint8]:
        rules = MIN_ZOOM.get(self._spec.name, {})
        rest = rules.get("*", 0)
        name = next((name for name in CLASS_FIELDS if name in table.column_names), None)
        if name is None or not rules:
            return np.full(len(table), rest, dtype=np.uint8)
        column = distinct(table[name], "string")
        at = column.text[1].tolist()
        words = [column.text[0][a:b].tobytes().decode() for a, b in pairwise(at)]
        zooms = np.array([*(rules.get(word, rest) for word in words), rest], dtype=np.uint8)
        return np.asarray(zooms[column.code])

    def _begin_column(self, number: int) -> None:
        for name in _HEAPS:
            self._arrays.append(column_array(number, f"{name}_at"), np.zeros(1, dtype=np.int64))

    def _add_column(self, number: int, column: Distinct, interned: Interning) -> None:
        to, fresh = interned.codes(column.key, len(column.code))
        code = np.append(to, np.int32(-1))[column.code]
        self._arrays.append(column_array(number, "code"), code.astype(np.int32))
        if column.values is not None:
            self._arrays.append(column_array(number, "values"), column.values[fresh])
        for name, heap in zip(_HEAPS, (column.text, column.json, column.mvt), strict=True):
            self._add_heap(column_array(number, name), chosen(heap, fresh))

    def _add_heights(self, heights: NDArray[np.float64]) -> None:
        import pyarrow as pa

        number = len(self._fields)
        self._begin_column(number)
        self._add_column(number, distinct(pa.array(np.round(heights, HEIGHT_DECIMALS)), "float64"), Interning())

    def _add_heap(self, name: str, heap: Heap) -> None:
        self._arrays.append(name, heap[0])
        self._add_starts(f"{name}_at", heap[1])

    def _add_starts(self, name: str, at: Array) -> None:
        total = self._totals.get(name, 0)
        self._arrays.append(name, at[1:] + total)
        self._totals[name] = total + int(at[-1])


def _drawn(geometry: pa.Array, crs: str) -> Drawn:
    """Reads, mends and projects. Rows that are nowhere after that have no geometry."""
    objects = np.asarray(shapely.from_wkb(geometry.to_numpy(zero_copy_only=False)))
    special = _special(objects)
    record = objects.copy()
    for row in special:
        objects[row] = _drawable(objects[row])
    shapes = read_wkb(*_plain_wkb(geometry, objects, special))
    degrees = _to_degrees(shapes.xy, crs)
    lost = ~np.isfinite(degrees).all(axis=1)
    if lost.any():
        owner = np.repeat(np.arange(len(objects)), np.diff(shapes.part[shapes.feature_part]))
        record[owner[lost]] = objects[owner[lost]] = None
        special = np.union1d(special, owner[lost])
        shapes = read_wkb(*_plain_wkb(geometry, objects, special))
        degrees = _to_degrees(shapes.xy, crs)
    given, box_of = [b""] * len(objects), []
    for row in special:
        whole = _in_degrees(record[row], crs)
        if whole is not None and not shapely.is_empty(whole):
            given[row] = shapely.to_geojson(whole).encode()
            box_of.append((int(row), shapely.get_coordinates(whole)))
    return Drawn(shapes, degrees, heap_of(given) if len(special) else empty_heap(len(objects)), box_of)


def _special(objects: NDArray[np.object_]) -> NDArray[np.int64]:
    """Rows whose drawing is not the record itself: collections and invalid polygons."""
    types = shapely.get_type_id(objects)
    polygons = np.flatnonzero((types == 3) | (types == 6))
    invalid = polygons[~shapely.is_valid(objects[polygons])]
    return np.sort(np.concatenate([np.flatnonzero(types == _COLLECTION), invalid]))


def _drawable(geometry: shapely.Geometry) -> shapely.Geometry | None:
    """The parts of the highest dimension, polygons made valid, as one geometry of a simple kind.

    What is a polygon in name only, without an area, stays as it is.
    """
    parts = _parts(geometry)
    if not len(parts):
        return None
    dimension = int(shapely.get_dimensions(parts).max())
    parts = parts[shapely.get_dimensions(parts) == dimension]
    if dimension == 2:
        mended = _parts(shapely.make_valid(_joined(parts, dimension), method="structure"))
        mended = mended[shapely.get_dimensions(mended) == dimension]
        parts = mended if len(mended) else parts
    return _joined(parts, dimension)


def _joined(parts: NDArray[np.object_], dimension: int) -> shapely.Geometry:
    make = (shapely.multipoints, shapely.multilinestrings, shapely.multipolygons)[dimension]
    return parts[0] if len(parts) == 1 else make(parts)


def _parts(geometry: shapely.Geometry) -> NDArray[np.object_]:
    """Single geometries in a collection of any depth, without empty ones."""
    parts = np.array([geometry], dtype=object)
    while (shapely.get_type_id(parts) >= 4).any():
        parts = shapely.get_parts(parts)
    return np.asarray(parts[~shapely.is_empty(parts)])


def _plain_wkb(geometry: pa.Array, objects: NDArray[np.object_], special: NDArray[np.int64]) -> Heap:
    """The batch's own bytes where they are what is read here; written anew otherwise."""
    heap, at = binary_heap(geometry)
    if len(special) or not _is_plain(heap, at):
        words = shapely.to_wkb(shapely.force_2d(objects) if shapely.has_m(objects).any() else objects, **_ISO)
        return heap_of([word or b"" for word in words])
    return heap, at


_ISO: dict[str, Any] = {"flavor": "iso", "byte_order": 1}


def _is_plain(heap: NDArray[np.uint8], at: NDArray[np.int64]) -> bool:
    start = at[:-1][np.diff(at) > 0]
    code = heap[start[:, None] + np.arange(1, 5)].copy().view("<u4")[:, 0] if len(start) else start
    simple = ((code >= 1) & (code <= 6)) | ((code >= 1001) & (code <= 1006))
    return bool((heap[start] == 1).all() and simple.all())


def _to_degrees(xy: NDArray[np.float64], crs: str) -> NDArray[np.float64]:
    lon, lat = transformer(crs, DEGREES).transform(xy[:, 0], xy[:, 1])
    return np.column_stack([lon, lat])


def _in_degrees(geometry: shapely.Geometry | None, crs: str) -> shapely.Geometry | None:
    """The record in rounded degrees, wound as GeoJSON wants it."""
    if geometry is None:
        return None

    def moved(points: NDArray[np.float64]) -> NDArray[np.float64]:
        place = np.round(_to_degrees(points[:, :2], crs), DECIMALS) + 0.0
        return np.column_stack([place, *(np.round(points[:, 2:], HEIGHT_DECIMALS)).T])

    placed = shapely.transform(geometry, moved, include_z=bool(shapely.has_z(geometry)))
    return cast(shapely.Geometry, shapely.orient_polygons(placed, exterior_cw=False))
