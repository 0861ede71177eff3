"""Comparisons: asking for one, and what one says."""

from __future__ import annotations

from typing import Any

from flask import Response

from cim_core.schema import Text
from servers import reports, tables
from servers.api import answers, asking, comparison_documents, pictures, result_layers
from servers.api.content import GEOJSON, bytes_response
from servers.api.documents import FeatureCollection, TileJson
from servers.api.jobs import Asked, submitted
from servers.api.models_processes import Compare, StatusInfo
from servers.api.models_results import ComparisonDocument, ComparisonList, ComparisonTableQuery, RunQuery, TableDocument
from servers.api.operations import Api, Call, operation
from servers.api.result_layers import ResultItemsQuery, VersionedQuery
from servers.api.result_tables import table_response
from servers.api.tiles import tile_response
from servers.serving.tilesets import MEDIA_TYPE

HTML = "text/html"
_PART_TITLES = {
    "pair": Text(en="Pair", zh="配对序号"),
    "baseline": Text(en="Baseline", zh="基准"),
    "plan": Text(en="Plan", zh="方案"),
    "difference": Text(en="Difference", zh="差值"),
    "class": Text(en="Change", zh="变化"),
}


def register(api: Api) -> None:
    """Asking, and all addresses below /api/comparisons."""
    api.add(compare, comparisons, comparison, items, tileset, tile, picture, table, report)


@operation(
    "POST",
    "/api/compare",
    summary="Compare a plan with the city as it is or with another plan, seed by seed; a job answers it",
    tag="comparisons",
    body=Compare,
    responses={200: StatusInfo, 201: StatusInfo},
    action="run",
    resource="comparison",
)
def compare(call: Call) -> Response:
    """Check both sides as a whole, then queue the comparison. Nothing is queued for what does not fit."""
    from cim_core.compare import ask_comparison

    city, known, body = call.city, call.registry, call.body
    known.analysis(body.analysis)
    plan, against = (asking.plan_given(city, one) for one in (body.plan, body.against))
    for side in (against, plan):
        asking.edits_of(city, known, side)
    given = asking.parameters_given(city, known, body.analysis, body.parameters)
    question = ask_comparison(
        city, known, body.analysis, given, plan=plan, against=against, seeds=body.seeds, precision=body.precision
    )
    found = question.answer(city.root)
    asked = Asked(body.analysis, question.identity, question.request, "comparison")
    return submitted(call, asked, None if found is None else found.id)


@operation(
    "GET",
    "/api/comparisons",
    summary="Comparisons, newest first",
    tag="comparisons",
    query=RunQuery,
    responses={200: ComparisonList},
    resource="comparison",
)
def comparisons(call: Call) -> dict[str, Any]:
    """Those that are finished."""
    city, found = call.city, []
    for folder in answers.comparison_folders(city.root):
        one = answers.find_comparison(city.root, folder.name)
        if call.query.analysis in (None, one.content["analysis"]):
            found.append(comparison_documents.comparison_entry(call.registry, one))
        if len(found) == call.query.limit:
            break
    return {"comparisons": found}


@operation(
    "GET",
    "/api/comparisons/<comparison>",
    summary="A comparison: differences with intervals, and where the rest is",
    tag="comparisons",
    responses={200: ComparisonDocument},
    resource="comparison",
)
def comparison(call: Call, comparison: str) -> dict[str, Any]:
    """With what its analysis declares, so that it can be shown without a second request."""
    found = answers.find_comparison(call.city.root, comparison)
    return comparison_documents.comparison_document(call.registry, found)


@operation(
    "GET",
    "/api/comparisons/<comparison>/layers/<layer>/items",
    summary="Features of a compared layer: both sides, difference, interval",
    tag="comparisons",
    query=ResultItemsQuery,
    responses={200: (FeatureCollection, GEOJSON)},
    resource="comparison",
)
def items(call: Call, comparison: str, layer: str) -> Response:
    """GeoJSON, page by page."""
    return result_layers.items_response(call, result_layers.of_comparison(call, comparison, layer))


@operation(
    "GET",
    "/api/comparisons/<comparison>/layers/<layer>/tiles/WebMercatorQuad",
    summary="TileJSON of a compared layer",
    tag="comparisons",
    responses={200: TileJson},
    resource="comparison",
)
def tileset(call: Call, comparison: str, layer: str) -> dict[str, Any]:
    """Its tiles' addresses, fields and bounds."""
    return result_layers.tilejson_of(call, result_layers.of_comparison(call, comparison, layer))


@operation(
    "GET",
    "/api/comparisons/<comparison>/layers/<layer>/tiles/WebMercatorQuad/<int:z>/<int:row>/<int:col>",
    summary="A vector tile of a compared layer",
    tag="comparisons",
    query=VersionedQuery,
    responses={200: MEDIA_TYPE, 204: None},
    resource="comparison",
)
def tile(call: Call, comparison: str, layer: str, **at: int) -> Response:
    """Mapbox Vector Tile 2.1; 204 where nothing is."""
    return tile_response(
        result_layers.of_comparison(call, comparison, layer).tiles(), at["z"], at["row"], at["col"], call.query.v
    )


@operation(
    "GET",
    "/api/comparisons/<comparison>/layers/<layer>/map.png",
    summary="A picture of the differences, with legend, scale and source",
    tag="comparisons",
    query=pictures.PictureQuery,
    responses={200: pictures.PNG},
    resource="comparison",
)
def picture(call: Call, comparison: str, layer: str) -> Response:
    """Blue for less and orange for more; grey where there is no clear difference."""
    return pictures.comparison_picture(call, answers.find_comparison(call.city.root, comparison), layer)


@operation(
    "GET",
    "/api/comparisons/<comparison>/tables/<table>",
    summary="Paired rows of a table: both sides, difference, gained or lost; ?sample=5000 for a scatter plot",
    tag="comparisons",
    query=ComparisonTableQuery,
    responses={200: [TableDocument, "text/csv"]},
    resource="comparison",
)
def table(call: Call, comparison: str, table: str) -> Response:
    """Column by column."""
    found = answers.find_comparison(call.city.root, comparison)
    name = answers.named(table, found.content["tables"], "table", f"comparison {comparison}")
    counted = found.content["tables"][name]
    declared = answers.declaration_of(call.registry, found.content["analysis"])
    one = declared.tables.get(name) if declared else None
    column = one.columns.get(counted["column"]) if one else None
    better = column.better if column else "neither"
    frame = answers.table(comparison_documents.table_path(found, name))
    frame = tables.with_classes(frame, better=better, tolerance=counted["tolerance"])
    if call.query.class_ is not None:
        frame = frame[frame["class"] == call.query.class_]
    extra = {part: {"title": title.model_dump(), "unit": ""} for part, title in _PART_TITLES.items()}
    extra |= {part: {**extra[part], "unit": counted["unit"]} for part in comparison_documents.PARTS}
    return table_response(
        frame,
        call.query,
        name=name,
        title=one.title.model_dump() if one else {"en": name, "zh": name},
        declared=one.columns if one else {},
        extra=extra,
        synthetic=comparison_documents.provenance_of(found)["synthetic"],
    )


@operation(
    "GET",
    "/api/comparisons/<comparison>/report",
    summary="The comparison's report, one HTML page that needs nothing else",
    tag="comparisons",
    responses={200: HTML},
    resource="comparison",
)
def report(call: Call, comparison: str) -> Response:
    """In both languages; ?lang chooses the first."""
    found = answers.find_comparison(call.city.root, comparison)
    return bytes_response(reports.comparison_page(call.city, call.registry, found, call.language), HTML)
