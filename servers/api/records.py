"""OGC API Records: the catalogue of what the city holds, with one record for each layer, coverage, process and plan."""

from __future__ import annotations

from typing import Annotated

from flask import Response, request
from pydantic import AfterValidator, Field

from cim_core.errors import NotFoundError
from cim_core.instants import now
from servers.api.content import json_response
from servers.api.documents import CatalogueDocument, Link
from servers.api.items_query import Box, Limit, interval
from servers.api.operations import LARGEST_INTEGER, Api, AtQuery, Call, CommaList, operation
from servers.api.record_documents import (
    CATALOGUE_MEDIA,
    GEOJSON,
    PATH,
    Record,
    RecordCollection,
    catalogue_document,
    records,
)
from servers.api.record_search import (
    Test,
    has_external_id,
    has_id,
    has_type,
    matches_words,
    meets_box,
    meets_interval,
)

_RECORD_MEDIA = f"{GEOJSON}; application=ogc-record"


def _is_interval(text: str) -> str:
    interval(text)
    return text


class RecordsQuery(AtQuery):
    """Which records."""

    q: str | None = Field(
        default=None, max_length=400, description="words in title, description, keywords: a,b is either, a b is both"
    )
    type: CommaList | None = Field(default=None, description="dataset, coverage, process, plan")
    ids: CommaList | None = Field(default=None, description="records with these ids")
    external_ids: CommaList | None = Field(default=None, alias="externalIds", description="hashes of snapshots")
    bbox: Box | None = Field(default=None, description="west,south,east,north in degrees")
    datetime: Annotated[str, AfterValidator(_is_interval)] | None = Field(
        default=None, description="instant or interval: records of things of that time; those without time always are"
    )
    limit: Limit = Field(default=100, description="records in one page")
    after: int | None = Field(default=None, ge=0, le=LARGEST_INTEGER, description="from the link to the next page")


@operation(
    "GET",
    PATH,
    summary="The catalogue: a collection of records",
    tag="collections",
    query=AtQuery,
    responses={200: [(CatalogueDocument, CATALOGUE_MEDIA), CatalogueDocument]},
)
def catalogue(call: Call) -> Response:
    """What it is; as plain JSON for who asks for that."""
    plain = request.accept_mimetypes.best_match([CATALOGUE_MEDIA, "application/json"]) == "application/json"
    return json_response(catalogue_document(call), media_type="application/json" if plain else CATALOGUE_MEDIA)


@operation(
    "GET",
    f"{PATH}/items",
    summary="Records of the catalogue",
    tag="collections",
    query=RecordsQuery,
    responses={200: (RecordCollection, GEOJSON)},
)
def catalogue_items(call: Call) -> Response:
    """Records that pass all that is asked, in pages; follow the ``next`` link until there is none."""
    query = call.query
    tests = _tests(query)
    found = [record for record in records(call) if all(test(record) for test in tests)]
    start = 0 if query.after is None else query.after + 1
    page = found[start : start + query.limit]
    asked = _asked(query)
    links = [_link(call, f"{PATH}/items", "self", **asked, after=query.after)]
    if start + len(page) < len(found):
        links.append(_link(call, f"{PATH}/items", "next", **asked, after=start + len(page) - 1))
    links.append(Link(href=call.url(PATH), rel="collection", type=CATALOGUE_MEDIA))
    document = RecordCollection(
        features=page, numberMatched=len(found), numberReturned=len(page), timeStamp=_second(), links=links
    )
    return json_response(document, media_type=GEOJSON)


def _tests(query: RecordsQuery) -> list[Test]:
    """All that a record has to pass."""
    given = [
        (query.q, matches_words),
        (query.type, has_type),
        (query.ids, has_id),
        (query.external_ids, has_external_id),
        (query.bbox, meets_box),
        (None if query.datetime is None else interval(query.datetime), meets_interval),
    ]
    return [make(value) for value, make in given if value is not None]  # type: ignore[operator]


def _asked(query: RecordsQuery) -> dict[str, object]:
    """The query as the links of its pages repeat it."""
    lists = {"type": query.type, "ids": query.ids, "externalIds": query.external_ids, "bbox": query.bbox}
    joined = {name: None if value is None else ",".join(map(str, value)) for name, value in lists.items()}
    return {"at": query.at, "q": query.q, **joined, "datetime": query.datetime, "limit": query.limit}


def _link(call: Call, path: str, rel: str, **query: object) -> Link:
    return Link(href=call.url(path, **query), rel=rel, type=GEOJSON)


def _second() -> str:
    return now().isoformat(timespec="seconds").replace("+00:00", "Z")


@operation(
    "GET",
    f"{PATH}/items/<path:record>",
    summary="One record",
    tag="collections",
    query=AtQuery,
    responses={200: (Record, GEOJSON)},
)
def catalogue_item(call: Call, record: str) -> Response:
    """By its id: a collection's name, process:NAME or plan:NAME."""
    found = next((one for one in records(call) if one.id == record), None)
    if found is None:
        raise NotFoundError(
            "records.unknown",
            "the catalogue has no such record",
            where=PATH,
            expected="a collection's name, process:NAME or plan:NAME",
            got=record[:80],
            remedy=f"take an id that GET {PATH}/items lists",
        )
    response = json_response(found, media_type=GEOJSON)
    response.headers["Content-Type"] = _RECORD_MEDIA
    return response


def register(api: Api) -> None:
    """Add the operations."""
    api.add(catalogue, catalogue_items, catalogue_item)
