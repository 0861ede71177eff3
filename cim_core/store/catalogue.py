"""The city's record of versions: which snapshot each layer shows at each sequence number, sources, corrections."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from cim_core.errors import CityError, NotFoundError
from cim_core.instants import now
from cim_core.store import feature_log
from cim_core.store import tables as t
from cim_core.store.database import Database
from cim_core.store.records import Changes, CityRecord, CorrectionRecord, LayerVersion, SourceRecord
from cim_core.store.snapshots import SnapshotInfo


def create(database: Database, name: str, crs: str | None, timezone: str) -> CityRecord:
    """Write the city's own row and version 1."""
    record = CityRecord(str(uuid.uuid4()), name, crs, timezone)
    with database.write() as connection:
        connection.execute(insert(t.city).values(id=record.id, name=name, crs=crs, timezone=timezone, created_at=now()))
        connection.execute(insert(t.version).values(at=now(), author="", message="created"))
    return record


def record(connection: Connection) -> CityRecord:
    """The city's own row."""
    row = connection.execute(select(t.city.c.id, t.city.c.name, t.city.c.crs, t.city.c.timezone)).one()
    return CityRecord(*row)


def head(connection: Connection) -> int:
    """The newest sequence number."""
    return int(connection.execute(select(func.max(t.version.c.seq))).scalar_one())


def sequence_at(connection: Connection, at: int | datetime) -> int:
    """The newest version known at a moment (or the number itself); raises :class:`NotFoundError` before the first."""
    known = at if not isinstance(at, int) else min(at, head(connection))
    condition = t.version.c.seq <= known if isinstance(known, int) else t.version.c.at <= known
    seq = connection.execute(select(func.max(t.version.c.seq)).where(condition)).scalar()
    if seq is None or (isinstance(at, int) and at > seq):
        raise NotFoundError(
            "city.no_such_moment",
            "the city has no version of that moment",
            where="at",
            expected=f"a version up to {head(connection)}, or a time after the city's creation",
            got=str(at),
            remedy="`cim info` lists the versions",
        )
    return int(seq)


def newest(database: Database) -> tuple[CityRecord, int, dict[str, LayerVersion]]:
    """City, sequence number and layers of the newest version."""
    with database.read() as connection:
        sequence = head(connection)
        return record(connection), sequence, layers(connection, sequence)


def versions(connection: Connection) -> list[dict[str, Any]]:
    """All versions, newest first."""
    rows = connection.execute(select(t.version).order_by(t.version.c.seq.desc())).mappings()
    return [dict(row) for row in rows]


def layers(connection: Connection, seq: int) -> dict[str, LayerVersion]:
    """Name → layer or coverage at a sequence number."""
    latest = (
        select(t.layer_version.c.name, func.max(t.layer_version.c.seq).label("seq"))
        .where(t.layer_version.c.seq <= seq)
        .group_by(t.layer_version.c.name)
        .subquery()
    )
    v, s = t.layer_version, t.snapshot
    query = (
        select(v, s.c.rows.label("snapshot_rows"), s.c.bounds.label("snapshot_bounds"), s.c.schema)
        .join(latest, (v.c.name == latest.c.name) & (v.c.seq == latest.c.seq))
        .join(s, v.c.snapshot == s.c.hash)
        .order_by(v.c.name)
    )
    return {row.name: _layer(row) for row in connection.execute(query)}


def _layer(row: Row[Any]) -> LayerVersion:
    """A layer whose log is empty has rows, bounds and hash of its snapshot."""
    logged = row.edits > 0
    return LayerVersion(
        row.name,
        row.kind,
        row.seq,
        row.snapshot,
        row.base,
        row.source,
        row.rows if logged else row.snapshot_rows,
        row.bounds if logged else row.snapshot_bounds,
        row.schema,
        row.content or row.snapshot,
        row.log_from or row.seq,
        row.edits,
        row.edits_in_all,
    )


def source_of(connection: Connection, layer: LayerVersion) -> SourceRecord | None:
    """Where a layer came from."""
    if layer.source is None:
        return None
    s = t.source.c
    query = select(s.importer, s.uri, s.sha256, s.attribution, s.parameters, s.quality).where(s.id == layer.source)
    return SourceRecord(*connection.execute(query).one())


def source_sequences(connection: Connection) -> dict[int, int]:
    """Id of each source → the version that it came with."""
    return {row.id: row.seq for row in connection.execute(select(t.source.c.id, t.source.c.seq))}


def corrections(connection: Connection, seq: int, layer: str | None = None) -> list[CorrectionRecord]:
    """Corrections with their state at a sequence number, oldest first; withdrawn ones too."""
    latest = (
        select(t.correction_state.c.correction, func.max(t.correction_state.c.seq).label("seq"))
        .where(t.correction_state.c.seq <= seq)
        .group_by(t.correction_state.c.correction)
        .subquery()
    )
    c, st = t.correction.c, t.correction_state.c
    query = (
        select(c.id, c.layer, c.feature, c.fields, c.base, c.note, st.state, st.detail)
        .join(latest, latest.c.correction == c.id)
        .join(t.correction_state, (st.correction == c.id) & (st.seq == latest.c.seq))
        .order_by(c.id)
    )
    if layer is not None:
        query = query.where(c.layer == layer)
    return [CorrectionRecord(*row) for row in connection.execute(query)]


