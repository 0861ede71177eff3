"""Parameters of the toys."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

How = Literal[
    "well", "work", "raise", "refuse", "exit", "kill", "sleep", "wait", "spawn", "fill", "memory", "undeclared", "write"
]


class NoiseParameters(BaseModel):
    """How much the two sides differ, and how noisy they are."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    sigma: float = Field(default=1.0, ge=0, description="standard deviation of the noise of each side")
    fail_on_seed: int = Field(default=0, description="seed that raises an error")
    pause_s: float = Field(default=0.0, description="time that each run takes")


class SteadyParameters(BaseModel):
    """None."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class BehaveParameters(BaseModel):
    """What to do."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    how: How = Field(default="well", description="what to do")
    seconds: float = Field(default=0.2, description="how long")
    tag: str = Field(default="", description="makes it another question")
    file: Path | None = Field(default=None, description="a file to read or write")
