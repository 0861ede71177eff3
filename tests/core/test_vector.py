"""Vector files in every format that is read, and in every way that they are wrong."""

from __future__ import annotations

import json
import struct
import zipfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from cim_core.crs import wgs84_to_gcj02
from cim_core.errors import InputError, ParameterError
from cim_core.gis.vector import archive, derive_schema, read_vector
from cim_core.layers import BUILDINGS, POIS, RAIL, ROADS, SIGNALS
from cim_core.schema import LayerSchema
from cim_core.store.content import conform

LON, LAT = 106.55, 29.56


def _points(count: int = 3, /, **columns: Any) -> gpd.GeoDataFrame:
    geometry = [shapely.Point(LON + i / 1000, LAT) for i in range(count)]
    return gpd.GeoDataFrame(columns or {"名称": [f"点{i}" for i in range(count)]}, geometry=geometry, crs=4326)


def _square(x: float = LON, y: float = LAT, size: float = 1e-3) -> shapely.Polygon:
    return shapely.box(x, y, x + size, y + size)


def _code(caught: pytest.ExceptionInfo[Any]) -> str:
    return str(caught.value.code)


def _write(frame: gpd.GeoDataFrame, path: Path) -> Path:
    if path.suffix in (".parquet", ".geoparquet"):
        frame.to_parquet(path)
    elif path.suffix == ".csv":
        table = frame.drop(columns="geometry").assign(lon=frame.geometry.x, lat=frame.geometry.y)
        table.to_csv(path, index=False)
    else:
        frame.to_file(path, engine="pyogrio", **({"encoding": "UTF-8"} if path.suffix == ".shp" else {}))
    return path


# ---- formats


@pytest.mark.parametrize(
    "name", ["a.gpkg", "a.geojson", "a.shp", "a.fgb", "a.parquet", "a.geoparquet", "a.csv", "数据.gpkg", "A.GEOJSON"]
)
def test_every_format_gives_the_same_layer(tmp_path: Path, name: str) -> None:
    frame = _points(code=["001", "002", "013"], n=[1, 2, 3], v=[0.5, 1.5, 2.5], 名=["甲", "乙", "丙"])
    extract = read_vector(_write(frame, tmp_path / name), id_field="code")
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
    frame = _points(
        open=[True, False, None],
        count=pd.array([1, None, 3], dtype="Int64"),
        built=pd.to_datetime(["2020-01-02", None, "2021-03-04"]),
        empty=[None, None, None],
    )
    extract = read_vector(_write(frame, tmp_path / "types.parquet"))
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
    frame = _points(2, **{"id": ["a", "a"], " n ": [1, 2], "n": [3, 4]})
    extract = read_vector(_write(frame, tmp_path / "names.parquet"))
    assert list(extract.frame.columns) == ["id_2", "n", "n_2", "geometry"]


# ---- reference systems


@pytest.mark.parametrize("code", [4490, 4544, 4545, 4523, 32648])
@pytest.mark.parametrize("suffix", [".gpkg", ".shp", ".parquet", ".geojson"])
def test_declared_systems_are_converted(tmp_path: Path, code: int, suffix: str) -> None:
    path = _write(_points().to_crs(code), tmp_path / f"a{suffix}")
    extract = read_vector(path)
    assert sorted(extract.frame.geometry.x.round(7)) == [106.55, 106.551, 106.552]
    assert extract.frame.geometry.y.round(7).eq(29.56).all()
    assert "declared" in extract.crs_note


def test_a_named_system_goes_before_the_declared_one(tmp_path: Path) -> None:
    frame = _points(1)
    lon, lat = wgs84_to_gcj02(LON, LAT)
    frame = frame.set_geometry([shapely.Point(float(lon), float(lat))], crs=4326)
    extract = read_vector(_write(frame, tmp_path / "amap.geojson"), source_crs="gcj02")
    assert extract.frame.geometry.iloc[0].distance(shapely.Point(LON, LAT)) < 1e-9
    assert extract.source.offset == "gcj02"
    assert any("declares EPSG:4326" in warning for warning in extract.report.warnings)


