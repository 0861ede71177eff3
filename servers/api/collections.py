"""OGC API Features: layers and coverages as collections, and the features of a layer."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any

from flask import Response
from pydantic import AfterValidator, BeforeValidator, Field

from cim_core.canonical import content_hash
from cim_core.city import City
from cim_core.errors import NotFoundError
from cim_core.instants import now
from cim_core.schema import LayerSchema, Text
from cim_core.store.records import LayerVersion
from servers.api.content import GEOJSON, json_response
from servers.api.documents import (
    CollectionDocument,
    CollectionsDocument,
    Extent,
    Feature,
    FeatureCollection,
    FieldDocument,
    Link,
    SpatialExtent,
)
from servers.api.operations import LARGEST_INTEGER, Api, AtQuery, Call, CommaList, operation
from servers.api.provenance import Provenance, degrees, provenance, title_of
from servers.serving.code_version import code_version
from servers.serving.layers import city_pages
from servers.serving.pages import MOST_IN_A_PAGE, Interval

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_TILES = "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector"
_LIST = "/api/collections"


@operation(
    "GET",
    _LIST,
    summary="Layers and coverages",
    tag="collections",
    query=AtQuery,
    responses={200: CollectionsDocument},
)
def collections(call: Call) -> CollectionsDocument:
    """All collections of the city, with their fields and sources."""
    city = call.city
    known = provenance(call.context, city)
    rows = [document(call, city, known, layer) for layer in city.versions.values() if call.sees(layer.name)]
    return CollectionsDocument(links=[_link(call, _LIST, "self")], collections=rows)


@operation(
    "GET",
    "/api/collections/<collection>",
    summary="One layer or coverage",
    tag="collections",
    query=AtQuery,
    responses={200: CollectionDocument},
    resource="collection",
)
def collection(call: Call, collection: str) -> CollectionDocument:
    """Its fields, extent, source and version."""
    city = call.city
    return document(call, city, provenance(call.context, city), version_of(city, collection))


def version_of(city: City, name: str) -> LayerVersion:
    """A collection as the city shows it; raises :class:`NotFoundError` (``collection.unknown``)."""
    found = city.versions.get(name)
    if found is None:
        raise NotFoundError(
            "collection.unknown",
            f"the city has no collection {name[:80]!r}",
            where=f"version {city.sequence} of the city",
            expected=", ".join(sorted(city.versions)) or "an import first",
            got=name[:80],
            remedy="take one of the names given",
        )
    return found


def features_of(city: City, name: str) -> LayerVersion:
    """A layer as the city shows it; raises :class:`NotFoundError` (``collection.unknown``, ``collection.coverage``)."""
    found = version_of(city, name)
    if found.kind != "layer":
        raise NotFoundError(
            "collection.coverage",
            f"{name!r} is a coverage: it has values everywhere, and no features",
            where=f"collection {name}",
            expected="a layer of features",
            got="a coverage",
            remedy=f"GET {_LIST}/{name}/coverage, or its terrain tiles",
        )
    return found


def document(call: Call, city: City, known: Provenance, layer: LayerVersion) -> CollectionDocument:
    """A collection's description."""
    schema = city.schema(layer.name) if layer.kind == "layer" else None
    box = degrees(city, layer.bounds)
    titles, source = title_of(layer), known.source(layer)
    return CollectionDocument(
        id=layer.name,
        title=titles[call.language],
        titles=titles,
        description=source.attribution if source else "",
        kind="feature" if schema else "coverage",
        extent=Extent(spatial=SpatialExtent(bbox=[list(box)], crs=CRS84)) if box else None,
        itemType="feature" if schema else None,
        crs=[CRS84],
        links=_links(call, layer),
        geometry=schema.geometry if schema else None,
        rows=layer.rows,
        snapshot=layer.snapshot,
        version=layer.seq,
        grade=schema.grade if schema else "public",
        cim_class=schema.cim_class if schema else None,
        cim_level=schema.cim_level if schema else None,
        synthetic=bool(source and source.synthetic),
        fields=_fields(schema) if schema else [],
        source=source,
    )


def _fields(schema: LayerSchema) -> list[FieldDocument]:
    names = ("name", "title", "unit", "dtype", "nullable", "editable", "grade")
    return [FieldDocument(**{name: getattr(field, name) for name in names}) for field in schema.fields]


def _links(call: Call, layer: LayerVersion) -> list[Link]:
    path = f"{_LIST}/{layer.name}"
    links = [_link(call, path, "self")]
    if layer.kind == "layer":
        links += [
            _link(call, f"{path}/items", "items", GEOJSON),
            _link(call, f"{path}/tiles", _TILES),
            _link(call, f"{path}/export", "enclosure", "application/geopackage+sqlite3"),
        ]
    else:
        links += [
            _link(call, f"{path}/coverage", "http://www.opengis.net/def/rel/ogc/1.0/coverage", "image/tiff"),
            _link(call, f"{path}/terrain", "related"),
        ]
    return links


def _link(call: Call, path: str, rel: str, kind: str = "application/json", **query: Any) -> Link:
    return Link(href=call.url(path, **query), rel=rel, type=kind)


