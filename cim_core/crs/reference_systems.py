"""Source reference systems by name, and the way from them to WGS84 and to the working CRS."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cim_core.crs.chinese_offsets import bd09_to_wgs84, gcj02_to_wgs84
from cim_core.errors import ParameterError

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from pyproj import CRS, Transformer

Floats = NDArray[np.float64]
Offset = Literal["gcj02", "bd09"]

_BY_NAME: dict[str, tuple[str, str, Offset | None]] = {
    "gcj02": ("gcj02", "EPSG:4326", "gcj02"),
    "gcj02ll": ("gcj02", "EPSG:4326", "gcj02"),
    "火星坐标系": ("gcj02", "EPSG:4326", "gcj02"),
    "bd09": ("bd09", "EPSG:4326", "bd09"),
    "bd09ll": ("bd09", "EPSG:4326", "bd09"),
    "百度坐标系": ("bd09", "EPSG:4326", "bd09"),
    "wgs84": ("EPSG:4326", "EPSG:4326", None),
    "cgcs2000": ("EPSG:4490", "EPSG:4490", None),
}
_EXPECTED = "EPSG:<code> (for example EPSG:4490, EPSG:4544), gcj02, bd09, or WKT"
_AGREES_WITH_WGS84 = ("China Geodetic Coordinate System 2000", "China 2000", "CGCS2000", "WGS 84", "WGS_1984")


@dataclass(frozen=True)
class SourceCrs:
    """Where coordinates come from: an EPSG (or WKT) system, and the Chinese offset on it, if any."""

    name: str
    definition: str
    offset: Offset | None = None

    @property
    def crs(self) -> CRS:
        """The pyproj CRS of the coordinates (EPSG:4326 for those with an offset)."""
        return _pyproj_crs(self.definition)

    @property
    def is_geographic(self) -> bool:
        """Whether the coordinates are longitude and latitude."""
        return self.crs.is_geographic


WGS84 = SourceCrs("EPSG:4326", "EPSG:4326")


@cache
def _pyproj_crs(definition: str) -> CRS:
    from pyproj import CRS

    return CRS.from_user_input(definition)


@cache
def _transformer(source: str, target: str) -> Transformer:
    from pyproj import Transformer

    return Transformer.from_crs(_pyproj_crs(source), _pyproj_crs(target), always_xy=True)


def parse_crs(text: str) -> SourceCrs:
    """The reference system a person or a file named.

    Accepts ``EPSG:4490``, ``4544``, ``gcj02``, ``bd09``, ``cgcs2000``, ``wgs84``, WKT, PROJJSON and PROJ strings. Of a
    compound system the horizontal part is taken.

    Raises
    ------
    ParameterError
        ``crs.unknown`` for a name PROJ does not know, ``crs.not_horizontal`` for a geocentric, vertical or local one.
    """
    from pyproj.exceptions import CRSError

    stripped = text.strip()
    named = _BY_NAME.get(re.sub(r"[-_ ]", "", stripped.lower()))
    if named:
        return SourceCrs(*named)
    try:
        crs = _horizontal(_pyproj_crs(f"EPSG:{stripped}" if stripped.isdecimal() else stripped))
    except CRSError as error:
        raise _unknown(text, str(error)) from error
    if not (crs.is_geographic or crs.is_projected):
        raise ParameterError(
            "crs.not_horizontal",
            "This reference system does not place data on the map",
            where=crs.name,
            expected="a geographic or projected system",
            got=crs.type_name,
            remedy=f"Name the horizontal system of the data: {_EXPECTED}.",
        )
    definition = _canonical(crs)
    return SourceCrs(definition if definition.startswith("EPSG:") else crs.name, definition)


def _unknown(text: str, detail: str) -> ParameterError:
    return ParameterError(
        "crs.unknown",
        "The coordinate reference system is not known",
        where=text[:80],
        expected=_EXPECTED,
        got=detail[:200],
        remedy="Check the code at epsg.io or in the data's documentation; bd09mc must be exported as bd09 degrees.",
    )


def _horizontal(crs: CRS) -> CRS:
    if crs.is_compound:
        crs = crs.sub_crs_list[0]
    if crs.is_bound and crs.source_crs is not None:
        crs = crs.source_crs
    return crs.to_2d() if crs.is_geographic or crs.is_projected else crs


def _canonical(crs: CRS) -> str:
    authority = crs.to_authority(min_confidence=100)
    if authority == ("OGC", "CRS84"):
        return "EPSG:4326"  # the same but for axis order, and x comes first here in any case
    return f"EPSG:{authority[1]}" if authority and authority[0] == "EPSG" else crs.to_wkt()


def datum_warning(source: SourceCrs) -> str | None:
    """A sentence when PROJ has no transformation from the datum to WGS84, as for Xi'an 1980; else None.

    CGCS2000 agrees with WGS84 to centimetres, so nothing is said about it.
    """
    geodetic = source.crs.geodetic_crs
    if geodetic is None or any(name in geodetic.name for name in _AGREES_WITH_WGS84):
        return None
    if "Ballpark" not in _transformer(source.definition, "EPSG:4326").description:
        return None
    return (
        f"No transformation from {geodetic.name} to WGS84 is published: positions may be off by tens to "
        f"hundreds of metres. Convert the data to CGCS2000 with local parameters first."
    )


def coordinates_to_wgs84(x: ArrayLike, y: ArrayLike, source: SourceCrs) -> tuple[Floats, Floats]:
    """Coordinates (easting or longitude first) to WGS84 longitude and latitude in degrees; inf where PROJ has none."""
    if source.definition == "EPSG:4326":
        lon, lat = np.array(x, float), np.array(y, float)
    else:
        transform = _transformer(source.definition, "EPSG:4326").transform
        lon, lat = transform(np.array(x, float), np.array(y, float))
    if source.offset == "gcj02":
        return gcj02_to_wgs84(lon, lat)
    if source.offset == "bd09":
        return bd09_to_wgs84(lon, lat)
    return lon, lat


def geometries_to_wgs84(geometries: Any, source: SourceCrs) -> Any:
    """An array of shapely geometries to WGS84 longitude and latitude; heights pass unchanged."""
    import shapely

    if source == WGS84:
        return np.asarray(geometries, dtype=object)

    def convert(x: Floats, y: Floats, *z: Floats) -> tuple[Floats, ...]:
        return (*coordinates_to_wgs84(x, y, source), *z)

    return shapely.transform(geometries, convert, include_z=None, interleaved=False)


def to_wgs84(frame: GeoDataFrame, source: SourceCrs) -> GeoDataFrame:
    """The frame with its geometry in EPSG:4326, whatever CRS it claims: ``source`` decides."""
    return _with_geometry(frame, geometries_to_wgs84(frame.geometry.to_numpy(), source), "EPSG:4326")


def to_working(frame: GeoDataFrame, source: SourceCrs, working_crs: str) -> GeoDataFrame:
    """The frame with its geometry in the city's working CRS, whatever CRS it claims: ``source`` decides."""
    import shapely

    if source.offset is None and source.definition == working_crs:
        return _with_geometry(frame, frame.geometry.to_numpy(), working_crs)
    project = _transformer("EPSG:4326", working_crs).transform

    def convert(lon: Floats, lat: Floats, *z: Floats) -> tuple[Floats, ...]:
        return (*project(lon, lat), *z)

    geometries = geometries_to_wgs84(frame.geometry.to_numpy(), source)
    projected = shapely.transform(geometries, convert, include_z=None, interleaved=False)
    return _with_geometry(frame, projected, working_crs)


def _with_geometry(frame: GeoDataFrame, geometries: Any, crs: str) -> GeoDataFrame:
    from geopandas import GeoSeries

    series = GeoSeries(geometries, index=frame.index, crs=crs)
    return frame.drop(columns=frame.geometry.name).assign(geometry=series).set_geometry("geometry")
