"""Markdown tables of JSON Schemas, for the pages that docs/generate.py writes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """A table's lines; the word *None.* if there are no rows."""
    lines = ["| " + " | ".join(_cell(cell) for cell in row) + " |" for row in rows]
    return [f"| {' | '.join(head)} |", "|" + "---|" * len(head), *lines] if lines else ["None."]


def _cell(value: object) -> str:
    return " ".join(str(value).replace("|", "\\|").split())


def fields(schema: dict[str, Any], skip: Sequence[str] = ()) -> list[str]:
    """A table of an object schema's properties."""
    required = schema.get("required", ())
    rows = [
        (f"`{name}`", kind(field), "required" if name in required else default(field), field.get("description", ""))
        for name, field in schema.get("properties", {}).items()
        if name not in skip
    ]
    return table(("field", "type", "default", "meaning"), rows)


def kind(field: dict[str, Any]) -> str:
    """A schema's type in words, with its bounds."""
    if "anyOf" in field:
        return " or ".join(kind(one) for one in field["anyOf"] if one.get("type") != "null")
    if "$ref" in field:
        return str(field["$ref"]).rpartition("/")[2]
    if "enum" in field:
        return ", ".join(f"`{value}`" for value in field["enum"])
    if field.get("type") == "array" and "items" in field:
        return f"list of {kind(field['items'])}"
    if isinstance(field.get("additionalProperties"), dict):
        return f"table of {kind(field['additionalProperties'])}"
    return str(field.get("type", "any")) + _bounds(field)


def _bounds(field: dict[str, Any]) -> str:
    signs = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
    found = [f"{sign} {_number(field[name])}" for name, sign in signs.items() if name in field]
    return f" {', '.join(found)}" if found else ""


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else f"{value:g}"


def default(field: dict[str, Any]) -> str:
    """A schema's default, if it says more than that the field may be left out."""
    value = field.get("default")
    return "" if value in (None, "", []) or isinstance(value, dict) else f"`{value}`"
