"""The log of edits: what became of single features since their layer's snapshot. Appended to, never rewritten.

A layer that is edited shows its snapshot with the log over it. Each entry holds the whole feature as it is after the
edit, so that the last entry of a feature is all that counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Select, func, insert, select

from cim_core.canonical import content_hash
from cim_core.store import tables as t
from cim_core.store.records import FeatureEdit, LayerVersion

LOG_MOST = 1_000
"""Entries of a layer's log; the write that brings more folds them into a new snapshot."""


def append(connection: Connection, seq: int, layer: str, edits: Sequence[FeatureEdit]) -> None:
    """Write the entries of one version, in their order."""
    rows = [
        {"seq": seq, "layer": layer, "feature": edit.feature, "op": edit.op, "content": edit.content} for edit in edits
    ]
    if rows:
        connection.execute(insert(t.feature_edit), rows)


def entries(connection: Connection, layer: LayerVersion) -> list[FeatureEdit]:
    """The whole log of a layer as a version of the city shows it, oldest first."""
    rows = connection.execute(_log_of(layer).order_by(t.feature_edit.c.id))
    return [FeatureEdit(row.feature, row.op, row.content, row.seq) for row in rows]


def latest(connection: Connection, layer: LayerVersion) -> dict[str, FeatureEdit]:
    """Feature → its last entry in the log."""
    e = t.feature_edit.c
    last = _within(select(func.max(e.id)), layer).group_by(e.feature)
    query = select(e.feature, e.op, e.content, e.seq).where(e.id.in_(last)).order_by(e.id)
    rows = connection.execute(query)
    return {row.feature: FeatureEdit(row.feature, row.op, row.content, row.seq) for row in rows}


def latest_of(connection: Connection, layer: LayerVersion, feature: str) -> FeatureEdit | None:
    """The last entry of one feature; None if the log does not name it."""
    e = t.feature_edit.c
    row = connection.execute(_log_of(layer).where(e.feature == feature).order_by(e.id.desc()).limit(1)).first()
    return None if row is None else FeatureEdit(row.feature, row.op, row.content, row.seq)


def chained(before: str, edits: Iterable[FeatureEdit]) -> str:
    """The hash of content ``before`` with further entries, 64 hex digits."""
    return content_hash([before, [[edit.feature, edit.op, edit.content] for edit in edits]])


def _log_of(layer: LayerVersion) -> Select[Any]:
    e = t.feature_edit.c
    return _within(select(e.feature, e.op, e.content, e.seq), layer)


def _within(query: Select[Any], layer: LayerVersion) -> Select[Any]:
    e = t.feature_edit.c
    return query.where(e.layer == layer.name, e.seq > layer.log_from, e.seq <= layer.seq)
