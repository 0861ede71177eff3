"""Snapshots of frames that Hypothesis makes: the hash is of the content and of all of it; what is put is read."""

import json
import tempfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from cim_core.editing import plain
from cim_core.schema import Field, LayerSchema, Text
from cim_core.store.content import GRID_M, conform, frame_hash
from cim_core.store.snapshots import SnapshotStore

TITLE = Text(en="t", zh="题")
CRS = "EPSG:32648"
texts = st.text(st.characters(codec="utf-8"), max_size=6)
whole = st.integers(-(2**63), 2**63 - 1)
moments = st.datetimes(pd.Timestamp("1970-01-01"), pd.Timestamp("2200-01-01")).map(
    lambda at: pd.Timestamp(at, tz="UTC")
)
VALUES = {
    "string": texts,
    "int64": whole,
    "float64": st.floats(allow_nan=False, allow_infinity=False),
    "bool": st.booleans(),
    "json": st.dictionaries(texts, whole, max_size=2).map(json.dumps),
    "list<int64>": st.lists(whole, max_size=3),
    "timestamp": moments,
}
metres = st.floats(-1e7, 1e7).map(lambda x: float(round(x, 4)))
places = st.tuples(metres, metres)
shapes = {
    "Point": places.map(shapely.Point),
    "LineString": st.lists(places, min_size=2, max_size=4).map(shapely.LineString),
}


def schema_of(nullable: bool, geometry: str) -> LayerSchema:
    fields = [Field(name=f"f_{kind}", dtype=kind, title=TITLE, nullable=nullable) for kind in VALUES]
    return LayerSchema(name="made", title=TITLE, geometry=geometry, fields=tuple(fields))


def column(kind: str, values: list, nullable: bool) -> object:
    if kind in ("int64", "bool"):
        return pd.array(values, dtype={"int64": "Int64", "bool": "boolean"}[kind] if nullable else kind)
    if kind == "timestamp":
        return pd.to_datetime(pd.Series(values, dtype=object), utc=True).array
    return np.array(values, dtype=float) if kind == "float64" else pd.Series(values, dtype=object).array


@st.composite
def layers(draw, least: int = 0, kinds: tuple[str, ...] = tuple(shapes)) -> tuple[gpd.GeoDataFrame, LayerSchema]:
    """A frame and its schema: every dtype, with and without nulls."""
    nullable, geometry = draw(st.booleans()), draw(st.sampled_from(kinds))
    ids = draw(st.lists(texts, min_size=least, max_size=6, unique=True))

    def values(kind: str) -> list:
        one = st.none() | VALUES[kind] if nullable else VALUES[kind]
        return draw(st.lists(one, min_size=len(ids), max_size=len(ids)))

    columns = {f"f_{kind}": column(kind, values(kind), nullable) for kind in VALUES}
    drawn = draw(st.lists(shapes[geometry], min_size=len(ids), max_size=len(ids)))
    frame = gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries(drawn, crs=CRS).array, crs=CRS)
    return frame.set_axis(pd.Index(ids, dtype=object, name="id")), schema_of(nullable, geometry)


def hash_of(frame: gpd.GeoDataFrame, schema: LayerSchema) -> str:
    return frame_hash(conform(frame, schema), schema)


made = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@made
@given(layers(), st.randoms(use_true_random=False))
def test_the_hash_knows_no_row_order(layer, random):
    frame, schema = layer
    order = list(range(len(frame)))
    random.shuffle(order)
    assert hash_of(frame.iloc[order], schema) == hash_of(frame, schema)


@made
@given(layers())
def test_bringing_a_frame_into_its_schema_twice_changes_nothing(layer):
    frame, schema = layer
    once = conform(frame, schema)
    assert_geodataframe_equal(conform(once, schema), once)


def same(one: object, other: object) -> bool:
    if isinstance(one, np.ndarray | list) and isinstance(other, np.ndarray | list):
        return list(one) == list(other)
    return (one is None and other is None) or (type(one) is type(other) and one == other)


@pytest.mark.parametrize("kind", VALUES)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(layers(least=1), st.data())
def test_the_hash_changes_with_any_one_value(kind, layer, data):
    frame, schema = layer
    name, nullable = f"f_{kind}", schema.fields[0].nullable
    row = data.draw(st.integers(0, len(frame) - 1))
    values = [value if isinstance(value, np.ndarray | list) else plain(value) for value in frame[name]]
    values = [None if value is pd.NaT else value for value in values]
    other = data.draw(st.none() | VALUES[kind] if nullable else VALUES[kind])
    assume(not same(values[row], other))
    values[row] = other
    assert hash_of(frame.assign(**{name: column(kind, values, nullable)}), schema) != hash_of(frame, schema)


@pytest.mark.parametrize("kind", VALUES)
@settings(max_examples=10, deadline=None)
@given(st.data())
def test_the_hash_knows_which_row_lacks_a_value(kind, data):
    schema = LayerSchema(
        name="made", title=TITLE, geometry="Point", fields=(Field(name=f"f_{kind}", dtype=kind, title=TITLE),)
    )
    value = data.draw(VALUES[kind])

    def lacking(values: list) -> str:
        columns = {f"f_{kind}": column(kind, values, True)}
        return hash_of(gpd.GeoDataFrame(columns, geometry=gpd.points_from_xy([0, 1], [0, 1]), crs=CRS), schema)

    assert lacking([None, value]) != lacking([value, None])


@made
@given(layers(least=1), st.data())
def test_the_hash_changes_with_any_one_place_and_any_one_id(layer, data):
    frame, schema = layer
    row = data.draw(st.integers(0, len(frame) - 1))
    step = np.array(data.draw(st.sampled_from([(2, 0), (0, -2), (1000, 1), (-3, 2)]))) * GRID_M
    shape = frame.geometry.array.copy()
    shape[row] = shapely.transform(shape[row], lambda xy: xy + step)
    assert hash_of(frame.set_geometry(shape), schema) != hash_of(frame, schema)
    other = data.draw(texts)
    assume(other not in frame.index)
    ids = [other if place == row else name for place, name in enumerate(frame.index)]
    assert hash_of(frame.set_axis(pd.Index(ids, dtype=object)), schema) != hash_of(frame, schema)


@made
@given(layers(least=1, kinds=("Point",)), st.data())
def test_what_is_less_than_the_grid_is_no_change(layer, data):
    """Nought has one form, and a tenth of a grid step to either side of a grid point is that point."""
    frame, schema = layer
    on_grid = conform(frame, schema)
    small = data.draw(st.floats(-0.1, 0.1)) * GRID_M
    nudged = on_grid.set_geometry(shapely.transform(on_grid.geometry.array, lambda xy: xy + small), crs=CRS)
    assert hash_of(nudged, schema) == hash_of(frame, schema)


@made
@given(layers())
def test_what_is_put_is_read_as_it_was_conformed(layer):
    frame, schema = layer
    with tempfile.TemporaryDirectory() as folder:
        store = SnapshotStore(Path(folder))
        info = store.put_layer(frame, schema)
        back = store.read_layer("made", info.hash)
        expected = conform(frame, schema)
        assert_geodataframe_equal(
            back[list(expected.columns)], expected, check_dtype=False, check_index_type=False, check_less_precise=False
        )
        assert hash_of(back, schema) == info.hash
        assert (info.rows, list(back.index)) == (len(frame), sorted(frame.index))
        assert store.put_layer(back, schema) == info
