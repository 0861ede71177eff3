"""Features of a baked layer as Arrow tables, and those as files that other programs read."""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from cim_core.errors import ParameterError
from servers.serving.baked.feature_pages import BakedPages
from servers.serving.baked.gather import composed
from servers.serving.baked.placing import ReferenceSystem, wkb_in
from servers.serving.baked.selection import Rows

if TYPE_CHECKING:
    import pyarrow as pa

    from servers.serving.baked.layout import BakedColumn, BakedLayer

ID, GEOMETRY = "id", "geometry"
MOST_IN_A_FILE = 100_000
"""Features of one answer that is no GeoJSON."""
_MOST_BYTES = 2**31 - 1
"""Of one column: offsets are int32, which every reader takes."""
_IN_A_BATCH = 10_000
_Z = 0x80000000
"""The flag of heights in extended WKB."""
_TYPES = (
    "Unknown",
    "Point",
    "LineString",
    "Polygon",
    "MultiPoint",
    "MultiLineString",
    "MultiPolygon",
    "GeometryCollection",
)


def arrow_table(pages: BakedPages, positions: Rows, names: Sequence[str] | None, system: ReferenceSystem) -> pa.Table:
    """The features at some positions: ``id``, the properties, and ``geometry`` as WKB in ``system`` (x first).

    The geometry is a ``geoarrow.wkb`` extension field. A property called like one of the two has ``_1`` behind it.

    Raises
    ------
    ParameterError
        ``pages.crs_reach``; ``pages.too_many_bytes``: a column of more than two gigabytes.
    """
    import pyarrow as pa

    chosen = pages.properties if names is None else names
    schema = _schema(pages.layer, chosen, system)
    batches = [_batch(layer, rows, chosen, system, schema) for layer, rows in pages.positions.parts(positions)]
    return pa.Table.from_batches(batches, schema=schema)


def _schema(layer: BakedLayer, names: Sequence[str], system: ReferenceSystem) -> pa.Schema:
    import pyarrow as pa

    types = {
        "string": pa.string(),
        "json": pa.string(),
        "int64": pa.int64(),
        "float64": pa.float64(),
        "bool": pa.bool_(),
    }
    types |= {"timestamp": pa.timestamp("us", tz="UTC"), "list<int64>": pa.list_(pa.int64())}
    fields = [pa.field(ID, pa.string(), nullable=False)]
    fields += [
        pa.field(f"{name}_1" if name in (ID, GEOMETRY) else name, types[_field(layer, name).dtype]) for name in names
    ]
    about = {"ARROW:extension:name": "geoarrow.wkb"}
    about["ARROW:extension:metadata"] = json.dumps({"crs": projjson(system), "crs_type": "projjson"})
    return pa.schema([*fields, pa.field(GEOMETRY, pa.binary(), metadata=about)])


def projjson(system: ReferenceSystem) -> dict[str, Any]:
    """The reference system as PROJJSON."""
    from pyproj import CRS

    found: dict[str, Any] = CRS.from_user_input(system.definition).to_json_dict()
    return found


def _field(layer: BakedLayer, name: str) -> BakedColumn:
    return next(column for column in layer.columns[1:] if column.name == name)


def _batch(
    layer: BakedLayer, rows: Rows, names: Sequence[str], system: ReferenceSystem, schema: pa.Schema
) -> pa.RecordBatch:
    import pyarrow as pa

    columns = [layer.columns[0], *(_field(layer, name) for name in names)]
    arrays = [_array(column, rows, field.type) for column, field in zip(columns, schema, strict=False)]
    wkb, at = wkb_in(layer, rows, system)
    return pa.RecordBatch.from_arrays([*arrays, _words(wkb, at, at[1:] > at[:-1], pa.binary())], schema=schema)


def _array(column: BakedColumn, rows: Rows, kind: pa.DataType) -> pa.Array:
    import pyarrow as pa

    code = column.code[rows]
    known = code >= 0
    if column.values is not None:
        values = column.values[code] if column.distinct else np.zeros(len(code), dtype=column.values.dtype)
        return pa.array(values, mask=~known).cast(kind)
    begin, end = np.where(known, column.text_at[code], 0), np.where(known, column.text_at[code + 1], 0)
    texts = _words(*composed([(column.text, begin, end)], len(code)), known, pa.string())
    if not pa.types.is_list(kind):
        return texts
    return pa.array([None if text is None else json.loads(text) for text in texts.to_pylist()], kind)


