"""Ways into parts: where they meet, which way they run, what is kept of a clipped one, and what is dropped and why."""

from __future__ import annotations

from pathlib import Path

import pyproj
import pytest
from osm_builder import ROAD, Map, street

from cim_core.gis.osm import OsmExtract


def parts(extract: OsmExtract, layer: str = "roads") -> dict[str, list[int]]:
    return {ident: list(nodes) for ident, nodes in extract.layers[layer]["nodes"].items()}


def test_a_road_is_split_where_another_road_or_walkway_shares_a_node(tmp_path: Path) -> None:
    drawing = street().nodes({4: (1, 1), 5: (2, 1)})
    drawing.way(2, [2, 4], {"highway": "footway"}).way(3, [3, 5], ROAD)
    extract = drawing.read(tmp_path)
    assert parts(extract) == {"w1-n1": [1, 2], "w1-n2": [2, 3], "w3-n3": [3, 5]}
    assert parts(extract, "walkways") == {"w2-n2": [2, 4]}


def test_crossings_without_a_shared_node_do_not_join(tmp_path: Path) -> None:
    drawing = street().nodes({4: (0.5, -1), 5: (0.5, 1)})
    extract = drawing.way(2, [4, 5], {"highway": "primary", "bridge": "yes"}).read(tmp_path)
    assert parts(extract) == {"w1-n1": [1, 2, 3], "w2-n4": [4, 5]}
    one, two = extract.layers["roads"].geometry
    assert one.crosses(two)
    assert any("2 pieces" in sentence for sentence in extract.report.warnings)


def test_nodes_at_the_same_place_with_different_ids_do_not_join(tmp_path: Path) -> None:
    extract = street().nodes({12: (1, 0), 4: (1, 1)}).way(2, [12, 4], ROAD).read(tmp_path)
    assert set(parts(extract)) == {"w1-n1", "w2-n12"}


def test_a_loop_on_its_own_way_is_split_at_the_node_it_meets_twice(tmp_path: Path) -> None:
    drawing = Map().nodes({1: (0, 0), 2: (1, 0), 3: (2, 0), 4: (2, 1)})
    extract = drawing.way(7, [1, 2, 3, 4, 2], ROAD).read(tmp_path)
    assert parts(extract) == {"w7-n1": [1, 2], "w7-n2": [2, 3, 4, 2]}


def test_a_second_part_from_the_same_node_is_numbered(tmp_path: Path) -> None:
    drawing = Map().nodes({1: (0, 0), 2: (1, 0), 3: (2, 0), 4: (2, 1), 5: (1, -1)})
    extract = drawing.way(7, [1, 2, 3, 4, 2, 5], ROAD).read(tmp_path)
    assert parts(extract) == {"w7-n1": [1, 2], "w7-n2": [2, 3, 4, 2], "w7-n2.2": [2, 5]}


def test_a_closed_way_alone_is_one_part(tmp_path: Path) -> None:
    drawing = Map().nodes({1: (0, 0), 2: (1, 0), 3: (1, 1)}).way(7, [1, 2, 3, 1], ROAD)
    assert parts(drawing.read(tmp_path)) == {"w7-n1": [1, 2, 3, 1]}


def test_oneway_minus_one_is_turned_round(tmp_path: Path) -> None:
    road = street(oneway="-1").read(tmp_path).layers["roads"].loc["w1-n3"]
    assert (road["oneway"], road["from_node"], road["to_node"]) == (True, 3, 1)
    assert list(road["nodes"]) == [3, 2, 1]
    assert road.geometry.coords[0][0] > road.geometry.coords[-1][0]


@pytest.mark.parametrize(
    ("tags", "oneway", "reason"),
    [
        ({"oneway": "yes"}, True, ""),
        ({"oneway": "no", "junction": "roundabout"}, False, ""),
        ({"junction": "roundabout"}, True, "implied by roundabout"),
        ({"highway": "motorway"}, True, "implied by motorway"),
        ({"oneway": "reversible"}, False, "two-way: oneway not readable"),
        ({}, False, ""),
    ],
)
def test_one_way_is_said_or_implied(tmp_path: Path, tags: dict[str, str], oneway: bool, reason: str) -> None:
    extract = street(**tags).read(tmp_path)
    road = extract.layers["roads"].iloc[0]
    assert road["oneway"] == oneway
    assert ("oneway" in road["assumed"]) == bool(reason)
    assert extract.report.assumed["roads"][f"oneway: {reason}"] == bool(reason)


