"""Bake a frame in memory, or a snapshot's file in batches."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from servers.serving.baked.array_files import FolderArrays, MemoryArrays
from servers.serving.baked.batches import Batches
from servers.serving.baked.grid import Grid, grid_for
from servers.serving.baked.hilbert import hilbert_order
from servers.serving.baked.layout import META, BakedLayer, open_baked, write_baked
from servers.serving.baked.spec import (
    GEOMETRY_COLUMN,
    ID_COLUMN,
    BakeField,
    BakeSpec,
    frame_table,
    inferred_fields,
)
from servers.serving.web_mercator import DEGREES, transformer
from servers.serving.zoom_rules import CLASS_FIELDS

if TYPE_CHECKING:
    import geopandas as gpd
    import pyarrow as pa
    from pyproj import CRS

__all__ = ["BakeField", "BakeSpec", "bake_frame", "bake_parquet", "open_baked", "write_baked", "write_frame"]
BATCH = 32_768
_MARGIN = 0.002
"""Share of a layer's extent, and least degrees, that the grid has beside it: projected bounds are only near."""


def bake_frame(frame: gpd.GeoDataFrame, spec: BakeSpec) -> BakedLayer:
    """A frame in any CRS (its index is the feature id) as a baked layer in memory, in Hilbert order."""
    fields = inferred_fields(frame) if spec.fields is None else spec.fields
    ordered = in_hilbert_order(frame)
    table = frame_table(ordered, fields, documents=spec.fields is not None)
    crs = ordered.crs.to_string()
    batches = Batches(spec, fields, crs, _grid(ordered.total_bounds, ordered.crs), MemoryArrays())
    for start in range(0, len(table), BATCH):
        batches.add(table.slice(start, BATCH))
    if not len(table):
        batches.add(table)
    return batches.finish(crs)[1]


def warm() -> None:
    """Compile what bakes run (or load it from the cache on disk): the first request of a new machine need not wait."""
    import geopandas as gpd
    import shapely

    square = shapely.box(0, 0, 1, 1)
    columns = {"text": ["a", "b"], "whole": [1, 2], "real": [0.5, 1.5], "flag": [True, False]}
    frame = gpd.GeoDataFrame(columns, geometry=[square, square.centroid], crs=DEGREES, index=["a", "b"])
    layer = bake_frame(frame, BakeSpec("warm"))
    layer.find("a")


