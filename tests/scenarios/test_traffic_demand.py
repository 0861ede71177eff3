"""Demand drawn from land use on a made-up town."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from traffic_grid import STEP_M, buildings, network, pois, roads

from cim_core.errors import ParameterError, ScenarioError
from scenarios.traffic.access_edges import access_edges
from scenarios.traffic.demand import Demand, land_use_demand
from scenarios.traffic.diversion import divert
from scenarios.traffic.gateways import find_terminals
from scenarios.traffic.generation import floor_areas, trip_ends
from scenarios.traffic.profile import Period
from scenarios.traffic.trip_rates import CAR_SHARE, NETWORK_SHARE, OCCUPANCY, RATES, THROUGH_LOAD, parameter_table

MORNING = Period("workday", 7 * 3600.0, 8 * 3600.0)


def _demand(seed: int = 1, *, exits: bool = True, built: bool = True, scale: float = 1.0, **more) -> Demand:
    streets = roads(exits=exits)
    own = buildings() if built else buildings().iloc[:0]
    return land_use_demand(
        more.get("buildings", own), None, streets, network(streets), period=MORNING, seed=seed, scale=scale
    )


def test_gateways_are_the_bridge_and_the_arterial_with_their_capacity():
    streets = roads()
    net = network(streets)
    terminals = find_terminals(net.edges, net.connections, streets, sources=net.sources, sinks=net.sinks)
    volumes = terminals.groupby(["name", "inbound"])["weight_vph"].sum().to_dict()
    assert volumes == {
        ("北桥", True): 2800.0,
        ("北桥", False): 2800.0,
        ("西路", True): 1350.0,
        ("西路", False): 1350.0,
    }
    assert set(terminals.loc[terminals["inbound"], "edge"]) <= net.sources
    assert set(terminals.loc[~terminals["inbound"].astype(bool), "edge"]) <= net.sinks


def test_streets_behind_one_bridge_weigh_no_more_than_the_bridge():
    streets = roads()
    fork = streets.loc[[streets.index[streets["name"] == "北桥"][0]]].copy()
    x, y = fork.geometry.iloc[0].coords[0]
    from shapely.geometry import LineString

    branches = pd.concat([fork, fork])
    branches.index = ["f1", "f2"]
    branches["group"], branches["bridge"], branches["name"] = None, False, ["左岸路", "右岸路"]
    branches = branches.set_geometry([LineString([(x + dx, y + 300), (x, y)]) for dx in (-200, 200)])
    joined = pd.concat([streets, branches])
    net = network(joined)
    terminals = find_terminals(net.edges, net.connections, joined, sources=net.sources, sinks=net.sinks)
    inbound = terminals[terminals["inbound"].astype(bool) & (terminals["name"] == "北桥")]
    assert set(inbound["edge"]) == {"ef1", "ef2"}
    assert inbound["weight_vph"].tolist() == [1400.0, 1400.0]


def test_dead_end_in_the_middle_of_the_town_is_no_gateway():
    streets = roads(exits=False)
    from shapely.geometry import LineString

    spur = streets.iloc[[0]].copy()
    spur.index = ["spur"]
    middle = 2 * STEP_M
    spur = spur.assign(**{"class": "secondary"}).set_geometry(
        [LineString([(middle, middle), (middle + 60, middle + 60)])]
    )
    joined = pd.concat([streets, spur])
    net = network(joined)
    assert "espur" in net.sinks
    assert find_terminals(net.edges, net.connections, joined, sources=net.sources, sinks=net.sinks).empty


def test_expected_trips_serve_each_trip_end_once():
    demand = _demand()
    expected = demand.facts["expected_by_kind"]
    areas = floor_areas(buildings(), None)
    productions, attractions = (NETWORK_SHARE.value * frame.to_numpy().sum() for frame in trip_ends(areas, MORNING))
    assert expected["internal"] + expected["outbound"] == pytest.approx(productions, abs=0.2)
    assert expected["internal"] + expected["inbound"] == pytest.approx(attractions, abs=0.2)


def test_rate_of_a_known_block_is_the_product_of_the_table():
    one = buildings().iloc[[0]].assign(use="office", floor_area_m2=10_000.0)
    _, attractions = trip_ends(floor_areas(one, None), Period("workday", 0.0, 86_400.0))
    by_hand = 100 * RATES["office"].work * CAR_SHARE["work"].value / OCCUPANCY["work"].value
    assert attractions[("work", "out")].sum() == pytest.approx(by_hand)


def test_trips_stand_on_drivable_edges_in_the_hour_and_by_id():
    demand = _demand()
    trips, net = demand.trips, network(roads())
    assert len(trips) > 150
    assert set(trips["from_edge"]) <= net.sources
    assert set(trips["to_edge"]) <= net.sinks
    assert trips["depart_s"].between(MORNING.begin_s, MORNING.end_s, inclusive="left").all()
    assert trips["depart_s"].is_monotonic_increasing
    assert trips["trip_id"].tolist()[:2] == ["t000000", "t000001"]
    assert trips["trip_id"].is_unique
    assert not (trips["from_edge"] == trips["to_edge"]).any()
    assert set(trips["kind"]) == {"internal", "inbound", "outbound", "through"}
    assert trips.notna().all().all()


def test_homes_send_to_offices_in_the_morning():
    trips = _demand().trips
    work = trips[(trips["kind"] == "internal") & (trips["purpose"] == "work")]
    assert (work["to_x"] - work["from_x"]).mean() > STEP_M


def test_same_seed_same_trips_whatever_the_order_of_the_rows():
    first = _demand(7).trips
    pd.testing.assert_frame_equal(first, _demand(7).trips)
    pd.testing.assert_frame_equal(first, _demand(7, buildings=buildings().iloc[::-1]).trips)
    assert first.to_csv().encode() == _demand(7).trips.to_csv().encode()


def test_other_seed_other_trips():
    assert _demand(1).trips.to_csv() != _demand(2).trips.to_csv()


def test_scale_multiplies_the_expected_trips():
    single, triple = (_demand(scale=scale).facts["expected_by_kind"] for scale in (1.0, 3.0))
    assert {kind: pytest.approx(3 * total, abs=0.3) for kind, total in single.items()} == triple
    drawn = np.mean([len(_demand(seed, scale=3.0).trips) for seed in range(8)])
    assert drawn == pytest.approx(sum(triple.values()), rel=0.05)


def test_without_buildings_there_is_only_through_traffic_of_the_stated_load():
    demand = _demand(built=False)
    assert set(demand.trips["kind"]) == {"through"}
    assert demand.facts["expected_by_kind"]["through"] == pytest.approx(
        (2800 + 1350) * THROUGH_LOAD.value * NETWORK_SHARE.value * 9.3 / 9.6, abs=0.06
    )
    assert (demand.trips["from_zone"] != demand.trips["to_zone"]).all()


def test_without_gateways_all_trips_are_internal():
    demand = _demand(exits=False)
    assert set(demand.trips["kind"]) == {"internal"}
    assert demand.terminals.empty


def test_nothing_at_all_is_an_error_with_a_remedy():
    with pytest.raises(ScenarioError, match="nothing that car trips could be drawn from") as caught:
        _demand(built=False, exits=False)
    assert "import buildings" in caught.value.remedy


@pytest.mark.parametrize("scale", [0.0, -1.0, float("nan"), float("inf")])
def test_scale_must_be_positive(scale: float):
    with pytest.raises(ParameterError, match="not a positive number"):
        _demand(scale=scale)


def test_network_without_a_core_is_refused():
    streets = roads()
    net = network(streets)
    net.edges["reachable"] = False
    with pytest.raises(ScenarioError, match="no two streets"):
        land_use_demand(buildings(), None, streets, net, period=MORNING, seed=1)


def test_poi_counts_unless_it_lies_in_a_building_of_its_class():
    school = buildings().iloc[[0]].assign(use="school")
    inside = school.geometry.iloc[0].centroid
    points = pois(
        [("amenity", "school", inside.x, inside.y), ("amenity", "school", 900.0, 900.0), ("natural", "tree", 0, 0)]
    )
    areas = floor_areas(school, points)
    assert list(areas.index) == ["buildings/b00", "pois/n1"]
    assert areas["education"].tolist() == [20_000.0, 6000.0]


def test_use_that_the_source_does_not_say_is_a_mix():
    guess = buildings().iloc[[0]].assign(assumed='{"use": "most common use"}')
    told = buildings().iloc[[0]].assign(assumed="{}")
    assert floor_areas(told, None)["residential"].sum() == 20_000.0
    corrected = guess.assign(use="retail")
    assert floor_areas(corrected, None)["retail"].sum() == 20_000.0
    mixed = floor_areas(guess, None).drop(columns=["x", "y"]).sum()
    assert mixed["office"] > 0
    assert mixed.sum() == pytest.approx(20_000.0)


def test_access_avoids_bridges_and_offers_both_directions():
    streets = roads()
    net = network(streets)
    bridge_end = np.array([2.0 * STEP_M + 30.0]), np.array([6.0 * STEP_M])
    found = access_edges(*bridge_end, net.edges, streets).iloc[0]
    assert streets.at[net.edges.at[found["edge"], "road"], "name"] != "北桥"
    assert {found["edge"], found["reverse"]} == {found["edge"].lstrip("-"), "-" + found["edge"].lstrip("-")}
    assert net.edges.at[found["other"], "road"] != net.edges.at[found["edge"], "road"]


def test_facts_carry_every_parameter_with_its_source():
    rows = parameter_table()
    assert all(row["source"] and row["unit"] and row["assumed"] in (True, False) for row in rows)
    demand = _demand()
    assert demand.calibration == "uncalibrated"
    assert demand.facts["parameters"] == rows


def _closing_the_bridge_inbound(demand: Demand, begin_s: float, end_s: float):
    streets = roads()
    net = network(streets)
    edge = demand.terminals.loc[
        demand.terminals["inbound"].astype(bool) & (demand.terminals["name"] == "北桥"), "edge"
    ].item()
    closed = pd.DataFrame({"edge": [edge], "begin_s": [begin_s], "end_s": [end_s]})
    beta = demand.beta_per_km
    return edge, divert(demand.trips, demand.terminals, net.edges, net.connections, closed, beta_per_km=beta, seed=1)


def test_closed_gateway_hands_its_trips_to_the_others_while_it_is_closed():
    demand = _demand(scale=3.0)
    half = MORNING.begin_s + 1800
    edge, (moved, ids) = _closing_the_bridge_inbound(demand, MORNING.begin_s, half)
    due = (demand.trips["from_edge"] == edge) & (demand.trips["depart_s"] < half)
    through_to_the_other = due & (demand.trips["kind"] == "through")
    assert set(ids) == set(demand.trips.loc[due & ~through_to_the_other, "trip_id"])
    assert len(ids) > 50
    changed = ["from_edge", "from_zone", "from_x", "from_y"]
    pd.testing.assert_frame_equal(moved.drop(columns=changed), demand.trips.drop(columns=changed))
    assert set(moved.loc[moved["trip_id"].isin(ids), "from_edge"]) == {
        e for e in demand.terminals.loc[demand.terminals["inbound"].astype(bool), "edge"] if e != edge
    }
    again = _closing_the_bridge_inbound(demand, MORNING.begin_s, half)[1][0]
    pd.testing.assert_frame_equal(moved, again)


def test_trips_stay_where_no_gateway_is_open():
    demand = _demand()
    net = network(roads())
    gates = demand.terminals["edge"].tolist()
    closed = pd.DataFrame({"edge": gates, "begin_s": 0.0, "end_s": 86_400.0})
    moved, ids = divert(demand.trips, demand.terminals, net.edges, net.connections, closed, beta_per_km=0.5, seed=1)
    assert ids == ()
    pd.testing.assert_frame_equal(moved, demand.trips)
