"""Pages for tests: of a frame, with edits or without, and a walk through all of them."""

from __future__ import annotations

import json
from typing import Any

import geopandas as gpd

from servers.serving.baked.bake import bake_frame
from servers.serving.baked.feature_pages import BakedPages
from servers.serving.baked.layout import BakedLayer
from servers.serving.baked.spec import BakeSpec, inferred_fields


def baked(frame: gpd.GeoDataFrame, name: str = "things") -> BakedLayer:
    """A frame's layer in memory."""
    return bake_frame(frame, BakeSpec(name, inferred_fields(frame)))


def pages_of(frame: gpd.GeoDataFrame) -> BakedPages:
    """A frame's pages."""
    return BakedPages(baked(frame))


def walk(pages: BakedPages, **asked: Any) -> list[dict[str, Any]]:
    """All features, page after page."""
    found: list[dict[str, Any]] = []
    after, seen = None, set()
    while True:
        page = pages.page(after=after, **asked)
        features = json.loads(page.features)
        assert len(features) == page.returned
        found += features
        assert page.returned or page.next is None  # else it would never end
        assert page.next not in seen
        seen.add(page.next)
        if page.next is None:
            assert page.matched in (len(found), None)
            return found
        after = page.next
