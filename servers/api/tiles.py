"""OGC API Tiles: vector tiles of one layer or of all, with versioned addresses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from flask import Response
from pydantic import Field

from cim_core.city import City
from cim_core.schema import GRADES, Grade, highest_grade
from cim_core.trust.policy import Resource
from servers.api.collections import features_of
from servers.api.content import REVALIDATE, bytes_response, empty_response, immutable, not_modified
from servers.api.documents import TileJson, TilesetsDocument
from servers.api.operations import Api, AtQuery, Call, CommaList, operation
from servers.api.provenance import provenance, title_of
from servers.api.tile_matrix_sets import MERCATOR, QUAD, SCHEME, tiling_scheme
from servers.serving.layers import OPEN, city_tiles, tile_fields
from servers.serving.tilesets import MEDIA_TYPE, TileSet
from servers.serving.web_mercator import require_tile

_CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_TILE = "/WebMercatorQuad/<int:z>/<int:row>/<int:col>"


_PROPERTIES = "only these fields; all that tiles show by default"


class TileQuery(AtQuery):
    """Which content."""

    v: str | None = Field(default=None, max_length=80, description="version, as TileJSON hands it out")


class LayerTileQuery(TileQuery):
    """Which content, with which fields."""

    properties: CommaList | None = Field(default=None, description=_PROPERTIES)


class TilesetQuery(AtQuery):
    """In which form."""

    f: Literal["json", "tilejson"] = Field(
        default="json", description="json: OGC tileset metadata and TileJSON in one; tilejson: TileJSON 3.0 alone"
    )
    properties: CommaList | None = Field(default=None, description=_PROPERTIES)


_LAYERS = "only these layers, drawn in this order; all by default"


class AllListQuery(AtQuery):
    """Which layers."""

    collections: CommaList | None = Field(default=None, description=_LAYERS)


class AllQuery(TilesetQuery):
    """Which layers, in which form."""

    collections: CommaList | None = Field(default=None, description=_LAYERS)


class AllTileQuery(LayerTileQuery):
    """Which layers, and which content."""

    collections: CommaList | None = Field(default=None, description=_LAYERS)


def tile_response(
    tileset: TileSet, z: int, row: int, col: int, version: str | None, *, grade: Grade = "internal"
) -> Response:
    """One tile; kept for ever by who asked for the version that it is, asked for again by all others.

    Who has it already is told so before it is made. ``grade`` is that of what it shows.
    """
    require_tile(z, col, row)
    cache = immutable(grade) if version == tileset.version else REVALIDATE
    etag = tileset.etag(z, col, row)
    if (known := not_modified(etag, cache=cache, coded=True)) is not None:
        return known
    body = tileset.tile(z, col, row)
    if not body:
        return empty_response(etag=etag, cache=cache)
    return bytes_response(body, MEDIA_TYPE, etag=etag, cache=cache, gzipped=True)


def _shown(city: City, names: Sequence[str]) -> Grade:
    """The grade of what a tile of these layers shows: of the layers, and of the fields that it carries."""
    found: list[Grade] = []
    for schema in map(city.schema, names):
        carried = set(tile_fields(schema))
        found += [schema.grade, *(field.grade for field in schema.fields if field.name in carried)]
    return highest_grade(*found) if found else "public"


def tilejson(
    call: Call, tileset: TileSet, path: str, *, name: str, attribution: str, titles: dict[str, str], **query: Any
) -> dict[str, Any]:
    """TileJSON 3.0 of what is served at ``path`` and the OGC tileset metadata of it in one; also for result layers.

    With ``?f=tilejson`` only the first. Both are objects whose other members a reader leaves alone.
    """
    template = call.url(path + "/{z}/{y}/{x}", v=tileset.version, **query)
    made = tileset.tilejson(template, name=name, attribution=attribution, titles=titles)
    if getattr(call.query, "f", "json") == "tilejson":
        return made
    item = template.replace("{z}/{y}/{x}", "{tileMatrix}/{tileRow}/{tileCol}")
    links = [
        {"href": call.url(path, **query), "rel": "self", "type": "application/json"},
        {"href": item, "rel": "item", "type": MEDIA_TYPE, "templated": True},
        tiling_scheme(call),
    ]
    return made | _summary(name) | _place(tileset) | {"links": links, "layers": _layers(made["vector_layers"])}


def _summary(title: str) -> dict[str, Any]:
    """What the list of tilesets says of one, without its links (17-083r4, tileSet.json)."""
    scheme = {"tileMatrixSetURI": SCHEME, "tileMatrixSetId": QUAD}
    return {"title": title, "dataType": "vector", "crs": MERCATOR, **scheme}


def _place(tileset: TileSet) -> dict[str, Any]:
    if tileset.bounds is None:
        return {}
    west, south, east, north = tileset.bounds
    return {"boundingBox": {"lowerLeft": [west, south], "upperRight": [east, north], "crs": _CRS84}}


def _layers(described: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """TileJSON's layers as tileset metadata has them."""
    return [
        {
            "id": one["id"],
            "title": one["description"] or one["id"],
            "dataType": "vector",
            "minTileMatrix": str(one["minzoom"]),
            "maxTileMatrix": str(one["maxzoom"]),
            "propertiesSchema": {"type": "object", "properties": {name: {} for name in one["fields"]}},
        }
        for one in described
    ]


