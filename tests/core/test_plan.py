"""Plans: reading, compiling, contradictions, differences, and what a city shows of them."""

import json

import pytest

from cim_core.errors import PlanError
from cim_core.instants import OPEN_END_S, Day
from cim_core.plan import Edit, Plan, difference
from cim_core.testing.tiny import BRIDGES

WORKDAY = Day("workday")
WEST = BRIDGES["bridge:西桥"]


def plan(*measures: dict, name: str = "test") -> Plan:
    return Plan(plan=name, measures=measures)


def calm(road: str = "西桥", speed: float = 5.0, **rest) -> dict:
    return {"type": "calm", "road": road, "speed_mps": speed, **rest}


@pytest.fixture
def planned(city, toys):
    """``planned(measure, …)`` → the city with that plan."""
    return lambda *measures: city.with_plan(plan(*measures).compile(toys.measure_types(), city.find))


@pytest.fixture
def refused(planned):
    """``refused(code, measure, …)`` → the error."""

    def check(code: str, *measures: dict) -> PlanError:
        with pytest.raises(PlanError, match=code.replace(".", r"\.")) as caught:
            planned(*measures)
        assert caught.value.remedy
        return caught.value

    return check


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ('{"plan": "a", "measures": [}', "plan.not_json", "line 1, column 28"),
        ("", "plan.not_json", "line 1"),
        ("[]", "plan.invalid", "value"),
        ('{"plan": "with space"}', "plan.invalid", "plan"),
        ('{"plan": "a", "measure": []}', "plan.invalid", "measure: "),
        ('{"plan": "a", "measures": ["close"]}', "plan.invalid", "measures.0"),
        ("{}", "plan.invalid", "plan: "),
        ('{"plan": "."}', "plan.invalid", "dots"),
        ('{"plan": ".."}', "plan.invalid", "dots"),
        ('{"plan": "a\\n"}', "plan.invalid", "plan"),
        ('{"plan": "baseline", "measures": [{"type": "calm"}]}', "plan.invalid", "the city as it is"),
    ],
)
def test_a_text_that_is_no_plan_says_where(text, code, said):
    with pytest.raises(PlanError, match=code.replace(".", r"\.")) as caught:
        Plan.parse(text, "p.json")
    assert "p.json" in caught.value.where
    assert said in caught.value.where + caught.value.got


def test_the_name_of_the_city_as_it_is_belongs_to_no_other_plan():
    assert Plan.parse(Plan.empty().dumps(), "p.json") == Plan.empty()
    assert Plan.parse('{"plan": ".a"}', "p.json").to_save()["plan"] == ".a"
    with pytest.raises(PlanError, match=r"plan\.name_reserved"):
        Plan.empty().to_save()
    with pytest.raises(PlanError, match=r"plan\.invalid"):
        plan(calm()).duplicate("baseline")


def test_a_plan_file_is_read_with_its_byte_order_mark_and_refused_in_another_encoding(tmp_path):
    path = tmp_path / "p.json"
    path.write_text('{"plan": "方案"}', encoding="utf-8-sig")
    assert Plan.read(path).name == "方案"
    path.write_text('{"plan": "方案"}', encoding="gb18030")
    with pytest.raises(PlanError, match=r"plan\.unreadable"):
        Plan.read(path)
    with pytest.raises(PlanError, match=r"plan\.unreadable"):
        Plan.read(tmp_path / "absent.json")


def test_a_dumped_plan_reads_back_and_has_a_line_for_each_measure():
    made = plan(calm(note="快"), calm("东桥", **{"from": "07:00", "to": "09:00"}), name="two.v-1")
    text = made.dumps()
    assert Plan.parse(text, "again") == made
    assert sum('"type"' in line for line in text.splitlines()) == 2
    assert "西桥" in text, "names stay readable"
    assert Plan.parse(Plan.empty().dumps(), "empty") == Plan.empty()


def test_the_hash_is_of_what_a_plan_does():
    one = plan(calm())
    assert one.hash == plan(calm(note="why"), name="other").hash
    assert one.hash == plan(dict(reversed(calm().items()))).hash
    assert one.hash != plan(calm(speed=6.0)).hash
    assert plan(calm(), calm("东桥")).hash != plan(calm("东桥"), calm()).hash
    assert one.duplicate("copy").hash == one.hash
    assert one.duplicate("copy").name == "copy"


