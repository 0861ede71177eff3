"""Named structures: what people call one bridge is many ways on the map."""

from __future__ import annotations

from pathlib import Path

import pytest
from osm_builder import Map, square, street


def groups(drawing: Map, tmp_path: Path, layer: str = "roads") -> dict[str, str | None]:
    return drawing.read(tmp_path).layers[layer]["group"].to_dict()


@pytest.mark.parametrize(
    ("tags", "group"),
    [
        ({"bridge": "yes", "name": "东水门大桥"}, "bridge:东水门大桥"),
        ({"bridge": "yes", "name": "四纵线", "bridge:name": "嘉华大桥"}, "bridge:嘉华大桥"),
        ({"bridge": "yes", "name": "石板坡长江大桥（重庆长江大桥）"}, "bridge:石板坡长江大桥(重庆长江大桥)"),
        ({"bridge": "yes", "name": "Tower  Bridge"}, "bridge:Tower Bridge"),
        ({"bridge": "yes", "name": "沿江路", "name:en": "Riverside Viaduct"}, "bridge:沿江路"),
        ({"tunnel": "yes", "name": "石黄隧道"}, "tunnel:石黄隧道"),
        ({"tunnel": "yes", "name": "长江一路", "tunnel:name": "鹅岭隧道"}, "tunnel:鹅岭隧道"),
        ({"name": "黄沙溪立交"}, "interchange:黄沙溪立交"),
        ({"bridge": "yes", "name": "杨公桥立交桥"}, "interchange:杨公桥立交"),
        ({"name": "黄花园立交A匝道"}, "interchange:黄花园立交"),
        ({"name": "东水门大桥"}, None),
        ({"bridge": "yes", "name": "长滨路"}, None),
        ({"bridge": "no", "name": "东水门大桥"}, None),
        ({"bridge": "yes", "name": "Cambridge Road"}, None),
        ({"bridge": "yes"}, None),
    ],
)
def test_a_group_is_named_by_tags(tmp_path: Path, tags: dict[str, str], group: str | None) -> None:
    assert groups(street(**tags), tmp_path) == {"w1-n1": group}


def test_walkways_and_rail_on_the_bridge_belong_to_it(tmp_path: Path) -> None:
    drawing = street(bridge="yes", name="千厮门大桥").nodes({5: (0, 1), 6: (2, 1)})
    drawing.way(2, [5, 6], {"highway": "footway", "bridge": "yes", "name": "千厮门大桥"})
    drawing.way(3, [5, 6], {"railway": "subway", "bridge": "yes", "bridge:name": "千厮门大桥"})
    extract = drawing.read(tmp_path)
    for layer in ("roads", "walkways", "rail"):
        assert extract.layers[layer]["group"].tolist() == ["bridge:千厮门大桥"], layer


def test_a_bridge_relation_names_what_it_carries_not_what_it_spans(tmp_path: Path) -> None:
    drawing = street(bridge="yes").nodes({5: (1, -1), 6: (1, 1)}).way(2, [5, 6], {"highway": "primary"})
    drawing.relation(9, [("way", 1, "across"), ("way", 2, "under")], {"type": "bridge", "name": "菜园坝长江大桥"})
    assert groups(drawing, tmp_path) == {"w1-n1": "bridge:菜园坝长江大桥", "w2-n5": None}


def test_a_bridge_outline_names_the_ways_on_it(tmp_path: Path) -> None:
    drawing = square(street(bridge="yes"), 8, -0.5, -1, 3, {"man_made": "bridge", "name": "Pitkäsilta"})
    drawing.nodes({5: (1, -1), 6: (1, 1), 7: (0, 0.5), 9: (9, 0.5)})
    drawing.way(2, [5, 6], {"highway": "primary"}).way(3, [7, 9], {"highway": "primary", "bridge": "yes"})
    assert groups(drawing, tmp_path) == {"w1-n1": "bridge:Pitkäsilta", "w2-n5": None, "w3-n7": None}


def test_a_way_with_the_english_name_only_joins_its_structure(tmp_path: Path) -> None:
    drawing = street(**{"bridge": "yes", "name": "东水门大桥", "name:en": "Dongshuimen Bridge"}).nodes({4: (3, 0)})
    drawing.way(2, [3, 4], {"highway": "primary_link", "bridge": "yes", "name:en": "Dongshuimen Bridge"})
    assert set(groups(drawing, tmp_path).values()) == {"bridge:东水门大桥"}


def two_carriageways(**second: str) -> Map:
    """A named one-way bridge of 500 m eastward, and 30 m beside it another way westward."""
    drawing = Map().nodes({1: (0, 0), 2: (5, 0), 3: (5, 0.3), 4: (0, 0.3)})
    same = {"highway": "trunk", "bridge": "yes", "oneway": "yes", "layer": "2"}
    return drawing.way(1, [1, 2], {**same, "name": "石板坡长江大桥"}).way(2, [3, 4], {**same, **second})


def test_the_unnamed_other_carriageway_is_assumed_to_be_the_same_bridge(tmp_path: Path) -> None:
    extract = two_carriageways().read(tmp_path)
    assert set(extract.layers["roads"]["group"]) == {"bridge:石板坡长江大桥"}
    assert "other carriageway" in extract.layers["roads"].loc["w2-n3", "assumed"]
    assert extract.report.assumed["roads"]["group: other carriageway"] == 1


@pytest.mark.parametrize(
    "second", [{"layer": "1"}, {"highway": "trunk_link"}, {"oneway": "-1"}, {"bridge": "no"}, {"name": "匝道"}]
)
def test_what_differs_from_the_named_carriageway_stays_outside(tmp_path: Path, second: dict[str, str]) -> None:
    roads = two_carriageways(**second).read(tmp_path).layers["roads"]
    assert roads.groupby("source_id")["group"].first().to_dict() == {"way/1": "bridge:石板坡长江大桥", "way/2": None}
