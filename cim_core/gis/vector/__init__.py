"""Vector files into layers: GeoPackage, GeoJSON, Shapefile, GeoParquet, FlatGeobuf, and tables with coordinates."""

from cim_core.gis.vector.fields import derive_schema
from cim_core.gis.vector.reader import VectorExtract, read_vector

__all__ = ["VectorExtract", "derive_schema", "read_vector"]
