"""The city's database: SQLite in WAL mode beside the files, or PostgreSQL by URL; the same tables in both."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import DatabaseError, SQLAlchemyError

from cim_core.errors import CityError, StorageError
from cim_core.store.revision import REVISION

_SQLITE_ROOM = 2**20
"""Bytes that SQLite needs for its log and its shared memory file, with some to spare."""
_MIGRATIONS = Path(__file__).parent / "migrations"


class Database:
    """Connections and transactions. ``url`` is an SQLAlchemy URL; ``namespace`` a PostgreSQL schema of its own."""

    def __init__(self, url: str | URL, namespace: str | None = None) -> None:
        self.url = make_url(url)
        self.namespace = namespace
        self.engine = _engine(self.url, namespace)

    @classmethod
    def in_folder(cls, root: Path) -> Database:
        """The SQLite database of a city's folder."""
        return cls(URL.create("sqlite", database=str(root / "city.sqlite")))  # a folder's name may have ? and %

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees one consistent state."""
        with _database_faults(self.url), self.engine.connect() as connection:
            yield connection

    @contextlib.contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction: all of it or nothing."""
        writing = self.engine.execution_options(write=True)
        with _database_faults(self.url), writing.begin() as connection:
            yield connection

    def migrate(self) -> None:
        """Bring the tables to this code's revision. Raises :class:`CityError` for a city of a newer version."""
        found = self.revision()
        if found == REVISION:
            return
        if found is not None and found > REVISION:
            raise CityError(
                "city.newer",
                "the city was written by a newer version of this software",
                where=self.safe_url,
                expected=f"database revision {REVISION} or older",
                got=f"revision {found}",
                remedy="install the newer version; this one leaves the city untouched",
            )
        _upgrade(self)

    def revision(self) -> str | None:
        """The migration the database stands at; None for an empty one."""
        try:
            with self.engine.connect() as connection:
                return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        except DatabaseError as fault:
            if "alembic_version" in str(fault):
                return None
            raise _fault(fault, self.url) from fault

    @property
    def safe_url(self) -> str:
        """The URL without its password."""
        return _place(self.url)

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def _engine(url: URL, namespace: str | None) -> Engine:
    if url.get_backend_name() == "sqlite":
        engine = create_engine(url, connect_args={"timeout": 30})
        event.listen(engine, "connect", _sqlite_connect)
        event.listen(engine, "begin", _sqlite_begin)
        return engine
    options = {"options": f"-csearch_path={namespace}"} if namespace else {}
    engine = create_engine(url, connect_args=options, pool_pre_ping=True)
    event.listen(engine, "begin", _postgres_begin)
    return engine


def _postgres_begin(connection: Connection) -> None:
    """Writers take turns within a namespace, as in SQLite; readers see one state from their first look on."""
    if connection.get_execution_options().get("write"):
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext(current_schema()))")
    else:
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")


def _sqlite_connect(connection: Any, record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _sqlite_begin(connection: Connection) -> None:
    write = connection.get_execution_options().get("write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


@contextlib.contextmanager
def _database_faults(url: URL) -> Iterator[None]:
    try:
        yield
    except DatabaseError as fault:
        raise _fault(fault, url) from fault


def _fault(fault: DatabaseError, url: URL) -> StorageError:
    where, said = _place(url), str(fault.orig)
    if _is_full(said, url):
        return StorageError(
            "storage.full",
            "the disk is full; nothing was changed",
            where=where,
            expected="free space",
            got=said,
            remedy="free some space (`cim gc` removes what no version refers to), then run the command again",
        )
    return StorageError(
        "storage.database",
        "the database refused; nothing was changed",
        where=where,
        expected="a database that answers",
        got=said,
        remedy="start the server, or restore the file from a backup, as the message says",
    )


def _place(url: URL) -> str:
    """Where the database is, without user and password."""
    if url.get_backend_name() == "sqlite":
        return f"sqlite:///{url.database}"
    return url.render_as_string().rsplit("@", 1)[-1]


def _is_full(said: str, url: URL) -> bool:
    """Whether the disk is full; SQLite calls it an I/O error where its shared memory file finds no room."""
    if "disk I/O error" in said and url.get_backend_name() == "sqlite" and url.database:
        return shutil.disk_usage(Path(url.database).parent).free < _SQLITE_ROOM
    return "disk is full" in said or "No space left" in said


def _upgrade(database: Database) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["database"] = database
    try:
        if database.namespace:
            with database.write() as connection:
                connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {database.namespace}"))
        command.upgrade(config, REVISION)
    except SQLAlchemyError as fault:
        raise StorageError(
            "storage.migration",
            "the city's tables could not be brought to this version",
            where=database.safe_url,
            expected=f"revision {REVISION}",
            got=str(fault),
            remedy="nothing was changed; restore write access, then try again",
        ) from fault
