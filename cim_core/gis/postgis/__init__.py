"""PostGIS as a source of layers: one table or one query, streamed."""

from cim_core.gis.postgis.connection import is_address, safe_address
from cim_core.gis.postgis.reading import read_postgis

__all__ = ["is_address", "read_postgis", "safe_address"]
