"""What a Shapefile needs beside it, and the encoding of its attributes."""

from __future__ import annotations

import struct
from pathlib import Path

from cim_core.errors import InputError

_DBF_PROBE_BYTES = 4_000_000


def _sidecar(path: Path, suffix: str) -> Path | None:
    names = (path.with_suffix(suffix), path.with_suffix(suffix.upper()))
    return next((name for name in names if name.is_file()), None)


def require_sidecars(path: Path) -> None:
    """Refuse a Shapefile without attributes or index: InputError ``vector.sidecar``."""
    missing = [suffix for suffix in (".dbf", ".shx") if _sidecar(path, suffix) is None]
    if missing:
        raise InputError(
            "vector.sidecar",
            "The Shapefile is incomplete",
            where=str(path),
            expected=f"{path.stem}.shp, .shx, .dbf and .prj side by side",
            got="no " + ", no ".join(missing),
            remedy="Copy all files of the Shapefile, or export the data as GeoPackage.",
        )


def dbf_encoding(path: Path) -> str | None:
    """Encoding of the attributes: None when a .cpg or the header says it, else UTF-8 or GB18030 by their bytes."""
    dbf = _sidecar(path, ".dbf")
    if dbf is None or _sidecar(path, ".cpg") is not None:
        return None
    with dbf.open("rb") as stream:
        head = stream.read(_DBF_PROBE_BYTES)
    if len(head) < 32 or head[29] not in (0x00, 0x57):
        return None
    records = head[struct.unpack_from("<H", head, 8)[0] :]
    faults = {name: records.decode(name, "replace").count("�") for name in ("UTF-8", "GB18030")}
    return min(faults, key=lambda name: faults[name])
