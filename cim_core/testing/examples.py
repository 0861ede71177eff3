"""Values to try models with: the examples they give, their defaults, or the simplest values that fit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from cim_core.plan import Measure


def example_parameters(model: type[BaseModel]) -> dict[str, Any]:
    """The smallest set of parameters to try an analysis with: the first example of each that has no default.

    Raises ``ValueError`` naming parameters without default, description and example.
    """
    required = {name: field for name, field in model.model_fields.items() if field.is_required()}
    lacking = [name for name, field in required.items() if not field.examples or not field.description]
    if lacking:
        raise ValueError(
            f"parameters {', '.join(lacking)} have no default: give them a description and Field(examples=[…])"
        )
    return {name: field.examples[0] for name, field in required.items() if field.examples}


def example_measures(model: type[Measure], kind: str) -> list[Measure]:
    """Measures of a type: the ``examples`` of its JSON schema, else the simplest that the model takes.

    Raises ``ValueError`` if none can be made.
    """
    schema = model.model_json_schema(by_alias=True)
    given = schema.get("examples")
    if given:
        return [model.model_validate({"type": kind, **one}) for one in given]
    for candidate in _candidates(schema, kind):
        try:
            return [model.model_validate(candidate)]
        except ValidationError:
            continue
    raise ValueError('no measure could be made up: give model_config = ConfigDict(json_schema_extra={"examples": […]})')


def _candidates(schema: Mapping[str, Any], kind: str) -> Iterator[dict[str, Any]]:
    """The required fields; then these with one optional field, in turn."""
    properties = {name: one for name, one in schema.get("properties", {}).items() if name != "type"}
    definitions = schema.get("$defs", {})
    needed = {name: _simplest(properties[name], definitions) for name in schema.get("required", ()) if name != "type"}
    yield {"type": kind, **needed}
    for name, one in properties.items():
        if name not in needed and name not in ("note", "from", "to", "days"):
            yield {"type": kind, **needed, name: _simplest(one, definitions)}


def _simplest(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Any:
    """A value of a JSON schema: its example, its first choice, its lower limit."""
    if "$ref" in schema:
        return _simplest(definitions[schema["$ref"].rsplit("/", 1)[-1]], definitions)
    for key in ("examples", "enum"):
        if schema.get(key):
            return schema[key][0]
    if "const" in schema:
        return schema["const"]
    choices = [one for one in schema.get("anyOf", schema.get("allOf", ())) if one.get("type") != "null"]
    if choices:
        return _simplest(choices[0], definitions)
    return _of_type(schema, definitions)


def _of_type(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Any:
    kind = schema.get("type")
    if kind in ("integer", "number"):
        low = schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
        return min(low, schema.get("maximum", low))
    if kind == "array":
        return [_simplest(schema.get("items", {}), definitions)] * max(1, schema.get("minItems", 1))
    if kind == "object":
        properties = schema.get("properties", {})
        return {name: _simplest(properties[name], definitions) for name in schema.get("required", ())}
    return True if kind == "boolean" else "an example"
