"""OGC API Features: layers and coverages as collections."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Response

from cim_core.city import City
from cim_core.errors import NotFoundError
from cim_core.schema import LayerSchema
from cim_core.store.records import LayerVersion
from servers.api.content import GEOJSON, json_response
from servers.api.documents import (
    CollectionDocument,
    CollectionsDocument,
    Extent,
    FieldDocument,
    Link,
    SpatialExtent,
)
from servers.api.item_formats import MEDIA_TYPES
from servers.api.operations import Api, AtQuery, Call, operation
from servers.api.provenance import Provenance, degrees, provenance, title_of
from servers.api.record_documents import catalogue_document
from servers.serving.baked.placing import offered, record_system

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_QUERYABLES = "http://www.opengis.net/def/rel/ogc/1.0/queryables"
_TILES = "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector"
LIST = "/api/collections"


@operation(
    "GET",
    LIST,
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
    return CollectionsDocument(links=[link(call, LIST, "self")], collections=[*rows, catalogue_document(call)])


@operation(
    "GET",
    "/api/collections/<collection>",
    summary="One layer or coverage",
    tag="collections",
    query=AtQuery,
    responses={200: CollectionDocument},
    resource="collection",
)
def collection(call: Call, collection: str) -> Response:
    """Its fields, extent, source and version; what can be asked for is linked in the header too (19-079r2, 6.2)."""
    city = call.city
    layer = version_of(city, collection)
    response = json_response(document(call, city, provenance(call.context, city), layer))
    if layer.kind == "layer":
        address = call.url(f"{LIST}/{collection}/queryables")
        response.headers["Link"] = f'<{address}>; rel="{_QUERYABLES}"; type="application/schema+json"'
    return response


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
            remedy=f"GET {LIST}/{name}/coverage, or its terrain tiles",
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
        crs=_systems(city, layer),
        storageCrs=_storage(city, layer),
        links=_links(call, layer),
        geometry=schema.geometry if schema else None,
        rows=layer.rows,
        snapshot=layer.content,
        editable=schema.editable if schema else False,
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


def _systems(city: City, layer: LayerVersion) -> list[str]:
    """In which reference systems its features are served, the default first."""
    if layer.kind != "layer" or city.record.crs is None:
        return [CRS84]
    path = city.store.layer_path(layer.name, layer.snapshot)
    has_z = path.exists() and _has_heights(path)  # a file that is lost is reported where features are asked for
    return [system.uri for system in offered(city.record.crs, has_z)]


def _storage(city: City, layer: LayerVersion) -> str | None:
    record = None if layer.kind != "layer" or city.record.crs is None else record_system(city.record.crs)
    return None if record is None else record.uri


@lru_cache(maxsize=4096)
def _has_heights(path: Path) -> bool:
    """Whether a snapshot's geometry has heights, as the file itself says (it never changes)."""
    import json

    import pyarrow.parquet as pq

    about = json.loads((pq.read_metadata(path).metadata or {}).get(b"geo", b"{}"))
    columns = about.get("columns", {}).values()
    return any(kind.endswith(" Z") for column in columns for kind in column.get("geometry_types", ()))


def _links(call: Call, layer: LayerVersion) -> list[Link]:
    path = f"{LIST}/{layer.name}"
    links = [link(call, path, "self")]
    if layer.kind == "layer":
        links += [
            link(call, f"{path}/items", "items", GEOJSON),
            *(
                link(call, f"{path}/items", "items", media, f=form)
                for form, media in MEDIA_TYPES.items()
                if form != "json"
            ),
            link(call, f"{path}/queryables", _QUERYABLES, "application/schema+json"),
            link(call, f"{path}/tiles", _TILES),
            link(call, f"{path}/export", "enclosure", "application/geopackage+sqlite3"),
        ]
    else:
        links += [
            link(call, f"{path}/coverage", "http://www.opengis.net/def/rel/ogc/1.0/coverage", "image/tiff"),
            link(call, f"{path}/terrain", "related"),
        ]
    return links


def link(call: Call, path: str, rel: str, kind: str = "application/json", **query: Any) -> Link:
    """A link to an address on this server."""
    return Link(href=call.url(path, **query), rel=rel, type=kind)


def register(api: Api) -> None:
    """Add the operations."""
    api.add(collections, collection)
