"""Rasters into coverages: judged at the door, written once as cloud-optimised GeoTIFF in the working CRS."""

from __future__ import annotations

import errno
import math
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import rasterio.shutil
from rasterio._err import CPLE_BaseError
from rasterio.enums import ColorInterp, Resampling
from rasterio.errors import RasterioError
from rasterio.vrt import WarpedVRT
from rasterio.warp import transform_bounds

from cim_core.crs import Bounds, SourceCrs, parse_crs, require_working_crs, separation_m
from cim_core.errors import InputError
from cim_core.gis.raster_content import band_names, content_hash, strips, valid_range
from cim_core.gis.raster_files import open_raster, unreadable
from cim_core.store.files import storage_faults

MAX_PIXELS = 4_000_000_000
"""Pixels times bands that a raster may claim: 60,000 by 60,000, the whole municipality at 7 m."""
_BLOCK = 512


@dataclass(frozen=True)
class RasterInfo:
    """What a raster file says of itself. ``bounds`` is in WGS84 degrees."""

    path: str
    driver: str
    width: int
    height: int
    bands: tuple[str, ...]
    dtype: str
    nodata: float | None
    crs: str
    pixel_size: tuple[float, float]
    bounds: Bounds
    categorical: bool


@dataclass(frozen=True)
class CoverageInfo:
    """A coverage as written. ``bounds`` is in the working CRS, ``valid_share`` over all pixels of band 1."""

    content_hash: str
    crs: str
    bounds: Bounds
    width: int
    height: int
    pixel_size: tuple[float, float]
    bands: tuple[str, ...]
    dtype: str
    nodata: float | None
    minimum: float
    maximum: float
    valid_share: float
    resampled: Literal["no", "bilinear", "nearest"]

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON form; a nodata value that is not a number is ``"nan"``, which JSON has no number for."""
        nodata = "nan" if self.nodata is not None and np.isnan(self.nodata) else self.nodata
        return {**asdict(self), "nodata": nodata}


def read_raster(path: Path, *, source_crs: str | None = None, max_pixels: int = MAX_PIXELS) -> RasterInfo:
    """What a raster file holds, without reading its pixels.

    ``source_crs`` (EPSG or WKT) goes before what the file declares.

    Raises
    ------
    InputError
        ``raster.missing``, ``raster.empty``, ``raster.unreadable``, ``raster.no_crs``, ``raster.offset_crs``,
        ``raster.too_large``.
    """
    with open_raster(path) as raster:
        _require_room(path, raster, max_pixels)
        source = _source_crs(path, raster, source_crs)
        return RasterInfo(
            path=str(path),
            driver=raster.driver,
            width=raster.width,
            height=raster.height,
            bands=band_names(raster),
            dtype=raster.dtypes[0],
            nodata=raster.nodata,
            crs=source.definition,
            pixel_size=(abs(raster.transform.a), abs(raster.transform.e)),
            bounds=transform_bounds(source.definition, "EPSG:4326", *raster.bounds),
            categorical=ColorInterp.palette in raster.colorinterp,
        )


def write_cog(source_path: Path, target_path: Path, *, working_crs: str, source_crs: str | None = None) -> CoverageInfo:
    """Write a raster as cloud-optimised GeoTIFF in the working CRS, with overviews; nodata is kept.

    Values are resampled once, here: bilinear (whole numbers become float32, so that slopes are not in steps), rasters
    with a palette by nearest neighbour. A raster that is in the working CRS already keeps its pixels as they are.

    Raises
    ------
    InputError
        As :func:`read_raster`; ``raster.unreadable`` for one that is cut short, ``raster.all_nodata``.
    StorageError
        ``storage.full``.
    ParameterError
        ``crs.not_metric``, ``crs.unknown`` for the working CRS.
    """
    working = require_working_crs(working_crs)
    info = read_raster(source_path, source_crs=source_crs)
    source = parse_crs(info.crs)
    same = source.crs.equals(parse_crs(working).crs, ignore_axis_order=True)
    with open_raster(source_path) as raster:
        _require_values(source_path, valid_range(raster)[2])
        with _room_for(info, target_path):
            if same:
                _copy(raster, target_path, info.categorical)
            else:
                with WarpedVRT(raster, **_warp_options(raster, source, working, info.categorical)) as warped:
                    _copy(warped, target_path, info.categorical)
            return _describe(target_path, working, "no" if same else "nearest" if info.categorical else "bilinear")


def _describe(path: Path, working: str, resampled: Literal["no", "bilinear", "nearest"]) -> CoverageInfo:
    with open_raster(path) as raster:
        lowest, highest, share = valid_range(raster)
        left, bottom, right, top = raster.bounds
        return CoverageInfo(
            content_hash=content_hash(path),
            crs=working,
            bounds=(left, bottom, right, top),
            width=raster.width,
            height=raster.height,
            pixel_size=(abs(raster.transform.a), abs(raster.transform.e)),
            bands=band_names(raster),
            dtype=raster.dtypes[0],
            nodata=raster.nodata,
            minimum=lowest,
            maximum=highest,
            valid_share=share,
            resampled=resampled,
        )


def refuse_no_overlap(info: RasterInfo, city_bounds: Bounds) -> None:
    """Refuse a raster that does not touch the city; ``city_bounds`` in WGS84 degrees.

    Raises
    ------
    InputError
        ``raster.no_overlap``.
    """
    distance_m = separation_m(info.bounds, city_bounds)
    if distance_m > 0:
        raise InputError(
            "raster.no_overlap",
            f"The raster ends {distance_m / 1000:,.1f} km from the city",
            where=info.path,
            expected="a raster over " + _shown(city_bounds),
            got=_shown(info.bounds),
            remedy="Check --source-crs, or take the tile that covers the city.",
        )


def _source_crs(path: Path, raster: Any, given: str | None) -> SourceCrs:
    if given is None and raster.crs is None:
        raise InputError(
            "raster.no_crs",
            "The raster does not say which coordinate reference system it is in",
            where=str(path),
            expected="a CRS in the file",
            got="none",
            remedy="Name it with --source-crs EPSG:…, for example --source-crs EPSG:32648.",
        )
    source = parse_crs(given or raster.crs.to_string())
    if source.offset:
        raise InputError(
            "raster.offset_crs",
            f"Rasters in {source.name} are not taken",
            where=str(path),
            expected="an EPSG system or WKT",
            got=source.name,
            remedy="Take the raster from a source in WGS84 or CGCS2000; the offset bends a pixel grid.",
        )
    return source


def _require_room(path: Path, raster: Any, max_pixels: int) -> None:
    pixels = raster.width * raster.height * raster.count
    if pixels > max_pixels:
        raise InputError(
            "raster.too_large",
            "The raster claims more pixels than are taken",
            where=str(path),
            expected=f"at most {max_pixels:,} pixels",
            got=f"{raster.width:,} × {raster.height:,} × {raster.count} pixels",
            remedy="Clip it to the city or make it coarser (gdalwarp -te … -tr …), then import it again.",
        )


def _require_values(path: Path, share: float) -> None:
    if not share:
        raise InputError(
            "raster.all_nodata",
            "The raster has no pixel with a value",
            where=str(path),
            expected="some values other than nodata",
            got="nodata everywhere",
            remedy="Take another tile, or correct the nodata value in the file.",
        )


def _warp_options(raster: Any, source: SourceCrs, working: str, categorical: bool) -> dict[str, Any]:
    options: dict[str, Any] = {"src_crs": source.definition, "crs": working}
    if categorical:
        nodata = raster.nodata if raster.nodata is not None else _free_value(raster)
        return {**options, "resampling": Resampling.nearest, "src_nodata": raster.nodata, "nodata": nodata}
    dtype = "float64" if raster.dtypes[0] in ("float64", "int32", "uint32", "int64", "uint64") else "float32"
    nodata = float("nan") if raster.nodata is None else raster.nodata
    return {**options, "resampling": Resampling.bilinear, "dtype": dtype, "src_nodata": raster.nodata, "nodata": nodata}


def _free_value(raster: Any) -> int:
    """A value of the dtype that no pixel has, for the corners that reprojection leaves empty."""
    limits = np.iinfo(raster.dtypes[0])
    used = {int(value) for window in strips(raster) for value in np.unique(raster.read(1, window=window))}
    free = next((value for value in (int(limits.max), int(limits.min)) if value not in used), None)
    return free if free is not None else min(set(range(int(limits.min), int(limits.max))) - used, default=0)


def _copy(raster: Any, target: Path, categorical: bool) -> None:
    resampling = "NEAREST" if categorical else "BILINEAR"
    options = {"compress": "DEFLATE", "predictor": "YES", "blocksize": _BLOCK, "bigtiff": "IF_SAFER"}
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True):
        rasterio.shutil.copy(raster, target, driver="COG", resampling=resampling, **options)


@contextmanager
def _room_for(info: RasterInfo, target: Path) -> Iterator[None]:
    """Blame a fault on a full disk if the pixels may not have found room.

    GDAL calls a full disk an "IO error", or says nothing and leaves a file that cannot be read back.
    """
    try:
        yield
    except (RasterioError, CPLE_BaseError, InputError) as fault:
        blocks = math.ceil(info.width / _BLOCK) * math.ceil(info.height / _BLOCK) * len(info.bands)
        needed = 1.5 * blocks * _BLOCK**2 * max(np.dtype(info.dtype).itemsize, 4)  # overviews too, not compressed
        with storage_faults(target):
            if shutil.disk_usage(target.parent).free < needed:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(target)) from fault
        if isinstance(fault, InputError):
            raise
        raise unreadable(Path(info.path), fault) from fault


def _shown(bounds: Bounds) -> str:
    return f"{bounds[0]:.4f}…{bounds[2]:.4f}°E, {bounds[1]:.4f}…{bounds[3]:.4f}°N"
