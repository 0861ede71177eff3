"""The real extracts: Yuzhong (Chongqing) in both formats, and Helsinki."""

from __future__ import annotations

import json
import os
import warnings
from pathlib import Path

import numpy as np
import osmium
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal

from cim_core.gis.osm import OsmExtract, read_osm
from cim_core.gis.osm.road_classes import ROAD_CLASSES, WALKWAY_CLASSES

pytestmark = pytest.mark.real

DATA = Path(__file__).parents[2].parent / "shared" / "data"
PBF = DATA / "yuzhong" / "yuzhong.osm.pbf"

RIVER_BRIDGES = [
    "东水门大桥",
    "千厮门大桥",
    "黄花园大桥",
    "渝澳大桥",
    "嘉陵江大桥",
    "嘉华大桥",
    "曾家岩大桥",
    "红岩村大桥",
    "石板坡长江大桥",
    "菜园坝长江大桥",
]


@pytest.fixture(scope="module")
def extract() -> OsmExtract:
    return read_osm(_real(PBF))


@pytest.fixture(scope="module")
def raw_ways() -> dict[int, tuple[dict[str, str], list[int]]]:
    """The ways as libosmium reads them, without the importer."""
    return {
        way.id: ({tag.k: tag.v for tag in way.tags}, [node.ref for node in way.nodes])
        for way in osmium.FileProcessor(str(_real(PBF)), osmium.osm.WAY)
    }


def _real(path: Path) -> Path:
    if path.exists():
        return path
    sentence = f"the real data is absent: {path}"
    if "data" in os.environ.get("CIM_REQUIRE", ""):
        pytest.fail(sentence)
    warnings.warn(sentence, stacklevel=2)
    pytest.skip(sentence)


def test_buildings_are_2006_ways_and_35_multipolygons(extract: OsmExtract) -> None:
    kinds = extract.layers["buildings"]["source_id"].str.partition("/")[0].value_counts()
    assert kinds.to_dict() == {"way": 2006, "relation": 35}
    buildings = extract.layers["buildings"]
    assert buildings.geometry.is_valid.all()
    said = ~buildings["assumed"].str.contains('"levels"')
    assert (said.sum(), buildings.loc[said, "levels"].max()) == (714, 98)
    assert np.allclose(buildings["floor_area_m2"], buildings["footprint_m2"] * buildings["levels"])
    assert sum(len(shape.interiors) for shape in buildings.geometry.explode()) == 44


def test_every_highway_way_is_kept_or_dropped_with_a_reason(extract: OsmExtract) -> None:
    report = extract.report
    assert report.read["roads"] + report.read["walkways"] == 3201
    for name, counts in report.as_dict()["layers"].items():
        assert counts["read"] == counts["kept"] + sum(counts["dropped"].values()), name


def test_every_road_name_and_every_tag_is_kept(extract: OsmExtract, raw_ways: dict) -> None:
    used = ROAD_CLASSES.keys() | WALKWAY_CLASSES
    expected = {f"way/{i}": tags for i, (tags, _) in raw_ways.items() if tags.get("highway") in used}
    rows = [extract.layers[layer] for layer in ("roads", "walkways")]
    got = {
        source: json.loads(tags)
        for frame in rows
        for source, tags in zip(frame["source_id"], frame["tags"], strict=True)
    }
    assert got == expected
    names = {name for frame in rows for name in frame["name"].dropna()}
    assert {tags["name"] for tags in expected.values() if "name" in tags} <= names
    assert len(names) > 300


@pytest.mark.parametrize("name", RIVER_BRIDGES)
def test_the_ten_river_bridges_are_groups(extract: OsmExtract, name: str) -> None:
    roads = extract.layers["roads"]
    bridge = roads[roads["group"] == f"bridge:{name}"]
    assert bridge["bridge"].all()
    assert bridge["length_m"].sum() > 500


@pytest.mark.parametrize("name", sorted(set(RIVER_BRIDGES) - {"渝澳大桥", "嘉陵江大桥"}))
def test_a_bridge_is_both_its_carriageways(extract: OsmExtract, name: str) -> None:
    """嘉陵江大桥 carries one direction and 渝澳大桥 beside it the other; every other river bridge carries both."""
    roads = extract.layers["roads"]
    bridge = roads[(roads["group"] == f"bridge:{name}") & (roads["length_m"] > 150)].to_crs(32648)
    north = [shapely.get_coordinates(line)[-1, 1] - shapely.get_coordinates(line)[0, 1] for line in bridge.geometry]
    assert min(north) < 0 < max(north)


