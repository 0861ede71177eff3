"""The OpenStreetMap importer: a file in, the city's standard layers and a quality report out."""

from cim_core.gis.osm.importer import OsmExtract, read_osm

__all__ = ["OsmExtract", "read_osm"]