def test_a_difference_names_what_came_and_went():
    before = plan(calm(), calm("东桥"))
    after = plan(calm(), calm("东桥", speed=6.0))
    assert difference(before, after) == {"added": [calm("东桥", speed=6.0)], "removed": [calm("东桥")]}
    assert difference(before, before) == {"added": [], "removed": []}
    assert difference(plan(calm()), plan(calm(), calm())) == {"added": [calm()], "removed": []}


def test_an_unknown_type_is_answered_with_the_known_ones(refused):
    assert "calm" in refused("plan.unknown_measure", {"type": "clam", "road": "西桥"}).expected
    assert "measure 1" in refused("plan.unknown_measure", {"road": "西桥"}).where


def test_fields_that_do_not_fit_are_named(refused):
    fault = refused("plan.invalid_measure", calm(), calm("东桥", colour="red", speed="fast"))
    assert "measure 2" in fault.where
    assert "colour" in fault.got
    assert "speed_mps" in fault.got


@pytest.mark.parametrize(
    "window",
    [
        {"from": "09:00", "to": "07:00"},
        {"from": "07:00", "to": "07:00"},
        {"from": "25:00"},
        {"from": "7 o'clock"},
        {"from": "2026-11-22T07:00:00"},
        {"from": "07:00", "to": "2026-11-22T09:00:00+08:00"},
        {"days": "tuesday"},
    ],
)
def test_a_window_that_is_none_is_refused(refused, window):
    refused("plan.invalid_measure", calm(**window))


def test_an_unknown_road_is_answered_with_the_nearest_names(refused):
    assert "西桥" in refused("plan.unknown_name", calm("西大桥")).expected
    assert "Central Avenue" in refused("plan.unknown_name", calm("Central Avenu")).expected


@pytest.mark.parametrize("name", ["西桥", "bridge:西桥", "West Bridge", "WEST  bridge", "west bridge"])
def test_people_may_write_a_name_as_they_like(planned, name):
    edit = planned(calm(name)).edits[0]
    assert edit.features == tuple(sorted(WEST))
    assert edit.target == name


def test_a_feature_id_names_one_part(planned):
    assert planned(calm(WEST[0])).edits[0].features == (WEST[0],)


def test_measures_that_contradict_are_refused_and_those_apart_are_not(planned, refused):
    fault = refused("plan.contradiction", calm(), calm(speed=6.0))
    assert "measures 1 and 2" in fault.what
    assert "5.0" in fault.got
    assert "6.0" in fault.got
    refused("plan.contradiction", calm(**{"from": "07:00", "to": "09:00"}), calm(speed=6.0, **{"from": "08:59"}))
    refused("plan.contradiction", calm(days="workday"), calm(WEST[1], speed=6.0))
    planned(calm(), calm())
    planned(calm(), calm("东桥", speed=6.0))
    planned(calm(**{"from": "07:00", "to": "09:00"}), calm(speed=6.0, **{"from": "09:00", "to": "10:00"}))
    planned(calm(days="workday"), calm(speed=6.0, days="weekend"))


def test_a_permanent_edit_of_a_field_shows_in_the_layer(planned, city):
    after = planned(calm())
    roads = after.layer("roads")
    assert (roads.loc[list(WEST), "speed_limit_mps"] == 5.0).all()
    others = roads.index.difference(WEST)
    assert roads.loc[others].equals(city.layer("roads").loc[others])
    assert after.unused_edits() == []
    assert after.take_edits("roads", {"speed_limit_mps"}, WORKDAY) == [], "what a layer shows is not taken again"


def test_a_part_of_the_columns_shows_the_edit_with_all_that_follows_from_it(city):
    edited = city.with_plan([Edit("buildings", "b00", ("b00",), "set", (("levels", 50),))])
    whole = edited.layer("buildings")
    part = edited.layer("buildings", columns=["floor_area_m2"])
    assert part.at["b00", "floor_area_m2"] == pytest.approx(50 * whole.at["b00", "footprint_m2"])
    assert list(part.columns) == ["floor_area_m2", "geometry"]


