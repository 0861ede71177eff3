"""Small OSM XML documents, written by hand in tests."""

from __future__ import annotations

from pathlib import Path
from xml.sax.saxutils import quoteattr

from cim_core.gis.osm import OsmExtract, read_osm

WEST, SOUTH, STEP = 106.55, 29.55, 0.001
"""Node (x, y) lies x and y steps east and north of the corner; a step is about 100 m."""

Tags = dict[str, str]
ROAD = {"highway": "residential"}


class Map:
    """A map that is drawn node by node on a grid of about 100 m."""

    def __init__(self) -> None:
        self.body: list[str] = []

    def node(self, ident: int, x: float, y: float, **tags: str) -> Map:
        return self.raw_node(ident, str(round(WEST + x * STEP, 7)), str(round(SOUTH + y * STEP, 7)), tags)

    def raw_node(self, ident: int, lon: str, lat: str, tags: Tags | None = None) -> Map:
        self.body.append(f'<node id="{ident}" version="1" lat="{lat}" lon="{lon}">{_tags(tags or {})}</node>')
        return self

    def nodes(self, places: dict[int, tuple[float, float]]) -> Map:
        for ident, (x, y) in places.items():
            self.node(ident, x, y)
        return self

    def way(self, ident: int, refs: list[int], tags: Tags) -> Map:
        inside = "".join(f'<nd ref="{ref}"/>' for ref in refs)
        self.body.append(f'<way id="{ident}" version="1">{inside}{_tags(tags)}</way>')
        return self

    def relation(self, ident: int, members: list[tuple[str, int, str]], tags: Tags) -> Map:
        inside = "".join(f'<member type="{kind}" ref="{ref}" role="{role}"/>' for kind, ref, role in members)
        self.body.append(f'<relation id="{ident}" version="1">{inside}{_tags(tags)}</relation>')
        return self

    def xml(self) -> str:
        return '<?xml version="1.0" encoding="UTF-8"?>\n<osm version="0.6">\n' + "\n".join(self.body) + "\n</osm>\n"

    def save(self, folder: Path, name: str = "map.osm") -> Path:
        path = folder / name
        path.write_text(self.xml(), encoding="utf-8")
        return path

    def read(self, folder: Path) -> OsmExtract:
        return read_osm(self.save(folder))


def street(**tags: str) -> Map:
    """A map with one straight street, way 1 over nodes 1, 2, 3."""
    return Map().nodes({1: (0, 0), 2: (1, 0), 3: (2, 0)}).way(1, [1, 2, 3], {"highway": "residential", **tags})


def square(  # noqa: PLR0917
    drawing: Map, way: int, x: float, y: float, size: float = 0.2, tags: Tags | None = None
) -> Map:
    """A closed way with its own four nodes, ids from ``way * 100``."""
    first = way * 100
    corners = [(x, y), (x + size, y), (x + size, y + size), (x, y + size)]
    drawing.nodes({first + i: corner for i, corner in enumerate(corners)})
    return drawing.way(way, [first, first + 1, first + 2, first + 3, first], tags or {})


def _tags(tags: Tags) -> str:
    return "".join(f"<tag k={quoteattr(key)} v={quoteattr(value)}/>" for key, value in tags.items())
