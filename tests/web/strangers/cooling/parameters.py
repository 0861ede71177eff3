"""What can be chosen."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class ShadeParameters(BaseModel):
    """Which streets have shade already."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    shaded: Literal["primary", "secondary", "tertiary"] = Field(
        default="secondary",
        title="Shaded class",
        description="streets of this class have trees",
        json_schema_extra={"title_zh": "林荫等级", "description_zh": "该等级街道有行道树"},
    )
    near_m: float = Field(
        default=80,
        gt=0,
        le=1000,
        title="Near",
        description="a building this close counts as near",
        json_schema_extra={"title_zh": "邻近距离", "description_zh": "不超过该距离的建筑计为邻近", "unit": "m"},
    )
