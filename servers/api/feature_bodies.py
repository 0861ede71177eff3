"""GeoJSON features that come in: read by their schema, merged as RFC 7396 says, carried into the city's system."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from flask import request
from pydantic import BaseModel, ConfigDict, Field

from cim_core.city import City
from cim_core.errors import InputError, ParameterError
from cim_core.schema import Field as LayerField
from cim_core.schema import LayerSchema
from servers.serving.baked.placing import CRS84, ReferenceSystem, offered, system_named
from servers.serving.web_mercator import transformer

if TYPE_CHECKING:
    from shapely import Geometry

HEADER = "Content-Crs"


class FeatureBody(BaseModel):
    """A GeoJSON feature; members beside these are left aside."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    type: Literal["Feature"]
    id: str | int | None = None
    geometry: dict[str, Any] | None
    properties: dict[str, Any] | None


class FeaturePatch(BaseModel):
    """What changes of a feature: a JSON merge patch (RFC 7396). A property that is null is emptied."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: Literal["Feature"] = "Feature"
    id: str | int | None = None
    geometry: dict[str, Any] | None = None
    properties: dict[str, Any] | None = Field(default_factory=dict)


def system_of_body(city: City) -> ReferenceSystem:
    """The reference system that the request says its coordinates are in; raises ``ParameterError`` (``pages.crs``)."""
    given = request.headers.get(HEADER)
    if given is None:
        return CRS84
    crs = city.crs.to_authority()
    systems = offered(":".join(crs) if crs else city.crs.to_wkt(), True)
    return system_named(given.strip().removeprefix("<").removesuffix(">"), systems, f"header {HEADER}")


def geometry_of(content: Mapping[str, Any] | None, system: ReferenceSystem, city: City) -> Geometry | None:
    """A GeoJSON geometry in the city's working CRS.

    Raises
    ------
    InputError
        ``feature.geojson``: it is no GeoJSON geometry, or its coordinates are none of the system's.
    """
    import shapely

    if content is None:
        return None
    try:
        shape = shapely.from_geojson(json.dumps(content))
    except (shapely.GEOSException, ValueError, TypeError) as fault:
        raise _no_geometry(str(fault)) from None
    _require_degrees(shape, system)
    carry = transformer(system.definition, city.crs.to_wkt())

    def carried(points: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        x, y = (points[:, 1], points[:, 0]) if system.north_first else (points[:, 0], points[:, 1])
        return np.column_stack([*carry.transform(x, y), *points[:, 2:].T])

    moved: Geometry = shapely.transform(shape, carried, include_z=bool(shape.has_z))
    if not np.isfinite(shapely.get_coordinates(moved)).all():
        raise _no_geometry("coordinates that the city's reference system does not reach")
    return moved


def _require_degrees(shape: Geometry, system: ReferenceSystem) -> None:
    """Longitudes beyond 180° would be wrapped, and land somewhere."""
    import shapely

    points = shapely.get_coordinates(shape)
    if not np.isfinite(points).all():
        raise _no_geometry("coordinates that are not finite")
    if not system.is_wgs84:
        return
    lon, lat = (points[:, 1], points[:, 0]) if system.north_first else (points[:, 0], points[:, 1])
    if (np.abs(lon) > 180).any() or (np.abs(lat) > 90).any():
        raise _no_geometry("coordinates that are no degrees: longitudes within ±180 come first, latitudes within ±90")


def _no_geometry(got: str) -> InputError:
    return InputError(
        "feature.geojson",
        "the geometry cannot be read",
        where="member geometry",
        expected=f"a GeoJSON geometry with coordinates as the header {HEADER} says (CRS84 by default)",
        got=got[:500],
        remedy="mend the geometry",
    )


def fields_of(properties: Mapping[str, Any] | None, schema: LayerSchema) -> dict[str, Any]:
    """GeoJSON properties as plain values of the layer's fields; what does not fit is left for the layer to refuse."""
    given = properties or {}
    return {name: _plain(value, schema.field(name)) for name, value in given.items()}


def _plain(value: Any, field: LayerField | None) -> Any:
    if value is None or field is None:
        return value
    if field.dtype == "json":
        return json.dumps(value, ensure_ascii=False)
    if field.dtype == "int64" and isinstance(value, float) and value.is_integer():
        return int(value)
    if field.dtype == "timestamp" and isinstance(value, str):
        return _instant(value)
    return value


def _instant(text: str) -> str:
    try:
        return datetime.fromisoformat(text.upper()).isoformat()
    except ValueError:
        return text


def require_own_id(given: str | int | None, feature: str) -> None:
    """A feature keeps its id; raises :class:`ParameterError` (``feature.other_id``) where the body names another."""
    if given is not None and str(given) != feature:
        raise ParameterError(
            "feature.other_id",
            "the body names another feature than the address",
            where="member id",
            expected=feature[:200],
            got=str(given)[:200],
            remedy="leave the id out, or use the other feature's address",
        )


def patched(shown: Mapping[str, Any], patch: FeaturePatch) -> dict[str, Any]:
    """A feature as it is shown with a patch in it."""
    changes = {name: getattr(patch, name) for name in patch.model_fields_set if name in ("geometry", "properties")}
    result: dict[str, Any] = merged(shown, changes)
    return result


def merged(target: Any, patch: Any) -> Any:
    """JSON with a merge patch in it (RFC 7396, section 2).

    >>> merged({"a": 1, "b": {"c": 2, "d": 3}}, {"a": None, "b": {"c": 4}})
    {'b': {'c': 4, 'd': 3}}
    """
    if not isinstance(patch, Mapping):
        return patch
    result = dict(target) if isinstance(target, Mapping) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result
