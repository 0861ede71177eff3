"""PostGIS for the peers: a private cluster in ``out/peers/pg``, with the synthetic layers as tables."""

from __future__ import annotations

import os
import pwd
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import psycopg
import shapely
from psycopg import sql

from benchmarks.peers.environments import OUT

SETTINGS = ("shared_buffers=1GB", "work_mem=64MB", "max_connections=60", "random_page_cost=1.1", "jit=off")
"""As a guide to tuning would have them for a machine with an SSD; JIT costs more than it gives in short queries."""
_TYPES = {"int64": "int8", "float64": "float8", "bool": "bool"}
_DOCUMENTS = ("tags", "assumed")


def programmes() -> Path:
    """Folder of the newest PostgreSQL that Debian installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    if not found:
        raise SystemExit("PostgreSQL with PostGIS is needed: apt install postgresql postgresql-15-postgis-3")
    return found[-1]


@contextmanager
def running() -> Iterator[str]:
    """The address ``postgresql://…`` of the peers' database ``gis``, as long as the block lasts."""
    folder = OUT / "pg"
    identity = _identity()
    if not (folder / "data" / "PG_VERSION").exists():
        folder.mkdir(parents=True, exist_ok=True)
        if identity:
            os.chown(folder, pwd.getpwnam("postgres").pw_uid, -1)
        init = [programmes() / "initdb", "--pgdata", folder / "data", "--username", "gis", "--auth=trust"]
        subprocess.run([*init, "--encoding=UTF8", "--locale=C"], check=True, cwd="/", stdout=sys.stderr, **identity)
    port = free_port()
    options = [*SETTINGS, "listen_addresses=127.0.0.1", f"port={port}", f"unix_socket_directories={folder}"]
    command = [programmes() / "postgres", "-D", folder / "data", *(word for one in options for word in ("-c", one))]
    with (folder / "log").open("ab") as log, subprocess.Popen(command, stderr=log, cwd="/", **identity) as process:
        try:
            yield _ready(process, f"postgresql://gis@127.0.0.1:{port}")
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)


def _ready(process: subprocess.Popen[bytes], server: str) -> str:
    deadline = time.monotonic() + 60
    while True:
        try:
            with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
                if not connection.execute("SELECT 1 FROM pg_database WHERE datname = 'gis'").fetchone():
                    connection.execute("CREATE DATABASE gis")
            with psycopg.connect(f"{server}/gis", autocommit=True) as connection:
                connection.execute("CREATE EXTENSION IF NOT EXISTS postgis")
            return f"{server}/gis"
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def _identity() -> dict[str, Any]:
    """PostgreSQL refuses to run as root: then it runs as the user that its package made."""
    if os.geteuid() != 0:
        return {}
    return {"user": "postgres", "group": pwd.getpwnam("postgres").pw_gid, "extra_groups": []}


def free_port() -> int:
    """A loopback port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def load(address: str, table: str, frame: gpd.GeoDataFrame) -> None:
    """A table of a frame in EPSG:4326, and ``<table>_mercator`` in EPSG:3857, each with key and spatial index.

    A table that has as many rows already is left as it is: the layers follow from their number and seed.
    """
    with psycopg.connect(address, autocommit=True) as connection:
        if _rows(connection, f"{table}_mercator") == len(frame):
            return
        sys.stderr.write(f"loading {len(frame):,} {table} into PostGIS …\n")
        name = sql.Identifier(table)
        connection.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(name))
        columns = sql.SQL(", ").join(
            sql.SQL("{} {}").format(sql.Identifier(str(c)), sql.SQL(_type(frame[c]))) for c in _attributes(frame)
        )
        connection.execute(
            sql.SQL("CREATE TABLE {} (id text PRIMARY KEY, {}, geom geometry(Geometry, 4326))").format(name, columns)
        )
        _copy(connection, name, frame.to_crs(4326))
        mercator = sql.Identifier(f"{table}_mercator")
        connection.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(mercator))
        connection.execute(sql.SQL("CREATE TABLE {} AS SELECT * FROM {}").format(mercator, name))
        connection.execute(
            sql.SQL(
                "ALTER TABLE {} ALTER COLUMN geom TYPE geometry(Geometry, 3857) USING ST_Transform(geom, 3857)"
            ).format(mercator)
        )
        for one in (name, mercator):
            connection.execute(sql.SQL("CREATE INDEX ON {} USING gist (geom)").format(one))
            connection.execute(sql.SQL("VACUUM ANALYZE {}").format(one))


def _rows(connection: psycopg.Connection[Any], table: str) -> int:
    known = connection.execute("SELECT to_regclass(%s) IS NOT NULL", (table,)).fetchone()
    if not known or not known[0]:
        return -1
    found = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()
    return int(found[0]) if found else -1


def _attributes(frame: gpd.GeoDataFrame) -> list[str]:
    return [str(name) for name in frame.columns if name != frame.geometry.name]


def _type(column: pd.Series) -> str:
    return "jsonb" if column.name in _DOCUMENTS else _TYPES.get(str(column.dtype).lower(), "text")


def _copy(connection: psycopg.Connection[Any], name: sql.Identifier, frame: gpd.GeoDataFrame) -> None:
    values = [frame[column].astype(object).where(frame[column].notna(), None).tolist() for column in _attributes(frame)]
    geometry = shapely.to_wkb(shapely.set_srid(frame.geometry.array, 4326), hex=True, include_srid=True)
    with connection.cursor().copy(sql.SQL("COPY {} FROM STDIN").format(name)) as copy:
        for row in zip(frame.index.tolist(), *values, geometry, strict=True):
            copy.write_row(row)
