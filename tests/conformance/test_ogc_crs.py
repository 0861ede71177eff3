"""OGC API Features, part 2: coordinate reference systems by reference."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import shapely
from abstract_tests import suite
from links import CRS84, Get, link
from pyproj import CRS, Transformer
from shapely.geometry import shape

checks = suite("features-2")
Document = Callable[..., dict[str, Any]]
CRS84H = "http://www.opengis.net/def/crs/OGC/0/CRS84h"
URI = re.compile(r"http://www\.opengis\.net/def/crs/(OGC|EPSG)/[\w.]+/\w+")
NOWHERE = "http://www.opengis.net/def/crs/OGC/0/does_not_exist"
NEAR = 2e-7
"""Degrees: seven decimals are written, metres with three."""


def _definition(uri: str) -> CRS:
    authority, _, code = uri.removeprefix("http://www.opengis.net/def/crs/").split("/")
    return CRS.from_authority(authority, code.removesuffix("h") if authority == "OGC" else code)


def _to_degrees(uri: str, geometry: Any) -> Any:
    """A geometry in the axis order of its authority as longitude and latitude."""
    transformer = Transformer.from_crs(_definition(uri), "OGC:CRS84")  # axis order as the authorities say

    def place(points: Any) -> Any:
        return np.column_stack(transformer.transform(points[:, 0], points[:, 1]))

    return shapely.transform(shapely.force_2d(geometry), place)


@checks("/conf/crs/crs-uri", "/conf/crs/default-crs", "/conf/crs/storageCrs")
def test_every_system_named_is_a_uri(document: Document, layers: list[dict[str, Any]]) -> None:
    for layer in layers:
        assert layer["crs"][0] in (CRS84, CRS84H)
        assert CRS84 in layer["crs"]
        assert layer["storageCrs"] in layer["crs"]
        assert all(URI.fullmatch(uri) for uri in layer["crs"])
        assert len(layer["crs"]) == len(set(layer["crs"])) >= 5
        alone = document(f"/api/collections/{layer['id']}")
        assert (alone["crs"], alone["storageCrs"]) == (layer["crs"], layer["storageCrs"])


@checks("/conf/crs/crs-parameter", "/conf/crs/crs-transform")
def test_features_come_in_every_system_offered(document: Document, get: Get, layers: list[dict[str, Any]]) -> None:
    for layer in layers:
        items = link(layer, "items")
        plain = {one["id"]: shape(one["geometry"]) for one in document(items, limit=5)["features"]}
        first = next(iter(plain))
        for uri in layer["crs"]:
            for address in (items, f"{items}/{first}"):
                answer = get(address, crs=uri)
                assert answer.status_code == 200
                assert answer.headers["Content-Crs"] == f"<{uri}>"
            page = get(items, crs=uri, limit=5).get_json()
            for feature in page["features"]:
                found = _to_degrees(uri, shape(feature["geometry"]))
                wanted = shapely.force_2d(plain[feature["id"]])
                assert shapely.equals_exact(found, wanted, tolerance=NEAR), (layer["id"], uri)


@checks("/conf/crs/crs-parameter-default")
def test_without_the_parameter_the_default_is_named(get: Get, layers: list[dict[str, Any]]) -> None:
    for layer in layers:
        answer = get(link(layer, "items"), limit=1)
        assert answer.headers["Content-Crs"] == f"<{layer['crs'][0]}>"


@checks("/conf/crs/crs-parameter-invalid", "/conf/crs/bbox-crs-parameter-invalid")
@pytest.mark.parametrize("query", [{"crs": NOWHERE}, {"bbox": "0,0,1,1", "bbox_crs": NOWHERE}])
def test_another_system_is_refused(get: Get, query: dict[str, str]) -> None:
    assert get("/api/collections/roads/items", **query).status_code == 400


@checks("/conf/crs/bbox-crs-parameter", "/conf/crs/bbox-crs-parameter-default")
def test_a_box_selects_the_same_in_every_system(document: Document, layers: list[dict[str, Any]]) -> None:
    box = (106.5765, 29.5550, 106.5815, 29.5600)
    for layer in layers:
        items = link(layer, "items")
        default = document(items, bbox=",".join(map(str, box)), limit=1000)
        wanted = {one["id"] for one in default["features"]}
        for uri in layer["crs"]:
            transformer = Transformer.from_crs("OGC:CRS84", _definition(uri))
            low, high = transformer.transform(*box[:2]), transformer.transform(*box[2:])
            text = ",".join(f"{value:.9f}" for value in (*low, *high))
            page = document(items, bbox=text, bbox_crs=uri, limit=1000)
            found = {one["id"] for one in page["features"]}
            if uri in (CRS84, CRS84H) or uri.endswith(("/4326", "/4490", "/3857")):
                assert found == wanted, (layer["id"], uri)
            else:  # the same corners span another rectangle in a projected system
                assert found & wanted or not wanted
