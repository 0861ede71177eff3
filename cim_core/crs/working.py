"""The working CRS of a city: projected, in metres, with little scale error where the city is."""

from __future__ import annotations

from cim_core.crs.chinese_offsets import in_offset_area
from cim_core.crs.reference_systems import parse_crs
from cim_core.errors import ParameterError

_REMEDY = "Name a projected system in metres, for example EPSG:32648 or EPSG:4544 (Chongqing)."


def require_working_crs(text: str) -> str:
    """The canonical form (``EPSG:…``, else WKT) of a CRS that can be a city's working CRS.

    Raises
    ------
    ParameterError
        ``crs.unknown``; ``crs.not_metric`` for degrees, feet, offset systems and web Mercator (EPSG:3857), whose metres
        are 15 % too long in Chongqing.
    """
    source = parse_crs(text)
    crs = source.crs
    units = {axis.unit_name for axis in crs.axis_info}
    method = crs.coordinate_operation.method_name if crs.coordinate_operation else ""
    if source.offset or not crs.is_projected or units != {"metre"} or "Pseudo Mercator" in method:
        raise ParameterError(
            "crs.not_metric",
            "A city's working CRS must be projected and in metres",
            where=text[:80],
            expected="a projected system whose unit is the metre, not web Mercator",
            got=source.name if source.offset else f"{crs.name}: {crs.type_name}, {', '.join(sorted(units))}",
            remedy=_REMEDY,
        )
    return source.definition


def scale_error_ppm(crs: str, lon: float, lat: float) -> float:
    """How much too long the CRS makes a length at a place, in parts per million (the worse of the two axes)."""
    from pyproj import Proj

    factors = Proj(parse_crs(crs).crs).get_factors(lon, lat)
    errors = [(float(scale) - 1.0) * 1e6 for scale in (factors.meridional_scale, factors.parallel_scale)]
    return max(errors, key=abs)


def working_crs_for(lon: float, lat: float) -> str:
    """The working CRS of a city at a place when none was given: the candidate with the least scale error there.

    Candidates are the UTM zone and, in the rectangle around China, the CGCS2000 3-degree Gauss-Krüger zone. In central
    Chongqing (106.55°E) UTM 48N is 122 ppm short, EPSG:4544 278 ppm and EPSG:4545 244 ppm long, so it is EPSG:32648.

    Raises
    ------
    ParameterError
        ``crs.no_default`` outside the area of UTM (84°N to 80°S).
    """
    if not (-180 <= lon <= 180 and -80 <= lat <= 84):
        raise ParameterError(
            "crs.no_default",
            "There is no default working CRS for this place",
            where=f"longitude {lon}, latitude {lat}",
            expected="-180 to 180 degrees east, -80 to 84 degrees north",
            got=f"{lon}, {lat}",
            remedy="Give the city a working CRS with --crs.",
        )
    return min(_candidates(lon, lat), key=lambda code: abs(scale_error_ppm(code, lon, lat)))


def _candidates(lon: float, lat: float) -> list[str]:
    zone = min(int((lon + 180) // 6) + 1, 60)
    codes = [f"EPSG:{(32600 if lat >= 0 else 32700) + zone}"]
    if bool(in_offset_area(lon, lat)):
        central_meridian = min(max(round(lon / 3) * 3, 75), 135)
        codes.insert(0, f"EPSG:{4534 + (central_meridian - 75) // 3}")
    return codes