def in_hilbert_order(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The frame's rows along a Hilbert curve over its extent, those without a place last."""
    bounds = frame.bounds.to_numpy(dtype=np.float64)
    place = np.isfinite(bounds).all(axis=1)
    low = bounds[place, :2].min(axis=0) if place.any() else np.zeros(2)
    scale = 2**30 / max(float((bounds[place, 2:].max(axis=0) - low).max()) if place.any() else 1.0, 1e-9)
    box = np.tile(np.array([1, 1, 0, 0], dtype=np.int32), (len(frame), 1))
    box[place] = (bounds[place] - np.tile(low, 2)) * scale
    return frame.iloc[hilbert_order(box)]


def write_frame(frame: gpd.GeoDataFrame, spec: BakeSpec, path: Path) -> BakeSpec:
    """Write a frame to a file that :func:`bake_parquet` bakes with what is returned, as :func:`bake_frame` would."""
    import pyarrow.parquet as pq

    fields = inferred_fields(frame) if spec.fields is None else spec.fields
    table = frame_table(in_hilbert_order(frame), fields, documents=spec.fields is not None)
    bounds = frame.total_bounds
    column = {"encoding": "WKB", "crs": frame.crs.to_json_dict(), "geometry_types": []}
    about = column | ({"bbox": bounds.tolist()} if np.isfinite(bounds).all() else {})
    geo = {"version": "1.1.0", "primary_column": GEOMETRY_COLUMN, "columns": {GEOMETRY_COLUMN: about}}
    pq.write_table(
        table.replace_schema_metadata({"geo": json.dumps(geo)}), path, compression="zstd", row_group_size=BATCH
    )
    return replace(spec, fields=tuple(BakeField(one.name, one.dtype) for one in fields))


def bake_parquet(path: Path, spec: BakeSpec, folder: Path) -> None:
    """Bake a GeoParquet file (index ``id``, WKB, already in Hilbert order) into a folder that exists.

    Row groups are read one after the other, so that memory stays bounded. ``spec.fields`` must be given.
    """
    import pyarrow.parquet as pq
    from pyproj import CRS

    fields = spec.fields or ()
    with pq.ParquetFile(path) as file, FolderArrays(folder) as arrays:
        geo = json.loads(file.schema_arrow.metadata[b"geo"])
        about = geo["columns"][geo["primary_column"]]
        crs = CRS.from_user_input(about.get("crs") or "OGC:CRS84")
        key = ID_COLUMN if ID_COLUMN in file.schema_arrow.names else "id"
        names = {key: ID_COLUMN, **{one.name: one.name for one in fields}}
        names |= {name: name for name in CLASS_FIELDS if name in file.schema_arrow.names}
        names[geo["primary_column"]] = GEOMETRY_COLUMN
        batches = Batches(spec, fields, crs.to_string(), _grid(_extent(about, file, geo), crs), arrays)
        for table in _in_order(file, names):
            batches.add(table)
        meta, _ = batches.finish(crs.to_string())
    (folder / META).write_text(json.dumps(meta, ensure_ascii=False), encoding="utf-8")


def _in_order(file: Any, names: dict[str, str]) -> Iterator[pa.Table]:
    """The batches of a file; rows without a place last. At least one, if empty."""
    placeless = 0
    for table in _tables(file, names):
        place = _has_place(table)
        placeless += int((~place).sum())
        yield table if place.all() else table.filter(place)
    if placeless:
        for table in _tables(file, names):
            yield table.filter(~_has_place(table))


def _tables(file: Any, names: dict[str, str]) -> Iterator[pa.Table]:
    import pyarrow as pa

    empty = True
    for batch in file.iter_batches(batch_size=BATCH, columns=list(names)):
        empty = False
        table = pa.Table.from_batches([batch]).select(list(names))
        yield table.rename_columns(list(names.values()))
    if empty:
        yield file.schema_arrow.empty_table().select(list(names)).rename_columns(list(names.values()))


def _has_place(table: pa.Table) -> Any:
    import shapely

    objects = shapely.from_wkb(table[GEOMETRY_COLUMN].to_numpy())
    return np.isfinite(shapely.bounds(objects)).all(axis=1)


def _extent(about: dict[str, Any], file: Any, geo: dict[str, Any]) -> Any:
    """(min x, min y, max x, max y) in the file's CRS: as it says, or as its geometries have it."""
    import shapely

    bbox = about.get("bbox")
    if bbox is not None:
        return np.array(bbox)[[0, 1, len(bbox) // 2, len(bbox) // 2 + 1]]
    found = [np.full(4, np.nan)]
    for batch in file.iter_batches(batch_size=BATCH, columns=[geo["primary_column"]]):
        found.append(shapely.total_bounds(shapely.from_wkb(batch[0].to_numpy(zero_copy_only=False))))
    low, high = np.fmin.reduce(found, axis=0), np.fmax.reduce(found, axis=0)
    return np.concatenate([low[:2], high[2:]])


def _grid(extent: Any, crs: CRS) -> Grid:
    """The finest grid for an extent in a CRS; the world's if the extent is nothing or passes the antimeridian."""
    nan = float("nan")
    if not np.isfinite(extent).all():
        return grid_for(nan, nan, nan, nan)
    left, low, right, high = (float(edge) for edge in extent)
    change = transformer(crs.to_string(), DEGREES)
    west, south, east, north = change.transform_bounds(left, low, right, high, densify_pts=41)
    if not west <= east:
        return grid_for(nan, nan, nan, nan)
    rim = max(east - west, north - south) * _MARGIN + 1e-4
    return grid_for(max(west - rim, -180.0), south - rim, min(east + rim, 180.0), north + rim)
