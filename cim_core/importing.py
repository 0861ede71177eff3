"""Importing: a reader's frames come into the city's CRS, pass the city's checks, and become one version or nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cim_core.canonical import file_hash
from cim_core.city import City
from cim_core.errors import ParameterError
from cim_core.layers import STANDARD_LAYERS
from cim_core.schema import LayerSchema
from cim_core.store.files import STAGING
from cim_core.store.records import CorrectionRecord, SourceRecord

if TYPE_CHECKING:
    import geopandas as gpd

    from cim_core.editing import Editing
    from cim_core.gis.quality import QualityReport
    from cim_core.gis.vector import VectorExtract

OSM_ATTRIBUTION = "© OpenStreetMap contributors, ODbL 1.0"
ELEVATION = "elevation"
NETWORKS = ("roads", "walkways")
HEIGHTS = ("elevation_from_m", "elevation_to_m", "gradient")
Progress = Callable[[float, str], None]
_REFERENCE_LAYERS = ("roads", "buildings", "walkways")


def _silent(fraction: float, message: str) -> None:
    """A report nobody reads."""


@dataclass(frozen=True)
class Outcome:
    """What an import did: features per layer, the quality report, corrections that the new source contradicts."""

    sequence: int | None
    layers: Mapping[str, int]
    quality: Mapping[str, Any]
    conflicts: tuple[CorrectionRecord, ...] = ()
    crs: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """JSON form."""
        return {
            "version": self.sequence,
            "crs": self.crs,
            "layers": dict(self.layers),
            "quality": dict(self.quality),
            "conflicts": [
                {"layer": c.layer, "feature": c.feature, "correction": c.fields, "state": c.state, **c.detail}
                for c in self.conflicts
            ],
        }


@dataclass
class _Import:
    """One import on its way: what was read, and where from."""

    importer: str
    path: Path
    attribution: str
    report: QualityReport
    parameters: dict[str, Any] = field(default_factory=dict)
    author: str = ""
    tell: Progress = _silent
    replace_edits: bool = False
    stream: tuple[str, str] | None = None
    """Name and SHA-256 of the content where the source is no file."""

    @property
    def name(self) -> str:
        """What it is called in the record."""
        return self.path.name if self.stream is None else self.stream[0]

    def source(self) -> SourceRecord:
        """The record of where it came from."""
        return SourceRecord(
            self.importer,
            self.name,
            file_hash(self.path) if self.stream is None else self.stream[1],
            self.attribution,
            self.parameters,
            self.report.as_dict(),
        )


def import_osm(city: City, path: Path, *, author: str = "", progress: Progress = _silent) -> Outcome:
    """OpenStreetMap XML or PBF into the standard layers; raises InputError (``osm.*``, ``data.far_from_city``)."""
    from cim_core.gis.osm import read_osm

    extract = read_osm(path, progress=lambda share, text: progress(0.7 * share, text))
    parameters = {"timestamp": extract.timestamp}
    job = _Import("osm", path, OSM_ATTRIBUTION, extract.report, parameters, author, progress)
    schemas = {name: STANDARD_LAYERS[name] for name in extract.layers}
    return _put_frames(city, job, extract.layers, schemas)


def import_vector(
    city: City,
    path: Path,
    *,
    layer: str | None = None,
    inner: str | None = None,
    source_crs: str | None = None,
    x: str | None = None,
    y: str | None = None,
    id_field: str | None = None,
    editable: bool | None = None,
    replace_edits: bool = False,
    attribution: str = "",
    author: str = "",
    progress: Progress = _silent,
) -> Outcome:
    """A vector file into one layer of the city.

    Parameters
    ----------
    layer
        Name in the city; a standard layer's name maps the features onto its schema. The file's own name by default.
    inner
        Layer within the file.
    editable
        Whether features may then be created, replaced and deleted one by one; by default as the layer was before.
    replace_edits
        Whether edits of features since the last import may go.

    Raises
    ------
    InputError
        ``vector.*``, ``crs.*``, ``data.far_from_city``.
    ParameterError
        ``import.editable_standard``: a standard layer follows its source.
    CityError
        ``layer.has_edits``: they would go.
    """
    from cim_core.gis.vector import read_vector

    target = STANDARD_LAYERS.get(layer or "")
    if editable and target is not None:
        raise _standard_is_not_edited(target.name)
    read = read_vector(
        path,
        source_crs=source_crs,
        layer=inner,
        x=x,
        y=y,
        target=target,
        id_field=id_field,
        progress=lambda share, text: progress(0.7 * share, text),
    )
    job = _Import("vector", path, attribution, read.report, {}, author, progress, replace_edits)
    return _put_extract(city, job, read, layer=layer, editable=editable, source_crs=source_crs)


def _put_extract(
    city: City,
    job: _Import,
    read: VectorExtract,
    *,
    layer: str | None,
    editable: bool | None,
    source_crs: str | None,
) -> Outcome:
    """One layer of any source into the city, under the name given or its own."""
    schema = read.schema if layer is None else read.schema.model_copy(update={"name": layer})
    was = city.has_layer(schema.name) and city.schema(schema.name).editable
    schema = schema.model_copy(update={"editable": was if editable is None else editable})
    if schema.editable and schema.name in STANDARD_LAYERS:
        raise _standard_is_not_edited(schema.name)
    _warn_of_offset(city, schema.name, read.frame, read.report, source_crs)
    job.parameters |= {"layer": schema.name, "source_crs": read.source.name, "crs_from": read.crs_note}
    return _put_frames(city, job, {schema.name: read.frame}, {schema.name: schema})


def _standard_is_not_edited(layer: str) -> ParameterError:
    return ParameterError(
        "import.editable_standard",
        "a standard layer follows its source: it is corrected, not edited",
        where=f"layer {layer}",
        expected="a layer of another name",
        got="--editable",
        remedy="import under another name (--layer NAME), or without --editable",
    )


def import_postgis(
    city: City,
    address: str,
    *,
    layer: str | None = None,
    table: str | None = None,
    query: str | None = None,
    source_crs: str | None = None,
    id_field: str | None = None,
    editable: bool | None = None,
    replace_edits: bool = False,
    attribution: str = "",
    author: str = "",
    progress: Progress = _silent,
) -> Outcome:
    """A table or query of a PostGIS database into one layer of the city, as :func:`import_vector` does with a file.

    Raises
    ------
    InputError
        ``postgis.*``, ``vector.*``, ``crs.*``, ``data.far_from_city``.
    ParameterError, CityError
        As :func:`import_vector`; ``postgis.address``, ``postgis.which``.
    """
    from cim_core.gis.postgis import read_postgis

    target = STANDARD_LAYERS.get(layer or "")
    if editable and target is not None:
        raise _standard_is_not_edited(target.name)
    found = read_postgis(
        address,
        table=table,
        query=query,
        source_crs=source_crs,
        target=target,
        id_field=id_field,
        progress=lambda share, text: progress(0.7 * share, text),
    )
    read = found.layer
    parameters = {"query": query} if query else {}
    stream = (found.name, found.sha256)
    job = _Import("postgis", Path(), attribution, read.report, parameters, author, progress, replace_edits, stream)
    return _put_extract(city, job, read, layer=layer, editable=editable, source_crs=source_crs)


def import_raster(
    city: City,
    path: Path,
    *,
    layer: str,
    source_crs: str | None = None,
    attribution: str = "",
    author: str = "",
    progress: Progress = _silent,
) -> Outcome:
    """A raster into a coverage; ``elevation`` also gives roads and walkways their heights. Raises ``raster.*``."""
    from cim_core.crs import working_crs_for
    from cim_core.gis.quality import QualityReport
    from cim_core.gis.raster import read_raster, refuse_no_overlap, write_cog

    progress(0.0, "reading the raster")
    info = read_raster(path, source_crs=source_crs)
    bounds = city.geographic_bounds()
    if bounds is not None:
        refuse_no_overlap(info, bounds)
    crs = city.record.crs or working_crs_for(
        (info.bounds[0] + info.bounds[2]) / 2, (info.bounds[1] + info.bounds[3]) / 2
    )
    report = QualityReport()
    report.keep(layer)
    job = _Import("raster", path, attribution, report, {"layer": layer, "source_crs": info.crs}, author, progress)
    aside = city.root / STAGING / f"{os.getpid()}-{file_hash(path)[:16]}.tif"
    aside.parent.mkdir(parents=True, exist_ok=True)
    try:
        progress(0.2, "writing the coverage")
        written = write_cog(path, aside, working_crs=crs, source_crs=source_crs)
        with city.edit(f"import raster {path.name}", author=author) as session:
            session.set_crs(crs)
            if layer == ELEVATION:
                progress(0.6, "giving roads their heights")
                networks = {name: session.city.layer(name) for name in NETWORKS if session.city.has_layer(name)}
                _drape(session, networks, aside, report)
            session.put_coverage(
                layer, aside, written.content_hash, written.as_dict(), session.add_source(job.source())
            )
    finally:
        aside.unlink(missing_ok=True)
    progress(1.0, "done")
    return Outcome(session.sequence, {layer: 1}, report.as_dict(), tuple(session.conflicts()), crs)


def _put_frames(
    city: City, job: _Import, frames: Mapping[str, gpd.GeoDataFrame], schemas: Mapping[str, LayerSchema]
) -> Outcome:
    """Frames in EPSG:4326 into the city, in one version."""
    from cim_core.crs import refuse_far, working_crs_for

    filled = {name: frame for name, frame in frames.items() if len(frame)}
    bounds = _total_bounds(filled)
    known = city.geographic_bounds()
    if known is not None:
        refuse_far(bounds, known, where=str(job.path) if job.stream is None else job.name)
    crs = city.record.crs or working_crs_for((bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2)
    job.tell(0.72, "projecting")
    working = {name: frame.to_crs(crs) for name, frame in frames.items()}
    with city.edit(f"import {job.importer} {job.name}", author=job.author) as session:
        session.set_crs(crs)
        _drape_new(session, working, job)
        job.tell(0.85, "writing snapshots")
        position = session.add_source(job.source())
        for name, frame in working.items():
            session.put_layer(frame, schemas[name], position, replace_edits=job.replace_edits)
    job.tell(1.0, "done")
    counts = {name: len(frame) for name, frame in frames.items()}
    return Outcome(session.sequence, counts, job.report.as_dict(), tuple(session.conflicts()), crs)


def _total_bounds(frames: Mapping[str, gpd.GeoDataFrame]) -> tuple[float, float, float, float]:
    boxes = [frame.total_bounds for frame in frames.values()]
    west, south = min(box[0] for box in boxes), min(box[1] for box in boxes)
    east, north = max(box[2] for box in boxes), max(box[3] for box in boxes)
    return float(west), float(south), float(east), float(north)


def _drape_new(session: Editing, working: dict[str, gpd.GeoDataFrame], job: _Import) -> None:
    """Heights for networks that were just read, if the city has an elevation coverage."""
    networks = {
        name: session.corrected(name, working[name]) for name in NETWORKS if name in working and len(working[name])
    }
    if not networks or not session.city.has_coverage(ELEVATION):
        return
    job.tell(0.78, "giving roads their heights")
    version = session.city.versions[ELEVATION]
    for name, shown in _heights(
        networks, session.city.store.coverage_path(ELEVATION, version.snapshot), job.report
    ).items():
        working[name] = _with_heights(working[name], shown)


def _drape(session: Editing, networks: dict[str, gpd.GeoDataFrame], cog: Path, report: QualityReport) -> None:
    """Heights for networks that the city has; corrections are applied to the result anew."""
    if not networks:
        return
    for name, shown in _heights(networks, cog, report).items():
        base = session.city.store.read_layer(name, session.city.versions[name].base)
        session.put_layer(_with_heights(base, shown), session.city.schema(name))


def _with_heights(base: gpd.GeoDataFrame, shown: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The source's own frame with the heights of the corrected one (a way corrected to a bridge is draped as one)."""
    return base.assign(**{name: shown[name].reindex(base.index) for name in HEIGHTS})


def _heights(networks: dict[str, gpd.GeoDataFrame], cog: Path, report: QualityReport) -> dict[str, gpd.GeoDataFrame]:
    from cim_core.gis.coverage import Coverage
    from cim_core.gis.elevation import drape

    coverage = Coverage(cog)
    draped = drape(networks, coverage.sample)
    report.include(draped.report)
    return dict(draped.networks)


def _warn_of_offset(
    city: City, layer: str, frame: gpd.GeoDataFrame, report: QualityReport, source_crs: str | None
) -> None:
    """Warn if data that are said to be WGS84 would fit the city far better as GCJ-02 or BD-09."""
    from cim_core.crs import gcj02_suspicion

    if source_crs in ("gcj02", "bd09"):
        return
    for name in dict.fromkeys((layer, *_REFERENCE_LAYERS, *city.versions)):
        if city.has_layer(name):
            reference = city.layer(name, columns=[]).to_crs(4326)
            evidence = gcj02_suspicion(frame.geometry.values, reference.geometry.values)
            if evidence is not None:
                report.warn(evidence.sentence())
                return
