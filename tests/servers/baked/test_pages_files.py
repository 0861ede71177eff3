"""Features as files: read back by GDAL, pyarrow and GeoPandas, they are the features that were asked for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from paged import walk

from servers.serving.baked import formats
from servers.serving.baked.bake import bake_frame
from servers.serving.baked.feature_pages import BakedPages
from servers.serving.baked.placing import CRS84, ReferenceSystem, offered
from servers.serving.baked.spec import BakeField, BakeSpec

CRS = "EPSG:4545"
FIELDS = (
    BakeField("word", "string"),
    BakeField("whole", "int64"),
    BakeField("real", "float64"),
    BakeField("flag", "bool"),
    BakeField("tags", "json"),
    BakeField("nodes", "list<int64>"),
    BakeField("seen", "timestamp"),
)
NAMES = [field.name for field in FIELDS]


def _frame() -> gpd.GeoDataFrame:
    x = np.arange(6) * 100.0 + 360_000
    shapes = [*shapely.box(x[:4], 3_270_000, x[:4] + 50, 3_270_050), shapely.MultiPolygon([shapely.box(*B)]), None]
    return gpd.GeoDataFrame(
        {
            "word": ["解放碑", None, "", 'a"b', "e", "解放碑"],
            "whole": pd.array([1, None, 2**53 + 1, -5, 0, 1], dtype="Int64"),
            "real": [0.1, np.nan, 1e300, -2.5, 0.0, 0.1],
            "flag": [True, None, False, True, None, True],
            "tags": ['{"a":1}', None, "[]", "{}", '{"a":1}', "{}"],
            "nodes": [[1, 2], None, [], [2**40], [3], [1, 2]],
            "seen": pd.to_datetime(["2026-01-02T03:04:05.000006Z", None, *["2026-05-06T00:00:00.5Z"] * 4], utc=True),
        },
        geometry=shapes,
        crs=CRS,
        index=[f"f{n}" for n in range(6)],
    )


B = (361_000.0, 3_270_000.0, 361_010.0, 3_270_010.0)
FRAME = _frame()
PAGES = BakedPages(bake_frame(FRAME, BakeSpec("things", FIELDS)))
SYSTEMS = [CRS84, offered(CRS, False)[-1]]
each_system = pytest.mark.parametrize("system", SYSTEMS, ids=["degrees", "metres"])


def _table(system: ReferenceSystem, names: list[str] | None = None, **asked: Any) -> pa.Table:
    return formats.arrow_table(PAGES, PAGES.positions.select(**asked).positions, names, system)


def _same_places(found: gpd.GeoSeries, system: ReferenceSystem) -> None:
    wanted = FRAME.geometry.to_crs(system.definition)
    assert found.crs == system.definition
    assert set(found.index) == set(wanted.index)
    for id_, shape in found.items():
        assert (shape is None) == (wanted[id_] is None)
        assert shape is None or shapely.equals_exact(shape, wanted[id_], 1e-9)


@each_system
def test_arrow_keeps_types_nulls_and_values(system: ReferenceSystem) -> None:
    table = pa.ipc.open_stream(b"".join(formats.arrow_stream(_table(system)))).read_all()
    assert table.schema.names == ["id", *NAMES, "geometry"]
    types = [str(field.type) for field in table.schema][1:-1]
    assert types[:5] == ["string", "int64", "double", "bool", "string"]
    assert types[5:] == ["list<item: int64>", "timestamp[us, tz=UTC]"]
    served = {one["id"]: one["properties"] for one in walk(PAGES)}
    for row in table.select(["id", *NAMES]).to_pylist():
        wanted = served[row.pop("id")]
        shown = row | {"tags": None if row["tags"] is None else json.loads(row["tags"])}
        assert shown.pop("seen") == (wanted["seen"] and pd.Timestamp(wanted["seen"]))
        assert shown == {name: value for name, value in wanted.items() if name != "seen"}
    _same_places(gpd.GeoDataFrame.from_arrow(table).set_index("id").geometry, system)


@each_system
def test_geoparquet_is_read_with_its_reference_system(system: ReferenceSystem) -> None:
    file = formats.geoparquet(_table(system))
    found = gpd.read_parquet(file).set_index("id")
    _same_places(found.geometry, system)
    assert found["word"].tolist() == [FRAME["word"][id_] for id_ in found.index]
    about = json.loads(pq.read_metadata(file).metadata[b"geo"])
    assert (about["version"], about["columns"]["geometry"]["geometry_types"]) == ("1.1.0", ["MultiPolygon", "Polygon"])


@each_system
@pytest.mark.parametrize(("driver", "ending"), [("FlatGeobuf", ".fgb"), ("GPKG", ".gpkg")])
def test_gdal_reads_what_gdal_wrote(system: ReferenceSystem, driver: str, ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"file{ending}"
    with formats.gdal_file(_table(system), "things", driver, ending, system) as file:
        path.write_bytes(file.read())
    found = gpd.read_file(path).set_index("id")
    _same_places(found.geometry, system)
    assert {id_: json.loads(nodes) for id_, nodes in found["nodes"].items() if isinstance(nodes, str)} == {
        id_: nodes for id_, nodes in FRAME["nodes"].items() if nodes is not None
    }
    assert found["whole"]["f2"] == 2**53 + 1
    assert pd.Timestamp(found["seen"]["f0"]).isoformat(timespec="seconds") == "2026-01-02T03:04:05+00:00"


def test_heights_stay(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame(geometry=[shapely.Point(106, 29, 205.5)], crs="EPSG:4326", index=["a"])
    pages = BakedPages(bake_frame(frame, BakeSpec("things")))
    table = formats.arrow_table(pages, pages.positions.select().positions, None, CRS84)
    assert gpd.read_parquet(formats.geoparquet(table)).geometry[0] == shapely.Point(106, 29, 205.5)
    with formats.gdal_file(table, "things", "FlatGeobuf", ".fgb", CRS84) as file:
        (tmp_path / "a.fgb").write_bytes(file.read())
    assert shapely.get_coordinates(gpd.read_file(tmp_path / "a.fgb").geometry, include_z=True).tolist() == [
        [106, 29, 205.5]
    ]


@pytest.mark.parametrize(("driver", "ending"), [("FlatGeobuf", ".fgb"), ("GPKG", ".gpkg")])
def test_nothing_found_is_an_empty_file(driver: str, ending: str, tmp_path: Path) -> None:
    table = _table(CRS84, bbox=(0.0, 0.0, 1.0, 1.0))
    assert len(gpd.read_parquet(formats.geoparquet(table))) == 0
    assert pa.ipc.open_stream(b"".join(formats.arrow_stream(table))).read_all().num_rows == 0
    with formats.gdal_file(table, "things", driver, ending, CRS84) as file:
        (tmp_path / f"none{ending}").write_bytes(file.read())
    assert len(gpd.read_file(tmp_path / f"none{ending}")) == 0


def test_chosen_fields_and_features_only() -> None:
    table = _table(CRS84, ["real"], limit=2)
    assert (table.schema.names, table.num_rows) == (["id", "real", "geometry"], 2)


def test_a_field_called_like_the_id_stands_beside_it() -> None:
    frame = gpd.GeoDataFrame({"id": [7.0]}, geometry=[shapely.Point(1, 2)], crs="EPSG:4326", index=["a"])
    pages = BakedPages(bake_frame(frame, BakeSpec("things", (BakeField("id", "float64"),))))
    table = formats.arrow_table(pages, pages.positions.select().positions, None, CRS84)
    assert table.select(["id", "id_1"]).to_pylist() == [{"id": "a", "id_1": 7.0}]


def test_the_temporary_file_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    formats.gdal_file(_table(CRS84), "things", "GPKG", ".gpkg", CRS84).close()
    assert list(tmp_path.iterdir()) == []
