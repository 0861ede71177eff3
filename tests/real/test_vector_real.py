"""Real places, stations and boundaries as layers."""

from __future__ import annotations

import pytest

from cim_core.crs import gcj02_suspicion, refuse_far
from cim_core.gis.vector import read_vector
from cim_core.layers import POIS
from cim_core.store.content import conform
from tests.real.inputs import real

pytestmark = pytest.mark.real

YUZHONG = (106.4677, 29.5069, 106.5966, 29.5953)


def test_places_become_a_standard_layer() -> None:
    extract = read_vector(real("yuzhong/pois.geojson"), target=POIS)
    assert extract.report.read["pois"] == extract.report.kept["pois"] == 136
    assert "希尔顿酒店" in set(extract.frame["name"])
    assert extract.frame.loc["850366236", ["category", "kind"]].tolist() == ["tourism", "hotel"]
    conform(extract.frame.to_crs(32648), POIS)


def test_stations_keep_both_names() -> None:
    extract = read_vector(real("yuzhong/transit.geojson"))
    assert len(extract.frame) == 90
    assert extract.frame.loc["661044018", ["name", "name:en"]].tolist() == ["黄花园", "Huanghuayuan"]
    refuse_far(tuple(extract.frame.total_bounds), YUZHONG, where="transit")


@pytest.mark.parametrize(("source_crs", "suspected"), [(None, True), ("gcj02", False)])
def test_the_amap_district_is_suspected_unless_declared(source_crs: str | None, suspected: bool) -> None:
    city = read_vector(real("yuzhong/boundary.geojson")).frame
    district = read_vector(real("boundaries_gcj02/amap_land_500103.geojson"), source_crs=source_crs).frame
    assert (gcj02_suspicion(district.geometry, city.geometry) is not None) == suspected


def test_all_districts_are_read() -> None:
    files = sorted(real("boundaries_gcj02").glob("*.geojson"))
    kept = [read_vector(file, source_crs="gcj02").frame for file in files]
    assert len(kept) == 39
    assert all(frame.geometry.is_valid.all() for frame in kept)
