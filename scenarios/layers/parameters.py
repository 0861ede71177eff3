"""Parameters of the questions to two layers. Imports nothing heavy: the command line reads this module alone."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Predicate = Literal["intersects", "within", "contains", "dwithin"]
_PREDICATES = {
    "intersects": {"en": "meets", "zh": "相交"},
    "within": {"en": "lies within", "zh": "位于其内"},
    "contains": {"en": "contains", "zh": "包含"},
    "dwithin": {"en": "lies within a distance of", "zh": "在一定距离内"},
}
_LAYERS = ["buildings", "pois", "roads", "walkways", "rail", "water", "parking"]
_NAME = r"^[^\s/\\]{1,80}$"


def _texts(title_zh: str, description_zh: str, unit: str = "") -> dict[str, Any]:
    return {"title_zh": title_zh, "description_zh": description_zh} | ({"unit": unit} if unit else {})


class JoinParameters(BaseModel):
    """Which layers, in which relation, and what is added up."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    left: str = Field(
        default="buildings",
        pattern=_NAME,
        title="Each feature of",
        description="layer whose features are asked about",
        examples=_LAYERS,
        json_schema_extra=_texts("图层", "逐一考察其要素的图层"),
    )
    predicate: Predicate = Field(
        default="dwithin",
        title="Relation",
        description="intersects, within, contains, or dwithin (no farther than distance_m)",
        json_schema_extra=_texts("关系", "intersects 相交、within 位于其内、contains 包含、dwithin 不远于 distance_m")
        | {"enum_titles": _PREDICATES},
    )
    right: str = Field(
        default="roads",
        pattern=_NAME,
        title="Features of",
        description="layer whose features are counted; the same layer is compared with itself without self-pairs",
        examples=_LAYERS,
        json_schema_extra=_texts("另一图层", "被计数的图层；与自身比较时不计自身"),
    )
    distance_m: float | None = Field(
        default=None,
        ge=0,
        le=100_000,
        title="Distance",
        description="for dwithin only, in the plane of the city's coordinate system; 100 m if it is not given",
        json_schema_extra=_texts("距离", "仅用于 dwithin，按城市坐标系平面量算；缺省为 100 米", "m"),
    )
    value: str | None = Field(
        default=None,
        max_length=80,
        title="Field",
        description="field of the counted layer: summed and averaged if a number, shown for one match if a text",
        json_schema_extra=_texts("字段", "被计数图层的字段：数值求和与平均，文本取其中之一"),
    )

    @model_validator(mode="after")
    def _distance_goes_with_dwithin(self) -> Self:
        if self.distance_m is not None and self.predicate != "dwithin":
            raise ValueError("distance_m goes with the relation dwithin only")
        return self

    @property
    def reach_m(self) -> float | None:
        """The distance that counts: None where the relation knows none."""
        if self.predicate != "dwithin":
            return None
        return 100.0 if self.distance_m is None else self.distance_m
