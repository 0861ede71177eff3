"""Writing a layer to a file that other programs read."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd

from cim_core.errors import ParameterError
from cim_core.store.files import storage_faults

DRIVERS = {".gpkg": "GPKG", ".geojson": "GeoJSON", ".fgb": "FlatGeobuf"}
DEGREES = (".geojson", ".csv")
"""Formats that are read in longitude and latitude."""


def write_layer(frame: gpd.GeoDataFrame, layer: str, target: Path) -> int:
    """Write GeoPackage, GeoJSON, FlatGeobuf, GeoParquet or CSV with WKT by the ending; rows written.

    GeoJSON (RFC 7946) and CSV are in WGS84 degrees, the others in the city's CRS. Written aside, then renamed.

    Raises
    ------
    ParameterError
        An ending that is not known.
    """
    ending = target.suffix.lower()
    if ending not in (*DRIVERS, ".parquet", ".csv"):
        raise ParameterError(
            "export.format",
            "this format is not written",
            where=str(target),
            expected=", ".join((*DRIVERS, ".parquet", ".csv")),
            got=ending or "no ending",
            remedy="choose one of the endings",
        )
    plain = _plain(frame.to_crs(4326) if ending in DEGREES else frame)
    aside = target.with_name(f".{target.stem}.part{ending}")
    with storage_faults(target):
        try:
            _write(plain, layer, aside, ending)
            aside.replace(target)
        finally:
            aside.unlink(missing_ok=True)
    return len(plain)


def _plain(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Lists as text: most formats have no list columns."""
    flat = frame.reset_index()
    lists = [name for name in ("nodes",) if name in flat.columns]
    return flat.assign(**{name: [",".join(map(str, row)) for row in flat[name]] for name in lists})


def _write(frame: gpd.GeoDataFrame, layer: str, path: Path, ending: str) -> None:
    if ending == ".parquet":
        frame.to_parquet(path, index=False, compression="zstd", schema_version="1.1.0", write_covering_bbox=True)
    elif ending == ".csv":
        frame.assign(geometry=frame.geometry.to_wkt()).to_csv(path, index=False)
    else:
        frame.to_file(path, driver=DRIVERS[ending], layer=layer, engine="pyogrio")
