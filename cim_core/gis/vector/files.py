"""Open a vector file: what it is by its first bytes, whether it is whole, its layers, its declared system."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd

from cim_core.crs import WGS84
from cim_core.errors import InputError
from cim_core.gis.vector.shapefile import dbf_encoding, require_sidecars
from cim_core.gis.vector.table import frame_from_points, read_table

_MAGIC = {
    ".gpkg": (b"SQLite format 3\x00", "GPKG"),
    ".shp": (b"\x00\x00\x27\x0a", "ESRI Shapefile"),
    ".fgb": (b"fgb", "FlatGeobuf"),
    ".parquet": (b"PAR1", "Parquet"),
    ".geoparquet": (b"PAR1", "Parquet"),
}
_JSON = (".geojson", ".json")
_TABLES = (".csv", ".tsv", ".txt")
SUFFIXES = (*_MAGIC, *_JSON, *_TABLES)
"""File name endings that are read, besides archives of one of them."""

_JSON_PROBE_BYTES = 65_536


@dataclass(frozen=True)
class RawVector:
    """Features as the file has them. ``declared`` is the system as the file names it, None if it does not."""

    frame: gpd.GeoDataFrame
    name: str
    declared: str | None
    note: str
    """Who declares it: the file, or its format."""


def open_vector(path: Path, layer: str | None, x: str | None, y: str | None) -> RawVector:
    """Read one layer of a file. ``x`` and ``y`` name the coordinate columns of a table.

    Raises
    ------
    InputError
        ``vector.missing``, ``vector.empty``, ``vector.format``, ``vector.unreadable``, ``vector.sidecar``,
        ``vector.layer``, ``vector.no_geometry``, ``vector.no_coordinates``.
    """
    suffix = path.suffix.lower()
    _require_content(path)
    if suffix in _TABLES:
        return _from_table(path, read_table(path), x, y)
    _require_format(path, suffix)
    if suffix in (".parquet", ".geoparquet"):
        return _read_parquet(path, x, y)
    return _read_ogr(path, suffix, layer)


def unreadable(path: Path, detail: object) -> InputError:
    """The error for a file that is damaged, cut short, or not what its name says."""
    return InputError(
        "vector.unreadable",
        "The vector file cannot be read: it is damaged, cut short, or not what its name says",
        where=str(path),
        expected="a complete file of the format its name ends in",
        got=str(detail).replace("\n", " ")[:300],
        remedy="Copy or download the file again, or export it anew as GeoPackage.",
    )


def _require_content(path: Path) -> None:
    if not path.is_file():
        raise InputError(
            "vector.missing",
            "The vector file does not exist" if not path.exists() else "This is a folder, not a vector file",
            where=str(path),
            expected="a file",
            remedy="Check the path and its spelling.",
        )
    try:
        size = path.stat().st_size
        with path.open("rb") as stream:
            stream.read(1)
    except OSError as fault:
        raise unreadable(path, fault.strerror or fault) from fault
    if size == 0:
        raise InputError(
            "vector.empty",
            "The vector file is empty",
            where=str(path),
            got="0 bytes",
            remedy="Export or download the file again.",
        )


def _require_format(path: Path, suffix: str) -> None:
    if suffix not in SUFFIXES:
        raise InputError(
            "vector.format",
            "The file's name ends in a format that is not read",
            where=str(path),
            expected=", ".join((*SUFFIXES, ".zip")),
            got=suffix or "no ending",
            remedy="Export the data as GeoPackage or GeoJSON. OpenStreetMap files go through `cim import osm`.",
        )
    with path.open("rb") as stream:
        head = stream.read(64)
    if suffix in _JSON:
        whole = head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{")
    else:
        whole = head.startswith(_MAGIC[suffix][0])
    if not whole:
        raise unreadable(path, f"begins with {head[:16]!r}")


def _from_table(path: Path, table: pd.DataFrame, x: str | None, y: str | None) -> RawVector:
    frame, degrees = frame_from_points(table, x, y, str(path))
    note = "longitude and latitude columns, taken as WGS84" if degrees else ""
    return RawVector(frame, path.stem, WGS84.definition if degrees else None, note)


def _read_parquet(path: Path, x: str | None, y: str | None) -> RawVector:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        metadata = pq.read_schema(path).metadata or {}
        if b"geo" not in metadata:
            return _from_table(path, pd.read_parquet(path), x, y)
        frame = gpd.read_parquet(path)
    except (pa.ArrowException, OSError, ValueError, KeyError) as fault:
        raise unreadable(path, fault) from fault
    others = [name for name in frame.columns if frame[name].dtype == "geometry" and name != frame.geometry.name]
    return RawVector(frame.drop(columns=others), path.stem, *_declared(frame))


def _read_ogr(path: Path, suffix: str, layer: str | None) -> RawVector:
    import pyogrio

    encoding = None
    if suffix == ".shp":
        require_sidecars(path)
        encoding = dbf_encoding(path)
    try:
        chosen = _choose_layer(path, layer)
        declared = int(pyogrio.read_info(path, layer=chosen, encoding=encoding)["features"])
        frame = pyogrio.read_dataframe(path, layer=chosen, encoding=encoding)
    except InputError:
        raise
    except (pyogrio.errors.DataSourceError, OSError, RuntimeError, ValueError, LookupError) as fault:
        raise unreadable(path, fault) from fault
    if declared > len(frame):
        raise unreadable(path, f"{len(frame)} of {declared} features")
    if suffix in _JSON:
        return RawVector(frame, path.stem, *_geojson_declared(path, frame))
    return RawVector(frame, chosen, *_declared(frame))


def _choose_layer(path: Path, layer: str | None) -> str:
    import pyogrio

    names = [str(name) for name, kind in pyogrio.list_layers(path) if kind is not None]
    if not names:
        raise InputError(
            "vector.no_geometry",
            "The file has no layer with geometry",
            where=str(path),
            expected="at least one layer of points, lines or polygons",
            remedy="Export the spatial layer; a plain table can be imported as CSV with --x and --y.",
        )
    if len(names) == 1 and layer in (None, path.stem):
        return names[0]
    if layer in names:
        return layer
    raise InputError(
        "vector.layer",
        "The file has no layer of that name" if layer else "The file has several layers",
        where=str(path),
        expected="one of " + ", ".join(names[:30]),
        got=layer or "no layer named",
        remedy=f"Name the layer, for example --inner {names[0]}.",
    )


def _declared(frame: gpd.GeoDataFrame) -> tuple[str | None, str]:
    return (None, "") if frame.crs is None else (frame.crs.to_string(), "declared by the file")


def _geojson_declared(path: Path, frame: gpd.GeoDataFrame) -> tuple[str | None, str]:
    """GDAL takes a ``crs`` member it does not know for WGS84; here its own words count, and ``null`` is undeclared."""
    with path.open("rb") as stream:
        head = stream.read(_JSON_PROBE_BYTES).decode("utf-8", "replace").split('"features"', 1)[0]
    member = re.search(r'"crs"\s*:\s*(null|\{[^{}]*\{[^{}]*\}[^{}]*\})', head)
    if member is None:
        return frame.crs and frame.crs.to_string(), "GeoJSON's own system (RFC 7946)"
    if member[1] == "null":
        return None, ""
    name = re.search(r'"name"\s*:\s*"((?!name")[^"]*)"\s*\}', member[1])
    return (name[1] if name else member[1]), "declared by the file"
