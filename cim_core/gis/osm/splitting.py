"""Ways into parts at the nodes where they meet.

Ways meet where they share a node, never where their drawings cross: a flyover has no node in common with the street
below. A part's id is ``w<way>-n<first node>``, so that it stays when a junction appears elsewhere on the way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from cim_core.gis.osm.elements import Flags, Ids


@dataclass(frozen=True, slots=True)
class Chain:
    """An unbroken run of nodes of one way, in drawing direction, no node twice in succession."""

    way: int
    nodes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A chain from one junction or end to the next; ``chain`` is the position of the chain it is of."""

    id: str
    chain: int
    nodes: tuple[int, ...]


def without_repeats(nodes: Sequence[int]) -> list[int]:
    """The nodes without those that follow themselves."""
    return [node for i, node in enumerate(nodes) if i == 0 or node != nodes[i - 1]]


def runs(nodes: Sequence[int], present: Flags) -> list[list[int]]:
    """The unbroken runs of present nodes that have at least two of them."""
    found: list[list[int]] = [[]]
    for node, here in zip(nodes, present, strict=True):
        if here:
            found[-1].append(node)
        elif found[-1]:
            found.append([])
    return [run for run in found if len(run) > 1]


def junctions(chains: Sequence[Chain]) -> set[int]:
    """Nodes on two or more chains, or met twice by one."""
    flat: Ids = np.fromiter((node for chain in chains for node in chain.nodes), dtype=np.int64)
    nodes, counts = np.unique(flat, return_counts=True)
    return set(nodes[counts > 1].tolist())


def split(chains: Sequence[Chain]) -> list[Part]:
    """All parts, in the order of the chains and along each.

    Ids are unique as long as a way's chains follow one another: a way that starts two parts at one node numbers the
    later ones ``.2``, ``.3`` along its course.
    """
    shared = junctions(chains)
    starts: Counter[tuple[int, int]] = Counter()
    parts = []
    for position, chain in enumerate(chains):
        for nodes in _between(chain.nodes, shared):
            starts[chain.way, nodes[0]] += 1
            nth = starts[chain.way, nodes[0]]
            ident = f"w{chain.way}-n{nodes[0]}" + (f".{nth}" if nth > 1 else "")
            parts.append(Part(ident, position, nodes))
    return parts


def _between(nodes: tuple[int, ...], shared: set[int]) -> list[tuple[int, ...]]:
    cuts = [0, *(i for i in range(1, len(nodes) - 1) if nodes[i] in shared), len(nodes) - 1]
    return [nodes[a : b + 1] for a, b in pairwise(cuts)]
