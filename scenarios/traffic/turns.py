"""Turns that a lane closure or bus lane would make impossible, given back by patching the network.

netconvert often builds a turn on one lane only: the right turn on the kerb lane. Take that lane from cars and they can
neither turn off nor turn in. In a street the turn is then made from the next lane, so a plan's network gets those
connections, and nothing else changes: edges, lanes, lengths and speeds stay, traffic lights show the new connection the
colour of its turn.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from cim_core.canonical import file_hash
from scenarios.traffic.closures import lane_uses
from scenarios.traffic.edge_map import with_passenger
from scenarios.traffic.net_xml import read_net
from scenarios.traffic.netconvert import NET_NAME, patch_net, sumo_version
from scenarios.traffic.network import Network

if TYPE_CHECKING:
    from cim_core.overlay import TimedEdit
    from cim_core.scenario import Cache


class Turn(NamedTuple):
    """A lane-to-lane connection between two edges."""

    from_edge: str
    to_edge: str
    from_lane: int
    to_lane: int


def with_turns(network: Network, road_edits: Sequence[TimedEdit], cache: Cache) -> Network:
    """The network with the turns that the plan's lane closures and bus lanes would take; the same if there are none.

    Raises :class:`cim_core.errors.EngineError` if netconvert fails.
    """
    turns = lost_turns(network, road_edits)
    if not turns:
        return network
    key = {"base": file_hash(network.net_file), "turns": [list(turn) for turn in turns], "sumo": sumo_version()}
    directory = cache.get("net", key, lambda folder: _patch(network.net_file, turns, folder))
    tables = read_net(directory / NET_NAME)
    patched = dataclasses.replace(
        network,
        net_file=directory / NET_NAME,
        connections=with_passenger(tables.connections, tables.edges["passenger_lanes"]),
        signals=tables.signals.join(network.signals[["nodes", "x", "y"]]),
    )
    lost = len(lost_turns(patched, road_edits))
    facts = network.facts | {"turns_added": len(turns) - lost, "turns_lost": lost}
    sentence = f"The lane edits take {lost} turns from cars, and netconvert would not build them on another lane."
    return dataclasses.replace(patched, facts=facts, warnings=(*network.warnings, *([sentence] if lost else [])))


def lost_turns(network: Network, road_edits: Sequence[TimedEdit]) -> list[Turn]:
    """Connections to add, sorted, so that each car movement keeps one between lanes that cars may use."""
    taken: dict[str, set[frozenset[int]]] = defaultdict(set)
    for use in lane_uses(road_edits, network):
        taken[use.edge].add(frozenset(use.closed + use.bus))
    links = network.connections
    touched = links[links["passenger"] & (links["from_edge"].isin(taken) | links["to_edge"].isin(taken))]
    edges = {*touched["from_edge"], *touched["to_edge"]}
    lanes = {edge: tuple(network.edges.at[edge, "passenger_lanes"]) for edge in edges}
    turns = set()
    for (came, left), rows in touched.groupby(["from_edge", "to_edge"]):
        pairs = list(zip(rows["from_lane"].tolist(), rows["to_lane"].tolist(), strict=True))
        turns |= {
            Turn(str(came), str(left), *pair) for pair in _replacements(pairs, str(came), str(left), taken, lanes)
        }
    return sorted(turns)


def _replacements(
    pairs: Sequence[tuple[int, int]],
    came: str,
    left: str,
    taken: Mapping[str, set[frozenset[int]]],
    lanes: Mapping[str, tuple[bool, ...]],
) -> Iterator[tuple[int, int]]:
    nothing: frozenset[int] = frozenset()
    for gone, gone_ahead in itertools.product({*taken.get(came, ()), nothing}, {*taken.get(left, ()), nothing}):
        if any(lane not in gone and ahead not in gone_ahead for lane, ahead in pairs):
            continue
        lane = _nearest_open(pairs[0][0], lanes[came], gone)
        ahead = _nearest_open(pairs[0][1], lanes[left], gone_ahead)
        if lane is not None and ahead is not None:
            yield lane, ahead


def _nearest_open(lane: int, passenger: Sequence[bool], gone: frozenset[int]) -> int | None:
    usable = [other for other, cars in enumerate(passenger) if cars and other not in gone]
    return min(usable, key=lambda other: abs(other - lane), default=None)


def _patch(net: Path, turns: Sequence[Turn], directory: Path) -> None:
    names = ("from", "to", "fromLane", "toLane")
    rows = (" ".join(f'{name}="{value}"' for name, value in zip(names, turn, strict=True)) for turn in turns)
    lines = ["<connections>", *(f"<connection {row}/>" for row in rows), "</connections>"]
    patch = directory / "turns.con.xml"
    patch.write_text("\n".join(lines) + "\n", encoding="utf-8")
    patch_net(net, patch, directory)
