"""Attributes of any source onto the fields of a standard layer, with what is assumed and why."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from cim_core.errors import InputError
from cim_core.gis.quality import QualityReport
from cim_core.gis.vector.assumptions import Assumed, fill_layer
from cim_core.schema import Field, LayerSchema

_ALIASES: dict[str, tuple[str, ...]] = {
    "name": ("名称", "mc", "title"),
    "name_zh": ("name:zh", "中文名", "中文名称"),
    "name_en": ("name:en", "英文名"),
    "use": ("usage", "function", "building:use", "用途", "建筑用途", "building"),
    "levels": ("floors", "floor", "storeys", "stories", "num_floors", "building:levels", "层数", "地上层数"),
    "height_m": ("height", "building:height", "高度", "建筑高度"),
    "floor_area_m2": ("floor_area", "gfa", "建筑面积"),
    "class": ("highway", "railway", "waterway", "water", "fclass", "等级"),
    "category": ("大类", "类别"),
    "kind": ("type", "细类", "小类", "中类"),
    "capacity": ("places", "泊位数", "车位数"),
    "steps": ("step_count", "级数"),
    "width_m": ("width", "宽度"),
}
"""Field → other names it goes by; compared without case, and ``:``, ``_``, ``-`` and spaces alike."""
_POI_TAGS = ("amenity", "shop", "tourism", "office", "leisure", "healthcare", "public_transport", "railway", "historic")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_QUANTITY = re.compile(r"\s*([+-]?\d+(?:\.\d+)?)\s*(?:m|米|层|f|km/h)?\s*", re.IGNORECASE)


def map_to_layer(frame: gpd.GeoDataFrame, schema: LayerSchema, report: QualityReport) -> gpd.GeoDataFrame:
    """The frame with the columns of ``schema``: same names, else known aliases, else assumed values.

    ``frame`` is in EPSG:4326, indexed by id. What is assumed is written to the field ``assumed`` and counted.

    Raises
    ------
    InputError
        ``vector.fields_missing`` naming the fields that must have a value and have none that can be assumed.
    """
    attributes = frame.drop(columns=frame.geometry.name)
    columns = {field.name: _source_column(attributes, field) for field in schema.fields}
    if schema.name == "pois":
        _poi_kinds(attributes, columns)
    found = {name: column for name, column in columns.items() if column is not None}
    assumed = Assumed(frame.index)
    fill_layer(schema.name, found, frame.geometry.to_numpy(), assumed)
    _require(schema, found, attributes)
    _common(found, attributes, assumed)
    for field, reasons in assumed.counts().items():
        for reason, count in reasons.items():
            report.assume(schema.name, f"{field}: {reason}", count)
    return _assembled(frame, schema, found)


def _assembled(frame: gpd.GeoDataFrame, schema: LayerSchema, found: dict[str, pd.Series[Any]]) -> gpd.GeoDataFrame:
    empty = pd.Series(None, index=frame.index, dtype=object)
    columns = {field.name: _cast(found.get(field.name, empty), field) for field in schema.fields}
    return gpd.GeoDataFrame(columns, index=frame.index, geometry=frame.geometry.to_numpy(), crs=frame.crs)


def _key(name: str) -> str:
    return re.sub(r"[:_\- ]", "", name.lower())


def _source_column(attributes: pd.DataFrame, field: Field) -> pd.Series[Any] | None:
    by_key = {_key(str(name)): str(name) for name in reversed(attributes.columns)}
    for alias in (field.name, *_ALIASES.get(field.name, ())):
        if _key(alias) in by_key:
            column = attributes[by_key[_key(alias)]]
            return _numbers(column) if field.dtype in ("int64", "float64") else column
    return None


def _numbers(column: pd.Series[Any]) -> pd.Series[Any]:
    """Numbers as float; text such as ``12 m`` or ``3层`` too, other text as missing."""
    if pd.api.types.is_numeric_dtype(column):
        return column.astype("float64")
    found = [_QUANTITY.fullmatch(str(value)) for value in column]
    return pd.Series([float(match[1]) if match else np.nan for match in found], index=column.index)


def _poi_kinds(attributes: pd.DataFrame, columns: dict[str, pd.Series[Any] | None]) -> None:
    """Category and kind from columns named as OSM tags (amenity, shop, …) where the source has no own."""
    tags = [tag for tag in _POI_TAGS if tag in attributes.columns]
    if columns["category"] is None and columns["kind"] is not None:
        columns["category"] = pd.Series("poi", index=attributes.index)
    if columns["kind"] is None and columns["category"] is not None:
        columns["kind"] = columns["category"]
    if columns["kind"] is not None or not tags:
        return
    values = attributes[tags]
    first = values.notna().to_numpy().argmax(axis=1)
    known = values.notna().any(axis=1)
    columns["category"] = pd.Series(np.array(tags)[first], index=attributes.index, dtype=object).where(known, None)
    columns["kind"] = pd.Series(values.to_numpy(object)[np.arange(len(values)), first], index=attributes.index)


def _require(schema: LayerSchema, found: dict[str, pd.Series[Any]], attributes: pd.DataFrame) -> None:
    missing = [field.name for field in schema.fields if not field.nullable and _lacks(found.get(field.name))]
    if missing:
        raise InputError(
            "vector.fields_missing",
            f"Layer {schema.name} needs fields that the source does not have",
            where=f"layer {schema.name}",
            expected=", ".join(f"{name} ({', '.join(_ALIASES.get(name, ()))})".replace(" ()", "") for name in missing),
            got="columns " + (", ".join(map(str, attributes.columns))[:300] or "(none)"),
            remedy="Rename or add the columns, or import into a layer of your own name.",
        )


def _lacks(column: pd.Series[Any] | None) -> bool:
    return column is None or bool(column.isna().any())


def _common(found: dict[str, pd.Series[Any]], attributes: pd.DataFrame, assumed: Assumed) -> None:
    name = found.get("name")
    if name is not None and "name_zh" not in found:
        han = name.map(lambda text: bool(_HAN.search(str(text))) if text is not None else False)
        found["name_zh"] = name.where(han.astype(bool), None)
    found.setdefault("source_id", pd.Series(attributes.index, index=attributes.index, dtype=object))
    found["tags"] = pd.Series(_as_json(_rows(attributes)), index=attributes.index, dtype=object)
    found["assumed"] = pd.Series(_as_json(assumed.by_feature()), index=attributes.index, dtype=object)


def _rows(attributes: pd.DataFrame) -> list[dict[str, Any]]:
    names = [str(name) for name in attributes.columns]
    present = attributes.notna().to_numpy()
    values = attributes.astype(object).to_numpy()
    return [
        {name: _json_value(value) for name, value, there in zip(names, row, mask, strict=True) if there}
        for row, mask in zip(values, present, strict=True)
    ]


def _json_value(value: Any) -> Any:
    return value if isinstance(value, (bool, int, float, str)) else str(value)


def _as_json(rows: Iterable[dict[str, Any]]) -> list[str]:
    return [json.dumps(row, ensure_ascii=False, sort_keys=True, default=str) for row in rows]


def _cast(column: pd.Series[Any], field: Field) -> pd.Series[Any]:
    if field.dtype == "int64":
        whole = pd.to_numeric(column, errors="coerce").astype("float64").round().astype("Int64")
        return whole if field.nullable else whole.astype("int64")
    if field.dtype == "float64":
        return pd.to_numeric(column, errors="coerce").astype("float64")
    if field.dtype == "bool":
        return _booleans(column).astype("boolean" if field.nullable else "bool")
    if field.dtype in ("string", "json"):
        return column.astype("string").astype(object).where(column.notna(), None)
    return column


def _booleans(column: pd.Series[Any]) -> pd.Series[Any]:
    if pd.api.types.is_bool_dtype(column):
        return column
    words = column.astype("string").str.lower()
    return words.isin(["true", "yes", "1", "1.0", "t", "y", "是"])
