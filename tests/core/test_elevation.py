"""Roads and walkways on a relief: gradients held, bridges and tunnels not buried."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from cim_core.gis.elevation import (
    MAX_ROAD_GRADIENT,
    MAX_STAIRS_GRADIENT,
    MAX_WALKWAY_GRADIENT,
    DrapeResult,
    drape,
)
from cim_core.gis.node_heights import limit_gradients, smooth_heights

Edge = tuple[int, int, dict[str, Any]]


def _network(places: dict[int, tuple[float, float]], edges: list[Edge], kind: str = "roads") -> gpd.GeoDataFrame:
    """A frame of straight edges between nodes; keywords of an edge set its columns."""
    rows = []
    for number, (start, end, columns) in enumerate(edges):
        line = shapely.LineString([places[start], places[end]])
        row = {
            "id": f"{kind}{number}",
            "from_node": start,
            "to_node": end,
            "length_m": line.length,
            "bridge": False,
            "tunnel": False,
            "class": "residential" if kind == "roads" else "footway",
            "geometry": line,
        }
        rows.append(row | ({} if kind == "roads" else {"stairs": False}) | columns)
    return gpd.GeoDataFrame(rows, crs="EPSG:32648").set_index("id")


def _line_of_nodes(xs: list[float], elevated: dict[int, str] | None = None) -> gpd.GeoDataFrame:
    places = {number: (x, 0.0) for number, x in enumerate(xs)}
    edges: list[Edge] = [
        (number, number + 1, {elevated[number]: True} if elevated and number in elevated else {})
        for number in range(len(xs) - 1)
    ]
    return _network(places, edges)


def _valley(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Level banks at 250 m, a river gorge down to 160 m between x = 400 and 800, banks steep."""
    return np.where((x > 400) & (x < 800), 160.0, 250.0)