def _listing(call: Call, path: str, title: str, **query: Any) -> TilesetsDocument:
    """The tilesets below a path: there is one, WebMercatorQuad."""
    own = {"href": call.url(f"{path}/{QUAD}", **query), "rel": "self", "type": "application/json"}
    one = _summary(title) | {"links": [own, tiling_scheme(call)]}
    listing = {"href": call.url(path, **query), "rel": "self", "type": "application/json"}
    return TilesetsDocument.model_validate({"tilesets": [one], "links": [listing]})


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
    titles = title_of(features_of(call.city, collection))
    return _listing(call, f"/api/collections/{collection}/tiles", titles[call.language], at=call.query.at)


@operation(
    "GET",
    "/api/collections/<collection>/tiles/WebMercatorQuad",
    summary="Tileset of a layer: its metadata and TileJSON",
    tag="tiles",
    query=TilesetQuery,
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
        city_tiles(city, [collection], properties=call.query.properties),
        f"/api/collections/{collection}/tiles/WebMercatorQuad",
        name=titles[call.language],
        attribution=source.attribution if source else "",
        titles={collection: titles[call.language]},
        at=call.query.at,
        properties=_comma(call.query.properties),
    )


@operation(
    "GET",
    f"/api/collections/<collection>/tiles{_TILE}",
    summary="One vector tile of a layer",
    tag="tiles",
    query=LayerTileQuery,
    responses={200: MEDIA_TYPE, 204: None},
    resource="collection",
)
def tile(call: Call, collection: str, z: int, row: int, col: int) -> Response:
    """Mapbox Vector Tile 2.1; 204 where nothing is."""
    city = call.city
    features_of(city, collection)
    tiles = city_tiles(city, [collection], properties=call.query.properties)
    return tile_response(tiles, z, row, col, call.query.v, grade=_shown(city, [collection]))


def _comma(names: Sequence[str] | None) -> str | None:
    return None if names is None else ",".join(names)


def _chosen(call: Call, city: City) -> list[str]:
    """The layers asked for, each once and allowed, in the order asked for; by default all that tiles may show."""
    wanted = call.query.collections
    open_ = [
        name
        for name, version in sorted(city.versions.items())
        if version.kind == "layer" and GRADES.index(city.schema(name).grade) <= GRADES.index(OPEN) and call.sees(name)
    ]
    names = open_ if wanted is None else list(dict.fromkeys(wanted))
    for name in names:
        call.permit(Resource("collection", name, city.schema(features_of(city, name).name).grade))
    return names


@operation(
    "GET",
    "/api/tiles",
    summary="Tilesets of all layers together",
    tag="tiles",
    query=AllListQuery,
    responses={200: TilesetsDocument},
)
def all_tilesets(call: Call) -> TilesetsDocument:
    """There is one: WebMercatorQuad."""
    city, wanted = call.city, call.query.collections
    chosen = None if wanted is None else ",".join(_chosen(call, city))
    return _listing(call, "/api/tiles", city.record.name, at=call.query.at, collections=chosen)


@operation(
    "GET",
    "/api/tiles/WebMercatorQuad",
    summary="Tileset of all layers together: its metadata and TileJSON",
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
        city_tiles(city, names, properties=call.query.properties),
        "/api/tiles/WebMercatorQuad",
        name=city.record.name,
        attribution="; ".join(attribution),
        titles={name: title_of(city.versions[name])[call.language] for name in names},
        at=call.query.at,
        collections=None if call.query.collections is None else ",".join(names),
        properties=_comma(call.query.properties),
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
    names = _chosen(call, city)
    tiles = city_tiles(city, names, properties=call.query.properties)
    return tile_response(tiles, z, row, col, call.query.v, grade=_shown(city, names))


def register(api: Api) -> None:
    """Add the operations."""
    api.add(tilesets, tileset, tile, all_tilesets, all_tileset, all_tile)
