"""A way that is corrected to a bridge gets the heights of a bridge, whatever comes first: correction, map or raster."""

from pathlib import Path

import numpy as np
import pytest
import rasterio
from osm_builder import SOUTH, STEP, WEST, Map
from pandas.testing import assert_frame_equal
from rasterio.transform import from_origin

from cim_core.city import City
from cim_core.importing import HEIGHTS, import_osm, import_raster

PARTS = ("w3-n3", "w4-n4")
"""The two parts of the bridge; the node 4 between them is over the river."""
BANK_M, RIVER_M = 250.0, 160.0


def town(folder: Path, **tags: str) -> Path:
    """Six streets in a row, from node to node; the tags are those of the third and the fourth."""
    drawing = Map().nodes({node: (node, 0.0) for node in range(1, 8)})
    for way in range(1, 7):
        drawing.way(way, [way, way + 1], {"highway": "residential", **(tags if way in (3, 4) else {})})
    return drawing.save(folder)


def gorge(path: Path) -> Path:
    """Level banks, and a river 90 m below between the nodes 3 and 5; cells of about 10 m."""
    step = STEP / 10
    west, north = WEST - STEP, SOUTH + 2 * STEP
    lon = west + step * (np.arange(100) + 0.5)
    river = (lon > WEST + 3.3 * STEP) & (lon < WEST + 4.7 * STEP)
    values = np.broadcast_to(np.where(river, RIVER_M, BANK_M), (40, 100)).astype("float32")
    shape = {"height": 40, "width": 100, "count": 1, "dtype": "float32", "crs": "EPSG:4326"}
    with rasterio.open(path, "w", driver="GTiff", transform=from_origin(west, north, step, step), **shape) as raster:
        raster.write(values, 1)
    return path


def empty(folder: Path) -> City:
    folder.mkdir()
    return City.create(folder / "city")


def heights(city: City):
    return City.open(city.root).layer("roads")[list(HEIGHTS)]


def correct(city: City, **fields: object) -> None:
    with City.open(city.root).edit("correct") as session:
        for part in PARTS:
            session.correct("roads", part, fields)


@pytest.fixture
def raster(tmp_path: Path) -> Path:
    return gorge(tmp_path / "gorge.tif")


@pytest.fixture
def of_source(tmp_path: Path, raster: Path):
    """The heights where the source says itself that it is a bridge."""
    city = empty(tmp_path / "source")
    import_raster(city, raster, layer="elevation")
    import_osm(City.open(city.root), town(tmp_path / "source", bridge="yes"))
    return heights(city)


@pytest.fixture
def city(tmp_path: Path) -> City:
    """The same streets from a source that does not know of the bridge."""
    city = empty(tmp_path / "town")
    import_osm(city, town(tmp_path / "town"))
    return City.open(city.root)


def test_the_source_s_own_bridge_is_level_and_without_it_the_road_falls_into_the_river(of_source, city, raster):
    import_raster(city, raster, layer="elevation")
    assert of_source.at["w3-n3", "elevation_to_m"] == pytest.approx(BANK_M, abs=1.0)
    assert of_source.gradient.abs().max() < 0.01
    assert heights(city).at["w3-n3", "elevation_to_m"] < BANK_M - 10


def test_a_correction_before_a_new_import_of_the_map(of_source, city, raster, tmp_path):
    import_raster(city, raster, layer="elevation")
    correct(city, bridge=True)
    import_osm(City.open(city.root), town(tmp_path / "town"))
    assert_frame_equal(heights(city), of_source)


def test_a_correction_before_the_raster(of_source, city, raster):
    correct(city, bridge=True)
    import_raster(City.open(city.root), raster, layer="elevation")
    assert_frame_equal(heights(city), of_source)


def test_a_correction_that_was_withdrawn_no_longer_counts(of_source, city, raster, tmp_path):
    import_raster(city, raster, layer="elevation")
    before = heights(city)
    correct(city, bridge=True)
    with City.open(city.root).edit("withdraw") as session:
        session.withdraw(1)
        session.withdraw(2)
    import_osm(City.open(city.root), town(tmp_path / "town"))
    assert_frame_equal(heights(city), before)
    assert not City.open(city.root).layer("roads").bridge.any()


def test_what_the_map_says_of_the_bridge_stays_what_the_map_said(city, raster, tmp_path):
    correct(city, bridge=True)
    import_raster(City.open(city.root), raster, layer="elevation")
    import_osm(City.open(city.root), town(tmp_path / "town"))
    after = City.open(city.root)
    assert after.layer("roads").loc[list(PARTS)].bridge.all()
    base = after.store.read_layer("roads", after.versions["roads"].base)
    assert not base.bridge.any(), "the base is the source's; corrections stand over it"
