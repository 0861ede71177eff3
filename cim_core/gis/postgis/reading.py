"""Rows of a PostGIS table into a layer's frame: batch by batch through a cursor that the server keeps."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from cim_core.errors import InputError
from cim_core.gis.postgis.connection import reading, safe_address
from cim_core.gis.postgis.relation import Relation, declared_system, find_relation
from cim_core.gis.vector.files import RawVector
from cim_core.gis.vector.reader import VectorExtract, extract_from
from cim_core.schema import LayerSchema

if TYPE_CHECKING:
    from cim_core.gis.postgis.connection import Connection

Progress = Callable[[float, str], None]
BATCH = 5_000
"""Rows on their way at once; beside the frame itself, no more than these are in memory."""
_DTYPES = {
    "bool": "boolean", "int2": "Int64", "int4": "Int64", "int8": "Int64",
    "float4": "float64", "float8": "float64", "numeric": "float64",
    "timestamp": "datetime64[us, UTC]", "timestamptz": "datetime64[us, UTC]",
}  # fmt: skip


@dataclass(frozen=True)
class PostgisExtract:
    """A layer as read, and what names its content.

    Attributes
    ----------
    name
        ``postgresql://user@host/database`` and what was read of it; never with a password.
    sha256
        Over the rows' values, in whatever order they came.
    """

    layer: VectorExtract
    name: str
    sha256: str


def read_postgis(
    address: str,
    *,
    table: str | None = None,
    query: str | None = None,
    source_crs: str | None = None,
    target: LayerSchema | None = None,
    id_field: str | None = None,
    progress: Progress = lambda share, text: None,
) -> PostgisExtract:
    """Read a table, view or query of a PostGIS database, in one read-only transaction.

    Parameters
    ----------
    address
        ``postgresql://user@host:port/database``. A password is better kept in ``PGPASSWORD`` or ``~/.pgpass``.
    table, query
        One of them: ``schema.table``, or one ``SELECT`` with one geometry column.
    source_crs
        Goes before what the SRID says, as in :func:`cim_core.gis.vector.read_vector`; also ``target``, ``id_field``.

    Raises
    ------
    InputError
        ``postgis.*`` for the database; ``vector.*`` and ``crs.*`` as for files.
    ParameterError
        ``postgis.address``, ``postgis.which``, ``crs.unknown``.
    """
    where = f"{safe_address(address)} {table or 'query'}"
    progress(0.0, "connecting")
    with reading(address) as connection:
        relation = find_relation(connection, table, query, where)
        rows = _Rows(relation)
        for batch in _batches(connection, relation):
            rows.add(batch, where)
            progress(min(0.38, 0.38 * rows.count / (rows.count + 200_000)), f"{rows.count:,} rows")
        declared = declared_system(connection, rows.srid(where))
    note = "" if declared is None else "declared by the database"
    raw = RawVector(rows.frame(), relation.name, declared, note)
    extract = extract_from(raw, where, source_crs=source_crs, target=target, id_field=id_field, progress=progress)
    if relation.left_out:
        extract.report.warn(f"Left out, being no values a field can have: {', '.join(relation.left_out)}.")
    return PostgisExtract(extract, where, rows.sha256())


def _batches(connection: Connection, relation: Relation) -> Iterator[list[tuple[Any, ...]]]:
    with connection.cursor(name="cim_import", binary=True) as cursor:
        cursor.itersize = BATCH
        cursor.execute(relation.select())
        while batch := cursor.fetchmany(BATCH):
            yield batch


class _Rows:
    """Rows as they come, kept as arrays."""

    def __init__(self, relation: Relation) -> None:
        self.count = 0
        self._relation = relation
        self._geometry: list[NDArray[np.object_]] = []
        self._columns: list[list[pd.Series[Any]]] = [[] for _ in relation.columns]
        self._srids: set[int] = set()
        self._digest = 0

    def add(self, batch: list[tuple[Any, ...]], where: str) -> None:
        """Take a batch: (well-known binary, SRID, attributes …) of each row."""
        geometry, srids, *columns = zip(*batch, strict=True)
        self._geometry.append(_geometries(geometry, where))
        self._srids |= {srid for srid in srids if srid is not None}
        for kept, values, kind in zip(self._columns, columns, self._relation.columns.values(), strict=True):
            kept.append(_column(values, kind))
        for row in batch:
            digest = hashlib.sha256(repr(row).encode()).digest()
            self._digest = (self._digest + int.from_bytes(digest, "big")) % 2**256
        self.count += len(batch)

    def srid(self, where: str) -> int:
        """The one that all geometries have; 0 if there are none."""
        if len(self._srids) > 1:
            raise InputError(
                "postgis.srid",
                "the geometries are in several reference systems",
                where=where,
                expected="one SRID",
                got=", ".join(map(str, sorted(self._srids))),
                remedy="bring them into one in a query: ST_Transform(geometry, 4326)",
            )
        return next(iter(self._srids), 0)

    def sha256(self) -> str:
        """Of the rows, whatever their order: a database promises none."""
        return hashlib.sha256(f"{self.count} {self._digest:x} {list(self._relation.columns)}".encode()).hexdigest()

    def frame(self) -> gpd.GeoDataFrame:
        """All rows; the parts are given up on the way."""
        geometry = np.concatenate([np.empty(0, object), *self._geometry])
        self._geometry.clear()
        columns = {}
        for name, parts in zip(self._relation.columns, self._columns, strict=True):
            columns[name] = pd.concat(parts, ignore_index=True) if parts else pd.Series(dtype=object)
            parts.clear()
        taken = "geometry" if "geometry" not in columns else "geometry of the row"
        return gpd.GeoDataFrame({**columns, taken: geometry}, geometry=taken)


def _geometries(binary: tuple[bytes | None, ...], where: str) -> NDArray[np.object_]:
    try:
        return np.asarray(shapely.from_wkb(np.array(binary, dtype=object)))
    except shapely.errors.GEOSException as fault:
        raise InputError(
            "postgis.geometry_kind",
            "a geometry is of a kind that layers do not have",
            where=where,
            expected="points, lines or polygons, or collections of them",
            got=str(fault)[:200],
            remedy="turn surfaces and solids into polygons in a query: ST_Force2D(ST_Dump(…)), ST_CollectionExtract(…)",
        ) from fault


def _column(values: tuple[Any, ...], kind: str) -> pd.Series[Any]:
    dtype = _DTYPES.get(kind)
    if dtype is None:
        return pd.Series(values, dtype=object)
    if dtype.startswith("datetime"):
        return _instants(values)
    if dtype == "float64":
        return pd.Series(np.array(values, dtype=np.float64))
    return pd.Series(pd.array(list(values), dtype=dtype))


def _instants(values: tuple[Any, ...]) -> pd.Series[Any]:
    """Instants in UTC; without a zone they are taken to be in UTC, as those of files are."""
    instants: pd.Series[Any] = pd.Series(pd.to_datetime(pd.Series(values, dtype=object), utc=True, errors="coerce"))
    return instants
