"""SUMO's route files as text: trips and routes out, route alternatives with their costs in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

PROHIBITIVE_S = 1e6
"""Travel time of a closed edge. A route that costs this much has no way round the closure."""

_VEHICLE = re.compile(
    rb'<vehicle id="(\d+)"|<route (?:[a-z]+="[^"]*" )*?cost="([\d.e+]+)"(?: [a-z]+="[^"]*")*? edges="([^"]*)"'
)


class Vehicle(NamedTuple):
    """A vehicle on its way in: ``route`` is a string of edges, or None when it is only a trip."""

    number: int
    depart_s: float
    from_edge: str
    to_edge: str
    route: str | None


class Alternative(NamedTuple):
    """A route with its travel time under the weights it was judged with."""

    cost_s: float
    route: str


def write_vehicles(path: Path, vehicles: Iterable[Vehicle]) -> None:
    """Write trips (without route) and vehicles (with one), which must be ordered by departure."""
    rows = [_row(vehicle) for vehicle in vehicles]
    path.write_text("<routes>\n" + "\n".join(rows) + "\n</routes>\n", encoding="utf-8")


def _row(vehicle: Vehicle) -> str:
    head = f'id="{vehicle.number}" depart="{vehicle.depart_s:.2f}"'
    if vehicle.route is None:
        return f'<trip {head} from="{vehicle.from_edge}" to="{vehicle.to_edge}"/>'
    return f'<vehicle {head}><route edges="{vehicle.route}"/></vehicle>'


def read_alternatives(path: Path) -> dict[int, list[Alternative]]:
    """Vehicle number → its alternatives, from duarouter's ``--alternatives-output``."""
    found: dict[int, list[Alternative]] = {}
    current: list[Alternative] = []
    for match in _VEHICLE.finditer(path.read_bytes()):
        number, cost, edges = match.groups()
        if number is not None:
            current = found.setdefault(int(number), [])
        else:
            current.append(Alternative(float(cost), edges.decode()))
    return {number: alternatives for number, alternatives in found.items() if alternatives}


def write_closed_weights(path: Path, closed: Sequence[tuple[str, float, float]]) -> None:
    """A weight file in which each (edge, begin_s, end_s) costs :data:`PROHIBITIVE_S`."""
    rows = [
        f'<interval id="closed" begin="{begin:g}" end="{end:g}">'
        f'<edge id="{edge}" traveltime="{PROHIBITIVE_S:g}"/></interval>'
        for edge, begin, end in closed
    ]
    path.write_text("<meandata>\n" + "\n".join(rows) + "\n</meandata>\n", encoding="utf-8")
