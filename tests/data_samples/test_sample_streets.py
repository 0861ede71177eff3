"""The sample's streets: one network, levels kept apart, bridges over water, slopes that can be driven and climbed."""

from __future__ import annotations

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
import shapely

from cim_core.city import City

BRIDGES = ("云门大桥", "望岚大桥", "鹤渡大桥", "青鸾大桥", "鹭汀大桥")


@pytest.fixture(scope="module")
def roads(town: City) -> gpd.GeoDataFrame:
    return town.layer("roads")


@pytest.fixture(scope="module")
def walkways(town: City) -> gpd.GeoDataFrame:
    return town.layer("walkways")


def test_cars_get_from_nearly_everywhere_to_nearly_everywhere(roads: gpd.GeoDataFrame) -> None:
    graph = nx.DiGraph()
    for start, end, backward in zip(roads["from_node"], roads["to_node"], roads["lanes_backward"], strict=True):
        graph.add_edge(start, end)
        if backward:
            graph.add_edge(end, start)
    core = max(nx.strongly_connected_components(graph), key=len)
    inside = roads["from_node"].isin(core) & roads["to_node"].isin(core)
    assert inside.mean() >= 0.98


def test_people_on_foot_get_to_every_promenade_stairway_and_park(
    roads: gpd.GeoDataFrame, walkways: gpd.GeoDataFrame
) -> None:
    graph = nx.Graph()
    for frame in (roads, walkways):
        graph.add_edges_from(zip(frame["from_node"], frame["to_node"], strict=True))
    pieces = sorted(nx.connected_components(graph), key=len, reverse=True)
    assert len(pieces[0]) / graph.number_of_nodes() > 0.99


def test_streets_of_one_level_meet_in_nodes_only(roads: gpd.GeoDataFrame, walkways: gpd.GeoDataFrame) -> None:
    for level, frame in roads.groupby("layer"):
        lines = frame.geometry.to_numpy()
        one, two = shapely.STRtree(lines).query(lines, predicate="crosses")
        crossing = {tuple(sorted((frame.index[a], frame.index[b]))) for a, b in zip(one, two, strict=True)}
        assert crossing == set(), f"level {level}"
    ground = roads[roads["layer"] == 0].geometry.to_numpy()
    paths = walkways[walkways["layer"] == 0]
    hit, _ = shapely.STRtree(ground).query(paths.geometry.to_numpy(), predicate="crosses")
    assert len(np.unique(hit)) <= 0.01 * len(paths)


def test_ids_and_nodes_fit_the_lines(roads: gpd.GeoDataFrame, walkways: gpd.GeoDataFrame) -> None:
    for frame in (roads, walkways):
        assert frame.index.is_unique
        counts = shapely.get_num_coordinates(frame.geometry.to_numpy())
        assert [len(nodes) for nodes in frame["nodes"]] == counts.tolist()
        assert (frame["length_m"] > 1).all()
    ends = {}
    for frame in (roads, walkways):
        for column, position in (("from_node", 0), ("to_node", -1)):
            points = shapely.get_coordinates(shapely.get_point(frame.geometry.to_numpy(), position))
            for node, place in zip(frame[column], map(tuple, points), strict=True):
                assert ends.setdefault(node, place) == place


@pytest.mark.parametrize("name", BRIDGES)
def test_a_bridge_crosses_a_river_and_stands_on_both_banks(town: City, roads: gpd.GeoDataFrame, name: str) -> None:
    deck = shapely.union_all(roads[roads["group"] == f"bridge:{name}"].geometry.to_numpy())
    water = town.layer("water")
    rivers = water[water["class"] == "river"].geometry
    assert shapely.length(deck.intersection(rivers.union_all())) > 180
    assert len(town.find("roads", name)) >= 1
    assert roads[roads["group"] == f"bridge:{name}"]["bridge"].all()


def test_only_bridges_tunnels_and_their_ramps_are_over_water(town: City, roads: gpd.GeoDataFrame) -> None:
    water = town.layer("water")
    rivers = water[water["class"].isin(["river", "lake"])].geometry.union_all()
    wet = roads[roads.intersects(rivers)]
    assert wet["bridge"].all()


def test_the_interchange_is_stacked(roads: gpd.GeoDataFrame) -> None:
    ramps = roads[roads["group"] == "interchange:云门西立交"]
    assert set(ramps["layer"]) == {1, 2, 3}
    lines = list(ramps.geometry)
    assert any(
        one.crosses(two) and ramps["layer"].iloc[i] != ramps["layer"].iloc[j]
        for i, one in enumerate(lines)
        for j, two in enumerate(lines[:i])
    )


def test_hierarchy_speeds_and_carriageways(roads: gpd.GeoDataFrame) -> None:
    assert {"trunk", "trunk_link", "primary", "primary_link", "secondary", "tertiary", "residential", "service"} == set(
        roads["class"]
    )
    trunk = roads[roads["class"].isin(["trunk", "trunk_link"])]
    assert trunk["oneway"].all()
    assert (trunk["lanes_backward"] == 0).all()
    mean = roads.groupby("class")["speed_limit_mps"].mean()
    assert trunk["speed_limit_mps"].max() >= mean["primary"] > mean["secondary"] > mean["residential"] > mean["service"]
    assert trunk["lanes_forward"].max() == 3


def test_slopes_can_be_driven_and_stairs_are_steeper(roads: gpd.GeoDataFrame, walkways: gpd.GeoDataFrame) -> None:
    assert roads["gradient"].abs().max() <= 0.25
    assert roads["gradient"].abs().quantile(0.95) < 0.13
    stairs = walkways[walkways["stairs"]]
    assert len(stairs) > 150
    assert stairs["gradient"].abs().mean() > 3 * roads["gradient"].abs().mean()
    assert (stairs["steps"] >= 3).all()
    assert walkways.loc[~walkways["stairs"], "steps"].isna().all()


def test_signals_and_restrictions_stand_at_nodes_of_streets(town: City, roads: gpd.GeoDataFrame) -> None:
    nodes = set(roads["from_node"]) | set(roads["to_node"])
    assert set(town.layer("signals")["node"]) <= nodes
    for row in town.layer("restrictions").itertuples():
        came, left = roads.loc[row.from_road], roads.loc[row.to_road]
        assert row.via_node in (came["from_node"], came["to_node"])
        assert row.via_node in (left["from_node"], left["to_node"])
