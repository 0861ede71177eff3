"""Layers as files that other programs read, as attachments; what is synthetic says so in its name."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from flask import Response
from pydantic import Field

from cim_core.gis.export import write_layer
from servers.api import answers
from servers.api.collections import features_of
from servers.api.comparison_documents import provenance_of
from servers.api.content import GEOJSON, attachment
from servers.api.operations import Api, AtQuery, Call, Query, operation
from servers.api.provenance import provenance
from servers.serving.layers import comparison_frame

if TYPE_CHECKING:
    import geopandas as gpd

Form = Literal["gpkg", "geojson", "csv", "parquet", "fgb"]
MEDIA_TYPES: dict[Form, str] = {
    "gpkg": "application/geopackage+sqlite3",
    "geojson": GEOJSON,
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
    "fgb": "application/flatgeobuf",
}


_FORM: Any = Field(default="gpkg", description="GeoJSON and CSV in degrees, the others in the city's own CRS")


class ExportQuery(AtQuery):
    """Which form, as of when."""

    f: Form = _FORM


class ResultExportQuery(Query):
    """Which form."""

    f: Form = _FORM


def layer_attachment(frame: gpd.GeoDataFrame, layer: str, form: Form, *, stem: str, synthetic: bool) -> Response:
    """A frame as a file to be saved: written to a temporary place, streamed from there, gone with the stream.

    ``stem`` begins the file's name; ``synthetic`` adds the mark that data made by a program bear everywhere.
    """
    name = file_stem(stem, layer, synthetic=synthetic)
    with tempfile.TemporaryDirectory(prefix="cim-export-") as folder:
        path = Path(folder) / f"{name}.{form}"
        write_layer(frame, layer, path)
        size = path.stat().st_size
        stream = path.open("rb")  # stays readable when its name is gone
    return attachment(stream, MEDIA_TYPES[form], f"{name}.{form}", size)


def file_stem(*parts: str, synthetic: bool) -> str:
    """A file's name without ending, of names that every file system takes; what is synthetic says so in it."""
    return "-".join([*(_tidy(part) for part in parts if part), *(["synthetic"] if synthetic else [])])


def _tidy(name: str) -> str:
    """A name that every file system takes."""
    return re.sub(r"[^\w.-]+", "_", name).strip("_.")[:60]


@operation(
    "GET",
    "/api/collections/<collection>/export",
    summary="A layer as a file",
    tag="collections",
    query=ExportQuery,
    responses={200: list(MEDIA_TYPES.values())},
    resource="collection",
)
def export(call: Call, collection: str) -> Response:
    """GeoPackage, GeoJSON, CSV with WKT, GeoParquet or FlatGeobuf, with the corrections in it."""
    city = call.city
    layer = features_of(city, collection)
    source = provenance(call.context, city).source(layer)
    synthetic = bool(source and source.synthetic)
    return layer_attachment(
        city.layer(collection), collection, call.query.f, stem=city.record.name, synthetic=synthetic
    )


@operation(
    "GET",
    "/api/runs/<run>/layers/<layer>/export",
    summary="A run's layer as a file",
    tag="runs",
    query=ResultExportQuery,
    responses={200: list(MEDIA_TYPES.values())},
    resource="run",
)
def run_export(call: Call, run: str, layer: str) -> Response:
    """As for a layer of the city."""
    bundle = answers.find_run(call.city.root, run)
    name = answers.named(layer, bundle.content["layers"], "layer", f"run {run}")
    synthetic = bool(bundle.content["facts"].get("synthetic", False))
    return layer_attachment(bundle.layer(name), name, call.query.f, stem=f"run-{run[:12]}", synthetic=synthetic)


@operation(
    "GET",
    "/api/comparisons/<comparison>/layers/<layer>/export",
    summary="A comparison's layer as a file",
    tag="comparisons",
    query=ResultExportQuery,
    responses={200: list(MEDIA_TYPES.values())},
    resource="comparison",
)
def comparison_export(call: Call, comparison: str, layer: str) -> Response:
    """With baseline, plan and difference of each feature."""
    found = answers.find_comparison(call.city.root, comparison)
    name = answers.named(layer, found.content["layers"], "layer", f"comparison {comparison}")
    synthetic = bool(provenance_of(found)["synthetic"])
    frame = comparison_frame(found.path, found.content, name)
    return layer_attachment(frame, name, call.query.f, stem=f"comparison-{comparison[:12]}", synthetic=synthetic)


def register(api: Api) -> None:
    """Add the operations."""
    api.add(export, run_export, comparison_export)
