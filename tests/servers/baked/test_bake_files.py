"""From a snapshot's file in batches: the same layer as from the frame, whatever the batches; and damaged files."""

from __future__ import annotations

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from cim_core.errors import StorageError
from servers.serving.baked import bake, interning
from servers.serving.baked.bake import (
    BakeField,
    BakeSpec,
    bake_frame,
    bake_parquet,
    open_baked,
    write_baked,
    write_frame,
)
from servers.serving.baked.layout import META, BakedLayer, arrays_of, meta_of

FIELDS = tuple(
    BakeField(name, dtype)
    for name, dtype in (
        ("name", "string"), ("tags", "json"), ("count", "int64"), ("height", "float64"), ("open", "bool"),
        ("nodes", "list<int64>"), ("seen", "timestamp"),
    )
)  # fmt: skip
SPEC = BakeSpec("buildings", FIELDS, "v1")


def frame_of(count: int, seed: int = 1) -> gpd.GeoDataFrame:
    random = np.random.default_rng(seed)
    numbers = random.integers(0, 9, count)
    some = lambda values: pd.Series(values, dtype=object).where(random.random(count) < 0.8, None).to_numpy()  # noqa: E731
    places = random.uniform(0, 3_000, (count, 2)) + np.array([650_000, 3_270_000])
    shapes = shapely.polygons(places[:, None] + np.array([(0, 0), (9, 0), (9, 9), (0, 9)]))
    shapes[::7] = shapely.points(places[::7])
    shapes[3::11] = shapely.linestrings(np.stack([places, places + 30], axis=1))[3::11]
    shapes[5::13] = None
    columns = {
        "name": some([f"楼 {n}" for n in range(count)]),
        "tags": some([json.dumps({"n": int(n), "b": [1, None]}) for n in numbers]),
        "count": pd.array(some(numbers), dtype="Int64"),
        "height": np.where(numbers > 7, np.nan, random.random(count)),
        "open": pd.array(some(numbers > 3), dtype="boolean"),
        "nodes": some([np.arange(n) for n in numbers]),
        "seen": pd.to_datetime(some([f"2026-01-0{n + 1}T00:00:00Z" for n in numbers]), utc=True).array,
    }
    return gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:32648", index=[f"b{i}" for i in range(count)])


def written(frame: gpd.GeoDataFrame, path) -> None:
    bake.in_hilbert_order(frame).rename_axis("id").reset_index().to_parquet(path, row_group_size=50, index=False)


def content(layer: BakedLayer) -> dict:
    """All that rows say, by id."""
    return {
        layer.id(row): (
            layer.feature(row),
            layer.wkb(row),
            int(layer.kind[row]),
            int(layer.first_zoom[row]),
            [column.texts(np.array([row]))[0] for column in layer.columns],
        )
        for row in range(len(layer))
    }


@pytest.mark.parametrize("count", [0, 1, 400])
@pytest.mark.parametrize("batch", [1_000, 64])
def test_a_file_in_batches_is_baked_as_the_frame(tmp_path, monkeypatch, batch, count) -> None:
    frame = frame_of(count)
    monkeypatch.setattr(bake, "BATCH", batch)
    written(frame, tmp_path / "frame.parquet")
    (tmp_path / "out").mkdir()
    bake_parquet(tmp_path / "frame.parquet", SPEC, tmp_path / "out")
    layer, whole = open_baked(tmp_path / "out"), bake_frame(frame, SPEC)
    assert content(layer) == content(whole)
    assert [layer.find(one) is not None for one in frame.index] == [True] * count
    assert (np.diff((layer.kind == 0).astype(int)) >= 0).all()  # what has no place is last
    assert {name: array.shape for name, array in arrays_of(layer)} == {n: a.shape for n, a in arrays_of(whole)}
    assert not any(array.flags.writeable for one in (layer, whole) for _, array in arrays_of(one))


def test_values_stand_once_until_nearly_all_differ(monkeypatch) -> None:
    frame = frame_of(400)
    monkeypatch.setattr(bake, "BATCH", 64)
    before = bake_frame(frame, SPEC)
    for column in before.columns:
        texts = [column.value_text(code) for code in range(column.distinct)]
        assert len(texts) == len(set(texts))
        assert sorted(set(column.code.tolist()) - {-1}) == list(range(column.distinct))
    monkeypatch.setattr(interning, "_TRIAL", 2)
    monkeypatch.setattr(interning, "_REPEATS", 0.0)
    after = bake_frame(frame, SPEC)
    assert content(after) == content(before)
    more = {one.name for one, other in zip(after.columns, before.columns, strict=True) if one.distinct > other.distinct}
    assert more == {"tags", "count", "nodes", "seen"}  # they are looked through no more; those below never repeat


