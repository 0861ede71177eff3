import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array
from traffic_streets import edit

from scenarios.traffic.closures import LaneUse, Window, closed_intervals, lane_uses, pieces, split_lanes
from scenarios.traffic.connectivity import reach, weak_pieces
from scenarios.traffic.notification import notification_edges


class TwoEdges:
    """A network with a three-lane edge forward and a two-lane edge backward."""

    edges = pd.DataFrame(
        {"lanes": [3, 2], "passenger_lanes": [(True, True, True), (True, True)]}, index=["forward", "backward"]
    )

    def edges_of(self, roads: list[str], direction: str = "both") -> list[str]:
        sides = ["backward", "forward"] if direction == "both" else [direction]
        return sides if "road" in roads else []


def rows(frame: pd.DataFrame) -> list[tuple]:
    return list(frame.itertuples(index=False, name=None))


def test_a_closure_closes_its_direction_only() -> None:
    assert rows(closed_intervals([edit("road", closed_forward=True)], TwoEdges())) == [("forward", 300.0, 900.0)]


def test_a_closure_of_all_lanes_closes_the_edge_and_of_some_does_not() -> None:
    closed = closed_intervals([edit("road", closed_lanes_forward=2, closed_lanes_backward=2)], TwoEdges())
    assert rows(closed) == [("backward", 300.0, 900.0)]


def test_an_edit_that_says_false_closes_nothing() -> None:
    assert closed_intervals([edit("road", closed_forward=False)], TwoEdges()).empty


window = st.tuples(st.integers(0, 50), st.integers(1, 30)).map(lambda pair: (pair[0], pair[0] + pair[1]))


@given(st.lists(window, min_size=1, max_size=6))
def test_closed_intervals_are_the_union_of_the_windows_disjoint_and_in_order(spans: list[tuple[int, int]]) -> None:
    edits = [edit("road", begin, end, closed_forward=True) for begin, end in spans]
    closed = rows(closed_intervals(edits, TwoEdges()))
    seconds = {second for begin, end in spans for second in range(begin, end)}
    assert {second for _, begin, end in closed for second in range(int(begin), int(end))} == seconds
    assert all(left[2] < right[1] for left, right in itertools.pairwise(closed))


@given(st.lists(window, min_size=1, max_size=6))
def test_pieces_are_disjoint_and_each_tells_who_holds(spans: list[tuple[int, int]]) -> None:
    given_windows = [Window("x", begin, end, index) for index, (begin, end) in enumerate(spans)]
    for begin, end, holding in pieces(given_windows):
        for second in range(int(begin), int(end)):
            assert set(holding) == {span for span in given_windows if span.begin_s <= second < span.end_s}


def test_overlapping_lane_edits_are_cut_into_pieces() -> None:
    edits = [edit("road", 0, 20, closed_lanes_forward=1), edit("road", 10, 30, bus_lanes_forward=1)]
    assert lane_uses(edits, TwoEdges()) == [
        LaneUse("forward", 0, 10, (0,), ()),
        LaneUse("forward", 10, 20, (0,), (1,)),
        LaneUse("forward", 20, 30, (), (0,)),
    ]


@given(st.lists(st.booleans(), min_size=1, max_size=6), st.integers(0, 8), st.integers(0, 8))
def test_cars_keep_a_lane_unless_all_are_closed(passenger: list[bool], closed: int, bus: int) -> None:
    shut, buses = split_lanes(passenger, closed, bus)
    assert not set(shut) & set(buses)
    assert len(shut) == min(closed, len(passenger))
    left = [lane for lane, cars in enumerate(passenger) if cars and lane not in shut and lane not in buses]
    assert left or not any(passenger[lane] for lane in range(len(shut), len(passenger)))


def chain(*links: tuple[int, int], size: int) -> csr_array:
    return csr_array((np.ones(len(links)), tuple(zip(*links, strict=True))), shape=(size, size))


def test_reach_finds_the_strong_part_and_what_leads_to_and_from_it() -> None:
    graph = chain((0, 1), (1, 2), (2, 1), (2, 3), size=5)
    span = reach(graph, np.ones(5, dtype=bool), np.ones(5))
    assert np.flatnonzero(span.both).tolist() == [1, 2]
    assert np.flatnonzero(span.sources).tolist() == [0, 1, 2]
    assert np.flatnonzero(span.sinks).tolist() == [1, 2, 3]
    assert weak_pieces(graph) == [4, 1]


def told(graph: csr_array, closed: list[int], length_m: float, notice_m: float = 1000) -> list[int]:
    size = graph.shape[0]
    mask = np.isin(np.arange(size), closed)
    return np.flatnonzero(
        notification_edges(graph, np.full(size, length_m), np.ones(size, dtype=bool), mask, notice_m)
    ).tolist()


def test_drivers_are_told_on_every_edge_within_the_notice_and_not_beyond() -> None:
    ring = chain(*[(i, (i + 1) % 10) for i in range(10)], size=10)
    assert told(ring, [9], 400) == [6, 7, 8]


def test_drivers_are_told_where_the_last_way_around_branches_off_however_far_away() -> None:
    # 0 → 1 → 2 → 3 → 4(closed) → 5 → 0; the way around branches off at 0: 0 → 6 → 5
    graph = chain((0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 0), (0, 6), (6, 5), size=7)
    assert told(graph, [4], 2000, notice_m=1000) == [0, 3]


@pytest.mark.parametrize("length_m", [100.0, 5000.0])
def test_a_destination_that_nobody_can_reach_any_more_does_not_tell_the_whole_city(length_m: float) -> None:
    # a loop 0 → 1 → … → 9 → 0 from which 10 (closed) leads to the dead end 11
    graph = chain(*[(i, (i + 1) % 10) for i in range(10)], (9, 10), (10, 11), size=12)
    assert told(graph, [10], length_m, notice_m=100)[-1:] == [9]
    assert len(told(graph, [10], length_m, notice_m=100)) <= 2
