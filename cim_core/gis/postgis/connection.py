"""A connection that reads, and what goes wrong with one, in words."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from cim_core.errors import CimError, InputError, ParameterError

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[tuple[Any, ...]]

SCHEMES = ("postgresql://", "postgres://")
CONNECT_S = 10
_REFUSED = ("authentication failed", "no password supplied", "no pg_hba.conf entry", "role ", "permission denied for d")


def is_address(text: str) -> bool:
    """Whether it names a PostgreSQL database and not a file."""
    return text.startswith(SCHEMES)


def safe_address(address: str) -> str:
    """The address with user, host and database, and without password: what may be shown and written down.

    Raises :class:`ParameterError` (``postgis.address``) for one that cannot be read.

    >>> safe_address("postgresql://gis:secret@db.example/city?sslmode=require")
    'postgresql://gis@db.example/city'
    """
    parts = _parts(address)
    user = f"{parts['user']}@" if "user" in parts else ""
    port = f":{parts['port']}" if "port" in parts else ""
    return f"postgresql://{user}{parts.get('host', '')}{port}/{parts.get('dbname', '')}"


def _parts(address: str) -> dict[str, Any]:
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    try:
        return dict(conninfo_to_dict(address))
    except ProgrammingError:  # its words may repeat the password
        raise ParameterError(
            "postgis.address",
            "the address of the database cannot be read",
            where="source",
            expected="postgresql://user@host:port/database; special characters of a name or password as %XX",
            got="an address of another form",
            remedy="put the password into PGPASSWORD or ~/.pgpass, and only the rest into the address",
        ) from None


@contextlib.contextmanager
def reading(address: str) -> Iterator[Connection]:
    """A connection with one read-only transaction that sees one state of the database.

    Raises
    ------
    InputError
        ``postgis.unreachable``, ``postgis.refused``, ``postgis.no_database``, ``postgis.no_extension``;
        ``postgis.denied``, ``postgis.query``, ``postgis.lost`` for what the database says of a statement.
    """
    import psycopg

    where = safe_address(address)
    try:
        connection = psycopg.connect(address, connect_timeout=CONNECT_S, application_name="cim import")
    except psycopg.OperationalError as fault:
        raise _not_connected(str(fault), where) from None
    with connection:
        connection.read_only = True
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        try:
            _require_postgis(connection, where)
            yield connection
        except psycopg.Error as fault:
            raise _fault(fault, where) from None


def _require_postgis(connection: Connection, where: str) -> None:
    row = connection.execute("SELECT to_regtype('geometry') IS NOT NULL").fetchone()
    if row is None or not row[0]:
        raise InputError(
            "postgis.no_extension",
            "the database has no PostGIS, so there is no geometry in it",
            where=where,
            expected="a database with the extension postgis, on the search path",
            got="no type geometry",
            remedy="name the database that holds the spatial tables",
        )


def _not_connected(detail: str, where: str) -> CimError:
    """PostgreSQL gives no code for a connection that does not come about, only words."""
    last = detail.strip().splitlines()[-1] if detail.strip() else "no connection"
    if "database" in detail and "does not exist" in detail:
        return InputError(
            "postgis.no_database",
            "there is no such database",
            where=where,
            expected="a database of that server",
            got=last[:300],
            remedy="check the name behind the last / of the address",
        )
    if any(word in detail for word in _REFUSED):
        return InputError(
            "postgis.refused",
            "the database does not let this user in",
            where=where,
            expected="a user with the right to connect, and the password",
            got=last[:300],
            remedy="put the password into PGPASSWORD or ~/.pgpass, or ask for access",
        )
    return InputError(
        "postgis.unreachable",
        "the database cannot be reached",
        where=where,
        expected=f"a PostgreSQL server that answers within {CONNECT_S} s",
        got=last[:300],
        remedy="check host and port of the address, and that the server runs and listens there",
    )


def _fault(fault: psycopg.Error, where: str) -> CimError:
    import psycopg

    said = str(fault).strip().replace("\n", " ")[:300]
    if isinstance(fault, psycopg.errors.InsufficientPrivilege):
        return InputError(
            "postgis.denied",
            "the database does not let this user read that",
            where=where,
            expected="the right to SELECT",
            got=said,
            remedy="ask the owner for GRANT SELECT",
        )
    if isinstance(fault, psycopg.OperationalError) and fault.sqlstate in (None, "57P01", "57P02", "08006", "08000"):
        return InputError(
            "postgis.lost",
            "the database went away while it was read; nothing was changed in the city",
            where=where,
            expected="a connection that lasts",
            got=said,
            remedy="import again when the database is back",
        )
    return InputError(
        "postgis.query",
        "the database refuses the query",
        where=where,
        expected="one SELECT that only reads",
        got=said,
        remedy="try the query in psql first; whole tables are named with --table",
    )
