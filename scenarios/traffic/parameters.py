"""Parameters of the traffic simulation. Imports nothing heavy: the command line reads this module alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from cim_core.errors import ParameterError
from cim_core.instants import Day, parse_hours


def _texts(title_zh: str, description_zh: str, unit: str = "") -> dict[str, Any]:
    return {"title_zh": title_zh, "description_zh": description_zh} | ({"unit": unit} if unit else {})


_MODES = {"micro": {"en": "Every vehicle", "zh": "逐车微观"}, "meso": {"en": "Queues (fast)", "zh": "中观排队（快）"}}
_ROUTINGS = {
    "equilibrium": {"en": "Equilibrium", "zh": "均衡"},
    "oneshot": {"en": "Shortest paths", "zh": "空网最短路"},
}
_DAYS = {"workday": {"en": "Workday", "zh": "工作日"}, "weekend": {"en": "Weekend", "zh": "周末"}}


class SimulateParameters(BaseModel):
    """What is simulated: which hours, which demand, in which detail."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    hours: str = Field(
        default="7-8",
        title="Hours",
        examples=["7-8", "7-9", "17-19"],
        description="the window that the figures are about: 7-8, 7.5-9 or 07:30-09:00",
        json_schema_extra=_texts("时段", "统计时段：7-8、7.5-9 或 07:30-09:00", "h"),
    )
    day: str = Field(
        default="workday",
        title="Day",
        examples=["workday", "weekend"],
        description="workday, weekend or an ISO date",
        json_schema_extra=_texts("日期", "workday（工作日）、weekend（周末）或 ISO 日期") | {"enum_titles": _DAYS},
    )
    mode: Literal["micro", "meso"] = Field(
        default="micro",
        title="Mode",
        description="micro: every vehicle; meso: queues, about thirty times faster, for screening only",
        json_schema_extra=_texts("模式", "micro：逐车微观；meso：中观排队，约快三十倍，仅供初筛")
        | {"enum_titles": _MODES},
    )
    routing: Literal["equilibrium", "oneshot"] = Field(
        default="equilibrium",
        title="Routing",
        description="equilibrium: routes adapt to travel times; oneshot: shortest paths on the empty network",
        json_schema_extra=_texts("路径选择", "equilibrium：按行程时间迭代均衡；oneshot：空网最短路")
        | {"enum_titles": _ROUTINGS},
    )
    iterations: int = Field(
        default=3,
        ge=1,
        le=50,
        title="Iterations",
        description="equilibrium iterations from the common start, the same on both sides of a comparison",
        json_schema_extra=_texts("迭代次数", "自共同起点起的均衡迭代次数，对比双方相同"),
    )
    demand_scale: float = Field(
        default=1.0,
        gt=0,
        le=10,
        title="Demand scale",
        description="factor on every expected trip",
        json_schema_extra=_texts("需求系数", "对各项预期出行量的倍数", "ratio"),
    )
    trips: Path | None = Field(
        default=None,
        title="Trips",
        description="file of trips (CSV depart,from,to or SUMO XML) in place of the drawn demand",
        json_schema_extra=_texts("出行清单", "以出行清单文件（CSV 或 SUMO XML）代替生成的需求"),
    )
    od: Path | None = Field(
        default=None,
        title="OD table",
        description="file of an OD table (CSV from,to,count per hour) in place of the drawn demand",
        json_schema_extra=_texts("OD 表", "以 OD 表文件（CSV，每小时车辆数）代替生成的需求"),
    )
    routes: Path | None = Field(
        default=None,
        title="Routes",
        description="file of SUMO routes in place of the drawn demand; they are kept unless a closure is in the way",
        json_schema_extra=_texts("路径文件", "以 SUMO 路径文件代替生成的需求；除非封路阻断，路径不变"),
    )
    counts: Path | None = Field(
        default=None,
        title="Counts",
        description="file of traffic counts (CSV road,begin,end,count) that the volumes are compared with",
        json_schema_extra=_texts("流量观测", "用于比对的流量观测文件（CSV）"),
    )
    warmup_min: float = Field(
        default=15,
        ge=0,
        le=120,
        title="Warm-up",
        description="demand driven before the window to fill the network; not in the figures",
        json_schema_extra=_texts("预热", "统计时段之前用于充满路网的时长，不计入指标", "min"),
    )
    follow_min: float = Field(
        default=60,
        ge=0,
        le=240,
        title="Follow",
        description="how long after the window vehicles are followed until they arrive",
        json_schema_extra=_texts("跟踪", "时段结束后继续跟踪车辆到达的时长上限", "min"),
    )
    trajectories_s: float = Field(
        default=5,
        ge=0,
        le=60,
        title="Trajectories",
        description="seconds between two positions of a vehicle; 0 records none (micro mode only)",
        json_schema_extra=_texts("轨迹间隔", "车辆位置记录间隔；0 为不记录（仅微观）", "s"),
    )

    @field_validator("hours")
    @classmethod
    def _hours(cls, text: str) -> str:
        try:
            parse_hours(text)
        except ParameterError as fault:
            raise ValueError(f"{fault.what}: expected {fault.expected}") from None
        return text

    @field_validator("day")
    @classmethod
    def _day(cls, text: str) -> str:
        Day.of(text, "Asia/Shanghai")
        return text

    @field_validator("trajectories_s")
    @classmethod
    def _whole(cls, seconds: float) -> float:
        if seconds != int(seconds):
            raise ValueError("must be a whole number of seconds, the step of the simulation")
        return seconds

    @model_validator(mode="after")
    def _one_demand(self) -> Self:
        given = [name for name in ("trips", "od", "routes") if getattr(self, name) is not None]
        if len(given) > 1:
            raise ValueError(f"give one demand, not {' and '.join(given)}")
        return self

    @property
    def window_s(self) -> tuple[int, int]:
        """Begin and end of the window in seconds after local midnight."""
        return parse_hours(self.hours)

    @property
    def demand_file(self) -> Path | None:
        """The given demand, or None where it is drawn from land use."""
        return self.trips or self.od or self.routes
