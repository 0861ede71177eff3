"""The network of the Yuzhong extract: every road accounted for, ten bridges, nothing joined that only crosses."""

from __future__ import annotations

import random
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
from traffic_streets import CRS, FolderCache, run_sumo, vehicles

from cim_core.gis.osm import read_osm
from cim_core.overlay import TimedEdit
from scenarios.traffic.additional import write_additional
from scenarios.traffic.edge_map import junction_of_node
from scenarios.traffic.network import Network, build_network
from scenarios.traffic.osm_xml import write_osm_xml
from scenarios.traffic.turns import lost_turns, with_turns

pytestmark = [pytest.mark.real, pytest.mark.engine]
RIVER_BRIDGES = (
    *("黄花园大桥", "千厮门大桥", "嘉陵江大桥", "渝澳大桥", "曾家岩大桥", "嘉华大桥", "红岩村大桥"),
    *("东水门大桥", "石板坡长江大桥", "菜园坝长江大桥"),
)


@pytest.fixture(scope="module")
def layers(shared_data: Path) -> dict[str, gpd.GeoDataFrame]:
    read = read_osm(shared_data / "yuzhong" / "yuzhong.osm.pbf").layers
    return {name: read[name].to_crs(CRS) for name in ("roads", "signals", "restrictions")}


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> FolderCache:
    return FolderCache(tmp_path_factory.mktemp("net"))


@pytest.fixture(scope="module")
def network(layers: dict[str, gpd.GeoDataFrame], cache: FolderCache) -> Network:
    return build_network(layers["roads"], layers["signals"], layers["restrictions"], CRS, cache)


def test_every_road_part_has_an_edge_or_a_reason(network: Network, layers: dict[str, gpd.GeoDataFrame]) -> None:
    mapped, missing = set(network.edges["road"]), set(network.roads_without_edge)
    assert mapped | missing == set(layers["roads"].index)
    assert not mapped & missing
    assert set(network.roads_without_edge.values()) <= {
        "inside a junction that its ends were joined into",
        "closed to vehicles",
    }


def test_edges_carry_the_lanes_and_speed_of_their_road_and_lie_on_it(
    network: Network, layers: dict[str, gpd.GeoDataFrame]
) -> None:
    roads = layers["roads"].loc[network.edges["road"]]
    edges = network.edges
    forward = (edges["direction"] == "forward").to_numpy()
    lanes = np.where(forward, roads["lanes_forward"], roads["lanes_backward"])
    assert (edges["lanes"].to_numpy() == lanes).mean() > 0.999
    assert np.abs(edges["speed_mps"].to_numpy() - roads["speed_limit_mps"].to_numpy()).max() < 0.01
    begins = gpd.GeoSeries.from_xy(edges["x0"], edges["y0"], crs=CRS).distance(roads.geometry.set_axis(edges.index))
    assert begins.quantile(0.99) < 15  # lanes lie beside the middle line
    per_side = edges.groupby(["road", "direction"])["length_m"].sum()
    drawn = layers["roads"].geometry.length.reindex(per_side.index.get_level_values("road")).to_numpy()
    long = drawn > 100
    assert (per_side.to_numpy()[long] / drawn[long]).mean() == pytest.approx(1, abs=0.1)  # junctions cut the ends off


def test_the_ten_river_bridges_are_in_the_network(network: Network, layers: dict[str, gpd.GeoDataFrame]) -> None:
    groups = layers["roads"]["group"]
    for bridge in RIVER_BRIDGES:
        parts = groups.index[groups == f"bridge:{bridge}"]
        edges = network.edges_of(parts)
        assert edges, bridge
        assert network.edges.loc[edges, "passenger"].any(), bridge
        assert network.edges.loc[edges, "length_m"].max() > 100, bridge


def test_roads_are_connected_only_where_they_share_a_node_or_a_joined_junction(
    network: Network, layers: dict[str, gpd.GeoDataFrame]
) -> None:
    roads = layers["roads"]
    place = junction_of_node(network.junctions.index)
    nodes_of = {road: set(map(int, nodes)) for road, nodes in roads["nodes"].items()}
    inside = nx.Graph()
    inside.add_nodes_from(place)
    for road in roads.index:  # within a joined junction, nodes that a road connects
        ends = int(roads.at[road, "from_node"]), int(roads.at[road, "to_node"])
        if place.get(ends[0]) is not None and place.get(ends[0]) == place.get(ends[1]):
            inside.add_edge(*ends)
    piece = {node: number for number, nodes in enumerate(nx.connected_components(inside)) for node in nodes}
    pairs = network.connections[["from_edge", "to_edge"]].drop_duplicates()
    edges = network.edges
    faulty = []
    for came, left in pairs.itertuples(index=False):
        junction = edges.at[came, "to_junction"]
        sides = [
            {piece[node] for node in nodes_of[edges.at[edge, "road"]] if place.get(node) == junction}
            for edge in (came, left)
        ]
        if not sides[0] & sides[1]:
            faulty.append((edges.at[came, "road"], edges.at[left, "road"]))
    assert len(pairs) > 8000
    assert faulty == []


