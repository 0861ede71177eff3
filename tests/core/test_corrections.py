"""Corrections: they survive a new import, say when the source changed its mind, and can be withdrawn."""

import json

import pytest

from cim_core.city import City
from cim_core.errors import CimError, NotFoundError, ParameterError
from cim_core.layers import STANDARD_LAYERS
from cim_core.plan import Edit
from cim_core.store import catalogue

BUILDINGS = STANDARD_LAYERS["buildings"]


@pytest.fixture
def frame(city):
    return city.layer("buildings")


def correct(city: City, feature: str = "b00", note: str = "", layer: str = "buildings", **fields) -> City:
    with City.open(city.root).edit("correct") as session:
        session.correct(layer, feature, fields, note)
    return City.open(city.root)


def import_again(city: City, frame) -> tuple[City, list]:
    with City.open(city.root).edit("import again") as session:
        session.put_layer(frame, BUILDINGS)
    return City.open(city.root), session.conflicts()


def states(city: City) -> list[str]:
    with city.database.read() as connection:
        return [item.state for item in catalogue.corrections(connection, city.sequence)]


def test_a_correction_shows_and_what_follows_from_it_too(city, frame):
    after = correct(city, levels=9, note="counted on the spot").layer("buildings")
    assert after.at["b00", "levels"] == 9
    assert after.at["b00", "floor_area_m2"] == pytest.approx(9 * frame.at["b00", "footprint_m2"])
    rest = frame.index.drop("b00")
    assert after.loc[rest].equals(frame.loc[rest])
    assert city.layer("buildings").at["b00", "levels"] == frame.at["b00", "levels"], "the earlier version is as it was"


def test_a_floor_area_that_is_given_is_not_computed(city):
    after = correct(city, levels=9, floor_area_m2=123.0).layer("buildings")
    assert after.at["b00", "floor_area_m2"] == 123.0


def road_that(city: City, *, oneway: bool, place: int = 0) -> str:
    roads = city.layer("roads")
    return str(roads.index[(roads.oneway == oneway) & (roads.lanes_forward > 1)][place])


def lanes(city: City, road: str) -> tuple[bool, int, int]:
    oneway, forward, backward = city.layer("roads").loc[road, ["oneway", "lanes_forward", "lanes_backward"]]
    return bool(oneway), int(forward), int(backward)


def planned(city: City, road: str, **fields) -> City:
    return city.with_plan([Edit("roads", road, (road,), "set", tuple(sorted(fields.items())))])


def corrected(city: City, road: str, **fields) -> City:
    return correct(city, road, layer="roads", **fields)


@pytest.mark.parametrize("change", [corrected, planned])
def test_a_road_made_oneway_loses_its_backward_lanes_and_gets_some_when_opened(city, change):
    two_way, one_way = road_that(city, oneway=False), road_that(city, oneway=True)
    assert lanes(city, two_way)[2] > 0
    assert lanes(city, one_way)[2] == 0
    forward = lanes(city, two_way)[1]
    assert lanes(change(city, two_way, oneway=True), two_way) == (True, forward, 0)
    forward = lanes(city, one_way)[1]
    assert lanes(change(city, one_way, oneway=False), one_way) == (False, forward, forward)
    other = road_that(city, oneway=True, place=1)
    assert lanes(change(city, other, oneway=False, lanes_forward=1), other) == (False, 1, 1)


@pytest.mark.parametrize("change", [corrected, planned])
def test_backward_lanes_that_are_given_or_there_already_stay(city, change):
    two_way, one_way = road_that(city, oneway=False), road_that(city, oneway=True)
    forward = lanes(city, one_way)[1]
    assert lanes(change(city, one_way, oneway=False, lanes_backward=3), one_way) == (False, forward, 3)
    other = road_that(city, oneway=True, place=1)
    assert lanes(change(city, other, oneway=True, lanes_backward=1), other)[2] == 1, "a lane against the traffic"
    uneven = corrected(city, two_way, lanes_backward=1)
    forward = lanes(uneven, two_way)[1]
    assert lanes(change(uneven, two_way, oneway=False), two_way) == (False, forward, 1), "it was two-way already"
    bus = corrected(city, one_way, lanes_backward=1)
    assert lanes(change(bus, one_way, oneway=True), one_way)[2] == 0


def test_backward_lanes_that_follow_are_no_longer_assumed(city):
    road = road_that(city, oneway=False)
    with city.edit("as read") as session:
        roads = city.layer("roads")
        roads.loc[road, "assumed"] = json.dumps({"lanes_backward": "by class", "surface": "by class"})
        session.put_layer(roads, STANDARD_LAYERS["roads"])
    after = corrected(city, road, oneway=True).layer("roads")
    assert json.loads(after.at[road, "assumed"]) == {"surface": "by class"}


