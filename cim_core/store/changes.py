"""What changed in a city since a moment that a watcher remembers: its newest version, the plans saved since."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from cim_core.store import tables as t


@dataclass(frozen=True)
class PlanSaved:
    """A version of a plan that was saved; ``saved`` is its place among all versions of all plans."""

    name: str
    version: int
    author: str
    saved: int


def newest_sequence(connection: Connection) -> int:
    """Sequence number of the city's newest version."""
    return int(connection.execute(select(func.max(t.version.c.seq))).scalar() or 0)


def plans_saved(connection: Connection) -> int:
    """Number of the version that was saved last of any plan, counted without the clock; 0 before the first."""
    return int(connection.execute(select(func.max(t.plan_version.c.saved))).scalar() or 0)


def plans_saved_since(connection: Connection, saved: int, limit: int) -> list[PlanSaved]:
    """What was saved after that number, oldest first; the oldest ``limit`` of them at most."""
    p = t.plan_version.c
    query = select(p.name, p.number, p.author, p.saved).where(p.saved > saved).order_by(p.saved).limit(limit)
    return [PlanSaved(*row) for row in connection.execute(query)]
