"""Every field of every measure can be shown in a form in both languages, and says which layer it names."""

from __future__ import annotations

from typing import Any

import pytest

from cim_core.registry import Registry

TYPES = Registry.discover().measure_types()


def _fields(kind: str) -> dict[str, dict[str, Any]]:
    schema = TYPES[kind].model_json_schema(by_alias=True)
    nested = [one for name, one in schema.get("$defs", {}).items() if one["type"] == "object"]
    return {name: field for part in (schema, *nested) for name, field in part["properties"].items() if name != "type"}


@pytest.mark.parametrize("kind", sorted(TYPES))
def test_every_field_has_words_in_both_languages(kind: str) -> None:
    for name, field in _fields(kind).items():
        for text in ("title", "description", "title_zh", "description_zh"):
            assert field.get(text), f"{kind}.{name} lacks {text}"


@pytest.mark.parametrize("kind", sorted(TYPES))
def test_every_choice_has_words_in_both_languages(kind: str) -> None:
    for name, field in _fields(kind).items():
        if "enum" in field:
            assert set(field["enum_titles"]) == set(field["enum"]), f"{kind}.{name}"
            assert all(set(words) == {"en", "zh"} for words in field["enum_titles"].values())


@pytest.mark.parametrize("kind", sorted(TYPES))
def test_every_measure_names_a_feature_of_a_layer(kind: str) -> None:
    layers = {field["layer"] for field in _fields(kind).values() if "layer" in field}
    assert layers == {"close": {"roads", "walkways"}, "signal_program": {"signals"}}.get(kind, {"roads"})
