"""What a file is, and whether it is whole and harmless, before any of it is interpreted.

The limits follow the PBF format (https://wiki.openstreetmap.org/wiki/PBF_Format: a blob header is under 64 KiB, a blob
under 32 MiB raw) and, against decompression bombs, a ratio that no honest extract comes near.
"""

from __future__ import annotations

import bz2
import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, BinaryIO, Literal, cast

from cim_core.errors import InputError

Format = Literal["pbf", "xml", "xml.gz", "xml.bz2"]

MAX_BLOB_HEADER_BYTES = 64 * 1024
MAX_BLOB_BYTES = 32 * 1024 * 1024
MAX_INFLATED_BYTES = 4 * 1024**3
MAX_INFLATION = 100
"""Times the file's size that it may inflate to, once past ``FREE_INFLATED_BYTES``; PBF and XML stay below 40."""
FREE_INFLATED_BYTES = 16 * 1024 * 1024

_PBF_START = b"\n\tOSMHeader"
_CHUNK_BYTES = 1024 * 1024
_REMEDY_AGAIN = "download or copy the file again and compare its size or checksum with the source"


def sniff(path: Path) -> Format:
    """Tell the format from the first bytes, never from the name.

    Raises
    ------
    InputError
        ``osm.missing``, ``osm.unreadable``, ``osm.empty`` or ``osm.not_osm``.
    """
    try:
        with path.open("rb") as file:
            head = file.read(64)
    except FileNotFoundError:
        raise InputError(
            "osm.missing", "The OSM file does not exist.", where=str(path), remedy="check the path and its spelling"
        ) from None
    except OSError as error:
        raise InputError(
            "osm.unreadable",
            "The OSM file cannot be read.",
            where=str(path),
            expected="a readable file",
            got=error.strerror or str(error),
            remedy="check that it is a file and that you may read it",
        ) from None
    if not head:
        raise InputError("osm.empty", "The OSM file is empty.", where=str(path), got="0 bytes", remedy=_REMEDY_AGAIN)
    kind = _kind(head)
    if kind is None:
        raise _not_osm(path, repr(head[:16]))
    return kind


def _kind(head: bytes) -> Format | None:
    if head[:2] == b"\x00\x00" and _PBF_START.startswith(head[4 : 4 + len(_PBF_START)]):
        return "pbf"
    if head[:2] == b"\x1f\x8b":
        return "xml.gz"
    if head[:3] == b"BZh":
        return "xml.bz2"
    text = head.replace(b"\x00", b"").removeprefix(b"\xef\xbb\xbf").removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff")
    return "xml" if text.lstrip().startswith(b"<") else None


def _not_osm(path: Path, got: str) -> InputError:
    return InputError(
        "osm.not_osm",
        "The file is not OpenStreetMap data.",
        where=str(path),
        expected="OSM PBF, or OSM XML (plain, .gz or .bz2)",
        got=got,
        remedy="for GeoJSON, Shapefile or GeoPackage use `cim import vector`; unpack a .zip first",
    )


def _inflates(where: str, got: str) -> InputError:
    return InputError(
        "osm.inflates",
        "The file unpacks to far more than OpenStreetMap data would: it may be a decompression bomb.",
        where=where,
        expected=f"blobs up to {MAX_BLOB_BYTES:,} B; in all {MAX_INFLATION} × its size, and {MAX_INFLATED_BYTES:,} B",
        got=got,
        remedy="take the file from a source you trust; split a very large region into extracts",
    )


def truncated(where: str, expected: str, got: str) -> InputError:
    """The error for a file that ends before its data does."""
    return InputError(
        "osm.truncated",
        "The OSM file is cut short.",
        where=where,
        expected=expected,
        got=got,
        remedy=_REMEDY_AGAIN,
    )


def damaged(where: str, got: str) -> InputError:
    """The error for a file of the right kind whose content breaks the format."""
    return InputError(
        "osm.damaged",
        "The OSM file is damaged.",
        where=where,
        expected="well-formed OSM data",
        got=got,
        remedy=_REMEDY_AGAIN,
    )


def check_inflation(where: str, inflated: int, packed: int) -> None:
    """Refuse what inflates beyond the limits; sizes in bytes.

    Raises
    ------
    InputError
        ``osm.inflates``.
    """
    if inflated > MAX_INFLATED_BYTES or inflated > max(FREE_INFLATED_BYTES, MAX_INFLATION * packed):
        raise _inflates(where, f"{inflated:,} B or more from {packed:,} B")


