"""Rasters at the door, coverages as written, and values read from them."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from pyproj import Transformer
from rasterio.transform import from_origin

from cim_core.canonical import canonical_json
from cim_core.crs import parse_crs
from cim_core.errors import InputError, ParameterError
from cim_core.gis.coverage import Coverage
from cim_core.gis.raster import MAX_PIXELS, read_raster, refuse_no_overlap, write_cog
from cim_core.gis.raster_content import content_hash

ORIGIN = (643_560.0, 3_272_280.0)
PIXEL_M = 30.0
YUZHONG = (106.4677, 29.5069, 106.5966, 29.5953)


def _raster(path: Path, values: np.ndarray, **profile: Any) -> Path:
    """Write an array (rows, columns) or (bands, rows, columns) as GeoTIFF at the origin, EPSG:32648 by default."""
    values = values if values.ndim == 3 else values[None]
    descriptions = profile.pop("descriptions", None)
    colormap = profile.pop("colormap", None)
    settings: dict[str, Any] = {"crs": "EPSG:32648", "transform": from_origin(*ORIGIN, PIXEL_M, PIXEL_M)} | profile
    count, height, width = values.shape
    with rasterio.open(
        path, "w", driver="GTiff", count=count, height=height, width=width, dtype=values.dtype, **settings
    ) as raster:
        raster.write(values)
        if descriptions:
            raster.descriptions = descriptions
        if colormap:
            raster.write_colormap(1, colormap)
    return path


def _plane(rows: int = 60, columns: int = 80) -> np.ndarray:
    """A tilted plane: 0.3 m a metre east, −0.1 m a metre north, at pixel centres."""
    row, column = np.mgrid[0:rows, 0:columns]
    return (200 + 0.3 * PIXEL_M * column + 0.1 * PIXEL_M * row).astype("float32")


def _plane_at(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return 200 + 0.3 * (x - ORIGIN[0] - PIXEL_M / 2) + 0.1 * (ORIGIN[1] - PIXEL_M / 2 - y)


def _inside(count: int = 500, rows: int = 60, columns: int = 80) -> tuple[np.ndarray, np.ndarray]:
    """Random points at least three pixels from the edge."""
    random = np.random.default_rng(0)
    x = ORIGIN[0] + random.uniform(3 * PIXEL_M, (columns - 3) * PIXEL_M, count)
    return x, ORIGIN[1] - random.uniform(3 * PIXEL_M, (rows - 3) * PIXEL_M, count)


# ---- reading


def test_what_a_raster_says_of_itself(tmp_path: Path) -> None:
    path = _raster(tmp_path / "a.tif", np.zeros((2, 4, 5), "int16"), nodata=-9, descriptions=("level", "kind"))
    info = read_raster(path)
    assert (info.width, info.height, info.bands, info.dtype) == (5, 4, ("level", "kind"), "int16")
    assert (info.nodata, info.crs, info.pixel_size) == (-9, "EPSG:32648", (30.0, 30.0))
    assert info.bounds == pytest.approx((106.4818, 29.5706, 106.4834, 29.5717), abs=2e-3)


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("missing.tif", None, "raster.missing"),
        ("empty.tif", b"", "raster.empty"),
        ("page.tif", b"<html>404</html>", "raster.format"),
        ("remote.vrt", b"<VRTDataset rasterXSize='1' rasterYSize='1'/>", "raster.format"),
        ("half.tif", b"II*\x00\x08\x00\x00\x00", "raster.unreadable"),
    ],
)
def test_what_is_not_a_raster(tmp_path: Path, name: str, content: bytes | None, code: str) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match="raster") as caught:
        read_raster(path)
    assert caught.value.code == code
    assert caught.value.where == str(path)
    assert caught.value.remedy


def test_a_raster_without_system_wants_one(tmp_path: Path) -> None:
    path = _raster(tmp_path / "a.tif", _plane(), crs=None)
    with pytest.raises(InputError, match="does not say which coordinate reference system") as caught:
        read_raster(path)
    assert "--source-crs" in caught.value.remedy
    assert read_raster(path, source_crs="32648").crs == "EPSG:32648"
    with pytest.raises(InputError, match="gcj02 are not taken"):
        read_raster(path, source_crs="gcj02")


def test_an_absurd_claim_of_size_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "claim.tif"
    profile = {"driver": "GTiff", "width": 200_000, "height": 200_000, "count": 1, "dtype": "uint8"}
    with rasterio.open(
        path,
        "w",
        **profile,
        crs="EPSG:32648",
        transform=from_origin(*ORIGIN, 1, 1),
        tiled=True,
        sparse_ok=True,
        bigtiff="YES",
    ):
        pass
    assert MAX_PIXELS < 200_000**2
    with pytest.raises(InputError, match="claims more pixels") as caught:
        read_raster(path)
    assert "200,000 × 200,000" in caught.value.got


def test_a_raster_that_is_cut_short(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 3000, (400, 400), dtype="int16")
    path = _raster(tmp_path / "a.tif", noise, compress="deflate", tiled=True, blockxsize=128, blockysize=128)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    target = tmp_path / "out.tif"
    with pytest.raises(InputError, match="damaged or cut short") as caught:
        write_cog(path, target, working_crs="EPSG:32648")
    assert caught.value.code == "raster.unreadable"


@pytest.mark.parametrize("values", [np.full((8, 8), -9, "int16"), np.full((8, 8), np.nan, "float32")])
def test_a_raster_without_values(tmp_path: Path, values: np.ndarray) -> None:
    path = _raster(tmp_path / "a.tif", values, nodata=-9 if values.dtype == np.int16 else None)
    with pytest.raises(InputError, match="no pixel with a value"):
        write_cog(path, tmp_path / "out.tif", working_crs="EPSG:32648")
    assert not (tmp_path / "out.tif").exists()


def test_a_raster_beside_the_city(tmp_path: Path) -> None:
    info = read_raster(_raster(tmp_path / "a.tif", _plane()))
    refuse_no_overlap(info, YUZHONG)
    with pytest.raises(InputError, match=r"ends [\d.,]+ km from the city") as caught:
        refuse_no_overlap(info, (24.8, 60.1, 25.1, 60.3))
    assert caught.value.code == "raster.no_overlap"


def test_degrees_cannot_be_the_working_crs(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="projected and in metres"):
        write_cog(_raster(tmp_path / "a.tif", _plane()), tmp_path / "out.tif", working_crs="EPSG:4326")


# ---- writing


def test_a_raster_in_the_working_crs_keeps_its_pixels(tmp_path: Path) -> None:
    values = np.random.default_rng(0).integers(100, 400, (700, 900), dtype="int16")
    values[:50, :50] = -32768
    path = _raster(tmp_path / "a.tif", values, nodata=-32768, descriptions=("elevation",))
    info = write_cog(path, tmp_path / "out.tif", working_crs="EPSG:32648")
    with rasterio.open(tmp_path / "out.tif") as cog:
        np.testing.assert_array_equal(cog.read(1), values)
        assert cog.overviews(1) == [2]
        assert cog.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert (cog.nodata, cog.dtypes[0], cog.descriptions) == (-32768, "int16", ("elevation",))
    assert info.resampled == "no"
    assert (info.minimum, info.maximum) == (100, 399)
    assert info.valid_share == pytest.approx(1 - 2500 / values.size)
    assert info.bounds == (ORIGIN[0], ORIGIN[1] - 700 * 30, ORIGIN[0] + 900 * 30, ORIGIN[1])


@pytest.mark.parametrize("working", ["EPSG:4544", "EPSG:4545", "EPSG:32649"])
@pytest.mark.parametrize("dtype", ["float32", "int16"])
def test_resampling_keeps_a_plane_a_plane(tmp_path: Path, working: str, dtype: str) -> None:
    path = _raster(tmp_path / "a.tif", _plane().astype(dtype))
    info = write_cog(path, tmp_path / "out.tif", working_crs=working)
    assert (info.resampled, info.dtype, info.crs) == ("bilinear", "float32", working)
    assert 0.8 < info.valid_share <= 1
    x, y = _inside()
    moved = Transformer.from_crs("EPSG:32648", working, always_xy=True).transform(x, y)
    sampled = Coverage(tmp_path / "out.tif").sample(*moved)
    tolerance = 0.02 if dtype == "float32" else 0.6  # whole metres in the source round by up to half a metre
    np.testing.assert_allclose(sampled, _plane_at(x, y), atol=tolerance)


def test_classes_are_not_mixed(tmp_path: Path) -> None:
    values = np.random.default_rng(0).choice(np.array([10, 20, 255], "uint8"), (40, 40))
    colours = {10: (0, 0, 0, 255), 20: (255, 0, 0, 255)}
    path = _raster(tmp_path / "classes.tif", values, colormap=colours)
    info = write_cog(path, tmp_path / "out.tif", working_crs="EPSG:4545")
    assert info.resampled == "nearest"
    with rasterio.open(tmp_path / "out.tif") as cog:
        assert set(np.unique(cog.read(1))) == {10, 20, 255, info.nodata}
    assert info.nodata == 0


def test_content_hash_is_of_the_content_not_of_the_file(tmp_path: Path) -> None:
    values = _plane(700, 900)
    values[3, 3] = np.nan
    plain = _raster(tmp_path / "plain.tif", values, descriptions=("elevation",))
    packed = _raster(tmp_path / "packed.tif", values, compress="lzw", tiled=True, descriptions=("elevation",))
    assert plain.read_bytes() != packed.read_bytes()
    assert content_hash(plain) == content_hash(packed)
    assert len(content_hash(plain)) == 64
    changed = values.copy()
    changed[0, 0] += 1
    others = [
        _raster(tmp_path / "1.tif", changed, descriptions=("elevation",)),
        _raster(tmp_path / "2.tif", values, descriptions=("depth",)),
        _raster(tmp_path / "3.tif", values, descriptions=("elevation",), nodata=-1),
        _raster(tmp_path / "4.tif", values, descriptions=("elevation",), crs="EPSG:32649"),
        _raster(tmp_path / "5.tif", values, descriptions=("elevation",), transform=from_origin(0, 0, 30, 30)),
        _raster(tmp_path / "6.tif", values.reshape(900, 700), descriptions=("elevation",)),
    ]
    assert len({content_hash(path) for path in [plain, *others]}) == 7


def test_writing_twice_gives_the_same_hash(tmp_path: Path) -> None:
    path = _raster(tmp_path / "a.tif", _plane())
    one = write_cog(path, tmp_path / "one.tif", working_crs="EPSG:4545")
    two = write_cog(path, tmp_path / "two.tif", working_crs="EPSG:4545")
    assert one.as_dict() == two.as_dict()
    assert one.as_dict()["nodata"] == "nan"
    canonical_json(one.as_dict())
    assert content_hash(tmp_path / "one.tif") == one.content_hash


# ---- a coverage


@pytest.fixture
def coverage(tmp_path: Path) -> Coverage:
    write_cog(_raster(tmp_path / "a.tif", _plane()), tmp_path / "plane.tif", working_crs="EPSG:32648")
    return Coverage(tmp_path / "plane.tif")


def test_samples_are_bilinear_and_nan_outside(coverage: Coverage) -> None:
    x, y = _inside()
    np.testing.assert_allclose(coverage.sample(x, y), _plane_at(x, y), atol=1e-3)
    left, bottom, right, top = coverage.bounds
    outside = coverage.sample(
        [left - 0.1, right + 0.1, left + 1, np.nan, np.inf], [top - 1, top - 1, bottom - 0.1, top, top]
    )
    assert np.isnan(outside).all()
    assert coverage.sample(left, top) == pytest.approx(200.0)
    assert coverage.sample(x.reshape(20, 25), y.reshape(20, 25)).shape == (20, 25)
    assert coverage.sample([], []).shape == (0,)


def test_samples_equal_scipy(coverage: Coverage) -> None:
    from scipy.interpolate import RegularGridInterpolator

    random = np.random.default_rng(1)
    values = random.uniform(0, 100, (60, 80)).astype("float32")
    _raster(coverage.path, values)
    x, y = _inside(2000)
    centres = ORIGIN[1] - PIXEL_M * (np.arange(60) + 0.5), ORIGIN[0] + PIXEL_M * (np.arange(80) + 0.5)
    reference = RegularGridInterpolator((centres[0][::-1], centres[1]), values[::-1])(np.column_stack([y, x]))
    np.testing.assert_allclose(Coverage(coverage.path).sample(x, y), reference, rtol=1e-5)


def test_pixels_without_value_do_not_weigh_in(tmp_path: Path) -> None:
    values = np.full((4, 4), 100.0, "float32")
    values[1, 1] = -9999
    path = _raster(tmp_path / "hole.tif", values, nodata=-9999)
    x = ORIGIN[0] + PIXEL_M * np.array([0.9, 1.5, 2.1])
    sampled = Coverage(path).sample(x, np.full(3, ORIGIN[1] - PIXEL_M * 1.5))
    assert sampled[[0, 2]] == pytest.approx([100.0, 100.0])
    assert np.isnan(sampled[1])


def test_pieces_of_a_large_coverage_join_without_seam(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _raster(tmp_path / "a.tif", _plane())
    x, y = _inside(3000)
    whole = Coverage(path).sample(x, y)
    monkeypatch.setattr("cim_core.gis.coverage._CHUNK", 7)
    np.testing.assert_allclose(Coverage(path).sample(x, y), whole, rtol=1e-12)


def test_a_piece_is_read_by_bounds(coverage: Coverage) -> None:
    left, _, _, top = coverage.bounds
    window = coverage.window((left + 61, top - 119, left + 89, top - 1))
    assert (window.col_off, window.row_off, window.width, window.height) == (2, 0, 1, 4)
    np.testing.assert_array_equal(coverage.read(window), _plane()[0:4, 2:3].astype(float))
    assert coverage.read().shape == (60, 80)
    far = coverage.window((0, 0, 10, 10))
    assert (far.width, far.height) == (0, 0)


def test_a_coverage_crosses_to_another_process(coverage: Coverage) -> None:
    twin = pickle.loads(pickle.dumps(coverage))
    assert twin.sample(*_inside(3)).tolist() == coverage.sample(*_inside(3)).tolist()
    assert parse_crs(twin.crs).name == "EPSG:32648"
