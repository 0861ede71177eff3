"""Files that cannot be taken: one clear error each."""

from __future__ import annotations

import bz2
import gzip
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import osmium
import pytest
from osm_builder import ROAD, Map, square, street

from cim_core.errors import InputError
from cim_core.gis.osm import read_osm
from cim_core.gis.osm.container import check_inflation

ENTITY = '<!DOCTYPE osm [<!ENTITY x SYSTEM "file:///etc/passwd">]>'


def failure(path: Path, match: str) -> InputError:
    with pytest.raises(InputError, match=match) as caught:
        read_osm(path)
    error = caught.value
    assert str(path) in error.where
    assert error.remedy
    return error


def written(tmp_path: Path, data: bytes, name: str = "map.osm") -> Path:
    path = tmp_path / name
    path.write_bytes(data)
    return path


def varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def field(number: int, value: int | bytes) -> bytes:
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def blob(kind: str, body: bytes) -> bytes:
    header = field(1, kind.encode()) + field(3, len(body))
    return struct.pack(">I", len(header)) + header + body


def packed(raw: bytes, claimed: int | None = None) -> bytes:
    return field(2, len(raw) if claimed is None else claimed) + field(3, zlib.compress(raw))


HEADER = blob("OSMHeader", packed(field(4, b"OsmSchema-V0.6")))


@pytest.fixture
def pbf(tmp_path: Path) -> bytes:
    drawing = street()
    for i in range(2000):
        square(drawing, 100 + i, i % 50, i // 50, tags={"building": "yes", "name": f"house {i * 7919}"})
    path = tmp_path / "whole.osm.pbf"
    with osmium.SimpleWriter(str(path)) as writer:
        for item in osmium.FileProcessor(str(drawing.save(tmp_path, "whole.osm"))):
            writer.add(item)
    return path.read_bytes()


def test_a_missing_file(tmp_path: Path) -> None:
    assert failure(tmp_path / "nowhere.osm.pbf", "does not exist").code == "osm.missing"


def test_a_folder(tmp_path: Path) -> None:
    assert failure(tmp_path, "cannot be read").code == "osm.unreadable"


def test_an_empty_file(tmp_path: Path) -> None:
    assert failure(written(tmp_path, b""), "is empty").code == "osm.empty"


@pytest.mark.parametrize(
    "data",
    [b"PK\x03\x04zip", b'{"type": "FeatureCollection"}', b"\x00" * 40, b"\xff\xfe\xfd", b"osm", bytes(range(256))],
)
def test_other_files(tmp_path: Path, data: bytes) -> None:
    assert failure(written(tmp_path, data), "not OpenStreetMap data").code == "osm.not_osm"


@pytest.mark.parametrize("root", ["osmChange", "gpx", "html"])
def test_other_xml(tmp_path: Path, root: str) -> None:
    error = failure(written(tmp_path, f"<{root}></{root}>".encode()), "not OpenStreetMap data")
    assert (error.code, error.got) == ("osm.not_osm", f"<{root} …>")


@pytest.mark.parametrize("share", [0.0005, 0.01, 0.3, 0.7, 0.999])
def test_a_truncated_pbf(tmp_path: Path, pbf: bytes, share: float) -> None:
    error = failure(written(tmp_path, pbf[: max(int(len(pbf) * share), 6)], "cut.osm.pbf"), "cut short")
    assert error.code == "osm.truncated"
    assert "byte" in error.where
    assert error.expected
    assert error.got


def test_a_pbf_of_a_header_alone(tmp_path: Path) -> None:
    assert failure(written(tmp_path, HEADER), "cut short").code == "osm.truncated"


def test_a_pbf_with_wrong_bytes_inside(tmp_path: Path, pbf: bytes) -> None:
    middle = len(pbf) // 2
    data = pbf[:middle] + bytes(64) + pbf[middle + 64 :]
    assert failure(written(tmp_path, data), "is damaged").code == "osm.damaged"


def test_a_pbf_whose_second_blob_is_nonsense(tmp_path: Path) -> None:
    assert failure(written(tmp_path, HEADER + blob("OSMData", b"\xff" * 30)), "is damaged").code == "osm.damaged"
    assert failure(written(tmp_path, HEADER + b"\x7f" * 30), "is damaged").code == "osm.damaged"


def test_a_blob_that_claims_too_much(tmp_path: Path) -> None:
    data = HEADER + blob("OSMData", packed(b"x", claimed=33 * 1024**2))
    error = failure(written(tmp_path, data), "decompression bomb")
    assert (error.code, error.got) == ("osm.inflates", "a blob that claims 34,603,008 B")


def test_a_blob_that_inflates_to_more_than_it_claims(tmp_path: Path) -> None:
    data = HEADER + blob("OSMData", packed(bytes(8 * 1024**2), claimed=100))
    assert failure(written(tmp_path, data), "is damaged").code == "osm.damaged"


def test_many_small_blobs_that_inflate_a_thousandfold(tmp_path: Path) -> None:
    data = HEADER + blob("OSMData", packed(bytes(8 * 1024**2))) * 3
    assert failure(written(tmp_path, data), "decompression bomb").code == "osm.inflates"


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress])
def test_compressed_xml_that_inflates_a_thousandfold(tmp_path: Path, compress: Callable[[bytes], bytes]) -> None:
    data = compress(b"<osm>" + b" " * 40 * 1024**2 + b"</osm>")
    assert failure(written(tmp_path, data), "decompression bomb").code == "osm.inflates"


