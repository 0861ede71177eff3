"""Tile matrix sets that tiles are cut in: there is one, WebMercatorQuad (OGC 17-083r4, annex D.1)."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from cim_core.errors import NotFoundError
from servers.api.documents import Document, Link
from servers.api.operations import Api, Call, operation
from servers.serving.web_mercator import DEEPEST, HALF_M

QUAD = "WebMercatorQuad"
SCHEME = f"http://www.opengis.net/def/tilematrixset/OGC/1.0/{QUAD}"
MERCATOR = "http://www.opengis.net/def/crs/EPSG/0/3857"
TILING_SCHEME = "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme"
PATH = "/api/tileMatrixSets"
TITLE = "Web Mercator square, zoom 0 to 22"
_SIDE_PX = 256
"""Pixels along a tile's side that the set's scales are stated for; ours are drawn 512 wide."""
_PIXEL_M = 0.00028
"""The standard's pixel (17-083r4, 6.1.1)."""


class TileMatrix(Document):
    """One zoom of a tile matrix set."""

    id: str
    scaleDenominator: float  # noqa: N815 - the standard's names
    cellSize: float  # noqa: N815
    cornerOfOrigin: str  # noqa: N815
    pointOfOrigin: tuple[float, float]  # noqa: N815
    tileWidth: int  # noqa: N815
    tileHeight: int  # noqa: N815
    matrixWidth: int  # noqa: N815
    matrixHeight: int  # noqa: N815


class TileMatrixSet(Document):
    """A tile matrix set (17-083r4, tileMatrixSet.json)."""

    id: str
    title: str
    uri: str
    crs: str
    orderedAxes: list[str]  # noqa: N815
    wellKnownScaleSet: str  # noqa: N815
    tileMatrices: list[TileMatrix]  # noqa: N815


class TileMatrixSetItem(Document):
    """A tile matrix set in the list."""

    id: str
    title: str
    uri: str
    crs: str
    links: list[Link]


class TileMatrixSetList(Document):
    """All of them."""

    tileMatrixSets: list[TileMatrixSetItem]  # noqa: N815
    links: list[Link]


@lru_cache(maxsize=1)
def web_mercator_quad() -> TileMatrixSet:
    """WebMercatorQuad from the world in one tile down to the deepest zoom that tiles are given at.

    >>> round(web_mercator_quad().tileMatrices[0].scaleDenominator, 3)
    559082264.029
    """
    return TileMatrixSet(
        id=QUAD,
        title=TITLE,
        uri=SCHEME,
        crs=MERCATOR,
        orderedAxes=["X", "Y"],
        wellKnownScaleSet="http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible",
        tileMatrices=[_matrix(zoom) for zoom in range(DEEPEST + 1)],
    )


def _matrix(zoom: int) -> TileMatrix:
    count = 1 << zoom
    cell_m = 2 * HALF_M / (_SIDE_PX * count)
    return TileMatrix(
        id=str(zoom),
        scaleDenominator=cell_m / _PIXEL_M,
        cellSize=cell_m,
        cornerOfOrigin="topLeft",
        pointOfOrigin=(-HALF_M, HALF_M),
        tileWidth=_SIDE_PX,
        tileHeight=_SIDE_PX,
        matrixWidth=count,
        matrixHeight=count,
    )


def tiling_scheme(call: Call) -> dict[str, Any]:
    """The link from a tileset to its tile matrix set, at this server."""
    return {"href": call.url(f"{PATH}/{QUAD}"), "rel": TILING_SCHEME, "type": "application/json", "title": TITLE}


@operation("GET", PATH, summary="Tile matrix sets", tag="tiles", responses={200: TileMatrixSetList})
def tile_matrix_sets(call: Call) -> TileMatrixSetList:
    """The one that there is."""
    own = Link(href=call.url(f"{PATH}/{QUAD}"), rel="self", type="application/json")
    one = TileMatrixSetItem(id=QUAD, title=TITLE, uri=SCHEME, crs=MERCATOR, links=[own])
    return TileMatrixSetList(
        tileMatrixSets=[one], links=[Link(href=call.url(PATH), rel="self", type="application/json")]
    )


@operation("GET", f"{PATH}/<matrix_set>", summary="One tile matrix set", tag="tiles", responses={200: TileMatrixSet})
def tile_matrix_set(call: Call, matrix_set: str) -> TileMatrixSet:
    """Scale, cell size, origin and number of tiles of every zoom."""
    if matrix_set != QUAD:
        raise NotFoundError(
            "tiles.no_matrix_set",
            "there is no such tile matrix set",
            where=PATH,
            expected=QUAD,
            got=matrix_set[:80],
            remedy="take the one there is",
        )
    return web_mercator_quad()


def register(api: Api) -> None:
    """Add the operations."""
    api.add(tile_matrix_sets, tile_matrix_set)