def _box(text: Any) -> Any:
    """Four numbers, or six of which the heights are left out (features are found by their ground plan)."""
    parts = text.split(",") if isinstance(text, str) else text
    return [parts[i] for i in (0, 1, 3, 4)] if len(parts) == 6 else parts


def _ordered(box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    west, south, east, north = box
    if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90):
        raise ValueError("longitudes lie within ±180, latitudes within ±90, the south before the north")
    return box


Box = Annotated[tuple[float, float, float, float], BeforeValidator(_box), AfterValidator(_ordered)]
"""``w,s,e,n`` in degrees. West beyond east crosses the antimeridian."""

_INSTANT = re.compile(r"^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$")


def _interval(text: str) -> str:
    interval(text)
    return text


def interval(text: str) -> Interval:
    """Begin and end of ``datetime``, both included; None for an open end, the same twice for an instant.

    Raises ``ValueError`` for what is none (OGC API Features 17-069r4, 7.15.4).
    """
    ends = text.split("/")
    if len(ends) > 2 or all(end in ("", "..") for end in ends):
        raise ValueError("an instant, or begin/end of which one may be ..")
    begin, end = (None if one in ("", "..") else _instant(one) for one in (ends[0], ends[-1]))
    if begin is not None and end is not None and begin > end:
        raise ValueError("the begin is not before the end")
    return begin, end


def _instant(text: str) -> datetime:
    if not _INSTANT.match(text):
        raise ValueError(f"{text[:40]!r} is no RFC 3339 instant such as 2026-01-31T08:00:00Z")
    return datetime.fromisoformat(text.upper())


Limit = Annotated[int, Field(ge=1), AfterValidator(lambda given: min(given, MOST_IN_A_PAGE))]
"""Features in one page; more than a page may hold is no error, the page is then as large as it may be (17-069r4,
requirement 22 C)."""
LIMIT_WORDS = f"features in one page, {MOST_IN_A_PAGE:,} at most: who asks for more is given that many"


class ItemsQuery(AtQuery):
    """Which features."""

    bbox: Box | None = Field(default=None, description="west,south,east,north in degrees")
    limit: Limit = Field(default=100, description=LIMIT_WORDS)
    after: int | None = Field(default=None, ge=0, le=LARGEST_INTEGER, description="from the link to the next page")
    datetime: Annotated[str, AfterValidator(_interval)] | None = Field(
        default=None, description="instant or interval: features whose time is in it; those without time always are"
    )
    properties: CommaList | None = Field(default=None, description="only these fields")


@operation(
    "GET",
    "/api/collections/<collection>/items",
    summary="Features of a layer",
    tag="collections",
    query=ItemsQuery,
    responses={200: (FeatureCollection, GEOJSON)},
    resource="collection",
)
def items(call: Call, collection: str) -> Response:
    """GeoJSON in pages; follow the ``next`` link until there is none."""
    city, query = call.city, call.query
    features_of(city, collection)
    page = city_pages(city, collection).page(
        bbox=query.bbox,
        limit=query.limit,
        after=query.after,
        properties=query.properties,
        during=interval(query.datetime) if query.datetime else None,
    )
    path = f"{_LIST}/{collection}/items"
    asked = {
        "at": query.at,
        "bbox": None if query.bbox is None else ",".join(f"{edge:.9g}" for edge in query.bbox),
        "limit": query.limit,
        "datetime": query.datetime,
        "properties": None if query.properties is None else ",".join(query.properties),
    }
    links = [_link(call, path, "self", GEOJSON, **asked, after=query.after)]
    if page.next is not None:
        links.append(_link(call, path, "next", GEOJSON, **asked, after=page.next))
    links.append(_link(call, f"{_LIST}/{collection}", "collection"))
    shown = [link.model_dump(mode="json") for link in links]
    body = page.document(timeStamp=_second(), links=shown)
    etag = content_hash([code_version(), city.layer_hash(collection), shown])[:32]
    return json_response(body, media_type=GEOJSON, etag=etag, weak=True)


def _second() -> str:
    return now().isoformat(timespec="seconds").replace("+00:00", "Z")


@operation(
    "GET",
    "/api/collections/<collection>/items/<path:feature>",
    summary="One feature",
    tag="collections",
    query=AtQuery,
    responses={200: (Feature, GEOJSON)},
    resource="collection",
)
def item(call: Call, collection: str, feature: str) -> Response:
    """As GeoJSON, with all its fields."""
    city = call.city
    features_of(city, collection)
    body = city_pages(city, collection).feature(feature)
    path = f"{_LIST}/{collection}"
    links = [_link(call, f"{path}/items/{feature}", "self", GEOJSON), _link(call, path, "collection")]
    written = b",".join(link.model_dump_json().encode() for link in links)
    return json_response(body[:-1] + b',"links":[' + written + b"]}", media_type=GEOJSON)


def layer_title(city: City, name: str) -> Text:
    """The title of a layer of the city."""
    return title_of(version_of(city, name))


def register(api: Api) -> None:
    """Add the operations."""
    api.add(collections, collection, items, item)
