"""Parameters of the analysis. Import nothing heavy here: the command line reads this module alone."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

MainRoad = Literal["motorway", "trunk", "primary", "secondary", "tertiary"]


class NearParameters(BaseModel):
    """What counts as near, and as a main road."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    within_m: float = Field(default=30, gt=0, le=1000, description="distance in metres that counts as near")
    classes: tuple[MainRoad, ...] = Field(
        default=("trunk", "primary", "secondary"), min_length=1, description="road classes that count as main roads"
    )
