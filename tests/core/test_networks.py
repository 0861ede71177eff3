"""Networks and segments: parallel and closed arcs, doors, cuts, access, connected pieces."""

import geopandas as gpd
import numpy as np
import pytest
import shapely

from cim_core.analysis.networks import Network, least_cost, nearest_nodes, pieces
from cim_core.analysis.segments import accesses, cut, segments_of
from cim_core.errors import InputError, NotFoundError, ParameterError


def square() -> Network:
    """1 → 2 → 3 → 4 → 1 at a cost of 1 each, and a dear parallel arc 1 → 2."""
    return Network.build([1, 1, 2, 3, 4], [2, 2, 3, 4, 1], [9.0, 1.0, 1.0, 1.0, 1.0])


def test_the_cheapest_of_parallel_arcs_counts_and_is_named():
    reach = least_cost(square(), [1])
    assert reach.cost.tolist() == [0, 1, 2, 3]
    assert reach.arc.tolist() == [-1, 1, 2, 3]
    assert reach.before.tolist() == [-1, 0, 1, 2]


def test_closed_arcs_lead_nowhere_but_their_nodes_stay():
    reach = least_cost(Network.build([1, 2], [2, 3], [1.0, np.inf]), [1])
    assert reach.cost.tolist() == [0, 1, np.inf]
    assert reach.origin.tolist() == [0, 0, -1]


def test_arcs_that_cost_nothing_are_arcs():
    reach = least_cost(Network.build([1, 2], [2, 3], [0.0, 0.0]), [1])
    assert reach.cost.tolist() == [0, 0, 0]
    assert reach.arc.tolist() == [-1, 0, 1]


def test_each_node_belongs_to_the_origin_it_is_cheapest_from():
    line = Network.build([1, 2, 3, 4, 2, 3, 4, 5], [2, 3, 4, 5, 1, 2, 3, 4], [1.0] * 8)
    assert least_cost(line, [1, 5]).origin.tolist()[:2] == [0, 0]
    reach = least_cost(line, [1, 5], initial=[3.5, 0.0])
    assert reach.origin.tolist() == [0, 1, 1, 1, 1]
    assert reach.cost.tolist() == [3.5, 3, 2, 1, 0]


def test_beyond_the_limit_nothing_is_reached():
    assert least_cost(square(), [1], limit=1.5).cost.tolist() == [0, 1, np.inf, np.inf]


def test_no_origin_reaches_nothing():
    assert np.isinf(least_cost(square(), []).cost).all()


def test_a_value_is_summed_along_the_way():
    steps = [0.0, 10.0, 20.0, 30.0, 40.0]
    assert least_cost(square(), [1]).along(steps).tolist() == [0, 10, 30, 60]
    assert np.isnan(least_cost(square(), [1], limit=1).along(steps)[2:]).all()


def test_unknown_nodes_and_impossible_costs_are_refused():
    with pytest.raises(NotFoundError, match="no such node"):
        least_cost(square(), [1, 77])
    with pytest.raises(ParameterError, match="cost that cannot be"):
        Network.build([1], [2], [-1.0])
    with pytest.raises(ParameterError, match="cost that cannot be"):
        Network.build([1], [2], [np.nan])


def test_pieces_ignore_direction():
    labels = pieces(Network.build([1, 3, 5], [2, 2, 6], [1.0, 1.0, 1.0]))
    assert labels[0] == labels[1] == labels[2] != labels[3] == labels[4]


def test_nearest_nodes_within_a_distance():
    at, distance = nearest_nodes([[0, 0], [10, 0]], [[9, 0], [100, 0]], within=5)
    assert at.tolist() == [1, -1]
    assert distance.tolist() == [1, np.inf]


def bent() -> gpd.GeoDataFrame:
    line = shapely.LineString([(0, 0), (30, 0), (30, 10)])
    row = {"nodes": [1, 2, 3], "length_m": 44.0, "elevation_from_m": 100.0, "elevation_to_m": 104.0}
    return gpd.GeoDataFrame([row], geometry=[line], crs="EPSG:32648", index=["w1-n1"])


def test_segments_share_the_length_on_the_ellipsoid_and_the_rise():
    segments = segments_of(bent())
    assert segments.tail.tolist() == [1, 2]
    assert segments.head.tolist() == [2, 3]
    assert segments.length_m.tolist() == [33, 11]
    assert segments.rise_m.tolist() == [3, 1]


def test_a_line_with_too_few_nodes_is_refused():
    frame = bent()
    frame["nodes"] = [[1, 3]]
    with pytest.raises(InputError, match="one node id for each vertex"):
        segments_of(frame)


def test_cuts_keep_length_rise_and_order():
    segments = segments_of(bent())
    parts, parent, nodes = cut(segments, [0, 0, 1], [0.9, 0.5, 0.0])
    assert parent.tolist() == [0, 0, 0, 1, 1]
    assert parts.tail.tolist() == [1, -2, -1, 2, -3]
    assert parts.head.tolist() == [-2, -1, 2, -3, 3]
    assert nodes.tolist() == [-1, -2, -3]
    np.testing.assert_allclose(parts.length_m, [16.5, 13.2, 3.3, 0, 11])
    np.testing.assert_allclose(parts.rise_m.sum(), 4)
    np.testing.assert_allclose(parts.end[:-1], parts.start[1:])


def test_a_house_opens_to_every_street_beside_it_and_else_to_the_nearest():
    segments = segments_of(bent())
    corner, far, lost = shapely.box(22, 2, 28, 8), shapely.Point(15, -50), shapely.Point(15, -900)
    found = accesses(segments, [corner, far, lost], beside=5, within=100)
    assert sorted(zip(found.item.tolist(), found.segment.tolist(), strict=True)) == [(0, 0), (0, 1), (1, 0)]
    assert found.distance_m[found.item == 1].tolist() == [50]
    assert found.fraction[found.item == 1].tolist() == [0.5]
    bridges = accesses(segments, [corner], beside=5, within=100, allowed=[False, True])
    assert bridges.segment.tolist() == [1]
    assert len(accesses(segments, [corner], beside=5, within=100, allowed=[False, False]).item) == 0
