"""PBF into elements, through libosmium."""

from __future__ import annotations

from pathlib import Path

import osmium

from cim_core.errors import InputError
from cim_core.gis.osm.container import check_pbf, damaged
from cim_core.gis.osm.elements import Collector, Elements, Member

_FIXED_POINT = 1e7
"""libosmium keeps degrees as integers of 1e-7."""


def read_pbf(path: Path) -> Elements:
    """All elements of a PBF file.

    Raises
    ------
    InputError
        ``osm.truncated``, ``osm.inflates``, ``osm.damaged``, or ``osm.history`` for a full-history file.
    """
    check_pbf(path)
    try:
        header = osmium.io.Reader(osmium.io.File(str(path), "pbf"), osmium.osm.NOTHING).header()
        _refuse_history(path, header)
        return _collect(path).finish(header.get("osmosis_replication_timestamp") or header.get("timestamp"))
    except (RuntimeError, ValueError, OverflowError) as error:
        raise damaged(str(path), str(error)) from error


def _refuse_history(path: Path, header: osmium.io.Header) -> None:
    if header.has_multiple_object_versions:
        raise InputError(
            "osm.history",
            "The file holds the history of the map, not its state at one moment.",
            where=str(path),
            expected="one version of each element",
            got="a full-history file",
            remedy="cut one moment out with `osmium time-filter`",
        )


def _collect(path: Path) -> Collector:
    elements = Collector()
    for item in osmium.FileProcessor(osmium.io.File(str(path), "pbf")):
        tags = {tag.k: tag.v for tag in item.tags} if len(item.tags) else {}
        if item.is_node():
            place = item.location
            elements.add_node(item.id, place.x / _FIXED_POINT, place.y / _FIXED_POINT, tags)
        elif item.is_way():
            elements.add_way(item.id, [node.ref for node in item.nodes], tags)
        elif item.is_relation():
            elements.add_relation(item.id, [Member(m.type, m.ref, m.role) for m in item.members], tags)
    return elements
