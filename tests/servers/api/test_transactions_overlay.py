"""Edits over a baked snapshot: the snapshot is baked once, and what is served is what the city's layer says."""

from __future__ import annotations

import json
from pathlib import Path

import mapbox_vector_tile
import numpy as np
import pytest
from edited_trees import feature, patch, planted, post
from flask.testing import FlaskClient

from cim_core.city import City
from cim_core.store.feature_content import features_in
from servers.serving.baked.bake import bake_frame
from servers.serving.baked.feature_pages import BakedPages
from servers.serving.baked.served import baked_layer
from servers.serving.baked.spec import BakeSpec
from servers.serving.overlay import edits_of, feature_fragment

TILE = "12/1695/3260"
"""Zoom, row and column of the tile in which they stand."""


@pytest.fixture
def trees(city: City, tmp_path: Path) -> City:
    return planted(city, tmp_path)


def edited(client: FlaskClient, trees: City) -> City:
    first, second, _ = trees.layer("trees").index
    patch(client, first, {"properties": {"count": 77, "kind": "银杏"}})
    client.delete(f"/api/collections/trees/items/{second}", headers={"If-Match": "*"})
    post(client, feature(kind="new"))
    return City.open(trees.root)


def test_what_nobody_edited_has_no_overlay(trees: City) -> None:
    base = baked_layer(trees, "trees", trees.schema("trees").names)
    assert edits_of(trees, "trees", base) is None


def test_base_and_overlay_together_are_the_layer(client: FlaskClient, trees: City) -> None:
    after = edited(client, trees)
    schema = after.schema("trees")
    base = baked_layer(after, "trees", schema.names)
    both = edits_of(after, "trees", base)
    assert both is not None
    hidden, added = both
    assert (int(hidden.sum()), len(base), len(added)) == (2, 3, 2)
    assert {base.id(int(row)) for row in np.flatnonzero(hidden)} == set(trees.layer("trees").index[:2])
    served = json.loads(BakedPages(base, hidden, added).page(limit=100).features)
    whole = bake_frame(after.layer("trees"), BakeSpec("trees", schema.fields))
    assert {one["id"]: one for one in served} == {
        one["id"]: one for one in (json.loads(whole.feature(row)) for row in range(len(whole)))
    }
    assert len(served) == 3


def test_the_base_is_not_baked_again(client: FlaskClient, trees: City) -> None:
    names = trees.schema("trees").names
    base = baked_layer(trees, "trees", names)
    after = edited(client, trees)
    assert baked_layer(after, "trees", names) is base
    assert edits_of(after, "trees", base) is edits_of(City.open(trees.root), "trees", base), "kept for its version"
    assert edits_of(City.open(trees.root, at=trees.sequence), "trees", base) is None


def test_an_overlay_has_the_fields_of_its_base(client: FlaskClient, trees: City) -> None:
    after = edited(client, trees)
    both = edits_of(after, "trees", baked_layer(after, "trees", ["kind"]))
    assert both is not None
    assert both[1].fields == ("kind",)


def test_one_feature_is_written_as_the_baked_layer_writes_it(trees: City) -> None:
    schema, frame = trees.schema("trees"), trees.layer("trees")
    base = baked_layer(trees, "trees", schema.names)
    for one in features_in(frame, schema):
        assert feature_fragment(one, schema, trees) == base.feature(base.row(one.id))


def test_tiles_show_what_was_edited(client: FlaskClient, trees: City) -> None:
    def kinds() -> tuple[str, list[str]]:
        about = client.get("/api/collections/trees/tiles/WebMercatorQuad").get_json(force=True)
        version = about["tiles"][0].partition("v=")[2]
        address = f"/api/collections/trees/tiles/WebMercatorQuad/{TILE}"
        body = client.get(address, headers={"Accept-Encoding": "identity"}).data
        layer = mapbox_vector_tile.decode(body)["trees"]["features"]
        return version, sorted(one["properties"]["kind"] for one in layer)

    before, unedited = kinds()
    edited(client, trees)
    after, shown = kinds()
    assert unedited == ["黄葛树"] * 3
    assert shown == ["new", "银杏", "黄葛树"]
    assert before != after, "another content has another address"
