"""Layer snapshots: content decides the name, the file is GeoParquet 1.1 in Hilbert order, a bbox reads a part."""

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal

from cim_core.errors import InputError, StorageError
from cim_core.layers import ROADS, STANDARD_LAYERS
from cim_core.schema import Field, LayerSchema, Text
from cim_core.store.content import conform, frame_hash
from cim_core.store.snapshots import SnapshotStore
from cim_core.testing.tiny import tiny_layers

CRS = "EPSG:32648"


@pytest.fixture(scope="module")
def layers() -> dict[str, gpd.GeoDataFrame]:
    return {name: frame.to_crs(CRS) for name, frame in tiny_layers().items()}


@pytest.fixture
def roads(layers) -> gpd.GeoDataFrame:
    return layers["roads"].copy()


@pytest.fixture
def store(tmp_path) -> SnapshotStore:
    return SnapshotStore(tmp_path)


def hash_of(frame: gpd.GeoDataFrame, schema: LayerSchema = ROADS) -> str:
    return frame_hash(conform(frame, schema), schema)


@pytest.mark.parametrize("name", sorted(STANDARD_LAYERS))
def test_a_layer_comes_back_as_it_was_put(store, layers, name):
    info = store.put_layer(layers[name], STANDARD_LAYERS[name])
    back = store.read_layer(name, info.hash)
    expected = conform(layers[name], STANDARD_LAYERS[name])
    assert_geodataframe_equal(back, expected, check_dtype=False, check_like=True, check_index_type=False)
    assert hash_of(back, STANDARD_LAYERS[name]) == info.hash
    assert (info.rows, back.index.name, back.index.is_monotonic_increasing) == (len(layers[name]), "id", True)
    assert info.bounds == pytest.approx(tuple(layers[name].total_bounds), abs=0.001)


def test_all_dtypes_come_back_with_their_nulls(store):
    title = Text(en="t", zh="题")
    kinds = {"string": "a", "int64": 2**60 + 1, "float64": 0.1, "bool": True, "json": '{"a": 1}'}
    fields = [Field(name=f"f_{kind}", dtype=kind, title=title) for kind in (*kinds, "list<int64>", "timestamp")]
    schema = LayerSchema(name="all", title=title, geometry="Point", fields=tuple(fields))
    rows = {f"f_{kind}": [value, None] for kind, value in kinds.items()}
    rows |= {"f_list<int64>": [[1, 2], None], "f_timestamp": [pd.Timestamp("2026-01-01T08:00+08:00"), None]}
    rows["f_int64"] = pd.array(rows["f_int64"], dtype="Int64")
    frame = gpd.GeoDataFrame(rows, geometry=gpd.points_from_xy([1, 2], [3, 4]), crs=CRS, index=["a", "b"])
    info = store.put_layer(frame, schema)
    back = store.read_layer("all", info.hash)
    assert back.loc["b"].drop("geometry").isna().all()
    assert [back.at["a", f"f_{kind}"] for kind in kinds] == list(kinds.values())
    assert back.at["a", "f_list<int64>"].tolist() == [1, 2]
    assert back.at["a", "f_timestamp"] == pd.Timestamp("2026-01-01T00:00Z")


def test_the_hash_knows_neither_row_order_nor_file_bytes(store, roads, tmp_path):
    info = store.put_layer(roads, ROADS)
    assert hash_of(roads.sample(frac=1, random_state=3)) == info.hash
    other = tmp_path / "other.parquet"
    frame = gpd.read_parquet(store.layer_path("roads", info.hash))
    frame.iloc[::-1].to_parquet(other, compression="gzip", row_group_size=7, index=False)
    assert other.read_bytes() != store.layer_path("roads", info.hash).read_bytes()
    assert hash_of(gpd.read_parquet(other).set_index("id")) == info.hash


_OTHER = {"string": "other", "json": '{"other": 1}', "list<int64>": np.array([1, 2, 3])}


@pytest.mark.parametrize("name", ROADS.names)
def test_the_hash_knows_every_field(roads, name):
    before = hash_of(roads)
    row, dtype = roads.index[3], ROADS.field(name).dtype
    value = roads.at[row, name]
    if dtype in _OTHER:
        roads.at[row, name] = _OTHER[dtype]
    else:
        roads.at[row, name] = not value if dtype == "bool" else value + 1
    assert hash_of(roads) != before


