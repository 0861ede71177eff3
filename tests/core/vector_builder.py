"""Vector files for the tests of their reader."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely

LON, LAT = 106.55, 29.56


def points(count: int = 3, /, **columns: Any) -> gpd.GeoDataFrame:
    geometry = [shapely.Point(LON + i / 1000, LAT) for i in range(count)]
    return gpd.GeoDataFrame(columns or {"名称": [f"点{i}" for i in range(count)]}, geometry=geometry, crs=4326)


def square(x: float = LON, y: float = LAT, size: float = 1e-3) -> shapely.Polygon:
    return shapely.box(x, y, x + size, y + size)


def code_of(caught: pytest.ExceptionInfo[Any]) -> str:
    return str(caught.value.code)


def write(frame: gpd.GeoDataFrame, path: Path) -> Path:
    if path.suffix in (".parquet", ".geoparquet"):
        frame.to_parquet(path)
    elif path.suffix == ".csv":
        table = frame.drop(columns="geometry").assign(lon=frame.geometry.x, lat=frame.geometry.y)
        table.to_csv(path, index=False)
    else:
        frame.to_file(path, engine="pyogrio", **({"encoding": "UTF-8"} if path.suffix == ".shp" else {}))
    return path
