"""Which geometries of two sets stand in a relation: packed tree of boxes, chunks of bounded memory, several threads.

Boxes are compared by :mod:`cim_core.analysis.box_tree`, geometries by GEOS through Shapely's array functions; both let
go of the interpreter's lock, so that threads share the work (:class:`shapely.STRtree` does not). The side of lower
dimension goes into the tree: then polygons are prepared once and compared with many points.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Literal, get_args

import numpy as np
import shapely
from numpy.typing import NDArray

from cim_core.analysis.box_tree import BoxTree, spread_along_curve
from cim_core.errors import ParameterError

Predicate = Literal["intersects", "within", "contains", "dwithin"]
How = Literal["inner", "left"]
Rows = NDArray[np.int64]
Geometries = NDArray[np.object_]

CHUNK = 25_000
"""Geometries that one search asks for."""
MOST_PAIRS = 200_000_000
"""Pairs that :func:`join` holds at most: 3.2 GB. Who wants more takes them chunk by chunk from :func:`pair_chunks`."""
_CONVERSE: dict[str, str] = {
    "intersects": "intersects",
    "within": "contains",
    "contains": "within",
    "dwithin": "dwithin",
}


def join(
    left: Geometries,
    right: Geometries,
    predicate: Predicate = "intersects",
    how: How = "inner",
    *,
    distance_m: float | None = None,
    threads: int | None = None,
) -> tuple[Rows, Rows]:
    """Positions in ``left`` and ``right`` of all pairs for which ``left predicate right`` holds, sorted.

    Parameters
    ----------
    left, right
        Shapely geometries in one coordinate reference system; missing and empty ones match nothing.
    predicate
        As OGC 06-103r4, 6.1.2.3 defines them, so a point on a polygon's edge intersects it and is not within it;
        ``dwithin``: no farther apart than ``distance_m``.
    how
        ``left`` also names each geometry of ``left`` that matches nothing, with -1 on the right.
    distance_m
        In the units of the coordinates; for ``dwithin`` only.
    threads
        As many as there are processors by default.

    Raises
    ------
    ParameterError
        ``join.predicate``, ``join.distance``; ``join.too_many_pairs`` above :data:`MOST_PAIRS`.

    >>> squares = shapely.box([0, 2], [0, 0], [1, 3], [1, 1])
    >>> [rows.tolist() for rows in join(squares, shapely.points([0.5, 9], [0.5, 9]), "contains", "left")]
    [[0, 1], [0, -1]]
    """
    found: list[tuple[Rows, Rows]] = []
    count = 0
    for rows in pair_chunks(left, right, predicate, distance_m=distance_m, threads=threads):
        count += len(rows[0])
        if count > MOST_PAIRS:
            raise _too_many(count)
        found.append(rows)
    pairs = [np.concatenate([np.empty(0, np.int64), *(rows[side] for rows in found)]) for side in (0, 1)]
    found.clear()
    if how == "left":
        lonely = np.flatnonzero(np.bincount(pairs[0], minlength=len(left)) == 0)
        pairs = [np.r_[pairs[0], lonely], np.r_[pairs[1], np.full(len(lonely), -1)]]
    order = np.lexsort((pairs[1], pairs[0]))
    return pairs[0][order], pairs[1][order]


def pair_chunks(
    left: Geometries,
    right: Geometries,
    predicate: Predicate = "intersects",
    *,
    distance_m: float | None = None,
    threads: int | None = None,
    chunk: int = CHUNK,
) -> Iterator[tuple[Rows, Rows]]:
    """The pairs of :func:`join`, some at a time, in no order that may be relied upon; each pair once.

    Only the tree, and the pairs of a few chunks, are in memory. Raises as :func:`join`.
    """
    _require(predicate, distance_m)
    left, right = np.asarray(left, dtype=object), np.asarray(right, dtype=object)
    threads = threads or os.cpu_count() or 1
    swapped = _dimension(right) > _dimension(left)
    asking, in_tree = (right, left) if swapped else (left, right)
    relation = _relation(_CONVERSE[predicate] if swapped else predicate, distance_m)
    boxes = _boxes(asking, threads)
    if distance_m is not None:
        boxes += np.array([-1, -1, 1, 1]) * (distance_m * (1 + 1e-9) + 1e-6)  # never too small by rounding
    order = spread_along_curve(boxes)
    tree = BoxTree.of(_boxes(in_tree, threads))

    def search(start: int) -> tuple[Rows, Rows]:
        rows = order[start : start + chunk]
        asked, treed = tree.meeting(boxes[rows])
        often = np.bincount(asked, minlength=len(rows)) >= _worth_preparing(asking[rows], distance_m is not None)
        with _prepared(asking[rows[often]]):
            holds = relation(asking[rows[asked]], in_tree[treed])
        return rows[asked[holds]], treed[holds]

    for asked, treed in _in_turn(search, range(0, len(order), chunk), threads):
        yield (treed, asked) if swapped else (asked, treed)


def _boxes(geometries: Geometries, threads: int) -> NDArray[np.float64]:
    """Bounding boxes, NaN for missing and empty geometries."""
    with ThreadPoolExecutor(threads) as pool:
        parts = list(pool.map(shapely.bounds, np.array_split(geometries, threads)))
    return np.concatenate(parts).reshape(-1, 4)


def _relation(name: str, distance_m: float | None) -> Callable[[Geometries, Geometries], NDArray[np.bool_]]:
    if distance_m is not None:
        return lambda one, other: np.asarray(shapely.dwithin(one, other, distance_m))
    found: Callable[[Geometries, Geometries], NDArray[np.bool_]] = getattr(shapely, name)
    return found


def _worth_preparing(geometries: Geometries, distances: bool) -> NDArray[np.float64]:
    """Candidates from which on preparing a geometry pays, by its corners: as measured with GEOS 3.14.

    For distances it pays late: the prepared geometry's index is built for every corner, and few are asked for.
    """
    corners = shapely.get_num_coordinates(geometries)
    if distances:
        return np.asarray(np.where(corners >= 256, 32.0, np.inf))
    return np.asarray(np.maximum(4.0, corners / 16))


@contextmanager
def _prepared(geometries: Geometries) -> Iterator[None]:
    """Prepares, for the while, those that are not. A chunk is one thread's, so nobody else touches them."""
    mine = geometries[~shapely.is_prepared(geometries)]
    shapely.prepare(mine)
    try:
        yield
    finally:
        shapely.destroy_prepared(mine)