def test_dongshuimen_bridge_carries_roads_and_footways(extract: OsmExtract) -> None:
    ways = {
        layer: set(frame.loc[frame["group"] == "bridge:东水门大桥", "source_id"])
        for layer, frame in extract.layers.items()
        if layer in ("roads", "walkways")
    }
    assert (len(ways["roads"]), len(ways["walkways"])) == (5, 2)


def test_jiahua_bridge_is_named_in_bridge_name_only(extract: OsmExtract) -> None:
    roads = extract.layers["roads"]
    bridge = roads[roads["group"] == "bridge:嘉华大桥"]
    assert set(bridge["name"]) == {"四纵线"}


def test_no_group_is_known_by_its_english_name(extract: OsmExtract) -> None:
    groups = {group for layer in ("roads", "walkways") for group in extract.layers[layer]["group"].dropna()}
    assert not {group for group in groups if group.isascii()}


def test_parts_join_only_at_nodes_that_the_map_shares(extract: OsmExtract, raw_ways: dict) -> None:
    for layer in ("roads", "walkways"):
        for row in extract.layers[layer].itertuples():
            tags, refs = raw_ways[int(row.source_id.removeprefix("way/"))]
            refs = refs[::-1] if tags.get("oneway") == "-1" and layer == "roads" else refs
            start = [i for i, ref in enumerate(refs) if ref == row.nodes[0]]
            assert any(refs[i : i + len(row.nodes)] == list(row.nodes) for i in start), row.Index


def test_crossings_on_different_levels_do_not_join(extract: OsmExtract, raw_ways: dict) -> None:
    roads = extract.layers["roads"]
    lines, level = roads.geometry.to_numpy(), roads["layer"].to_numpy()
    left, right = shapely.STRtree(lines).query(lines, predicate="crosses")
    stacked = (left < right) & (level[left] != level[right])
    pairs = list(zip(left[stacked], right[stacked], strict=True))
    assert len(pairs) > 200
    ends = roads[["from_node", "to_node"]].to_numpy().tolist()
    nodes = [set(raw_ways[int(source.removeprefix("way/"))][1]) for source in roads["source_id"]]
    apart = [(a, b) for a, b in pairs if not nodes[a] & nodes[b]]
    assert len(apart) > 200
    assert not [pair for pair in apart if set(ends[pair[0]]) & set(ends[pair[1]])]


def test_xml_and_pbf_give_the_same_frames(extract: OsmExtract) -> None:
    xml = read_osm(_real(DATA / "yuzhong" / "yuzhong.osm"))
    for name, frame in extract.layers.items():
        assert_geodataframe_equal(frame, xml.layers[name])
    assert xml.report.as_dict() == extract.report.as_dict()
    assert xml.bounds == extract.bounds


def test_what_is_assumed_is_flagged_and_counted(extract: OsmExtract) -> None:
    roads = extract.layers["roads"].drop_duplicates("source_id")
    flagged = sum("speed_limit_mps" in json.loads(text) for text in roads["assumed"])
    assert flagged == extract.report.assumed["roads"]["speed_limit_mps: by class"] == 1939 - 64


def test_the_pieces_of_the_net_are_warned_of(extract: OsmExtract) -> None:
    assert any("The road net is in 25 pieces" in sentence for sentence in extract.report.warnings)
    assert any("549 of the 714 buildings" in sentence for sentence in extract.report.warnings)


def test_helsinki_reads_too() -> None:
    city = read_osm(_real(DATA / "osm_other" / "Helsinki.osm.pbf"))
    counts = {name: len(frame) for name, frame in city.layers.items()}
    assert all(counts[name] > 0 for name in counts), counts
    assert "bridge:Pitkäsilta" in set(city.layers["roads"]["group"])
    assert city.layers["restrictions"]["from_road"].isin(city.layers["roads"].index).all()
    assert city.layers["restrictions"]["to_road"].isin(city.layers["roads"].index).all()
