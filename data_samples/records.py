"""Rows of the standard layers: common fields that say synthetic, and frames with the columns of the schema."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import geopandas as gpd
import pandas as pd

from cim_core.schema import LayerSchema
from data_samples.grid import CRS

Row = dict[str, Any]


def common(kind: str, number: int, zh: str = "", en: str = "", group: str = "", **tags: str) -> Row:
    """The common fields of a feature, whose source id and tags say that it is synthetic."""
    names = {"name": zh or None, "name_zh": zh or None, "name_en": en or None, "group": group or None}
    text = json.dumps({**tags, "synthetic": "yes"}, ensure_ascii=False)
    return {**names, "source_id": f"synthetic/{kind}/{number}", "assumed": "{}", "tags": text}


def frame(rows: Iterable[Row], schema: LayerSchema) -> gpd.GeoDataFrame:
    """Rows with ``id`` and ``geometry`` (working CRS) as a layer: index ``id``, columns and types of the schema."""
    raw = gpd.GeoDataFrame(list(rows), geometry="geometry", crs=CRS).set_index("id").sort_index()
    made = raw.reindex(columns=[*schema.names, "geometry"])
    for field in schema.fields:
        if field.dtype == "int64":
            made[field.name] = made[field.name].astype("Int64" if field.nullable else "int64")
        elif field.dtype in ("float64", "bool"):
            made[field.name] = made[field.name].astype(field.dtype)
        elif field.dtype in ("string", "json"):
            made[field.name] = made[field.name].astype(object).where(made[field.name].notna(), None)
    made.index = pd.Index(made.index, name="id", dtype=object)
    return gpd.GeoDataFrame(made, geometry="geometry", crs=CRS)
