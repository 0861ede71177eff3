"""Time: clock times, ISO instants, windows of validity, hours of a day. UTC inside, offset outside."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from cim_core.errors import ParameterError

DayType = Literal["any", "workday", "weekend"]
DAY_S = 86_400
OPEN_END_S = 10.0 * DAY_S
"""Where a window without an end is taken to end: later than any run of one day's hours is followed."""
_CLOCK = re.compile(r"^(\d{1,2}):(\d{2})(?::(\d{2}))?$")
_HOURS = re.compile(r"^\s*(\d+(?:\.\d+)?|\d{1,2}:\d{2})\s*[-–]\s*(\d+(?:\.\d+)?|\d{1,2}:\d{2})\s*$")


def now() -> datetime:
    """This moment in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Moment:
    """A clock time (seconds after local midnight) or an instant."""

    clock_s: int | None = None
    instant: datetime | None = None

    def __str__(self) -> str:
        if self.instant is not None:
            return self.instant.isoformat()
        assert self.clock_s is not None  # noqa: S101 - one of the two is always there
        hours, rest = divmod(self.clock_s, 3600)
        minutes, seconds = divmod(rest, 60)
        return f"{hours:02d}:{minutes:02d}" + (f":{seconds:02d}" if seconds else "")


def parse_moment(text: str) -> Moment:
    """``07:30``, ``24:00`` or an ISO instant with offset; raises ``ValueError``."""
    match = _CLOCK.match(text.strip())
    if match:
        hours, minutes, seconds = (int(part or 0) for part in match.groups())
        total = hours * 3600 + minutes * 60 + seconds
        if minutes > 59 or seconds > 59 or total > DAY_S:
            raise ValueError(f"{text!r} is not a time of day between 00:00 and 24:00")
        return Moment(clock_s=total)
    try:
        instant = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ValueError(f"{text!r} is neither HH:MM nor an ISO time with offset") from None
    if instant.tzinfo is None:
        raise ValueError(f"{text!r} has no offset; write e.g. {text.strip()}+08:00")
    return Moment(instant=instant)


@dataclass(frozen=True)
class Window:
    """From start (included) to end (excluded); None is open. Clock times hold on days of the type."""

    start: Moment | None = None
    end: Moment | None = None
    days: DayType = "any"

    def __post_init__(self) -> None:
        if self.start is None or self.end is None:
            return
        if (self.start.instant is None) != (self.end.instant is None):
            raise ValueError("from and to must both be clock times or both ISO times")
        if self.start.instant and self.end.instant and self.start.instant >= self.end.instant:
            raise ValueError(f"from {self.start} is not before to {self.end}")
        if self.start.clock_s is not None and self.start.clock_s >= (self.end.clock_s or 0):
            raise ValueError(f"from {self.start} is not before to {self.end}; a window over midnight is two measures")

    @property
    def always(self) -> bool:
        """Whether it holds at every time."""
        return self.start is None and self.end is None and self.days == "any"

    def overlaps(self, other: Window) -> bool:
        """Whether both can hold at one moment (clock against instant: assumed yes)."""
        if "any" not in (self.days, other.days) and self.days != other.days:
            return False
        return _before(self.start, other.end) and _before(other.start, self.end)

    def seconds(self, day: Day) -> tuple[float, float] | None:
        """(begin, end) in seconds after the day's local midnight; None if it does not touch that day.

        An open end is :data:`OPEN_END_S`, so that a run over midnight does not see it end.
        """
        if self.days not in ("any", day.type):
            return None
        instants = [moment.instant for moment in (self.start, self.end) if moment and moment.instant]
        if instants and day.date is None:
            return None
        begin = 0.0 if self.start is None else day.offset_s(self.start)
        end = OPEN_END_S if self.end is None else min(day.offset_s(self.end), OPEN_END_S)
        begin = max(begin, 0.0)
        return (begin, end) if begin < min(end, DAY_S) else None

    def as_dict(self) -> dict[str, Any]:
        """JSON form with ``from``, ``to``, ``days``; open ends left out."""
        pairs = {"from": self.start and str(self.start), "to": self.end and str(self.end)}
        return {key: value for key, value in pairs.items() if value} | ({"days": self.days} if not self.always else {})


ALWAYS = Window()


def _before(start: Moment | None, end: Moment | None) -> bool:
    if start is None or end is None:
        return True
    if start.clock_s is not None and end.clock_s is not None:
        return start.clock_s < end.clock_s
    if start.instant is not None and end.instant is not None:
        return start.instant < end.instant
    return True


@dataclass(frozen=True)
class Day:
    """The day a question is about: a type of day, or a date in the city's time zone."""

    type: Literal["workday", "weekend"] = "workday"
    date: date | None = None
    timezone: str = "Asia/Shanghai"

    @classmethod
    def of(cls, text: str, timezone: str) -> Day:
        """``workday``, ``weekend`` or an ISO date; raises ``ValueError``."""
        if text == "workday":
            return cls("workday", None, timezone)
        if text == "weekend":
            return cls("weekend", None, timezone)
        parsed = date.fromisoformat(text)
        return cls("weekend" if parsed.weekday() >= 5 else "workday", parsed, timezone)

    def offset_s(self, moment: Moment) -> float:
        """Seconds after this day's local midnight."""
        if moment.clock_s is not None:
            return float(moment.clock_s)
        if self.date is None or moment.instant is None:
            raise ValueError("an instant needs a date")
        midnight = datetime.combine(self.date, time(), ZoneInfo(self.timezone))
        return (moment.instant - midnight) / timedelta(seconds=1)


def parse_hours(text: str) -> tuple[int, int]:
    """``7-8``, ``7.5-9`` or ``07:30-09:00`` → (begin, end) in seconds of the day; raises :class:`ParameterError`."""
    match = _HOURS.match(str(text))
    bounds = [_hour_s(part) for part in match.groups()] if match else []
    if not bounds or bounds[0] >= bounds[1] or bounds[1] > DAY_S:
        raise ParameterError(
            "parameter.hours",
            "the hours are not a part of one day",
            where="parameter hours",
            expected="begin-end within 0-24, e.g. 7-8, 7.5-9 or 07:30-09:00",
            got=str(text),
            remedy="give hours of one day, the first before the second; for a night over midnight run two days",
        )
    return bounds[0], bounds[1]


def _hour_s(text: str) -> int:
    if ":" in text:
        hours, minutes = text.split(":")
        return int(hours) * 3600 + int(minutes) * 60 if int(minutes) < 60 else DAY_S + 1
    return round(float(text) * 3600)