def commit(database: Database, changes: Changes, *, expected: int, author: str, message: str) -> int:
    """Write one version; raises :class:`CityError` if the city moved on since ``expected``."""
    with database.write() as connection:
        found = head(connection)
        if found != expected:
            raise CityError(
                "city.moved_on",
                "the city was changed by another writer in the meantime",
                where=f"version {found}",
                expected=f"version {expected}",
                got=f"version {found}",
                remedy="do it again; the other change is kept",
            )
        newest = connection.execute(select(t.version.c.at).where(t.version.c.seq == found)).scalar_one()
        at = max(now(), newest)  # the sequence is monotone even when the clock is not
        row = insert(t.version).values(at=at, author=author, message=message)
        seq = int(connection.execute(row.returning(t.version.c.seq)).scalar_one())
        _write(connection, seq, changes)
    return seq


def _write(connection: Connection, seq: int, changes: Changes) -> None:
    if changes.crs:
        connection.execute(update(t.city).values(crs=changes.crs))
    sources = [_insert_source(connection, seq, source) for source in changes.sources]
    for name, (shown, base, position) in changes.layers.items():
        for info in (shown, base):
            _insert_snapshot(connection, info)
        source = sources[position] if position is not None else _source_before(connection, name)
        row = {"seq": seq, "name": name, "kind": shown.kind, "snapshot": shown.hash, "base": base.hash}
        counted = changes.edits_in_all.get(name, 0)
        connection.execute(insert(t.layer_version).values(**row, source=source, edits_in_all=counted))
    for name, layer in changes.logged.items():
        connection.execute(insert(t.layer_version).values(seq=seq, name=name, **_logged(layer)))
    for name, edits in changes.edits.items():
        feature_log.append(connection, seq, name, edits)
    for name, kind in changes.removed.items():
        connection.execute(insert(t.layer_version).values(seq=seq, name=name, kind=kind))
    states = list(changes.states)
    for item in changes.corrections:
        row = {"layer": item.layer, "feature": item.feature, "fields": item.fields, "base": item.base}
        made = insert(t.correction).values(seq=seq, note=item.note, **row).returning(t.correction.c.id)
        states.append((int(connection.execute(made).scalar_one()), item.state, item.detail))
    for number, state, detail in states:
        connection.execute(insert(t.correction_state).values(seq=seq, correction=number, state=state, detail=detail))


def _logged(layer: LayerVersion) -> dict[str, Any]:
    names = ("kind", "snapshot", "base", "source", "log_from", "edits", "edits_in_all", "content", "rows")
    bounds = None if layer.bounds is None else list(layer.bounds)
    return {name: getattr(layer, name) for name in names} | {"bounds": bounds}


def _insert_source(connection: Connection, seq: int, source: SourceRecord) -> int:
    row = {name: getattr(source, name) for name in ("importer", "uri", "sha256", "attribution")}
    maps = {"parameters": dict(source.parameters), "quality": dict(source.quality)}
    made = insert(t.source).values(seq=seq, **row, **maps).returning(t.source.c.id)
    return int(connection.execute(made).scalar_one())


def _insert_snapshot(connection: Connection, info: SnapshotInfo) -> None:
    if connection.execute(select(t.snapshot.c.hash).where(t.snapshot.c.hash == info.hash)).scalar() is None:
        bounds = None if info.bounds is None else list(info.bounds)
        row = {"hash": info.hash, "kind": info.kind, "rows": info.rows, "size_bytes": info.size_bytes}
        connection.execute(insert(t.snapshot).values(**row, bounds=bounds, schema=info.schema))


def _source_before(connection: Connection, name: str) -> int | None:
    v = t.layer_version.c
    query = select(v.source).where(v.name == name).order_by(v.seq.desc()).limit(1)
    source = connection.execute(query).scalar()
    return None if source is None else int(source)


def schemas_of(connection: Connection, hashes: Collection[str]) -> dict[str, tuple[str, dict[str, Any]]]:
    """Hash of content (see :attr:`LayerVersion.content`) → kind and schema; what no version shows is left out."""
    s, v = t.snapshot.c, t.layer_version.c
    shown = select(s.hash, s.kind, s.schema).where(s.hash.in_(hashes))
    logged = select(v.content, s.kind, s.schema).join(t.snapshot, v.snapshot == s.hash).where(v.content.in_(hashes))
    rows = [*connection.execute(shown), *connection.execute(logged)]
    return {hash_: (kind, schema) for hash_, kind, schema in rows}


def snapshots_in_use(connection: Connection) -> set[tuple[str, str, str]]:
    """(name, kind, hash) of every snapshot a version refers to."""
    v = t.layer_version.c
    rows = connection.execute(select(v.name, v.kind, v.snapshot, v.base).where(v.snapshot.is_not(None))).all()
    return {(row.name, row.kind, hash_) for row in rows for hash_ in (row.snapshot, row.base)}
