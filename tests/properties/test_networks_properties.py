"""Least-cost reach on networks that Hypothesis makes, against NetworkX and against itself."""

import networkx as nx
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from cim_core.analysis.networks import Network, least_cost, pieces

ARCS = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12), st.integers(0, 20)), min_size=1, max_size=60)


def _graph(arcs) -> nx.MultiDiGraph:
    graph = nx.MultiDiGraph()
    graph.add_weighted_edges_from((10 * tail, 10 * head, cost) for tail, head, cost in arcs)
    return graph


def _network(arcs) -> Network:
    tail, head, cost = (np.array(column) for column in zip(*arcs, strict=True))
    return Network.build(10 * tail, 10 * head, cost.astype(float))


@settings(max_examples=150, deadline=None)
@given(ARCS, st.data())
def test_costs_agree_with_networkx(arcs, data):
    network, graph = _network(arcs), _graph(arcs)
    origins = data.draw(st.lists(st.sampled_from([int(n) for n in network.nodes]), min_size=1, max_size=3, unique=True))
    expected = nx.multi_source_dijkstra_path_length(graph, set(origins))
    found = least_cost(network, origins).cost
    assert {int(n): c for n, c in zip(network.nodes, found, strict=True) if np.isfinite(c)} == expected


@settings(max_examples=150, deadline=None)
@given(ARCS)
def test_the_cost_is_the_sum_of_the_arcs_on_the_way(arcs):
    network = _network(arcs)
    reach = least_cost(network, network.nodes[:2])
    reached = np.isfinite(reach.cost)
    along = reach.along(np.array([cost for *_, cost in arcs], float))
    np.testing.assert_allclose(along[reached], reach.cost[reached])
    assert np.isnan(along[~reached]).all()


@settings(max_examples=100, deadline=None)
@given(ARCS, st.data())
def test_closing_an_arc_never_makes_a_way_cheaper(arcs, data):
    tail, head, cost = (np.array(column) for column in zip(*arcs, strict=True))
    shut = cost.astype(float)
    shut[data.draw(st.integers(0, len(arcs) - 1))] = np.inf
    before, after = Network.build(tail, head, cost.astype(float)), Network.build(tail, head, shut)
    origin = before.nodes[:1]
    assert (least_cost(after, origin).cost >= least_cost(before, origin).cost).all()


@settings(max_examples=100, deadline=None)
@given(ARCS)
def test_pieces_are_networkx_components(arcs):
    network = _network(arcs)
    labels = pieces(network)
    expected = {frozenset(part) for part in nx.weakly_connected_components(_graph(arcs))}
    assert {frozenset(network.nodes[labels == label].tolist()) for label in np.unique(labels)} == expected