def test_a_corrected_value_is_no_longer_assumed(city):
    road = next(i for i, text in city.layer("roads").assumed.items() if "lanes_forward" in text)
    after = correct(city, road, layer="roads", lanes_forward=3).layer("roads")
    assert "lanes_forward" not in json.loads(after.at[road, "assumed"])
    assert after.at[road, "lanes_forward"] == 3


def test_a_correction_survives_a_new_import(city, frame):
    corrected = correct(city, levels=9)
    again, conflicts = import_again(corrected, frame.assign(use="office"))
    shown = again.layer("buildings")
    assert (shown.at["b00", "levels"], shown.at["b00", "use"]) == (9, "office")
    assert (conflicts, states(again)) == ([], ["active"])


def test_a_source_that_changed_its_mind_is_a_conflict_and_the_correction_still_holds(city, frame):
    before = int(frame.at["b00", "levels"])
    corrected = correct(city, levels=9)
    frame.loc["b00", "levels"] = 11
    again, conflicts = import_again(corrected, frame)
    assert again.layer("buildings").at["b00", "levels"] == 9
    assert [(item.feature, item.state) for item in conflicts] == [("b00", "conflict")]
    assert conflicts[0].detail == {"source_said": {"levels": before}, "source_says": {"levels": 11}}
    assert states(again) == ["conflict"]


def test_a_source_that_agrees_confirms(city, frame):
    corrected = correct(city, levels=9)
    frame.loc["b00", "levels"] = 9
    again, conflicts = import_again(corrected, frame)
    assert (conflicts, states(again)) == ([], ["confirmed"])
    frame.loc["b00", "levels"] = 12
    later, conflicts = import_again(again, frame)
    assert (len(conflicts), states(later)) == (1, ["conflict"])


def test_a_feature_that_the_source_lost_orphans_its_correction_until_it_is_back(city, frame):
    corrected = correct(city, levels=9)
    without, conflicts = import_again(corrected, frame.drop("b00"))
    assert [item.state for item in conflicts] == ["orphaned"]
    assert "b00" not in without.layer("buildings").index
    back, _ = import_again(without, frame)
    assert (back.layer("buildings").at["b00", "levels"], states(back)) == (9, ["active"])


def test_a_withdrawn_correction_gives_the_source_back(city, frame):
    corrected = correct(correct(city, levels=9), levels=10)
    assert corrected.layer("buildings").at["b00", "levels"] == 10
    with corrected.edit("withdraw") as session:
        session.withdraw(2)
    one_left = City.open(city.root)
    assert one_left.layer("buildings").at["b00", "levels"] == 9, "the earlier correction shows again"
    with one_left.edit("withdraw") as session:
        session.withdraw(1)
    none_left = City.open(city.root)
    assert none_left.layer_hash("buildings") == city.layer_hash("buildings")
    assert states(none_left) == ["withdrawn", "withdrawn"]
    again, _ = import_again(none_left, frame)
    assert again.layer_hash("buildings") == city.layer_hash("buildings")
    with pytest.raises(NotFoundError, match=r"correction\.unknown"), none_left.edit("withdraw") as session:
        session.withdraw(1)


def test_a_correction_of_what_was_just_put_is_one_version(city, frame):
    with city.edit("put and correct") as session:
        session.put_layer(frame.assign(use="retail"), BUILDINGS)
        session.correct("buildings", "b00", {"levels": 3})
    shown = City.open(city.root)
    assert shown.sequence == city.sequence + 1
    assert tuple(shown.layer("buildings").loc["b00", ["use", "levels"]]) == ("retail", 3)


@pytest.mark.parametrize(
    ("layer", "feature", "fields", "code"),
    [
        ("buildings", "b00", {"footprint_m2": 1.0}, "correction.field"),  # follows from the outline
        ("buildings", "b00", {"colour": "red"}, "correction.field"),
        ("buildings", "b00", {"levels": "nine"}, "correction.field"),
        ("buildings", "b00", {"levels": 2.5}, "correction.field"),
        ("buildings", "b00", {"levels": True}, "correction.field"),
        ("buildings", "b00", {"levels": None}, "correction.field"),
        ("buildings", "b00", {"height_m": float("nan")}, "correction.field"),
        ("buildings", "nobody", {"levels": 9}, "correction.no_feature"),
        ("castles", "b00", {"levels": 9}, "city.no_layer"),
        ("elevation", "b00", {"levels": 9}, "city.no_layer"),
    ],
)
def test_what_cannot_be_corrected_is_refused(city, layer, feature, fields, code):
    with pytest.raises(CimError, match=code.replace(".", r"\.")) as caught, city.edit("wrong") as session:
        session.correct(layer, feature, fields)
    assert isinstance(caught.value, (ParameterError, NotFoundError))
    assert caught.value.remedy
    assert City.open(city.root).sequence == city.sequence


def test_null_may_be_set_where_the_schema_lets_it(city):
    assert correct(city, name=None).layer("buildings").at["b00", "name"] is None
