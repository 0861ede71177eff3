"""A SUMO network file read as frames: edges, lane connections, junctions and traffic lights."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
from lxml import etree

from cim_core.errors import EngineError

CAR = "passenger"
_CONNECTION = ("from_edge", "to_edge", "from_lane", "to_lane", "via", "tls", "link")


@dataclass(frozen=True, eq=False)
class NetTables:
    """What the network file says, without internal edges.

    ``edges``, index edge id: ``from_junction to_junction length_m speed_mps lanes passenger_lanes`` (tuple of bool)
    ``x0 y0 x1 y1``. ``connections``: ``from_edge to_edge from_lane to_lane via tls link`` (``via``: the internal edge).
    ``junctions``, index junction id: ``x y type``. ``signals``, index tls id: ``type program offset_s phases`` (tuple
    of (state, duration_s)).
    """

    edges: pd.DataFrame
    connections: pd.DataFrame
    junctions: pd.DataFrame
    signals: pd.DataFrame


@dataclass
class _Rows:
    edges: list[tuple[Any, ...]] = field(default_factory=list)
    connections: list[tuple[Any, ...]] = field(default_factory=list)
    junctions: list[tuple[Any, ...]] = field(default_factory=list)
    signals: list[tuple[Any, ...]] = field(default_factory=list)


def read_net(path: Path) -> NetTables:
    """Parse a ``.net.xml``; raises :class:`EngineError` if it is not one."""
    rows = _Rows()
    take: dict[str, Callable[[Any, _Rows], None]] = {
        "edge": _edge,
        "connection": _connection,
        "junction": _junction,
        "tlLogic": _signal,
    }
    try:
        for element in _elements(path, tuple(take)):
            take[element.tag](element, rows)
    except (etree.XMLSyntaxError, OSError, KeyError, TypeError, ValueError) as fault:
        raise EngineError(
            "engine.net_unreadable",
            "the network file cannot be read",
            where=str(path),
            expected="a SUMO network",
            got=f"{type(fault).__name__}: {fault}",
            remedy="remove that folder (caches are made anew) and run again",
        ) from None
    return _tables(rows)


def _elements(path: Path, tags: tuple[str, ...]) -> Iterator[Any]:
    for _, element in etree.iterparse(path, tag=tags, resolve_entities=False, no_network=True):
        yield element
        element.clear()


def _edge(element: Any, rows: _Rows) -> None:
    if element.get("function", "normal") != "normal":
        return
    lanes = element.findall("lane")
    first, last = _ends(element.get("shape") or lanes[0].get("shape"))
    rows.edges.append(
        (
            element.get("id"),
            element.get("from"),
            element.get("to"),
            float(lanes[0].get("length")),
            max(float(lane.get("speed")) for lane in lanes),
            len(lanes),
            tuple(_admits_cars(lane) for lane in lanes),
            *first,
            *last,
        )
    )


def _ends(shape: str) -> tuple[tuple[float, float], tuple[float, float]]:
    points = shape.split()
    (x0, y0), (x1, y1) = (tuple(map(float, points[i].split(",")[:2])) for i in (0, -1))
    return (x0, y0), (x1, y1)


def _admits_cars(lane: Any) -> bool:
    allow, disallow = lane.get("allow"), lane.get("disallow")
    if allow is not None:
        return allow == "all" or CAR in allow.split()
    return disallow is None or not ({CAR, "all"} & set(disallow.split()))


def _connection(element: Any, rows: _Rows) -> None:
    if element.get("from").startswith(":"):
        return
    lanes = int(element.get("fromLane")), int(element.get("toLane"))
    link = int(element.get("linkIndex", -1))
    via = str(element.get("via", "")).rpartition("_")[0]
    rows.connections.append((element.get("from"), element.get("to"), *lanes, via, element.get("tl"), link))


def _junction(element: Any, rows: _Rows) -> None:
    if element.get("type") != "internal":
        place = float(element.get("x")), float(element.get("y"))
        rows.junctions.append((element.get("id"), *place, element.get("type")))


def _signal(element: Any, rows: _Rows) -> None:
    phases = tuple((phase.get("state"), float(phase.get("duration"))) for phase in element.findall("phase"))
    head = (element.get("id"), element.get("type"), element.get("programID"), float(element.get("offset", 0)))
    rows.signals.append((*head, phases))


def _tables(rows: _Rows) -> NetTables:
    def frame(data: list[tuple[Any, ...]], index: str, columns: str) -> pd.DataFrame:
        return pd.DataFrame(data, columns=[index, *columns.split()]).set_index(index).sort_index()

    columns = "from_junction to_junction length_m speed_mps lanes passenger_lanes x0 y0 x1 y1"
    connections = pd.DataFrame(rows.connections, columns=list(_CONNECTION))
    return NetTables(
        edges=frame(rows.edges, "edge", columns),
        connections=connections.sort_values(["from_edge", "from_lane", "to_edge", "to_lane"], ignore_index=True),
        junctions=frame(rows.junctions, "junction", "x y type"),
        signals=frame(rows.signals, "tls", "type program offset_s phases"),
    )
