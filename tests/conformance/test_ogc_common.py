"""OGC API Common, parts 1 and 2: parameters, landing page, JSON, collections."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from abstract_tests import suite
from links import REL, Get, link, links

part_1, part_2 = suite("common-1"), suite("common-2")
Document = Callable[..., dict[str, Any]]


def _parameters(document: Document) -> Iterator[tuple[str, dict[str, Any]]]:
    """Address without variables and parameter, for everything that can be asked with GET."""
    for path, methods in document("/api/openapi.json")["paths"].items():
        if "{" not in path and path != "/api/live":
            yield from ((path, one) for one in methods.get("get", {"parameters": []})["parameters"])


@part_1("/conf/core/http")
@part_2("/conf/collections/http")
def test_http_is_spoken_as_it_is_specified(served: Any) -> None:
    client = served.test_client()
    assert client.head("/api/collections").status_code == 200
    options = client.options("/api/collections")
    assert options.status_code == 200
    assert "GET" in options.headers["Allow"]
    assert client.put("/api/collections").status_code == 405
    assert client.get("/api/nowhere").status_code == 404


@part_1("/conf/core/query-param-name-unknown")
def test_a_parameter_that_is_not_known_is_refused(document: Document, get: Get) -> None:
    paths = {path for path, _ in _parameters(document)}
    assert len(paths) > 15
    assert [path for path in paths if get(path, thisIsNoParameter="1").status_code != 400] == []


@part_1("/conf/core/query-param-capitalization")
def test_capitals_make_another_parameter(document: Document, get: Get) -> None:
    asked = [(path, one["name"]) for path, one in _parameters(document)]
    assert len(asked) > 30
    assert [pair for pair in asked if get(f"{pair[0]}?{pair[1].swapcase()}=1").status_code != 400] == []


@part_1("/conf/core/query-param-value-invalid", "/conf/core/query-param-value-integer")
@pytest.mark.parametrize("value", ["", "x", "1.5", "0x10", "1e3", "-1"])
def test_a_number_that_is_none_is_refused(document: Document, get: Get, value: str) -> None:
    numbers = [(path, one["name"]) for path, one in _parameters(document) if one["schema"].get("type") == "integer"]
    assert ("/api/jobs", "limit") in numbers
    assert [pair for pair in numbers if get(f"{pair[0]}?{pair[1]}={value}").status_code != 400] == []


@part_1("/conf/core/query-param-value-boolean")
def test_no_parameter_is_a_truth_value(document: Document) -> None:
    """Where one becomes so, it needs a test."""
    assert [one["name"] for _, one in _parameters(document) if one["schema"].get("type") == "boolean"] == []


@part_1("/conf/core/query-param-value-decimal", "/conf/core/query-param-value-double")
def test_numbers_are_read_in_every_form(document: Document) -> None:
    asked = "/api/collections/buildings/items"
    found = [
        document(f"{asked}?bbox={box}")["numberMatched"]
        for box in ("106.5765,29.555,106.5815,29.56", "1.065765e2,29.555,+106.5815,2956E-2".replace("+", "%2B"))
    ]
    assert found[0] == found[1] > 0


@part_1("/conf/core/query-param-list-delimiter")
def test_items_of_a_list_are_parted_by_commas(document: Document) -> None:
    page = document("/api/collections/roads/items?limit=1&properties=name,class")
    assert set(page["features"][0]["properties"]) == {"name", "class"}


@part_1("/conf/core/query-param-list-empty")
def test_an_empty_item_of_a_list_is_none(document: Document) -> None:
    some = document("/api/collections/roads/items?limit=1&properties=name,,class")
    assert set(some["features"][0]["properties"]) == {"name", "class"}


@part_1("/conf/landing-page/root-op", "/conf/landing-page/root-success")
def test_the_landing_page_leads_on(document: Document) -> None:
    content = document("/api/")
    for rel in ("service-desc", "service-doc", f"{REL}/conformance", f"{REL}/data"):
        assert link(content, rel).startswith("http://localhost/"), rel


@part_1("/conf/landing-page/api-definition-op", "/conf/landing-page/api-definition-success")
def test_the_description_answers(document: Document, get: Get) -> None:
    for rel in ("service-desc", "service-doc"):
        for one in links(document("/api/"), rel):
            answer = get(one["href"], headers={"Accept": one["type"]})
            assert (answer.status_code, answer.mimetype) == (200, one["type"].partition(";")[0])


@part_1("/conf/landing-page/conformance-op", "/conf/landing-page/conformance-success")
def test_the_conformance_classes_are_listed(document: Document) -> None:
    listed = document(link(document("/api/"), f"{REL}/conformance"))["conformsTo"]
    assert len(listed) == len(set(listed)) > 10


@part_1("/conf/json/definition", "/conf/json/content")
@pytest.mark.parametrize("path", ["/api/", "/api/conformance"])
def test_documents_are_json(get: Get, path: str) -> None:
    answer = get(path, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    content = answer.get_json()
    if path == "/api/":
        assert all(isinstance(content[name], str) for name in ("title", "description"))
        assert all(isinstance(one["href"], str) and isinstance(one["rel"], str) for one in content["links"])
    else:
        assert all(isinstance(uri, str) for uri in content["conformsTo"])


@part_2(
    "/conf/collections/collections-list-op",
    "/conf/collections/collections-list-success",
    "/conf/collections/collections-list-links",
    "/conf/collections/collections-list-collections",
    "/conf/json/definition",
    "/conf/json/content",
)
def test_the_collections_are_listed(get: Get, document: Document) -> None:
    answer = get("/api/collections", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    content = answer.get_json()
    assert document(link(content, "self")) == content
    assert all(one["rel"] and one["type"] for one in content["links"])
    known = {one["id"] for one in content["collections"]}
    assert {*document("/api/city")["collections"], "catalogue"} == known
    assert all(isinstance(one["title"], str) and isinstance(one["links"], list) for one in content["collections"])


@part_2(
    "/conf/collections/description-op",
    "/conf/collections/description-success",
    "/conf/collections/description-links",
)
def test_a_collection_says_the_same_at_its_own_address(document: Document) -> None:
    for listed in document("/api/collections")["collections"]:
        alone = document(f"/api/collections/{listed['id']}")
        assert document(link(alone, "self"))["id"] == listed["id"]
        assert all(one["rel"] and one["type"] for one in alone["links"])
        for name in ("id", "title", "description", "extent"):
            assert alone.get(name) == listed.get(name), (listed["id"], name)


@part_2("/conf/collections/description-extent", "/conf/collections/description-extent-multi")
def test_an_extent_holds_its_content(layers: list[dict[str, Any]], document: Document) -> None:
    for layer in layers:
        boxes = layer["extent"]["spatial"]["bbox"]
        whole, *parts = boxes
        assert all(whole[0] <= one[0] and whole[2] >= one[2] for one in parts)
        text = ",".join(map(str, whole))
        asked = link(layer, "items")
        assert document(asked, bbox=text)["numberMatched"] == document(asked)["numberMatched"]
