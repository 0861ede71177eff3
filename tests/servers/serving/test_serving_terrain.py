"""Terrain tiles read back against the coverage they were made from."""

from __future__ import annotations

import io
import math

import numpy as np
import pytest
import rasterio
from PIL import Image
from rasterio.transform import from_origin

from cim_core.errors import InputError, NotFoundError
from cim_core.gis.coverage import Coverage
from servers.serving.elevation_grid import elevation_grid
from servers.serving.terrain import FADE_M, SIZE, STEP_M, TerrainTiles, terrain, terrain_picture
from servers.serving.web_mercator import tile_bounds, tile_of, transformer

CRS = "EPSG:32648"
CORNER = (650_000.0, 3_272_000.0)


def decoded(picture: bytes) -> np.ndarray:
    image = Image.open(io.BytesIO(picture))
    assert (image.format, image.size, image.mode) == ("PNG", (SIZE, SIZE), "RGB")
    bands = np.asarray(image, dtype=np.float64)
    return bands[:, :, 0] * 256 + bands[:, :, 1] + bands[:, :, 2] / 256 - 32_768


def centres(z: int, x: int, y: int, crs: str) -> tuple[np.ndarray, np.ndarray]:
    west, south, east, north = tile_bounds(z, x, y)
    at = (np.arange(SIZE) + 0.5) / SIZE
    return transformer("EPSG:3857", crs).transform(
        *np.meshgrid(west + at * (east - west), north - at * (north - south))
    )


def raster(path, values: np.ndarray, pixel: float = 10.0, nodata: float = -9999.0):
    profile = {"height": values.shape[0], "width": values.shape[1], "count": 1, "dtype": "float32", "crs": CRS}
    with rasterio.open(
        path, "w", driver="GTiff", transform=from_origin(*CORNER, pixel, pixel), nodata=nodata, tiled=True, **profile
    ) as target:
        target.write(values.astype("float32"), 1)
    return path


def hill(rows: int, columns: int) -> np.ndarray:
    row, column = np.mgrid[:rows, :columns] / 20
    return 250 + 60 * np.sin(row) * np.cos(column)


@pytest.mark.parametrize("z", [11, 13, 14])
def test_tile_is_the_coverage(city, z) -> None:
    coverage = city.coverage("elevation")
    address = (z, *tile_of(106.58, 29.56, z))
    read = decoded(terrain_picture(coverage.path, *address))
    sampled = coverage.sample(*centres(*address, coverage.crs))
    inside = np.isfinite(sampled)
    assert inside.any()
    bound = 0.2 if z >= 14 else 3.0 if z == 13 else 12.0  # coarser pixels are means over the ground that they cover
    assert np.abs(read - sampled)[inside].max() <= bound
    assert abs((read - sampled)[inside].mean()) <= 0.2


def test_ground_goes_on_at_the_edge_and_sinks(tmp_path) -> None:
    tiles = TerrainTiles(raster(tmp_path / "a.tif", hill(300, 300)))
    west, south, _, north = tiles.bounds
    z, (x, y) = 13, tile_of(west, (south + north) / 2, 13)
    heights = np.hstack([tiles.elevations(z, x + step, y) for step in (-1, 0)])
    pixel_m = 2 * math.pi * 6_378_137 / 2**z / SIZE * math.cos(math.radians(south))
    steepest = 60 / 200 + 1.5 * 200 / FADE_M  # the hill's own slope and that of the fading
    assert np.abs(np.diff(heights, axis=1)).max() <= 1.3 * steepest * pixel_m
    far = tiles.elevations(z, x - 4, y)
    assert far == pytest.approx(elevation_grid(tiles.path).lowest)


def test_holes_have_their_neighbours_height(tmp_path) -> None:
    values = hill(300, 300)
    values[100:140, 100:140] = -9999
    tiles = TerrainTiles(raster(tmp_path / "a.tif", values))
    lon, lat = transformer(CRS, "EPSG:4326").transform(CORNER[0] + 1200, CORNER[1] - 1200)
    heights = tiles.elevations(14, *tile_of(lon, lat, 14))
    assert heights.min() >= values[values > 0].min() - STEP_M
    assert heights.max() <= values.max() + STEP_M


def test_large_coverage_is_read_again_where_it_shows(tmp_path) -> None:
    path = raster(tmp_path / "a.tif", hill(300, 300), pixel=20.0)
    tiles = TerrainTiles(path, most_pixels=20_000)
    lon, lat = transformer(CRS, "EPSG:4326").transform(CORNER[0] + 3000, CORNER[1] - 3000)
    address = (14, *tile_of(lon, lat, 14))
    sampled = Coverage(path).sample(*centres(*address, CRS))
    assert not elevation_grid(path, 20_000).whole
    assert np.abs(decoded(tiles.encode(*address)) - sampled).max() <= 0.2
    assert tiles.max_zoom == 13  # 17 m a pixel
    rough = (11, *tile_of(lon, lat, 11))
    inside = np.isfinite(Coverage(path).sample(*centres(*rough, CRS)))
    assert np.abs(tiles.elevations(*rough) - TerrainTiles(path).elevations(*rough))[inside].max() <= 5


def test_tilejson(city) -> None:
    document = terrain(city.coverage("elevation").path).tilejson("/t/{z}/{y}/{x}", name="高程")
    assert (document["encoding"], document["tileSize"], document["maxzoom"]) == ("terrarium", 256, 14)
    assert "bounds" not in document  # or the page would draw a cliff there
    assert document["tiles"] == ["/t/{z}/{y}/{x}"]


def test_grid_samples_as_the_coverage(city) -> None:
    coverage = city.coverage("elevation")
    left, bottom, right, top = coverage.bounds
    random = np.random.default_rng(1)
    x, y = random.uniform(left, right, 500), random.uniform(bottom, top, 500)
    sampled = coverage.sample(x, y)
    known = np.isfinite(sampled)
    grid = elevation_grid(coverage.path)
    assert np.abs(grid.sample(x, y) - sampled)[known].max() <= 1.0  # beside a gap, the gap's filling weighs in
    assert np.median(np.abs(grid.sample(x, y) - sampled)[known]) <= 1e-3
    lon, lat = transformer(coverage.crs, "EPSG:4326").transform(x, y)
    assert grid.at(lon, lat) == pytest.approx(grid.sample(x, y), abs=1e-3)


def test_one_pixel_is_flat(tmp_path) -> None:
    tiles = TerrainTiles(raster(tmp_path / "a.tif", np.array([[7.0]])))
    assert np.unique(decoded(tiles.encode(0, 0, 0))).tolist() == [7.0]


def test_no_raster_and_no_tile(tmp_path, city) -> None:
    (tmp_path / "a.tif").write_bytes(b"no raster")
    with pytest.raises(InputError, match="not a raster"):
        terrain_picture(tmp_path / "a.tif", 3, 1, 1)
    with pytest.raises(NotFoundError, match="no such tile"):
        terrain_picture(city.coverage("elevation").path, 3, 8, 1)
