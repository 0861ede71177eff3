"""OGC API Features, part 1, core: the landing page, the list of collections, each collection."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from abstract_tests import suite
from links import CRS84, Get, link, links

checks = suite("features-1")
Document = Callable[..., dict[str, Any]]


@checks("/conf/core/http")
def test_http_is_spoken_as_it_is_specified(get: Get, served: Any) -> None:
    client = served.test_client()
    whole, head = client.get("/api/collections"), client.head("/api/collections")
    assert (whole.status_code, head.status_code, head.data) == (200, 200, b"")
    assert head.headers["Content-Length"] == whole.headers["Content-Length"]
    again = get("/api/collections", headers={"If-None-Match": whole.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    refused = client.delete("/api/collections")
    assert refused.status_code == 405
    assert {"GET", "HEAD", "OPTIONS"} <= set(refused.headers["Allow"].split(", "))
    assert get("/api/", headers={"Accept": "image/png"}).status_code == 406


@checks("/conf/core/root-op", "/conf/core/root-success")
def test_the_landing_page_leads_on(document: Document) -> None:
    content = document("/api/")
    assert isinstance(content["title"], str)
    for rel in ("service-desc", "service-doc", "conformance", "data", "self"):
        assert link(content, rel).startswith("http://localhost/"), rel


@checks("/conf/core/api-definition-op", "/conf/core/api-definition-success")
@pytest.mark.parametrize("rel", ["service-desc", "service-doc"])
def test_the_description_is_what_its_link_says(get: Get, document: Document, rel: str) -> None:
    found = links(document("/api/"), rel)
    assert found
    for one in found:
        answer = get(one["href"], headers={"Accept": one["type"]})
        assert (answer.status_code, answer.mimetype) == (200, one["type"].partition(";")[0])
        assert len(answer.data) > 1000


@checks("/conf/core/conformance-op", "/conf/core/conformance-success")
def test_the_conformance_classes_are_listed(document: Document) -> None:
    listed = document(link(document("/api/"), "conformance"))["conformsTo"]
    assert all(uri.startswith("http://www.opengis.net/spec/") for uri in listed)
    assert "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core" in listed


@checks("/conf/core/query-param-unknown")
@pytest.mark.parametrize(
    "path", ["/api/", "/api/conformance", "/api/collections", "/api/collections/roads", "/api/collections/roads/items"]
)
def test_an_unknown_parameter_is_refused(get: Get, path: str) -> None:
    assert get(path, unknownQueryParameter="1").status_code == 400


@checks("/conf/core/query-param-invalid")
@pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "ten"}, {"bbox": "1,2,3"}, {"datetime": "yesterday"}])
def test_a_value_that_does_not_fit_is_refused(get: Get, query: dict[str, str]) -> None:
    assert get("/api/collections/roads/items", **query).status_code == 400


@checks("/conf/core/fc-md-op", "/conf/core/fc-md-success", "/conf/core/fc-md-items")
def test_the_collections_are_listed(document: Document) -> None:
    content = document(link(document("/api/"), "data"))
    known = {one["id"] for one in content["collections"]}
    assert {"roads", "buildings", "water", "elevation"} <= known
    assert set(document("/api/city")["collections"]) <= known


@checks("/conf/core/fc-md-links", "/conf/core/fc-md-items-links")
def test_every_collection_is_linked_to_its_features(document: Document, layers: list[dict[str, Any]]) -> None:
    content = document("/api/collections")
    assert document(link(content, "self")) == content
    assert all(one["rel"] and one["type"] for one in content["links"])
    for layer in layers:
        items = links(layer, "items")
        assert "application/geo+json" in {one["type"] for one in items}
        assert all(one["type"] for one in layer["links"])
        assert document(items[0]["href"], limit=1)["type"] == "FeatureCollection"


@checks("/conf/core/fc-md-extent", "/conf/core/fc-md-extent-multi")
def test_an_extent_holds_its_features(layers: list[dict[str, Any]], pages: Any) -> None:
    for layer in layers:
        spatial = layer["extent"]["spatial"]
        assert spatial["crs"] == CRS84
        west, south, east, north = spatial["bbox"][0]
        outside = f"-180,-90,180,{south - 0.001}"
        assert next(iter(pages(link(layer, "items"), bbox=outside)))["numberMatched"] == 0
        within = next(iter(pages(link(layer, "items"), bbox=f"{west},{south},{east},{north}")))
        every = next(iter(pages(link(layer, "items"))))
        assert within["numberMatched"] == every["numberMatched"]


@checks("/conf/core/sfc-md-op", "/conf/core/sfc-md-success")
def test_a_collection_says_the_same_at_its_own_address(document: Document) -> None:
    for listed in document("/api/collections")["collections"]:
        alone = document(f"/api/collections/{listed['id']}")
        for name in ("id", "title", "description", "extent", "itemType", "crs"):
            assert alone.get(name) == listed.get(name), (listed["id"], name)
        assert {one["rel"] for one in alone["links"]} == {one["rel"] for one in listed["links"]}
