"""The features of a layer: in pages and one by one (OGC API Features 1 and 2, 17-069r4 and 18-058r1)."""

from __future__ import annotations

from typing import Any

from flask import Response

from cim_core.canonical import content_hash
from cim_core.instants import now
from servers.api.collections import LIST, features_of, link, version_of
from servers.api.content import GEOJSON, json_response, not_modified
from servers.api.documents import Feature, FeatureCollection, Link
from servers.api.exports import file_stem
from servers.api.item_formats import MEDIA_TYPES, FeatureFile, Form, form_asked
from servers.api.items_query import ItemQuery, ItemsQuery, interval
from servers.api.operations import Api, Call, operation
from servers.api.provenance import provenance
from servers.serving.baked.feature_pages import BakedPages, item_etag
from servers.serving.baked.formats import MOST_IN_A_FILE
from servers.serving.baked.placing import ReferenceSystem, system_named
from servers.serving.baked.selection import MOST_IN_A_PAGE, Selected, Where
from servers.serving.baked.sorting import sort_keys
from servers.serving.code_version import code_version
from servers.serving.layers import city_pages


@operation(
    "GET",
    "/api/collections/<collection>/items",
    summary="Features of a layer",
    tag="collections",
    query=ItemsQuery,
    responses={200: [(FeatureCollection, GEOJSON), *(media for form, media in MEDIA_TYPES.items() if form != "json")]},
    resource="collection",
)
def items(call: Call, collection: str) -> Response:
    """In pages; follow the ``next`` link (of the document, or the header ``Link``) until there is none.

    Files have x (longitude, easting) first whatever the system; GeoJSON has its axes in the system's own order.
    """
    city, query = call.city, call.query
    features_of(city, collection)
    form = form_asked(query.f)
    path = f"{LIST}/{collection}/items"
    asked = _asked(query, form)
    address = call.url(path, **asked)
    itself = address + _place(query.at, query.after)
    etag = content_hash([code_version(), city.layer_hash(collection), form, itself])[:32]
    unchanged = not_modified(etag, coded=True)
    if unchanged is not None:
        unchanged.vary.add("Accept")
        return unchanged
    pages = city_pages(city, collection)
    system = pages.systems[0] if query.crs is None else system_named(query.crs, pages.systems, "crs")
    selection = _selection(query, pages) | {"limit": asked["limit"]}

    def following(after: int | None) -> str | None:
        """The next page is of the same version of the city: together they are one state."""
        return None if after is None else address + _place(query.at or city.sequence, after)

    if form == "json":
        page = pages.page(properties=query.properties, crs=system, skip_geometry=query.skip_geometry, **selection)
        links = _links(call, collection, itself, following(page.next))
        response = json_response(page.document(timeStamp=_second(), links=links), media_type=GEOJSON)
    else:
        found = pages.positions.select(**selection, most=MOST_IN_A_FILE)
        response = _file(call, pages, form, system, found)
        if found.next is not None:
            response.headers["Link"] = f'<{following(found.next)}>; rel="next"; type="{MEDIA_TYPES[form]}"'
    response.set_etag(etag, weak=True)
    response.headers["Content-Crs"] = f"<{system.uri}>"
    response.vary.add("Accept")
    return response


def _place(at: int | None, after: int | None) -> str:
    """Version and place in the pages, as an address that has a query already goes on."""
    return "".join(f"&{name}={value}" for name, value in (("at", at), ("after", after)) if value is not None)


def _asked(query: ItemsQuery, form: str) -> dict[str, Any]:
    """The question as a link repeats it, without the place in the pages: in the form that was agreed on."""
    most = MOST_IN_A_PAGE if form == "json" else MOST_IN_A_FILE
    return {
        "bbox": None if query.bbox is None else ",".join(repr(edge) for edge in query.bbox),
        "bbox-crs": query.bbox_crs,
        "limit": min(query.limit, most),
        "datetime": query.datetime,
        "properties": None if query.properties is None else ",".join(query.properties),
        "sortby": query.sortby,
        "filter": query.filter,
        "filter-lang": None if query.filter is None else query.filter_lang,
        "filter-crs": query.filter_crs,
        "crs": query.crs,
        "skipGeometry": "true" if query.skip_geometry else None,
        "f": query.f if form == "json" else form,
    }


