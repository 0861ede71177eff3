"""Parameters of the walking analyses. Imports nothing heavy: the command line reads this module alone."""

from __future__ import annotations

import re

from pydantic import BaseModel, ConfigDict, Field, field_validator

from cim_core.instants import Day, parse_moment

_KIND = re.compile(r"^[\w.:\-]+$")
_NUMBER = r"\s*-?\d+(?:\.\d+)?\s*"
_PLACES = re.compile(rf"^{_NUMBER},{_NUMBER}(?:;{_NUMBER},{_NUMBER})*$")


class ReachParameters(BaseModel):
    """Where people walk to, and when."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    to: str = Field(
        default="subway_entrance",
        description="kind of point of interest (subway_entrance, school, …), or longitude,latitude; several with ;",
    )
    minutes: float = Field(default=15, gt=0, le=120, description="walking time that counts as reached")
    at: str = Field(default="08:00", description="clock time HH:MM at which the plan's closures are looked at")
    day: str = Field(default="workday", description="workday, weekend or an ISO date")

    @field_validator("to")
    @classmethod
    def _kind_or_places(cls, text: str) -> str:
        if not (_KIND.match(text) or _PLACES.match(text)):
            raise ValueError("neither a kind of place (subway_entrance) nor longitude,latitude (106.57,29.56)")
        return text

    @field_validator("at")
    @classmethod
    def _clock(cls, text: str) -> str:
        moment = parse_moment(text)
        if moment.clock_s is None:
            raise ValueError(f"{text!r} is not a clock time HH:MM; the date goes into day")
        return str(moment)

    @field_validator("day")
    @classmethod
    def _day(cls, text: str) -> str:
        Day.of(text, "Asia/Shanghai")
        return text

    @property
    def clock_s(self) -> float:
        """Seconds after local midnight."""
        return float(parse_moment(self.at).clock_s or 0)

    @property
    def places(self) -> list[tuple[float, float]] | None:
        """Longitudes and latitudes, or None where ``to`` is a kind of place."""
        if not _PLACES.match(self.to):
            return None
        pairs = (pair.split(",") for pair in self.to.split(";"))
        return [(float(lon), float(lat)) for lon, lat in pairs]