def test_length_is_geodesic(tmp_path: Path) -> None:
    drawing = street().nodes({4: (9, 1), 5: (9, 4), 6: (8, 5)}).way(2, [4, 5, 6], {"highway": "primary"})
    roads = drawing.read(tmp_path).layers["roads"]
    geod = pyproj.Geod(ellps="WGS84")
    assert roads["length_m"].tolist() == pytest.approx(
        [geod.geometry_length(line) for line in roads.geometry], abs=1e-6
    )
    assert roads["length_m"].iloc[0] == pytest.approx(193.8, abs=0.2)


def test_a_clipped_way_keeps_its_unbroken_pieces(tmp_path: Path) -> None:
    drawing = Map().nodes({1: (0, 0), 2: (1, 0), 4: (3, 0), 5: (4, 0), 7: (6, 0)})
    extract = drawing.way(1, [1, 2, 3, 4, 5, 6, 7], ROAD).read(tmp_path)
    assert parts(extract) == {"w1-n1": [1, 2], "w1-n4": [4, 5]}
    assert extract.report.kept["roads"] == 1
    assert extract.report.repaired["roads"] == {"nodes missing: the rest kept": 1}


@pytest.mark.parametrize(
    ("refs", "tags", "layer", "reason"),
    [
        ([1, 2], {"highway": "proposed"}, "roads", "proposed"),
        ([1, 2], {"highway": "construction"}, "roads", "construction"),
        ([1, 2], {"highway": "raceway"}, "roads", "highway value not used"),
        ([1, 2, 3, 1], {"highway": "service", "area": "yes"}, "roads", "area"),
        ([1, 2, 3, 1], {"highway": "pedestrian", "area": "yes"}, "walkways", "area"),
        ([1, 2], {"highway": "platform"}, "walkways", "platform"),
        ([1], ROAD, "roads", "fewer than two nodes"),
        ([1, 1], ROAD, "roads", "fewer than two nodes"),
        ([1, 98, 99], ROAD, "roads", "node missing"),
        ([1, 50], ROAD, "roads", "coordinates out of range"),
        ([1, 51], {"highway": "steps"}, "walkways", "coordinates out of range"),
    ],
)
def test_every_way_is_kept_or_dropped_with_a_reason(
    tmp_path: Path, refs: list[int], tags: dict[str, str], layer: str, reason: str
) -> None:
    drawing = street().raw_node(50, "NaN", "29.5").raw_node(51, "106.5", "95.0").way(9, refs, tags)
    extract = drawing.read(tmp_path)
    assert extract.report.dropped[layer] == {reason: 1}
    assert extract.report.read[layer] == extract.report.kept[layer] + 1
    assert not extract.layers[layer]["source_id"].eq("way/9").any()


def test_a_repeated_node_is_taken_once_and_counted(tmp_path: Path) -> None:
    drawing = Map().nodes({1: (0, 0), 2: (1, 0), 3: (2, 0)}).way(1, [1, 2, 2, 3], ROAD)
    extract = drawing.read(tmp_path)
    assert parts(extract) == {"w1-n1": [1, 2, 3]}
    assert extract.report.repaired["roads"] == {"node repeated in succession": 1}


def test_a_part_on_one_spot_is_left_out_and_counted(tmp_path: Path) -> None:
    extract = street().nodes({7: (0, 0)}).way(2, [1, 7], ROAD).read(tmp_path)
    assert set(parts(extract)) == {"w1-n1"}
    assert extract.report.repaired["roads"] == {"part without length left out": 1}


def test_one_net_gives_no_warning(tmp_path: Path) -> None:
    assert street().read(tmp_path).report.warnings == []


def test_the_last_of_several_versions_counts(tmp_path: Path) -> None:
    extract = street(name="old").node(3, 5, 0).way(1, [1, 2, 3], {**ROAD, "name": "new"}).read(tmp_path)
    assert extract.layers["roads"]["name"].tolist() == ["new"]
    assert extract.layers["roads"].geometry.iloc[0].coords[-1] == pytest.approx((106.555, 29.55))
    assert any("more than once" in sentence for sentence in extract.report.warnings)
