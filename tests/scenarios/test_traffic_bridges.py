"""Bridge volumes and the word for gridlock."""

from __future__ import annotations

import pandas as pd
import pytest

from scenarios.traffic.bridges import bridge_volumes
from scenarios.traffic.findings import gridlocked

EDGES = pd.DataFrame(
    {
        "road": ["east", "east2", "west", "street"],
        "length_m": [300.0, 100.0, 400.0, 500.0],
        "x0": [0.0, 300.0, 400.0, 0.0],
        "y0": [0.0, 0.0, 10.0, 50.0],
        "x1": [300.0, 400.0, 0.0, 500.0],
        "y1": [0.0, 0.0, 10.0, 50.0],
    },
    index=pd.Index(["a", "b", "c", "d"], name="edge"),
)
GROUPS = pd.Series({"east": "bridge:东桥", "east2": "bridge:东桥", "west": "bridge:东桥", "street": None})


def driven(**vehicles: int) -> pd.DataFrame:
    """Each vehicle drives its edge's whole length, in two intervals alike."""
    rows = [(edge, EDGES.at[edge, "length_m"] * n / 2) for edge, n in vehicles.items() for _ in range(2)]
    return pd.DataFrame(rows, columns=["edge", "distance_m"])


def test_each_way_over_a_bridge_has_its_volume():
    found = bridge_volumes(driven(a=600, b=600, c=250, d=900), EDGES, GROUPS, 25_200, 27_000)
    volumes = found.set_index(["bridge", "heading"])["flow_vph"].to_dict()
    assert volumes == pytest.approx({("东桥", "E"): 1200.0, ("东桥", "W"): 500.0})


def test_a_bridge_nobody_drove_over_carries_nothing():
    found = bridge_volumes(driven(d=9), EDGES, GROUPS, 0, 3600)
    assert found["flow_vph"].tolist() == [0.0, 0.0]


def test_a_city_without_bridges_has_no_rows():
    found = bridge_volumes(driven(d=9), EDGES, pd.Series(dict.fromkeys(GROUPS.index)), 0, 3600)
    assert found.empty
    assert list(found.columns) == ["bridge", "heading", "flow_vph", "length_m"]


@pytest.mark.parametrize(("teleported", "called"), [(5, False), (6, True)])
def test_above_half_a_percent_of_teleports_a_run_is_called_gridlocked(teleported, called):
    flags = pd.Series([True] * teleported + [False] * (1000 - teleported))
    assert gridlocked(flags, 1000) is called
