"""Feature ids that stay the same over re-import: the source's own, else derived from the geometry."""

from __future__ import annotations

import hashlib
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from cim_core.errors import InputError
from cim_core.gis.quality import QualityReport

_ID_NAMES = ("id", "@id", "osm_id", "osmid", "uuid", "gml_id", "globalid", "bsm", "标识码", "编号", "fid", "objectid")
"""Columns that name features, in order of trust; BSM (标识码) is the id of Chinese land survey layers."""
_GRID_DEG = 1e-7


def with_ids(frame: gpd.GeoDataFrame, id_field: str | None, layer: str, report: QualityReport) -> gpd.GeoDataFrame:
    """The frame with a unique string index ``id``; the column it came from is removed.

    ``id_field`` must be there and without repeats. Without it a well-known column is taken if it names every feature
    once. Else, and where the id is missing, the id is ``g`` and twelve hex digits of a hash of the geometry, so it
    survives changes of attributes and of order; features at the same place get ``-2``, ``-3`` …

    Raises
    ------
    InputError
        ``vector.id_field`` when the named column is not there or repeats a value.
    """
    column = _given(frame, id_field, layer) if id_field else _found(frame)
    ids = pd.Series(None, index=frame.index, dtype=object) if column is None else _as_text(frame[column])
    missing = ids.isna().to_numpy()
    if missing.any():
        ids[missing] = _from_geometry(frame.geometry.to_numpy()[missing])
        report.assume(layer, "id: from the geometry", int(missing.sum()))
    rest = frame if column is None else frame.drop(columns=column)
    return rest.set_axis(pd.Index(ids.to_numpy(), name="id", dtype=object))


def _given(frame: gpd.GeoDataFrame, id_field: str, layer: str) -> str:
    names = [str(name) for name in frame.columns if name != frame.geometry.name]
    if id_field not in names:
        raise _id_error("The column named as id is not there", layer, "one of " + ", ".join(names)[:300], id_field)
    ids = _as_text(frame[id_field]).dropna()
    repeated = ids[ids.duplicated()].unique()
    if len(repeated):
        got = f"{len(repeated)} values repeat, e.g. {', '.join(repeated[:5])}"
        raise _id_error(f"The column {id_field} does not name each feature once", layer, "unique values", got)
    return id_field


def _id_error(what: str, layer: str, expected: str, got: str) -> InputError:
    remedy = "Name another column, or leave the id out: then it is derived from the geometry."
    return InputError("vector.id_field", what, where=f"layer {layer}", expected=expected, got=got, remedy=remedy)


def _found(frame: gpd.GeoDataFrame) -> str | None:
    lower = {str(name).lower(): str(name) for name in frame.columns if name != frame.geometry.name}
    for name in _ID_NAMES:
        if name in lower and _as_text(frame[lower[name]]).pipe(lambda ids: ids.notna().all() and ids.is_unique):
            return lower[name]
    return None


def _as_text(column: pd.Series[Any]) -> pd.Series[Any]:
    """Ids as text; 17.0 is 17, blank is missing."""
    if pd.api.types.is_float_dtype(column) and (column.dropna() % 1 == 0).all():
        column = column.astype("Int64")
    text = column.astype("string").str.strip()
    return text.astype(object).where((text.notna() & (text != "")).to_numpy(bool), None)


def _from_geometry(geometry: Any) -> list[str]:
    rounded = shapely.transform(geometry, lambda xy: np.round(xy / _GRID_DEG).astype(np.int64).astype(float))
    keys = [hashlib.sha256(wkb).hexdigest()[:12] for wkb in shapely.to_wkb(shapely.normalize(rounded), byte_order=1)]
    order = pd.Series(keys).groupby(keys).cumcount() + 1
    return [f"g{key}" if rank == 1 else f"g{key}-{rank}" for key, rank in zip(keys, order, strict=True)]
