"""Columns as a layer's fields: names, types, and the schema they make."""

from __future__ import annotations

import json
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from cim_core.gis.vector.geometry import geometry_kind
from cim_core.schema import Dtype, Field, LayerSchema, Text


def typed_columns(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The frame with each attribute of one of the dtypes of a layer field, and unique names fit for one.

    Nested values become JSON text; values of several types become text.
    """
    names = _unique_names([str(name) for name in frame.columns if name != frame.geometry.name])
    attributes = frame.drop(columns=frame.geometry.name).set_axis(names, axis=1)
    columns = {name: _typed(attributes[name]) for name in names}
    return gpd.GeoDataFrame(columns, index=frame.index, geometry=frame.geometry.to_numpy(), crs=frame.crs)


def derive_schema(frame: gpd.GeoDataFrame, name: str) -> LayerSchema:
    """The schema of a layer that is not a standard one, read off its typed columns."""
    fields = tuple(
        Field(name=str(column), dtype=_dtype(frame[column]), title=Text(en=str(column), zh=str(column)))
        for column in frame.columns
        if column != frame.geometry.name
    )
    return LayerSchema(name=name, title=Text(en=name, zh=name), geometry=geometry_kind(frame), fields=fields)


def _unique_names(names: list[str]) -> list[str]:
    taken: set[str] = {"geometry", "id"}
    result = []
    for position, raw in enumerate(names):
        base = raw.strip() or f"column_{position + 1}"
        name, suffix = base, 2
        while name in taken:
            name, suffix = f"{base}_{suffix}", suffix + 1
        taken.add(name)
        result.append(name)
    return result


def _typed(column: pd.Series[Any]) -> pd.Series[Any]:
    if pd.api.types.is_bool_dtype(column):
        return column.astype("boolean") if column.isna().any() else column.astype(bool)
    if pd.api.types.is_integer_dtype(column):
        return _integers(column)
    if pd.api.types.is_float_dtype(column):
        return column.astype("float64")
    if pd.api.types.is_datetime64_any_dtype(column):
        return pd.to_datetime(column, utc=True)
    return _typed_objects(column)


def _integers(column: pd.Series[Any]) -> pd.Series[Any]:
    if column.isna().any():
        return column.astype("Int64")
    fits = column.max() <= np.iinfo(np.int64).max if len(column) else True
    return column.astype("int64") if fits else column.astype(str).astype(object)


def _typed_objects(column: pd.Series[Any]) -> pd.Series[Any]:
    present = column.dropna()
    kinds = {type(value) for value in present}
    if kinds and kinds <= {bool, np.bool_}:
        return column.astype("boolean")
    if kinds and kinds <= {int, np.int64}:
        return column.astype("Int64")
    if any(issubclass(kind, (dict, list, tuple, np.ndarray)) for kind in kinds):
        return _text(column, lambda value: json.dumps(_plain(value), ensure_ascii=False, sort_keys=True))
    return _text(column, str)


def _text(column: pd.Series[Any], convert: Any) -> pd.Series[Any]:
    values = [None if missing else convert(value) for value, missing in zip(column, column.isna(), strict=True)]
    return pd.Series(values, index=column.index, dtype=object)


def _plain(value: Any) -> Any:
    return value.tolist() if isinstance(value, np.ndarray) else value


def _dtype(column: pd.Series[Any]) -> Dtype:
    if pd.api.types.is_bool_dtype(column):
        return "bool"
    if pd.api.types.is_integer_dtype(column):
        return "int64"
    if pd.api.types.is_float_dtype(column):
        return "float64"
    if pd.api.types.is_datetime64_any_dtype(column):
        return "timestamp"
    present = column.dropna()
    nested = len(present) > 0 and all(str(value)[:1] in ("{", "[") for value in present) and _is_json(present)
    return "json" if nested else "string"


def _is_json(present: pd.Series[Any]) -> bool:
    try:
        for value in present:
            json.loads(value)
    except ValueError:
        return False
    return True