def test_columns_answer_with_numbers_and_texts() -> None:
    frame = frame_of(60)
    layer = bake_frame(frame, SPEC)
    rows = np.arange(60)
    ordered = frame.loc[[layer.id(row) for row in rows]]
    for name in ("count", "height", "open"):
        wanted = ordered[name].to_numpy(dtype=float, na_value=np.nan)
        assert layer.column(name).numbers(rows) == pytest.approx(wanted, nan_ok=True)
    seen = layer.column("seen").numbers(rows) / 1e6
    assert seen == pytest.approx([np.nan if pd.isna(one) else one.timestamp() for one in ordered["seen"]], nan_ok=True)
    assert layer.column("name").texts(rows).tolist() == [None if pd.isna(one) else one for one in ordered["name"]]
    assert [None if one is None else json.loads(one) for one in layer.column("nodes").texts(rows)] == [
        None if one is None else list(one) for one in ordered["nodes"]
    ]
    known = [one for one in layer.column("seen").texts(rows) if one is not None]
    assert all(pd.Timestamp(one).tzinfo is not None for one in known)
    with pytest.raises(TypeError, match="has no numbers"):
        layer.column("name").numbers(rows)
    assert layer.column("id").texts(np.zeros(0, dtype=np.int32)).tolist() == []


def test_a_layer_written_is_the_layer_opened(tmp_path) -> None:
    layer = bake_frame(frame_of(100), SPEC)
    write_baked(layer, tmp_path)
    again = open_baked(tmp_path)
    assert json.loads(json.dumps(meta_of(again))) == json.loads(json.dumps(meta_of(layer)))
    for (name, one), (other_name, other) in zip(arrays_of(layer), arrays_of(again), strict=True):
        assert name == other_name
        assert one.dtype == other.dtype
        assert np.array_equal(one, other, equal_nan=one.dtype.kind == "f")


def test_damaged_layers_are_refused_with_a_remedy(tmp_path) -> None:
    write_baked(bake_frame(frame_of(30), SPEC), tmp_path)
    (tmp_path / "xy.npy").write_bytes((tmp_path / "xy.npy").read_bytes()[:150])
    with pytest.raises(StorageError, match="a baked layer cannot be read"):
        open_baked(tmp_path)
    (tmp_path / META).write_text('{"format": 99}')
    with pytest.raises(StorageError, match="format 99"):
        open_baked(tmp_path)
    with pytest.raises(StorageError, match="No such file"):
        open_baked(tmp_path / "nowhere")


def test_a_frame_without_schema_goes_through_a_file_unchanged(tmp_path) -> None:
    frame = frame_of(50).assign(mixed=[{"a": 1}, "12", 12, None, [1]] * 10)
    spec = write_frame(frame, BakeSpec("answers", None, "v"), tmp_path / "f.parquet")
    (tmp_path / "out").mkdir()
    bake_parquet(tmp_path / "f.parquet", spec, tmp_path / "out")
    layer, whole = open_baked(tmp_path / "out"), bake_frame(frame, BakeSpec("answers", None, "v"))
    assert content(layer) == content(whole)
    assert json.loads(layer.feature(layer.row("b1")))["properties"]["mixed"] == "12"


def test_heights_become_a_derived_column() -> None:
    shapes = [shapely.LineString([(0, 0, 5), (1, 1, 3.00049)]), shapely.Point(1, 1), shapely.Point(1, 1, -2)]
    frame = gpd.GeoDataFrame({"a": 1}, geometry=shapes, crs="EPSG:4326", index=["x", "y", "z"])
    layer = bake_frame(frame, BakeSpec("things"))
    rows = np.array([layer.row(one) for one in "xyz"])
    assert layer.column("z_m").numbers(rows) == pytest.approx([3.0, np.nan, -2], nan_ok=True)
    assert (layer.has_z, layer.fields) == (True, ("a",))
    flat = bake_frame(frame.iloc[1:2], BakeSpec("things"))
    assert not flat.has_z
    assert bake_frame(frame.iloc[1:2], BakeSpec("things", heights=True)).column("z_m").code.tolist() == [-1]


def test_tile_values_are_those_of_the_specification() -> None:
    frame = gpd.GeoDataFrame(
        {"t": ["重" * 60, ""], "f": [0.1, None], "i": [-3, 2**40], "b": [True, False]},
        geometry=shapely.points([(0, 0), (1, 1)]), crs="EPSG:4326", index=["a", "b"],
    )  # fmt: skip
    layer = bake_frame(frame, BakeSpec("things"))

    def entry(name: str, id_: str) -> bytes:
        column = layer.column(name)
        code = column.code[layer.row(id_)]
        return column.mvt[column.mvt_at[code] : column.mvt_at[code + 1]].tobytes()

    text = ("重" * 60).encode()
    assert entry("t", "a") == b"\x22\xb7\x01\x0a\xb4\x01" + text
    assert entry("t", "b") == b"\x22\x02\x0a\x00"
    assert entry("f", "a") == b"\x22\x05\x15" + np.float32(0.1).tobytes()
    assert entry("i", "a") == b"\x22\x02\x30\x05"
    assert entry("i", "b") == b"\x22\x07\x30\x80\x80\x80\x80\x80\x40"
    assert entry("b", "a") == b"\x22\x02\x38\x01"
