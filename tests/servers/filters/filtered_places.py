"""A small synthetic layer with every dtype, nulls and several kinds of geometry, baked; and questions to it."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from cim_core.schema import Dtype
from servers.serving.baked.bake import bake_frame
from servers.serving.baked.layout import BakedLayer
from servers.serving.baked.spec import BakeField, BakeSpec
from servers.serving.filters import Filter, parse_filter

WORKING = "EPSG:32648"
FIELDS: tuple[tuple[str, Dtype], ...] = (
    ("name", "string"),
    ("use", "string"),
    ("levels", "int64"),
    ("height_m", "float64"),
    ("open", "bool"),
    ("built", "timestamp"),
    ("razed", "timestamp"),
    ("tags", "json"),
)
COLUMNS = [("id", "string"), *FIELDS]
ROWS = [
    ("a", "东水门大桥", "bridge", 1, 12.5, True, "2001-02-03T04:05:06Z", None),
    ("b", "Café Ñandú", "retail", 3, 9.0, False, "2010-01-01T00:00:00Z", "2020-01-01T00:00:00Z"),
    ("c", "CAFE nandu", "retail", 3, None, None, "2010-01-01T15:59:59.999999Z", "2015-06-01T00:00:00Z"),
    ("d", None, None, None, -1.5, True, None, None),
    ("e", "100%_sure\\", "office", 2**53 + 1, 1e30, False, "2020-02-29T12:00:00Z", "2020-03-01T00:00:00Z"),
    ("f", "O'Brien\nTower", "office", -7, 0.0, None, "1969-12-31T23:59:59Z", None),
    ("g", "", "home", 0, 33.25, True, "2010-01-02T00:00:00Z", "2010-01-02T00:00:00Z"),
]
PLACES = [
    "POINT (106.55 29.55)",
    "POLYGON ((106.56 29.55, 106.57 29.55, 106.57 29.56, 106.56 29.56, 106.56 29.55))",
    "LINESTRING (106.55 29.56, 106.58 29.56)",
    "MULTIPOINT (106.55 29.57, 106.56 29.57)",
    "POLYGON ((106.57 29.55, 106.58 29.55, 106.58 29.56, 106.57 29.56, 106.57 29.55))",
    None,
    "POINT Z (106.565 29.555 200)",
]


def frame() -> gpd.GeoDataFrame:
    """The rows in longitude and latitude, index ``id``."""
    ids, *columns = zip(*ROWS, strict=True)
    names = [name for name, _ in FIELDS[:-1]]
    made = pd.DataFrame(dict(zip(names, columns, strict=True)), index=pd.Index(ids, name="id"))
    made["levels"] = pd.array(columns[names.index("levels")], dtype="Int64")  # not by way of float64
    made["open"] = made.open.astype("boolean")
    for name in ("built", "razed"):
        made[name] = pd.to_datetime(made[name], format="ISO8601", utc=True)
    made["tags"] = '{"synthetic":true}'
    return gpd.GeoDataFrame(made, geometry=shapely.from_wkt(PLACES), crs="EPSG:4326")


def baked(of: gpd.GeoDataFrame, fields: tuple[tuple[str, Dtype], ...] = FIELDS, crs: str = WORKING) -> BakedLayer:
    """As the server has a layer: in the working system."""
    return bake_frame(of.to_crs(crs), BakeSpec("places", [BakeField(name, dtype) for name, dtype in fields]))


def asked(text: str, lang: str = "cql2-text", crs: str | None = None) -> Filter:
    """A filter on the layer's fields."""
    return parse_filter(text, lang, crs, COLUMNS)


def ids_of(layer: BakedLayer, found: Filter) -> str:
    """The ids selected, in order of the alphabet, as one word."""
    rows = np.arange(len(layer), dtype=np.int32)
    return "".join(sorted(layer.id(row) for row in np.flatnonzero(found.rows(layer, rows))))
