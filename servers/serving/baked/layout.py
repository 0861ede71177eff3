"""What a baked layer is: flat arrays of vertices, boxes, codes and texts, in memory or mapped from a folder's files."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from cim_core.errors import NotFoundError, StorageError
from servers.serving.baked.array_files import read_only
from servers.serving.baked.grid import Grid
from servers.serving.baked.hashing import equal_row, fnv1a

FORMAT = 1
META = "baked.json"
NODE = 16
"""Children of a node of the packed tree."""
NONE, POINTS, LINES, POLYGONS = 0, 1, 2, 3
HEIGHT = "z_m"
"""The derived column of layers whose geometry has heights: the lowest of each feature."""
TEXT_KINDS = ("string",)
Array = NDArray[Any]
Degrees = tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class BakedColumn:
    """One property: its distinct values, and which row has which.

    Attributes
    ----------
    name, dtype
        ``dtype`` is one of :data:`cim_core.schema.Dtype`.
    code
        int32 (N,): index of the value; −1 for null (NaN and infinities are null too).
    values
        Of ``float64``, ``int64``, ``bool``; of ``timestamp`` int64 microseconds since 1970 UTC. None for others.
    text, text_at
        UTF-8 of each value and where it begins; for ``string``, ``json`` and ``list<int64>`` (the JSON there).
    json, json_at
        Each value as compact JSON.
    mvt, mvt_at
        Each value as a complete ``values`` entry of a vector tile's layer (key 0x22, length, value). Floats are in
        single precision, instants ISO texts; nothing for ``json`` and ``list<int64>``.
    derived
        Made at bake and no field of the layer: it is in no fragment and no list of properties.

    A column nearly all of whose values differ is not looked through for repeats: they may stand twice among the values.
    """

    name: str
    dtype: str
    code: Array
    values: Array | None
    text: Array
    text_at: Array
    json: Array
    json_at: Array
    mvt: Array
    mvt_at: Array
    derived: bool = False

    @property
    def distinct(self) -> int:
        """How many values there are."""
        return len(self.json_at) - 1

    def numbers(self, rows: Array) -> NDArray[np.float64]:
        """float64 of some rows, NaN for null; instants in microseconds. ``TypeError`` for what has no numbers."""
        if self.values is None:
            raise TypeError(f"column {self.name} of dtype {self.dtype} has no numbers")
        code = self.code[rows]
        found = np.full(len(code), np.nan)
        known = code >= 0
        found[known] = self.values[code[known]]
        return found

    def texts(self, rows: Array) -> NDArray[np.object_]:
        """Python texts of some rows, None for null: strings as they are, instants as ISO 8601, others as JSON."""
        code = self.code[rows]
        used, local = np.unique(code, return_inverse=True)
        words = np.array([self.value_text(int(one)) if one >= 0 else None for one in used], dtype=object)
        return words[local] if len(words) else np.zeros(0, dtype=object)

    def value_text(self, code: int) -> str:
        """The text of one value, as :meth:`texts` has it."""
        if self.dtype in TEXT_KINDS:
            return self.text[self.text_at[code] : self.text_at[code + 1]].tobytes().decode()
        found = self.json[self.json_at[code] : self.json_at[code + 1]].tobytes().decode()
        return found[1:-1] if self.dtype == "timestamp" else found


@dataclass(frozen=True, eq=False)
class BakedLayer:
    """A layer as flat arrays. A *row* is a position in storage order: Hilbert order, rows without geometry last.

    All arrays are read-only. Shapes and meaning (N rows, V vertices, P parts, M tree nodes):

    Attributes
    ----------
    name, version, crs
        ``crs`` is the authority string (or WKT) of ``geometry``.
    bits, origin
        The integer grid, see :class:`~servers.serving.baked.grid.Grid`.
    bounds
        (west, south, east, north) in degrees; None if nothing has a place.
    xy
        int32 (V, 2), grid units east and *south* of ``origin``; rings do not repeat their first point.
    level
        uint8 (V,): the first zoom that draws the vertex.
    part, feature_part
        int64 (P+1,) vertex offsets of parts, int64 (N+1,) part offsets of rows. A multipoint is one part. Exterior
        rings have positive signed area (surveyor's formula, y downwards), interiors negative and follow theirs.
    kind
        uint8 (N,): 0 nothing to draw, 1 points, 2 lines, 3 polygons.
    box
        int32 (N, 4) min x, min y, max x, max y; (1, 1, 0, 0) where there is none.
    first_zoom
        uint8 (N,): the first zoom that draws the row, by class and size.
    tree_box, tree_zoom, tree_level
        The packed tree, see :mod:`servers.serving.baked.index`.
    columns
        ``id``, the visible fields in schema order, then derived ones.
    fragment, fragment_at
        The complete GeoJSON feature of each row.
    geometry, geometry_at
        Plain WKB of each row in ``crs``; no bytes for none.
    id_hash, id_row
        FNV-1a of the ids, ascending, and their rows.
    """

    name: str
    version: str
    crs: str
    bits: int
    origin: tuple[int, int]
    bounds: Degrees | None
    xy: Array
    level: Array
    part: Array
    feature_part: Array
    kind: Array
    box: Array
    first_zoom: Array
    tree_box: Array
    tree_zoom: Array
    tree_level: tuple[int, ...]
    columns: tuple[BakedColumn, ...]
    fragment: Array
    fragment_at: Array
    geometry: Array
    geometry_at: Array
    id_hash: Array
    id_row: Array

    def __len__(self) -> int:
        return len(self.kind)

    @property
    def grid(self) -> Grid:
        """The integer grid of ``xy``."""
        return Grid(self.bits, self.origin)

    @property
    def has_z(self) -> bool:
        """Whether any geometry has heights."""
        return any(column.derived and column.name == HEIGHT for column in self.columns)

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of the visible fields."""
        return tuple(column.name for column in self.columns[1:] if not column.derived)

    @cached_property
    def nbytes(self) -> int:
        """Bytes of all arrays."""
        return sum(array.nbytes for _, array in arrays_of(self))

    @cached_property
    def _column_of(self) -> dict[str, BakedColumn]:
        return {column.name: column for column in reversed(self.columns)}

    def column(self, name: str) -> BakedColumn:
        """A column by name (``id``, a field, or a derived one); ``KeyError`` if there is none."""
        return self._column_of[name]

    def id(self, row: int) -> str:
        """The feature id of a row."""
        return self.columns[0].value_text(int(self.columns[0].code[row]))

    def find(self, id_: str) -> int | None:
        """The row of a feature id, or None."""
        word = np.frombuffer(id_.encode("utf-8", "surrogatepass"), dtype=np.uint8)
        ids = self.columns[0]
        row = equal_row(word, np.uint64(fnv1a(word)), self.id_hash, self.id_row, ids.code, ids.text, ids.text_at)
        return None if row < 0 else int(row)

    def row(self, id_: str) -> int:
        """The row of a feature id; raises :class:`NotFoundError` (``pages.no_such_feature``)."""
        found = self.find(id_)
        if found is None:
            raise NotFoundError(
                "pages.no_such_feature",
                "there is no such feature",
                where="feature id",
                expected="an id of this layer",
                got=id_[:200],
                remedy="list the layer's items, or search by name",
            )
        return found

    def feature(self, row: int) -> bytes:
        """The GeoJSON feature of a row."""
        return self.fragment[self.fragment_at[row] : self.fragment_at[row + 1]].tobytes()

    def wkb(self, row: int) -> bytes:
        """The WKB of a row in ``crs``; no bytes for none."""
        return self.geometry[self.geometry_at[row] : self.geometry_at[row + 1]].tobytes()


_COLUMN_ARRAYS = ("code", "values", "text", "text_at", "json", "json_at", "mvt", "mvt_at")
_ARRAYS = tuple(field.name for field in fields(BakedLayer) if field.type == "Array")


def arrays_of(layer: BakedLayer) -> Iterator[tuple[str, Array]]:
    """Every array under its file's name."""
    for name in _ARRAYS:
        yield name, getattr(layer, name)
    for number, column in enumerate(layer.columns):
        for name in _COLUMN_ARRAYS:
            array = getattr(column, name)
            if array is not None:
                yield column_array(number, name), array


def column_array(number: int, name: str) -> str:
    """The file's name of an array of a column."""
    return f"c{number}.{name}"


def meta_of(layer: BakedLayer) -> dict[str, Any]:
    """What is no array, as JSON has it."""
    return {
        "format": FORMAT,
        **{key: getattr(layer, key) for key in ("name", "version", "crs", "bits", "origin", "bounds", "tree_level")},
        "columns": [{key: getattr(one, key) for key in ("name", "dtype", "derived")} for one in layer.columns],
    }


def write_baked(layer: BakedLayer, folder: Path) -> None:
    """Write a layer into a folder that exists; the last file is the one that makes it a baked layer."""
    for name, array in arrays_of(layer):
        np.save(folder / f"{name}.npy", array, allow_pickle=False)
    (folder / META).write_text(json.dumps(meta_of(layer), ensure_ascii=False), encoding="utf-8")


def open_baked(folder: Path) -> BakedLayer:
    """A layer whose arrays are mapped from a folder's files, not read.

    Raises
    ------
    StorageError
        ``baked.unreadable``: a file is missing, cut short, or of another format.
    """
    try:
        meta = json.loads((folder / META).read_text(encoding="utf-8"))
        if meta["format"] != FORMAT:
            raise ValueError(f"format {meta['format']}")
        return assembled(meta, lambda name: _mapped(folder / f"{name}.npy"))
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise StorageError(
            "baked.unreadable",
            "a baked layer cannot be read",
            where=str(folder),
            expected=f"the files of format {FORMAT}",
            got=f"{type(fault).__name__}: {fault}",
            remedy="remove the folder: it is made again from the snapshot",
        ) from fault


def assembled(meta: dict[str, Any], array: Callable[[str], Array]) -> BakedLayer:
    """A layer from what :func:`meta_of` gives and its arrays by name."""
    columns = tuple(_column(number, about, array) for number, about in enumerate(meta["columns"]))
    return BakedLayer(
        **{key: meta[key] for key in ("name", "version", "crs", "bits")},
        origin=(int(meta["origin"][0]), int(meta["origin"][1])),
        bounds=None if meta["bounds"] is None else tuple(meta["bounds"]),
        tree_level=tuple(meta["tree_level"]),
        columns=columns,
        **cast(dict[str, Any], {name: read_only(array(name)) for name in _ARRAYS}),
    )


def _column(number: int, about: dict[str, Any], array: Callable[[str], Array]) -> BakedColumn:
    names = [name for name in _COLUMN_ARRAYS if name != "values" or has_values(about["dtype"])]
    found = {name: read_only(array(column_array(number, name))) for name in names}
    rest: dict[str, Any] = {"values": None, "derived": about["derived"], **found}
    return BakedColumn(about["name"], about["dtype"], **rest)


def has_values(dtype: str) -> bool:
    """Whether a column of that dtype has ``values``."""
    return dtype in ("float64", "int64", "bool", "timestamp")


def _mapped(path: Path) -> Array:
    return cast(Array, np.load(path, mmap_mode="r", allow_pickle=False))
