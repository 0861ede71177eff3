"""The morning demand of the Yuzhong extract: gateways are the river bridges and the western arterials."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyproj
import pytest

from cim_core.gis.osm import read_osm
from scenarios.traffic.demand import Demand, land_use_demand
from scenarios.traffic.diversion import divert
from scenarios.traffic.generation import floor_areas, trip_ends
from scenarios.traffic.network import Network, build_network
from scenarios.traffic.profile import Period

pytestmark = [pytest.mark.real, pytest.mark.engine]

PBF = Path(__file__).parents[2].parent / "shared" / "data" / "yuzhong" / "yuzhong.osm.pbf"
CRS = pyproj.CRS.from_epsg(32648)
MORNING = Period("workday", 7 * 3600.0, 8 * 3600.0)
BRIDGES = {
    "东水门大桥", "千厮门大桥", "嘉华大桥", "嘉陵江大桥", "曾家岩大桥", "渝澳大桥", "石板坡长江大桥", "红岩村大桥",
    "菜园坝长江大桥", "黄花园大桥",
}  # fmt: skip


class _Folder:
    def __init__(self, path: Path) -> None:
        self.path = path

    def get(self, kind: str, key: object, build: Callable[[Path], None]) -> Path:
        build(self.path)
        return self.path


@pytest.fixture(scope="module")
def layers() -> dict[str, gpd.GeoDataFrame]:
    if not PBF.exists():
        message = f"real data absent: {PBF}"
        if "data" in os.environ.get("CIM_REQUIRE", ""):
            pytest.fail(message)
        pytest.skip(message)
    return {name: layer.to_crs(CRS) for name, layer in read_osm(PBF).layers.items()}


@pytest.fixture(scope="module")
def network(layers: dict[str, gpd.GeoDataFrame], tmp_path_factory: pytest.TempPathFactory) -> Network:
    folder = _Folder(tmp_path_factory.mktemp("net"))
    return build_network(layers["roads"], layers["signals"], layers["restrictions"], CRS, folder)


@pytest.fixture(scope="module")
def demand(layers: dict[str, gpd.GeoDataFrame], network: Network) -> Demand:
    return _draw(layers, network)


def _draw(layers: dict[str, gpd.GeoDataFrame], network: Network, **more: float) -> Demand:
    return land_use_demand(
        layers["buildings"], layers["pois"], layers["roads"], network, period=MORNING, seed=1, **more
    )


def test_gateways_are_the_river_bridges_and_the_land_side(demand: Demand):
    table = pd.DataFrame(demand.facts["gateways"]).set_index("name")
    print("\n", table.to_string())
    assert set(table.index) >= BRIDGES
    bridges = table.loc[sorted(BRIDGES)]
    assert (bridges["capacity_in_vph"] + bridges["capacity_out_vph"] > 0).all()
    # 嘉陵江大桥 (out) and 渝澳大桥 (in) are the two one-way halves of one crossing
    assert bridges.at["嘉陵江大桥", "capacity_in_vph"] == 0
    assert bridges.at["渝澳大桥", "capacity_out_vph"] == 0
    west = {"渝州路", "经纬大道", "大黄路", "长新路"}
    assert west <= set(table.index)


def test_morning_totals_and_lengths(demand: Demand, network: Network):
    facts = demand.facts
    print("\n", {key: facts[key] for key in ("trips_by_kind", "trips_by_purpose", "mean_crow_fly_m")})
    assert 4000 < facts["trips"] < 8000
    assert facts["expected_by_kind"]["inbound"] > facts["expected_by_kind"]["outbound"]
    assert facts["expected_mean_internal_km"] == pytest.approx(3.0, abs=0.05)
    assert set(demand.trips["from_edge"]) <= network.sources
    assert set(demand.trips["to_edge"]) <= network.sinks
    assert facts["farthest_access_m"] < 500


def test_doubling_a_block_doubles_its_trip_ends_and_raises_the_demand(
    layers: dict[str, gpd.GeoDataFrame], network: Network, demand: Demand
):
    buildings = layers["buildings"]
    block = buildings["floor_area_m2"].idxmax()
    grown = buildings.copy()
    grown.loc[block, "floor_area_m2"] *= 2
    before, after = (
        sum(ends.loc[f"buildings/{block}"].sum() for ends in trip_ends(floor_areas(frame, None), MORNING))
        for frame in (buildings, grown)
    )
    assert after == pytest.approx(2 * before)
    larger = _draw({**layers, "buildings": grown}, network)
    assert sum(larger.facts["expected_by_kind"].values()) > sum(demand.facts["expected_by_kind"].values()) + 1


def test_same_seed_gives_the_same_bytes(layers: dict[str, gpd.GeoDataFrame], network: Network, demand: Demand):
    assert _draw(layers, network).trips.to_csv().encode() == demand.trips.to_csv().encode()


def test_closing_a_bridge_hands_its_trips_to_other_gateways(
    layers: dict[str, gpd.GeoDataFrame], network: Network, demand: Demand
):
    roads = layers["roads"]
    edges = network.edges_of(roads.index[roads["group"] == "bridge:黄花园大桥"])
    closed = pd.DataFrame({"edge": edges, "begin_s": MORNING.begin_s, "end_s": MORNING.begin_s + 1800})
    moved, ids = divert(
        demand.trips,
        demand.terminals,
        network.edges,
        network.connections,
        closed,
        beta_per_km=demand.beta_per_km,
        seed=1,
    )
    gates = set(demand.terminals.loc[demand.terminals["name"] == "黄花园大桥", "edge"])
    early = demand.trips["depart_s"] < MORNING.begin_s + 1800
    used = demand.trips["from_edge"].isin(gates) | demand.trips["to_edge"].isin(gates)
    assert set(ids) == set(demand.trips.loc[early & used, "trip_id"])
    assert not (moved.loc[early, ["from_edge", "to_edge"]].isin(gates)).any().any()
    assert len(ids) > 100
