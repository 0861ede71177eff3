"""What of a layer is baked: its name, its visible fields, the version that names the content."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, cast

from cim_core.schema import Dtype
from servers.serving.zoom_rules import CLASS_FIELDS

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    import pyarrow as pa

ID_COLUMN, GEOMETRY_COLUMN = "baked:id", "baked:geometry"
"""Names in the tables of this package that no field should have."""


class FieldLike(Protocol):
    """A name and a dtype of :data:`cim_core.schema.Dtype`; :class:`cim_core.schema.Field` is one."""

    @property
    def name(self) -> str:
        """The column's name."""

    @property
    def dtype(self) -> Dtype:
        """What it holds."""


class BakeField(NamedTuple):
    """A field of a layer without schema."""

    name: str
    dtype: Dtype


@dataclass(frozen=True)
class BakeSpec:
    """What to bake.

    Attributes
    ----------
    name
        The layer's; that of a standard layer also says what coarse zooms leave out.
    fields
        The visible ones, in order. None takes the columns of a frame as they are.
    version
        Names the content.
    heights
        Whether there is the derived column of heights even if no geometry has any: so that two layers have the same.
    """

    name: str
    fields: Sequence[FieldLike] | None = None
    version: str = ""
    heights: bool = False

    def as_dict(self) -> dict[str, Any]:
        """As JSON has it, for a key or another process."""
        fields = None if self.fields is None else [[one.name, one.dtype] for one in self.fields]
        return {"name": self.name, "version": self.version, "fields": fields, "heights": self.heights}

    @classmethod
    def from_dict(cls, about: Mapping[str, Any]) -> BakeSpec:
        """What :meth:`as_dict` gave."""
        found = about["fields"]
        fields = None if found is None else tuple(BakeField(name, dtype) for name, dtype in found)
        return cls(about["name"], fields, about["version"], about["heights"])


def inferred_fields(frame: gpd.GeoDataFrame) -> tuple[BakeField, ...]:
    """The columns of a frame without schema: numbers, flags, texts and instants as they are, all else as JSON."""
    return tuple(BakeField(str(name), _dtype(frame[name])) for name in frame.columns if name != frame.geometry.name)


def _dtype(values: pd.Series) -> Dtype:
    import pandas as pd

    if isinstance(values.dtype, pd.CategoricalDtype):
        values = values.cat.categories.to_series()
    kind = pd.api.types.infer_dtype(values, skipna=True)
    if pd.api.types.is_unsigned_integer_dtype(values.dtype) and len(values) and values.max() >= 2**63:
        return "json"
    if kind == "empty":
        return "string"
    return cast(Dtype, _INFERRED.get(kind, "json"))


_INFERRED = {
    "string": "string", "boolean": "bool", "integer": "int64", "integer-na": "int64", "floating": "float64",
    "datetime64": "timestamp", "datetime": "string", "date": "string", "time": "string",
}  # fmt: skip
"""What pandas infers → dtype. Mixed columns are JSON."""


def frame_table(frame: gpd.GeoDataFrame, fields: Sequence[FieldLike], *, documents: bool = True) -> pa.Table:
    """A frame (index: the feature id) as Arrow columns: id, the fields, its class field, the geometry as WKB.

    JSON columns become texts of JSON documents; ``documents`` says that a text in one is a document already.
    """
    import numpy as np
    import pyarrow as pa
    import shapely

    names = [one.name for one in fields]
    more = [name for name in CLASS_FIELDS if name in frame.columns and name not in names]
    columns: dict[str, Any] = {one.name: _arrow(frame[one.name], one.dtype, documents) for one in fields}
    columns |= {name: _arrow(frame[name], "string", documents) for name in more}
    geometry = np.asarray(frame.geometry.array)
    wkb = pa.array(shapely.to_wkb(geometry, flavor="iso", byte_order=1), type=pa.binary())
    ids = pa.array([str(one) for one in frame.index], type=pa.large_string())
    return pa.Table.from_arrays([ids, *columns.values(), wkb], names=[ID_COLUMN, *columns, GEOMETRY_COLUMN])


def _arrow(values: pd.Series, dtype: Dtype, documents: bool) -> pa.Array:
    import pandas as pd
    import pyarrow as pa

    from servers.serving.plain_values import plain_values

    if isinstance(values.dtype, pd.CategoricalDtype):
        values = values.astype(values.cat.categories.dtype)
    if dtype in ("string", "json"):
        return _texts(plain_values(values), dtype, documents)
    if dtype == "list<int64>":
        return pa.array(plain_values(values), type=pa.list_(pa.int64()))
    if dtype == "timestamp":
        return pa.Array.from_pandas(pd.to_datetime(values, utc=values.dtype == object))
    return pa.Array.from_pandas(values.astype(_PANDAS[dtype]))


_PANDAS = {"int64": "Int64", "float64": "float64", "bool": "boolean"}


def _texts(values: list[Any], dtype: Dtype, documents: bool) -> pa.Array:
    """Texts as they are; of a JSON column what is no text is written as JSON."""
    import pyarrow as pa

    if dtype == "string":
        found = [None if one is None else one if isinstance(one, str) else str(one) for one in values]
    else:
        found = [_json_text(one, documents) for one in values]
    return pa.array(found, type=pa.large_string())


def _json_text(value: Any, documents: bool) -> str | None:
    if value is None or (documents and isinstance(value, str)):
        return value
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
