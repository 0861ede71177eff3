"""OSM XML into elements, through expat.

libosmium gives up on the whole file at the first coordinate that is not a number; here such a node is marked and the
features on it are dropped with a reason. A document type, and with it every entity, is refused where it begins.
"""

from __future__ import annotations

import math
from pathlib import Path
from xml.parsers import expat

from cim_core.errors import InputError
from cim_core.gis.osm.container import Format, chunks, damaged, truncated
from cim_core.gis.osm.elements import Collector, Elements, Member, Tags

_KINDS = {"node": "n", "way": "w", "relation": "r"}
_MAX_ID = 2**63 - 1


def read_xml(path: Path, kind: Format) -> Elements:
    """All elements of an OSM XML file, plain, gzip or bzip2.

    Raises
    ------
    InputError
        ``osm.entity``, ``osm.not_osm``, ``osm.truncated``, ``osm.damaged`` or ``osm.inflates``.
    """
    reader = _Reader(path)
    parser = expat.ParserCreate()
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.StartDoctypeDeclHandler = reader.refuse_doctype
    try:
        for chunk in chunks(path, kind):
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise _malformed(path, error) from None
    except (KeyError, ValueError) as error:
        raise damaged(f"{path}, line {parser.CurrentLineNumber}", f"missing or wrong value {error}") from None
    return reader.elements.finish(reader.timestamp)


def _malformed(path: Path, error: expat.ExpatError) -> InputError:
    where = f"{path}, line {error.lineno}, column {error.offset}"
    reason = expat.ErrorString(error.code) or "malformed XML"
    unfinished = {"no element found", "unclosed token", "unclosed CDATA section", "partial character"}
    return truncated(where, "</osm>", reason) if reason in unfinished else damaged(where, reason)


class _Reader:
    """What expat calls; keeps the element that is open."""

    def __init__(self, path: Path) -> None:
        self.elements = Collector()
        self.timestamp: str | None = None
        self._path = path
        self._depth = 0
        self._attributes: dict[str, str] = {}
        self._tags: Tags = {}
        self._refs: list[int] = []
        self._members: list[Member] = []

    def refuse_doctype(self, name: str, *_: object) -> None:
        raise InputError(
            "osm.entity",
            "The XML declares a document type, which can name entities that read other files or fill the memory.",
            where=str(self._path),
            expected="OSM XML without <!DOCTYPE …>",
            got=f"<!DOCTYPE {name} …>",
            remedy="remove the DOCTYPE, or take the file from a source you trust",
        )

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth == 1:
            self._root(name, attributes)
        elif name == "tag":
            self._tags[attributes["k"]] = attributes["v"]
        elif name == "nd":
            self._refs.append(_id(attributes["ref"]))
        elif name == "member":
            member = Member(_KINDS.get(attributes["type"], "?"), _id(attributes["ref"]), attributes.get("role", ""))
            self._members.append(member)
        elif name in _KINDS:
            self._attributes, self._tags, self._refs, self._members = attributes, {}, [], []
        elif name == "meta":
            self.timestamp = attributes.get("osm_base", self.timestamp)

    def end(self, name: str) -> None:
        self._depth -= 1
        if name not in _KINDS or _deleted(self._attributes):
            return
        ident = _id(self._attributes["id"])
        if name == "node":
            lon, lat = (_degrees(self._attributes.get(axis, "")) for axis in ("lon", "lat"))
            self.elements.add_node(ident, lon, lat, self._tags)
        elif name == "way":
            self.elements.add_way(ident, self._refs, self._tags)
        else:
            self.elements.add_relation(ident, self._members, self._tags)

    def _root(self, name: str, attributes: dict[str, str]) -> None:
        if name != "osm":
            raise InputError(
                "osm.not_osm",
                "The file is XML but not OpenStreetMap data.",
                where=str(self._path),
                expected="<osm …>",
                got=f"<{name} …>",
                remedy="export it as OSM XML; apply an <osmChange> to a full extract first",
            )
        self.timestamp = attributes.get("timestamp")


def _id(text: str) -> int:
    ident = int(text)
    if abs(ident) > _MAX_ID:
        raise ValueError(text)
    return ident


def _degrees(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _deleted(attributes: dict[str, str]) -> bool:
    return attributes.get("visible") == "false" or attributes.get("action") == "delete"
