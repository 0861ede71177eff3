"""GDAL, as QGIS and GeoPandas use it: features by OGC API, vector tiles from a folder and by OGC API."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.request import urlopen

import geopandas as gpd
import pyogrio
import pytest
import shapely

from servers.serving.web_mercator import HALF_M, tile_of

ZOOM = 16
UNIT_M = 2 * HALF_M / 2**ZOOM / 4096
"""A unit of a tile in mercator metres."""
BOX = (106.5765, 29.5550, 106.5815, 29.5600)
NAMES = {"buildings", "parking", "pois", "rail", "restrictions", "roads", "signals", "walkways", "water"}


def _read(api: str, layer: str, **options: object) -> gpd.GeoDataFrame:
    found = pyogrio.read_dataframe(f"OAPIF:{api}", layer=layer, **options)
    return found.set_index("id").sort_index()


def _items(api: str, layer: str, query: str = "") -> gpd.GeoDataFrame:
    """The features as the API itself says them, in degrees."""
    with urlopen(f"{api}collections/{layer}/items?limit=1000{query}") as answer:
        features = json.load(answer)["features"]
    named = [{**one, "properties": one["properties"] | {"id": one["id"]}} for one in features]
    return gpd.GeoDataFrame.from_features(named, crs="OGC:CRS84").set_index("id").sort_index()


def test_gdal_lists_the_layers(api: str) -> None:
    assert {name for name, _ in pyogrio.list_layers(f"OAPIF:{api}")} >= NAMES


@pytest.mark.parametrize("layer", ["roads", "buildings", "water", "pois"])
@pytest.mark.parametrize("page", [7, 1000])
def test_gdal_reads_every_feature_once(api: str, layer: str, page: int) -> None:
    found, said = _read(api, layer, PAGE_SIZE=str(page)), _items(api, layer)
    assert list(found.index) == list(said.index)
    assert found["name_zh"].fillna("").tolist() == said["name_zh"].fillna("").tolist()
    apart = found.to_crs("EPSG:32648").geometry.hausdorff_distance(said.to_crs("EPSG:32648").geometry)
    assert apart.max() < 0.02  # a centimetre each: seven decimals of a degree


def test_gdal_reads_in_the_systems_offered(api: str) -> None:
    said = _items(api, "roads").to_crs("EPSG:3857")
    for code in ("EPSG:3857", "EPSG:4326", "EPSG:4490", "EPSG:32648"):
        found = _read(api, "roads", CRS=code)
        assert found.crs.equals(code, ignore_axis_order=True)  # GDAL calls longitude first CRS84
        apart = found.to_crs("EPSG:3857").geometry.hausdorff_distance(said.geometry)
        assert apart.max() < 0.05, code


def test_gdal_reads_a_box(api: str) -> None:
    cut = shapely.box(*BOX)
    box = tuple(gpd.GeoSeries([cut], crs="OGC:CRS84").to_crs("EPSG:32648").total_bounds)
    found = _read(api, "buildings", bbox=box)
    said = _items(api, "buildings").to_crs("EPSG:32648")
    assert set(found.index) == set(said.index[said.intersects(shapely.box(*box))]) != set()


@pytest.mark.parametrize("where", ["levels > 10", "use = 'office' AND height_m >= 30", "name_zh IS NULL"])
def test_gdal_reads_what_a_condition_selects(api: str, where: str) -> None:
    from urllib.parse import quote

    said = _items(api, "buildings", f"&filter={quote(where)}")
    assert list(_read(api, "buildings", where=where).index) == list(said.index) != []


@pytest.fixture(scope="module")
def tiles(api: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """All tiles of one zoom as files, as GDAL's driver for Mapbox vector tiles reads them."""
    folder: Path = tmp_path_factory.mktemp("tiles")
    with urlopen(f"{api}tiles/WebMercatorQuad?f=tilejson") as answer:
        described = json.load(answer)
    west, south, east, north = described["bounds"]
    (first, top), (last, bottom) = tile_of(west, north, ZOOM), tile_of(east, south, ZOOM)
    for col in range(first, last + 1):
        for row in range(top, bottom + 1):
            with urlopen(f"{api}tiles/WebMercatorQuad/{ZOOM}/{row}/{col}") as answer:
                if answer.status == 200:
                    path = folder / str(ZOOM) / str(col) / f"{row}.pbf"
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(answer.read())
    (folder / "metadata.json").write_text(json.dumps(described), encoding="utf-8")
    return f"MVT:{folder / str(ZOOM)}"


def test_gdal_lists_the_layers_of_tiles(tiles: str) -> None:
    assert {name for name, _ in pyogrio.list_layers(tiles)} == NAMES


@pytest.mark.parametrize("layer", ["roads", "buildings", "pois"])
def test_tiles_read_back_are_the_features(api: str, tiles: str, layer: str) -> None:
    """Pieces of a feature in several tiles together lie where the feature does, within a unit of a tile."""
    pieces = pyogrio.read_dataframe(tiles, layer=layer)
    assert pieces.crs.to_epsg() == 3857
    said = _items(api, layer).to_crs("EPSG:3857")
    assert set(pieces["id"]) == set(said.index)
    whole = pieces.dissolve("id").geometry.reindex(said.index)
    near = said.geometry.buffer(1.5 * UNIT_M)
    assert whole.within(near).all()
    assert said.geometry.within(whole.buffer(1.5 * UNIT_M)).all()


def test_tiles_carry_the_properties(api: str, tiles: str) -> None:
    pieces = pyogrio.read_dataframe(tiles, layer="buildings").groupby("id").first()
    said = _items(api, "buildings")
    assert pieces["levels"].astype(int).to_dict() == said["levels"].astype(int).to_dict()
    assert pieces["use"].to_dict() == said["use"].to_dict()
    assert pieces["height_m"].to_numpy() == pytest.approx(said["height_m"].reindex(pieces.index).to_numpy())