def test_inflation_has_an_absolute_limit_too() -> None:
    check_inflation("here", 3 * 1024**3, 1024**3)
    with pytest.raises(InputError, match="decompression bomb"):
        check_inflation("here", 5 * 1024**3, 1024**3)


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress])
def test_truncated_compressed_xml(tmp_path: Path, compress: Callable[[bytes], bytes]) -> None:
    data = compress(street().xml().encode())
    assert failure(written(tmp_path, data[:-20]), "cut short").code == "osm.truncated"


def test_compressed_xml_with_wrong_bytes(tmp_path: Path) -> None:
    data = bytearray(gzip.compress(street().xml().encode()))
    data[-6] ^= 0xFF
    assert failure(written(tmp_path, bytes(data)), "is damaged").code == "osm.damaged"


def test_truncated_xml(tmp_path: Path) -> None:
    error = failure(written(tmp_path, street().xml().encode()[:-10]), "cut short")
    assert error.code == "osm.truncated"
    assert "line" in error.where


@pytest.mark.parametrize(
    "wrong", ['<node id="x" lat="1" lon="1"/>', "<way></way>", '<way id="99999999999999999999"/>', "<a></b>", "&x;"]
)
def test_damaged_xml_names_the_line(tmp_path: Path, wrong: str) -> None:
    error = failure(written(tmp_path, street().xml().replace("</osm>", wrong + "</osm>").encode()), "is damaged")
    assert error.code == "osm.damaged"
    assert "line 7" in error.where


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("doctype", [ENTITY, "<!DOCTYPE osm>", '<!DOCTYPE osm SYSTEM "http://example.com/osm.dtd">'])
def test_a_document_type_is_refused(tmp_path: Path, doctype: str, encoding: str) -> None:
    text = street(name="&x;").xml().replace("&amp;x;", "&x;")
    text = text.replace('encoding="UTF-8"?>', f'encoding="{encoding}"?>{doctype}')
    error = failure(written(tmp_path, text.encode(encoding)), "document type")
    assert (error.code, error.got) == ("osm.entity", "<!DOCTYPE osm …>")


def test_a_document_type_in_compressed_xml_is_refused(tmp_path: Path) -> None:
    text = street().xml().replace("?>", f"?>{ENTITY}", 1)
    assert failure(written(tmp_path, gzip.compress(text.encode())), "document type").code == "osm.entity"


def test_no_roads(tmp_path: Path) -> None:
    drawing = Map().nodes({1: (0, 0), 2: (1, 0)}).way(1, [1, 2], {"highway": "footway"}).way(2, [1, 9], ROAD)
    error = failure(drawing.save(tmp_path), "no road")
    assert (error.code, error.got) == ("osm.no_roads", "1 highway ways, of which dropped: 1 node missing")
