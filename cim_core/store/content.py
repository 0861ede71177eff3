"""The logical content of a frame: brought into its schema, hashed without regard to file bytes or row order."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from cim_core.canonical import canonical_json
from cim_core.errors import InputError
from cim_core.schema import Field, LayerSchema

if TYPE_CHECKING:
    import geopandas as gpd

GRID_M = 0.001
"""Coordinates in the working CRS are kept to the millimetre, so that equal content has equal bytes."""


def conform(frame: gpd.GeoDataFrame, schema: LayerSchema) -> gpd.GeoDataFrame:
    """The frame with exactly the schema's columns and dtypes, millimetre coordinates, index ``id`` sorted.

    Raises
    ------
    InputError
        A column is missing, has nulls where none may be, or values of another type; ids that repeat.
    """
    _check_columns(frame, schema)
    ordered = frame.sort_index(kind="stable")
    columns: dict[str, Any] = {field.name: _cast(ordered[field.name], field, schema.name) for field in schema.fields}
    result = ordered[["geometry"]].assign(**columns)[[*schema.names, "geometry"]]
    result["geometry"] = _to_grid(np.asarray(result.geometry.values))
    result.index = pd.Index(ordered.index.astype(str), name="id", dtype=object)
    return result.set_crs(frame.crs)


def _check_columns(frame: gpd.GeoDataFrame, schema: LayerSchema) -> None:
    missing = [name for name in schema.names if name not in frame.columns]
    repeated = frame.index[frame.index.duplicated()]
    if missing or len(repeated):
        raise InputError(
            "layer.schema",
            "the features do not fit the layer's schema",
            where=f"layer {schema.name}",
            expected="columns " + ", ".join(schema.names) + "; unique ids",
            got=f"missing {missing}, repeated ids {list(map(str, repeated[:5]))}",
            remedy="map the source's columns to the schema, and give each feature one id",
        )


def _cast(column: pd.Series[Any], field: Field, layer: str) -> pd.Series[Any]:
    if not field.nullable and column.isna().any():
        raise InputError(
            "layer.null",
            "a field that must have a value has none",
            where=f"layer {layer}, field {field.name}",
            expected="a value in every feature",
            got=f"{int(column.isna().sum())} empty, e.g. {column.index[column.isna()][0]}",
            remedy="fill the field, or mark an assumed value",
        )
    try:
        return _CASTS[field.dtype](column, field.nullable)
    except (TypeError, ValueError) as fault:
        raise InputError(
            "layer.dtype",
            "a field has values of another type",
            where=f"layer {layer}, field {field.name}",
            expected=field.dtype,
            got=str(fault),
            remedy="convert the values before the import",
        ) from None


def _strings(column: pd.Series[Any], nullable: bool) -> pd.Series[Any]:
    return column.astype(object).where(column.notna(), None)


def _integers(column: pd.Series[Any], nullable: bool) -> pd.Series[Any]:
    return column.astype("Int64" if nullable else "int64")


def _lists(column: pd.Series[Any], nullable: bool) -> pd.Series[Any]:
    arrays = [None if item is None else np.asarray(item, dtype=np.int64) for item in column]
    return pd.Series(arrays, index=column.index, dtype=object)


_CASTS: dict[str, Any] = {
    "string": _strings,
    "json": _strings,
    "int64": _integers,
    "float64": lambda column, nullable: column.astype("float64"),
    "bool": lambda column, nullable: column.astype("boolean" if nullable else "bool"),
    "list<int64>": _lists,
    "timestamp": lambda column, nullable: pd.to_datetime(column, utc=True).dt.as_unit("us"),
}


def _to_grid(geometry: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    rounded = shapely.transform(
        geometry,
        lambda xyz: np.round(xyz / GRID_M) * GRID_M + 0.0,  # -0.0 becomes 0.0: equal coordinates, equal bytes
        include_z=bool(shapely.has_z(geometry).any()),
    )
    broken = ~shapely.is_valid(rounded) & shapely.is_valid(geometry)
    rounded[broken] = geometry[broken]
    return np.asarray(rounded)


def frame_hash(frame: gpd.GeoDataFrame, schema: LayerSchema) -> str:
    """SHA-256 over schema, CRS and the conformed frame's values; 64 hex digits."""
    digest = hashlib.sha256(canonical_json(schema.model_dump(mode="json")))
    digest.update(frame.crs.to_wkt().encode() if frame.crs else b"")
    _feed_bytes(digest, [str(name).encode() for name in frame.index])
    for field in schema.fields:
        digest.update(field.name.encode())
        _feed(digest, frame[field.name], field)
    _feed_bytes(digest, list(shapely.to_wkb(np.asarray(frame.geometry.values), byte_order=1)))
    return digest.hexdigest()


def _feed(digest: Any, column: pd.Series[Any], field: Field) -> None:
    missing = column.isna().to_numpy()
    digest.update(np.packbits(missing).tobytes())
    present = column[~missing]
    if field.dtype in ("string", "json"):
        _feed_bytes(digest, [str(text).encode() for text in present])
    elif field.dtype == "list<int64>":
        _feed_bytes(digest, [np.asarray(item, dtype="<i8").tobytes() for item in present])
    elif field.dtype == "timestamp":
        digest.update(present.astype("int64").to_numpy().astype("<i8").tobytes())
    else:
        digest.update(present.to_numpy(dtype={"int64": "<i8", "float64": "<f8", "bool": "u1"}[field.dtype]).tobytes())


def _feed_bytes(digest: Any, parts: list[bytes | None]) -> None:
    lengths = np.array([-1 if part is None else len(part) for part in parts], dtype="<i8")
    digest.update(lengths.tobytes())
    digest.update(b"".join(part for part in parts if part))
