"""Vector files in every format that is read: formats, geometry, ids, tables."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from vector_builder import LAT, LON, code_of, points, square, write

from cim_core.errors import InputError
from cim_core.gis.vector import read_vector
from cim_core.layers import BUILDINGS, RAIL
from cim_core.store.content import conform

# ---- formats


@pytest.mark.parametrize(
    "name", ["a.gpkg", "a.geojson", "a.shp", "a.fgb", "a.parquet", "a.geoparquet", "a.csv", "数据.gpkg", "A.GEOJSON"]
)
def test_every_format_gives_the_same_layer(tmp_path: Path, name: str) -> None:
    frame = points(code=["001", "002", "013"], n=[1, 2, 3], v=[0.5, 1.5, 2.5], 名=["甲", "乙", "丙"])
    extract = read_vector(write(frame, tmp_path / name), id_field="code")
    result = extract.frame.sort_index()
    assert list(result.index) == ["001", "002", "013"]
    assert result.index.name == "id"
    assert result.crs == "EPSG:4326"
    assert result["n"].tolist() == [1, 2, 3]
    assert result["名"].tolist() == ["甲", "乙", "丙"]
    np.testing.assert_allclose(result.geometry.x, frame.geometry.x, atol=1e-9)
    fields = {field.name: field.dtype for field in extract.schema.fields}
    assert fields == {"n": "int64", "v": "float64", "名": "string"}
    assert extract.schema.geometry == "Point"
    assert extract.report.kept[extract.schema.name] == 3
    conform(result.to_crs(32648), extract.schema)


def test_column_types_survive(tmp_path: Path) -> None:
    frame = points(
        open=[True, False, None],
        count=pd.array([1, None, 3], dtype="Int64"),
        built=pd.to_datetime(["2020-01-02", None, "2021-03-04"]),
        empty=[None, None, None],
    )
    extract = read_vector(write(frame, tmp_path / "types.parquet"))
    fields = {field.name: field.dtype for field in extract.schema.fields}
    assert fields == {"open": "bool", "count": "int64", "built": "timestamp", "empty": "string"}
    conform(extract.frame.to_crs(32648), extract.schema)


def test_nested_attributes_become_json(tmp_path: Path) -> None:
    path = tmp_path / "nested.geojson"
    properties = {"tags": {"b": 2, "a": "甲"}, "list": [1, 2]}
    feature = {"type": "Feature", "properties": properties, "geometry": {"type": "Point", "coordinates": [LON, LAT]}}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    extract = read_vector(path)
    assert json.loads(extract.frame["tags"].iloc[0]) == properties["tags"]
    assert extract.schema.field("tags").dtype == "json"  # type: ignore[union-attr]


def test_awkward_column_names_stay_apart(tmp_path: Path) -> None:
    frame = points(2, **{"id": ["a", "a"], " n ": [1, 2], "n": [3, 4]})
    extract = read_vector(write(frame, tmp_path / "names.parquet"))
    assert list(extract.frame.columns) == ["id_2", "n", "n_2", "geometry"]


# ---- geometry


def test_unusable_geometry_is_dropped_and_counted(tmp_path: Path) -> None:
    geometry = [square(), None, shapely.Polygon(), shapely.Polygon([(106, 29), (np.nan, 29), (106, 30)]), None]
    geometry.append(shapely.Polygon([(106, 29), (np.inf, 29), (106, 30)]))
    frame = gpd.GeoDataFrame({"a": range(6)}, geometry=geometry, crs=4326)
    extract = read_vector(write(frame, tmp_path / "plots.parquet"))
    assert extract.report.dropped["plots"] == {"no geometry": 3, "coordinates not finite": 2}
    assert extract.report.read["plots"] == 6
    assert extract.frame["a"].tolist() == [0]


def test_invalid_geometry_is_repaired_and_counted(tmp_path: Path) -> None:
    bowtie = shapely.Polygon([(LON, LAT), (LON + 0.01, LAT + 0.01), (LON + 0.01, LAT), (LON, LAT + 0.01)])
    spike = shapely.Polygon([(LON, LAT), (LON + 0.01, LAT), (LON, LAT), (LON, LAT)])
    frame = gpd.GeoDataFrame({"a": [1, 2, 3]}, geometry=[bowtie, square(), spike], crs=4326)
    extract = read_vector(write(frame, tmp_path / "plots.parquet"))
    assert extract.report.repaired["plots"] == {"self-intersection": 1}
    assert extract.report.dropped["plots"] == {"geometry beyond repair": 1}
    assert extract.frame.geometry.is_valid.all()
    assert set(extract.frame.geom_type) <= {"Polygon", "MultiPolygon"}
    assert extract.frame.geometry.iloc[0].area == pytest.approx(0.5e-4, rel=1e-6)


def test_nothing_usable_is_an_error(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame({"a": [1, 2]}, geometry=[None, shapely.Polygon()], crs=4326)
    with pytest.raises(InputError, match="No feature has a usable geometry") as caught:
        read_vector(write(frame, tmp_path / "none.parquet"))
    assert "2 no geometry" in caught.value.got


def test_mixed_geometry_makes_a_layer_of_any(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame({"a": [1, 2]}, geometry=[square(), shapely.Point(LON, LAT)], crs=4326)
    assert read_vector(write(frame, tmp_path / "mixed.geojson")).schema.geometry == "Any"


def test_a_target_keeps_only_its_kind_of_geometry(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame({"levels": [3, 4]}, geometry=[square(), shapely.Point(LON, LAT)], crs=4326)
    extract = read_vector(write(frame, tmp_path / "mixed.geojson"), target=BUILDINGS)
    assert extract.report.dropped["buildings"] == {"not a Polygon": 1}
    assert (extract.report.read["buildings"], extract.report.kept["buildings"]) == (2, 1)


def test_a_target_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not of the geometry that layer buildings has") as caught:
        read_vector(write(points(), tmp_path / "a.gpkg"), target=BUILDINGS)
    assert code_of(caught) == "vector.geometry_kind"


def test_multi_part_lines_are_split_for_a_line_layer(tmp_path: Path) -> None:
    lines = [shapely.LineString([(LON, LAT + i / 100), (LON + 0.01, LAT + i / 100)]) for i in range(3)]
    frame = gpd.GeoDataFrame(
        {"id": ["r1", "r2"], "railway": ["subway", "tram"]},
        geometry=[shapely.MultiLineString(lines[:2]), shapely.MultiLineString(lines[2:])],
        crs=4326,
    )
    extract = read_vector(write(frame, tmp_path / "rail.gpkg"), target=RAIL)
    assert sorted(extract.frame.index) == ["r1/1", "r1/2", "r2"]
    assert set(extract.frame.geom_type) == {"LineString"}
    assert extract.frame["class"].tolist() == ["subway", "subway", "tram"]
    assert extract.report.repaired["rail"] == {"multi-part geometry split": 1}


def test_heights_are_kept_if_all_vertices_have_one(tmp_path: Path) -> None:
    raised = [shapely.LineString([(LON, LAT, 200), (LON + 0.01, LAT, 210)])]
    flat = [shapely.LineString([(LON, LAT), (LON + 0.01, LAT)])]
    whole = gpd.GeoDataFrame({"a": [1]}, geometry=raised, crs=4326)
    mixed = gpd.GeoDataFrame({"a": [1, 2]}, geometry=raised + flat, crs=4326)
    assert read_vector(write(whole, tmp_path / "pipes.parquet")).frame.has_z.all()
    extract = read_vector(write(mixed, tmp_path / "mixed.parquet"))
    assert not extract.frame.has_z.any()
    assert extract.report.repaired["mixed"] == {"heights left out, not all vertices have one": 1}


# ---- ids


def test_ids_from_a_known_column_must_be_whole_and_unique(tmp_path: Path) -> None:
    by_column = read_vector(write(points(osm_id=[5, 6, 7]), tmp_path / "a.gpkg"))
    assert sorted(by_column.frame.index) == ["5", "6", "7"]
    repeated = read_vector(write(points(osm_id=[5, 5, 7]), tmp_path / "b.gpkg"))
    assert all(name.startswith("g") for name in repeated.frame.index)
    assert repeated.frame["osm_id"].tolist() == [5, 5, 7]


def test_ids_from_geometry_survive_order_and_attributes(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame({"a": [1, 2, 3]}, geometry=[square(), square(LON + 1), square()], crs=4326)
    first = read_vector(write(frame, tmp_path / "a.gpkg")).frame
    turned = frame.set_geometry(frame.geometry.reverse())
    again = read_vector(write(turned.iloc[::-1].assign(a=[7, 8, 9]), tmp_path / "b.gpkg")).frame
    assert first.index.is_unique
    assert set(first.index) == set(again.index)
    assert sum(name.endswith("-2") for name in first.index) == 1


def test_a_named_id_column_with_repeats_is_refused(tmp_path: Path) -> None:
    path = write(points(code=["x", "x", "y"]), tmp_path / "a.gpkg")
    with pytest.raises(InputError, match="does not name each feature once") as caught:
        read_vector(path, id_field="code")
    assert "e.g. x" in caught.value.got
    with pytest.raises(InputError, match="column named as id is not there") as caught:
        read_vector(path, id_field="kode")
    assert "code" in caught.value.expected


def test_missing_ids_are_derived_and_counted(tmp_path: Path) -> None:
    path = write(points(code=["x", None, "y"]), tmp_path / "a.gpkg")
    extract = read_vector(path, id_field="code")
    assert extract.frame.index.is_unique
    assert extract.report.assumed["a"] == {"id: from the geometry": 1}


# ---- tables


@pytest.mark.parametrize(
    ("header", "encoding", "delimiter"),
    [
        ("lon,lat", "utf-8", ","),
        ("名称_x;y", "utf-8", ""),
        ("经度,纬度", "gb18030", ","),
        ("Lng;Latitude", "utf-8-sig", ";"),
        ("longitude\tlat", "utf-16", "\t"),
    ],
)
def test_coordinate_columns_are_found(tmp_path: Path, header: str, encoding: str, delimiter: str) -> None:
    path = tmp_path / "points.csv"
    mark = delimiter or ";"
    names = header.split(mark)
    text = mark.join(["名称", *names]) + "\n" + mark.join(["洪崖洞", str(LON), str(LAT)]) + "\n"
    path.write_text(text, encoding=encoding)
    if not delimiter:
        with pytest.raises(InputError, match="coordinate columns are not clear"):
            read_vector(path)
        return
    extract = read_vector(path)
    assert extract.frame["名称"].tolist() == ["洪崖洞"]
    assert extract.frame.geometry.iloc[0].coords[0] == (LON, LAT)
    assert any("taken as WGS84" in warning for warning in extract.report.warnings)


def test_columns_of_a_table_are_named(tmp_path: Path) -> None:
    path = tmp_path / "survey.csv"
    path.write_text("北,东,点号\n3270000,650000,007\n3270010,650020,008\n", encoding="gb18030")
    extract = read_vector(path, x="东", y="北", source_crs="4544", id_field="点号")
    assert list(extract.frame.index) == ["007", "008"]
    assert extract.frame.geometry.iloc[0].x == pytest.approx(106.547, abs=1e-3)
    with pytest.raises(InputError, match="do not say which coordinate reference system"):
        read_vector(path, x="东", y="北")
    with pytest.raises(InputError, match="coordinate columns are not clear") as caught:
        read_vector(path, x="东", y="南")
    assert "点号" in caught.value.got


def test_rows_without_numbers_are_dropped_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    path.write_text(f"lon,lat,n\n{LON},{LAT},1\nunknown,{LAT},2\n,,3\n", encoding="utf-8")
    extract = read_vector(path)
    assert extract.report.dropped["points"] == {"no geometry": 2}
    assert extract.frame["n"].tolist() == [1]


def test_a_plain_parquet_table_is_a_table(tmp_path: Path) -> None:
    path = tmp_path / "plain.parquet"
    pd.DataFrame({"lon": [LON], "lat": [LAT], "n": [1]}).to_parquet(path)
    assert read_vector(path).frame["n"].tolist() == [1]
    pd.DataFrame({"n": [1]}).to_parquet(path)
    with pytest.raises(InputError, match="coordinate columns are not clear"):
        read_vector(path)


def test_binary_data_named_csv_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    path.write_bytes(b"PK\x03\x04\x00\x00\x00\x00 some spreadsheet")
    with pytest.raises(InputError, match="cannot be read as a table"):
        read_vector(path)
