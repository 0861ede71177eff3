"""The sample's morning: two old bridges are full between 7:30 and 8:30 and nothing locks up."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cim_core.city import City
from cim_core.plan import Plan
from cim_core.question import ask
from cim_core.registry import Registry
from cim_core.result import Bundle
from cim_core.runner import Runner

pytestmark = [pytest.mark.engine, pytest.mark.timeout(900)]
CAPACITY_VPH = 1350.0
"""One lane of the class ``secondary``."""


@pytest.fixture(scope="module")
def morning(sample_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    city = City.open(Path(shutil.copytree(sample_folder, tmp_path_factory.mktemp("morning") / "city")))
    runner = Runner(city, Registry.discover(), parallel=1)
    parameters = {"hours": "7.75-8.25", "trajectories_s": 0, "iterations": 2}
    return runner.run(ask(city, runner.registry, "traffic.simulate", parameters, plan=Plan.empty(), seed=1))


@pytest.mark.parametrize(("bridge", "heading"), [("云门大桥", "N"), ("望岚大桥", "S")])
def test_an_old_bridge_is_full_towards_the_peninsula(morning: Bundle, bridge: str, heading: str) -> None:
    flows = morning.table("bridges").set_index(["bridge", "heading"])["flow_vph"]
    assert flows[bridge, heading] > 0.85 * CAPACITY_VPH
    other = "S" if heading == "N" else "N"
    assert flows[bridge, other] < 0.6 * flows[bridge, heading]


def test_the_other_bridges_have_room(morning: Bundle) -> None:
    flows = morning.table("bridges").set_index("bridge")["flow_vph"]
    for bridge in ("鹤渡大桥", "青鸾大桥", "鹭汀大桥"):
        assert flows[bridge].max() < 0.5 * 2 * 1350.0


def test_nothing_locks_up(morning: Bundle) -> None:
    figures = {name: figure.value for name, figure in morning.figures.items()}
    assert figures["teleported"] <= 0.005 * figures["inserted"]
    assert figures["arrived"] >= 0.98 * figures["demand"]
    assert figures["unroutable"] == 0