def chunks(path: Path, kind: Format) -> Iterator[bytes]:
    """The inflated bytes of an XML file piece by piece, within the limits.

    Raises
    ------
    InputError
        ``osm.truncated``, ``osm.damaged`` or ``osm.inflates``.
    """
    packed, inflated = path.stat().st_size, 0
    try:
        with _open(path, kind) as file:
            while chunk := file.read(_CHUNK_BYTES):
                inflated += len(chunk)
                if kind != "xml":
                    check_inflation(str(path), inflated, packed)
                yield chunk
    except EOFError:
        raise truncated(str(path), "the end mark of the compressed stream", f"the end after {packed:,} B") from None
    except (zlib.error, OSError) as error:
        raise damaged(str(path), str(error)) from None


def _open(path: Path, kind: Format) -> IO[bytes]:
    if kind == "xml.gz":
        return cast(IO[bytes], gzip.open(path, "rb"))
    if kind == "xml.bz2":
        return cast(IO[bytes], bz2.open(path, "rb"))
    return path.open("rb")


def check_pbf(path: Path) -> int:
    """Walk the blobs of a PBF file without inflating them; return how many hold data.

    Raises
    ------
    InputError
        ``osm.truncated`` (a blob is cut, or only the header is there), ``osm.damaged`` or ``osm.inflates``.
    """
    packed, inflated, blobs = path.stat().st_size, 0, 0
    with path.open("rb") as file:
        while prefix := file.read(4):
            where = f"{path}, byte {file.tell() - len(prefix):,}"
            kind, size = _blob_header(file, prefix, where)
            inflated += _raw_size(_take(file, size, where), where)
            check_inflation(where, inflated, packed)
            if blobs == 0 and kind != "OSMHeader":
                raise damaged(where, f"a first blob of type {kind!r}")
            blobs += 1
    if blobs < 2:
        raise truncated(str(path), "data after the header", "the header alone")
    return blobs - 1


def _take(file: BinaryIO, count: int, where: str) -> bytes:
    data = file.read(count)
    if len(data) < count:
        raise truncated(where, f"{count:,} B", f"{len(data):,} B")
    return data


def _blob_header(file: BinaryIO, prefix: bytes, where: str) -> tuple[str, int]:
    if len(prefix) < 4:
        raise truncated(where, "4 B", f"{len(prefix)} B")
    length = int.from_bytes(prefix, "big")
    if length > MAX_BLOB_HEADER_BYTES:
        raise damaged(where, f"a blob header of {length:,} B")
    fields = _protobuf(_take(file, length, where), where)
    kind, size = fields.get(1, b""), fields.get(3, -1)
    if not isinstance(kind, bytes) or not isinstance(size, int) or size < 0:
        raise damaged(where, "a blob header without type or size")
    if size > MAX_BLOB_BYTES:
        raise _inflates(where, f"a blob of {size:,} B")
    return kind.decode("ascii", "replace"), size


def _raw_size(blob: bytes, where: str) -> int:
    fields = _protobuf(blob, where)
    raw, claimed = fields.get(1), fields.get(2, 0)
    size = len(raw) if isinstance(raw, bytes) else claimed
    if not isinstance(size, int):
        raise damaged(where, "a blob without its raw size")
    if size > MAX_BLOB_BYTES:
        raise _inflates(where, f"a blob that claims {size:,} B")
    return size


def _protobuf(message: bytes, where: str) -> dict[int, int | bytes]:
    """Top-level varints and byte strings of a protocol buffer, by field number."""
    fields: dict[int, int | bytes] = {}
    at = 0
    while at < len(message):
        key, at = _varint(message, at, where)
        value, at = _varint(message, at, where)
        if key & 7 == 2:
            if at + value > len(message):
                raise damaged(where, "a field that is longer than its blob")
            fields[key >> 3] = message[at : at + value]
            at += value
        elif key & 7 == 0:
            fields[key >> 3] = value
        else:
            raise damaged(where, f"wire type {key & 7} in a blob")
    return fields


def _varint(message: bytes, at: int, where: str) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(message):
            break
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise damaged(where, "an unfinished number in a blob")
