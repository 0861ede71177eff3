"""OGC API Tiles: vector tiles of one layer or of all, with versioned addresses."""

from __future__ import annotations

from typing import Any

from flask import Response
from pydantic import Field

from cim_core.city import City
from cim_core.schema import GRADES
from cim_core.trust.policy import Resource
from servers.api.collections import features_of
from servers.api.content import IMMUTABLE, REVALIDATE, bytes_response, empty_response
from servers.api.documents import TileJson, TilesetsDocument
from servers.api.operations import Api, AtQuery, Call, CommaList, operation
from servers.api.provenance import provenance, title_of
from servers.serving.layers import OPEN, city_tiles
from servers.serving.tilesets import MEDIA_TYPE, TileSet

SCHEME = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"
_MERCATOR = "http://www.opengis.net/def/crs/EPSG/0/3857"
_TILE = "/WebMercatorQuad/<int:z>/<int:row>/<int:col>"


class TileQuery(AtQuery):
    """Which content."""

    v: str | None = Field(default=None, max_length=80, description="version, as TileJSON hands it out")


class AllQuery(AtQuery):
    """Which layers."""

    collections: CommaList | None = Field(default=None, description="only these layers; all by default")


class AllTileQuery(TileQuery):
    """Which layers, and which content."""

    collections: CommaList | None = Field(default=None, description="only these layers; all by default")


def tile_response(tileset: TileSet, z: int, row: int, col: int, version: str | None) -> Response:
    """One tile; kept for ever by who asked for the version that it is, asked for again by all others."""
    body = tileset.tile(z, col, row)
    cache = IMMUTABLE if version == tileset.version else REVALIDATE
    etag = tileset.etag(z, col, row)
    if not body:
        return empty_response(etag=etag, cache=cache)
    return bytes_response(body, MEDIA_TYPE, etag=etag, cache=cache, gzipped=True)


def tilejson(
    call: Call, tileset: TileSet, path: str, *, name: str, attribution: str, titles: dict[str, str], **query: Any
) -> dict[str, Any]:
    """TileJSON 3.0 of what is served at ``path``, with links as an OGC tileset has them; also for result layers."""
    template = call.url(path + "/{z}/{y}/{x}", v=tileset.version, **query)
    made = tileset.tilejson(template, name=name, attribution=attribution, titles=titles)
    links = [
        {"href": call.url(path, **query), "rel": "self", "type": "application/json"},
        {"href": template.replace("{z}/{y}/{x}", "{tileMatrix}/{tileRow}/{tileCol}"), "rel": "item"}
        | {"type": MEDIA_TYPE, "templated": True},
        {"href": SCHEME, "rel": "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme", "type": "application/json"},
    ]
    ogc = {"dataType": "vector", "crs": _MERCATOR, "tileMatrixSetURI": SCHEME, "tileMatrixSetId": "WebMercatorQuad"}
    return made | ogc | {"links": links}


@operation(
    "GET",
    "/api/collections/<collection>/tiles",
    summary="Tilesets of a layer",
    tag="tiles",
    query=AtQuery,
    responses={200: TilesetsDocument},
    resource="collection",
)
def tilesets(call: Call, collection: str) -> TilesetsDocument:
    """There is one: WebMercatorQuad."""
    city = call.city
    titles = title_of(features_of(city, collection))
    path = f"/api/collections/{collection}/tiles"
    self_link = {"href": call.url(f"{path}/WebMercatorQuad"), "rel": "self", "type": "application/json"}
    one = {"title": titles[call.language], "dataType": "vector", "crs": _MERCATOR, "tileMatrixSetURI": SCHEME}
    listing = {"href": call.url(path), "rel": "self", "type": "application/json"}
    return TilesetsDocument.model_validate({"tilesets": [one | {"links": [self_link]}], "links": [listing]})


@operation(
    "GET",
    "/api/collections/<collection>/tiles/WebMercatorQuad",
    summary="TileJSON of a layer",
    tag="tiles",
    query=AtQuery,
    responses={200: TileJson},
    resource="collection",
)
def tileset(call: Call, collection: str) -> dict[str, Any]:
    """Its tile addresses bear the version of the content, so that they can be kept for ever."""
    city = call.city
    titles = title_of(features_of(city, collection))
    source = provenance(call.context, city).sources.get(collection)
    return tilejson(
        call,
        city_tiles(city, [collection]),
        f"/api/collections/{collection}/tiles/WebMercatorQuad",
        name=titles[call.language],
        attribution=source.attribution if source else "",
        titles={collection: titles[call.language]},
        at=call.query.at,
    )


@operation(
    "GET",
    f"/api/collections/<collection>/tiles{_TILE}",
    summary="One vector tile of a layer",
    tag="tiles",
    query=TileQuery,
    responses={200: MEDIA_TYPE, 204: None},
    resource="collection",
)
def tile(call: Call, collection: str, z: int, row: int, col: int) -> Response:
    """Mapbox Vector Tile 2.1; 204 where nothing is."""
    city = call.city
    features_of(city, collection)
    return tile_response(city_tiles(city, [collection]), z, row, col, call.query.v)


def _chosen(call: Call, city: City) -> list[str]:
    """The layers asked for, each once and allowed; by default all that tiles may show."""
    wanted = call.query.collections
    open_ = [
        name
        for name, version in sorted(city.versions.items())
        if version.kind == "layer" and GRADES.index(city.schema(name).grade) <= GRADES.index(OPEN) and call.sees(name)
    ]
    names = open_ if wanted is None else sorted(set(wanted))
    for name in names:
        call.permit(Resource("collection", name, city.schema(features_of(city, name).name).grade))
    return names


@operation(
    "GET",
    "/api/tiles/WebMercatorQuad",
    summary="TileJSON of all layers together",
    tag="tiles",
    query=AllQuery,
    responses={200: TileJson},
)
def all_tileset(call: Call) -> dict[str, Any]:
    """One tile carries every layer asked for; the layer's name in it is the collection's id."""
    city = call.city
    names = _chosen(call, city)
    known = provenance(call.context, city)
    attribution = sorted({known.sources[name].attribution for name in names if name in known.sources} - {""})
    return tilejson(
        call,
        city_tiles(city, names),
        "/api/tiles/WebMercatorQuad",
        name=city.record.name,
        attribution="; ".join(attribution),
        titles={name: title_of(city.versions[name])[call.language] for name in names},
        at=call.query.at,
        collections=None if call.query.collections is None else ",".join(names),
    )


@operation(
    "GET",
    f"/api/tiles{_TILE}",
    summary="One vector tile of all layers",
    tag="tiles",
    query=AllTileQuery,
    responses={200: MEDIA_TYPE, 204: None},
)
def all_tile(call: Call, z: int, row: int, col: int) -> Response:
    """Mapbox Vector Tile 2.1; 204 where nothing is."""
    city = call.city
    return tile_response(city_tiles(city, _chosen(call, city)), z, row, col, call.query.v)


def register(api: Api) -> None:
    """Add the operations."""
    api.add(tilesets, tileset, tile, all_tileset, all_tile)
