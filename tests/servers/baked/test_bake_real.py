"""Real geometry, as it comes: districts with tens of thousands of vertices, points with names in Chinese."""

from __future__ import annotations

import json
from pathlib import Path

import baked_truth as truth
import geopandas as gpd
import numpy as np
import pytest
import shapely

from servers.serving.baked.bake import BakeSpec, bake_frame
from servers.serving.baked.index import grid_box, query
from servers.serving.zoom_rules import MAX_ZOOM, TOLERANCE

pytestmark = pytest.mark.real
FILES = ["yuzhong/pois.geojson", "yuzhong/transit.geojson", "yuzhong/boundary.geojson", "boundaries_gcj02"]


def frames(folder: Path, name: str) -> list[gpd.GeoDataFrame]:
    path = folder / name
    paths = sorted(path.rglob("*.geojson")) if path.is_dir() else [path]
    found = [gpd.read_file(one) for one in paths]
    return [frame.set_axis([f"f{i}" for i in range(len(frame))]) for frame in found]


@pytest.mark.parametrize("name", FILES)
def test_real_layers_are_baked_as_they_are(shared_data, name) -> None:
    read = frames(shared_data, name)
    assert read
    for frame in read:
        layer = bake_frame(frame, BakeSpec("things"))
        for row in range(len(layer)):
            got, wanted = json.loads(layer.feature(row)), truth.feature(frame, layer.id(row))
            assert got["properties"] == wanted["properties"]
            both = (shapely.from_geojson(json.dumps(one["geometry"])) for one in (got, wanted))
            assert shapely.equals_exact(*both, tolerance=1.01e-7)
            assert row in query(layer, grid_box(layer, *frame.to_crs(4326).geometry[layer.id(row)].bounds))
        for part in range(len(layer.part) - 1):
            near_at_every_zoom(layer, part)


def near_at_every_zoom(layer, part: int) -> None:
    inside = slice(layer.part[part], layer.part[part + 1])
    whole, level = layer.xy[inside].astype(float), layer.level[inside]
    if len(whole) < 3 or layer.kind[0] == 1:
        return
    closed = (lambda points: np.vstack([points, points[:1]])) if layer.kind[0] == 3 else (lambda points: points)
    for z in (4, 9, 13, MAX_ZOOM - 1):
        some = shapely.linestrings(closed(whole[level <= z]))
        far = shapely.distance(shapely.points(whole), some).max()
        assert far <= TOLERANCE * layer.grid.tile_unit(z) + 1e-6