def _selection(query: ItemsQuery, pages: BakedPages) -> dict[str, Any]:
    """What :meth:`Positions.select` takes; raises :class:`ParameterError` (``pages.crs``) and what the filter does."""
    found: dict[str, Any] = {
        "after": query.after,
        "during": interval(query.datetime) if query.datetime else None,
        "sortby": sort_keys(query.sortby) if query.sortby else (),
        "where": _where(query, pages),
    }
    if query.bbox_crs is not None:
        found["bbox_crs"] = system_named(query.bbox_crs, pages.systems, "bbox-crs")
    if query.bbox is not None:
        found["bbox"] = found["bbox_crs"].x_first(query.bbox) if "bbox_crs" in found else query.bbox
    return found


def _where(query: ItemsQuery, pages: BakedPages) -> Where | None:
    if query.filter is None:
        return None
    from servers.serving.filters import parse_filter

    columns = [(column.name, column.dtype) for column in pages.layer.columns if not column.derived]
    found: Where = parse_filter(query.filter, query.filter_lang, query.filter_crs, columns)
    return found


def _links(call: Call, collection: str, itself: str, following: str | None) -> list[dict[str, str]]:
    """Requirements 27 and 28 of 17-069r4: the page itself, in every other form, the next one."""
    links = [{"href": itself, "rel": "self", "type": GEOJSON}]
    plain = itself.replace("&f=json", "")
    for form, media in MEDIA_TYPES.items():
        if form != "json":
            links.append({"href": f"{plain}&f={form}", "rel": "alternate", "type": media})
    if following is not None:
        links.append({"href": following, "rel": "next", "type": GEOJSON})
    links.append({"href": call.url(f"{LIST}/{collection}"), "rel": "collection", "type": "application/json"})
    return links


def _file(call: Call, pages: BakedPages, form: Form, system: ReferenceSystem, found: Selected) -> Response:
    from servers.serving.baked.formats import arrow_table

    city, layer = call.city, pages.layer.name
    table = arrow_table(pages, found.positions, pages.chosen_names(call.query.properties), system)
    source = provenance(call.context, city).source(version_of(city, layer))
    stem = file_stem(city.record.name, layer, synthetic=bool(source and source.synthetic))
    return FeatureFile(table, layer, form, system, stem).response()


def _second() -> str:
    return now().isoformat(timespec="seconds").replace("+00:00", "Z")


@operation(
    "GET",
    "/api/collections/<collection>/items/<path:feature>",
    summary="One feature",
    tag="collections",
    query=ItemQuery,
    responses={200: (Feature, GEOJSON)},
    resource="collection",
)
def item(call: Call, collection: str, feature: str) -> Response:
    """As GeoJSON, with all its fields. Its ``ETag`` is what a change of the feature has to name."""
    city, named = call.city, call.query.crs
    features_of(city, collection)
    pages = city_pages(city, collection)
    system = pages.systems[0] if named is None else system_named(named, pages.systems, "crs")
    body = pages.feature(feature, system)
    path = f"{LIST}/{collection}"
    itself = call.url(f"{path}/items/{feature}", at=call.query.at, crs=named)
    links = [Link(href=itself, rel="self", type=GEOJSON), link(call, path, "collection")]
    written = b",".join(one.model_dump_json().encode() for one in links)
    response = json_response(body[:-1] + b',"links":[' + written + b"]}", media_type=GEOJSON, etag=item_etag(body))
    response.headers["Content-Crs"] = f"<{system.uri}>"
    return response


def register(api: Api) -> None:
    """Add the operations."""
    api.add(items, item)
