"""Tables with coordinates: encoding, delimiter, coordinate columns, typed columns."""

from __future__ import annotations

import csv
from io import StringIO
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from cim_core.errors import InputError

_LON_NAMES = ("lon", "lng", "long", "longitude", "lon_wgs84", "lng_wgs84", "经度", "东经")
_LAT_NAMES = ("lat", "latitude", "lat_wgs84", "纬度", "北纬")
_X_NAMES = ("x", "easting", "east", "point_x", "coord_x", "x坐标", "东坐标")
_Y_NAMES = ("y", "northing", "north", "point_y", "coord_y", "y坐标", "北坐标")
_INTEGER = r"[+-]?(?:0|[1-9]\d{0,17})"
_NUMBER = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?"


def read_table(path: Path) -> pd.DataFrame:
    """A delimited text file as typed columns, in UTF-8, UTF-16 (with mark) or GB18030.

    Codes with leading zeros stay text. Raises InputError ``vector.unreadable`` for what is not a table.
    """
    content = path.read_bytes()
    if b"\x00" in content[:1024] and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _not_a_table(path, "it holds binary data")
    try:
        text = _decode(content)
        table = pd.read_csv(
            StringIO(text),
            sep=_delimiter(text),
            dtype=str,
            keep_default_na=False,
            na_values=[""],
            skipinitialspace=True,
        )
    except (UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError, csv.Error) as fault:
        raise _not_a_table(path, fault) from fault
    table.columns = [str(name).strip() for name in table.columns]
    return table.apply(_typed)


def _not_a_table(path: Path, detail: object) -> InputError:
    return InputError(
        "vector.unreadable",
        "The file cannot be read as a table",
        where=str(path),
        expected="delimited text in UTF-8 or GB18030 with a header line",
        got=str(detail)[:200],
        remedy="Save the table as CSV (UTF-8) and import it again.",
    )


def _decode(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030")


def _delimiter(text: str) -> str:
    header = text.split("\n", 1)[0]
    return max(",;\t|", key=header.count)


def _typed(column: pd.Series[Any]) -> pd.Series[Any]:
    present = column.dropna().str.strip()
    if present.empty:
        return column
    if present.str.fullmatch(_INTEGER).all():
        return pd.to_numeric(column.str.strip()).astype("Int64")
    if present.str.fullmatch(_NUMBER).all() and not present.str.match(r"[+-]?0\d").any():
        return pd.to_numeric(column.str.strip()).astype("float64")
    if present.str.lower().isin(["true", "false"]).all():
        return column.str.strip().str.lower().map({"true": True, "false": False}).astype("boolean")
    return column


def frame_from_points(table: pd.DataFrame, x: str | None, y: str | None, where: str) -> tuple[gpd.GeoDataFrame, bool]:
    """Points from two columns, named or found, and whether those were found as longitude and latitude.

    Rows without a readable number in either get no geometry.
    """
    columns, degrees = _coordinate_columns(table, x, y, where)
    values = [pd.to_numeric(table[name], errors="coerce").to_numpy(float, na_value=np.nan) for name in columns]
    geometry = gpd.points_from_xy(*values)
    geometry[np.isnan(values[0]) | np.isnan(values[1])] = None
    return gpd.GeoDataFrame(table.drop(columns=list(columns)), geometry=geometry), degrees


def _coordinate_columns(table: pd.DataFrame, x: str | None, y: str | None, where: str) -> tuple[tuple[str, str], bool]:
    if x or y:
        given = (x or "", y or "")
        if all(name in table.columns for name in given):
            return given, False
        raise _no_coordinates(table, where, f"--x {x}, --y {y}")
    lower = {str(name).strip().lower(): str(name) for name in reversed(table.columns)}
    for names_x, names_y, degrees in ((_LON_NAMES, _LAT_NAMES, True), (_X_NAMES, _Y_NAMES, False)):
        found_x = next((lower[name] for name in names_x if name in lower), None)
        found_y = next((lower[name] for name in names_y if name in lower), None)
        if found_x and found_y:
            return (found_x, found_y), degrees
    raise _no_coordinates(table, where, "none found")


def _no_coordinates(table: pd.DataFrame, where: str, got: str) -> InputError:
    return InputError(
        "vector.no_coordinates",
        "The table's coordinate columns are not clear",
        where=where,
        expected="columns such as lon/lat, 经度/纬度 or x/y",
        got=f"{got}; columns: {', '.join(map(str, table.columns))[:300]}",
        remedy="Name them with --x COLUMN --y COLUMN.",
    )
