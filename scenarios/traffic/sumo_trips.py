"""SUMO's own demand files: ``<trip>`` and ``<vehicle>`` with routes."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
from lxml import etree

from cim_core.errors import InputError

_UNSUPPORTED = frozenset({"flow", "person", "personFlow", "container", "containerFlow", "routeDistribution"})


def read_sumo_trips(path: Path) -> tuple[pd.DataFrame, dict[str, int]]:
    """Trips with columns ``trip_id depart_s from to`` and, if any vehicle has one, ``route`` (tuple of edges or None).

    Also counts what the file says and is not used: vehicle types, ``via``, stops. Raises :class:`InputError` for XML
    that is broken or has a document type, for flows and persons, and for vehicles without a place or a time.
    """
    named: dict[str, tuple[str, ...]] = {}
    rows: list[dict[str, object]] = []
    ignored: Counter[str] = Counter()
    for element in _elements(path):
        if element.tag in _UNSUPPORTED:
            raise InputError(
                "traffic.sumo_element",
                f"<{element.tag}> cannot be taken",
                where=path.name,
                expected="<trip> and <vehicle>",
                got=f"<{element.tag}> in line {element.sourceline}",
                remedy="turn it into vehicles with duarouter first",
            )
        if element.tag == "route" and element.get("id"):
            named[element.get("id")] = _edges(element)
        elif element.tag in ("trip", "vehicle"):
            rows.append(_vehicle(element, named, path))
            ignored.update(name for name in ("via", "type") if element.get(name))
            ignored.update(child.tag for child in element if child.tag == "stop")
        elif element.tag == "vType":
            ignored["vType"] += 1
    if not rows:
        raise InputError(
            "traffic.demand_empty",
            "the demand file has no trips",
            where=path.name,
            expected="<trip> or <vehicle>",
            got="none",
            remedy="check that this is a SUMO trip or route file",
        )
    table = pd.DataFrame(rows)
    return table if table["route"].notna().any() else table.drop(columns="route"), dict(sorted(ignored.items()))


def _elements(path: Path) -> list[etree._Element]:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        tree = etree.parse(str(path), parser)
    except (etree.XMLSyntaxError, OSError) as fault:
        raise InputError(
            "traffic.demand_unreadable",
            "the demand file is not valid XML",
            where=path.name,
            expected="a SUMO trip or route file",
            got=str(fault),
            remedy="mend or export the file again",
        ) from None
    if tree.docinfo.doctype:
        raise InputError(
            "traffic.demand_doctype",
            "the demand file declares a document type",
            where=path.name,
            expected="XML without <!DOCTYPE>",
            got=tree.docinfo.doctype[:80],
            remedy="remove the declaration",
        )
    return [element for element in tree.getroot() if isinstance(element.tag, str)]


def _edges(element: etree._Element) -> tuple[str, ...]:
    return tuple((element.get("edges") or "").split())


def _vehicle(element: etree._Element, named: dict[str, tuple[str, ...]], path: Path) -> dict[str, object]:
    inner = element.find("route")
    route = _edges(inner) if inner is not None else named.get(element.get("route", ""), ())
    start = route[0] if route else element.get("from")
    end = route[-1] if route else element.get("to")
    try:
        depart = _seconds(element.get("depart", ""))
    except ValueError:
        depart = np.nan
    if not start or not end or not np.isfinite(depart) or not element.get("id"):
        raise InputError(
            "traffic.sumo_vehicle",
            f"line {element.sourceline}: a vehicle lacks its place or time",
            where=path.name,
            expected="id, depart in seconds or H:M:S, and from and to or a route",
            got=" ".join(f'{key}="{value}"' for key, value in element.attrib.items())[:160],
            remedy="complete the vehicle; routes by id stand before their vehicles",
        )
    return {"trip_id": element.get("id"), "depart_s": depart, "from": start, "to": end, "route": route or None}


def _seconds(text: str) -> float:
    """SUMO time: seconds, ``H:M:S`` or ``D:H:M:S``."""
    seconds = 0.0
    for factor, part in zip((1, 60, 3600, 86400), reversed(text.split(":")), strict=False):
        seconds += factor * float(part)
    return seconds


def check_routes(trips: pd.DataFrame, connections: pd.DataFrame, path: Path) -> None:
    """Raise :class:`InputError` for the first route with a gap: consecutive edges that cars cannot pass between."""
    use = connections[connections["passenger"]] if "passenger" in connections else connections
    links = set(zip(use["from_edge"], use["to_edge"], strict=True))
    for trip, route in zip(trips["trip_id"], trips["route"], strict=True):
        gap = next((pair for pair in pairwise(route or ()) if pair not in links), None)
        if gap:
            raise InputError(
                "traffic.route_gap",
                f"the route of {trip} has a gap",
                where=path.name,
                expected="edges that follow each other",
                got=f"{gap[0]} → {gap[1]}",
                remedy="route the trips again on this network, or give from and to only",
            )
