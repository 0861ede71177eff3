"""Parameters of the walking analyses. Imports nothing heavy: the command line reads this module alone."""

from __future__ import annotations

import re
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from cim_core.instants import Day, parse_moment

_KIND = re.compile(r"^[\w.:\-]+$")
_NUMBER = r"\s*-?\d+(?:\.\d+)?\s*"
_PLACES = re.compile(rf"^{_NUMBER},{_NUMBER}(?:;{_NUMBER},{_NUMBER})*$")


_KINDS = {
    "subway_entrance": {"en": "Station entrance", "zh": "地铁站出入口"},
    "school": {"en": "School", "zh": "学校"},
    "hospital": {"en": "Hospital", "zh": "医院"},
}
_DAYS = {"workday": {"en": "Workday", "zh": "工作日"}, "weekend": {"en": "Weekend", "zh": "周末"}}


def _texts(title_zh: str, description_zh: str, unit: str = "") -> dict[str, Any]:
    return {"title_zh": title_zh, "description_zh": description_zh} | ({"unit": unit} if unit else {})


class ReachParameters(BaseModel):
    """Where people walk to, and when."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    to: str = Field(
        default="subway_entrance",
        title="To",
        description="kind of point of interest (subway_entrance, school, …), or longitude,latitude; several with ;",
        examples=list(_KINDS),
        json_schema_extra=_texts("目的地", "兴趣点类别（subway_entrance、school 等），或 经度,纬度；多个以 ; 分隔")
        | {"enum_titles": _KINDS},
    )
    minutes: float = Field(
        default=15,
        gt=0,
        le=120,
        title="Walking time",
        description="walking time that counts as reached",
        json_schema_extra=_texts("步行时间", "在此时间内走到即视为可达", "min"),
    )
    at: str = Field(
        default="08:00",
        title="At",
        description="clock time HH:MM at which the plan's closures are looked at",
        json_schema_extra=_texts("时刻", "HH:MM，以该时刻方案中的封闭情况为准"),
    )
    day: str = Field(
        default="workday",
        title="Day",
        description="workday, weekend or an ISO date",
        examples=list(_DAYS),
        json_schema_extra=_texts("日期", "workday（工作日）、weekend（周末）或 ISO 日期") | {"enum_titles": _DAYS},
    )

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
