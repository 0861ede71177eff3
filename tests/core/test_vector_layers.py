"""Vector features onto the standard layers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from vector_builder import LON, code_of, points, square, write

from cim_core.errors import InputError
from cim_core.gis.vector import derive_schema, read_vector
from cim_core.layers import BUILDINGS, POIS, ROADS, SIGNALS
from cim_core.schema import LayerSchema
from cim_core.store.content import conform

# ---- standard layers


def _buildings(**columns: Any) -> gpd.GeoDataFrame:
    count = len(next(iter(columns.values())))
    return gpd.GeoDataFrame(columns, geometry=[square(LON + i / 100) for i in range(count)], crs=4326)


def test_buildings_are_mapped_with_what_is_assumed(tmp_path: Path) -> None:
    frame = _buildings(
        名称=["甲楼", "Tower", None, None],
        层数=["3层", "20", None, None],
        高度=[None, 75.0, 18.0, None],
        用途=["住宅", "office", None, "商业"],
        id=["a", "b", "c", "d"],
    )
    extract = read_vector(write(frame, tmp_path / "houses.gpkg"), target=BUILDINGS)
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
    result = read_vector(write(frame, tmp_path / "a.gpkg"), target=BUILDINGS).frame.loc[["a", "b", "c"]]
    assert result["levels"].tolist() == [10, 11, 10]
    assert result["height_m"].tolist() == [30.0, 33.0, 30.0]


@pytest.mark.parametrize(
    ("frame", "target", "missing"),
    [
        (_buildings(colour=["red"]), BUILDINGS, "levels"),
        (points(1), POIS, "category"),
        (points(1), SIGNALS, "node"),
        (gpd.GeoDataFrame({"a": [1]}, geometry=[shapely.LineString([(106, 29), (107, 30)])], crs=4326), ROADS, "nodes"),
    ],
)
def test_fields_that_cannot_be_assumed_are_named(
    tmp_path: Path, frame: gpd.GeoDataFrame, target: LayerSchema, missing: str
) -> None:
    with pytest.raises(InputError, match="needs fields that the source does not have") as caught:
        read_vector(write(frame, tmp_path / "a.gpkg"), target=target)
    assert code_of(caught) == "vector.fields_missing"
    assert missing in caught.value.expected


def test_places_take_their_kind_from_osm_columns(tmp_path: Path) -> None:
    frame = points(amenity=["school", None, None], shop=[None, "mall", None], osmid=[1, 2, 3])
    extract = read_vector(write(frame, tmp_path / "a.gpkg"), target=POIS)
    result = extract.frame.loc[["1", "2", "3"]]
    assert result["category"].tolist() == ["amenity", "shop", "poi"]
    assert result["kind"].tolist() == ["school", "mall", "unknown"]
    assert extract.report.assumed["pois"]["kind: not in the source"] == 1
    conform(result.to_crs(32648), POIS)


def test_derive_schema_names_kinds(tmp_path: Path) -> None:
    frame = read_vector(write(_buildings(n=[1, 2]), tmp_path / "plots.gpkg")).frame
    schema = derive_schema(frame, "plots")
    assert (schema.name, schema.geometry, schema.names) == ("plots", "Polygon", ("n",))


def test_progress_is_told_in_order(tmp_path: Path) -> None:
    told: list[tuple[float, str]] = []
    read_vector(write(points(), tmp_path / "a.gpkg"), progress=lambda share, message: told.append((share, message)))
    assert [share for share, _ in told] == sorted(share for share, _ in told)
    assert told[-1][0] == 1.0
