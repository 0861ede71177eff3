"""Read a vector file into a layer's frame, with a quality report."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd

from cim_core.crs import SourceCrs, datum_warning, parse_crs
from cim_core.errors import InputError, ParameterError
from cim_core.gis.quality import QualityReport
from cim_core.gis.vector.archive import is_archive, unpacked
from cim_core.gis.vector.fields import derive_schema, typed_columns
from cim_core.gis.vector.files import RawVector, open_vector
from cim_core.gis.vector.geometry import clean_geometry, of_kind
from cim_core.gis.vector.ids import with_ids
from cim_core.gis.vector.standard import map_to_layer
from cim_core.schema import LayerSchema

Progress = Callable[[float, str], None]
"""Called with the fraction done and a short message."""


@dataclass(frozen=True)
class VectorExtract:
    """A layer as read: frame in EPSG:4326 with index ``id``, its schema, and what happened on the way."""

    frame: gpd.GeoDataFrame
    schema: LayerSchema
    report: QualityReport
    source: SourceCrs
    """The reference system the coordinates were taken to be in."""
    crs_note: str
    """Who said so: the person, the file, or its format."""


def read_vector(
    path: Path,
    *,
    source_crs: str | None = None,
    layer: str | None = None,
    x: str | None = None,
    y: str | None = None,
    target: LayerSchema | None = None,
    id_field: str | None = None,
    progress: Progress | None = None,
) -> VectorExtract:
    """Read a GeoPackage, GeoJSON, Shapefile, (Geo)Parquet, FlatGeobuf or table with coordinates, or a zip of one.

    Parameters
    ----------
    source_crs
        ``EPSG:…``, ``gcj02``, ``bd09`` or WKT; goes before what the file declares.
    layer
        Layer within the file; needed if there are several.
    x, y
        Coordinate columns of a table.
    target
        A standard layer the features are mapped onto; without it the schema is derived from the columns.
    id_field
        Column that names each feature once.
    progress
        Told how far it is.

    Raises
    ------
    InputError
        Codes ``vector.*`` for the file, its layers, fields and geometry; ``crs.*`` for coordinates that do not fit.
    ParameterError
        ``crs.unknown`` for a ``source_crs`` that is not known.
    """
    tell = progress or _silent
    if source_crs:
        parse_crs(source_crs)  # before a large file is read
    tell(0.0, "opening")
    with _data_file(path, layer) as file:
        raw = open_vector(file, layer, x, y)
    return extract_from(raw, str(path), source_crs=source_crs, target=target, id_field=id_field, progress=tell)


def extract_from(
    raw: RawVector,
    where: str,
    *,
    source_crs: str | None = None,
    target: LayerSchema | None = None,
    id_field: str | None = None,
    progress: Progress | None = None,
) -> VectorExtract:
    """The layer that features of any source make; parameters and errors as in :func:`read_vector`."""
    tell = progress or _silent
    named = parse_crs(source_crs) if source_crs else None
    name = target.name if target else raw.name
    _require_features(raw, where)
    source, note = _source(raw, named, where)
    report = QualityReport()
    tell(0.4, "checking geometry")
    frame = clean_geometry(raw.frame, source, name, report, where)
    report.keep(name, len(frame))
    tell(0.7, "naming features")
    frame = with_ids(frame, id_field, name, report)
    tell(0.8, "reading fields")
    frame = typed_columns(frame)
    if target:
        frame = map_to_layer(of_kind(frame, target.geometry, name, report), target, report)
    _warn(report, raw, source, named)
    tell(1.0, "read")
    return VectorExtract(frame, target or derive_schema(frame, name), report, source, note)


def _silent(fraction: float, message: str) -> None:
    """Report nothing."""


@contextmanager
def _data_file(path: Path, layer: str | None) -> Iterator[Path]:
    if not (is_archive(path) and path.is_file() and path.stat().st_size):
        yield path
        return
    with unpacked(path, layer) as inside:
        yield inside


def _source(raw: RawVector, named: SourceCrs | None, where: str) -> tuple[SourceCrs, str]:
    if named:
        return named, f"given as {named.name}"
    if raw.declared is None:
        raise InputError(
            "vector.no_crs",
            "The data do not say which coordinate reference system they are in",
            where=where,
            expected="a declared system (.prj beside a Shapefile, a CRS in GeoPackage or GeoParquet)",
            got="none",
            remedy="Name it with --source-crs EPSG:… | gcj02 | bd09, for example --source-crs EPSG:4490.",
        )
    try:
        source = parse_crs(raw.declared)
    except ParameterError as fault:
        raise InputError(
            "vector.crs",
            "The source declares a coordinate reference system that is not known",
            where=where,
            expected="an EPSG code or WKT of a geographic or projected system",
            got=raw.declared[:200],
            remedy="Say what it is with --source-crs EPSG:… | gcj02 | bd09.",
        ) from fault
    return source, f"{raw.note}: {source.name}"


def _require_features(raw: RawVector, where: str) -> None:
    if raw.frame.empty:
        raise InputError(
            "vector.no_features",
            "The layer holds no features",
            where=f"{where}, layer {raw.name}",
            expected="at least one feature",
            got="0",
            remedy="Check the export, or choose another layer.",
        )


def _warn(report: QualityReport, raw: RawVector, source: SourceCrs, named: SourceCrs | None) -> None:
    if named and raw.declared and not _names(raw.declared, named):
        report.warn(f"The file declares {raw.declared[:80]}; it was read as {named.name}, as told.")
    if not named and "taken as" in raw.note:
        report.warn(f"Nothing says which system the coordinates are in: {raw.note}. Else name it with --source-crs.")
    if warning := datum_warning(source):
        report.warn(warning)


def _names(declared: str, named: SourceCrs) -> bool:
    try:
        return parse_crs(declared) == named
    except ParameterError:
        return False
