"""Walking reach: speeds, stairs, closures with their hours, what cannot get anywhere, and the real peninsula."""

import math
import os
from pathlib import Path
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from pyproj import CRS

from cim_core.bundle import check
from cim_core.errors import NotFoundError
from cim_core.instants import Window, parse_moment
from cim_core.overlay import Ledger
from cim_core.plan import Edit
from cim_core.scenario import Context, Manifest
from cim_core.testing.tiny import BRIDGES, STAIRWAY, tiny_layers
from scenarios.access.parameters import ReachParameters
from scenarios.access.reach import reach
from scenarios.access.walking import FLAT_MPS, STAIRS_DOWN_MPS, STAIRS_UP_MPS, tobler_mps, walking_s

MANIFEST = Path(__file__).parents[2] / "scenarios" / "access" / "manifest.toml"
REAL = Path(__file__).parents[2].parent / "shared" / "data" / "yuzhong" / "yuzhong.osm.pbf"


class FrameCity:
    """Frames in memory behind the city's reading interface, with a plan's edits."""

    crs = CRS(32648)
    timezone = "Asia/Shanghai"

    def __init__(self, layers: dict[str, gpd.GeoDataFrame], edits: tuple[Edit, ...] = ()) -> None:
        self._layers = {name: frame.to_crs(self.crs) for name, frame in layers.items()}
        self.ledger = Ledger(edits)

    def layer(self, name, columns=None):
        return self._layers[name]

    def has_layer(self, name):
        return name in self._layers

    def take_edits(self, layer, fields, day):
        return self.ledger.take(layer, fields, day, None)

    def give_back(self, edit, features, reason):
        self.ledger.give_back(edit, features, reason)


def close(layer: str, *features: str, hours: tuple[str, str] | None = None, sides=("forward", "backward")) -> Edit:
    window = Window(*map(parse_moment, hours)) if hours else Window()
    return Edit(layer, features[0], features, "set", tuple((f"closed_{side}", True) for side in sides), window)


def run(layers, *edits: Edit, **parameters):
    city = FrameCity(layers, edits)
    context = Context(seed=1, scratch=Path(), out=Path(), baseline=city, cache=SimpleNamespace())
    return reach(city, ReachParameters(**parameters), context), city


@pytest.fixture(scope="module")
def layers():
    return tiny_layers()


@pytest.fixture(scope="module")
def baseline(layers):
    return run(layers)[0]


def test_toblers_function_at_its_published_points():
    assert tobler_mps([0.0, -0.05, 0.05]) * 3.6 == pytest.approx([5.0367, 6.0, 4.2281], abs=1e-4)


def test_stairs_go_by_direction_and_average_their_paces_where_it_is_unknown():
    up, down, unknown = walking_s([10.0] * 3, [4.0, -4.0, math.nan], [True] * 3)
    assert (up, down) == (pytest.approx(10 / STAIRS_UP_MPS), pytest.approx(10 / STAIRS_DOWN_MPS))
    assert unknown == pytest.approx((up + down) / 2)
    assert walking_s([0.0], [1.0], [False]).tolist() == [0.0]


def test_the_result_is_what_the_manifest_declares(baseline):
    declaration = Manifest.read(MANIFEST).analyses["reach"]
    check(baseline, declaration, "access.reach")
    assert all(declaration.layers[name].show in frame.columns for name, frame in baseline.layers.items())


def test_everyone_in_the_tiny_city_gets_to_a_station(baseline):
    assert baseline.figures["buildings_cut_off"] == 0
    assert baseline.figures["buildings_reached"] == 40
    assert 60 < baseline.figures["mean_walk_time"] < 900
    assert 0 < baseline.figures["stairs_share"] < 1
    assert baseline.tables["destinations"]["buildings"].sum() == 40
    assert baseline.warnings == []


