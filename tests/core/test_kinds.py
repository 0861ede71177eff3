"""A name of the city is a layer or a coverage; what comes under it later must be of the same kind."""

import geopandas as gpd
import pytest
import shapely

from cim_core.city import City
from cim_core.errors import CityError
from cim_core.importing import import_raster, import_vector
from cim_core.layers import STANDARD_LAYERS
from cim_core.testing.tiny import tiny_elevation

POIS = STANDARD_LAYERS["pois"]


def state(city: City) -> tuple:
    """What the city shows, and every file it keeps."""
    now = City.open(city.root)
    files = {path for folder in ("snapshots", "coverages", "tmp") for path in (city.root / folder).rglob("*.*")}
    return now.sequence, now.versions, files


def points(city: City, path) -> object:
    middle = shapely.Point(*city.layer("pois").to_crs(4326).geometry.iloc[0].coords[0])
    gpd.GeoDataFrame({"kind": ["bench"]}, geometry=[middle], crs=4326).to_file(path, engine="pyogrio")
    return path


def test_a_vector_file_is_not_imported_under_the_name_of_a_coverage(city, tmp_path):
    before = state(city)
    with pytest.raises(CityError, match=r"city\.other_kind") as caught:
        import_vector(city, points(city, tmp_path / "benches.geojson"), layer="elevation")
    assert (caught.value.expected, caught.value.got) == ("a coverage, or another name", "a layer")
    assert "--layer" in caught.value.remedy
    assert state(city) == before
    assert City.open(city.root).has_coverage("elevation")


def test_a_raster_is_not_imported_under_the_name_of_a_layer(city, tmp_path):
    before = state(city)
    with pytest.raises(CityError, match=r"city\.other_kind") as caught:
        import_raster(city, tiny_elevation(tmp_path / "hill.tif"), layer="roads")
    assert (caught.value.expected, caught.value.got) == ("a layer, or another name", "a coverage")
    assert state(city) == before
    assert City.open(city.root).has_layer("roads")


def test_a_put_of_another_kind_takes_the_rest_of_its_version_with_it(city):
    before = state(city)

    def mixed() -> None:
        with city.edit("mixed") as session:
            session.put_layer(city.layer("pois").iloc[:1], POIS)
            session.put_layer(city.layer("pois"), POIS.model_copy(update={"name": "elevation"}))

    with pytest.raises(CityError, match=r"city\.other_kind"):
        mixed()
    assert state(city) == before


def test_one_version_does_not_bring_two_kinds_of_one_name(city, tmp_path):
    cog = city.store.coverage_path("elevation", city.layer_hash("elevation"))
    info = {"bounds": city.versions["elevation"].bounds}
    before = state(city)

    def mixed() -> None:
        with city.edit("mixed") as session:
            session.put_layer(city.layer("pois"), POIS.model_copy(update={"name": "new"}))
            session.put_coverage("new", cog, "0" * 64, info)

    with pytest.raises(CityError, match=r"city\.other_kind"):
        mixed()
    assert state(city) == before


def test_a_name_that_was_given_up_may_become_another_kind(city):
    cog = city.store.coverage_path("elevation", city.layer_hash("elevation"))
    with city.edit("given up and taken") as session:
        session.remove("elevation")
        session.remove("pois")
        session.put_layer(city.layer("pois"), POIS.model_copy(update={"name": "elevation"}))
        session.put_coverage("pois", cog, "1" * 64, {"bounds": city.versions["elevation"].bounds})
    after = City.open(city.root)
    assert (after.has_layer("elevation"), after.has_coverage("elevation")) == (True, False)
    assert (after.has_coverage("pois"), after.has_layer("pois")) == (True, False)
    with pytest.raises(CityError, match=r"city\.other_kind"), after.edit("back") as session:
        session.put_layer(city.layer("pois"), POIS)