def _in_turn(search: Callable[[int], tuple[Rows, Rows]], starts: range, threads: int) -> Iterator[tuple[Rows, Rows]]:
    """Answers in order, with no more than two chunks a thread under way: memory stays bounded."""
    with ThreadPoolExecutor(threads, thread_name_prefix="join") as pool:
        waiting: deque[Future[tuple[Rows, Rows]]] = deque()
        for start in starts:
            waiting.append(pool.submit(search, start))
            if len(waiting) > 2 * threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _dimension(geometries: Geometries) -> int:
    """Highest dimension in a sample of evenly spread geometries."""
    sample = geometries[:: max(1, len(geometries) // 1000)]
    return int(np.max(shapely.get_dimensions(sample), initial=-1))


def _require(predicate: str, distance_m: float | None) -> None:
    if predicate not in get_args(Predicate):
        raise ParameterError(
            "join.predicate",
            "there is no such relation",
            where="predicate",
            expected=", ".join(get_args(Predicate)),
            got=predicate[:80],
            remedy="take one of these",
        )
    fits = distance_m is None if predicate != "dwithin" else _is_distance(distance_m)
    if not fits:
        raise ParameterError(
            "join.distance",
            "the distance does not go with the relation",
            where="distance_m",
            expected="a distance from 0 on for dwithin, none for the others",
            got=f"{distance_m} for {predicate}",
            remedy="give a distance with dwithin, and only there",
        )


def _is_distance(distance_m: Any) -> bool:
    return distance_m is not None and bool(np.isfinite(distance_m)) and distance_m >= 0


def _too_many(count: int) -> ParameterError:
    return ParameterError(
        "join.too_many_pairs",
        "the join has more pairs than memory should hold",
        where="join",
        expected=f"at most {MOST_PAIRS:,} pairs",
        got=f"more than {count:,}",
        remedy="ask for a smaller distance or a part of the layers, or count pairs with pair_chunks",
    )
