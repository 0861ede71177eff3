"""Vector files in every way that they are wrong: systems, damage, archives."""

from __future__ import annotations

import json
import struct
import zipfile
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from vector_builder import LAT, LON, code_of, points, write

from cim_core.crs import wgs84_to_gcj02
from cim_core.errors import InputError, ParameterError
from cim_core.gis.vector import archive, read_vector

# ---- reference systems


@pytest.mark.parametrize("code", [4490, 4544, 4545, 4523, 32648])
@pytest.mark.parametrize("suffix", [".gpkg", ".shp", ".parquet", ".geojson"])
def test_declared_systems_are_converted(tmp_path: Path, code: int, suffix: str) -> None:
    path = write(points().to_crs(code), tmp_path / f"a{suffix}")
    extract = read_vector(path)
    assert sorted(extract.frame.geometry.x.round(7)) == [106.55, 106.551, 106.552]
    assert extract.frame.geometry.y.round(7).eq(29.56).all()
    assert "declared" in extract.crs_note


def test_a_named_system_goes_before_the_declared_one(tmp_path: Path) -> None:
    frame = points(1)
    lon, lat = wgs84_to_gcj02(LON, LAT)
    frame = frame.set_geometry([shapely.Point(float(lon), float(lat))], crs=4326)
    extract = read_vector(write(frame, tmp_path / "amap.geojson"), source_crs="gcj02")
    assert extract.frame.geometry.iloc[0].distance(shapely.Point(LON, LAT)) < 1e-9
    assert extract.source.offset == "gcj02"
    assert any("CRS84; it was read as gcj02" in warning for warning in extract.report.warnings)


def test_shapefile_without_prj_is_refused_with_the_remedy(tmp_path: Path) -> None:
    path = write(points(), tmp_path / "roads.shp")
    path.with_suffix(".prj").unlink()
    with pytest.raises(InputError, match="do not say which coordinate reference system") as caught:
        read_vector(path)
    assert code_of(caught) == "vector.no_crs"
    for choice in ("--source-crs", "EPSG:", "gcj02", "bd09"):
        assert choice in caught.value.remedy
    assert len(read_vector(path, source_crs="EPSG:4490").frame) == 3


@pytest.mark.parametrize("suffix", [".gpkg", ".parquet"])
def test_files_without_a_system_are_refused(tmp_path: Path, suffix: str) -> None:
    path = write(points().set_crs(None, allow_override=True), tmp_path / f"a{suffix}")
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
    assert code_of(caught) == "vector.crs"
    assert "999999" in caught.value.got
    assert len(read_vector(_with_crs_member(tmp_path, member, LON, LAT), source_crs="gcj02").frame) == 1


def test_geojson_crs_member_null_means_undeclared(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="do not say which coordinate reference system"):
        read_vector(_with_crs_member(tmp_path, None, LON, LAT))


def test_an_unknown_source_crs_is_a_parameter_error(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="not known"):
        read_vector(write(points(), tmp_path / "a.gpkg"), source_crs="EPSG:1")


def test_a_datum_without_transformation_is_warned_of(tmp_path: Path) -> None:
    extract = read_vector(write(points(), tmp_path / "a.geojson"), source_crs="EPSG:4610")
    assert any("Xian 1980" in warning for warning in extract.report.warnings)


@pytest.mark.parametrize(
    ("frame", "source", "code"),
    [
        (points().to_crs(32648).set_crs(4326, allow_override=True), None, "crs.metres_as_degrees"),
        (points(), "EPSG:4544", "crs.degrees_as_metres"),
        (points().set_geometry(gpd.points_from_xy([29.5] * 3, [106.5] * 3), crs=4326), None, "crs.swapped_axes"),
        (
            points().set_geometry(gpd.points_from_xy([35_650_000] * 3, [3_270_000] * 3), crs=4544),
            None,
            "crs.zone_prefix",
        ),
    ],
)
def test_coordinates_that_do_not_fit_their_system(
    tmp_path: Path, frame: gpd.GeoDataFrame, source: str | None, code: str
) -> None:
    path = write(frame, tmp_path / "a.gpkg")
    with pytest.raises(InputError, match=r"coordinates|eastings") as caught:
        read_vector(path, source_crs=source)
    assert code_of(caught) == code
    assert caught.value.where == str(path)


