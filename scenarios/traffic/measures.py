"""Measures of traffic: what a planner can do to a road, and the edits each stands for.

Directions are those of the road feature: ``forward`` is its drawing direction, ``backward`` the other one.
Lanes are counted from the right kerb of the direction of travel (right-hand traffic).
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from cim_core.plan import Edit, Find, Measure
from cim_core.units import kmh_to_mps

Direction = Literal["forward", "backward", "both"]
Name = Annotated[str, Field(min_length=1)]
_DIRECTIONS = {
    "forward": {"en": "Drawing direction", "zh": "绘制方向"},
    "backward": {"en": "Against it", "zh": "反方向"},
    "both": {"en": "Both directions", "zh": "双向"},
}


def _texts(title_zh: str, description_zh: str, unit: str = "", layer: str = "") -> dict[str, Any]:
    """What a form needs besides title and description: both in Chinese, the unit, the layer whose features it names."""
    extra = {"unit": unit, "layer": layer}
    return {"title_zh": title_zh, "description_zh": description_zh} | {k: v for k, v in extra.items() if v}


def _road(default: Any = ...) -> Any:
    return Field(
        default=default,
        title="Road",
        description="feature id, named structure or street",
        json_schema_extra=_texts("道路", "要素标识、构筑物名称或道路名称", layer="roads"),
    )


def _direction() -> Any:
    return Field(
        default="both",
        title="Direction",
        description="forward is the drawing direction of the road",
        json_schema_extra=_texts("方向", "forward 为道路绘制方向") | {"enum_titles": _DIRECTIONS},
    )


def _lanes(description: str, description_zh: str) -> Any:
    return Field(
        default=1,
        ge=1,
        le=8,
        title="Lanes",
        description=description,
        json_schema_extra=_texts("车道数", description_zh),
    )


def _sided(field: str, direction: Direction, value: bool | int) -> dict[str, Any]:
    sides = ("forward", "backward") if direction == "both" else (direction,)
    return {f"{field}_{side}": value for side in sides}


class Close(Measure):
    """Nobody enters the road (or the walkway) in these directions; who is on it may leave.

    ``{"type": "close", "road": "东水门大桥", "from": "07:00", "to": "09:00"}``
    """

    kind: ClassVar[str] = "close"
    type: Literal["close"] = "close"
    road: Name | None = _road(None)
    walkway: Name | None = Field(
        default=None,
        title="Walkway",
        description="feature id, named structure or path; in place of a road",
        json_schema_extra=_texts("步道", "要素标识、构筑物名称或步道名称，与道路二选一", layer="walkways"),
    )
    direction: Direction = _direction()

    @model_validator(mode="after")
    def _one_target(self) -> Self:
        if (self.road is None) == (self.walkway is None):
            raise ValueError("name either a road or a walkway")
        return self

    def compile(self, find: Find) -> list[Edit]:
        """One edit that sets ``closed_forward`` and/or ``closed_backward``."""
        layer, target = ("roads", self.road) if self.road is not None else ("walkways", self.walkway)
        return [self._edit(layer, str(target), find, **_sided("closed", self.direction, True))]


class OneWay(Measure):
    """Traffic may use the road in ``direction`` only: the other direction is closed."""

    kind: ClassVar[str] = "one_way"
    type: Literal["one_way"] = "one_way"
    road: Name = _road()
    direction: Literal["forward", "backward"] = Field(
        default="forward",
        title="Open direction",
        description="the direction that stays open",
        json_schema_extra=_texts("开放方向", "保持通行的方向")
        | {"enum_titles": {name: _DIRECTIONS[name] for name in ("forward", "backward")}},
    )

    def compile(self, find: Find) -> list[Edit]:
        """One edit that closes the other direction and says that this one stays open (closing it contradicts)."""
        forward = self.direction == "forward"
        return [self._edit("roads", self.road, find, closed_forward=not forward, closed_backward=forward)]


class SpeedLimit(Measure):
    """A speed limit in both directions; it may be below or above the present one."""

    kind: ClassVar[str] = "speed_limit"
    type: Literal["speed_limit"] = "speed_limit"
    road: Name = _road()
    speed_kmh: float = Field(
        ge=5,
        le=120,
        title="Speed limit",
        description="in both directions",
        json_schema_extra=_texts("限速", "双向适用", "km/h"),
    )

    def compile(self, find: Find) -> list[Edit]:
        """One edit that sets ``speed_limit_mps`` (m/s)."""
        return [self._edit("roads", self.road, find, speed_limit_mps=kmh_to_mps(self.speed_kmh))]


class LaneClosure(Measure):
    """The ``lanes`` lanes nearest to the right kerb are closed to everybody."""

    kind: ClassVar[str] = "lane_closure"
    type: Literal["lane_closure"] = "lane_closure"
    road: Name = _road()
    lanes: int = _lanes("closed lanes, counted from the right kerb", "自右侧路缘起封闭的车道数")
    direction: Direction = _direction()

    def compile(self, find: Find) -> list[Edit]:
        """One edit that sets ``closed_lanes_forward`` and/or ``closed_lanes_backward`` (number of lanes)."""
        return [self._edit("roads", self.road, find, **_sided("closed_lanes", self.direction, self.lanes))]


class BusLane(Measure):
    """The ``lanes`` open lanes nearest to the right kerb are for buses only; cars keep at least one lane."""

    kind: ClassVar[str] = "bus_lane"
    type: Literal["bus_lane"] = "bus_lane"
    road: Name = _road()
    lanes: int = _lanes("lanes for buses only, counted from the right kerb", "自右侧路缘起的公交专用车道数")
    direction: Direction = _direction()

    def compile(self, find: Find) -> list[Edit]:
        """One edit that sets ``bus_lanes_forward`` and/or ``bus_lanes_backward`` (number of lanes)."""
        return [self._edit("roads", self.road, find, **_sided("bus_lanes", self.direction, self.lanes))]


class Phase(BaseModel):
    """One phase: a signal state per controlled movement (``G g y r`` in SUMO's link order) and how long it lasts."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    state: str = Field(
        pattern=r"^[GgyYrsuoO]+$",
        title="State",
        description="one sign for each controlled movement: G g green, y yellow, r red",
        json_schema_extra=_texts("灯态", "每个受控流向一个字符：G g 绿，y 黄，r 红"),
    )
    duration_s: float = Field(
        gt=0,
        le=600,
        title="Duration",
        description="how long the phase lasts",
        json_schema_extra=_texts("时长", "相位持续时间", "s"),
    )