def test_a_timed_edit_is_taken_with_its_seconds_and_shows_in_no_layer(planned, city):
    after = planned(calm(**{"from": "07:00", "to": "08:30", "days": "workday"}))
    assert after.layer("roads").equals(city.layer("roads"))
    (edit,) = after.take_edits("roads", {"speed_limit_mps"}, WORKDAY)
    assert (edit.begin_s, edit.end_s, edit.fields) == (25_200, 30_600, {"speed_limit_mps": 5.0})
    assert after.unused_edits() == []


def test_an_edit_of_no_field_is_taken_for_the_whole_day(planned):
    after = planned(calm(shut=True))
    (edit,) = after.take_edits("roads", {"closed_forward", "closed_backward"}, WORKDAY)
    assert (edit.fields, edit.begin_s, edit.end_s) == ({"closed_forward": True}, 0, OPEN_END_S)  # midnight ends nothing


def test_what_nobody_used_is_listed_with_the_reason(planned):
    after = planned(calm(shut=True, **{"from": "07:00", "days": "weekend"}), calm("东桥", **{"from": "07:00"}))
    after.layer("roads")
    after.take_edits("roads", {"closed_forward"}, WORKDAY)
    rows = after.unused_edits()
    assert [(row["measure"], list(row["fields"])) for row in rows] == [
        (0, ["speed_limit_mps"]),
        (0, ["closed_forward"]),
        (1, ["speed_limit_mps"]),
    ]
    assert rows[0]["reason"] == "this analysis does not read it"
    assert "does not hold on this day (workday)" in rows[1]["reason"]
    json.dumps(rows)


def test_what_is_given_back_is_unused_for_those_features_alone(planned):
    after = planned(calm(shut=True))
    (edit,) = after.take_edits("roads", {"closed_forward"}, WORKDAY)
    after.layer("roads")
    after.give_back(edit, [WEST[1]], "closed already")
    (row,) = after.unused_edits()
    assert (row["features"], row["reason"]) == ([WEST[1]], "closed already")


def test_iso_windows_hold_on_their_dates_alone(planned):
    window = {"from": "2026-11-22T22:00:00+08:00", "to": "2026-11-24T06:00:00+08:00"}
    after = planned(calm(**window))

    def taken(day: str) -> list:
        edits = after.take_edits("roads", {"speed_limit_mps"}, Day.of(day, "Asia/Shanghai"))
        return [(edit.begin_s, edit.end_s) for edit in edits]

    assert taken("2026-11-21") == []
    assert taken("2026-11-22") == [(79_200, 194_400)]  # a run over midnight does not see it end
    assert taken("2026-11-23") == [(0, 108_000)]
    assert taken("2026-11-24") == [(0, 21_600)]
    assert taken("workday") == []


def test_features_are_added_and_removed(planned, city):
    place = {"type": "Point", "coordinates": [106.578, 29.558]}
    fields = {"name": "新店", "category": "shop", "kind": "bakery"}
    after = planned({"type": "build", "id": "new1", "geometry": place, "fields": fields}, {"type": "build", "id": "p0"})
    pois, before = after.layer("pois"), city.layer("pois")
    assert set(pois.index) == set(before.index) - {"p0"} | {"new1"}
    assert pois.at["new1", "kind"] == "bakery"
    assert city.crs == pois.crs
    assert pois.geometry.distance(before.union_all().convex_hull).max() < 1000
    x, y = pois.at["new1", "geometry"].coords[0]
    assert list(after.layer("pois", bbox=(x - 1, y - 1, x + 1, y + 1)).index) == ["new1"]
    assert "new1" not in after.layer("pois", bbox=(x + 10, y + 10, x + 20, y + 20)).index


def test_an_added_feature_needs_a_geometry_and_the_fields_that_all_have(planned):
    line = {"type": "LineString", "coordinates": [[106.578, 29.558], [106.579, 29.558]]}
    after = planned({"type": "build", "layer": "roads", "id": "r1", "geometry": line, "fields": {"class": "service"}})
    with pytest.raises(PlanError, match=r"plan\.add_incomplete") as caught:
        after.layer("roads")
    assert "lanes_forward" in caught.value.expected
