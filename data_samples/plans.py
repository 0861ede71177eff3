"""Plans that come with the sample city: a closed bridge, a bus lane, signals with a one-way street, works."""

from __future__ import annotations

from pathlib import Path

from cim_core.city import City
from cim_core.plan import Plan
from cim_core.store import plans as saved

FOLDER = Path(__file__).parent / "plans"
NAMES = ("close-yunmen-bridge", "bus-lane-hedu-bridge", "ridge-avenue-signals", "yunmen-works")
"""The plan files of the sample city, in the order in which they are saved."""


def sample_plans() -> list[Plan]:
    """The plans as their files have them; raises :class:`~cim_core.errors.PlanError` for a file that is no plan."""
    return [Plan.read(FOLDER / f"{name}.json") for name in NAMES]


def save_plans(city: City, author: str = "") -> None:
    """Keep the sample's plans in the city, each as its first version."""
    with city.database.write() as connection:
        for plan in sample_plans():
            content = plan.model_dump(mode="json", by_alias=True)
            saved.save(connection, plan.name, content, plan.hash, author=author)