def test_the_hash_knows_geometry_ids_schema_and_crs(roads):
    before = hash_of(roads)
    moved = roads.copy()
    moved.loc[roads.index[0], "geometry"] = shapely.transform(moved.geometry.iloc[0], lambda xy: np.add(xy, (0.01, 0)))
    renamed = roads.rename(index={roads.index[0]: "another"})
    schema = ROADS.model_copy(update={"grade": "internal"})
    elsewhere = roads.set_crs("EPSG:32649", allow_override=True)
    hashes = {before, hash_of(moved), hash_of(renamed), hash_of(roads, schema), hash_of(elsewhere)}
    assert len(hashes) == 5


def test_an_empty_text_is_not_a_missing_one(roads):
    empty, missing = roads.copy(), roads.copy()
    empty.loc[roads.index[0], "name"] = ""
    missing.loc[roads.index[0], "name"] = None
    assert hash_of(empty) != hash_of(missing)


def test_the_file_is_geoparquet_11_with_covering_in_hilbert_order(store, roads):
    path = store.layer_path("roads", store.put_layer(roads, ROADS).hash)
    geo = json.loads(pq.read_schema(path).metadata[b"geo"])
    assert geo["version"] == "1.1.0"
    assert geo["columns"]["geometry"]["covering"]["bbox"]["xmin"] == ["bbox", "xmin"]
    distances = gpd.read_parquet(path).hilbert_distance().to_numpy()
    assert (np.diff(distances.astype(np.int64)) >= 0).all()


def test_a_bbox_reads_what_meets_it(store, roads):
    info = store.put_layer(roads, ROADS)
    west, south, east, north = roads.total_bounds
    box = (west, south, (west + east) / 2, (south + north) / 2)
    found = store.read_layer("roads", info.hash, ["name"], box)
    limits = roads.bounds
    inside = (limits.minx <= box[2]) & (limits.maxx >= box[0]) & (limits.miny <= box[3]) & (limits.maxy >= box[1])
    assert set(found.index) == set(roads.index[inside])
    assert 0 < len(found) < len(roads)
    assert list(found.columns) == ["name", "geometry"]


def test_the_same_content_is_written_once(store, roads):
    first = store.put_layer(roads, ROADS)
    written = store.layer_path("roads", first.hash).stat().st_mtime_ns
    assert store.put_layer(roads.iloc[::-1], ROADS) == first
    assert store.layer_path("roads", first.hash).stat().st_mtime_ns == written


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda frame: frame.drop(columns="lanes_forward"), "layer.schema"),
        (lambda frame: pd.concat([frame, frame.iloc[:1]]), "layer.schema"),
        (lambda frame: frame.assign(lanes_forward=pd.array([None] * len(frame), dtype="Int64")), "layer.null"),
        (lambda frame: frame.assign(lanes_forward="two"), "layer.dtype"),
    ],
)
def test_a_frame_that_does_not_fit_its_schema_is_refused(store, roads, spoil, code):
    with pytest.raises(InputError, match=code.replace(".", r"\.")) as caught:
        store.put_layer(spoil(roads), ROADS)
    assert caught.value.remedy
    assert not list(store.root.rglob("*.parquet"))


def test_an_empty_layer_is_a_layer(store, roads):
    info = store.put_layer(roads.iloc[:0], ROADS)
    assert (info.rows, info.bounds, len(store.read_layer("roads", info.hash))) == (0, None, 0)


def test_a_missing_file_is_named(store):
    with pytest.raises(StorageError, match=r"storage\.snapshot_missing") as caught:
        store.read_layer("roads", "0" * 64)
    assert Path(caught.value.where) == store.layer_path("roads", "0" * 64)


@pytest.mark.parametrize("unit", ["s", "ms", "ns"])
def test_instants_are_the_same_content_in_any_unit(unit: str) -> None:
    schema = LayerSchema(
        name="times",
        title=Text(en="Times", zh="时刻"),
        geometry="Point",
        fields=(Field(name="t", dtype="timestamp", title=Text(en="Time", zh="时刻")),),
    )
    times = pd.to_datetime(["2026-01-31T08:00:00Z", None], utc=True)
    places = gpd.points_from_xy([0.0, 1.0], [0.0, 1.0])
    frames = [
        conform(
            gpd.GeoDataFrame({"t": times.as_unit(one)}, geometry=places, index=["a", "b"], crs="EPSG:32648"), schema
        )
        for one in (unit, "us")
    ]
    assert {str(frame["t"].dtype) for frame in frames} == {"datetime64[us, UTC]"}
    assert len({frame_hash(frame, schema) for frame in frames}) == 1
