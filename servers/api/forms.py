"""JSON Schemas of Pydantic models as forms need them, and which of their fields are files."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel

from cim_core.errors import ScenarioError
from cim_core.question import request_name

_FILE_FORMATS = ("path", "file-path", "directory-path")


@lru_cache(maxsize=256)
def form_schema(model: type[BaseModel]) -> dict[str, Any]:
    """The model's JSON Schema; what may be null is shown as what may be left out, with its titles at the field itself.

    A field that names a file has ``input_file: true``. Every property has a ``title`` and, where the model gives them,
    ``title_zh``, ``description``, ``description_zh``, ``unit``. Made once for each model: not to be changed.
    """
    schema: dict[str, Any] = _plain(model.model_json_schema(by_alias=True))
    for name in file_fields(model):
        schema["properties"][name] |= {"input_file": True}
    return schema


def _plain(node: Any) -> Any:
    if isinstance(node, list):
        return [_plain(item) for item in node]
    if not isinstance(node, dict):
        return node
    node = {key: _plain(value) for key, value in node.items()}
    options = node.get("anyOf", [])
    rest = [option for option in options if option != {"type": "null"}]
    if len(options) == 2 and len(rest) == 1:
        own = {key: value for key, value in node.items() if key != "anyOf"}
        if own.get("default", 0) is None:
            del own["default"]
        return rest[0] | own
    return node


@lru_cache(maxsize=256)
def file_fields(model: type[BaseModel]) -> tuple[str, ...]:
    """Fields that name a file, by the names that parameters and schemas have: the alias of a field that has one.

    Raises :class:`ScenarioError` (``scenario.nested_file``) if a file is named deeper than in a field of its own: the
    door could not tell which files are meant, so it would have to trust any path.
    """
    found = tuple(
        request_name(model, name) for name, field in model.model_fields.items() if _has_path(field.annotation)
    )
    text = json.dumps(model.model_json_schema(by_alias=True))
    mentioned = sum(text.count(f'"format": "{one}"') for one in _FILE_FORMATS)
    if mentioned > len(found):
        raise ScenarioError(
            "scenario.nested_file",
            "a parameter hides a file inside another field",
            where=f"{model.__module__}.{model.__name__}",
            expected="files as fields of their own: `trips: Path | None`",
            got=f"{mentioned} files, {len(found)} of them in fields of their own",
            remedy="give each file a field of its own; from the command line the analysis can be run as it is",
        )
    return found


def _has_path(annotation: Any) -> bool:
    if isinstance(annotation, type):
        return issubclass(annotation, Path)
    return any(_has_path(part) for part in get_args(annotation))