class SignalProgram(Measure):
    """A fixed-time programme at a traffic light: cycle, green splits and offset, or phases written out.

    With ``cycle_s`` the phases of the present programme stay, with their yellow and all-red times; the green time that
    is left of the cycle is shared among its green phases in proportion to ``splits`` (one number for each green phase
    in order; without it in the present proportion). With ``phases`` every phase is given.
    """

    kind: ClassVar[str] = "signal_program"
    type: Literal["signal_program"] = "signal_program"
    signal: str = Field(
        min_length=1,
        title="Signal",
        description="id or name of a traffic light",
        json_schema_extra=_texts("信号灯", "信号灯标识或名称", layer="signals"),
    )
    cycle_s: float | None = Field(
        default=None,
        ge=20,
        le=300,
        title="Cycle",
        description="cycle time; the phases of the present programme stay",
        json_schema_extra=_texts("周期", "信号周期，保留现有相位", "s"),
    )
    splits: tuple[Annotated[float, Field(gt=0)], ...] | None = Field(
        default=None,
        title="Green splits",
        description="share of the green time for each green phase in order; with a cycle only",
        json_schema_extra=_texts("绿信比", "各绿灯相位依次所占绿灯时间的比例，仅与周期合用", "ratio"),
    )
    phases: tuple[Phase, ...] | None = Field(
        default=None,
        min_length=2,
        title="Phases",
        description="the whole programme, in place of a cycle",
        json_schema_extra=_texts("相位", "完整信号方案，与周期二选一"),
    )
    offset_s: float = Field(
        default=0,
        ge=0,
        lt=600,
        title="Offset",
        description="shift of the cycle against the clock that all signals share",
        json_schema_extra=_texts("相位差", "周期相对于全网公共时钟的偏移", "s"),
    )

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if (self.cycle_s is None) == (self.phases is None):
            raise ValueError("give either cycle_s (with splits if wanted) or phases")
        if self.splits is not None and self.phases is not None:
            raise ValueError("splits belong to cycle_s; phases carry their own durations")
        if self.phases is not None and len({len(phase.state) for phase in self.phases}) > 1:
            raise ValueError("every phase must have a state of the same length")
        return self

    def compile(self, find: Find) -> list[Edit]:
        """One edit on ``signals`` that sets ``program``: cycle_s, splits, phases, offset_s where given."""
        return [self._edit("signals", self.signal, find, program=self.program)]

    @property
    def program(self) -> dict[str, Any]:
        """The programme as plain JSON."""
        return self.model_dump(mode="json", include={"cycle_s", "splits", "phases", "offset_s"}, exclude_none=True)