def test_shapefile_without_prj_is_refused_with_the_remedy(tmp_path: Path) -> None:
    path = _write(_points(), tmp_path / "roads.shp")
    path.with_suffix(".prj").unlink()
    with pytest.raises(InputError, match="do not say which coordinate reference system") as caught:
        read_vector(path)
    assert _code(caught) == "vector.no_crs"
    for choice in ("--source-crs", "EPSG:", "gcj02", "bd09"):
        assert choice in caught.value.remedy
    assert len(read_vector(path, source_crs="EPSG:4490").frame) == 3


@pytest.mark.parametrize("suffix", [".gpkg", ".parquet"])
def test_files_without_a_system_are_refused(tmp_path: Path, suffix: str) -> None:
    path = _write(_points().set_crs(None, allow_override=True), tmp_path / f"a{suffix}")
    with pytest.raises(InputError, match="do not say which coordinate reference system"):
        read_vector(path)


def _with_crs_member(tmp_path: Path, member: object, x: float, y: float) -> Path:
    path = tmp_path / "crs.geojson"
    feature = {"type": "Feature", "properties": {"a": 1}, "geometry": {"type": "Point", "coordinates": [x, y]}}
    path.write_text(json.dumps({"type": "FeatureCollection", "crs": member, "features": [feature]}), encoding="utf-8")
    return path


def test_geojson_crs_member_is_heeded(tmp_path: Path) -> None:
    member = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4544"}}
    extract = read_vector(_with_crs_member(tmp_path, member, 650_000, 3_270_000))
    assert extract.frame.geometry.iloc[0].x == pytest.approx(106.547, abs=1e-3)


def test_geojson_crs_member_that_is_unknown_is_refused(tmp_path: Path) -> None:
    member = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::999999"}}
    with pytest.raises(InputError, match="declares a coordinate reference system that is not known") as caught:
        read_vector(_with_crs_member(tmp_path, member, LON, LAT))
    assert _code(caught) == "vector.crs"


def test_geojson_crs_member_null_means_undeclared(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="do not say which coordinate reference system"):
        read_vector(_with_crs_member(tmp_path, None, LON, LAT))


def test_an_unknown_source_crs_is_a_parameter_error(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="not known"):
        read_vector(_write(_points(), tmp_path / "a.gpkg"), source_crs="EPSG:1")


def test_a_datum_without_transformation_is_warned_of(tmp_path: Path) -> None:
    extract = read_vector(_write(_points(), tmp_path / "a.geojson"), source_crs="EPSG:4610")
    assert any("Xian 1980" in warning for warning in extract.report.warnings)


@pytest.mark.parametrize(
    ("frame", "source", "code"),
    [
        (_points().to_crs(32648).set_crs(4326, allow_override=True), None, "crs.metres_as_degrees"),
        (_points(), "EPSG:4544", "crs.degrees_as_metres"),
        (_points().set_geometry(gpd.points_from_xy([29.5] * 3, [106.5] * 3), crs=4326), None, "crs.swapped_axes"),
        (
            _points().set_geometry(gpd.points_from_xy([35_650_000] * 3, [3_270_000] * 3), crs=4544),
            None,
            "crs.zone_prefix",
        ),
    ],
)
def test_coordinates_that_do_not_fit_their_system(
    tmp_path: Path, frame: gpd.GeoDataFrame, source: str | None, code: str
) -> None:
    path = _write(frame, tmp_path / "a.gpkg")
    with pytest.raises(InputError, match=r"coordinates|eastings") as caught:
        read_vector(path, source_crs=source)
    assert _code(caught) == code
    assert caught.value.where == str(path)


def test_a_few_stray_coordinates_are_dropped_and_counted(tmp_path: Path) -> None:
    frame = _points(5)
    geometry = list(frame.geometry)
    geometry[0], geometry[1] = shapely.Point(3000, 29), shapely.Point(0, 0)
    extract = read_vector(_write(frame.set_geometry(geometry, crs=4326), tmp_path / "stray.gpkg"))
    dropped = extract.report.dropped["stray"]
    assert dropped == {"coordinates outside their reference system": 1, "point at 0, 0": 1}
    assert len(extract.frame) == 3


# ---- geometry


def test_unusable_geometry_is_dropped_and_counted(tmp_path: Path) -> None:
    geometry = [_square(), None, shapely.Polygon(), shapely.Polygon([(106, 29), (np.nan, 29), (106, 30)]), None]
    geometry.append(shapely.Polygon([(106, 29), (np.inf, 29), (106, 30)]))
    frame = gpd.GeoDataFrame({"a": range(6)}, geometry=geometry, crs=4326)
    extract = read_vector(_write(frame, tmp_path / "plots.parquet"))
    assert extract.report.dropped["plots"] == {"no geometry": 3, "coordinates not finite": 2}
    assert extract.report.read["plots"] == 6
    assert extract.frame["a"].tolist() == [0]


