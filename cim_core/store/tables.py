"""The tables of a city's database: the same for SQLite and PostgreSQL. Versions are appended, never rewritten."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

metadata = MetaData()


class Instant(TypeDecorator[datetime]):
    """A UTC instant kept as ISO 8601 text: sorts as time, reads alike in both databases."""

    impl = String(32)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """Aware datetime to text."""
        return None if value is None else value.astimezone(UTC).isoformat(timespec="microseconds")

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Text to aware datetime."""
        return None if value is None else datetime.fromisoformat(value)


city = Table(
    "city",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("name", Text, nullable=False),
    Column("crs", Text),
    Column("timezone", String(64), nullable=False),
    Column("created_at", Instant, nullable=False),
)
version = Table(
    "version",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("at", Instant, nullable=False),
    Column("author", Text, nullable=False),
    Column("message", Text, nullable=False),
)
snapshot = Table(
    "snapshot",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("rows", Integer, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("bounds", JSON),
    Column("schema", JSON, nullable=False),
)
source = Table(
    "source",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("seq", ForeignKey("version.seq"), nullable=False),
    Column("importer", String(32), nullable=False),
    Column("uri", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("attribution", Text, nullable=False),
    Column("parameters", JSON, nullable=False),
    Column("quality", JSON, nullable=False),
)
layer_version = Table(
    "layer_version",
    metadata,
    Column("seq", ForeignKey("version.seq"), primary_key=True),
    Column("name", String(80), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("snapshot", ForeignKey("snapshot.hash")),  # what the city shows; null: removed
    Column("base", ForeignKey("snapshot.hash")),  # what the source says, before corrections
    Column("source", ForeignKey("source.id")),
    Column("log_from", Integer),  # the version that brought the snapshot; null: this one
    Column("edits", Integer, nullable=False, server_default="0"),  # entries of the log since then
    Column("edits_in_all", Integer, nullable=False, server_default="0"),  # since the layer was imported
    Column("content", String(64)),  # hash of snapshot and log; null: the snapshot's own
    Column("rows", Integer),  # with the log; null: the snapshot's own
    Column("bounds", JSON(none_as_null=True)),
)
feature_edit = Table(
    "feature_edit",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("seq", ForeignKey("version.seq"), nullable=False),  # author and time are the version's
    Column("layer", String(80), nullable=False),
    Column("feature", Text, nullable=False),
    Column("op", String(8), nullable=False),  # create, replace, update, delete
    Column("content", JSON(none_as_null=True)),  # the whole feature after it; null: it is gone
)
correction = Table(
    "correction",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("seq", ForeignKey("version.seq"), nullable=False),
    Column("layer", String(80), nullable=False),
    Column("feature", Text, nullable=False),
    Column("fields", JSON, nullable=False),
    Column("base", JSON, nullable=False),  # the source's values when it was made
    Column("note", Text, nullable=False),
)
correction_state = Table(
    "correction_state",
    metadata,
    Column("seq", ForeignKey("version.seq"), primary_key=True),
    Column("correction", ForeignKey("correction.id"), primary_key=True),
    Column("state", String(16), nullable=False),  # active, conflict, confirmed, orphaned, withdrawn
    Column("detail", JSON, nullable=False),
)
plan_version = Table(
    "plan_version",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("author", Text, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("content", JSON, nullable=False),
    Column("saved", Integer, nullable=False, server_default="0"),  # grows with every version of any plan
)
run = Table(
    "run",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("experiment", String(64), nullable=False),
    Column("analysis", String(81), nullable=False),
    Column("seed", BigInteger, nullable=False),
    Column("key", JSON, nullable=False),
    Column("finished_at", Instant, nullable=False),
    Column("seconds", Float, nullable=False),
)
job = Table(
    "job",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("run", String(64), nullable=False),  # identity of the question: the run's hash, or a comparison's
    Column("analysis", String(81), nullable=False),
    Column("request", JSON, nullable=False),
    Column("owner", Text, nullable=False),
    Column("state", String(16), nullable=False),  # queued, running, succeeded, failed, cancelled
    Column("attempts", Integer, nullable=False),
    Column("progress", Float, nullable=False),
    Column("message", Text, nullable=False),
    Column("error", JSON),
    Column("worker", Text),  # host:pid:start of the process that has it
    Column("queued_at", Instant, nullable=False),
    Column("started_at", Instant),
    Column("finished_at", Instant),
    Column("kind", String(16), nullable=False, server_default="run"),  # run, comparison
    Column("parent", String(36)),  # the comparison job that asked for this run
    Column("result", String(64)),  # hash of the run or comparison, once succeeded
    Column("updated_at", Instant),
    Column("change", Integer, nullable=False, server_default="0"),  # grows with every change of any job
)
Index("layer_version_by_name", layer_version.c.name, layer_version.c.seq)
Index("feature_edit_by_layer", feature_edit.c.layer, feature_edit.c.seq)
Index("feature_edit_by_feature", feature_edit.c.layer, feature_edit.c.feature, feature_edit.c.seq)
Index("plan_version_by_saved", plan_version.c.saved)
Index("run_by_experiment", run.c.experiment)
Index("job_by_state", job.c.state, job.c.queued_at)
Index("job_by_run", job.c.run)
Index("job_by_parent", job.c.parent)
Index("job_by_change", job.c.change)