def _words(data: NDArray[np.uint8], at: NDArray[np.int64], known: NDArray[np.bool_], kind: pa.DataType) -> pa.Array:
    """Words that lie one after the other, as Arrow has them."""
    import pyarrow as pa

    if len(data) > _MOST_BYTES:
        raise ParameterError(
            "pages.too_many_bytes",
            "the features take too much room for one answer",
            where="limit",
            expected=f"at most {_MOST_BYTES:,} bytes of one column",
            got=f"{len(data):,}",
            remedy="ask for fewer features at once",
        )
    valid = np.packbits(known, bitorder="little")
    buffers = [pa.py_buffer(valid), pa.py_buffer(at.astype(np.int32)), pa.py_buffer(data)]
    return pa.Array.from_buffers(kind, len(known), buffers)


def arrow_stream(table: pa.Table) -> Iterator[bytes]:
    """Arrow's streaming format, batch by batch."""
    import pyarrow as pa

    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        for batch in table.combine_chunks().to_batches(max_chunksize=_IN_A_BATCH):
            writer.write_batch(batch)
            yield _taken(sink)
    yield _taken(sink)


def _taken(sink: io.BytesIO) -> bytes:
    found = sink.getvalue()
    sink.seek(0)
    sink.truncate()
    return found


def geoparquet(table: pa.Table) -> BinaryIO:
    """GeoParquet 1.1 (https://geoparquet.org/releases/v1.1.0/) at its beginning."""
    import pyarrow.parquet as pq

    geometry = table.schema.field(GEOMETRY)
    crs = json.loads(geometry.metadata[b"ARROW:extension:metadata"])["crs"]
    column = {"encoding": "WKB", "geometry_types": _names(table), "crs": crs}
    about = {"version": "1.1.0", "primary_column": GEOMETRY, "columns": {GEOMETRY: column}}
    plain = table.set_column(table.num_columns - 1, geometry.remove_metadata(), table.column(GEOMETRY))
    file = io.BytesIO()
    pq.write_table(plain.replace_schema_metadata({"geo": json.dumps(about)}), file, compression="zstd")
    file.seek(0)
    return file


def _names(table: pa.Table) -> list[str]:
    """Which geometry types there are, as GeoParquet names them."""
    import pyarrow.compute as pc

    heads = pc.unique(pc.binary_slice(pc.drop_null(table.column(GEOMETRY)), 1, 5)).to_pylist()
    codes = [int.from_bytes(head, "little") for head in heads]
    return sorted(
        _TYPES[(code & 0xFFFF) % 1000] + (" Z" if code & _Z or (code & 0xFFFF) > 1000 else "") for code in codes
    )


def gdal_file(table: pa.Table, layer: str, driver: str, ending: str, system: ReferenceSystem) -> BinaryIO:
    """A FlatGeobuf or GeoPackage at its beginning; it is gone from the disk when it is closed. Lists become JSON."""
    from pyogrio.raw import write_arrow

    names = _names(table)
    kind = names[0] if len(names) == 1 else "Unknown"
    indexed = (
        len(table) > 0 and table.column(GEOMETRY).null_count == 0
    )  # FlatGeobuf's index takes nothing without a place
    with tempfile.TemporaryDirectory(prefix="cim-items-") as folder:
        path = Path(folder) / f"{layer}{ending}"
        write_arrow(
            _without_lists(table),
            path,
            layer=layer,
            driver=driver,
            geometry_name=GEOMETRY,
            geometry_type=kind,
            crs=system.definition,
            layer_options={"SPATIAL_INDEX": "YES" if indexed else "NO"},
        )
        return path.open("rb")  # stays readable when its name is gone


def _without_lists(table: pa.Table) -> pa.Table:
    import pyarrow as pa

    for number, field in enumerate(table.schema):
        if pa.types.is_list(field.type):
            texts = [None if value is None else json.dumps(value) for value in table.column(number).to_pylist()]
            table = table.set_column(number, field.name, pa.array(texts, pa.string()))
    return table