def _ridge(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.where((x > 400) & (x < 800), 420.0, 250.0)


CROSSING = [0.0, 100.0, 200.0, 300.0, 400.0, 500.0, 600.0, 700.0, 800.0, 900.0, 1000.0, 1100.0, 1200.0]
MIDDLE = range(4, 8)
"""Edges from x = 400 to x = 800."""


@pytest.mark.parametrize(("kind", "relief"), [("bridge", _valley), ("tunnel", _ridge)])
def test_a_crossing_stays_level_between_its_abutments(kind: str, relief: Any) -> None:
    result = drape({"roads": _line_of_nodes(CROSSING, dict.fromkeys(MIDDLE, kind))}, relief)
    roads = result.networks["roads"]
    np.testing.assert_allclose(result.heights, 250.0, atol=0.01)
    assert roads["gradient"].abs().max() < 1e-4
    assert result.counts["between_abutments"] == 3
    assert result.counts["sampled"] == 10
    assert result.report.assumed["roads"] == {"elevation: between abutments": 4}


def test_without_the_bridge_flag_the_road_goes_down_the_gorge_but_never_steeper_than_allowed() -> None:
    result = drape({"roads": _line_of_nodes(CROSSING)}, _valley)
    assert result.heights.min() < 200
    assert result.networks["roads"]["gradient"].abs().max() <= MAX_ROAD_GRADIENT


def test_a_bridge_between_banks_of_different_height_is_a_straight_ramp() -> None:
    def relief(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return np.where(x <= 400, 250.0, np.where(x >= 800, 230.0, 160.0))

    result = drape({"roads": _line_of_nodes(CROSSING, dict.fromkeys(MIDDLE, "bridge"))}, relief)
    gradients = result.networks["roads"]["gradient"].iloc[list(MIDDLE)]
    np.testing.assert_allclose(gradients, gradients.iloc[0], rtol=1e-6)
    assert -0.06 < gradients.iloc[0] < -0.03


def test_stairs_and_footways_to_a_deck_do_not_pull_it_down() -> None:
    roads = _line_of_nodes(CROSSING, dict.fromkeys(MIDDLE, "bridge"))
    places = {6: (600.0, 0.0), 100: (600.0, -40.0), 101: (600.0, -200.0), 5: (500.0, 0.0), 102: (500.0, -90.0)}
    edges: list[Edge] = [
        (6, 100, {"stairs": True, "class": "steps"}),
        (100, 101, {}),
        (5, 102, {}),
        (102, 101, {}),
        (6, 101, {"class": "elevator"}),
    ]
    result = drape({"roads": roads, "walkways": _network(places, edges, "walkways")}, _valley)
    assert result.heights[[5, 6]].min() > 235
    walkways = result.networks["walkways"]
    assert result.heights[101] == walkways.loc["walkways1", "elevation_to_m"]
    assert walkways["gradient"].abs().iloc[[1, 3]].max() <= MAX_WALKWAY_GRADIENT
    assert result.heights[[100, 101, 102]].max() < 175
    assert result.counts["steep_to_deck"] >= 2
    assert "climb to a bridge deck" in result.report.warnings[0]


def test_walkways_and_stairs_have_limits_of_their_own() -> None:
    places = {number: (20.0 * number, 0.0) for number in range(20)}
    for columns, limit in (({}, MAX_WALKWAY_GRADIENT), ({"stairs": True}, MAX_STAIRS_GRADIENT)):
        frame = _network(places, [(number, number + 1, columns) for number in range(19)], "walkways")
        result = drape({"walkways": frame}, lambda x, y: np.where(x > 190, 300.0, 200.0))
        assert result.networks["walkways"]["gradient"].abs().max() == pytest.approx(limit, rel=1e-6)


def test_a_bridge_that_ends_in_the_air_goes_on_level() -> None:
    roads = _line_of_nodes(CROSSING[:8], dict.fromkeys(range(4, 7), "bridge"))
    result = drape({"roads": roads}, _valley)
    np.testing.assert_allclose(result.heights, 250.0, atol=0.01)


def test_nothing_but_a_bridge_lies_on_the_samples() -> None:
    roads = _line_of_nodes([0.0, 50.0, 100.0], {0: "bridge", 1: "bridge"})
    result = drape({"roads": roads}, lambda x, y: 200 + 0.05 * x)
    assert result.counts["without_elevation"] == 0
    assert result.networks["roads"]["gradient"].between(0, 0.05).all()


def test_nodes_are_shared_between_networks() -> None:
    places = {0: (0.0, 0.0), 1: (100.0, 0.0), 2: (100.0, 80.0)}
    roads = _network(places, [(0, 1, {})])
    walkways = _network(places, [(2, 1, {})], "walkways")
    result = drape({"roads": roads, "walkways": walkways}, lambda x, y: 200 + 0.05 * x + 0.02 * y)
    meeting = result.networks["walkways"]["elevation_to_m"].iloc[0]
    assert result.networks["roads"]["elevation_to_m"].iloc[0] == meeting == result.heights[1]
    assert list(result.networks["roads"].columns[-3:]) == ["elevation_from_m", "elevation_to_m", "gradient"]


def test_a_gentle_slope_is_reproduced() -> None:
    result = drape({"roads": _line_of_nodes([50.0 * i for i in range(60)])}, lambda x, y: 200 + 0.06 * x)
    gradients = result.networks["roads"]["gradient"].iloc[10:-10]
    np.testing.assert_allclose(gradients, 0.06, atol=1e-3)
    assert result.counts["limited"] == 0


def test_a_tower_beside_the_road_is_cut_down() -> None:
    xs = [30.0 * i for i in range(40)]
    result = drape({"roads": _line_of_nodes(xs)}, lambda x, y: np.where(x == xs[20], 300.0, 200.0))
    assert result.heights[20] < 225
    assert result.networks["roads"]["gradient"].abs().max() <= MAX_ROAD_GRADIENT


def test_outside_the_coverage_neighbours_are_taken_and_islands_stay_null() -> None:
    roads = _line_of_nodes([0.0, 100.0, 200.0, 300.0])
    island = _network({10: (900.0, 900.0), 11: (950.0, 900.0)}, [(10, 11, {})])
    both = pd.concat([roads, island.rename(index=lambda name: name + "i")])
    result = drape({"roads": both}, lambda x, y: np.where(x < 150, 210.0, np.nan))
    assert result.heights.loc[[0, 1, 2, 3]].tolist() == pytest.approx([210.0] * 4)
    assert result.heights.loc[[10, 11]].isna().all()
    assert result.networks["roads"]["gradient"].isna().tolist() == [False, False, False, True]
    assert (result.counts["outside_coverage"], result.counts["without_elevation"]) == (4, 2)
    assert result.report.warnings == ["1 features of roads have no elevation: no path joins them to a sampled node."]


def test_a_city_without_any_sample_is_all_null() -> None:
    result = drape({"roads": _line_of_nodes([0.0, 100.0])}, lambda x, y: np.full(x.shape, np.nan))
    assert result.networks["roads"][["elevation_from_m", "elevation_to_m", "gradient"]].isna().all().all()


def test_empty_networks_stay_empty() -> None:
    roads = _line_of_nodes([0.0, 100.0])
    result = drape({"roads": roads, "walkways": roads.iloc[:0].assign(stairs=False)}, _valley)
    assert len(result.networks["walkways"]) == 0
    assert "gradient" in result.networks["walkways"].columns


def _tangle(seed: int, count: int = 400) -> gpd.GeoDataFrame:
    """A wild network: edges of 0 m to 300 m, loops, parallels, some bridges."""
    random = np.random.default_rng(seed)
    places = {number: tuple(place) for number, place in enumerate(random.uniform(0, 2000, (count, 2)))}
    edges: list[Edge] = []
    for _ in range(3 * count):
        start, end = (int(node) for node in random.integers(0, count, 2))
        length = float(random.choice([0.0, 1e-6, 0.002, 0.05, 1.0, 20.0, 300.0]))
        edges.append((start, end, {"length_m": length, "bridge": bool(random.random() < 0.2)}))
    return _network(places, edges)


@pytest.mark.parametrize("seed", range(4))
def test_no_road_is_ever_steeper_than_allowed(seed: int) -> None:
    random = np.random.default_rng(seed)
    result: DrapeResult = drape({"roads": _tangle(seed)}, lambda x, y: random.uniform(150, 420, x.shape))
    roads = result.networks["roads"]
    assert roads["gradient"].abs().max() <= MAX_ROAD_GRADIENT
    rise = (roads["elevation_to_m"] - roads["elevation_from_m"]).abs()
    assert (rise <= MAX_ROAD_GRADIENT * roads["length_m"] + 1e-9).all()
    assert rise[roads["length_m"] == 0].max() < 1e-9


# ---- the arrays underneath


def _edges(*pairs: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    start, end = np.array(pairs, dtype=np.int64).T
    return start, end


def test_smoothing_interpolates_by_length() -> None:
    start, end = _edges((0, 1), (1, 2), (3, 4))
    observed = np.array([100.0, np.nan, 130.0, np.nan, np.nan])
    weight = np.array([1e9, 0.0, 1e9, 0.0, 0.0])
    heights = smooth_heights(observed, weight, start, end, 1 / np.array([20.0, 10.0, 5.0]))
    assert heights[:3].tolist() == pytest.approx([100.0, 120.0, 130.0])
    assert np.isnan(heights[3:]).all()


def test_limits_move_what_weighs_least() -> None:
    start, end = _edges((0, 1), (1, 2))
    heights = np.array([0.0, 10.0, 0.0])
    rise = np.array([2.0, 2.0])
    light_middle = limit_gradients(heights, np.array([5.0, 1.0, 5.0]), start, end, rise)
    assert light_middle.tolist() == pytest.approx([0.0, 2.0, 0.0], abs=1e-6)
    heavy_middle = limit_gradients(heights, np.array([1.0, 50.0, 1.0]), start, end, rise)
    assert heavy_middle.tolist() == pytest.approx([8.0, 10.0, 8.0], abs=1e-6)


def test_limits_leave_the_rest_alone() -> None:
    start, end = _edges((0, 1), (1, 2), (2, 3), (4, 5))
    heights = np.array([0.0, 9.0, 9.5, 10.0, 0.0, np.nan])
    limited = limit_gradients(heights, np.ones(6), start, end, np.array([np.inf, 1.0, 1.0, 1.0]))
    np.testing.assert_array_equal(limited, heights)


def test_of_parallel_edges_the_strictest_holds() -> None:
    start, end = _edges((0, 1), (1, 0), (0, 1))
    limited = limit_gradients(np.array([0.0, 10.0]), np.ones(2), start, end, np.array([8.0, 3.0, 5.0]))
    assert limited[1] - limited[0] <= 3.0
    assert limited[1] - limited[0] == pytest.approx(3.0, abs=1e-6)
