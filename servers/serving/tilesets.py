"""Layers that travel in one tile: the bytes as they are sent, kept by version; and their TileJSON."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cim_core.canonical import content_hash
from servers.serving.cache import BuiltOnce
from servers.serving.tiles import LayerTiles, tile
from servers.serving.web_mercator import Bounds, require_tile
from servers.serving.zoom_rules import MAX_ZOOM

MEDIA_TYPE = "application/vnd.mapbox-vector-tile"
MOST_TILE_BYTES = 128 * 2**20
"""Bytes of tiles that a process keeps ready."""
_LEVEL = 5
_EMPTY_COSTS = 64
_bytes: BuiltOnce[bytes] = BuiltOnce(most=MOST_TILE_BYTES, weight=lambda body: len(body) + _EMPTY_COSTS)


@dataclass(frozen=True, eq=False)
class TileSet:
    """One or several layers in one tile.

    Attributes
    ----------
    version
        Names the content; addresses with it may be cached for ever.
    """

    version: str
    layers: tuple[LayerTiles, ...]

    @property
    def bounds(self) -> Bounds | None:
        """(west, south, east, north) of all layers in degrees; None if nothing has a place."""
        found = [layer.bounds for layer in self.layers if layer.bounds is not None]
        if not found:
            return None
        west, south, east, north = zip(*found, strict=True)
        return min(west), min(south), max(east), max(north)

    def tile(self, z: int, x: int, y: int) -> bytes:
        """The tile as it is sent (``Content-Encoding: gzip``); empty bytes if nothing is there (status 204).

        Raises
        ------
        NotFoundError
            ``tiles.no_such_tile``.
        """
        require_tile(z, x, y)
        key = (self.version, tuple(layer.name for layer in self.layers), z, x, y)
        return _bytes.get(key, lambda: _packed(tile(self.layers, z, x, y)))

    def etag(self, z: int, x: int, y: int) -> str:
        """An entity tag (without quotes) that changes only with the content."""
        return content_hash([self.version, [layer.name for layer in self.layers], z, x, y])[:32]

    def tilejson(
        self, url: str, *, name: str, attribution: str = "", titles: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """TileJSON 3.0; ``url`` has ``{z}``, ``{y}`` and ``{x}`` in it, ``titles`` a description of each layer."""
        document: dict[str, Any] = {
            "tilejson": "3.0.0",
            "name": name,
            "tiles": [url],
            "scheme": "xyz",
            "version": "1.0.0",
            "minzoom": 0,
            "maxzoom": MAX_ZOOM,
            "vector_layers": [_vector_layer(layer, (titles or {}).get(layer.name, "")) for layer in self.layers],
        }
        if attribution:
            document["attribution"] = attribution
        return document | place_of(self.bounds)


def place_of(bounds: Bounds | None) -> dict[str, Any]:
    """TileJSON's ``bounds`` and ``center``; neither for what has no place."""
    if bounds is None:
        return {}
    west, south, east, north = bounds
    return {"bounds": [west, south, east, north], "center": [(west + east) / 2, (south + north) / 2, 14]}


def _vector_layer(layer: LayerTiles, description: Any) -> dict[str, Any]:
    return {
        "id": layer.name,
        "description": description,
        "minzoom": 0,
        "maxzoom": MAX_ZOOM,
        "fields": layer.kinds,
    }


def _packed(body: bytes) -> bytes:
    return gzip.compress(body, _LEVEL, mtime=0) if body else b""
