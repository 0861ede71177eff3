"""Buildings: outlines, use, storeys, height, areas."""

from __future__ import annotations

import json
from pathlib import Path

import pyproj
import pytest
from osm_builder import Map, square, street

GEOD = pyproj.Geod(ellps="WGS84")


def one(drawing: Map, tmp_path: Path) -> dict[str, object]:
    row = drawing.read(tmp_path).layers["buildings"].iloc[0].to_dict()
    return {**row, "assumed": json.loads(row["assumed"])}


def house(**tags: str) -> Map:
    return square(street(), 2, 0.5, 0.5, tags={"building": "residential", **tags})


@pytest.mark.parametrize(
    ("tags", "levels", "height", "assumed"),
    [
        ({"building:levels": "10", "height": "33 m"}, 10, 33.0, {}),
        ({"building:levels": "10"}, 10, 30.0, {"height_m": "from levels"}),
        ({"building:levels": "3;4"}, 4, 12.0, {"height_m": "from levels"}),
        ({"building:levels": "2.5"}, 3, 9.0, {"height_m": "from levels"}),
        ({"height": "30"}, 10, 30.0, {"levels": "from height"}),
        ({"height": "98'6\""}, 10, 30.0228, {"levels": "from height"}),
        ({}, 6, 18.0, {"levels": "by use", "height_m": "from levels"}),
        ({"building": "house"}, 2, 6.0, {"levels": "by use", "height_m": "from levels"}),
        ({"building": "roof"}, 0, 2.5, {"levels": "by use", "height_m": "from levels"}),
        ({"building": "office", "building:levels": "10"}, 10, 36.0, {"height_m": "from levels"}),
        (
            {"building:levels": "5000", "height": "high"},
            6,
            18.0,
            {"levels": "by use: building:levels not readable", "height_m": "from levels: height not readable"},
        ),
    ],
)
def test_storeys_and_height(
    tmp_path: Path, tags: dict[str, str], levels: int, height: float, assumed: dict[str, str]
) -> None:
    row = one(house(**tags), tmp_path)
    assert row["levels"] == levels
    assert row["height_m"] == pytest.approx(height)
    assert row["assumed"] == assumed


def test_areas_are_those_on_the_ellipsoid(tmp_path: Path) -> None:
    row = one(house(**{"building:levels": "4"}), tmp_path)
    area, _ = GEOD.geometry_area_perimeter(row["geometry"])
    assert row["footprint_m2"] == pytest.approx(abs(area), rel=1e-5)
    assert row["floor_area_m2"] == pytest.approx(4 * abs(area), rel=1e-5)


@pytest.mark.parametrize(
    ("tags", "use"),
    [
        ({"building": "apartments"}, "residential"),
        ({"building": "yes", "amenity": "school"}, "education"),
        ({"building": "yes", "shop": "bakery"}, "retail"),
        ({"building": "yes", "office": "company"}, "office"),
        ({"building": "train_station"}, "transport"),
        ({"building": "tower", "tourism": "hotel"}, "hotel"),
    ],
)
def test_use_that_the_building_says_itself(tmp_path: Path, tags: dict[str, str], use: str) -> None:
    row = one(house(**tags), tmp_path)
    assert row["use"] == use
    assert "use" not in row["assumed"]


def test_use_by_what_is_inside_then_by_landuse_then_the_most_common(tmp_path: Path) -> None:
    drawing = street()
    for way, x in ((2, 0.5), (3, 1.5), (4, 9.0)):
        square(drawing, way, x, 0.5, tags={"building": "yes"})
    square(drawing, 5, 1, 0, 1, {"landuse": "commercial"})
    square(drawing, 6, 0, 0, 3, {"landuse": "residential"})
    square(drawing, 7, 0, 0, 4, {"landuse": "industrial"})
    drawing.node(61, 0.6, 0.6, amenity="hospital").node(62, 1.6, 0.6, amenity="cafe")
    buildings = drawing.read(tmp_path).layers["buildings"]
    assert buildings["use"].to_dict() == {"w2": "health", "w3": "commercial", "w4": "residential"}
    reasons = [json.loads(text)["use"] for text in buildings["assumed"]]
    assert reasons == ["health inside", "landuse around it", "most common use"]


def test_a_multipolygon_keeps_its_court_and_is_not_doubled(tmp_path: Path) -> None:
    drawing = square(square(street(), 2, 0, 1, 1.0), 3, 0.25, 1.25, 0.5)
    drawing.relation(7, [("way", 2, "outer"), ("way", 3, "inner")], {"type": "multipolygon", "building": "yes"})
    buildings = drawing.read(tmp_path).layers["buildings"]
    assert buildings.index.tolist() == ["r7"]
    assert len(buildings.geometry.iloc[0].interiors) == 1
    area, _ = GEOD.geometry_area_perimeter(buildings.geometry.iloc[0])
    assert buildings["footprint_m2"].iloc[0] == pytest.approx(abs(area), rel=1e-5)


