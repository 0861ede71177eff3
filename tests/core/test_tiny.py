"""The tiny city: complete, consistent between its layers, synthetic by its own word, and of use to its tests."""

import json

import numpy as np
import pytest
import rasterio
from geopandas.testing import assert_geodataframe_equal
from scipy.sparse.csgraph import connected_components

from cim_core.analysis.networks import Network, pieces
from cim_core.crs import geodesic_length_m
from cim_core.layers import STANDARD_LAYERS
from cim_core.store.content import conform
from cim_core.testing.tiny import BRIDGES, GATEWAYS, STAIRWAY, tiny_elevation, tiny_layers


@pytest.fixture(scope="module")
def layers():
    return tiny_layers()


def driving(roads, closed=()) -> Network:
    open_roads = roads[~roads.index.isin(closed)]
    back = open_roads[open_roads["lanes_backward"] > 0]
    tail = np.r_[open_roads["from_node"], back["to_node"]]
    head = np.r_[open_roads["to_node"], back["from_node"]]
    return Network.build(tail, head, np.r_[open_roads["length_m"], back["length_m"]])


def strong_pieces(network: Network) -> int:
    return connected_components(network.matrix, connection="strong")[0]


def test_every_standard_layer_fits_its_schema(layers):
    assert set(layers) == set(STANDARD_LAYERS)
    for name, frame in layers.items():
        assert list(frame.columns) == [*STANDARD_LAYERS[name].names, "geometry"]
        conform(frame.to_crs("EPSG:32648"), STANDARD_LAYERS[name])
        assert frame.crs == "EPSG:4326"
        assert len(frame) > 0


def test_everything_says_that_it_is_synthetic(layers):
    for frame in layers.values():
        assert frame["source_id"].str.startswith("synthetic/").all()
        assert all(json.loads(tags)["synthetic"] == "yes" for tags in frame["tags"])


def test_the_seed_decides():
    for name, frame in tiny_layers(7).items():
        assert_geodataframe_equal(frame, tiny_layers(7)[name])
    assert not tiny_layers(7)["buildings"].equals(tiny_layers(8)["buildings"])


def test_a_node_is_one_place_in_all_layers(layers):
    places: dict[int, tuple[float, float]] = {}
    for name in ("roads", "walkways"):
        for row in layers[name].itertuples():
            assert (row.from_node, row.to_node) == (row.nodes[0], row.nodes[-1])
            for node, xy in zip(row.nodes, row.geometry.coords, strict=True):
                assert places.setdefault(int(node), xy) == pytest.approx(xy, abs=1e-12)
    for row in layers["signals"].itertuples():
        assert places[row.node] == pytest.approx(row.geometry.coords[0], abs=1e-12)


def test_lengths_and_gradients_are_true_and_walkable(layers):
    for name in ("roads", "walkways"):
        frame = layers[name]
        np.testing.assert_allclose(frame["length_m"], geodesic_length_m(frame.geometry.values))
        rise = frame["elevation_to_m"] - frame["elevation_from_m"]
        np.testing.assert_allclose(frame["gradient"], rise / frame["length_m"])
        assert frame["gradient"].abs().max() < 0.25


def test_one_bridge_may_close_but_not_both(layers):
    roads = layers["roads"]
    assert {group: tuple(rows.index) for group, rows in roads.groupby("group")} == BRIDGES
    assert strong_pieces(driving(roads)) == 1
    for parts in BRIDGES.values():
        shut = driving(roads, parts)
        assert set(GATEWAYS) < set(shut.nodes.tolist())
        assert pieces(shut).max() == 0
    both = [part for parts in BRIDGES.values() for part in parts]
    assert pieces(driving(roads, both)).max() == 1


def test_the_stairway_joins_streets_that_no_street_joins(layers):
    stairs = layers["walkways"].loc[STAIRWAY]
    roads = layers["roads"]
    ends = {stairs.from_node, stairs.to_node}
    assert ends < set(roads["from_node"]) | set(roads["to_node"])
    assert not any({row.from_node, row.to_node} == ends for row in roads.itertuples())
    assert stairs.stairs


def test_the_turn_restriction_speaks_of_roads_that_meet(layers):
    row, roads = layers["restrictions"].iloc[0], layers["roads"]
    assert all(
        row.via_node in (roads.loc[road, "from_node"], roads.loc[road, "to_node"])
        for road in row[["from_road", "to_road"]]
    )


def test_buildings_stand_apart_from_streets_and_each_other(layers):
    metres = {name: layers[name].to_crs("EPSG:32648") for name in ("buildings", "roads")}
    assert not metres["buildings"].intersects(metres["roads"].union_all()).any()
    assert metres["buildings"].union_all().area == pytest.approx(metres["buildings"].area.sum())
    frame = layers["buildings"]
    np.testing.assert_allclose(frame["floor_area_m2"], frame["footprint_m2"] * frame["levels"])
    assert {"residential", "office", "retail"} == set(frame["use"])


def test_the_elevation_model_shows_the_hill_the_roads_climb(layers, tmp_path):
    roads = layers["roads"][~layers["roads"]["bridge"]]
    with rasterio.open(tiny_elevation(tmp_path / "hill.tif")) as source:
        starts = [line.coords[0] for line in roads.geometry]
        found = np.array([value[0] for value in source.sample(starts)])
        assert source.tags()["synthetic"] == "yes"
    np.testing.assert_allclose(found, roads["elevation_from_m"], atol=3)
    assert found.max() - found.min() > 60
