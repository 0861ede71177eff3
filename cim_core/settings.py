"""Settings, frozen: default < file (``cim.toml``) < ``CIM_*`` environment < flag."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cim_core.errors import ParameterError

PREFIX = "CIM_"


class Settings(BaseModel):
    """What may differ from machine to machine. Each is documented in ``docs/reference/settings.md``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    city: Path = Field(default=Path("city"), description="folder of the city")
    author: str = Field(default="", description="name that versions of the city and of plans bear")
    workers: int = Field(default=0, ge=0, le=256, description="runs at the same time; 0: one for each core")
    scenarios: Path | None = Field(default=None, description="folder with drop-in scenarios")
    host: str = Field(default="127.0.0.1", description="address that `cim serve` listens at; of this machine only")
    port: int = Field(default=8080, ge=0, le=65535, description="port that `cim serve` listens at; 0: any free one")
    web_workers: int = Field(default=2, ge=1, le=64, description="web processes of `cim serve`")
    web_threads: int = Field(default=8, ge=1, le=256, description="requests that each web process answers at a time")
    rate_per_s: float = Field(
        default=0.0, ge=0, le=1e6, description="requests a second that one client address may make; 0: any number"
    )
    rate_burst: int = Field(default=1000, ge=1, le=10**6, description="requests that it may make at once")
    language: str = Field(default="en", pattern="^(en|zh)$", description="language of texts on the command line")

    @property
    def parallel(self) -> int:
        """Runs at the same time."""
        return self.workers or os.cpu_count() or 1


def load(flags: Mapping[str, Any] | None = None, *, environment: Mapping[str, str] = os.environ) -> Settings:
    """Merge the four places; raises :class:`ParameterError` naming the faulty one.

    The file is ``CIM_CONFIG`` or ``cim.toml`` in the working directory.
    """
    merged: dict[str, Any] = _file(Path(environment.get("CIM_CONFIG", "cim.toml")), "CIM_CONFIG" in environment)
    merged |= {name: environment[PREFIX + name.upper()] for name in _names() if environment.get(PREFIX + name.upper())}
    merged |= {name: value for name, value in (flags or {}).items() if value is not None}
    try:
        return Settings.model_validate(merged)
    except ValidationError as fault:
        first = fault.errors()[0]
        raise ParameterError(
            "settings.invalid",
            "a setting does not fit",
            where=f"setting {'.'.join(str(part) for part in first['loc'])} (file, CIM_* environment or flag)",
            expected=str(first["msg"]),
            got=str(first.get("input")),
            remedy="correct it where it is set; docs/reference/settings.md lists all settings",
        ) from None


def _names() -> list[str]:
    return list(Settings.model_fields)


def _file(path: Path, named: bool) -> dict[str, Any]:
    if not path.exists() and not named:
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise ParameterError(
            "settings.file",
            "the settings file cannot be read",
            where=str(path),
            expected="a TOML file",
            got=str(fault),
            remedy="mend the file, or unset CIM_CONFIG",
        ) from None
