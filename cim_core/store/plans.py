"""Saved plans: every save is a new version, undo brings an earlier one back as the newest; nothing is lost."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, ScalarSelect, func, insert, select

from cim_core.errors import NotFoundError, PlanError
from cim_core.instants import now
from cim_core.store import tables as t


@dataclass(frozen=True)
class PlanVersion:
    """One saved state of a plan. ``content`` is the plan file's JSON."""

    name: str
    number: int
    at: datetime
    author: str
    hash: str
    content: dict[str, Any]


def save(
    connection: Connection,
    name: str,
    content: dict[str, Any],
    hash_: str,
    *,
    author: str,
    based_on: int | None = None,
) -> PlanVersion:
    """Append a version.

    With ``based_on``, raises :class:`PlanError` if that version is not the newest (``plan.edited_meanwhile``), or
    :class:`NotFoundError` if there is none; 0 is for a new plan (``plan.name_taken``).
    """
    number = newest_number(connection, name)
    if based_on is not None and based_on != number:
        raise _taken(name) if based_on == 0 else _edited_meanwhile(connection, name, based_on)
    made = PlanVersion(name, number + 1, now(), author, hash_, content)
    row = {"name": name, "number": made.number, "at": made.at, "author": author}
    every = t.plan_version.alias()
    following: ScalarSelect[Any] = select(func.coalesce(func.max(every.c.saved), 0) + 1).scalar_subquery()
    connection.execute(insert(t.plan_version).values(**row, hash=hash_, content=content, saved=following))
    return made


def _taken(name: str) -> PlanError:
    return PlanError(
        "plan.name_taken",
        "a plan of that name is saved already",
        where=f"plan {name}",
        expected="a new name",
        got=name,
        remedy="choose another name",
    )


def _edited_meanwhile(connection: Connection, name: str, based_on: int) -> PlanError:
    newest = get(connection, name)
    return PlanError(
        "plan.edited_meanwhile",
        "somebody saved another version of this plan in the meantime",
        where=f"plan {name}",
        expected=f"version {based_on} to be the newest",
        got=f"version {newest.number}" + (f" by {newest.author}" if newest.author else ""),
        remedy="look at the other version, then save on top of it, or save yours under another name; both are kept",
    )


def newest_number(connection: Connection, name: str) -> int:
    """Number of the newest version; 0 if there is none."""
    query = select(func.max(t.plan_version.c.number)).where(t.plan_version.c.name == name)
    return int(connection.execute(query).scalar() or 0)


def get(connection: Connection, name: str, number: int | None = None) -> PlanVersion:
    """A version (the newest by default); raises :class:`NotFoundError` with the nearest names."""
    wanted = newest_number(connection, name) if number is None else number
    p = t.plan_version.c
    query = select(p.name, p.number, p.at, p.author, p.hash, p.content).where(p.name == name, p.number == wanted)
    row = connection.execute(query).one_or_none()
    if row is None:
        known = list(names(connection))
        near = difflib.get_close_matches(name, known, n=3, cutoff=0.4) or known[:5]
        raise NotFoundError(
            "plan.not_saved",
            "no such plan",
            where=f"plan {name}" + ("" if number is None else f", version {number}"),
            expected=f"a plan file, or a saved plan such as {', '.join(near)}" if near else "a plan file",
            got=name,
            remedy="check the name or path; `cim plan list` shows what is saved",
        )
    return PlanVersion(*row)


def names(connection: Connection) -> dict[str, int]:
    """Name → number of the newest version."""
    p = t.plan_version.c
    query = select(p.name, func.max(p.number)).group_by(p.name).order_by(p.name)
    return {name: int(number) for name, number in connection.execute(query)}


def newest(connection: Connection) -> list[PlanVersion]:
    """The newest version of every saved plan, by name."""
    p = t.plan_version.c
    last = select(p.name, func.max(p.number).label("number")).group_by(p.name).subquery()
    query = select(p.name, p.number, p.at, p.author, p.hash, p.content).join(
        last, (p.name == last.c.name) & (p.number == last.c.number)
    )
    return [PlanVersion(*row) for row in connection.execute(query.order_by(p.name))]


def history(connection: Connection, name: str) -> list[PlanVersion]:
    """All versions, newest first."""
    p = t.plan_version.c
    query = select(p.name, p.number, p.at, p.author, p.hash, p.content).where(p.name == name)
    return [PlanVersion(*row) for row in connection.execute(query.order_by(p.number.desc()))]


def undo(connection: Connection, name: str, author: str, *, based_on: int | None = None) -> PlanVersion:
    """Save the state before the newest again, as a new version; a second undo brings back what the first undid.

    With ``based_on``, raises :class:`PlanError` if that version is not the newest.
    """
    newest = get(connection, name)
    if based_on is not None and based_on != newest.number:
        raise _edited_meanwhile(connection, name, based_on)
    if newest.number < 2:
        raise PlanError(
            "plan.nothing_to_undo",
            "the plan has only one version",
            where=f"plan {name}",
            expected="two versions or more",
            got="one",
            remedy="change it first, or delete what it holds by hand",
        )
    earlier = get(connection, name, newest.number - 1)
    return save(connection, name, earlier.content, earlier.hash, author=author)
