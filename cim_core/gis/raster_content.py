"""What a raster is, apart from its file: pixels, place, nodata and band names, in strips that fit in memory."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.windows import Window

_STRIP_PIXELS = 8_000_000


def band_names(raster: Any) -> tuple[str, ...]:
    """Descriptions of the bands, ``band 1`` … where there is none."""
    return tuple(name or f"band {number}" for number, name in enumerate(raster.descriptions, start=1))


def strips(raster: Any) -> Iterator[Window]:
    """Windows of whole rows, top to bottom, each of at most some eight million pixels."""
    rows = max(_STRIP_PIXELS // max(raster.width * raster.count, 1), 1)
    for top in range(0, raster.height, rows):
        yield Window(0, top, raster.width, min(rows, raster.height - top))


def valid_values(values: NDArray[Any], nodata: float | None) -> NDArray[np.bool_]:
    """Which pixels have a value: finite, and not the nodata value."""
    valid: NDArray[np.bool_] = np.isfinite(values)
    if nodata is not None and not np.isnan(nodata):
        valid &= values != nodata
    return valid


def valid_range(raster: Any) -> tuple[float, float, float]:
    """Least and greatest value and share of valid pixels of band 1; NaN, NaN, 0 if none is valid."""
    lowest, highest, count = np.inf, -np.inf, 0
    for window in strips(raster):
        values = raster.read(1, window=window)
        values = values[valid_values(values, raster.nodata)]
        if values.size:
            lowest, highest = min(lowest, float(values.min())), max(highest, float(values.max()))
            count += values.size
    if not count:
        return float("nan"), float("nan"), 0.0
    return lowest, highest, count / (raster.width * raster.height)


def content_hash(path: Path) -> str:
    """SHA-256 over a raster's logical content, 64 hex digits.

    Pixels in row order (every NaN alike), dtype, shape, transform, CRS, nodata and band names: not compression, tiling,
    overviews or the library that wrote the file.
    """
    digest = hashlib.sha256()
    with rasterio.open(path) as raster:
        place = [float(number) for number in raster.transform[:6]]
        crs = raster.crs.to_string() if raster.crs else ""
        header = (raster.dtypes, raster.shape, place, crs, raster.nodata, band_names(raster))
        digest.update(repr(header).encode())
        for window in strips(raster):
            values = raster.read(window=window)
            if values.dtype.kind == "f":
                values[np.isnan(values)] = np.nan
            digest.update(values.astype(values.dtype.newbyteorder("<")).tobytes())
    return digest.hexdigest()
