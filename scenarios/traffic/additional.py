"""A plan's timed edits as a SUMO additional file: the base network stays untouched.

How a closure works (found by running SUMO 1.28; the tests hold it)
------------------------------------------------------------------
``closingReroute disallow="all"`` on the closed edge keeps new vehicles out, but in the mesoscopic model it also traps
those that are on it until they are teleported, and whoever has no other way waits at the closure, blocks those
behind, and after 300 s is teleported *through* it. Without ``disallow`` whoever has no other way drives through. So:

* the *edge* is closed softly (no permissions): rerouters on the notification edges send drivers around it;
* the *ways into it* (internal edges from open edges onto closed ones) are closed for all: nobody enters, and those on
  the closed road leave it, over its other closed edges too. Mesoscopic SUMO does not heed this for whoever has no
  other way, so there only the rerouters act;
* ``destProbReroute terminateRoute``: whoever cannot reach the destination any more **gives up**: the trip ends on the
  notification edge it is on. SUMO counts it as arrived, so an accounting must count a trip whose last edge is not its
  destination as *stranded*. Nobody is teleported through, nobody vanishes;
* drivers are told ``NOTICE_S`` before the closure begins, and the barrier goes down ``CLEARANCE_S`` before.

SUMO refuses to end a trip further along an edge than its destination edge is long: such a vehicle does not give up
there but on the next edge. If there is none it stands before the barrier until that is lifted, and SUMO then counts a
teleport. Destinations on edges of 20 m or more keep this rare.

A vehicle that starts on a closed edge may leave it; one whose destination lies on it gives up on its way. There is one
rerouter, with all closures, for each piece of time in which they do not change: with one for each closure a driver sent
around the first would be sent into the second, and one with several intervals tells a driver once on an edge only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

import numpy as np
import pandas as pd

from scenarios.traffic.closures import LaneUse, Window, closed_intervals, lane_uses, pieces, windows
from scenarios.traffic.notification import notification_edges
from scenarios.traffic.signal_programs import signal_elements

if TYPE_CHECKING:
    import geopandas as gpd

    from cim_core.overlay import TimedEdit
    from scenarios.traffic.network import Network

FILE_NAME = "measures.add.xml"
OPTIONS = ("--device.rerouting.mode", "8", "--time-to-teleport.disconnected", "86400")
"""Mode 8: a route over a closed way is no error when the vehicle is inserted; the rerouter then sees to it. And nobody
who stands before a closure is teleported onto the closed road."""
CLEARANCE_S = 10.0
"""The barrier goes down this long before the closure begins, so that who is inside the junction has left it by then."""
NOTICE_S = 60.0
"""Drivers are told this long before the closure begins.

