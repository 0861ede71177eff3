import geopandas as gpd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from shapely.geometry import Point
from traffic_streets import CRS, LINE, LINE_WITH_DETOUR, ORIGIN, roads_frame, signals_frame, street

from cim_core.errors import InputError
from scenarios.traffic import osm_xml
from scenarios.traffic.osm_xml import way_id, write_osm_xml


def ways(document: bytes) -> dict[int, dict[str, str]]:
    root = etree.fromstring(document)
    return {int(way.get("id")): {t.get("k"): t.get("v") for t in way.iter("tag")} for way in root.iter("way")}


def test_a_way_id_depends_on_the_feature_id_alone_and_never_changes() -> None:
    assert way_id("w39874497-n478367588") == 1573562964537930
    assert 0 < way_id("w1-n1") < 2**52


@settings(max_examples=25, deadline=None)
@given(order=st.permutations(sorted(LINE_WITH_DETOUR)))
def test_the_same_roads_in_another_order_give_the_same_bytes(order: list[str]) -> None:
    frame = roads_frame(LINE_WITH_DETOUR)
    signals = signals_frame([2, 3])
    expected = write_osm_xml(frame, signals, None, CRS).document
    assert write_osm_xml(frame.loc[order], signals.iloc[::-1], None, CRS).document == expected


def test_fields_become_tags() -> None:
    streets = {
        "two": street([1, 2], 2, 1, speed_limit_mps=50 / 3.6, name='"A" & B', bridge=True, layer=2),
        "one": street([2, 3], 3, 0, tags='{"junction": "roundabout", "surface": "mud"}', tunnel=True),
        "back": street([3, 4], 0, 2),
        "bus": street([4, 6], 1, 0, access="bus"),
    }
    written = write_osm_xml(roads_frame(streets), None, None, CRS)
    tags = {written.road_of_way[way]: found for way, found in ways(written.document).items()}
    assert tags["two"] == {
        "highway": "secondary",
        "name": '"A" & B',
        "lanes": "3",
        "lanes:forward": "2",
        "lanes:backward": "1",
        "oneway": "no",
        "maxspeed": "50",
        "bridge": "yes",
        "layer": "2",
    }
    assert tags["one"]["oneway"] == "yes"
    assert tags["one"]["junction"] == "roundabout"
    assert tags["one"]["tunnel"] == "yes"
    assert "surface" not in tags["one"]
    assert tags["back"]["oneway"] == "-1"
    assert tags["bus"]["highway"] == "busway"


def test_roads_that_no_vehicle_may_use_are_left_out_with_the_reason() -> None:
    streets = {**LINE, "gate": street([4, 6], access="none"), "nothing": street([2, 5], 0, 0)}
    written = write_osm_xml(roads_frame(streets), None, None, CRS)
    assert written.left_out == {"gate": "closed to vehicles", "nothing": "no lane in either direction"}
    assert set(written.road_of_way.values()) == set(LINE)


def test_restrictions_name_the_new_ways_and_those_on_other_roads_are_left_out() -> None:
    restrictions = gpd.GeoDataFrame(
        {
            "id": ["r1", "r2"],
            "kind": ["no_left_turn", "no_u_turn"],
            "from_road": ["ab", "ab"],
            "to_road": ["bc", "footpath"],
            "via_node": [2, 2],
        },
        geometry=[Point(ORIGIN)] * 2,
        crs=CRS,
    ).set_index("id")
    root = etree.fromstring(write_osm_xml(roads_frame(LINE), None, restrictions, CRS).document)
    (relation,) = root.iter("relation")
    assert [(m.get("role"), int(m.get("ref"))) for m in relation.iter("member")] == [
        ("from", way_id("ab")),
        ("via", 2),
        ("to", way_id("bc")),
    ]


def test_two_roads_with_one_hash_are_an_error_not_a_silent_merge(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(osm_xml, "WAY_ID_BITS", 1)
    with pytest.raises(InputError, match="hash to the same way id"):
        write_osm_xml(roads_frame(LINE), None, None, CRS)


def test_a_node_list_that_does_not_fit_the_geometry_is_an_error() -> None:
    frame = roads_frame(LINE)
    frame.at["ab", "nodes"] = [1, 9, 2]
    with pytest.raises(InputError, match="node list does not fit"):
        write_osm_xml(frame, None, None, CRS)
