"""What of a layer can be asked for in a filter, as a JSON Schema (OGC API Features 3, 19-079r2, clause 6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from flask import Response
from pydantic import Field

from cim_core.schema import Field as LayerField
from cim_core.schema import GeometryKind
from cim_core.units import symbol
from servers.api.collections import LIST, features_of
from servers.api.content import json_response
from servers.api.documents import Document
from servers.api.operations import Api, AtQuery, Call, operation
from servers.api.provenance import title_of
from servers.serving.filter_rows import GEOMETRY
from servers.serving.filters import QUERYABLE
from servers.serving.layers import city_pages

if TYPE_CHECKING:
    from servers.serving.baked.feature_pages import BakedPages

MEDIA_TYPE = "application/schema+json"
FEW = 30
"""Different texts up to which they are listed."""
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TYPES: dict[str, dict[str, str]] = {
    "string": {"type": "string"},
    "int64": {"type": "integer"},
    "float64": {"type": "number"},
    "bool": {"type": "boolean"},
    "timestamp": {"type": "string", "format": "date-time"},
}
_FORMATS: dict[GeometryKind, str] = {
    "Point": "geometry-point-or-multipoint",
    "LineString": "geometry-linestring-or-multilinestring",
    "Polygon": "geometry-polygon-or-multipolygon",
    "Any": "geometry-any",
}
_GEOMETRY_TITLE = {"en": "Geometry", "zh": "几何"}
_ID_TITLE = {"en": "Feature id", "zh": "要素标识"}


class Queryables(Document):
    """A JSON Schema of an object whose properties are what filters may name."""

    dialect: Literal["https://json-schema.org/draft/2020-12/schema"] = Field(alias="$schema")
    identity: str = Field(alias="$id")
    type: Literal["object"]
    title: str
    properties: dict[str, dict[str, Any]]
    additional_properties: Literal[False] = Field(alias="additionalProperties")


@operation(
    "GET",
    f"{LIST}/<collection>/queryables",
    summary="What can be asked for in a filter",
    tag="collections",
    query=AtQuery,
    responses={200: (Queryables, MEDIA_TYPE)},
    resource="collection",
)
def queryables(call: Call, collection: str) -> Response:
    """Names, types, titles and units of the properties; where a text has few values, these."""
    city = call.city
    layer = features_of(city, collection)
    schema, pages = city.schema(collection), city_pages(city, collection)
    fields = [field for field in schema.fields if field.dtype in QUERYABLE and field.name in pages.properties]
    about = {"id": _TYPES["string"] | {"title": _ID_TITLE[call.language], "x-ogc-role": "id"}}
    about |= {field.name: _described(field, pages, call.language) for field in fields}
    if schema.geometry != "None":
        title = _GEOMETRY_TITLE[call.language]
        about[GEOMETRY] = {"title": title, "x-ogc-role": "primary-geometry", "format": _FORMATS[schema.geometry]}
    document = Queryables.model_validate(
        {
            "$schema": _DIALECT,
            "$id": call.url(f"{LIST}/{collection}/queryables"),
            "type": "object",
            "title": title_of(layer)[call.language],
            "properties": about,
            "additionalProperties": False,
        }
    )
    response = json_response(document.model_dump(by_alias=True), media_type=MEDIA_TYPE)
    response.vary.add("Accept-Language")
    return response


def _described(field: LayerField, pages: BakedPages, language: str) -> dict[str, Any]:
    found: dict[str, Any] = _TYPES[field.dtype] | {"title": field.title[language]}
    if field.unit is not None and symbol(field.unit):
        found["x-ogc-unit"] = symbol(field.unit)
    few = _few_texts(field, pages) if field.dtype == "string" else []
    return found | {"enum": few} if few else found


def _few_texts(field: LayerField, pages: BakedPages) -> list[str]:
    """The texts of a property in order; none if they are more than :data:`FEW`, or nearly as many as the features."""
    columns = [layer.column(field.name) for layer in pages.positions.layers]
    if any(column.distinct > FEW for column in columns):
        return []
    texts = {column.value_text(code) for column in columns for code in range(column.distinct)}
    return sorted(texts) if len(texts) <= min(FEW, len(pages) // 2) else []


def register(api: Api) -> None:
    """Add the operation."""
    api.add(queryables)
