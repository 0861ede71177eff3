"""Open a raster file: only formats that hold their own pixels, with one clear error for what is not whole."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import rasterio
from rasterio.errors import RasterioError

from cim_core.errors import InputError

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"II*\x00", "GTiff"),
    (b"MM\x00*", "GTiff"),
    (b"II+\x00", "GTiff"),
    (b"MM\x00+", "GTiff"),
    (b"EHFA_HEADER_TAG", "HFA"),
    (b"\x00\x00\x00\x0cjP  ", "JP2OpenJPEG"),
    (b"ncols", "AAIGrid"),
)
"""First bytes → GDAL driver. Formats that point to other files or to the network (VRT, WMS …) are not among them."""
_FORMATS = "GeoTIFF, Erdas Imagine (.img), JPEG 2000, or Esri ASCII grid (.asc)"


@contextmanager
def open_raster(path: Path) -> Iterator[Any]:
    """A raster opened for reading; what fails in the body through damage is the same error as at opening.

    Raises
    ------
    InputError
        ``raster.missing``, ``raster.empty``, ``raster.format``, ``raster.unreadable``.
    """
    driver = _driver(path)
    try:
        with rasterio.open(path, driver=driver) as raster:
            yield raster
    except RasterioError as fault:
        raise unreadable(path, fault) from fault


def unreadable(path: Path, detail: object) -> InputError:
    """The error for a raster that is damaged or cut short."""
    return InputError(
        "raster.unreadable",
        "The raster cannot be read: it is damaged or cut short",
        where=str(path),
        expected="a complete " + _FORMATS,
        got=str(detail).replace("\n", " ")[:300],
        remedy="Copy or download the file again and compare its size with the source.",
    )


def _driver(path: Path) -> str:
    if not path.is_file():
        raise InputError(
            "raster.missing",
            "The raster file does not exist" if not path.exists() else "This is a folder, not a raster file",
            where=str(path),
            expected=_FORMATS,
            remedy="Check the path and its spelling.",
        )
    try:
        with path.open("rb") as stream:
            head = stream.read(32)
    except OSError as fault:
        raise unreadable(path, fault.strerror or fault) from fault
    if not head:
        raise InputError(
            "raster.empty", "The raster file is empty", where=str(path), got="0 bytes", remedy="Download it again."
        )
    driver = next((name for magic, name in _MAGIC if head.lower().startswith(magic.lower())), None)
    if driver is None:
        raise InputError(
            "raster.format",
            "The file is not a raster of a known format",
            where=str(path),
            expected=_FORMATS,
            got=f"begins with {head[:12]!r}",
            remedy="Convert it to GeoTIFF (gdal_translate), or use `cim import vector` for vector data.",
        )
    return driver
