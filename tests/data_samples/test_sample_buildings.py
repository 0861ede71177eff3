"""The sample's buildings, ground, rail and places: apart from each other, dry, beside streets, where people look."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from cim_core.city import City
from cim_core.crs import geodesic_area_m2


@pytest.fixture(scope="module")
def houses(town: City) -> gpd.GeoDataFrame:
    return town.layer("buildings")


def test_buildings_do_not_overlap(houses: gpd.GeoDataFrame) -> None:
    shapes = houses.geometry.to_numpy()
    one, two = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=0.5)
    assert (one == two).all()
    assert shapely.is_valid(shapes).all()


def test_buildings_stand_clear_of_streets_and_water(town: City, houses: gpd.GeoDataFrame) -> None:
    shapes = shapely.STRtree(houses.geometry.to_numpy())
    roads, walkways = town.layer("roads"), town.layer("walkways")
    for frame, metres in ((roads, 2.5), (walkways, 0.2)):
        open_air = frame[~frame["tunnel"]]
        near, _ = shapes.query(open_air.geometry.to_numpy(), predicate="dwithin", distance=metres)
        assert open_air.index[np.unique(near)].tolist() == []
    water = town.layer("water")
    wet, _ = shapes.query(water[water["class"] != "stream"].geometry.to_numpy(), predicate="intersects")
    assert len(wet) == 0


def test_buildings_face_a_street(town: City, houses: gpd.GeoDataFrame) -> None:
    ways = [*town.layer("roads").geometry, *town.layer("walkways").geometry]
    nearest = shapely.STRtree(ways).query_nearest(houses.geometry.to_numpy(), all_matches=False, return_distance=True)[
        1
    ]
    assert np.quantile(nearest, 0.95) < 45


def test_storeys_heights_and_areas_agree(houses: gpd.GeoDataFrame) -> None:
    area = geodesic_area_m2(houses.geometry.to_crs("EPSG:4326").to_numpy())
    assert np.allclose(area, houses["footprint_m2"], rtol=1e-6)
    assert np.allclose(houses["floor_area_m2"], houses["footprint_m2"] * houses["levels"])
    assert (houses["height_m"] / houses["levels"]).between(2.7, 7.1).all()
    assert houses["levels"].max() >= 40
    assert (houses["levels"] <= 3).mean() > 0.1


def test_towers_stand_in_the_centre_and_homes_beyond_the_rivers(town: City, houses: gpd.GeoDataFrame) -> None:
    towers = houses[houses["levels"] >= 30]
    assert len(towers) >= 12
    spread = towers.geometry.centroid
    assert np.hypot(spread.x.std(), spread.y.std()) < 1500
    area = houses.groupby("use")["floor_area_m2"].sum()
    assert area["residential"] > area["office"] > area["retail"]


def test_the_ground_has_a_ridge_hills_and_two_rivers_at_one_level(town: City) -> None:
    ground = town.coverage("elevation")
    heights = ground.read()
    assert ground.shape[0] * ground.shape[1] > 500_000
    assert np.nanmax(heights) - np.nanmin(heights) > 200
    rivers = town.layer("water").query("`class` == 'river'").geometry.union_all()
    spots = shapely.get_coordinates(rivers.buffer(-30).representative_point())
    assert ground.sample(*spots.T)[0] == pytest.approx(np.nanmin(heights))
    assert np.nanmedian(heights) > np.nanmin(heights) + 20


def test_rail_goes_through_a_tunnel_and_over_a_bridge_of_its_own(town: City) -> None:
    rail = town.layer("rail")
    assert rail["tunnel"].any()
    deck = rail[rail["group"] == "bridge:霁月轨道桥"]
    rivers = town.layer("water").query("`class` == 'river'").geometry.union_all()
    assert deck.geometry.intersection(rivers).length.sum() > 150
    assert (deck["layer"] > 0).all()


@pytest.mark.parametrize(
    ("kind", "least"),
    [("school", 15), ("hospital", 4), ("fire_station", 4), ("subway_entrance", 20), ("bus_stop", 60), ("park", 6)],
)
def test_places_that_people_look_for(town: City, kind: str, least: int) -> None:
    assert (town.layer("pois")["kind"] == kind).sum() >= least


def test_institutions_have_a_building_of_their_use(town: City, houses: gpd.GeoDataFrame) -> None:
    pois = town.layer("pois")
    for kind, use in (("hospital", "health"), ("school", "education"), ("fire_station", "civic")):
        places = pois[pois["kind"] == kind]
        inside = gpd.sjoin(places, houses[houses["use"] == use], predicate="within")
        assert len(inside) == len(places)
