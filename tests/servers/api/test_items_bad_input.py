"""Items asked for badly: a problem that says what to mend, never a half answer."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

ROADS = "/api/collections/roads/items"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"


@pytest.mark.parametrize(
    "query",
    [
        "bbox=106,30,107,29",
        "bbox=nan,0,1,1",
        "bbox=0,0,inf,1",
        "bbox=-1e999,0,1,1",
        "bbox=0,0,0,1,1",
        "bbox=1,2,3,4,5,6,7",
        "bbox=,,,",
        "bbox=0x10,0,20,1",
        f"bbox=106,29,107,30&bbox-crs={EPSG}4326",  # latitude comes first there
        "limit=0",
        "limit=-1",
        "limit=1.5",
        "limit=abc",
        "limit=",
        "after=99999999999999999999",
        "f=shp",
        "f=../../etc/passwd",
        "skipGeometry=maybe",
        "filter-lang=sql&filter=1",
        "sortby=",
        "nix=1",
        "limit=1&limit=2",
        "bbox-crs=" + "x" * 3000,
    ],
)
def test_a_query_that_does_not_fit(get: Any, refused: Any, query: str) -> None:
    content = refused(get(f"{ROADS}?{query}"), 400, "http.query")
    assert content["errors"][0]["loc"][0] == query.partition("=")[0]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        (f"crs={EPSG}2154", "pages.crs"),
        ("crs=EPSG:4326", "pages.crs"),
        ("crs=", "pages.crs"),
        ("crs=http://127.0.0.1:1/crs", "pages.crs"),
        (f"bbox=0,0,1,1&bbox-crs={EPSG}99999", "pages.crs"),
        (f"bbox-crs={EPSG}1", "pages.crs"),
        (f"bbox=9,0,1,1&bbox-crs={EPSG}3857", "pages.bbox"),
        (f"bbox=0,nan,1,1&bbox-crs={EPSG}32648", "pages.bbox"),
        (f"bbox=0,0,1e999,1&bbox-crs={EPSG}32648", "pages.bbox"),
        ("properties=nix", "pages.properties"),
        ("properties=name;DROP", "pages.properties"),
        ("sortby=nix", "pages.sortby"),
        ("sortby=tags", "pages.sortby"),
        ("sortby=name,-name", "pages.sortby"),
        ("sortby=__class__", "pages.sortby"),
        ("f=parquet&properties=nix", "pages.properties"),
        ("f=arrow&sortby=nix", "pages.sortby"),
        ("filter=nix%20%3D%201", "filters.unknown_property"),
        ("f=gpkg&filter=((", "filters.syntax"),
        ("properties=%00", "http.nul"),
        ("at=999999", None),
    ],
)
def test_what_is_not_there_or_makes_no_sense(get: Any, refused: Any, query: str, code: str | None) -> None:
    answer = get(f"{ROADS}?{query}")
    content = refused(answer, 404 if code is None else 400, code or answer.get_json(force=True)["code"])
    assert "Traceback" not in str(content)


def test_a_box_across_the_antimeridian(get: Any) -> None:
    assert get(f"{ROADS}?bbox=170,-90,-170,90").get_json()["numberMatched"] == 0
    assert get(f"{ROADS}?bbox=100,-90,-170,90").get_json()["numberMatched"] == 55
    turned = get(f"{ROADS}?bbox=-90,100,90,-170&bbox-crs={EPSG}4326").get_json()
    assert turned["numberMatched"] == 55


@pytest.mark.parametrize(
    "id_",
    [
        "..%2f..%2fetc%2fpasswd",
        "../roads",
        "..",
        ".",
        "%2e%2e%2fcity.json",
        "w9100-n1000%20",
        "W9100-N1000",
        "a" * 10_000,
        quote("道路"),
        quote("w9100-n1000' OR '1'='1"),
        quote("<script>alert(1)</script>"),
        "%ff%fe",
        "%u0000",
    ],
)
def test_ids_are_looked_up_and_nothing_else(get: Any, id_: str) -> None:
    answer = get(f"{ROADS}/{id_}")
    assert answer.status_code in (400, 404)
    assert answer.mimetype == "application/problem+json"
    assert len(answer.data) < 4_000 + len(id_)
    assert b"root:" not in answer.data


def test_a_nul_in_an_id(get: Any, refused: Any) -> None:
    refused(get(f"{ROADS}/w9100-n1000%00"), 400, "http.nul")


def test_one_feature_in_a_system_that_is_not_offered(get: Any, refused: Any) -> None:
    content = refused(get(f"{ROADS}/w9100-n1000?crs={EPSG}2154"), 400, "pages.crs")
    assert f"{EPSG}4326" in content["expected"]
    assert refused(get(f"{ROADS}/w9100-n1000?crs=x&f=json"), 400, "http.query")["errors"][0]["loc"] == ["f"]


@pytest.mark.parametrize("limit", [10_001, 100_001, 2**31, 10**30])
def test_a_page_is_no_larger_than_a_page(get: Any, limit: int) -> None:
    links = get(f"{ROADS}?limit={limit}").get_json()["links"]
    assert "limit=10000&" in links[0]["href"] + "&"
    assert get(f"{ROADS}?limit={limit}&f=parquet").status_code == 200
