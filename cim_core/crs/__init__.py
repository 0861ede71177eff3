"""The one place where coordinate reference systems are decided.

The record is in the city's working CRS in metres; EPSG:4326 exists at the outer edge, for geodesic measures, and while
data of different origin meet. Axis order is always x (easting, longitude) first, whatever the authority says.
"""

from cim_core.crs.chinese_offsets import (
    bd09_to_wgs84,
    gcj02_to_wgs84,
    in_offset_area,
    wgs84_to_bd09,
    wgs84_to_gcj02,
)
from cim_core.crs.geodesic import geodesic_area_m2, geodesic_length_m
from cim_core.crs.offset_evidence import OffsetEvidence, gcj02_suspicion
from cim_core.crs.placement import Bounds, fits_crs, misfit_error, refuse_far, separation_m
from cim_core.crs.reference_systems import (
    WGS84,
    SourceCrs,
    coordinates_to_wgs84,
    datum_warning,
    geometries_to_wgs84,
    parse_crs,
    to_wgs84,
    to_working,
)
from cim_core.crs.working import require_working_crs, scale_error_ppm, working_crs_for

__all__ = [
    "WGS84",
    "Bounds",
    "OffsetEvidence",
    "SourceCrs",
    "bd09_to_wgs84",
    "coordinates_to_wgs84",
    "datum_warning",
    "fits_crs",
    "gcj02_suspicion",
    "gcj02_to_wgs84",
    "geodesic_area_m2",
    "geodesic_length_m",
    "geometries_to_wgs84",
    "in_offset_area",
    "misfit_error",
    "parse_crs",
    "refuse_far",
    "require_working_crs",
    "scale_error_ppm",
    "separation_m",
    "to_wgs84",
    "to_working",
    "wgs84_to_bd09",
    "wgs84_to_gcj02",
    "working_crs_for",
]
