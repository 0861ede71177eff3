"""What filters select, value by value."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from filtered_places import asked, ids_of

from cim_core.errors import ParameterError
from servers.serving.baked.layout import BakedLayer, open_baked, write_baked
from servers.serving.filters import Filter


@pytest.mark.parametrize(
    ("text", "selected"),
    [
        ("levels = 3", "bc"),
        ("levels <> 3", "aefg"),
        ("NOT levels = 3", "aefg"),
        ("3 < levels", "e"),
        ("levels >= 0 AND levels <= 1", "ag"),
        ("levels > 2.5", "bce"),
        ("levels BETWEEN -7 AND 0", "fg"),
        ("levels NOT BETWEEN -7 AND 0", "abce"),
        ("levels BETWEEN 1 AND 0", ""),
        ("levels IN (1, 3)", "abc"),
        ("levels NOT IN (1, 3)", "efg"),
        ("height_m > 9", "aeg"),
        ("height_m = 1e30", "e"),
        ("height_m < -1", "d"),
        ("open = true", "adg"),
        ("open <> true", "be"),
        ("open > false", "adg"),
        ("open >= true", "adg"),
        ("open < true", "be"),
        ("open IN (true, false)", "abdeg"),
        ("open IS NULL", "cf"),
        ("open IS NOT NULL", "abdeg"),
        ("name = ''", "g"),
        ("name = 'O''Brien\nTower'", "f"),
        ("name = '东水门大桥'", "a"),
        ("\"name\" < 'C'", "eg"),
        ("name IS NULL", "d"),
        ("use IN ('office', 'home')", "efg"),
        ("id IN ('a')", "a"),
        ("TRUE", "abcdefg"),
        ("FALSE OR levels = 1", "a"),
        ("levels = 3 OR use = 'office' AND open = false", "bce"),
        ("(levels = 3 OR use = 'office') AND open = false", "be"),
        ("NOT (levels = 3 AND open = true)", "abefg"),
        ("height_m > 0 OR levels = 3", "abceg"),
        ("geometry IS NULL", "f"),
    ],
)
def test_values_and_logic(places: BakedLayer, text: str, selected: str) -> None:
    assert ids_of(places, asked(text)) == selected


@pytest.mark.parametrize(
    ("text", "selected"),
    [
        ("name LIKE '%大桥'", "a"),
        ("name LIKE 'CAFE%'", "c"),
        ("name LIKE 'Caf_ _and_'", "b"),
        ("name LIKE '%'", "abcefg"),
        ("name LIKE ''", "g"),
        ("name LIKE '%%a%d%'", "bc"),
        (r"name LIKE '100\%\_sure\\'", "e"),
        (r"name LIKE '1__\_%'", ""),
        (r"name = '100%_sure\\'", "e"),
        (r"name = 'O\'Brien\nTower'", "f"),
        (r"name LIKE 'O\'%\nT%'", "f"),
        (r"name = 'a\a\b\t\n\v\f\rz'", ""),
        ("name LIKE 'O%Tower'", "f"),
        ("name LIKE '_'", ""),
        ("NOT name LIKE '%'", ""),
        ("name NOT LIKE '%a%'", "aefg"),
        ("CASEI(name) LIKE casei('CAFE%')", "c"),
        ("CASEI(use) = 'OFFICE'", ""),
        ("CASEI(use) = CASEI('OFFICE')", "ef"),
        ("CASEI(ACCENTI(name)) = CASEI(ACCENTI('cafÉ nAndÚ'))", "bc"),
        ("ACCENTI(name) = 'Cafe Nandu'", "b"),
        ("CASEI(use) IN (CASEI('Home'), CASEI('BRIDGE'))", "ag"),
    ],
)
def test_patterns_cases_and_accents(places: BakedLayer, text: str, selected: str) -> None:
    assert ids_of(places, asked(text)) == selected


@pytest.mark.parametrize(
    "text",
    [
        "levels = 3 AND NOT open IS NULL",
        "CASEI(use) IN (CASEI('Home'), 'x') OR height_m BETWEEN 1 AND 20",
        "built > TIMESTAMP('2010-01-01T00:00:00Z') AND name LIKE '%a%'",
        "S_WITHIN(geometry, BBOX(106.55, 29.54, 106.575, 29.565)) OR levels <> 3",
        "T_DURING(built, INTERVAL('2010-01-01', '..'))",
    ],
)
def test_json_says_the_same_as_text(places: BakedLayer, text: str) -> None:
    import cql2

    written = json.dumps(cql2.parse_text(text).to_json())
    as_text, as_json = asked(text), asked(written, "cql2-json")
    assert ids_of(places, as_json) == ids_of(places, as_text) != ""
    assert as_json.canonical == as_text.canonical


def test_whole_numbers_beyond_double_precision_are_exact_in_json(places: BakedLayer) -> None:
    def equal_to(number: int) -> Filter:
        return asked(json.dumps({"op": "=", "args": [{"property": "levels"}, number]}), "cql2-json")

    assert [ids_of(places, equal_to(2**53 + one)) for one in (0, 1, 2)] == ["", "e", ""]
    assert ids_of(places, asked(f'{{"op":"<","args":[{{"property":"levels"}},{2**63}]}}', "cql2-json")) == "abcefg"
    assert (
        ids_of(
            places, asked(f'{{"op":"in","args":[{{"property":"levels"}},[{2**53 + 1},3,2.5,{2**63}]]}}', "cql2-json")
        )
        == "bce"
    )
    with pytest.raises(ParameterError, match=re.escape("compares what is not alike")):
        asked(f"levels = {2**53 + 2}")


def test_only_the_rows_given_are_judged_in_their_order(places: BakedLayer) -> None:
    every = np.arange(len(places), dtype=np.int32)
    mask = asked("levels = 3").rows(places, every)
    assert asked("levels = 3").rows(places, every[::-1].copy()).tolist() == mask[::-1].tolist()
    assert asked("levels = 3").rows(places, every[:0]).tolist() == []


@pytest.mark.parametrize(
    "text", ["name LIKE '%a%'", "use IN ('office', 'home')", "S_WITHIN(geometry, BBOX(0, 0, 120, 40))"]
)
def test_a_mapped_layer_answers_as_one_in_memory(places: BakedLayer, tmp_path: Path, text: str) -> None:
    write_baked(places, tmp_path)
    assert ids_of(open_baked(tmp_path), asked(text)) == ids_of(places, asked(text)) != ""


def test_spaces_and_case_of_keywords_leave_the_canonical_form() -> None:
    one, other = asked("levels=3 and open =true"), asked("  levels = 3\n AND open = TRUE")
    assert one.canonical == other.canonical != asked("levels = 3 OR open = true").canonical


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("level = 3", "filters.unknown_property", "levels"),
        ("levels = 'x'", "filters.unlike", "levels holds int64"),
        ("levels = true", "filters.unlike", "a number"),
        ("name = 3", "filters.unlike", "a text"),
        ("open = 1", "filters.unlike", "true or false"),
        ("name LIKE 3", "filters.unlike", "a text"),
        ("levels LIKE '3%'", "filters.unlike", "texts"),
        ("name BETWEEN 1 AND 2", "filters.unlike", "BETWEEN"),
        ("levels IN (1, 'a')", "filters.unlike", "the text 'a'"),
        ("CASEI(levels) = 'a'", "filters.unlike", "CASEI"),
        ("name = NULL", "filters.unlike", "name IS NULL"),
        ("tags IS NULL", "filters.unknown_property", "id, levels"),
        ("built = '2020-01-01T00:00:00Z'", "filters.time", "TIMESTAMP"),
        ("built = 3", "filters.unlike", "a TIMESTAMP or DATE"),
        ("geometry = 3", "filters.unlike", "a geometry"),
        ("levels = height_m", "filters.not_supported", "two properties"),
        ("levels + 1 = 2", "filters.not_supported", "character 8"),
        ("(levels + 1) * 2 = 4", "filters.not_supported", "character 9"),
        ("1 = 1", "filters.not_supported", "without a property"),
        ("abs(levels) = 3", "filters.not_supported", "abs"),
        ("A_CONTAINS(tags, ('a', 'b'))", "filters.not_supported", "a_contains"),
        ("open", "filters.syntax", "name = value"),
        ("levels = 3; DROP TABLE roads", "filters.syntax", "character 11"),
        ("levels = 3 --", "filters.not_supported", "character 12"),
        ("name = 'x' OR '1'='1'", "filters.not_supported", "characters 15 to 21"),
        ("levels = 3 AND", "filters.syntax", "at its end"),
        ("levels = 3 levels = 4", "filters.syntax", "character 19"),
        ("levels = = 3", "filters.syntax", "character 10"),
        ("levels = 1e999", "filters.syntax", "double precision"),
        ("levels = NaN", "filters.unknown_property", "NaN"),
        ("name = '\x1b'", "filters.syntax", r"U\+001B"),
        ("name = 'x", "filters.syntax", "character 8"),
        ("", "filters.syntax", "at its end"),
        ("((levels = 3)", "filters.syntax", "closing parenthesis"),
    ],
)
def test_faults_are_named_with_their_place(text: str, code: str, words: str) -> None:
    with pytest.raises(ParameterError, match=words) as caught:
        asked(text)
    assert caught.value.code == code


def test_escapes_in_texts_are_the_characters_they_stand_for() -> None:
    from servers.serving.filter_text import Placed, text_tree

    found = text_tree(r"name = 'it\'s ''a''\a\b\t\n\v\f\r \\ \x %'")
    assert isinstance(found, Placed)
    assert found.tree["args"][1] == "it's 'a'\a\b\t\n\v\f\r \\ \\x %"
