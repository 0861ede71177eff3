"""Several layers in one tile, as the bytes that are sent."""

from __future__ import annotations

import gzip

import pytest
import shapely
from tile_drawing import PLACE, baked, features, framed

from cim_core.errors import NotFoundError
from servers.serving.baked.tile_layer import BakedTiles
from servers.serving.tilesets import TileSet
from servers.serving.web_mercator import tile_of

TILE = (14, *tile_of(*PLACE, 14))


def layer(name: str, fields: list[str] | None = None, place: tuple[float, float] = PLACE) -> BakedTiles:
    return BakedTiles(baked(framed([shapely.Point(place)], a=["x"], b=["y"]), name), fields)


def test_layers_stand_side_by_side_in_gzip() -> None:
    body = gzip.decompress(TileSet("sides", (layer("pois"), layer("signals"))).tile(*TILE))
    for name in ("pois", "signals"):
        (feature,) = features(body, name)
        assert feature["properties"] == {"id": "f0", "a": "x", "b": "y"}


def test_the_same_content_has_the_same_bytes() -> None:
    """So that an entity tag holds for every worker: nothing of the moment is in them."""
    one, other = TileSet("once", (layer("pois"),)), TileSet("again", (layer("pois"),))
    assert one.tile(*TILE) == other.tile(*TILE)
    assert one.tile(*TILE)[4:8] == bytes(4)


def test_other_properties_of_one_version_are_other_bytes_with_another_tag() -> None:
    every, one = TileSet("chosen", (layer("pois"),)), TileSet("chosen", (layer("pois", ["b"]),))
    assert every.etag(*TILE) != one.etag(*TILE)
    (feature,) = features(gzip.decompress(every.tile(*TILE)), "pois")
    (chosen,) = features(gzip.decompress(one.tile(*TILE)), "pois")
    assert set(feature["properties"]) - set(chosen["properties"]) == {"a"}


def test_nothing_there_is_no_bytes() -> None:
    assert TileSet("nothing", (layer("pois"),)).tile(14, 0, 0) == b""


def test_bounds_are_those_of_all_layers() -> None:
    west, south, east, north = TileSet("wide", (layer("pois"), layer("signals", place=(107, 30)))).bounds
    assert (round(west, 2), round(south, 2), round(east, 2), round(north, 2)) == (*PLACE, 107, 30)


def test_a_tile_outside_the_grid_is_refused() -> None:
    with pytest.raises(NotFoundError, match="no such tile"):
        TileSet("outside", (layer("pois"),)).tile(2, 4, 0)
