"""Demand given as a file: OD table, trips, SUMO trips and routes."""

from __future__ import annotations

from pathlib import Path

import pytest
from traffic_grid import network, roads

from cim_core.errors import InputError
from scenarios.traffic.demand import Demand
from scenarios.traffic.gateways import find_terminals
from scenarios.traffic.given_demand import clock_or_seconds, given_demand
from scenarios.traffic.places import Places
from scenarios.traffic.profile import Period

STREETS = roads()
NET = network(STREETS)
TERMINALS = find_terminals(NET.edges, NET.connections, STREETS, sources=NET.sources, sinks=NET.sinks)
PLACES = Places(NET, STREETS, TERMINALS)


def _read(path: Path, text: str, *, hours: tuple[float, float] = (7, 8), seed: int = 1, scale: float = 1.0) -> Demand:
    path.write_text(text, encoding="utf-8")
    period = Period("workday", hours[0] * 3600, hours[1] * 3600)
    return given_demand(path, PLACES, NET.edges, NET.connections, TERMINALS, period=period, seed=seed, scale=scale)


def test_od_table_gives_exactly_the_counts(tmp_path: Path):
    demand = _read(tmp_path / "od.csv", "from,to,count\n北桥,横0街,60\nz0_0,西路,30\nw0,-ew3,10\n", hours=(7, 9))
    assert demand.total == 200
    assert demand.trips["kind"].value_counts().to_dict() == {"inbound": 120, "outbound": 60, "internal": 20}
    assert set(demand.trips.loc[demand.trips["kind"] == "inbound", "from_edge"]) <= NET.sources
    assert demand.trips["depart_s"].between(7 * 3600, 9 * 3600, inclusive="left").all()
    assert demand.calibration == "uncalibrated"


def test_od_fractions_are_kept_in_the_mean(tmp_path: Path):
    totals = [_read(tmp_path / "od.csv", "from,to,count\nw0,w5,2.5\n", seed=seed).total for seed in range(40)]
    assert set(totals) == {2, 3}
    assert _read(tmp_path / "od.csv", "from,to,count\nw0,w5,2.5\n", scale=4.0).total == 10


def test_trips_list_counts_what_departs_outside_the_hours(tmp_path: Path):
    text = "trip_id,depart,from,to\na,07:10,w0,w5\nb,25200,w1,w5\nc,08:00,w0,w5\nd,6:59:59,w0,w5\n"
    demand = _read(tmp_path / "trips.csv", text)
    assert demand.trips["trip_id"].tolist() == ["b", "a"]
    assert (demand.beyond_window, demand.total) == (2, 4)


def test_sumo_trips_and_routes_keep_ids_and_routes(tmp_path: Path):
    first = next(pair for pair in zip(NET.connections["from_edge"], NET.connections["to_edge"], strict=True))
    text = f"""<routes><vType id="car"/><route id="r" edges="{first[0]} {first[1]}"/>
      <trip id="one" depart="7:00:10" from="w0" to="w5"/><vehicle id="two" depart="25300.5" route="r" type="car"/>
      <vehicle id="three" depart="25200"><route edges="{first[0]}"/><stop lane="x"/></vehicle></routes>"""
    demand = _read(tmp_path / "demand.rou.xml", text)
    assert demand.trips["trip_id"].tolist() == ["three", "one", "two"]
    assert demand.trips["route"].tolist() == [(first[0],), None, first]
    assert demand.facts["ignored_in_file"] == {"stop": 1, "type": 1, "vType": 1}


@pytest.mark.parametrize(
    ("name", "text", "match", "got"),
    [
        ("od.csv", "from,to,count\n北乔,w0,3\n", "places that the road network does not have", "nearest: 北桥"),
        ("od.csv", "from,to,count\nw0,w5,-1\n", "line 2: not a number of vehicles", "-1"),
        ("od.csv", "from,to,count\nw0,w5,5\nw0,w5,many\n", "line 3: not a number of vehicles", "many"),
        ("od.csv", "origin,to,count\nw0,w5,5\n", "lacks columns", "origin"),
        ("od.csv", "from,to,count\n", "has no rows", "none"),
        ("trips.csv", "depart,from,to\nseven,w0,w5\n", "line 2: not a departure", "seven"),
        ("trips.csv", "depart,from,to\n10:00,w0,w5\n", "every trip departs outside the hours", "36000"),
        ("trips.csv", "trip_id,depart,from,to\na,7:10,w0,w5\na,7:11,w0,w5\n", "stands twice", "a"),
        ("x.xml", "<routes><flow id='f'/></routes>", "<flow> cannot be taken", "flow"),
        ("x.xml", "<routes><trip id='a' depart='25200' from='nowhere' to='w0'/></routes>", "does not have", "nowhere"),
        (
            "x.xml",
            "<routes><trip id='a' depart='triggered' from='w1' to='w0'/></routes>",
            "lacks its place or time",
            "a",
        ),
        (
            "x.xml",
            "<routes><vehicle id='a' depart='25200'><route edges='ew0 ew40'/></vehicle></routes>",
            "has a gap",
            "w40",
        ),
        ("x.xml", "<routes>", "not valid XML", ""),
        ("x.xml", "<!DOCTYPE r [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><r>&e;</r>", "document type", "DOCTYPE"),
        ("x.xml", "<routes/>", "has no trips", "none"),
    ],
)
def test_bad_files_name_the_fault(tmp_path: Path, name: str, text: str, match: str, got: str):
    with pytest.raises(InputError, match=match) as caught:
        _read(tmp_path / name, text)
    assert got in caught.value.got
    assert caught.value.remedy


def test_missing_file_and_scaled_list_are_refused(tmp_path: Path):
    with pytest.raises(InputError, match="cannot be read"):
        given_demand(tmp_path / "no.csv", PLACES, NET.edges, NET.connections, TERMINALS,
                     period=Period("workday", 0, 3600), seed=1)  # fmt: skip
    with pytest.raises(InputError, match="cannot be scaled"):
        _read(tmp_path / "trips.csv", "depart,from,to\n7:10,w0,w5\n", scale=2.0)


def test_clock_times():
    assert [clock_or_seconds(text) for text in ("25200", "7:00", "07:00:30")] == [25200.0, 25200.0, 25230.0]
    with pytest.raises(ValueError, match="7:61"):
        clock_or_seconds("7:61")