def test_a_walk_along_one_street_takes_its_length_over_toblers_speed(layers):
    flat = {**layers, "roads": layers["roads"].assign(elevation_from_m=0.0, elevation_to_m=0.0)}
    street = flat["roads"].loc["w9100-n1000"]
    west, east = street.geometry.coords[0], street.geometry.coords[-1]
    door = [shapely.Point(west).buffer(1e-7)]
    flat["buildings"] = layers["buildings"].iloc[:1].set_geometry(door, crs=4326)
    found, _ = run(flat, to=f"{east[0]},{east[1]}")
    assert found.layers["buildings_result"]["walk_time_s"].iloc[0] == pytest.approx(
        street.length_m / FLAT_MPS, rel=1e-3
    )


def test_uphill_and_downhill_differ(layers):
    ends = layers["roads"].loc["w9200-n1000"].geometry.coords
    low, high = (f"{lon},{lat}" for lon, lat in (ends[0], ends[-1]))
    there, back = (run(layers, to=to)[0].figures["mean_walk_time"] for to in (low, high))
    assert there != pytest.approx(back, rel=0.01)


def test_closing_the_stairway_lengthens_walks_and_cuts_off_who_lives_on_it_alone(layers, baseline):
    closed, city = run(layers, close("walkways", STAIRWAY))
    assert closed.figures["mean_walk_time"] > baseline.figures["mean_walk_time"]
    assert closed.figures["stairs_share"] == 0
    houses = closed.layers["buildings_result"]
    stuck = houses.index[houses["walk_time_s"].isna()]
    stairs, streets = city.layer("walkways").geometry[STAIRWAY], city.layer("roads").union_all()
    assert closed.figures["buildings_cut_off"] == len(stuck) == 2
    assert (houses.geometry[stuck].distance(stairs) < 30).all()
    assert (houses.geometry[stuck].distance(streets) > 30).all()
    assert closed.layers["ways_result"].loc[STAIRWAY, "closed"]
    assert city.ledger.unused() == []


def test_a_closure_counts_only_in_its_hours_and_says_so_outside_them(layers, baseline):
    evening = close("walkways", STAIRWAY, hours=("18:00", "20:00"))
    morning, city = run(layers, evening, at="08:00")
    assert morning.figures == baseline.figures
    assert city.ledger.unused()[0]["reason"] == "it does not hold at the time asked about"
    assert run(layers, evening, at="18:00")[0].figures["stairs_share"] == 0
    assert run(layers, evening, at="20:00")[0].figures == baseline.figures


def test_a_one_way_street_does_not_stop_walkers_but_a_one_way_stairway_does(layers, baseline):
    street, city = run(layers, close("roads", "w9102-n1021", sides=("forward",)))
    assert street.figures == baseline.figures
    assert "walkers go both ways" in city.ledger.unused()[0]["reason"]
    up, down = (run(layers, close("walkways", STAIRWAY, sides=(side,)))[0] for side in ("backward", "forward"))
    assert up.figures["mean_walk_time"] != down.figures["mean_walk_time"]


def test_closing_both_bridges_cuts_off_the_far_bank(layers):
    far = layers["buildings"].iloc[:1].set_axis(["far"])
    bank = layers["roads"].loc["w9260-n2011"].geometry.interpolate(0.5, normalized=True).buffer(1e-5)
    city = {**layers, "buildings": pd.concat([layers["buildings"], far.set_geometry([bank], crs=4326)])}
    bridges = [part for parts in BRIDGES.values() for part in parts]
    one, both = (run(city, close("roads", *parts))[0] for parts in (bridges[:2], bridges))
    assert one.figures["buildings_cut_off"] == 0
    assert both.figures["buildings_cut_off"] == 1
    assert np.isnan(both.layers["buildings_result"].loc["far", "walk_time_s"])
    assert any("1 buildings have no way" in text for text in both.warnings)


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_closing_ways_never_shortens_a_walk(data):
    layers = tiny_layers()
    open_city = run(layers, to="school")[0].layers["buildings_result"]["walk_time_s"]
    roads = data.draw(st.lists(st.sampled_from(list(layers["roads"].index)), max_size=12, unique=True))
    edits = [close("roads", *roads)] if roads else []
    shut = run(layers, *edits, close("walkways", STAIRWAY), to="school")[0].layers["buildings_result"]["walk_time_s"]
    assert (shut.fillna(np.inf) >= open_city - 1e-9).all()


