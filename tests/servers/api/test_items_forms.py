"""Items in other forms than GeoJSON: by ``f`` or ``Accept``, paged by the header ``Link``."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyarrow as pa
import pytest
from flask import Flask

ROADS = "/api/collections/roads/items"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
MEDIA = {
    "parquet": "application/vnd.apache.parquet",
    "arrow": "application/vnd.apache.arrow.stream",
    "fgb": "application/flatgeobuf",
    "gpkg": "application/geopackage+sqlite3",
}


def _read(data: bytes, form: str, folder: Path) -> gpd.GeoDataFrame:
    if form == "arrow":
        return gpd.GeoDataFrame.from_arrow(pa.ipc.open_stream(data).read_all())
    if form == "parquet":
        return gpd.read_parquet(io.BytesIO(data))
    path = folder / f"file.{form}"
    path.write_bytes(data)
    return gpd.read_file(path)


@pytest.mark.parametrize("form", list(MEDIA))
def test_every_form_by_name_and_by_header(get: Any, tmp_path: Path, form: str) -> None:
    named, accepted = get(f"{ROADS}?f={form}&limit=1000"), get(f"{ROADS}?limit=1000", Accept=MEDIA[form])
    for answer in (named, accepted):
        assert (answer.status_code, answer.mimetype) == (200, MEDIA[form])
        assert "Accept" in answer.vary
        found = _read(answer.data, form, tmp_path)
        assert len(found) == 55
        assert found.crs == "OGC:CRS84"
        assert 106 < found.total_bounds[0] < found.total_bounds[2] < 107
        assert found.set_index("id")["name"]["w9100-n1000"] == "南街"
        assert "Link" not in answer.headers


@pytest.mark.parametrize("form", list(MEDIA))
def test_files_in_the_citys_own_system(get: Any, tmp_path: Path, form: str) -> None:
    answer = get(f"{ROADS}?f={form}&crs={EPSG}32648&limit=5&properties=name")
    assert answer.headers["Content-Crs"] == f"<{EPSG}32648>"
    found = _read(answer.data, form, tmp_path)
    assert found.crs == "EPSG:32648"
    assert 1e5 < found.total_bounds[0] < 1e6 < found.total_bounds[1]
    assert [name for name in found.columns if name != "geometry"] == ["id", "name"]


@pytest.mark.parametrize("form", list(MEDIA))
def test_files_are_paged_by_a_header(get: Any, tmp_path: Path, form: str) -> None:
    ids, path = [], f"{ROADS}?f={form}&limit=20&sortby=-id"
    while path:
        answer = get(path)
        ids += list(_read(answer.data, form, tmp_path)["id"])
        link = re.fullmatch(r'<http://localhost([^>]+)>; rel="next"; type="([^"]+)"', answer.headers.get("Link", ""))
        assert link is None or link[2] == MEDIA[form]
        path = link[1] if link else ""
    assert len(ids) == 55
    assert ids == sorted(ids, reverse=True) or form == "fgb"  # its index has an order of its own


@pytest.mark.parametrize("form", list(MEDIA))
def test_what_is_synthetic_says_so_in_its_name(get: Any, form: str) -> None:
    header = get(f"{ROADS}?f={form}&limit=1").headers["Content-Disposition"]
    assert header.startswith("attachment")
    assert "-roads-synthetic." in header
    assert "\n" not in header


@pytest.mark.parametrize("form", ["json", *MEDIA])
def test_what_has_not_changed_is_not_made_again(get: Any, form: str) -> None:
    path = f"{ROADS}?f={form}&limit=2"
    etag = get(path).headers["ETag"]
    assert get(path, **{"If-None-Match": etag}).status_code == 304
    assert len({get(f"{ROADS}?limit=2&f={one}").headers["ETag"] for one in ("json", *MEDIA)}) == 5


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("*/*", "application/geo+json"),
        ("application/*", "application/geo+json"),
        ("application/json", "application/geo+json"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "application/geo+json"),
        ("application/geo+json;q=0.1, application/flatgeobuf;q=0.9", MEDIA["fgb"]),
        ("application/flatgeobuf;q=0, */*", "application/geo+json"),
        ("application/vnd.apache.parquet, */*;q=0.1", MEDIA["parquet"]),
        ("", "application/geo+json"),
    ],
)
def test_the_best_of_what_is_accepted(get: Any, accept: str, kind: str) -> None:
    assert get(f"{ROADS}?limit=1", Accept=accept).mimetype == kind


@pytest.mark.parametrize("accept", ["text/html", "image/png, text/*", "*/*;q=0", "application/geo+json;q=0"])
def test_what_is_not_offered(get: Any, refused: Any, accept: str) -> None:
    assert "application/flatgeobuf" in refused(get(ROADS, Accept=accept), 406, "http.not_acceptable")["expected"]


@pytest.mark.parametrize("accept", ["garbage", ";;;", "a/b/c", "application", ", ,", "*/json", "\x7f", "q=1"])
def test_a_broken_header_is_refused_or_overlooked(get: Any, refused: Any, accept: str) -> None:
    answer = get(f"{ROADS}?limit=1", Accept=accept)
    if answer.status_code != 200:
        refused(answer, 406, "http.not_acceptable")
    else:
        assert answer.mimetype == "application/geo+json"


def test_a_form_that_is_named_needs_no_header(get: Any) -> None:
    assert get(f"{ROADS}?f=json&limit=1", Accept="text/html").mimetype == "application/geo+json"
    assert get(f"{ROADS}?f=parquet&limit=1", Accept="text/html").mimetype == MEDIA["parquet"]


def test_every_form_is_linked(get: Any) -> None:
    page = {link["type"]: link["href"] for link in get(f"{ROADS}?limit=1").get_json()["links"]}
    collection = [link for link in get("/api/collections/roads").get_json()["links"] if link["rel"] == "items"]
    assert {link["type"] for link in collection} == {"application/geo+json", *MEDIA.values()}
    for form, media in MEDIA.items():
        assert get(page[media].removeprefix("http://localhost")).mimetype == media
        assert page[media].endswith(f"f={form}")


def test_nothing_is_left_in_the_temporary_folder(get: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    for form in MEDIA:
        assert len(get(f"{ROADS}?f={form}").data) > 5_000
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("form", ["json", *MEDIA])
def test_head_is_get_without_the_body(reading_app: Flask, form: str) -> None:
    client = reading_app.test_client()
    head, get = client.head(f"{ROADS}?f={form}"), client.get(f"{ROADS}?f={form}")
    assert (head.status_code, head.data) == (200, b"")
    for name in ("Content-Type", "ETag", "Content-Crs"):
        assert head.headers[name] == get.headers[name]


def test_a_cut_connection_leaves_nothing_open(reading_app: Flask, recwarn: pytest.WarningsRecorder) -> None:
    client = reading_app.test_client()
    for form in MEDIA:
        answer = client.get(f"{ROADS}?f={form}", buffered=False)
        next(iter(answer.response))
        answer.close()
    assert client.get(f"{ROADS}?limit=1").status_code == 200
    assert [str(one.message) for one in recwarn if issubclass(one.category, ResourceWarning)] == []
