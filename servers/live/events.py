"""What happens in a city as server-sent events, read from its database alone.

Nobody has to tell the watcher anything: command line, web workers and run service write to the database, and the
watcher asks it what is newer than what it saw. An event's id says how much of the city its reader has seen::

    <city>-<version>-<plans saved>-<newest change of a job>

so that any process can go on for a reader who comes back with ``Last-Event-ID``, also after a restart. A job's event
holds its newest state; states in between may be left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from cim_core import jobs
from cim_core.city import City
from cim_core.registry import Registry
from cim_core.store import changes
from servers.live.job_status import status_info, titles_of

TOPICS = ("jobs", "plans", "city")
TOPIC_OF = {"job": "jobs", "plan": "plans", "city": "city"}
"""Event → topic; ``hello`` belongs to all."""
POLL_S = 0.25
HEARTBEAT_S = 15.0
RETRY_MS = 1000
MOST = 500
"""A reader who missed more is told to read everything anew."""
HEARTBEAT = b": still here\n\n"
_ID = re.compile(r"^([0-9a-f]{8})-(\d{1,10})-(\d{1,10})-(\d{1,10})$")


@dataclass(frozen=True)
class Mark:
    """How much of a city a reader has seen."""

    city: str
    sequence: int = 0
    plans: int = 0
    change: int = 0

    def __str__(self) -> str:
        return f"{self.city}-{self.sequence}-{self.plans}-{self.change}"

    @classmethod
    def parse(cls, text: str | None) -> Mark | None:
        """The mark of an event's id; None if it is none."""
        found = _ID.match(text or "")
        return None if found is None else cls(found[1], *(int(part) for part in found.groups()[1:]))

    def beyond(self, other: Mark) -> bool:
        """Whether it has seen what the other has not, so that both cannot be of one history."""
        return self.city != other.city or any(
            getattr(self, part) > getattr(other, part) for part in ("sequence", "plans", "change")
        )


@dataclass(frozen=True)
class Event:
    """One event; ``mark`` is what a reader has seen with it."""

    name: str
    data: Mapping[str, Any]
    mark: Mark

    def encode(self) -> bytes:
        """The event's lines on the wire."""
        text = json.dumps(self.data, ensure_ascii=False, separators=(",", ":"))
        return f"id: {self.mark}\nevent: {self.name}\ndata: {text}\n\n".encode()

    def belongs(self, topics: Collection[str]) -> bool:
        """Whether a reader of these topics wants it."""
        return self.name not in TOPIC_OF or TOPIC_OF[self.name] in topics


class Events:
    """The events of one city. Its methods read the database and may take milliseconds; one thread at a time."""

    def __init__(self, root: Path, scenarios: Path | None = None) -> None:
        city = City.open(root)
        self._database = city.database
        self._city = city.record.id.replace("-", "")[:8]
        self._scenarios = scenarios
        self._titles: dict[str, Mapping[str, str]] = {}

    def newest(self) -> Mark:
        """The mark of a reader who has seen everything. A few look-ups in indexes."""
        with self._database.read() as connection:
            return self._newest(connection)

    def since(self, seen: Mark) -> tuple[list[Event], Mark]:
        """What a reader at that mark has missed, in order, and the mark that follows.

        If it missed too much, or its mark is of another city or of a future that a restored backup took away, one
        ``hello`` with ``resync``.
        """
        with self._database.read() as connection:
            newest = self._newest(connection)
            missed = newest.plans - seen.plans
            if seen.beyond(newest) or missed > MOST:
                return [hello(newest, resync=True)], newest
            found = list(self._missed(connection, seen, newest))
        return ([hello(newest, resync=True)] if len(found) > MOST else found), newest

    def welcome(self, last_event_id: str | None) -> tuple[list[Event], Mark]:
        """The first events of a stream: ``hello``, and for who comes back what was missed."""
        seen = Mark.parse(last_event_id)
        if seen is None:
            newest = self.newest()
            return [hello(newest, resync=bool(last_event_id))], newest
        found, newest = self.since(seen)
        return (found if found and found[0].name == "hello" else [hello(seen), *found]), newest

    def close(self) -> None:
        """Give the database's connections back."""
        self._database.close()

    def _newest(self, connection: Connection) -> Mark:
        sequence, plans = changes.newest_sequence(connection), changes.plans_saved(connection)
        return Mark(self._city, sequence, plans, jobs.newest_change(connection))

    def _missed(self, connection: Connection, seen: Mark, newest: Mark) -> Iterator[Event]:
        mark = seen
        if newest.sequence > seen.sequence:
            mark = replace(mark, sequence=newest.sequence)
            yield Event("city", {"sequence": newest.sequence}, mark)
        for saved in changes.plans_saved_since(connection, seen.plans, MOST):
            mark = replace(mark, plans=saved.saved)
            yield Event("plan", {"name": saved.name, "version": saved.version, "author": saved.author}, mark)
        for job in jobs.changed_since(connection, seen.change, MOST + 1):
            mark = replace(mark, change=job.change)
            yield Event("job", status_info(job, self._known_titles(job.analysis)), mark)

    def _known_titles(self, analysis: str) -> dict[str, Mapping[str, str]]:
        if analysis not in self._titles:  # the first one, or a scenario that was dropped in since
            self._titles = {analysis: {"en": analysis, "zh": analysis}} | titles_of(Registry.discover(self._scenarios))
        return self._titles


def hello(mark: Mark, *, resync: bool = False) -> Event:
    """The greeting; with ``resync`` the reader must read anew what it shows."""
    time = datetime.now(UTC).isoformat(timespec="milliseconds")
    return Event("hello", {"time": time, "resync": resync}, mark)


def opening() -> bytes:
    """What stands first in every stream: how soon to come back after a break."""
    return f"retry: {RETRY_MS}\n\n".encode()
