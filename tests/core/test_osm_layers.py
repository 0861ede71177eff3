"""The frames themselves, and the layers of places, rail and water."""

from __future__ import annotations

import bz2
import gzip
import json
from pathlib import Path

import numpy as np
import osmium
import pytest
from geopandas.testing import assert_geodataframe_equal
from osm_builder import Map, square, street

from cim_core.gis.osm import OsmExtract, read_osm
from cim_core.layers import STANDARD_LAYERS

DTYPES = {"string": "object", "json": "object", "list<int64>": "object", "float64": "float64", "bool": "bool"}


def everything() -> Map:
    """A little of each layer."""
    drawing = (
        street(name="中山路").node(4, 1, 1, highway="traffic_signals").node(5, 2, 1, amenity="parking", capacity="20")
    )
    drawing.way(2, [2, 4, 5], {"highway": "steps"}).way(3, [4, 5], {"railway": "subway", "tunnel": "yes"})
    square(drawing, 6, 0, 2, tags={"building": "yes", "amenity": "school", "name": "小学"})
    square(drawing, 7, 1, 2, tags={"natural": "water", "water": "pond"})
    square(drawing, 8, 2, 2, tags={"amenity": "parking", "parking": "underground"})
    drawing.way(9, [4, 5], {"waterway": "stream"})
    members = [("way", 1, "from"), ("node", 2, "via"), ("way", 10, "to")]
    drawing.node(20, 1, -1).way(10, [2, 20], {"highway": "service"})
    return drawing.relation(11, members, {"type": "restriction", "restriction": "no_right_turn"})


def test_every_layer_carries_its_schema_exactly(tmp_path: Path) -> None:
    for extract in (everything().read(tmp_path), street().read(tmp_path)):
        assert list(extract.layers) == list(STANDARD_LAYERS)
        for name, schema in STANDARD_LAYERS.items():
            frame = extract.layers[name]
            assert list(frame.columns) == [*schema.names, "geometry"], name
            assert frame.index.name == "id"
            assert frame.index.is_unique
            assert frame.crs.to_epsg() == 4326
            for field in schema.fields:
                whole = "Int64" if field.nullable else "int64"
                assert str(frame[field.name].dtype) == DTYPES.get(field.dtype, whole), (name, field.name)
                assert field.nullable or not frame[field.name].isna().any(), (name, field.name)


def test_read_is_kept_plus_dropped_in_every_layer(tmp_path: Path) -> None:
    layers = everything().read(tmp_path).report.as_dict()["layers"]
    assert {"roads", "walkways", "buildings", "pois", "rail", "water", "signals", "parking"} <= set(layers)
    for name, counts in layers.items():
        assert counts["read"] == counts["kept"] + sum(counts["dropped"].values()), name


def test_json_fields_are_canonical(tmp_path: Path) -> None:
    for frame in everything().read(tmp_path).layers.values():
        for text in [*frame["tags"], *frame["assumed"]]:
            assert text == json.dumps(json.loads(text), sort_keys=True, ensure_ascii=False)


def test_places_are_points_with_category_and_kind(tmp_path: Path) -> None:
    drawing = everything().node(30, 0, 0, railway="subway_entrance").node(31, 0, 0, railway="switch")
    drawing.node(32, 0, 0, highway="bus_stop").raw_node(33, "NaN", "29", {"shop": "tea"})
    extract = drawing.read(tmp_path)
    pois = extract.layers["pois"]
    assert dict(zip(pois.index, zip(pois["category"], pois["kind"], strict=True), strict=True)) == {
        "n30": ("railway", "subway_entrance"),
        "n32": ("public_transport", "bus_stop"),
        "w6": ("amenity", "school"),
    }
    assert extract.layers["buildings"].geometry["w6"].contains(pois.geometry["w6"])
    assert extract.report.dropped["pois"] == {"coordinates out of range": 1}


