"""What changed in a city since a moment that a watcher remembers: its newest version, the plans saved since."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from cim_core.store import tables as t


@dataclass(frozen=True)
class PlanSaved:
    """A version of a plan that was saved."""

    name: str
    version: int
    author: str


def newest_sequence(connection: Connection) -> int:
    """Sequence number of the city's newest version."""
    return int(connection.execute(select(func.max(t.version.c.seq))).scalar() or 0)


def plans_saved(connection: Connection) -> int:
    """How many versions of plans were ever saved. They are appended only, so the number grows with each."""
    return int(connection.execute(select(func.count()).select_from(t.plan_version)).scalar() or 0)


def plans_saved_since(connection: Connection, count: int, limit: int) -> list[PlanSaved]:
    """What was saved after the first ``count`` versions, oldest first; the newest ``limit`` of them at most."""
    p = t.plan_version.c
    more = min(limit, max(0, plans_saved(connection) - count))
    query = select(p.name, p.number, p.author).order_by(p.at.desc(), p.number.desc()).limit(more)
    return [PlanSaved(*row) for row in connection.execute(query)][::-1]
