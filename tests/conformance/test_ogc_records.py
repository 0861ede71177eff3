"""OGC API Records, part 1: the catalogue, its records, what can be asked of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import shapely
from abstract_tests import suite
from links import Get, claims, features, link, links
from shapely.geometry import shape

checks = suite("records-1")
Document = Callable[..., dict[str, Any]]
PATH = "/api/collections/catalogue"
ITEMS = f"{PATH}/items"
ASKED = ("bbox", "datetime", "limit", "ids", "externalIds", "q", "type")


@pytest.fixture
def records(pages: Any) -> list[dict[str, Any]]:
    """All of them, in pages of five."""
    return features(pages(ITEMS, limit=5))


def _ids(document: Document, **query: Any) -> set[str]:
    return {one["id"] for one in document(ITEMS, **query)["features"]}


@checks("/conf/records-api/record-op", "/conf/records-api/record-response", "/conf/json/record-response")
@checks("/conf/record-core/mandatory-properties-record", "/conf/searchable-catalog/mandatory-record-properties")
@checks("/conf/json/record-content", "/conf/record-core/record-links")
def test_every_record_has_what_it_must(document: Document, get: Get, records: list[dict[str, Any]]) -> None:
    assert len(records) > 15
    for record in records:
        assert record["type"] == "Feature"
        assert {"id", "geometry", "time", "properties", "links"} <= record.keys()
        assert all(record["properties"][name] for name in ("type", "title"))
        assert record["geometry"] is None or shape(record["geometry"]).is_valid
        answer = get(link(record, "self"))
        assert (answer.status_code, answer.mimetype) == (200, "application/geo+json")
        assert answer.get_json(force=True) == record
        assert document(link(record, "collection"))["id"] == "catalogue"


@checks("/conf/record-core/default-mediatype")
def test_a_record_is_marked_as_one(get: Get) -> None:
    assert get(f"{ITEMS}/roads").headers["Content-Type"] == "application/geo+json; application=ogc-record"


def test_records_lead_to_what_they_describe(document: Document, records: list[dict[str, Any]]) -> None:
    for record in records:
        (described,) = links(record, "describes")
        assert record["properties"]["titles"].keys() == {"en", "zh"}
        if not record["id"].startswith("process:split."):  # broken on purpose
            assert document(described["href"])["id"] == record["id"].rpartition(":")[2]


@checks("/conf/record-core/templated-link", "/conf/record-core/templated-link-header")
def test_no_link_is_a_template(get: Get, records: list[dict[str, Any]]) -> None:
    for record in records:
        assert "linkTemplates" not in record
        assert [one for one in record["links"] if "{" in one["href"] or one.get("templated")] == []
    assert "Link-Template" not in get(f"{ITEMS}/roads").headers


@checks("/conf/record-core/record-license", "/conf/record-core/contact")
def test_neither_licence_nor_people_are_made_up(records: list[dict[str, Any]]) -> None:
    for record in records:
        assert re.fullmatch(r"[A-Za-z0-9.+-]+|https?://.*", record["properties"].get("license", "other"))
        assert "contacts" not in record["properties"]


@checks("/conf/record-core/time-instant-interval", "/conf/record-core/time-instant", "/conf/record-core/time-interval")
@checks("/conf/record-core/time-zone")
def test_times_are_days_and_instants_in_utc(records: list[dict[str, Any]]) -> None:
    timed = [record for record in records if record["time"] is not None]
    assert timed
    for record in timed:
        assert list(record["time"]) == ["date"]
        assert date.fromisoformat(record["time"]["date"])
        assert record["properties"]["updated"].endswith("Z")


@checks("/conf/record-collection/mandatory-properties-collection", "/conf/record-collection/itemType")
@checks("/conf/searchable-catalog/mandatory-catalog-properties", "/conf/json/catalog-content")
@checks("/conf/records-api/catalog-response")
def test_the_catalogue_has_what_it_must(document: Document) -> None:
    content = document(PATH)
    assert (content["id"], content["type"], content["itemType"]) == ("catalogue", "Collection", "record")
    assert {"title", "description", "links", "extent", "conformsTo"} <= content.keys()


@checks("/conf/records-api/catalogs-response")
def test_the_catalogue_is_among_the_collections(document: Document) -> None:
    (listed,) = [one for one in document("/api/collections")["collections"] if one.get("itemType") == "record"]
    assert listed == document(PATH)


@checks("/conf/record-collection/default-mediatype", "/conf/json/catalog-response")
@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("*/*", "application/ogc-catalog+json"),
        ("application/json", "application/json"),
        ("", "application/ogc-catalog+json"),
    ],
)
def test_the_catalogue_has_a_media_type_of_its_own(get: Get, accept: str, media: str) -> None:
    assert get(PATH, headers={"Accept": accept} if accept else {}).mimetype == media


@checks("/conf/record-collection/contact", "/conf/record-collection/license")
@checks("/conf/record-collection/links-catalog-related", "/conf/record-collection/links-catalog-series")
@checks("/conf/record-collection/records-array-name", "/conf/record-collection/records")
def test_the_catalogue_says_nothing_that_it_does_not_know(document: Document) -> None:
    content = document(PATH)
    assert not {"contacts", "license", "recordsArrayName", "records"} & content.keys()
    assert not {"related", "prev", "next"} & {one["rel"] for one in content["links"]}


@checks("/conf/record-collection/links", "/conf/record-collection/links-catalog-hierarchy")
@checks("/conf/record-collection/links-records", "/conf/record-collection/links-record")
def test_the_catalogue_is_linked(document: Document, get: Get) -> None:
    content = document(PATH)
    assert document(link(content, "self")) == content
    (other,) = links(content, "alternate")
    assert get(other["href"], headers={"Accept": other["type"]}).mimetype == other["type"]
    assert document(link(content, "root"))["title"] == document("/api/city")["name"]
    assert document(link(content, "items"))["numberMatched"] > 15
    assert not links(content, "item")


@checks("/conf/records-api/records-op", "/conf/records-api/features-api", "/conf/records-api/resource-name-mapping")
@checks("/conf/searchable-catalog/searchable-catalog")
def test_records_answer_as_features_do(document: Document, get: Get, pages: Any) -> None:
    found = list(pages(ITEMS, limit=4))
    ids = [one["id"] for one in features(found)]
    assert len(ids) == len(set(ids)) == found[0]["numberMatched"]
    for page in found:
        assert page["type"] == "FeatureCollection"
        assert page["numberReturned"] == len(page["features"]) <= 4
        assert page["timeStamp"].endswith("Z")
    assert document(link(found[1], "self"))["features"] == found[1]["features"]
    assert get(ITEMS, headers={"Accept": "application/geo+json"}).mimetype == "application/geo+json"
    assert get(ITEMS, nonsense=1).status_code == 400
    answer = get(f"{ITEMS}/nothing")
    assert (answer.status_code, answer.get_json(force=True)["code"]) == (404, "records.unknown")


@checks("/conf/records-api/mandatory-params", "/conf/record-core-query-parameters/ids-definition")
@checks("/conf/record-core-query-parameters/externalIds-definition", "/conf/record-core-query-parameters/q-definition")
@checks("/conf/record-core-query-parameters/type-definition")
def test_all_core_parameters_are_described(document: Document) -> None:
    described = document("/api/openapi.json")["paths"][ITEMS]["get"]["parameters"]
    known = {one["name"]: one for one in described}
    assert set(ASKED) <= known.keys()
    for name in ("ids", "externalIds", "type"):
        assert known[name]["schema"] == {"type": "array", "items": {"type": "string"}}
        assert (known[name]["style"], known[name]["explode"]) == ("form", False)
    assert known["q"]["schema"]["type"] == "string"
    assert not any(one.get("required") for one in described)


@checks("/conf/record-core-query-parameters/bbox")
@pytest.mark.parametrize("box", [(106.5765, 29.555, 106.5772, 29.5552), (0, 0, 1, 1), (106, 29, 107, 30)])
def test_only_records_that_meet_the_box(document: Document, records: list[dict[str, Any]], box: Any) -> None:
    cut = shapely.box(*box)
    wanted = {one["id"] for one in records if one["geometry"] and shape(one["geometry"]).intersects(cut)}
    assert _ids(document, bbox=",".join(map(str, box))) == wanted
    assert bool(wanted) == (box[0] > 100)


@checks("/conf/record-core-query-parameters/datetime")
def test_only_records_of_the_time(document: Document, records: list[dict[str, Any]]) -> None:
    timeless = {one["id"] for one in records if one["time"] is None}
    every = {one["id"] for one in records}
    assert timeless < every
    assert _ids(document, datetime="../2001-01-01T00:00:00Z") == timeless
    assert _ids(document, datetime="2001-01-01T00:00:00Z/..") == every


@checks("/conf/record-core-query-parameters/limit")
def test_no_more_than_the_limit(document: Document, get: Get) -> None:
    assert len(document(ITEMS, limit=3)["features"]) == 3
    assert get(ITEMS, limit=0).status_code == 400


@checks("/conf/record-core-query-parameters/ids-response")
def test_only_these_ids(document: Document) -> None:
    assert _ids(document, ids="roads,process:toy.noise,nothing") == {"roads", "process:toy.noise"}


@checks("/conf/record-core-query-parameters/externalIds-response")
def test_only_these_ids_elsewhere(document: Document) -> None:
    snapshot = document("/api/collections/roads")["snapshot"]
    assert _ids(document, externalIds=snapshot) == _ids(document, externalIds=f"snapshot:{snapshot}") == {"roads"}
    assert _ids(document, externalIds="nothing") == set()


@checks("/conf/record-core-query-parameters/q-response")
@pytest.mark.parametrize(
    ("q", "wanted"),
    [
        ("ROADS", {"roads"}),
        ("道路", {"roads"}),
        ("water,rail", {"water", "rail"}),
        ("known noise", {"process:toy.noise"}),
        ("known   NOISE", {"process:toy.noise"}),
        ("noise known", set()),
        ("%", set()),
        (",", set()),
    ],
)
def test_words_are_looked_for(document: Document, q: str, wanted: set[str]) -> None:
    found = _ids(document, q=q)
    assert wanted <= found
    if not wanted or " " in q:
        assert found == wanted


@checks("/conf/record-core-query-parameters/type-response")
@pytest.mark.parametrize("types", ["dataset", "process,coverage", "nothing"])
def test_only_these_types(document: Document, records: list[dict[str, Any]], types: str) -> None:
    wanted = {one["id"] for one in records if one["properties"]["type"] in types.split(",")}
    assert _ids(document, type=types) == wanted
    assert bool(wanted) == (types != "nothing")


@checks("/conf/json/conformance", "/conf/searchable-catalog/conformance")
@pytest.mark.parametrize("name", ["json", "searchable-catalog"])
def test_the_classes_are_listed(get: Get, name: str) -> None:
    assert claims(get, "ogcapi-records-1", name)
