"""A batch's column as its distinct values with their codes, JSON texts and tile values. Arrow in, arrays out."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from servers.serving.baked.heaps import Heap, empty_heap, heap_of, json_strings, mvt_numbers, mvt_texts
from servers.serving.plain_values import plain_document

if TYPE_CHECKING:
    import pyarrow as pa

_compact = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


@dataclass(frozen=True, eq=False)
class Distinct:
    """The distinct values of some rows.

    Attributes
    ----------
    code
        int32 (n,): position of each row's value; −1 for null.
    key
        What tells the values apart: their UTF-8, or eight bytes of a number.
    values
        As :class:`~servers.serving.baked.layout.BakedColumn` has them.
    text, json, mvt
        Heaps of as many texts as there are values.
    """

    code: NDArray[np.int32]
    key: Heap
    values: NDArray[Any] | None
    text: Heap
    json: Heap
    mvt: Heap


def distinct(column: pa.ChunkedArray | pa.Array, dtype: str) -> Distinct:
    """A column's distinct values; ``dtype`` as in :data:`cim_core.schema.Dtype`. NaN and infinities are null."""
    return _DISTINCT[dtype](column)


def texts_of(column: pa.ChunkedArray | pa.Array) -> tuple[NDArray[np.int32], Heap]:
    """Codes of a text column and its distinct UTF-8 texts."""
    import pyarrow as pa

    code, values = _encoded(column, pa.large_string())
    return code, binary_heap(values)


def binary_heap(values: pa.Array) -> Heap:
    """The bytes of an Arrow array of (large) texts or binaries without copying; nulls have none."""
    import pyarrow as pa

    large = values.cast(pa.large_binary()) if not pa.types.is_large_binary(values.type) else values
    _, offsets, data = large.buffers()
    at = np.zeros(1, dtype=np.int64) if offsets is None else np.frombuffer(offsets, dtype=np.int64)
    at = at[large.offset : large.offset + len(large) + 1]
    heap = np.zeros(0, dtype=np.uint8) if data is None else np.frombuffer(data, dtype=np.uint8)
    if not len(at):
        return empty_heap()
    return heap[at[0] : at[-1]], at - at[0]


def _encoded(column: pa.ChunkedArray | pa.Array, type_: pa.DataType) -> tuple[NDArray[np.int32], pa.Array]:
    """Codes (−1 for null) and distinct values."""
    import pyarrow as pa

    one = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if isinstance(one, pa.ChunkedArray):
        one = pa.concat_arrays(one.chunks) if one.num_chunks else pa.array([], type=one.type)
    if pa.types.is_dictionary(one.type):
        one = one.dictionary_decode()
    found = one.cast(type_).dictionary_encode()
    code = found.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)
    return code, found.dictionary


def _strings(column: pa.ChunkedArray) -> Distinct:
    code, heap = texts_of(column)
    return Distinct(code, heap, None, heap, json_strings(heap), mvt_texts(heap))


def _documents(column: pa.ChunkedArray) -> Distinct:
    """JSON documents as texts, made compact; a text that is none stays a text. Equal documents may be two values."""
    code, heap = texts_of(column)
    texts = [heap[0][begin:end].tobytes().decode() for begin, end in pairwise(heap[1].tolist())]
    compact = heap_of([compact_document(text).encode() for text in texts])
    return Distinct(code, heap, None, compact, compact, empty_heap(len(texts)))


def compact_document(text: str) -> str:
    """A JSON document without spaces; NaN becomes null, and what is no JSON a JSON string.

    >>> compact_document('{"a": [1.0, NaN]}'), compact_document("a b")
    ('{"a":[1.0,null]}', '"a b"')
    """
    found = _compact(plain_document(text))
    return found if found.isascii() else found.encode("utf-8", "replace").decode()


def _lists(column: pa.ChunkedArray) -> Distinct:
    import pyarrow as pa

    known = [None if item is None else _compact(item) for item in column.to_pylist()]
    code, heap = texts_of(pa.array(known, type=pa.large_string()))
    return Distinct(code, heap, None, heap, heap, empty_heap(len(heap[1]) - 1))


def _floats(column: pa.ChunkedArray) -> Distinct:
    import pyarrow as pa

    code, array = _encoded(column, pa.float64())
    values = array.to_numpy(zero_copy_only=False)
    code, values = _finite(code, values)
    texts = heap_of([float.__repr__(value).encode() for value in values.tolist()])
    return _numbers(code, values, texts)


def _finite(code: NDArray[np.int32], values: NDArray[np.float64]) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    finite = np.isfinite(values)
    if finite.all():
        return code, values
    to = np.append(np.where(finite, np.cumsum(finite) - 1, -1), -1).astype(np.int32)
    return to[code], values[finite]


def _whole(column: pa.ChunkedArray) -> Distinct:
    import pyarrow as pa

    code, array = _encoded(column, pa.int64())
    return _numbers(code, array.to_numpy(zero_copy_only=False), binary_heap(array.cast(pa.large_string())))


def _flags(column: pa.ChunkedArray) -> Distinct:
    import pyarrow as pa

    code, array = _encoded(column, pa.bool_())
    values = array.to_numpy(zero_copy_only=False).astype(bool)
    return _numbers(code, values, heap_of([b"true" if one else b"false" for one in values]))


def _numbers(code: NDArray[np.int32], values: NDArray[Any], texts: Heap) -> Distinct:
    return Distinct(code, _bits(values), values, empty_heap(len(values)), texts, mvt_numbers(values))


def _bits(values: NDArray[Any]) -> Heap:
    wide = np.ascontiguousarray(values.astype(np.int64) if values.dtype == np.bool_ else values)
    return wide.view(np.uint8), np.arange(len(values) + 1, dtype=np.int64) * 8


def _instants(column: pa.ChunkedArray) -> Distinct:
    """Microseconds UTC; the texts keep the column's time zone."""
    import pandas as pd
    import pyarrow as pa

    zone = getattr(column.type, "tz", None)
    code, array = _encoded(column, pa.timestamp("us", tz=zone))
    values = array.cast(pa.int64()).to_numpy(zero_copy_only=False)
    written = [pd.Timestamp(one, unit="us", tz="UTC").tz_convert(zone).isoformat() for one in values.tolist()]
    texts = heap_of([one.encode() for one in written])
    return Distinct(code, _bits(values), values, empty_heap(len(values)), json_strings(texts), mvt_texts(texts))


_DISTINCT: dict[str, Callable[[Any], Distinct]] = {
    "string": _strings,
    "json": _documents,
    "list<int64>": _lists,
    "float64": _floats,
    "int64": _whole,
    "bool": _flags,
    "timestamp": _instants,
}