def test_stacked_roads_without_a_shared_node_are_not_joined(
    network: Network, layers: dict[str, gpd.GeoDataFrame]
) -> None:
    roads = layers["roads"]
    left, right = roads.sindex.query(roads.geometry, predicate="crosses")
    layer = roads["layer"].to_numpy()
    nodes = [set(map(int, ids)) for ids in roads["nodes"]]
    stacked = {
        (roads.index[i], roads.index[j])
        for i, j in zip(left, right, strict=True)
        if layer[i] != layer[j] and not nodes[i] & nodes[j]
    }
    road = network.edges["road"]
    joined = set(zip(network.connections["from_edge"].map(road), network.connections["to_edge"].map(road), strict=True))
    assert len(stacked) > 300
    assert stacked & joined == set()


def test_a_corrected_number_of_lanes_changes_the_network(
    network: Network, layers: dict[str, gpd.GeoDataFrame], cache: FolderCache
) -> None:
    roads = layers["roads"].copy()
    two = network.edges.query("direction == 'forward' and lanes == 2 and length_m > 200").index[0]
    roads.loc[network.edges.at[two, "road"], "lanes_forward"] = 3
    corrected = build_network(roads, layers["signals"], layers["restrictions"], CRS, cache)
    assert corrected.edges.at[two, "lanes"] == 3
    others = corrected.edges.index.drop(two).intersection(network.edges.index)
    assert len(others) == len(network.edges) - 1
    assert corrected.edges.loc[others, "lanes"].equals(network.edges.loc[others, "lanes"])


def test_the_same_content_gives_the_same_bytes_and_the_same_network(
    network: Network, layers: dict[str, gpd.GeoDataFrame], tmp_path: Path
) -> None:
    shuffled = layers["roads"].sample(frac=1, random_state=1)
    documents = [write_osm_xml(roads, layers["signals"], None, CRS).document for roads in (layers["roads"], shuffled)]
    assert documents[0] == documents[1]
    again = build_network(shuffled, layers["signals"], layers["restrictions"], CRS, FolderCache(tmp_path))
    assert again.edges.equals(network.edges)
    assert again.connections.equals(network.connections)


def test_most_of_the_signals_have_their_traffic_light(network: Network) -> None:
    assert network.facts["traffic_lights"] >= 6
    assert network.facts["signals_without_traffic_light"] <= 6
    assert all(network.signals["nodes"].map(len) >= 1)


def test_a_closed_bridge_has_no_entries_in_the_real_network(
    network: Network, layers: dict[str, gpd.GeoDataFrame], tmp_path: Path
) -> None:
    parts = tuple(layers["roads"].index[layers["roads"]["group"] == "bridge:黄花园大桥"])
    closed = TimedEdit(parts, {"closed_forward": True, "closed_backward": True}, "set", 300, 900, "黄花园大桥", 0)
    measures = write_additional([closed], [], network, layers["signals"], tmp_path)
    bridge = set(measures.closed["edge"])
    routes = _routes_over(network, bridge, 12)
    demand = [
        element for number, route in enumerate(routes) for element in vehicles(route, range(0, 1200, 30), f"r{number}_")
    ]
    run = run_sumo(tmp_path / "run", network, demand, measures.files, measures.options)
    assert run.status == 0, run.messages[-500:]
    assert len(run.trips()) + _unfinished(run.folder) == len(demand)
    first = network.connections.query("to_edge in @bridge and from_edge not in @bridge")["to_edge"].unique()
    entries = [run.entries(edge) for edge in first]
    assert sum(((times >= 300) & (times < 900)).sum() for times in entries) == 0
    assert sum((times < 300).sum() for times in entries) > 20
    assert sum((times >= 900).sum() for times in entries) > 20


def _routes_over(network: Network, bridge: set[str], count: int) -> list[list[str]]:
    """Shortest routes between random edges of the connected part that lead over the bridge."""
    edges = network.edges
    graph = nx.DiGraph()
    for came, left in network.connections.loc[network.connections["passenger"], ["from_edge", "to_edge"]].to_numpy():
        graph.add_edge(came, left, weight=edges.at[left, "length_m"] / edges.at[left, "speed_mps"])
    draw = random.Random(5)
    ends = sorted(network.sources), sorted(network.sinks)
    routes: list[list[str]] = []
    while len(routes) < count:
        route = nx.bidirectional_dijkstra(graph, draw.choice(ends[0]), draw.choice(ends[1]))[1]
        if bridge & set(route) and not bridge & {route[0], route[-1]}:
            routes.append(route)
    return routes


def _unfinished(folder: Path) -> int:
    text = (folder / "statistics.xml").read_text()
    return int(text.split('running="')[1].split('"')[0]) + int(text.split('waiting="')[1].split('"')[0])


def test_a_bus_lane_on_a_real_street_keeps_every_turn(
    network: Network, layers: dict[str, gpd.GeoDataFrame], cache: FolderCache
) -> None:
    several = network.edges.query("lanes >= 2 and passenger")["road"].map(layers["roads"]["name"])
    street = several.value_counts().index[0]
    parts = tuple(layers["roads"].index[layers["roads"]["name"] == street])
    edit = TimedEdit(parts, {"bus_lanes_forward": 1, "bus_lanes_backward": 1}, "set", 0, 86400, street, 0)
    assert lost_turns(network, [edit])
    patched = with_turns(network, [edit], cache)
    assert lost_turns(patched, [edit]) == []
    assert patched.edges.equals(network.edges)
