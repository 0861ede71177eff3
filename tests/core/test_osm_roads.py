"""What is read from a road's or walkway's tags, and what is assumed where they do not say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from osm_builder import ROAD, Map, street

from cim_core.gis.osm.road_classes import ROAD_CLASSES
from cim_core.units import kmh_to_mps


def road(tmp_path: Path, **tags: str) -> dict[str, object]:
    row = street(**tags).read(tmp_path).layers["roads"].iloc[0].to_dict()
    return {**row, "assumed": json.loads(row["assumed"]), "tags": json.loads(row["tags"])}


@pytest.mark.parametrize(
    ("tags", "forward", "backward", "assumed"),
    [
        ({"lanes": "4"}, 2, 2, {}),
        ({"lanes": "3"}, 2, 1, {"lanes_backward": "odd total"}),
        ({"lanes": "1"}, 1, 1, {"lanes_backward": "one lane for both directions"}),
        ({"lanes": "3", "oneway": "yes"}, 3, 0, {}),
        ({"lanes": "3", "lanes:forward": "2"}, 2, 1, {}),
        ({"lanes": "5", "lanes:forward": "3", "lanes:backward": "2"}, 3, 2, {}),
        ({"lanes:forward": "3", "lanes:backward": "1", "oneway": "-1"}, 1, 0, "counter lane of a one-way left out"),
        ({"lanes": "4", "lanes:backward": "1", "oneway": "yes"}, 3, 0, "counter lane of a one-way left out"),
        ({"lanes": "2;3", "oneway": "yes"}, 2, 0, {}),
        ({"lanes": "1.5", "oneway": "yes"}, 1, 0, {}),
        ({"lanes": "70", "oneway": "yes"}, 1, 0, {"lanes_forward": "by class: lanes not readable"}),
        ({"lanes": "two"}, 1, 1, "by class: lanes not readable"),
        ({"highway": "primary"}, 2, 2, "by class"),
        ({"highway": "trunk", "oneway": "yes"}, 3, 0, {"lanes_forward": "by class"}),
    ],
)
def test_lanes(tmp_path: Path, tags: dict[str, str], forward: int, backward: int, assumed: object) -> None:
    row = road(tmp_path, maxspeed="30", **tags)
    assert (row["lanes_forward"], row["lanes_backward"]) == (forward, backward)
    if isinstance(assumed, str):
        assert assumed in row["assumed"].values()
    else:
        assert row["assumed"] == assumed


@pytest.mark.parametrize(
    ("text", "kmh"),
    [
        ("60", 60.0),
        ("60 km/h", 60.0),
        ("40 mph", 64.37376),
        ("CN:urban", 50.0),
        ("FI:urban", 50.0),
        ("CN:motorway", 120.0),
        ("DE:zone:30", 30.0),
        ("60;40", 40.0),
        ("walk", 5.0),
    ],
)
def test_speed_limits_that_are_said(tmp_path: Path, text: str, kmh: float) -> None:
    row = road(tmp_path, lanes="2", maxspeed=text)
    assert row["speed_limit_mps"] == pytest.approx(kmh_to_mps(kmh))
    assert row["assumed"] == {}


@pytest.mark.parametrize("text", ["none", "signals", "-20", "0", "600", "60 furlongs", "", "NaN", "1e3"])
def test_speed_limits_that_cannot_be_used_are_assumed_by_class(tmp_path: Path, text: str) -> None:
    row = road(tmp_path, lanes="2", highway="secondary", maxspeed=text)
    assert row["speed_limit_mps"] == pytest.approx(kmh_to_mps(40))
    assert row["assumed"] == {"speed_limit_mps": "by class: maxspeed not readable"}


@pytest.mark.parametrize("value", sorted(ROAD_CLASSES))
def test_every_class_has_its_assumptions(tmp_path: Path, value: str) -> None:
    extract = street(highway=value, oneway="yes").read(tmp_path)
    row = extract.layers["roads"].iloc[0]
    expected = ROAD_CLASSES[value]
    assert row["class"] == value
    assert row["lanes_forward"] == expected.lanes_oneway
    assert row["speed_limit_mps"] == pytest.approx(kmh_to_mps(expected.speed_kmh))
    assert extract.report.assumed["roads"]["speed_limit_mps: by class"] == 1


@pytest.mark.parametrize(
    ("tags", "access"),
    [
        ({}, "all"),
        ({"access": "private"}, "private"),
        ({"access": "no"}, "none"),
        ({"access": "no", "motor_vehicle": "yes"}, "all"),
        ({"motor_vehicle": "no", "bus": "yes"}, "bus"),
        ({"access": "no", "psv": "designated"}, "bus"),
        ({"access": "no", "vehicle": "yes @ (Mo-Su 6:30-24:00)"}, "all"),
        ({"access": "no @ (22:00-06:00)"}, "all"),
        ({"access": "destination"}, "all"),
        ({"bus": "no"}, "all"),
        ({"highway": "busway"}, "bus"),
    ],
)
def test_drive_access(tmp_path: Path, tags: dict[str, str], access: str) -> None:
    assert road(tmp_path, **tags)["access"] == access


@pytest.mark.parametrize(
    ("tags", "bridge", "tunnel", "layer", "assumed"),
    [
        ({"bridge": "yes", "layer": "3"}, True, False, 3, ""),
        ({"bridge": "viaduct"}, True, False, 1, "bridge"),
        ({"tunnel": "yes"}, False, True, -1, "tunnel"),
        ({"tunnel": "building_passage"}, False, True, 0, ""),
        ({"bridge": "no", "layer": "-1"}, False, False, -1, ""),
        ({"layer": "ground"}, False, False, 0, "not readable"),
        ({"bridge": "yes", "layer": "99"}, True, False, 1, "bridge"),
    ],
)
def test_bridge_tunnel_and_layer(  # noqa: PLR0917
    tmp_path: Path, tags: dict[str, str], bridge: bool, tunnel: bool, layer: int, assumed: str
) -> None:
    row = road(tmp_path, **tags)
    assert (row["bridge"], row["tunnel"], row["layer"]) == (bridge, tunnel, layer)
    assert row["assumed"].get("layer", "") == assumed


def test_names_and_all_raw_tags_are_kept(tmp_path: Path) -> None:
    tags = {"name": "解放碑步行街", "name:en": "Jiefangbei", "note": 'a "quoted" <note>'}
    row = road(tmp_path, **tags)
    assert (row["name"], row["name_zh"], row["name_en"]) == ("解放碑步行街", "解放碑步行街", "Jiefangbei")
    assert row["tags"] == {**ROAD, **tags}
    assert row["source_id"] == "way/1"


@pytest.mark.parametrize(
    ("tags", "name", "name_zh"),
    [
        ({"name:zh": "中山路"}, "中山路", "中山路"),
        ({"tunnel:name": "鹅岭隧道"}, "鹅岭隧道", None),
        ({"name:en": "Peace Road"}, "Peace Road", None),
        ({"name": "Mannerheimintie"}, "Mannerheimintie", None),
        ({"name": "さくら通り"}, "さくら通り", None),
        ({}, None, None),
    ],
)
def test_a_name_is_found_where_there_is_one(
    tmp_path: Path, tags: dict[str, str], name: str | None, name_zh: str | None
) -> None:
    row = road(tmp_path, **tags)
    assert (row["name"], row["name_zh"]) == (name, name_zh)


def test_walkways_have_stairs_steps_width_and_their_own_access(tmp_path: Path) -> None:
    drawing = street().nodes({4: (1, 1), 5: (2, 1)})
    drawing.way(2, [2, 4], {"highway": "steps", "step_count": "45", "width": "2.5 m", "access": "no", "foot": "yes"})
    drawing.way(3, [3, 5], {"highway": "path", "step_count": "many", "foot": "private"})
    walkways = drawing.read(tmp_path).layers["walkways"]
    stairs, path = walkways.loc["w2-n2"], walkways.loc["w3-n3"]
    assert (stairs["stairs"], stairs["steps"], stairs["width_m"], stairs["access"]) == (True, 45, 2.5, "all")
    assert (path["stairs"], path["access"]) == (False, "private")
    assert walkways["steps"].isna().tolist() == [False, True]


def crossroads() -> Map:
    """Ways 1 and 3 west–east over node 2, one-way 2 from there north, one-way 6 from the south; signals at node 2."""
    drawing = Map().nodes({1: (0, 0), 3: (2, 0), 4: (1, 1)}).node(2, 1, 0, highway="traffic_signals", crossing="no")
    drawing.node(7, 1, -1).way(6, [7, 2], {**ROAD, "oneway": "yes"})
    return drawing.way(1, [1, 2], ROAD).way(3, [2, 3], ROAD).way(2, [2, 4], {**ROAD, "oneway": "yes"})


def test_a_turn_restriction_names_the_parts_it_is_about(tmp_path: Path) -> None:
    drawing = crossroads().relation(
        5,
        [("way", 1, "from"), ("node", 2, "via"), ("way", 2, "to")],
        {"type": "restriction", "restriction": "no_left_turn"},
    )
    turn = drawing.read(tmp_path).layers["restrictions"].loc["r5"]
    assert (turn["kind"], turn["from_road"], turn["to_road"], turn["via_node"]) == ("no_left_turn", "w1-n1", "w2-n2", 2)


@pytest.mark.parametrize(
    ("members", "tags", "reason"),
    [
        ([("way", 2, "from"), ("node", 2, "via"), ("way", 1, "to")], {}, "road does not lead over via"),
        ([("way", 1, "from"), ("node", 4, "via"), ("way", 2, "to")], {}, "road does not lead over via"),
        ([("way", 1, "from"), ("node", 2, "via"), ("way", 6, "to")], {}, "road does not lead over via"),
        ([("way", 1, "from"), ("way", 3, "via"), ("way", 2, "to")], {}, "via a way"),
        ([("way", 1, "from"), ("node", 2, "via"), ("way", 77, "to")], {}, "road missing"),
        ([("way", 1, "from"), ("node", 2, "via")], {}, "from or to missing"),
        ([("way", 1, "from"), ("node", 2, "via"), ("way", 2, "to")], {"restriction": "give_way"}, "kind not known"),
        (
            [("way", 1, "from"), ("node", 2, "via"), ("way", 2, "to")],
            {"restriction": "", "restriction:hgv": "no_left_turn"},
            "for some vehicles or hours only",
        ),
    ],
)
def test_turn_restrictions_that_cannot_be_used_are_dropped_with_the_reason(
    tmp_path: Path, members: list[tuple[str, int, str]], tags: dict[str, str], reason: str
) -> None:
    drawing = crossroads().relation(5, members, {"type": "restriction", "restriction": "no_left_turn", **tags})
    extract = drawing.read(tmp_path)
    assert extract.report.dropped["restrictions"] == {reason: 1}
    assert extract.layers["restrictions"].empty


def test_a_restriction_with_two_from_ways_becomes_two_turns(tmp_path: Path) -> None:
    members = [("way", 1, "from"), ("way", 3, "from"), ("node", 2, "via"), ("way", 2, "to")]
    extract = crossroads().relation(5, members, {"type": "restriction", "restriction": "no_entry"}).read(tmp_path)
    assert extract.layers["restrictions"]["from_road"].to_dict() == {"r5": "w1-n1", "r5.2": "w3-n2"}
    assert extract.report.kept["restrictions"] == 1


def test_signals_carry_their_node(tmp_path: Path) -> None:
    signals = crossroads().read(tmp_path).layers["signals"]
    assert signals["node"].to_dict() == {"n2": 2}
