"""Options that several commands share, and what they stand for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from datetime import datetime

    from cim_core.city import City
    from cim_core.plan import Plan
    from cim_core.registry import Registry
    from cim_core.settings import Settings

CityOption = Annotated[Path | None, typer.Option("--city", help="folder of the city [CIM_CITY, ./city]")]
JsonOption = Annotated[bool, typer.Option("--json", help="one JSON object on stdout")]
AtOption = Annotated[str | None, typer.Option("--at", help="as known at a version number or ISO time")]


def configured(city: Path | None = None) -> Settings:
    """The settings with the flags in them."""
    from cim_core import settings

    return settings.load({"city": city})


def open_city(folder: Path | None, at: str | None = None) -> City:
    """The city that flag, environment or file name."""
    from cim_core.city import City

    return City.open(configured(folder).city, at=_moment(at))


def _moment(at: str | None) -> int | datetime | None:
    from cim_core.errors import ParameterError
    from cim_core.instants import parse_moment

    if at is None or at.isdigit():
        return None if at is None else int(at)
    try:
        instant = parse_moment(at).instant
    except ValueError:
        instant = None
    if instant is None:
        raise ParameterError(
            "parameter.at",
            "this is no moment",
            where="--at",
            expected="a version number, or an ISO time with offset such as 2026-11-22T08:00:00+08:00",
            got=at,
            remedy="`cim info` lists versions and their times",
        )
    return instant


def registry() -> Registry:
    """All scenarios of this machine."""
    from cim_core.registry import Registry

    return Registry.discover(configured().scenarios)


def read_plan(city: City, name: str | None) -> Plan:
    """A plan file, or a saved plan by its name (``name`` or ``name@version``); the baseline for None."""
    from cim_core.plan import BASELINE, Plan

    if name is None or name == BASELINE:
        return Plan.empty()
    if Path(name).suffix == ".json" or Path(name).is_file():
        return Plan.read(Path(name))
    from cim_core.store import plans

    saved, _, number = name.partition("@")
    with city.database.read() as connection:
        found = plans.get(connection, saved, int(number) if number.isdigit() else None)
    return Plan.given(found.content, f"plan {name}")
