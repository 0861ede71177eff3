"""One data set out of a zip archive, never more bytes than a limit."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from cim_core.errors import InputError
from cim_core.gis.vector.files import SUFFIXES, unreadable

MAX_INFLATED_BYTES = 4 * 1024**3
"""What an archive may unpack to."""
MAX_RATIO = 200
RATIO_FROM_BYTES = 64 * 1024**2
"""Above this size an archive may not unpack to more than the ratio; text of coordinates packs 5 to 20 to one."""
MAX_MEMBERS = 10_000
_CHUNK_BYTES = 1 << 20


def is_archive(path: Path) -> bool:
    """Whether the name ends in .zip or .shz (a zipped Shapefile)."""
    return path.suffix.lower() in (".zip", ".shz")


@contextmanager
def unpacked(path: Path, layer: str | None) -> Iterator[Path]:
    """The one data set of an archive, unpacked into a temporary folder that is removed afterwards.

    ``layer`` chooses by file stem where there are several.

    Raises
    ------
    InputError
        ``vector.inflates`` above the limit, ``vector.unreadable`` when damaged, ``vector.layer`` when unclear.
    """
    try:
        with zipfile.ZipFile(path) as archive, tempfile.TemporaryDirectory(prefix="cim-vector-") as folder:
            chosen = _choose(path, _checked(path, archive), layer)
            _extract(archive, chosen, Path(folder))
            yield Path(folder) / PurePosixPath(chosen.filename).name
    except (zipfile.BadZipFile, NotImplementedError, EOFError) as fault:
        raise unreadable(path, fault) from fault


def _checked(path: Path, archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    members = [member for member in archive.infolist() if not member.is_dir()]
    declared = sum(member.file_size for member in members)
    packed = max(path.stat().st_size, 1)
    bomb = declared > RATIO_FROM_BYTES and declared > MAX_RATIO * packed
    if bomb or declared > MAX_INFLATED_BYTES or len(members) > MAX_MEMBERS:
        raise _inflates(path, f"{declared:,} bytes in {len(members)} files")
    if any(member.flag_bits & 0x1 for member in members):
        raise unreadable(path, "it is encrypted")
    return members


def _inflates(path: Path, got: str) -> InputError:
    return InputError(
        "vector.inflates",
        "The archive unpacks to far more than is taken: it may be a decompression bomb",
        where=str(path),
        expected=f"at most {MAX_INFLATED_BYTES:,} bytes in {MAX_MEMBERS:,} files",
        got=got,
        remedy="Unpack it yourself if you trust its source, and import the file inside.",
    )


def _choose(path: Path, members: list[zipfile.ZipInfo], layer: str | None) -> zipfile.ZipInfo:
    names = {member: PurePosixPath(member.filename) for member in members}
    data = [member for member, name in names.items() if name.suffix.lower() in SUFFIXES and not _is_junk(name)]
    shapes = [member for member in data if names[member].suffix.lower() == ".shp"]
    candidates = shapes or data
    wanted = [member for member in candidates if layer and names[member].stem == layer]
    if len(wanted or candidates) == 1:
        return (wanted or candidates)[0]
    raise InputError(
        "vector.layer",
        "The archive holds several data sets" if candidates else "The archive holds no vector file",
        where=str(path),
        expected="one of " + ", ".join(names[member].stem for member in candidates[:30])
        if candidates
        else "one data set",
        got=layer or f"{len(candidates)} data sets",
        remedy="Name one with --inner, or unpack the archive and import the file.",
    )


def _is_junk(name: PurePosixPath) -> bool:
    return name.parts[0] == "__MACOSX" or name.name.startswith(".") or name.suffix.lower() == ".txt"


def _extract(archive: zipfile.ZipFile, chosen: zipfile.ZipInfo, folder: Path) -> None:
    """Write the chosen file and its sidecars under their bare names; zipfile never inflates past the declared size."""
    wanted = PurePosixPath(chosen.filename)
    for member in archive.infolist():
        name = PurePosixPath(member.filename)
        if member.is_dir() or name.parent != wanted.parent or name.stem != wanted.stem:
            continue
        with archive.open(member) as inflated, (folder / name.name).open("wb") as file:
            shutil.copyfileobj(inflated, file, _CHUNK_BYTES)