def test_a_few_stray_coordinates_are_dropped_and_counted(tmp_path: Path) -> None:
    frame = points(5)
    geometry = list(frame.geometry)
    geometry[0], geometry[1] = shapely.Point(3000, 29), shapely.Point(0, 0)
    extract = read_vector(write(frame.set_geometry(geometry, crs=4326), tmp_path / "stray.gpkg"))
    dropped = extract.report.dropped["stray"]
    assert dropped == {"coordinates outside their reference system": 1, "point at 0, 0": 1}
    assert len(extract.frame) == 3


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
    assert code_of(caught) == "vector.unreadable"


@pytest.mark.parametrize("suffix", [".gpkg", ".geojson", ".fgb", ".parquet"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_a_file_that_is_cut_short(tmp_path: Path, suffix: str, share: float) -> None:
    path = write(points(400), tmp_path / f"a{suffix}")
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(InputError, match="damaged, cut short") as caught:
        read_vector(path)
    assert code_of(caught) == "vector.unreadable"


@pytest.mark.parametrize("suffix", [".dbf", ".shx"])
def test_shapefile_without_its_sidecar(tmp_path: Path, suffix: str) -> None:
    path = write(points(), tmp_path / "roads.shp")
    path.with_suffix(suffix).unlink()
    with pytest.raises(InputError, match="Shapefile is incomplete") as caught:
        read_vector(path)
    assert suffix in caught.value.got


@pytest.mark.parametrize("encoding", ["GB18030", "UTF-8"])
def test_shapefile_attributes_without_a_declared_encoding(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "pois.shp"
    frame = points(name=["解放碑", "洪崖洞", "朝天门"])
    frame.to_file(path, engine="pyogrio", encoding=encoding)
    path.with_suffix(".cpg").unlink(missing_ok=True)
    dbf = bytearray(path.with_suffix(".dbf").read_bytes())
    dbf[29] = 0
    path.with_suffix(".dbf").write_bytes(dbf)
    assert sorted(read_vector(path).frame["name"]) == sorted(["解放碑", "洪崖洞", "朝天门"])


def test_layers_of_a_file_are_named(tmp_path: Path) -> None:
    path = tmp_path / "city.gpkg"
    points(1).to_file(path, layer="stops")
    points(2).to_file(path, layer="trees")
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
    write(points(), tmp_path / "roads.shp")
    members = [path for path in tmp_path.iterdir() if path.stem == "roads"]
    assert len(read_vector(_zip(tmp_path / "roads.zip", *members)).frame) == 3
    without_prj = [path for path in members if path.suffix != ".prj"]
    with pytest.raises(InputError, match="do not say which coordinate reference system"):
        read_vector(_zip(tmp_path / "noprj.zip", *without_prj))


def test_an_archive_of_several_data_sets_wants_a_name(tmp_path: Path) -> None:
    one, two = write(points(1), tmp_path / "one.gpkg"), write(points(2), tmp_path / "two.gpkg")
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


def _blank(path: Path, size: int, level: int = 9) -> Path:
    """An archive of one file of spaces; 9 packs them to a thousandth, 0 not at all."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as bundle:
        bundle.writestr("a.geojson", b" " * size)
    return path


def test_an_archive_that_packs_far_too_well_is_refused_before_it_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = archive.RATIO_FROM_BYTES + 1
    path = _blank(tmp_path / "bomb.zip", size)
    assert size > archive.MAX_RATIO * path.stat().st_size
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *arguments, **options: pytest.fail("it was unpacked"))
    with pytest.raises(InputError, match="decompression bomb") as caught:
        read_vector(path)
    assert code_of(caught) == "vector.inflates"
    assert f"{size:,} bytes in 1 files" in caught.value.got
    assert "Unpack it yourself" in caught.value.remedy


@pytest.mark.parametrize(("size", "level"), [(100_000, 9), (100_001, 0)])
def test_a_small_archive_may_pack_well_and_a_large_one_may_be_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int, level: int
) -> None:
    monkeypatch.setattr(archive, "RATIO_FROM_BYTES", 100_000)
    with archive.unpacked(_blank(tmp_path / "good.zip", size, level), None) as path:
        assert path.stat().st_size == size


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
    inner = write(points(1), tmp_path / "inner.geojson")
    with zipfile.ZipFile(sly, "w") as bundle:
        bundle.write(inner, "../../escaped.geojson")
    assert len(read_vector(sly).frame) == 1
    assert not list(tmp_path.parent.glob("escaped*"))
