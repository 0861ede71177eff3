"""CQL2: the predicates of each class in text and in JSON, as the abstract tests combine them."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from typing import Any

import cql2
import pytest
from abstract_tests import suite
from links import Get

checks = suite("cql2")
Ids = Callable[[str, str], set[str]]
LAYERS = ("roads", "buildings", "pois", "water")
VALUES = {"string": "'foo'", "boolean": "true", "number": "3.14", "integer": "1"}
EARTH = "POLYGON((-180 -90,180 -90,180 90,-180 90,-180 -90))"
TOWN_LINE = "LINESTRING(106.57 29.55,106.59 29.57)"
TOWN_POINTS = "MULTIPOINT(106.57 29.55,106.59 29.57)"


@pytest.fixture
def fields(get: Get) -> dict[str, dict[str, str]]:
    """Layer → field → its type."""
    found = {}
    for layer in LAYERS:
        schema = get(f"/api/collections/{layer}/queryables").get_json(force=True)
        found[layer] = {name: one["type"] for name, one in schema["properties"].items() if "type" in one}
        assert set(found[layer].values()) & set(VALUES)
    return found


@pytest.fixture(params=["cql2-text", "cql2-json"])
def select(get: Get, request: pytest.FixtureRequest) -> Ids:
    """``select("roads", "class = 'x'")`` → ids, asked in text and in JSON."""

    def ask(layer: str, text: str) -> set[str]:
        wanted = text if request.param == "cql2-text" else json.dumps(cql2.parse_text(text).to_json())
        asked = {"filter": wanted, "filter_lang": request.param, "limit": 1000, "skipGeometry": "true"}
        answer = get(f"/api/collections/{layer}/items", **asked)
        assert answer.status_code == 200, (text, answer.text)
        return {one["id"] for one in answer.get_json()["features"]}

    return ask


@pytest.fixture
def everything(get: Get) -> Callable[[str], set[str]]:
    """All ids of a layer."""

    def ask(layer: str) -> set[str]:
        return {one["id"] for one in get(f"/api/collections/{layer}/items", limit=1000).get_json()["features"]}

    return ask


@checks("/conf/basic-cql2/basic-test", "/conf/basic-cql2/comparison")
def test_comparisons_part_the_features(select: Ids, fields: dict[str, dict[str, str]]) -> None:
    for layer, known in fields.items():
        for field, kind in known.items():
            value = VALUES[kind]
            found = {sign: select(layer, f'"{field}" {sign} {value}') for sign in ("=", "<>", ">", "<", ">=", "<=")}
            assert not found["="] & found["<>"]
            assert not found[">"] & found["<="]
            assert not found["<"] & found[">="]
            assert found[">="] == found[">"] | found["="]
            assert found["<="] == found["<"] | found["="]


@checks("/conf/basic-cql2/is-null")
def test_null_and_not_null_are_all(select: Ids, fields: Any, everything: Any) -> None:
    for layer, known in fields.items():
        for field in known:
            null, there = select(layer, f'"{field}" IS NULL'), select(layer, f'"{field}" is not null')
            assert not null & there
            assert null | there == everything(layer)


@checks("/conf/basic-cql2/boolean")
def test_true_and_false_are_filters(get: Get, everything: Any) -> None:
    for layer in LAYERS:
        path = f"/api/collections/{layer}/items"
        assert get(path, filter="true").get_json()["numberMatched"] == len(everything(layer))
        assert get(path, filter="false").get_json()["features"] == []


@checks("/conf/basic-cql2/logical", "/conf/advanced-comparison-operators/logical")
@checks("/conf/case-insensitive-comparison/logical", "/conf/accent-insensitive-comparison/logical")
@checks("/conf/basic-spatial-functions/logical", "/conf/spatial-functions/logical")
def test_and_or_and_not_are_taken_together(select: Ids, everything: Any) -> None:
    """Against sets: none of these is unknown for any building of the tiny city."""
    every = everything("buildings")
    predicates = [
        "levels > 10",
        "use IN ('office', 'retail')",
        "height_m BETWEEN 20 AND 60",
        "CASEI(use) LIKE casei('RES%')",
        "ACCENTI(use) = accenti('office')",
        f"S_INTERSECTS(geometry,{TOWN_LINE})",
        "S_WITHIN(geometry,BBOX(106.5765,29.5550,106.5815,29.5600))",
    ]
    alone = {text: select("buildings", text) for text in predicates}
    assert all(found != every for found in alone.values())
    for p1, p2, p3, p4 in itertools.islice(itertools.permutations(predicates, 4), 0, 840, 67):
        found = select("buildings", f"((NOT {p1} AND {p2}) OR ({p3} and NOT {p4}) or not ({p1} AND {p4}))")
        a, b, c, d = (alone[text] for text in (p1, p2, p3, p4))
        assert found == ((every - a) & b) | (c - d) | (every - (a & d)), (p1, p2, p3, p4)


@checks("/conf/advanced-comparison-operators/like")
def test_like_has_two_wild_cards(select: Ids, fields: Any) -> None:
    for layer, known in fields.items():
        for field in (name for name, kind in known.items() if kind == "string"):
            found = {text: select(layer, f"\"{field}\" LIKE '{text}'") for text in ("%", "_%", "", "%%", r"\%\_")}
            assert not found["_%"] & found[""]
            assert found["%"] == found["%%"] == found["_%"] | found[""]


@checks("/conf/advanced-comparison-operators/between")
def test_between_is_from_to(select: Ids, fields: Any) -> None:
    for layer, known in fields.items():
        for field in (name for name, kind in known.items() if kind in ("number", "integer")):
            both = select(layer, f'"{field}" >= 0 AND "{field}" <= 100')
            assert select(layer, f'"{field}" BETWEEN 0 AND 100') == both
            assert select(layer, f'"{field}" between 100.0 and 1.0') == set()


@checks("/conf/advanced-comparison-operators/in")
def test_in_is_one_of(select: Ids, fields: Any) -> None:
    lists = {"string": "('foo', 'bar')", "boolean": "(true)", "number": "(1, 2, 3)", "integer": "(1, 2, 3)"}
    for layer, known in fields.items():
        for field, kind in known.items():
            values = lists[kind].strip("()").split(", ")
            wanted = select(layer, " OR ".join(f'"{field}" = {value}' for value in values))
            assert select(layer, f'"{field}" IN {lists[kind]}') == wanted


@checks("/conf/case-insensitive-comparison/casei", "/conf/case-insensitive-comparison/casei-like")
@checks("/conf/accent-insensitive-comparison/accenti", "/conf/accent-insensitive-comparison/accenti-like")
@pytest.mark.parametrize("function", ["CASEI", "ACCENTI"])
def test_capitals_and_accents_can_be_left_aside(select: Ids, fields: Any, function: str) -> None:
    one, other = ("foo", "FOO") if function == "CASEI" else ("foo", "fóö")
    for layer, known in fields.items():
        for field in (name for name, kind in known.items() if kind == "string"):
            call = f'{function}("{field}")'
            same = select(layer, f"{call} = {function}('{one}')")
            assert not same & select(layer, f"{call} <> {function}('{other}')")
            like = [select(layer, f"{call} LIKE {function}('{text}%')") for text in (one, other)]
            assert like[0] == like[1]
    if function == "CASEI":
        assert select("buildings", "CASEI(use) = casei('OFFICE')") == select("buildings", "use = 'office'") != set()
    else:
        assert select("buildings", "ACCENTI(use) = accenti('óffîce')") == select("buildings", "use = 'office'") != set()


@checks("/conf/basic-spatial-functions/s_intersects")
def test_points_and_boxes_are_met(select: Ids, get: Get, everything: Any) -> None:
    for layer in LAYERS:
        assert select(layer, "S_INTERSECTS(geometry,BBOX(-180,-90,180,90))") == everything(layer)
        assert select(layer, "S_INTERSECTS(geometry,POINT(7.02 49.92))") == set()
        halves = "S_INTERSECTS(geometry,BBOX(-180,-90,-90,90)) AND S_INTERSECTS(geometry,BBOX(90,-90,180,90))"
        assert select(layer, halves) == set()
        bad = get(f"/api/collections/{layer}/items", filter="S_INTERSECTS(geometry,POINT(90 180))")
        assert bad.status_code == 400


@checks("/conf/basic-spatial-functions-plus/s_intersects")
def test_every_kind_of_geometry_is_met(select: Ids, get: Get) -> None:
    hole = "(-180 -90, -90 -90, -90 90, -180 90, -180 -90), (-120 -50, -100 -50, -100 -40, -120 -40, -120 -50)"
    square = "(0 0, 10 0, 10 10, 0 10, 0 0)"
    shapes = [
        "LINESTRING(-180 -45, 0 -45)",
        "MULTILINESTRING((-180 -45, 0 -45), (0 45, 180 45))",
        f"POLYGON({hole})",
        f"MULTIPOLYGON(({hole}),({square}))",
        f"GEOMETRYCOLLECTION(POINT(7.02 49.92), POLYGON({square}))",
    ]
    for layer in LAYERS:
        for one in shapes:
            assert select(layer, f"S_INTERSECTS(geometry,{one})") == set()
        bad = get(f"/api/collections/{layer}/items", filter="S_INTERSECTS(geometry,MULTIPOINT(7.02 49.92, 90 180))")
        assert bad.status_code == 400
    assert select("buildings", "S_INTERSECTS(geometry,MULTILINESTRING((106.57 29.55,106.59 29.57),(0 0,1 1)))")


@checks("/conf/spatial-functions/s_intersects", "/conf/spatial-functions/s_disjoint")
@checks("/conf/spatial-functions/s_within", "/conf/spatial-functions/s_contains")
def test_a_box_is_the_polygon_of_it(select: Ids, everything: Any, get: Get) -> None:
    for layer in LAYERS:
        for function, wanted in (("S_INTERSECTS", everything(layer)), ("S_DISJOINT", set()), ("S_CONTAINS", set())):
            assert select(layer, f"{function}(geometry,BBOX(-180,-90,180,90))") == wanted
            assert select(layer, f"{function}(geometry,{EARTH})") == wanted
        within = select(layer, "S_WITHIN(geometry,BBOX(-180,-90,180,90))")
        assert within == select(layer, f"S_WITHIN(geometry,{EARTH})") == everything(layer)
        for one in (TOWN_LINE, "POINT(106.58 29.5605)"):
            meets, apart = (select(layer, f"{name}(geometry,{one})") for name in ("S_INTERSECTS", "S_DISJOINT"))
            assert not meets & apart
            assert meets | apart == everything(layer)
        for one in (TOWN_LINE, TOWN_POINTS):
            assert not select(layer, f"S_WITHIN(geometry,{one})") & select(layer, f"S_CONTAINS(geometry,{one})")
        assert get(f"/api/collections/{layer}/items", filter="S_DISJOINT(geometry,POINT(90 180))").status_code == 400


@checks("/conf/spatial-functions/s_equals", "/conf/spatial-functions/s_touches", "/conf/spatial-functions/s_crosses")
@checks("/conf/spatial-functions/s_overlaps")
def test_the_other_spatial_functions_answer(select: Ids) -> None:
    overlap = {"roads": TOWN_LINE, "buildings": EARTH, "pois": TOWN_POINTS, "water": EARTH}
    for layer in LAYERS:
        for one in (EARTH, TOWN_LINE):
            assert select(layer, f"S_EQUALS(geometry,{one})") == set()
        assert select(layer, "S_TOUCHES(geometry,BBOX(-180,-90,180,90))") == set()
        assert select(layer, f"S_OVERLAPS(geometry,{overlap[layer]})") == set()
    assert select("roads", f"S_CROSSES(geometry,{TOWN_LINE})")
    assert select("roads", "S_CROSSES(geometry,BBOX(-180,-90,180,90))") == set()


@checks("/conf/cql2-text/validate", "/conf/cql2-json/validate")
def test_every_class_is_asked_in_both_encodings(select: Ids) -> None:
    """All tests above ask through ``select``, in text and in JSON."""
    text = "CASEI(use) = casei('OFFICE') AND S_INTERSECTS(geometry,BBOX(106,29,107,30)) AND levels BETWEEN 1 AND 99"
    assert select("buildings", text) == select("buildings", "use = 'office'") != set()


@checks("/conf/basic-cql2/test-data", "/conf/advanced-comparison-operators/test-data")
@checks("/conf/case-insensitive-comparison/test-data", "/conf/accent-insensitive-comparison/test-data")
@checks("/conf/basic-spatial-functions/test-data", "/conf/basic-spatial-functions-plus/test-data")
@checks("/conf/spatial-functions/test-data")
def test_the_standards_own_data_are_not_served(get: Get) -> None:
    """Where they are, the counts that the standard expects of them have to be tested."""
    known = {one["id"] for one in get("/api/collections").get_json()["collections"]}
    assert [name for name in known if name.startswith("ne_110m")] == []


@checks("/conf/cql2-text/escaping")
@pytest.mark.parametrize("text", ["it''s", "it\\'s"])
def test_quotes_in_texts_are_escaped(get: Get, text: str) -> None:
    answer = get("/api/collections/roads/items", filter=f"name = '{text}'")
    assert (answer.status_code, answer.get_json()["features"]) == (200, [])
