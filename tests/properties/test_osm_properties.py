"""What holds of any network and any text."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from cim_core.gis.osm.access import drive_access, walk_access
from cim_core.gis.osm.building_height import height_of, level_count, rise_of
from cim_core.gis.osm.lanes import MAX_LANES, direction_of, lane_count, lanes_of
from cim_core.gis.osm.quantities import metres, number, whole
from cim_core.gis.osm.speeds import MAX_SPEED_KMH, MIN_SPEED_KMH, speed_kmh
from cim_core.gis.osm.splitting import Chain, Part, junctions, split, without_repeats
from cim_core.gis.osm.stacking import MAX_LAYER, level_of

node_lists = st.lists(st.integers(1, 12), min_size=2, max_size=10).map(without_repeats).filter(lambda n: len(n) > 1)
networks = st.lists(node_lists, min_size=1, max_size=8).map(
    lambda lists: [Chain(way, tuple(nodes)) for way, nodes in enumerate(lists, start=1)]
)
texts = st.one_of(
    st.text(max_size=20), st.from_regex(r"-?\d{1,4}([.,;]\d{1,3})? ?(m|mph|km/h|ft|'|@)?", fullmatch=True)
)
TAG_KEYS = [
    *("lanes", "lanes:forward", "lanes:backward", "oneway", "junction", "maxspeed", "access", "motor_vehicle", "bus"),
    *("foot", "bridge", "tunnel", "layer", "building:levels", "height", "building"),
]
tag_sets = st.dictionaries(
    st.sampled_from(TAG_KEYS),
    texts,
).map(lambda tags: {**tags, "highway": "residential"})


def steps(nodes: tuple[int, ...]) -> list[tuple[int, int]]:
    return list(pairwise(nodes))


def parts_of(network: list[Chain], way: int) -> list[Part]:
    return [part for part in split(network) if network[part.chain].way == way]


@given(networks)
def test_splitting_keeps_every_vertex_and_every_step_in_order(network: list[Chain]) -> None:
    parts = split(network)
    for position, chain in enumerate(network):
        walked = [step for part in parts if part.chain == position for step in steps(part.nodes)]
        assert walked == steps(chain.nodes)


@given(networks)
def test_part_ids_are_unique_and_begin_at_their_first_node(network: list[Chain]) -> None:
    parts = split(network)
    assert len({part.id for part in parts}) == len(parts)
    for part in parts:
        assert part.id.partition(".")[0] == f"w{network[part.chain].way}-n{part.nodes[0]}"


@given(networks)
def test_no_part_passes_through_a_junction(network: list[Chain]) -> None:
    shared = junctions(network)
    assert all(not shared & set(part.nodes[1:-1]) for part in split(network))


@given(networks, node_lists)
def test_ids_stay_when_an_unrelated_way_is_added(network: list[Chain], nodes: list[int]) -> None:
    elsewhere = Chain(99, tuple(node + 1000 for node in nodes))
    assert split([*network, elsewhere])[: len(split(network))] == split(network)


@given(networks, node_lists)
def test_a_new_junction_adds_ids_and_takes_none_away(network: list[Chain], nodes: list[int]) -> None:
    crossing = Chain(99, tuple(nodes))
    for chain in network:
        before, after = (
            {part.nodes[0] for part in parts_of(drawing, chain.way)} for drawing in (network, [*network, crossing])
        )
        assert before <= after


@given(texts)
def test_parsers_never_raise_and_stay_in_range(text: str) -> None:
    lanes, speed, levels, height = lane_count(text), speed_kmh(text), level_count(text), height_of(text)
    assert lanes is None or 1 <= lanes <= MAX_LANES
    assert speed is None or MIN_SPEED_KMH <= speed <= MAX_SPEED_KMH
    assert levels is None or levels >= 1
    assert height is None or height > 0
    for parse in (number, whole, metres):
        assert parse(text) is None or parse(text) == parse(f" {text} ")


@given(tag_sets)
def test_any_tags_give_a_usable_road_and_building(tags: dict[str, str]) -> None:
    direction = direction_of(tags)
    lanes = lanes_of(tags, direction)
    assert lanes.forward >= 1
    assert (lanes.backward == 0) == direction.oneway
    assert drive_access(tags) in {"all", "bus", "private", "none"}
    assert walk_access(tags) in {"all", "private", "none"}
    assert abs(level_of(tags).layer) <= MAX_LAYER
    rise = rise_of(tags, "residential")
    assert rise.levels >= 1
    assert rise.height_m > 0
