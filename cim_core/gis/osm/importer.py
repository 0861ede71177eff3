"""From an OpenStreetMap file to the city's layers, offline."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd

from cim_core.errors import InputError
from cim_core.gis.osm.buildings import building_frame
from cim_core.gis.osm.connectivity import warn_if_in_pieces
from cim_core.gis.osm.container import sniff
from cim_core.gis.osm.elements import Elements
from cim_core.gis.osm.lines import rail_frame, water_frame
from cim_core.gis.osm.network import build_network
from cim_core.gis.osm.places import parking_frame, poi_frame
from cim_core.gis.osm.read_pbf import read_pbf
from cim_core.gis.osm.read_xml import read_xml
from cim_core.gis.osm.restrictions import restriction_frame
from cim_core.gis.osm.roads import network_frame
from cim_core.gis.osm.signals import signal_frame
from cim_core.gis.osm.structures import find_structures
from cim_core.gis.quality import QualityReport
from cim_core.layers import STANDARD_LAYERS

Progress = Callable[[float, str], None]
"""Called with the share done (0–1) and what comes next."""


@dataclass(frozen=True)
class OsmExtract:
    """The layers of an OSM file.

    Attributes
    ----------
    layers
        Each standard layer by name: every field of its schema, index ``id`` of unique strings, EPSG:4326; may
        be empty.
    report
        What was read, kept, repaired, dropped and assumed, in OSM elements (a kept way may become several road parts).
    timestamp
        The moment of the data as the file says it (ISO 8601), or None.
    bounds
        West, south, east, north of the nodes, in degrees.
    """

    layers: dict[str, gpd.GeoDataFrame]
    report: QualityReport
    timestamp: str | None
    bounds: tuple[float, float, float, float]


def read_osm(path: Path, *, progress: Progress | None = None) -> OsmExtract:
    """Read a PBF or an OSM XML file (plain, .gz, .bz2; told by its content) into the standard layers.

    Raises
    ------
    InputError
        ``osm.missing``, ``osm.unreadable``, ``osm.empty``, ``osm.not_osm``, ``osm.truncated``, ``osm.damaged``,
        ``osm.inflates`` (decompression bomb), ``osm.entity`` (XML document type), ``osm.history``, ``osm.no_roads``.

    Examples
    --------
    >>> extract = read_osm(Path("yuzhong.osm.pbf"))  # doctest: +SKIP
    >>> extract.layers["roads"].loc["w39874497-n491843159", "group"]  # doctest: +SKIP
    'bridge:黄花园大桥'
    """
    tell = progress or _silent
    tell(0.0, "reading the file")
    elements = _elements(path)
    report = QualityReport()
    layers = _layers(elements, report, tell)
    _require_roads(path, layers["roads"], report)
    if elements.duplicates:
        report.warn(f"{elements.duplicates:,} elements are in the file more than once; the last version was taken.")
    warn_if_in_pieces(layers["roads"], report)
    tell(1.0, "done")
    return OsmExtract(layers, report, elements.timestamp, elements.bounds() or (0.0, 0.0, 0.0, 0.0))


def _silent(share: float, text: str) -> None:
    """The progress nobody asked for."""


def _elements(path: Path) -> Elements:
    kind = sniff(path)
    return read_pbf(path) if kind == "pbf" else read_xml(path, kind)


def _layers(elements: Elements, report: QualityReport, tell: Progress) -> dict[str, gpd.GeoDataFrame]:
    tell(0.4, "splitting roads and walkways at their junctions")
    structures = find_structures(elements)
    network = build_network(elements, report)
    layers = {
        "roads": network_frame(network, "roads", structures, report),
        "walkways": network_frame(network, "walkways", structures, report),
        "restrictions": restriction_frame(elements, network, report),
        "signals": signal_frame(elements, report),
    }
    tell(0.6, "outlining buildings")
    layers["buildings"] = building_frame(elements, report)
    tell(0.85, "collecting places, rail and water")
    layers["pois"] = poi_frame(elements, report)
    layers["parking"] = parking_frame(elements, report)
    layers["rail"] = rail_frame(elements, structures, report)
    layers["water"] = water_frame(elements, report)
    return {name: layers[name] for name in STANDARD_LAYERS}


def _require_roads(path: Path, roads: gpd.GeoDataFrame, report: QualityReport) -> None:
    if not roads.empty:
        return
    dropped = ", ".join(f"{count:,} {reason}" for reason, count in report.dropped.get("roads", {}).items())
    raise InputError(
        "osm.no_roads",
        "The OSM file has no road that can be driven on.",
        where=str(path),
        expected="ways with a highway tag and their nodes",
        got=f"{report.read['roads']:,} highway ways" + (f", of which dropped: {dropped}" if dropped else ""),
        remedy="take an extract that covers streets, complete with the nodes of its ways "
        "(`osmium extract --strategy complete_ways`)",
    )