def test_invalid_geometry_is_repaired_and_counted(tmp_path: Path) -> None:
    bowtie = shapely.Polygon([(LON, LAT), (LON + 0.01, LAT + 0.01), (LON + 0.01, LAT), (LON, LAT + 0.01)])
    spike = shapely.Polygon([(LON, LAT), (LON + 0.01, LAT), (LON, LAT), (LON, LAT)])
    frame = gpd.GeoDataFrame({"a": [1, 2, 3]}, geometry=[bowtie, _square(), spike], crs=4326)
    extract = read_vector(_write(frame, tmp_path / "plots.parquet"))
    assert extract.report.repaired["plots"] == {"self-intersection": 1}
    assert extract.report.dropped["plots"] == {"geometry beyond repair": 1}
    assert extract.frame.geometry.is_valid.all()
    assert set(extract.frame.geom_type) <= {"Polygon", "MultiPolygon"}
    assert extract.frame.geometry.iloc[0].area == pytest.approx(0.5e-4, rel=1e-6)


def test_nothing_usable_is_an_error(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame({"a": [1, 2]}, geometry=[None, shapely.Polygon()], crs=4326)
    with pytest.raises(InputError, match="No feature has a usable geometry") as caught:
        read_vector(_write(frame, tmp_path / "none.parquet"))
    assert "2 no geometry" in caught.value.got


def test_mixed_geometry_makes_a_layer_of_any(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame({"a": [1, 2]}, geometry=[_square(), shapely.Point(LON, LAT)], crs=4326)
    assert read_vector(_write(frame, tmp_path / "mixed.geojson")).schema.geometry == "Any"


def test_a_target_keeps_only_its_kind_of_geometry(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame({"levels": [3, 4]}, geometry=[_square(), shapely.Point(LON, LAT)], crs=4326)
    extract = read_vector(_write(frame, tmp_path / "mixed.geojson"), target=BUILDINGS)
    assert extract.report.dropped["buildings"] == {"not a Polygon": 1}
    assert (extract.report.read["buildings"], extract.report.kept["buildings"]) == (2, 1)


def test_a_target_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not of the geometry that layer buildings has") as caught:
        read_vector(_write(_points(), tmp_path / "a.gpkg"), target=BUILDINGS)
    assert _code(caught) == "vector.geometry_kind"


def test_multi_part_lines_are_split_for_a_line_layer(tmp_path: Path) -> None:
    lines = [shapely.LineString([(LON, LAT + i / 100), (LON + 0.01, LAT + i / 100)]) for i in range(3)]
    frame = gpd.GeoDataFrame(
        {"id": ["r1", "r2"], "railway": ["subway", "tram"]},
        geometry=[shapely.MultiLineString(lines[:2]), shapely.MultiLineString(lines[2:])],
        crs=4326,
    )
    extract = read_vector(_write(frame, tmp_path / "rail.gpkg"), target=RAIL)
    assert sorted(extract.frame.index) == ["r1/1", "r1/2", "r2"]
    assert set(extract.frame.geom_type) == {"LineString"}
    assert extract.frame["class"].tolist() == ["subway", "subway", "tram"]
    assert extract.report.repaired["rail"] == {"multi-part geometry split": 1}


def test_heights_are_kept_if_all_vertices_have_one(tmp_path: Path) -> None:
    raised = [shapely.LineString([(LON, LAT, 200), (LON + 0.01, LAT, 210)])]
    flat = [shapely.LineString([(LON, LAT), (LON + 0.01, LAT)])]
    whole = gpd.GeoDataFrame({"a": [1]}, geometry=raised, crs=4326)
    mixed = gpd.GeoDataFrame({"a": [1, 2]}, geometry=raised + flat, crs=4326)
    assert read_vector(_write(whole, tmp_path / "pipes.parquet")).frame.has_z.all()
    extract = read_vector(_write(mixed, tmp_path / "mixed.parquet"))
    assert not extract.frame.has_z.any()
    assert extract.report.repaired["mixed"] == {"heights left out, not all vertices have one": 1}


# ---- ids


def test_ids_from_a_known_column_must_be_whole_and_unique(tmp_path: Path) -> None:
    by_column = read_vector(_write(_points(osm_id=[5, 6, 7]), tmp_path / "a.gpkg"))
    assert sorted(by_column.frame.index) == ["5", "6", "7"]
    repeated = read_vector(_write(_points(osm_id=[5, 5, 7]), tmp_path / "b.gpkg"))
    assert all(name.startswith("g") for name in repeated.frame.index)
    assert repeated.frame["osm_id"].tolist() == [5, 5, 7]


def test_ids_from_geometry_survive_order_and_attributes(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame({"a": [1, 2, 3]}, geometry=[_square(), _square(LON + 1), _square()], crs=4326)
    first = read_vector(_write(frame, tmp_path / "a.gpkg")).frame
    turned = frame.set_geometry(frame.geometry.reverse())
    again = read_vector(_write(turned.iloc[::-1].assign(a=[7, 8, 9]), tmp_path / "b.gpkg")).frame
    assert first.index.is_unique
    assert set(first.index) == set(again.index)
    assert sum(name.endswith("-2") for name in first.index) == 1


def test_a_named_id_column_with_repeats_is_refused(tmp_path: Path) -> None:
    path = _write(_points(code=["x", "x", "y"]), tmp_path / "a.gpkg")
    with pytest.raises(InputError, match="does not name each feature once") as caught:
        read_vector(path, id_field="code")
    assert "e.g. x" in caught.value.got
    with pytest.raises(InputError, match="column named as id is not there") as caught:
        read_vector(path, id_field="kode")
    assert "code" in caught.value.expected


def test_missing_ids_are_derived_and_counted(tmp_path: Path) -> None:
    path = _write(_points(code=["x", None, "y"]), tmp_path / "a.gpkg")
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


# ---- files that are wrong


def test_missing_empty_folder_and_foreign_files(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        read_vector(tmp_path / "nowhere.gpkg")
    with pytest.raises(InputError, match="folder"):
        read_vector(tmp_path)
    (tmp_path / "empty.geojson").touch()
    with pytest.raises(InputError, match="is empty"):
        read_vector(tmp_path / "empty.geojson")
    (tmp_path / "map.dwg").write_bytes(b"AC1032")
    with pytest.raises(InputError, match="format that is not read") as caught:
        read_vector(tmp_path / "map.dwg")
    assert ".gpkg" in caught.value.expected


@pytest.mark.parametrize("suffix", [".gpkg", ".geojson", ".shp", ".fgb", ".parquet"])
def test_a_file_that_is_not_what_its_name_says(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(b"<html>404</html>" * 10)
    with pytest.raises(InputError, match="damaged, cut short, or not what its name says") as caught:
        read_vector(path)
    assert _code(caught) == "vector.unreadable"


@pytest.mark.parametrize("suffix", [".gpkg", ".geojson", ".fgb", ".parquet"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_a_file_that_is_cut_short(tmp_path: Path, suffix: str, share: float) -> None:
    path = _write(_points(400), tmp_path / f"a{suffix}")
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(InputError, match="damaged, cut short") as caught:
        read_vector(path)
    assert _code(caught) == "vector.unreadable"


@pytest.mark.parametrize("suffix", [".dbf", ".shx"])
def test_shapefile_without_its_sidecar(tmp_path: Path, suffix: str) -> None:
    path = _write(_points(), tmp_path / "roads.shp")
    path.with_suffix(suffix).unlink()
    with pytest.raises(InputError, match="Shapefile is incomplete") as caught:
        read_vector(path)
    assert suffix in caught.value.got


@pytest.mark.parametrize("encoding", ["GB18030", "UTF-8"])
def test_shapefile_attributes_without_a_declared_encoding(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "pois.shp"
    frame = _points(name=["解放碑", "洪崖洞", "朝天门"])
    frame.to_file(path, engine="pyogrio", encoding=encoding)
    path.with_suffix(".cpg").unlink(missing_ok=True)
    dbf = bytearray(path.with_suffix(".dbf").read_bytes())
    dbf[29] = 0
    path.with_suffix(".dbf").write_bytes(dbf)
    assert sorted(read_vector(path).frame["name"]) == sorted(["解放碑", "洪崖洞", "朝天门"])


def test_layers_of_a_file_are_named(tmp_path: Path) -> None:
    path = tmp_path / "city.gpkg"
    _points(1).to_file(path, layer="stops")
    _points(2).to_file(path, layer="trees")
    with pytest.raises(InputError, match="has several layers") as caught:
        read_vector(path)
    assert "stops, trees" in caught.value.expected
    with pytest.raises(InputError, match="no layer of that name"):
        read_vector(path, layer="tree")
    extract = read_vector(path, layer="trees")
    assert extract.schema.name == "trees"
    assert len(extract.frame) == 2


def test_a_geopackage_of_tables_only_is_refused(tmp_path: Path) -> None:
    import pyogrio

    path = tmp_path / "table.gpkg"
    pyogrio.write_dataframe(pd.DataFrame({"a": [1]}), path)
    with pytest.raises(InputError, match="no layer with geometry"):
        read_vector(path)


def test_a_layer_without_features_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "none.geojson"
    path.write_text('{"type":"FeatureCollection","features":[]}', encoding="utf-8")
    with pytest.raises(InputError, match="holds no features"):
        read_vector(path)


# ---- archives


def _zip(path: Path, *members: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bundle:
        for member in members:
            bundle.write(member, f"导出/{member.name}")
    return path


def test_a_zipped_shapefile_is_read(tmp_path: Path) -> None:
    _write(_points(), tmp_path / "roads.shp")
    members = [path for path in tmp_path.iterdir() if path.stem == "roads"]
    assert len(read_vector(_zip(tmp_path / "roads.zip", *members)).frame) == 3
    without_prj = [path for path in members if path.suffix != ".prj"]
    with pytest.raises(InputError, match="do not say which coordinate reference system"):
        read_vector(_zip(tmp_path / "noprj.zip", *without_prj))


def test_an_archive_of_several_data_sets_wants_a_name(tmp_path: Path) -> None:
    one, two = _write(_points(1), tmp_path / "one.gpkg"), _write(_points(2), tmp_path / "two.gpkg")
    bundle = _zip(tmp_path / "both.zip", one, two)
    with pytest.raises(InputError, match="archive holds several data sets") as caught:
        read_vector(bundle)
    assert "one, two" in caught.value.expected
    assert len(read_vector(bundle, layer="two").frame) == 2
    (tmp_path / "readme.md").write_text("nothing")
    with pytest.raises(InputError, match="no vector file"):
        read_vector(_zip(tmp_path / "none.zip", tmp_path / "readme.md"))


def test_a_decompression_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_INFLATED_BYTES", 1_000_000)
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr("a.geojson", b" " * 2_000_000)
    assert path.stat().st_size < 5_000
    with pytest.raises(InputError, match="decompression bomb") as caught:
        read_vector(path)
    assert "2,000,000" in caught.value.got


def test_an_archive_that_understates_its_size_inflates_no_further(tmp_path: Path) -> None:
    path = tmp_path / "liar.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr("a.geojson", b"{" + b" " * 5_000_000)
    content = path.read_bytes()
    real, claimed = struct.pack("<I", 5_000_001), struct.pack("<I", 1_000)
    assert content.count(real) == 2
    path.write_bytes(content.replace(real, claimed))
    with pytest.raises(InputError, match="damaged, cut short"):
        read_vector(path)


def test_a_broken_archive_and_one_that_climbs_out(tmp_path: Path) -> None:
    broken = tmp_path / "broken.zip"
    broken.write_bytes(b"PK\x03\x04 not really")
    with pytest.raises(InputError, match="damaged"):
        read_vector(broken)
    sly = tmp_path / "sub" / "sly.zip"
    sly.parent.mkdir()
    inner = _write(_points(1), tmp_path / "inner.geojson")
    with zipfile.ZipFile(sly, "w") as bundle:
        bundle.write(inner, "../../escaped.geojson")
    assert len(read_vector(sly).frame) == 1
    assert not list(tmp_path.parent.glob("escaped*"))


# ---- standard layers


def _buildings(**columns: Any) -> gpd.GeoDataFrame:
    count = len(next(iter(columns.values())))
    return gpd.GeoDataFrame(columns, geometry=[_square(LON + i / 100) for i in range(count)], crs=4326)


def test_buildings_are_mapped_with_what_is_assumed(tmp_path: Path) -> None:
    frame = _buildings(
        名称=["甲楼", "Tower", None, None],
        层数=["3层", "20", None, None],
        高度=[None, 75.0, 18.0, None],
        用途=["住宅", "office", None, "商业"],
        id=["a", "b", "c", "d"],
    )
    extract = read_vector(_write(frame, tmp_path / "houses.gpkg"), target=BUILDINGS)
    result = extract.frame.loc[["a", "b", "c", "d"]]
    assert result["levels"].tolist() == [3, 20, 6, 6]
    assert result["height_m"].tolist() == pytest.approx([9.0, 75.0, 18.0, 6 * 3.6])
    assert result["use"].tolist() == ["residential", "office", "residential", "retail"]
    assert result["name"].tolist() == ["甲楼", "Tower", None, None]
    assert result["name_zh"].tolist() == ["甲楼", None, None, None]
    assert result["source_id"].tolist() == ["a", "b", "c", "d"]
    np.testing.assert_allclose(result["floor_area_m2"], result["footprint_m2"] * result["levels"])
    assert result["footprint_m2"].iloc[0] == pytest.approx(10_740, rel=0.01)
    assumed = [json.loads(text) for text in result["assumed"]]
    assert assumed[1] == {"floor_area_m2": "footprint times storeys"}
    assert assumed[2]["levels"] == "from height"
    assert set(assumed[3]) == {"levels", "height_m", "floor_area_m2"}
    assert json.loads(result["tags"].iloc[0]) == {"名称": "甲楼", "层数": "3层", "用途": "住宅"}
    assert extract.report.assumed["buildings"]["levels: from height"] == 1
    conform(result.to_crs(32648), BUILDINGS)


def test_absurd_storeys_are_taken_for_missing(tmp_path: Path) -> None:
    frame = _buildings(levels=[-1, 9999, 10], height=[30.0, 33.0, 1e9], id=["a", "b", "c"])
    result = read_vector(_write(frame, tmp_path / "a.gpkg"), target=BUILDINGS).frame.loc[["a", "b", "c"]]
    assert result["levels"].tolist() == [10, 11, 10]
    assert result["height_m"].tolist() == [30.0, 33.0, 30.0]


@pytest.mark.parametrize(
    ("frame", "target", "missing"),
    [
        (_buildings(colour=["red"]), BUILDINGS, "levels"),
        (_points(1), POIS, "category"),
        (_points(1), SIGNALS, "node"),
        (gpd.GeoDataFrame({"a": [1]}, geometry=[shapely.LineString([(106, 29), (107, 30)])], crs=4326), ROADS, "nodes"),
    ],
)
def test_fields_that_cannot_be_assumed_are_named(
    tmp_path: Path, frame: gpd.GeoDataFrame, target: LayerSchema, missing: str
) -> None:
    with pytest.raises(InputError, match="needs fields that the source does not have") as caught:
        read_vector(_write(frame, tmp_path / "a.gpkg"), target=target)
    assert _code(caught) == "vector.fields_missing"
    assert missing in caught.value.expected


def test_places_take_their_kind_from_osm_columns(tmp_path: Path) -> None:
    frame = _points(amenity=["school", None, None], shop=[None, "mall", None], osmid=[1, 2, 3])
    extract = read_vector(_write(frame, tmp_path / "a.gpkg"), target=POIS)
    result = extract.frame.loc[["1", "2", "3"]]
    assert result["category"].tolist() == ["amenity", "shop", "poi"]
    assert result["kind"].tolist() == ["school", "mall", "unknown"]
    assert extract.report.assumed["pois"]["kind: not in the source"] == 1
    conform(result.to_crs(32648), POIS)


def test_derive_schema_names_kinds(tmp_path: Path) -> None:
    frame = read_vector(_write(_buildings(n=[1, 2]), tmp_path / "plots.gpkg")).frame
    schema = derive_schema(frame, "plots")
    assert (schema.name, schema.geometry, schema.names) == ("plots", "Polygon", ("n",))


def test_progress_is_told_in_order(tmp_path: Path) -> None:
    told: list[tuple[float, str]] = []
    read_vector(_write(_points(), tmp_path / "a.gpkg"), progress=lambda share, message: told.append((share, message)))
    assert [share for share, _ in told] == sorted(share for share, _ in told)
    assert told[-1][0] == 1.0
