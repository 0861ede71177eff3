"""Which edges and lanes a plan closes, to whom, and when: pure tables, before anything is written for SUMO.

Lanes are counted from the right kerb (SUMO's lane 0). Closed lanes come first, bus lanes are the next ones to their
left. A bus lane never takes the last lane that cars have; a closure of as many lanes as there are closes the direction.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from scenarios.traffic.network import Direction, Network

if TYPE_CHECKING:
    from cim_core.overlay import TimedEdit

ROAD_EDIT_FIELDS = (
    "closed_forward",
    "closed_backward",
    "speed_limit_mps",
    "closed_lanes_forward",
    "closed_lanes_backward",
    "bus_lanes_forward",
    "bus_lanes_backward",
)
"""What to ask of ``city.take_edits("roads", ROAD_EDIT_FIELDS, day)``."""
SIGNAL_EDIT_FIELDS = ("program",)
"""What to ask of ``city.take_edits("signals", SIGNAL_EDIT_FIELDS, day)``."""
SIDES: tuple[Direction, ...] = ("forward", "backward")


class Window(NamedTuple):
    """Something that holds on an edge from begin (included) to end (excluded), seconds after local midnight."""

    edge: str
    begin_s: float
    end_s: float
    value: float = 1.0


class LaneUse(NamedTuple):
    """Lanes of an edge that cars may not use: ``closed`` to everybody, ``bus`` for buses only (lane numbers)."""

    edge: str
    begin_s: float
    end_s: float
    closed: tuple[int, ...]
    bus: tuple[int, ...]


def windows(edits: Iterable[TimedEdit], network: Network, field: str, direction: Direction = "both") -> list[Window]:
    """The windows in which a field is set, for each edge of the edited roads in that direction."""
    found = []
    for edit in edits:
        value = edit.fields.get(field)
        if value is not None and edit.op != "remove" and float(value) > 0:
            edges = network.edges_of(edit.features, direction)
            found += [Window(edge, edit.begin_s, edit.end_s, float(value)) for edge in edges]
    return found


def pieces(spans: Sequence[Window]) -> Iterator[tuple[float, float, list[Window]]]:
    """Cut overlapping windows into consecutive pieces with the windows that hold in each (gaps left out).

    >>> [(b, e, len(w)) for b, e, w in pieces([Window("x", 0, 20), Window("x", 10, 30)])]
    [(0, 10, 1), (10, 20, 2), (20, 30, 1)]
    """
    times = sorted({time for span in spans for time in (span.begin_s, span.end_s)})
    for begin, end in itertools.pairwise(times):
        holding = [span for span in spans if span.begin_s <= begin and end <= span.end_s]
        if holding:
            yield begin, end, holding


def closed_intervals(edits: Sequence[TimedEdit], network: Network) -> pd.DataFrame:
    """Edges that no car may enter: columns ``edge begin_s end_s``, merged and disjoint per edge, sorted.

    Seconds after local midnight, begin included, end excluded. From closures of a direction and from lane closures that
    take every lane. This is what a routing must avoid and what the check "a closure holds" looks at.
    """
    spans = [span for side in SIDES for span in windows(edits, network, f"closed_{side}", side)]
    spans += [
        Window(use.edge, use.begin_s, use.end_s)
        for use in lane_uses(edits, network)
        if len(use.closed) == network.edges.at[use.edge, "lanes"]
    ]
    rows = [row for edge, its in sorted(_by_edge(spans).items()) for row in _merged(edge, its)]
    return pd.DataFrame(rows, columns=["edge", "begin_s", "end_s"]).astype({"begin_s": float, "end_s": float})


def _by_edge(spans: Iterable[Window]) -> dict[str, list[Window]]:
    grouped: dict[str, list[Window]] = defaultdict(list)
    for span in spans:
        grouped[span.edge].append(span)
    return grouped


def _merged(edge: str, spans: list[Window]) -> list[tuple[str, float, float]]:
    merged: list[tuple[str, float, float]] = []
    for begin, end, _ in pieces(spans):
        if merged and merged[-1][2] == begin:
            merged[-1] = (edge, merged[-1][1], end)
        else:
            merged.append((edge, begin, end))
    return merged


def lane_uses(edits: Sequence[TimedEdit], network: Network) -> list[LaneUse]:
    """Lanes taken from cars, per edge and piece of time in which nothing changes, sorted by edge and begin."""
    shut = [span for side in SIDES for span in windows(edits, network, f"closed_lanes_{side}", side)]
    buses = [span for side in SIDES for span in windows(edits, network, f"bus_lanes_{side}", side)]
    uses = []
    for edge, spans in sorted(_by_edge(shut + buses).items()):
        shut_here = [span for span in shut if span.edge == edge]
        for begin, end, holding in pieces(spans):
            closed = max((int(span.value) for span in holding if span in shut_here), default=0)
            bus = max((int(span.value) for span in holding if span not in shut_here), default=0)
            uses.append(LaneUse(edge, begin, end, *split_lanes(network.edges.at[edge, "passenger_lanes"], closed, bus)))
    return [use for use in uses if use.closed or use.bus]


def split_lanes(passenger: Sequence[bool], closed: int, bus: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """(closed lanes, bus lanes) of a direction whose lanes admit cars or not, counted from the right kerb.

    >>> split_lanes((True, True, True), 1, 1)
    ((0,), (1,))
    >>> split_lanes((True, True), 0, 2)  # cars keep one lane
    ((), (0,))
    """
    shut = tuple(range(min(closed, len(passenger))))
    left = [lane for lane in range(len(shut), len(passenger)) if passenger[lane]]
    return shut, tuple(left[: min(bus, max(len(left) - 1, 0))])
