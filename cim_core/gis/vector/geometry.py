"""Geometry on its way in: dropped where there is none, converted to WGS84, repaired, and of the kind that is wanted."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from cim_core.crs import SourceCrs, fits_crs, geometries_to_wgs84, misfit_error
from cim_core.errors import InputError
from cim_core.gis.quality import QualityReport
from cim_core.schema import GeometryKind

_KIND_OF_DIMENSION: dict[int, GeometryKind] = {0: "Point", 1: "LineString", 2: "Polygon"}
_DIMENSION_OF_KIND = {kind: dimension for dimension, kind in _KIND_OF_DIMENSION.items()}


def clean_geometry(
    frame: gpd.GeoDataFrame, source: SourceCrs, layer: str, report: QualityReport, where: str
) -> gpd.GeoDataFrame:
    """The features that have a usable geometry, in EPSG:4326; what was dropped or repaired goes into the report.

    Raises
    ------
    InputError
        ``vector.nothing_left`` when no feature is usable; the codes of :func:`cim_core.crs.misfit_error` when most
        coordinates do not fit the system.
    """
    kept = _drop(frame, _has_no_geometry(frame), "no geometry", layer, report)
    kept = _drop(kept, ~_is_finite(kept), "coordinates not finite", layer, report)
    kept = _drop(kept, _is_origin(kept), "point at 0, 0", layer, report)
    kept = _drop(kept, _misfits(kept, source, where), "coordinates outside their reference system", layer, report)
    converted = gpd.GeoSeries(geometries_to_wgs84(_level_heights(kept, layer, report), source), crs="EPSG:4326")
    kept = kept.set_geometry(converted.set_axis(kept.index)).set_crs("EPSG:4326", allow_override=True)
    kept = _drop(kept, ~_is_finite(kept), "coordinates outside their reference system", layer, report)
    kept = _repair(kept, layer, report)
    if kept.empty:
        reasons = report.dropped.get(layer, {}).items()
        raise InputError(
            "vector.nothing_left",
            "No feature has a usable geometry",
            where=where,
            expected="points, lines or polygons",
            got=", ".join(f"{count} {reason}" for reason, count in reasons),
            remedy="Check that the right layer was exported, with its geometry.",
        )
    return kept


def geometry_kind(frame: gpd.GeoDataFrame) -> GeometryKind:
    """The kind all features share (multi-part counts as its part), else ``"Any"``."""
    dimensions = set(_dimensions(frame.geometry.to_numpy()).tolist())
    return _KIND_OF_DIMENSION.get(dimensions.pop(), "Any") if len(dimensions) == 1 else "Any"


def of_kind(frame: gpd.GeoDataFrame, kind: GeometryKind, layer: str, report: QualityReport) -> gpd.GeoDataFrame:
    """Only features of a kind. Multi-part points and lines become one feature a part, ids ``id/1``, ``id/2`` …

    Raises
    ------
    InputError
        ``vector.geometry_kind`` when no feature is of the kind.
    """
    if kind in ("Any", "None"):
        return frame
    wrong = _dimensions(frame.geometry.to_numpy()) != _DIMENSION_OF_KIND[kind]
    if wrong.all():
        raise InputError(
            "vector.geometry_kind",
            f"The features are not of the geometry that layer {layer} has",
            where=f"layer {layer}",
            expected=kind,
            got=", ".join(sorted(set(frame.geom_type))),
            remedy="Import into another layer, or export the right one.",
        )
    report.kept[layer] -= int(wrong.sum())
    report.read[layer] -= int(wrong.sum())
    kept = _drop(frame, wrong, f"not a {kind}", layer, report)
    return kept if kind == "Polygon" else _split_parts(kept, layer, report)


def _split_parts(frame: gpd.GeoDataFrame, layer: str, report: QualityReport) -> gpd.GeoDataFrame:
    parts = shapely.get_num_geometries(frame.geometry.to_numpy())
    exploded = frame.explode(ignore_index=False)
    order = exploded.groupby(level=0).cumcount() + 1
    many = exploded.index.isin(frame.index[parts > 1])
    named = exploded.index + np.where(many, "/" + order.astype(str).to_numpy(), "")
    report.keep(layer, len(exploded) - len(frame))
    if (parts > 1).any():
        report.repair(layer, "multi-part geometry split", int((parts > 1).sum()))
    return exploded.set_axis(named.rename(frame.index.name))


def _drop(frame: gpd.GeoDataFrame, mask: Any, reason: str, layer: str, report: QualityReport) -> gpd.GeoDataFrame:
    if not mask.any():
        return frame
    report.drop(layer, reason, int(mask.sum()))
    return frame[~mask]


def _has_no_geometry(frame: gpd.GeoDataFrame) -> Any:
    geometry = frame.geometry.to_numpy()
    return shapely.is_missing(geometry) | shapely.is_empty(geometry)


def _is_finite(frame: gpd.GeoDataFrame) -> Any:
    coordinates, owner = shapely.get_coordinates(frame.geometry.to_numpy(), return_index=True)
    broken = ~np.isfinite(coordinates).all(axis=1)
    return np.bincount(owner[broken], minlength=len(frame)) == 0


def _is_origin(frame: gpd.GeoDataFrame) -> Any:
    return (np.abs(frame.bounds.to_numpy()) < 1e-9).all(axis=1)


def _misfits(frame: gpd.GeoDataFrame, source: SourceCrs, where: str) -> Any:
    bounds = frame.bounds.to_numpy()
    misfits = ~fits_crs(bounds, source)
    if len(bounds) and misfits.mean() > 0.5:
        least, greatest = bounds[misfits].min(axis=0), bounds[misfits].max(axis=0)
        raise misfit_error((least[0], least[1], greatest[2], greatest[3]), source, where)
    return misfits


def _level_heights(frame: gpd.GeoDataFrame, layer: str, report: QualityReport) -> Any:
    """Heights are kept only if every vertex has one; layers never mix two and three dimensions."""
    geometry = frame.geometry.to_numpy()
    with_height = shapely.has_z(geometry)
    if not with_height.any():
        return geometry
    heights = shapely.get_coordinates(geometry[with_height], include_z=True)[:, 2]
    if with_height.all() and np.isfinite(heights).all():
        return geometry
    report.repair(layer, "heights left out, not all vertices have one", int(with_height.sum()))
    return shapely.force_2d(geometry)


def _repair(frame: gpd.GeoDataFrame, layer: str, report: QualityReport) -> gpd.GeoDataFrame:
    geometry = frame.geometry.to_numpy()
    invalid = ~shapely.is_valid(geometry)
    if not invalid.any():
        return frame
    reasons = [str(text).split("[")[0].lower() for text in shapely.is_valid_reason(geometry[invalid])]
    repaired = geometry.copy()
    repaired[invalid] = [_made_valid(item) for item in geometry[invalid]]
    lost = shapely.is_empty(repaired)
    for reason, gone in zip(reasons, lost[invalid], strict=True):
        if not gone:
            report.repair(layer, reason)
    whole = frame.set_geometry(gpd.GeoSeries(repaired, index=frame.index, crs=frame.crs))
    return _drop(whole, lost, "geometry beyond repair", layer, report)


def _made_valid(geometry: Any) -> Any:
    """Valid parts of the same dimension; what collapses to less is left out."""
    dimension = shapely.get_dimensions(geometry)
    valid = shapely.make_valid(geometry, method="structure", keep_collapsed=False)
    parts = shapely.get_parts(valid)
    same = parts[shapely.get_dimensions(parts) == dimension]
    if len(same) <= 1:
        return same[0] if len(same) else shapely.Point()
    return (shapely.multipoints, shapely.multilinestrings, shapely.multipolygons)[dimension](same)


def _dimensions(geometry: Any) -> Any:
    """Topological dimension, or -1 for a collection that mixes several."""
    dimensions = shapely.get_dimensions(geometry)
    collections = np.flatnonzero(shapely.get_type_id(geometry) == shapely.GeometryType.GEOMETRYCOLLECTION)
    dimensions[collections] = -1
    return dimensions
