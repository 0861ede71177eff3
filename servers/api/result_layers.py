"""Layers of runs and comparisons over HTTP: features in pages and vector tiles. One form for both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import Response
from pydantic import Field

from cim_core.instants import now
from servers.api import answers, comparison_documents
from servers.api.content import GEOJSON, json_response
from servers.api.items_query import LIMIT_WORDS, Box, Limit
from servers.api.operations import LARGEST_INTEGER, Call, CommaList, Query
from servers.api.tiles import tilejson

if TYPE_CHECKING:
    from servers.serving.baked.feature_pages import BakedPages
    from servers.serving.tilesets import TileSet


class ResultItemsQuery(Query):
    """Which features of a result layer."""

    bbox: Box | None = Field(default=None, description="west,south,east,north in degrees")
    limit: Limit = Field(default=100, description=LIMIT_WORDS)
    after: int | None = Field(default=None, ge=0, le=LARGEST_INTEGER, description="from the link to the next page")
    properties: CommaList | None = Field(default=None, description="only these columns")


class VersionedQuery(Query):
    """What never changes may carry a version, so that it can be kept for ever."""

    v: str | None = Field(default=None, max_length=80, description="version, as the document before hands it out")


@dataclass(frozen=True)
class ResultLayer:
    """One layer of one result, with what its addresses and files say of it."""

    name: str
    path: str
    """``/api/runs/{run}/layers/{layer}``."""
    title: dict[str, str]
    attribution: list[str]
    pages: Callable[[], BakedPages]
    tiles: Callable[[], TileSet]


def of_run(call: Call, run: str, layer: str) -> ResultLayer:
    """A layer of a run; raises :class:`NotFoundError`."""
    from servers.serving.layers import result_pages, result_tiles

    bundle = answers.find_run(call.city.root, run)
    content = bundle.content
    return ResultLayer(
        name=answers.named(layer, content["layers"], "layer", f"run {run}"),
        path=f"/api/runs/{run}/layers/{layer}",
        title=answers.layer_title(call.registry, content["analysis"], layer),
        attribution=content["facts"].get("attribution", []),
        pages=lambda: result_pages(bundle, layer),
        tiles=lambda: result_tiles(bundle, layer),
    )


def of_comparison(call: Call, comparison: str, layer: str) -> ResultLayer:
    """A compared layer; raises :class:`NotFoundError`."""
    from servers.serving.layers import comparison_pages, comparison_tiles

    found = answers.find_comparison(call.city.root, comparison)
    content = found.content
    return ResultLayer(
        name=answers.named(layer, content["layers"], "layer", f"comparison {comparison}"),
        path=f"/api/comparisons/{comparison}/layers/{layer}",
        title=answers.layer_title(call.registry, content["analysis"], layer),
        attribution=comparison_documents.provenance_of(found)["attribution"],
        pages=lambda: comparison_pages(found.path, content, layer),
        tiles=lambda: comparison_tiles(found.path, content, layer),
    )


def items_response(call: Call, layer: ResultLayer) -> Response:
    """A page of features as GeoJSON, with a link to the next one."""
    query: ResultItemsQuery = call.query
    page = layer.pages().page(bbox=query.bbox, limit=query.limit, after=query.after, properties=query.properties)
    asked = {
        "bbox": None if query.bbox is None else ",".join(f"{edge:.9g}" for edge in query.bbox),
        "limit": query.limit,
        "properties": None if query.properties is None else ",".join(query.properties),
    }
    address = f"{layer.path}/items"
    links = [{"href": call.url(address, **asked, after=query.after), "rel": "self", "type": GEOJSON}]
    if page.next is not None:
        links.append({"href": call.url(address, **asked, after=page.next), "rel": "next", "type": GEOJSON})
    stamp = now().isoformat(timespec="seconds").replace("+00:00", "Z")
    return json_response(page.document(timeStamp=stamp, links=links), media_type=GEOJSON)


def tilejson_of(call: Call, layer: ResultLayer) -> dict[str, Any]:
    """TileJSON 3.0 with the links of an OGC tileset."""
    name = layer.title[call.language]
    path = f"{layer.path}/tiles/WebMercatorQuad"
    attribution = "; ".join(layer.attribution)
    made = tilejson(call, layer.tiles(), path, name=name, attribution=attribution, titles={layer.name: name})
    return {"attribution": "", "bounds": [], **made}
