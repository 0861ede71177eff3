"""The real streets of Yuzhong on the real surface model."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cim_core.crs import refuse_far
from cim_core.gis.coverage import Coverage
from cim_core.gis.elevation import DrapeResult, drape
from cim_core.gis.osm import read_osm
from cim_core.gis.raster import read_raster, refuse_no_overlap, write_cog
from tests.real.inputs import real

pytestmark = pytest.mark.real

WORKING = "EPSG:32648"
YUZHONG = (106.4677, 29.5069, 106.5966, 29.5953)


@pytest.fixture(scope="module")
def coverage(tmp_path_factory: pytest.TempPathFactory) -> Coverage:
    target = tmp_path_factory.mktemp("coverage") / "elevation.tif"
    write_cog(real("yuzhong/dem_30m.tif"), target, working_crs=WORKING)
    return Coverage(target)


@pytest.fixture(scope="module")
def draped(coverage: Coverage) -> DrapeResult:
    layers = read_osm(real("yuzhong/yuzhong.osm.pbf")).layers
    networks = {name: layers[name].to_crs(WORKING) for name in ("roads", "walkways")}
    began = time.perf_counter()
    result = drape(networks, coverage.sample)
    assert time.perf_counter() - began < 3.0
    return result


def test_no_road_is_steeper_than_25_percent(draped: DrapeResult) -> None:
    roads, walkways = draped.networks["roads"], draped.networks["walkways"]
    assert len(roads) > 4000
    assert roads["gradient"].abs().max() <= 0.25
    limit = walkways["stairs"].map({True: 1.0, False: 0.40})
    too_steep = (walkways["gradient"].abs() > limit) & (walkways["class"] != "elevator")
    assert too_steep.sum() == draped.counts["steep_to_deck"]
    assert too_steep.sum() < 25
    assert roads["gradient"].abs().quantile(0.95) < 0.17
    assert roads["gradient"].isna().mean() < 0.01


def test_unsmoothed_samples_would_be_too_steep(draped: DrapeResult, coverage: Coverage) -> None:
    roads = draped.networks["roads"]
    ends = roads.geometry.apply(lambda line: (*line.coords[0], *line.coords[-1]))
    x0, y0, x1, y1 = np.array(ends.tolist()).T
    raw = np.abs(coverage.sample(x1, y1) - coverage.sample(x0, y0)) / roads["length_m"]
    assert (raw > 0.25).sum() > 200


def test_river_bridges_stay_above_the_river(draped: DrapeResult, coverage: Coverage) -> None:
    roads = draped.networks["roads"]
    for name in ("千厮门大桥", "东水门大桥", "黄花园大桥", "嘉陵江大桥", "菜园坝长江大桥"):
        deck = roads[roads["bridge"] & roads["group"].fillna("").str.contains(name)]
        assert len(deck), name
        nodes = pd.unique(deck[["from_node", "to_node"]].to_numpy().ravel())
        assert draped.heights[nodes].min() > 205, name  # the rivers lie at 160 to 175 m, the decks at 205 m and more
        assert deck["gradient"].abs().max() < 0.10, name


def test_real_rasters_are_written_over_the_city(tmp_path: Path) -> None:
    for name, resampled, crs in (("dem_30m", "no", WORKING), ("ndvi_10m", "bilinear", WORKING)):
        source = real(f"yuzhong/{name}.tif")
        info = read_raster(source)
        refuse_no_overlap(info, YUZHONG)
        refuse_far(info.bounds, YUZHONG, where=name)
        written = write_cog(source, tmp_path / f"{name}.tif", working_crs=WORKING)
        assert (written.resampled, written.crs) == (resampled, crs)
        assert written.valid_share > 0.95
    assert written.minimum >= -0.54
    assert written.maximum <= 0.86
