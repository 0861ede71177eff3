"""Runs: a result's figures, layers, tables, files, frames and report."""

from __future__ import annotations

from typing import Any

from flask import Response

from servers import reports
from servers.api import answers, pictures, result_layers, run_documents
from servers.api.content import GEOJSON, IMMUTABLE, REVALIDATE, attachment, bytes_response, json_response
from servers.api.documents import FeatureCollection, TileJson
from servers.api.models_results import RunDocument, RunList, RunQuery, TableDocument, TableQuery, TrajectoriesInfo
from servers.api.operations import Api, Call, operation
from servers.api.result_layers import ResultItemsQuery, VersionedQuery
from servers.api.result_tables import table_response
from servers.api.tiles import tile_response
from servers.serving.tilesets import MEDIA_TYPE

HTML = "text/html"
FRAMES = "application/octet-stream"


def register(api: Api) -> None:
    """All addresses below /api/runs."""
    api.add(runs, run, items, tileset, tile, picture, table, frames, chunk, file, report, receipt)


@operation(
    "GET",
    "/api/runs",
    summary="Runs, newest first",
    tag="runs",
    query=RunQuery,
    responses={200: RunList},
    resource="run",
)
def runs(call: Call) -> dict[str, Any]:
    """Those whose result is there."""
    return {"runs": run_documents.run_entries(call.city, call.registry, call.query.analysis, call.query.limit)}


@operation(
    "GET",
    "/api/runs/<run>",
    summary="A run: figures, and where the rest is",
    tag="runs",
    responses={200: RunDocument},
    resource="run",
)
def run(call: Call, run: str) -> dict[str, Any]:
    """With what its analysis declares, so that it can be shown without a second request."""
    return run_documents.run_document(call.city, call.registry, answers.find_run(call.city.root, run))


@operation(
    "GET",
    "/api/runs/<run>/layers/<layer>/items",
    summary="Features of a result layer",
    tag="runs",
    query=ResultItemsQuery,
    responses={200: (FeatureCollection, GEOJSON)},
    resource="run",
)
def items(call: Call, run: str, layer: str) -> Response:
    """GeoJSON, page by page."""
    return result_layers.items_response(call, result_layers.of_run(call, run, layer))


@operation(
    "GET",
    "/api/runs/<run>/layers/<layer>/tiles/WebMercatorQuad",
    summary="TileJSON of a result layer",
    tag="runs",
    responses={200: TileJson},
    resource="run",
)
def tileset(call: Call, run: str, layer: str) -> dict[str, Any]:
    """Its tiles' addresses, fields and bounds."""
    return result_layers.tilejson_of(call, result_layers.of_run(call, run, layer))


@operation(
    "GET",
    "/api/runs/<run>/layers/<layer>/tiles/WebMercatorQuad/<int:z>/<int:row>/<int:col>",
    summary="A vector tile of a result layer",
    tag="runs",
    query=VersionedQuery,
    responses={200: MEDIA_TYPE, 204: None},
    resource="run",
)
def tile(call: Call, run: str, layer: str, **at: int) -> Response:
    """Mapbox Vector Tile 2.1; 204 where nothing is."""
    return tile_response(result_layers.of_run(call, run, layer).tiles(), at["z"], at["row"], at["col"], call.query.v)


@operation(
    "GET",
    "/api/runs/<run>/layers/<layer>/map.png",
    summary="A picture of a result layer, with legend, scale and source",
    tag="runs",
    query=pictures.PictureQuery,
    responses={200: pictures.PNG},
    resource="run",
)
def picture(call: Call, run: str, layer: str) -> Response:
    """The column that the analysis shows first, or the one asked for."""
    return pictures.run_picture(call, answers.find_run(call.city.root, run), layer)


@operation(
    "GET",
    "/api/runs/<run>/tables/<table>",
    summary="Part of a result table: a page, a random sample, or all as CSV",
    tag="runs",
    query=TableQuery,
    responses={200: [TableDocument, "text/csv"]},
    resource="run",
)
def table(call: Call, run: str, table: str) -> Response:
    """Column by column."""
    bundle = answers.find_run(call.city.root, run)
    name = answers.named(table, bundle.content["tables"], "table", f"run {run}")
    declared = answers.declaration_of(call.registry, bundle.content["analysis"])
    one = declared.tables.get(name) if declared else None
    return table_response(
        answers.table(bundle.path / "tables" / f"{name}.parquet"),
        call.query,
        name=name,
        title=one.title.model_dump() if one else {"en": name, "zh": name},
        declared=one.columns if one else {},
        synthetic=bool(bundle.content["facts"].get("synthetic")),
    )


@operation(
    "GET",
    "/api/runs/<run>/frames",
    summary="What the replay of vehicles needs to know before its first chunk",
    tag="runs",
    responses={200: TrajectoriesInfo},
    resource="run",
)
def frames(call: Call, run: str) -> dict[str, Any]:
    """Times, number of chunks and of vehicles."""
    bundle = answers.find_run(call.city.root, run)
    found = run_documents.trajectories(call.city, bundle)
    if found is None:
        raise answers.no_trajectories(bundle)
    return found


@operation(
    "GET",
    "/api/runs/<run>/frames/<int:number>",
    summary="A chunk of the replay: positions of all vehicles, binary",
    tag="runs",
    query=VersionedQuery,
    responses={200: FRAMES},
    resource="run",
)
def chunk(call: Call, run: str, number: int) -> Response:
    """Format CIMF, gzip. An address with the newest version may be kept for ever."""
    from servers.serving.frames import packed_chunk

    city = call.city
    bundle = answers.find_run(city.root, run)
    version = run_documents.frames_version(city, bundle)
    cache = IMMUTABLE if call.query.v == version else REVALIDATE
    body = packed_chunk(bundle, city, number)
    return bytes_response(body, FRAMES, etag=f"{version}-{number}", cache=cache, gzipped=True)


@operation(
    "GET",
    "/api/runs/<run>/files/<name>",
    summary="A file of a result",
    tag="runs",
    responses={200: FRAMES},
    resource="run",
)
def file(call: Call, run: str, name: str) -> Response:
    """As the analysis wrote it, to be saved."""
    bundle = answers.find_run(call.city.root, run)
    path = bundle.file(answers.named(name, bundle.content["files"], "file", f"run {run}"))
    return attachment(path.open("rb"), FRAMES, path.name, path.stat().st_size)


@operation(
    "GET",
    "/api/runs/<run>/report",
    summary="The run's report, one HTML page that needs nothing else",
    tag="runs",
    responses={200: HTML},
    resource="run",
)
def report(call: Call, run: str) -> Response:
    """In both languages; ?lang chooses the first."""
    page = reports.run_page(call.city, call.registry, answers.find_run(call.city.root, run), call.language)
    return bytes_response(page, HTML)


@operation(
    "GET",
    "/api/runs/<run>/receipt",
    summary="What a run stands on, hash by hash",
    tag="runs",
    responses={200: dict[str, Any]},
    resource="run",
)
def receipt(call: Call, run: str) -> Response:
    """The content whose hash is the run's name."""
    return json_response(run_documents.receipt(answers.find_run(call.city.root, run)), cache=IMMUTABLE)