def test_parking_has_kind_and_capacity(tmp_path: Path) -> None:
    parking = everything().read(tmp_path).layers["parking"]
    assert parking["kind"].to_dict() == {"n5": "surface", "w8": "underground"}
    assert parking["capacity"].tolist()[0] == 20
    assert parking["capacity"].isna().tolist() == [False, True]
    assert json.loads(parking["assumed"]["n5"]) == {"kind": "not said"}


def test_water_is_areas_and_lines(tmp_path: Path) -> None:
    water = everything().read(tmp_path).layers["water"]
    assert water["class"].to_dict() == {"w7": "pond", "w9": "stream"}
    assert water.geometry.geom_type.to_dict() == {"w7": "Polygon", "w9": "LineString"}


def test_rail_in_use_is_kept_and_clipped_rail_gives_pieces(tmp_path: Path) -> None:
    drawing = everything().way(40, [1, 2, 99, 3, 4], {"railway": "tram"}).way(41, [1, 2], {"railway": "abandoned"})
    extract = drawing.read(tmp_path)
    assert extract.layers["rail"]["class"].to_dict() == {"w3": "subway", "w40": "tram", "w40.2": "tram"}
    assert extract.layers["rail"].loc["w3", "layer"] == -1
    assert extract.report.kept["rail"] == 2
    assert extract.report.dropped["rail"] == {"abandoned": 1}
    assert extract.report.repaired["rail"] == {"nodes missing: the rest kept": 1}


def same(left: OsmExtract, right: OsmExtract) -> None:
    for name, frame in left.layers.items():
        assert_geodataframe_equal(frame, right.layers[name])
    assert left.report.as_dict() == right.report.as_dict()
    assert left.bounds == right.bounds


def test_every_container_gives_the_same_frames(tmp_path: Path) -> None:
    plain = everything().save(tmp_path)
    zipped, bzipped, pbf = (tmp_path / f"map{suffix}" for suffix in (".osm.gz", ".osm.bz2", ".osm.pbf"))
    zipped.write_bytes(gzip.compress(plain.read_bytes()))
    bzipped.write_bytes(bz2.compress(plain.read_bytes()))
    with osmium.SimpleWriter(str(pbf)) as writer:
        for item in osmium.FileProcessor(str(plain)):
            writer.add(item)
    for path in (zipped, bzipped, pbf):
        same(read_osm(plain), read_osm(path))


def test_the_format_is_told_by_content_not_by_name(tmp_path: Path) -> None:
    named_wrong = everything().save(tmp_path, "map.osm.pbf")
    same(read_osm(named_wrong), everything().read(tmp_path))


def test_the_order_of_elements_does_not_matter(tmp_path: Path) -> None:
    backwards = everything()
    backwards.body.reverse()
    same(everything().read(tmp_path), read_osm(backwards.save(tmp_path, "backwards.osm")))


def test_deleted_elements_are_left_out(tmp_path: Path) -> None:
    text = street().way(2, [1, 3], {"highway": "primary"}).xml().replace('<way id="2"', '<way id="2" action="delete"')
    path = tmp_path / "map.osm"
    path.write_text(text, encoding="utf-8")
    assert read_osm(path).layers["roads"]["source_id"].tolist() == ["way/1"]


def test_the_moment_of_the_data_is_read(tmp_path: Path) -> None:
    text = street().xml().replace('version="0.6">', 'version="0.6"><meta osm_base="2026-04-24T10:00:00Z"/>', 1)
    path = tmp_path / "map.osm"
    path.write_text(text, encoding="utf-8")
    assert read_osm(path).timestamp == "2026-04-24T10:00:00Z"
    assert street().read(tmp_path).timestamp is None


def test_bounds_are_those_of_the_nodes(tmp_path: Path) -> None:
    assert street().read(tmp_path).bounds == pytest.approx((106.55, 29.55, 106.552, 29.55))


def test_progress_rises_from_nought_to_one(tmp_path: Path) -> None:
    told: list[float] = []
    read_osm(everything().save(tmp_path), progress=lambda share, _: told.append(share))
    assert told[0] == 0.0
    assert told[-1] == 1.0
    assert (np.diff(told) > 0).all()