def test_isochrones_grow_and_agree_with_the_minutes(layers, baseline):
    areas = baseline.layers["isochrones"]
    assert areas["minutes"].tolist() == [5, 10, 15]
    assert areas["area_m2"].is_monotonic_increasing
    longer, shorter = (run(layers, minutes=minutes)[0].figures for minutes in (6, 3))
    assert shorter["network_length"] < longer["network_length"] <= layers["roads"].length_m.sum() + 400
    assert shorter["buildings_reached"] <= longer["buildings_reached"]
    assert shorter["mean_walk_time"] == longer["mean_walk_time"]


def test_without_elevation_the_city_is_level_and_the_result_says_so(layers):
    none = dict.fromkeys(("elevation_from_m", "elevation_to_m", "gradient"), math.nan)
    flat = layers | {name: layers[name].assign(**none) for name in ("roads", "walkways")}
    found, _ = run(flat)
    assert any("100% of the ways have no elevation" in text for text in found.warnings)
    assert found.figures["buildings_cut_off"] == 0


def test_without_walkways_only_streets_are_walked(layers):
    streets = {name: frame for name, frame in layers.items() if name != "walkways"}
    assert run(streets, to="school")[0].figures["stairs_share"] == 0


def test_motorways_and_roads_forbidden_on_foot_are_not_walked(layers, baseline):
    changed = layers["roads"].copy()
    changed.loc["w9102-n1021", "class"] = "trunk"
    changed.loc["w9102-n1022", "tags"] = '{"foot": "no"}'
    found, city = run({**layers, "roads": changed}, close("roads", "w9102-n1021"))
    missing = set(baseline.layers["ways_result"].index) - set(found.layers["ways_result"].index)
    assert missing == {"w9102-n1021", "w9102-n1022"}
    assert city.ledger.unused()[0]["reason"] == "nobody walks there anyway"


def test_a_kind_that_is_not_there_is_answered_with_those_that_are(layers):
    with pytest.raises(NotFoundError, match="no place of that kind") as caught:
        run(layers, to="airport")
    assert "subway_entrance" in caught.value.expected
    with pytest.raises(NotFoundError, match="near a way that people walk on"):
        run(layers, to="106.0,29.0")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"minutes": 0}, "greater than 0"),
        ({"at": "25:00"}, "not a time of day"),
        ({"at": "2026-05-01T08:00+08:00"}, "not a clock time"),
        ({"to": "106.5;29.5"}, "neither a kind of place"),
        ({"day": "someday"}, "Invalid isoformat"),
        ({"speed": 3}, "Extra inputs"),
    ],
)
def test_wrong_parameters_are_refused(wrong, said):
    with pytest.raises(ValidationError, match=said):
        ReachParameters(**wrong)


@pytest.mark.real
def test_on_the_peninsula_most_homes_reach_a_station_in_a_quarter_of_an_hour():
    if not REAL.exists():
        assert "data" not in os.environ.get("CIM_REQUIRE", ""), f"{REAL} is required and absent"
        pytest.skip(f"{REAL} is absent: nothing was checked against the real city")
    from cim_core.gis.osm import read_osm

    layers = read_osm(REAL).layers
    found, _ = run(layers)
    assert 0.6 < found.figures["share_reached"] <= 1
    assert found.facts["stairways"] > 300
    assert 0.01 < found.figures["stairs_share"] < 0.4
    stairs = layers["walkways"].index[layers["walkways"]["stairs"].astype(bool)]
    shut, _ = run(layers, close("walkways", *stairs))
    assert shut.figures["stairs_share"] == 0
    assert shut.figures["mean_walk_time"] > found.figures["mean_walk_time"]