def test_a_tagged_outline_of_a_multipolygon_building_is_dropped_and_counted(tmp_path: Path) -> None:
    drawing = square(square(street(), 2, 0, 1, 1.0, {"building": "yes"}), 3, 0.25, 1.25, 0.5)
    drawing.relation(7, [("way", 2, "outer"), ("way", 3, "inner")], {"type": "multipolygon", "building": "yes"})
    extract = drawing.read(tmp_path)
    assert extract.layers["buildings"].index.tolist() == ["r7"]
    assert extract.report.dropped["buildings"] == {"outline of a building multipolygon": 1}


def test_a_ring_of_several_open_ways_is_closed(tmp_path: Path) -> None:
    drawing = street().nodes({11: (0, 1), 12: (1, 1), 13: (1, 2), 14: (0, 2)})
    drawing.way(2, [11, 12, 13], {}).way(3, [11, 14, 13], {})
    drawing.relation(7, [("way", 2, "outer"), ("way", 3, "outer")], {"type": "multipolygon", "building": "yes"})
    row = one(drawing, tmp_path)
    assert row["geometry"].geom_type == "Polygon"
    assert row["footprint_m2"] == pytest.approx(96.9 * 110.8, rel=0.01)


def test_two_blocks_are_one_building_of_two_polygons(tmp_path: Path) -> None:
    drawing = square(square(street(), 2, 0, 1), 3, 1, 1)
    drawing.relation(7, [("way", 2, "outer"), ("way", 3, "outer")], {"type": "multipolygon", "building": "yes"})
    buildings = drawing.read(tmp_path).layers["buildings"]
    assert buildings.geometry.geom_type.tolist() == ["MultiPolygon"]
    assert buildings.index.tolist() == ["r7"]


def test_a_missing_court_is_left_out_and_a_missing_outline_drops_the_building(tmp_path: Path) -> None:
    drawing = square(street(), 2, 0, 1)
    drawing.relation(7, [("way", 2, "outer"), ("way", 99, "inner")], {"type": "multipolygon", "building": "yes"})
    drawing.relation(8, [("way", 2, "outer"), ("way", 98, "outer")], {"type": "multipolygon", "building": "yes"})
    report = drawing.read(tmp_path).report
    assert report.repaired["buildings"] == {"inner ring left out: member missing": 1}
    assert report.dropped["buildings"] == {"member missing": 1}


def test_a_bow_tie_is_repaired_and_counted(tmp_path: Path) -> None:
    drawing = street().nodes({11: (0, 1), 12: (1, 2), 13: (1, 1), 14: (0, 2)})
    extract = drawing.way(2, [11, 12, 13, 14, 11], {"building": "yes"}).read(tmp_path)
    assert extract.layers["buildings"].geometry.is_valid.all()
    assert extract.report.repaired["buildings"] == {"self-intersection": 1}


@pytest.mark.parametrize(
    ("refs", "reason"),
    [
        ([11, 12, 13], "not closed"),
        ([11, 12, 99, 11], "node missing"),
        ([11, 12, 50, 11], "coordinates out of range"),
        ([11, 12, 15, 11], "no area"),
    ],
)
def test_an_outline_that_cannot_be_drawn_is_dropped_with_the_reason(
    tmp_path: Path, refs: list[int], reason: str
) -> None:
    drawing = street().nodes({11: (0, 1), 12: (1, 1), 13: (1, 2), 15: (2, 1)}).raw_node(50, "200", "29.5")
    extract = drawing.way(2, refs, {"building": "yes"}).read(tmp_path)
    assert extract.report.dropped["buildings"] == {reason: 1}
    assert extract.layers["buildings"].empty


def test_nodes_and_no_buildings(tmp_path: Path) -> None:
    drawing = square(street(), 2, 0, 1, tags={"building": "no"}).node(70, 1, 1, building="yes")
    extract = drawing.read(tmp_path)
    assert extract.layers["buildings"].empty
    assert extract.report.dropped["buildings"] == {"a node, no outline": 1}


def test_a_city_of_one_storey_houses_is_doubted(tmp_path: Path) -> None:
    drawing = street()
    for i in range(100):
        square(drawing, 100 + i, i % 10, 1 + i // 10, tags={"building": "yes", "building:levels": "1"})
    assert any("100 of the 100 buildings" in sentence for sentence in drawing.read(tmp_path).report.warnings)