In the mesoscopic model a vehicle learns of it only when it enters an edge. In the microscopic one, who comes too fast
onto a short edge to stop on it is routed from the *next* edge, the closed one: told too late, it would stand before the
barrier until it is lifted.
"""
_TOLD, _BARRED = 1.0, 2.0
BUS_CLASSES = "bus coach emergency authority"


@dataclass(frozen=True, eq=False)
class Additional:
    """What to hand to ``sumo`` for a plan.

    Attributes
    ----------
    files
        For ``--additional-files``; empty if nothing is edited.
    options
        Command line options that ``sumo`` needs with them.
    closed
        As :func:`scenarios.traffic.closures.closed_intervals`.
    without_effect
        (edit, features, reason) for ``city.give_back``: edits, or parts of them, that change nothing.
    warnings
        Sentences for the reader.
    """

    files: tuple[Path, ...]
    options: tuple[str, ...]
    closed: pd.DataFrame
    without_effect: tuple[tuple[TimedEdit, tuple[str, ...], str], ...] = ()
    warnings: tuple[str, ...] = ()


def write_additional(
    road_edits: Sequence[TimedEdit],
    signal_edits: Sequence[TimedEdit],
    network: Network,
    signals: gpd.GeoDataFrame | None,
    directory: Path,
    *,
    mesoscopic: bool = False,
) -> Additional:
    """Write the additional file of a plan.

    Parameters
    ----------
    road_edits, signal_edits
        ``city.take_edits("roads", ROAD_EDIT_FIELDS, day)`` and ``city.take_edits("signals", SIGNAL_EDIT_FIELDS, day)``.
    network, signals
        The network (with lane closures or bus lanes: as :func:`scenarios.traffic.turns.with_turns` gives it), and the
        signals layer in its CRS.
    directory
        Where to write.
    mesoscopic
        Whether ``sumo --mesosim`` will read it.

    Raises :class:`cim_core.errors.PlanError` for a signal programme that does not fit its traffic light.
    """
    closed = closed_intervals(road_edits, network)
    uses = lane_uses(road_edits, network)
    elements = [
        *_closure_elements(closed, network, mesoscopic),
        *_lane_elements(uses),
        *_speed_elements(windows(road_edits, network, "speed_limit_mps"), network),
        *signal_elements(signal_edits, network, signals),
    ]
    without = tuple(_without_effect(road_edits, network))
    warnings = tuple(_warnings(uses, without, network))
    if not elements:
        return Additional((), (), closed, without, warnings)
    path = directory / FILE_NAME
    path.write_text("\n".join(["<additional>", *elements, "</additional>"]) + "\n", encoding="utf-8")
    return Additional((path,), OPTIONS if len(closed) or uses else (), closed, without, warnings)


def _closure_elements(closed: pd.DataFrame, network: Network, mesoscopic: bool) -> Iterator[str]:
    if closed.empty:
        return
    spans = [Window(row.edge, max(row.begin_s - NOTICE_S, 0.0), row.end_s, _TOLD) for row in closed.itertuples()]
    spans += [Window(row.edge, max(row.begin_s - CLEARANCE_S, 0.0), row.end_s, _BARRED) for row in closed.itertuples()]
    for number, (begin, end, holding) in enumerate(pieces(spans)):
        edges = {span.edge for span in holding}
        barred = {span.edge for span in holding if span.value == _BARRED}
        ways_in = [] if mesoscopic else _ways_in(network, barred)
        shut = [f'<closingReroute id="{edge}"/>' for edge in sorted(edges)]
        shut += [f'<closingReroute id="{way}" disallow="all"/>' for way in ways_in]
        give_up = '<destProbReroute id="terminateRoute"/>'
        interval = f'<interval begin="{begin:.2f}" end="{end:.2f}">{"".join(shut)}{give_up}</interval>'
        told = sorted(_told(network, edges) or edges)  # a rerouter needs an edge, also where no driver needs telling
        yield f'<rerouter id="closures{number}" edges="{" ".join(told)}">{interval}</rerouter>'


def _told(network: Network, closed: set[str]) -> set[str]:
    edges = network.edges
    mask = np.asarray(edges.index.isin(list(closed)))
    told = notification_edges(
        network.graph, edges["length_m"].to_numpy(), edges["passenger"].to_numpy(dtype=bool), mask
    )
    return set(edges.index[told])


def _ways_in(network: Network, closed: set[str]) -> list[str]:
    """Internal edges that lead from open edges onto closed ones."""
    links = network.connections
    entering = links["to_edge"].isin(closed) & ~links["from_edge"].isin(closed) & (links["via"] != "")
    return sorted(set(links.loc[entering, "via"]))


def _lane_elements(uses: Iterable[LaneUse]) -> Iterator[str]:
    by_edge: dict[str, list[LaneUse]] = {}
    for use in uses:
        by_edge.setdefault(use.edge, []).append(use)
    for edge, parts in by_edge.items():
        intervals = "".join(_lane_interval(use) for use in parts)
        yield f'<rerouter id="lanes_{edge}" edges="{edge}">{intervals}</rerouter>'


def _lane_interval(use: LaneUse) -> str:
    lanes = [f'<closingLaneReroute id="{use.edge}_{lane}" disallow="all"/>' for lane in use.closed]
    lanes += [f'<closingLaneReroute id="{use.edge}_{lane}" allow="{BUS_CLASSES}"/>' for lane in use.bus]
    return f'<interval begin="{use.begin_s:.2f}" end="{use.end_s:.2f}">{"".join(lanes)}</interval>'


def _speed_elements(spans: Iterable[Window], network: Network) -> Iterator[str]:
    by_edge: dict[str, list[Window]] = {}
    for span in spans:
        by_edge.setdefault(span.edge, []).append(span)
    for edge, parts in sorted(by_edge.items()):
        lanes = " ".join(f"{edge}_{lane}" for lane in range(int(network.edges.at[edge, "lanes"])))
        steps: dict[float, float] = {}
        for begin, end, holding in pieces(parts):
            steps[begin] = min(span.value for span in holding)
            steps[end] = -1.0  # SUMO's way to say: the lane's own limit again
        rows = "".join(f'<step time="{time:.2f}" speed="{steps[time]:.4f}"/>' for time in sorted(steps))
        yield f"<variableSpeedSign id={quoteattr('speed_' + edge)} lanes={quoteattr(lanes)}>{rows}</variableSpeedSign>"


def _without_effect(edits: Iterable[TimedEdit], network: Network) -> Iterator[tuple[TimedEdit, tuple[str, ...], str]]:
    for edit in edits:
        reasons: dict[str, list[str]] = {}
        for feature in edit.features:
            if not network.edges_of([feature]):
                reasons.setdefault(network.roads_without_edge.get(feature, "not a road"), []).append(feature)
        for reason, features in reasons.items():
            yield edit, tuple(features), f"no edge in the network: {reason}"


def _warnings(
    uses: Iterable[LaneUse], without: Sequence[tuple[TimedEdit, tuple[str, ...], str]], network: Network
) -> Iterator[str]:
    missing = {feature for _, features, _ in without for feature in features}
    if missing:
        yield f"{len(missing)} of the edited road parts have no edge in the network, so nothing changes there."
    full = {use.edge for use in uses if len(use.closed) == network.edges.at[use.edge, "lanes"]}
    if full:
        yield f"The lane closure takes every lane of {len(full)} edges: nobody can pass there."
