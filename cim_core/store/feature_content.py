"""One feature on its way into a layer's log: checked against the schema, written as plain values, read as a frame."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from cim_core.canonical import content_hash
from cim_core.errors import InputError
from cim_core.schema import Field, LayerSchema

if TYPE_CHECKING:
    import geopandas as gpd
    from shapely import Geometry

MOST_VERTICES = 100_000
"""Of one feature."""
_INT64 = 2**63


@dataclass(frozen=True)
class Feature:
    """A feature as a layer holds it: plain values, and its geometry in the working CRS."""

    id: str
    fields: Mapping[str, Any]
    geometry: Geometry | None

    @property
    def tag(self) -> str:
        """Names this content of the feature; another content has another, 64 hex digits."""
        return content_hash(content_of(self))


def content_of(feature: Feature) -> dict[str, Any]:
    """What the log keeps of a feature."""
    import shapely

    shape = None if feature.geometry is None else shapely.to_wkb(feature.geometry, hex=True, byte_order=1)
    return {"fields": dict(feature.fields), "geometry": shape}


def feature_of(id_: str, content: Mapping[str, Any]) -> Feature:
    """The feature that :func:`content_of` has written."""
    import shapely

    shape = content["geometry"]
    return Feature(id_, dict(content["fields"]), None if shape is None else shapely.from_wkb(shape))


def checked(feature: Feature, schema: LayerSchema, crs: Any) -> Feature:
    """The feature as the layer will hold it: every field there, values of their dtype, coordinates to the millimetre.

    Raises
    ------
    InputError
        ``feature.fields`` naming every field that does not fit; ``feature.geometry`` for a shape that is missing, not
        valid, not finite, of another kind, or of more than :data:`MOST_VERTICES` vertices.
    """
    _check_fields(feature, schema)
    _check_geometry(feature, schema)
    frame = frame_of([feature], schema, crs)
    return features_in(frame, schema)[0]


def frame_of(features: Sequence[Feature], schema: LayerSchema, crs: Any) -> gpd.GeoDataFrame:
    """Features as a frame of the layer: its columns and dtypes, index ``id`` sorted."""
    import geopandas as gpd
    import pandas as pd

    from cim_core.store.content import conform

    ids = pd.Index([feature.id for feature in features], dtype=object, name="id")
    columns = {
        field.name: pd.Series([_cell(f.fields.get(field.name), field) for f in features], index=ids, dtype=object)
        for field in schema.fields
    }
    shapes = np.array([feature.geometry for feature in features], dtype=object)
    return conform(gpd.GeoDataFrame(columns, geometry=shapes, crs=crs, index=ids), schema)


def features_in(frame: gpd.GeoDataFrame, schema: LayerSchema) -> list[Feature]:
    """The rows of a layer's frame, in its order."""
    columns = [[_plain(value) for value in frame[name].astype(object)] for name in schema.names]
    rows = zip(*columns, strict=True) if columns else [()] * len(frame)
    shapes = frame.geometry.array
    return [
        Feature(str(id_), dict(zip(schema.names, values, strict=True)), shape)
        for id_, values, shape in zip(frame.index, rows, shapes, strict=True)
    ]


def _cell(value: Any, field: Field) -> Any:
    """A plain value as a frame has it before :func:`cim_core.store.content.conform`."""
    if value is None or field.dtype != "timestamp":
        return value
    return datetime.fromisoformat(value)


def _plain(value: Any) -> Any:
    """A cell as JSON has it."""
    import pandas as pd

    if isinstance(value, np.ndarray | list | tuple):
        return [int(item) for item in value]
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    return value.item() if isinstance(value, np.generic) else value


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and -_INT64 <= value < _INT64


def _is_text(value: Any) -> bool:
    if not isinstance(value, str) or "\x00" in value:
        return False
    try:
        value.encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        return False
    return True


def _is_json(value: Any) -> bool:
    try:
        json.loads(value)
    except (TypeError, ValueError, RecursionError):
        return False
    return _is_text(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_instant(value: Any) -> bool:
    import pandas as pd

    try:
        at = datetime.fromisoformat(value)
        return at.tzinfo is not None and pd.Timestamp(at).as_unit("ns") is not None
    except (TypeError, ValueError, OverflowError):
        return False


_FITS: dict[str, Callable[[Any], bool]] = {
    "string": _is_text,
    "json": _is_json,
    "int64": _is_whole,
    "float64": _is_number,
    "bool": lambda value: isinstance(value, bool),
    "list<int64>": lambda value: isinstance(value, list | tuple) and all(map(_is_whole, value)),
    "timestamp": _is_instant,
}
_WORDS = {
    "json": "JSON",
    "int64": "a whole number of 64 bits",
    "float64": "a finite number",
    "bool": "true or false",
    "string": "a text",
    "list<int64>": "a list of whole numbers",
    "timestamp": "an instant with its offset, such as 2026-01-31T08:00:00Z",
}


def _faults(feature: Feature, schema: LayerSchema) -> list[str]:
    unknown = [f"{name[:80]}: the layer has no such field" for name in feature.fields if schema.field(name) is None]
    found = []
    for field in schema.fields:
        value = feature.fields.get(field.name)
        if value is None and not field.nullable:
            found.append(f"{field.name}: must have a value")
        elif value is not None and not _FITS[field.dtype](value):
            found.append(f"{field.name}: {_shown(value)} is not {_WORDS[field.dtype]}")
    return unknown + found


def _shown(value: Any) -> str:
    return repr(value)[:60]


def _check_fields(feature: Feature, schema: LayerSchema) -> None:
    faults = _faults(feature, schema)
    if faults:
        raise InputError(
            "feature.fields",
            "the feature has fields that do not fit the layer",
            where=f"layer {schema.name}",
            expected=", ".join(f"{f.name} ({f.dtype}{'' if f.nullable else ', not null'})" for f in schema.fields),
            got="; ".join(faults)[:2000],
            remedy="mend the fields named",
        )


def _check_geometry(feature: Feature, schema: LayerSchema) -> None:
    fault = _geometry_fault(feature.geometry, schema)
    if fault is not None:
        raise InputError(
            "feature.geometry",
            "the feature's geometry does not fit the layer",
            where=f"layer {schema.name}",
            expected=_expected(schema),
            got=fault,
            remedy="mend the geometry",
        )


def _expected(schema: LayerSchema) -> str:
    if schema.geometry == "None":
        return "no geometry"
    kind = "geometry" if schema.geometry == "Any" else f"{schema.geometry} or Multi{schema.geometry}"
    return f"a valid {kind} of at most {MOST_VERTICES:,} vertices"


def _geometry_fault(shape: Geometry | None, schema: LayerSchema) -> str | None:
    import shapely

    if shape is None or shape.is_empty:
        return None if schema.geometry == "None" else "none"
    if schema.geometry not in ("Any", shape.geom_type.removeprefix("Multi")):
        return str(shape.geom_type)
    if shapely.get_num_coordinates(shape) > MOST_VERTICES:
        return f"{shapely.get_num_coordinates(shape):,} vertices"
    if not np.isfinite(shapely.get_coordinates(shape, include_z=shape.has_z)).all():
        return "coordinates that are not finite"
    return None if bool(shape.is_valid) else f"not valid: {shapely.is_valid_reason(shape)}"
