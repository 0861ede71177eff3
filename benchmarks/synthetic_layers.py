"""Synthetic layers by seed, as large as a benchmark wants them: buildings with the standard schema, and points.

Nothing of them says anything about a real place; their ``tags`` and ids say so. Neighbours keep about 45 m apart, in
blocks of streets, so that a tile at zoom 14 over the middle shows about 2,250 buildings.
"""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from cim_core.city import City
from cim_core.crs import working_crs_for
from cim_core.layers import BUILDINGS, POIS

CENTRE = (106.55, 29.56)
CRS = working_crs_for(*CENTRE)
SPACING_M = 45.0
USES = ("residential", "office", "retail", "industrial", "school", "hospital", "hotel", "warehouse", "public", "yes")
KINDS = ("cafe", "restaurant", "school", "bank", "pharmacy", "bus_stop", "supermarket", "clinic", "hotel", "park")
NAMES = ("解放碑", "朝天门", "观音桥", "南坪", "沙坪坝", "大坪", "石桥铺", "杨家坪", "江北嘴", "弹子石")


def buildings(count: int, seed: int = 1, first: int = 0) -> gpd.GeoDataFrame:
    """Polygons of 4 to 9 corners (one in fifty with a court) on a grid, with all fields of the standard layer."""
    random = np.random.default_rng([seed, first, 1])
    centre = _places(count, random)
    shapes = _footprints(centre, random)
    number = np.arange(first, first + count)
    levels = random.integers(1, 34, count)
    footprint = shapely.area(shapes)
    named = random.random(count) < 0.1
    name = np.where(named, _names(number, random), None)
    fields = {
        "name": name,
        "name_zh": name,
        "name_en": np.where(named, [f"Building {n}" for n in number], None),
        "group": np.where(random.random(count) < 0.05, [f"block {n // 40}" for n in number], None),
        "source_id": [f"synthetic/building/{n}" for n in number],
        "assumed": np.where(random.random(count) < 0.5, '{"levels": "by use", "height_m": "3 m each level"}', "{}"),
        "tags": [_tags(n, int(k)) for n, k in zip(number, levels, strict=True)],
        "use": np.array(USES, dtype=object)[random.integers(0, len(USES), count)],
        "levels": levels,
        "height_m": levels * 3.0,
        "footprint_m2": footprint,
        "floor_area_m2": footprint * levels,
    }
    index = pd.Index([f"b{n:08d}" for n in number], name="id")
    return gpd.GeoDataFrame(fields, geometry=shapes, index=index, crs=CRS)


def points(count: int, seed: int = 1, first: int = 0) -> gpd.GeoDataFrame:
    """Points among the buildings, with all fields of the standard layer of points of interest."""
    random = np.random.default_rng([seed, first, 2])
    centre = _places(count, random) + random.uniform(-20, 20, (count, 2))
    number = np.arange(first, first + count)
    name = _names(number, random)
    fields = {
        "name": name,
        "name_zh": name,
        "name_en": [f"Place {n}" for n in number],
        "group": None,
        "source_id": [f"synthetic/point/{n}" for n in number],
        "assumed": "{}",
        "tags": [_tags(n, n % 7) for n in number],
        "category": "amenity",
        "kind": np.array(KINDS, dtype=object)[random.integers(0, len(KINDS), count)],
    }
    index = pd.Index([f"p{n:08d}" for n in number], name="id")
    return gpd.GeoDataFrame(fields, geometry=shapely.points(centre), index=index, crs=CRS)


def snapshot(path: Path, layer: str, count: int, seed: int = 1) -> City:
    """A new city in a folder, with one synthetic layer, ``buildings`` or ``pois``."""
    frame, schema = (buildings(count, seed), BUILDINGS) if layer == "buildings" else (points(count, seed), POIS)
    city = City.create(path, name="synthetic 合成", crs=CRS)
    with city.edit("synthetic layer of a benchmark") as session:
        session.put_layer(frame, schema)
    return City.open(path)


def _places(count: int, random: np.random.Generator) -> NDArray[np.float64]:
    """Cells of a square that grows with the number, a street after every eighth."""
    side = int(np.ceil(np.sqrt(count)))
    cell = np.stack(np.divmod(random.permutation(side * side)[:count], side), axis=1)
    middle = shapely.get_coordinates(gpd.GeoSeries([shapely.Point(CENTRE)], crs=4326).to_crs(CRS).array)[0]
    return middle + (cell - side / 2) * SPACING_M + (cell // 8) * 15.0


def _footprints(centre: NDArray[np.float64], random: np.random.Generator) -> NDArray[np.object_]:
    """Corners on an ellipse around each centre, in order of their angle: simple, and neighbours do not touch."""
    count = len(centre)
    corners = random.choice([4, 4, 4, 5, 6, 8, 9], count)
    owner = np.repeat(np.arange(count), corners)
    step = np.arange(len(owner)) - np.repeat(np.cumsum(corners) - corners, corners)
    angle = (step + random.uniform(-0.2, 0.2, len(owner))) * 2 * np.pi / corners[owner]
    angle += np.repeat(random.uniform(0, np.pi, count), corners)
    half = random.uniform(6, 19, (count, 2))[owner] * random.uniform(0.85, 1, (len(owner), 1))
    edge = centre[owner] + half * np.column_stack([np.cos(angle), np.sin(angle)])
    shells = shapely.linearrings(edge, indices=owner)
    shapes = np.asarray(shapely.polygons(shells))
    begin = np.cumsum(corners) - corners
    for row in np.flatnonzero(random.random(count) < 0.02):
        shell = edge[begin[row] : begin[row] + corners[row]]
        shapes[row] = shapely.Polygon(shell, [centre[row] + 0.4 * (shell - centre[row])])
    return shapes


def _names(number: NDArray[np.int64], random: np.random.Generator) -> NDArray[np.object_]:
    first = np.array(NAMES, dtype=object)[random.integers(0, len(NAMES), len(number))]
    return np.array([f"{name}{n % 997}号(合成)" for name, n in zip(first, number, strict=True)], dtype=object)


def _tags(number: int, other: int) -> str:
    content = {"synthetic": "yes", "addr:housenumber": str(number % 400), "building:levels": str(other)}
    return json.dumps(content, ensure_ascii=False)
