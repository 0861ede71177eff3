"""A small editable layer with a field of every dtype, for tests of edits; made up, no real place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import shapely

from cim_core.city import City
from cim_core.schema import Field, LayerSchema, Text
from cim_core.store.feature_content import Feature, content_of, features_in, frame_of

TITLE = Text(en="Trees (synthetic)", zh="树木（虚构）")
DTYPES = ("string", "int64", "float64", "bool", "json", "list<int64>", "timestamp")
TREES = LayerSchema(
    name="trees",
    title=TITLE,
    geometry="Point",
    editable=True,
    fields=(
        Field(name="kind", dtype="string", title=TITLE, nullable=False),
        Field(name="count", dtype="int64", title=TITLE, nullable=False),
        *(Field(name=f"f_{dtype}", dtype=dtype, title=TITLE) for dtype in DTYPES),
    ),
)
CRS = "EPSG:32648"
FULL: dict[str, Any] = {
    "kind": "黄葛树",
    "count": 3,
    "f_string": "a",
    "f_int64": 2**53 + 1,
    "f_float64": 0.1,
    "f_bool": True,
    "f_json": '{"a": [1, null]}',
    "f_list<int64>": [1, -2],
    "f_timestamp": "2026-01-31T08:00:00.500000+00:00",
}
EMPTY: dict[str, Any] = dict.fromkeys(FULL) | {"kind": "oak", "count": 0}


def point(east: float = 0.0, north: float = 0.0) -> shapely.Point:
    """Metres from a corner of the layer, in the working CRS."""
    return shapely.Point(652_000 + east, 3_270_000 + north)


def planted(city: City, schema: LayerSchema = TREES, count: int = 3) -> City:
    """The city with the layer in it: ``t0``, ``t1`` … with and without values."""
    features = [Feature(f"t{i}", FULL if i % 2 else EMPTY, point(10.0 * i)) for i in range(count)]
    with city.edit("plant") as session:
        session.set_crs(CRS)
        session.put_layer(frame_of(features, schema, CRS), schema)
    return City.open(city.root)


def shown(frame: gpd.GeoDataFrame, schema: LayerSchema = TREES) -> Mapping[str, Any]:
    """Feature id → plain content of a frame, whose order is checked."""
    assert list(frame.index) == sorted(frame.index)
    return {feature.id: content_of(feature) for feature in features_in(frame, schema)}


def pair(city: City) -> None:
    """One version of three edits that belong together: two new trees and a changed one, named after the version."""
    number = city.sequence
    with city.edit(f"pair {number}") as session:
        for letter in "ab":
            session.create_feature("trees", EMPTY | {"count": number}, point(number % 90), feature=f"{letter}{number}")
        session.update_feature("trees", "t0", {"count": number})
