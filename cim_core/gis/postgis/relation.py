"""What of the database is read: a table or a query, its columns, its one geometry, its reference system."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cim_core.errors import InputError, ParameterError

if TYPE_CHECKING:
    from psycopg.sql import Composable, Composed

    from cim_core.gis.postgis.connection import Connection

_PLAIN = {
    "bool", "int2", "int4", "int8", "float4", "float8", "numeric", "text", "varchar", "bpchar", "name",
    "timestamp", "timestamptz",
}  # fmt: skip
"""Types that have a field's type of their own; arrays go through JSON, everything else comes as its text."""
_GEOMETRIES = ("geometry", "geography")
_LEFT_OUT = ("bytea", "raster")
_OFFERED = 12


@dataclass(frozen=True)
class Relation:
    """A table or query, ready to be read.

    Attributes
    ----------
    name
        What the layer is called if nobody says otherwise.
    source
        SQL that stands behind ``FROM``.
    columns
        Name → PostgreSQL type of the attributes.
    geometry
        The column with the geometry.
    left_out
        Columns that cannot become a field.
    """

    name: str
    source: Composable
    columns: dict[str, str]
    geometry: str
    left_out: tuple[str, ...]

    def select(self) -> Composed:
        """Well-known binary, SRID, then the attributes as plain values."""
        from psycopg import sql

        found = sql.SQL("ST_CurveToLine({}::geometry)").format(sql.Identifier(self.geometry))
        flags = sql.SQL("ST_Zmflag({})").format(found)
        plain = sql.SQL("CASE {} WHEN 1 THEN ST_Force2D({}) WHEN 3 THEN ST_Force3DZ({}) ELSE {} END").format(
            flags, found, found, found
        )  # measures have no place in a layer
        srid = sql.SQL("ST_SRID({}::geometry)").format(sql.Identifier(self.geometry))
        wanted = [sql.SQL("ST_AsBinary({})").format(plain), srid, *map(_attribute, self.columns, self.columns.values())]
        return sql.SQL("SELECT {} FROM {} AS source").format(sql.SQL(", ").join(wanted), self.source)


def _attribute(name: str, kind: str) -> Composable:
    from psycopg import sql

    column = sql.Identifier(name)
    if kind in _PLAIN:
        return sql.SQL("{}::float8").format(column) if kind == "numeric" else column
    return sql.SQL("to_jsonb({})::text" if kind.startswith("_") else "{}::text").format(column)


def find_relation(connection: Connection, table: str | None, query: str | None, where: str) -> Relation:
    """The table, or the query, whichever is given.

    Raises
    ------
    ParameterError
        ``postgis.which`` unless exactly one is given.
    InputError
        ``postgis.no_table``, ``postgis.no_geometry``, ``postgis.geometries``; the codes of
        :func:`cim_core.gis.postgis.connection.reading` for a query that the database refuses.
    """
    from psycopg import sql

    if bool(table) == bool(query):
        raise ParameterError(
            "postgis.which",
            "what to read of the database is not clear",
            where=where,
            expected="either --table schema.table or --query 'select …'",
            got="both" if table else "neither",
            remedy="name one of them",
        )
    if table:
        source: Composable = _table(connection, table, where)
        name = table.rpartition(".")[2]
    else:
        source, name = sql.SQL("({}\n)").format(sql.SQL((query or "").strip().rstrip(";"))), "query"
    types = _types(connection, source)
    places = [column for column, kind in types.items() if kind in _GEOMETRIES]
    if len(places) != 1:
        raise _not_one_geometry(connection, places, where)
    left_out = tuple(column for column, kind in types.items() if kind in _LEFT_OUT)
    attributes = {c: kind for c, kind in types.items() if c not in (*places, *left_out)}
    return Relation(name, source, attributes, places[0], left_out)


def _table(connection: Connection, table: str, where: str) -> Composable:
    from psycopg import sql

    schema, _, name = table.rpartition(".")
    found = connection.execute(
        "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE c.relname = %s AND c.relkind IN ('r', 'v', 'm', 'f', 'p') "
        "AND CASE WHEN %s = '' THEN pg_table_is_visible(c.oid) ELSE n.nspname = %s END",
        (name, schema, schema),
    ).fetchone()
    if found is None:
        raise InputError(
            "postgis.no_table",
            "the database has no such table or view",
            where=where,
            expected=_offered(connection),
            got=table[:120],
            remedy="write it as schema.table, with capitals as they are in the database",
        )
    return sql.Identifier(*found)


def _types(connection: Connection, source: Composable) -> dict[str, str]:
    """Column → name of its type; what PostgreSQL keeps of a domain is the type beneath.

    Asked in the extended protocol (``binary``), which takes one statement and no second one behind it.
    """
    from psycopg import sql

    cursor = connection.execute(sql.SQL("SELECT * FROM {} AS source LIMIT 0").format(source), binary=True)
    columns = [(one.name, one.type_code) for one in cursor.description or ()]
    rows = connection.execute(
        "SELECT oid::int8, typname FROM pg_type WHERE oid = ANY(%s::oid[])", ([code for _, code in columns],)
    )
    names: dict[int, str] = dict(rows.fetchall())
    return {name: names.get(code, "") for name, code in columns}


def _not_one_geometry(connection: Connection, places: list[str], where: str) -> InputError:
    if places:
        return InputError(
            "postgis.geometries",
            "there are several geometries in each row",
            where=where,
            expected="one",
            got=", ".join(places)[:300],
            remedy="select the attributes and one of them with --query",
        )
    return InputError(
        "postgis.no_geometry",
        "there is no geometry in it",
        where=where,
        expected="a column of the type geometry or geography",
        got="none; tables that have one: " + _offered(connection),
        remedy="name another table, or make points in a query: ST_SetSRID(ST_MakePoint(x, y), 4326)",
    )


def _offered(connection: Connection) -> str:
    rows: list[Any] = connection.execute(
        "SELECT DISTINCT f_table_schema || '.' || f_table_name FROM geometry_columns ORDER BY 1 LIMIT %s", (_OFFERED,)
    ).fetchall()
    return ", ".join(row[0] for row in rows) or "none that this user sees"


def declared_system(connection: Connection, srid: int) -> str | None:
    """The reference system of an SRID as authority code or WKT; the bare code if the database does not know it.

    None for 0, which PostGIS gives to what has none.
    """
    if srid == 0:
        return None
    row = connection.execute(
        "SELECT auth_name, auth_srid, srtext FROM spatial_ref_sys WHERE srid = %s", (srid,)
    ).fetchone()
    if row is None:
        return f"SRID {srid}, which is not in spatial_ref_sys"
    authority, code, text = row
    return f"{authority}:{code}" if authority and authority.upper() in ("EPSG", "ESRI") else str(text or srid)
