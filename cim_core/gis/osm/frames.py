"""Rows into frames that carry a layer's schema exactly."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from cim_core.gis.osm.elements import Tags
from cim_core.gis.osm.names import chinese_name_of, english_name_of, name_of
from cim_core.gis.quality import QualityReport
from cim_core.schema import Field, LayerSchema

CRS = "EPSG:4326"
_DTYPES = {"int64": "int64", "float64": "float64", "bool": "bool"}


def canonical_json(fields: Mapping[str, object]) -> str:
    """JSON with sorted keys and Chinese left readable: equal content gives equal text."""
    return json.dumps(fields, sort_keys=True, ensure_ascii=False)


def common(source_id: str, tags: Tags, assumed: Mapping[str, str], group: str | None = None) -> dict[str, Any]:
    """The fields that every imported feature begins with."""
    return {
        "name": name_of(tags),
        "name_zh": chinese_name_of(tags),
        "name_en": english_name_of(tags),
        "group": group,
        "source_id": source_id,
        "assumed": canonical_json(assumed),
        "tags": canonical_json(tags),
    }


@dataclass
class Rows:
    """Features of one layer as they are found, and what became of them."""

    schema: LayerSchema
    report: QualityReport
    ids: list[str] = field(default_factory=list)
    records: list[dict[str, Any]] = field(default_factory=list)
    geometry: list[Any] = field(default_factory=list)

    def add(self, ident: str, record: dict[str, Any], geometry: Any) -> None:
        """Take one feature."""
        self.ids.append(ident)
        self.records.append(record)
        self.geometry.append(geometry)

    def keep(self, ident: str, source_id: str, tags: Tags, geometry: Any, **fields: Any) -> None:
        """Take one feature of its own element and count it; ``assumed`` may be among the fields."""
        assumed = fields.pop("assumed", {})
        self.add(ident, common(source_id, tags, assumed) | fields, geometry)
        self.report.keep(self.schema.name)
        self.assume(assumed)

    def drop(self, reason: str) -> None:
        """Count one element that was left out."""
        self.report.drop(self.schema.name, reason)

    def assume(self, assumed: Mapping[str, str]) -> None:
        """Count the values of one element that were assumed."""
        for name, reason in assumed.items():
            self.report.assume(self.schema.name, f"{name}: {reason}")

    def frame(self) -> gpd.GeoDataFrame:
        """The frame of what was taken."""
        columns = {name: [record.get(name) for record in self.records] for name in self.schema.names}
        return frame(self.schema, self.ids, columns, self.geometry)


def frame(schema: LayerSchema, ids: Sequence[str], columns: Mapping[str, Any], geometry: Any) -> gpd.GeoDataFrame:
    """A GeoDataFrame (EPSG:4326) with every field of the schema, in its order and dtype, indexed by ``id``.

    Nullable whole numbers are pandas ``Int64``; texts, JSON and lists are objects, None where null.
    """
    index = pd.Index(np.asarray(ids, dtype=object), name="id", dtype=object)
    data = {item.name: _series(item, columns.get(item.name), index) for item in schema.fields}
    shapes = gpd.GeoSeries(np.asarray(geometry, dtype=object), index=index, crs=CRS)
    return gpd.GeoDataFrame(data, index=index, geometry=shapes, crs=CRS)


def _series(item: Field, column: Any, index: pd.Index) -> pd.Series:
    if column is None:
        column = [None] * len(index)
    if item.dtype == "int64" and item.nullable:
        return pd.Series(pd.array(list(column), dtype="Int64"), index=index)
    if item.dtype in _DTYPES:
        return pd.Series(np.asarray(column, dtype=_DTYPES[item.dtype]), index=index)
    cells = np.fromiter(column, dtype=object, count=len(index))
    return pd.Series(cells, index=index, dtype=object)
