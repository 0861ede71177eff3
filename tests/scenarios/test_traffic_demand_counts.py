"""Counts against simulated volumes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from traffic_grid import network, roads

from cim_core.errors import InputError
from scenarios.traffic.counts import compare_counts, counts_summary, geh, read_counts
from scenarios.traffic.gateways import no_terminals
from scenarios.traffic.places import Places

STREETS = roads()
NET = network(STREETS)
PLACES = Places(NET, STREETS, no_terminals())


def _counts(path: Path, text: str) -> pd.DataFrame:
    path.write_text(text, encoding="utf-8")
    return read_counts(path, PLACES, NET.edges)


def test_geh_of_known_pairs():
    # worked by hand: sqrt(2 * 150**2 / 1850), sqrt(2 * 100**2 / 300), equal volumes, none
    values = geh(np.array([1000.0, 100.0, 500.0, 0.0]), np.array([850.0, 200.0, 500.0, 0.0]))
    np.testing.assert_allclose(values, [4.93197, 8.16497, 0.0, 0.0], atol=1e-5)


def test_hourly_volume_of_both_directions_and_the_summary(tmp_path: Path):
    counts = _counts(tmp_path / "c.csv", "road,begin,end,count\nw0,7:00,7:30,100\nw1,7:00,8:00,400\nw0,6:00,7:00,1\n")
    flows = pd.DataFrame(
        {"edge": ["ew0", "-ew0", "ew1"], "begin_s": 25200.0, "end_s": 28800.0, "vehicles": [120.0, 60.0, 100.0]}
    )
    table = compare_counts(counts, flows, NET.edges)
    assert table["counted_vph"].tolist() == [200.0, 400.0, 1.0]
    assert table["modelled_vph"].iloc[:2].tolist() == [180.0, 100.0]
    assert np.isnan(table["geh"].iloc[2])
    summary = counts_summary(table)
    assert summary == {
        "counts": 2,
        "outside_the_hours": 1,
        "geh_share": 0.5,
        "flow_total_difference": pytest.approx(280 / 600 - 1),
        "calibration": "compared with 2 counts",
    }


def test_direction_and_named_road(tmp_path: Path):
    counts = _counts(
        tmp_path / "c.csv", "road,direction,begin,end,count\nw0,backward,7:00,8:00,9\n横0街,,7:00,8:00,9\n"
    )
    assert counts["edges"].iloc[0] == ("-ew0",)
    assert len(counts["edges"].iloc[1]) == 10


def test_named_road_is_the_mean_along_it(tmp_path: Path):
    counts = _counts(tmp_path / "c.csv", "road,begin,end,count\n横0街,7:00,8:00,9\n")
    forward = [edge for edge in counts["edges"].iloc[0] if not edge.startswith("-")]
    flows = pd.DataFrame({"edge": forward, "begin_s": 25200.0, "end_s": 28800.0, "vehicles": 50.0})
    assert compare_counts(counts, flows, NET.edges)["modelled_vph"].item() == pytest.approx(50.0)


def test_nothing_comparable_stays_uncalibrated(tmp_path: Path):
    counts = _counts(tmp_path / "c.csv", "edge,begin,end,count\new0,6:00,7:00,1\n")
    flows = pd.DataFrame({"edge": ["ew0"], "begin_s": 25200.0, "end_s": 28800.0, "vehicles": [1.0]})
    assert counts_summary(compare_counts(counts, flows, NET.edges))["calibration"] == "uncalibrated"


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("road,begin,count\nw0,7:00,1\n", "lack columns"),
        ("road,begin,end,count\nw0,8:00,7:00,1\n", "not a count"),
        ("road,begin,end,count\nw0,7:00,8:00,-3\n", "not a count"),
        ("road,begin,end,count\n横零街,7:00,8:00,3\n", "does not have"),
        ("road,direction,begin,end,count\nw0,up,7:00,8:00,3\n", "no edge in that direction"),
    ],
)
def test_bad_counts_name_the_fault(tmp_path: Path, text: str, match: str):
    with pytest.raises(InputError, match=match) as caught:
        _counts(tmp_path / "c.csv", text)
    assert caught.value.remedy
