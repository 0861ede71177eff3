"""The tiny city on disk: the synthetic frames and their hill as a city with one version of data."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import geopandas as gpd

from cim_core.canonical import content_hash
from cim_core.city import City
from cim_core.crs import working_crs_for
from cim_core.gis.coverage import Coverage
from cim_core.gis.elevation import drape
from cim_core.gis.quality import QualityReport
from cim_core.gis.raster import CoverageInfo, write_cog
from cim_core.importing import ELEVATION, NETWORKS
from cim_core.layers import STANDARD_LAYERS
from cim_core.store.files import STAGING, storage_faults
from cim_core.store.records import SourceRecord
from cim_core.testing.tiny import tiny_elevation, tiny_layers
from cim_core.testing.tiny_streets import ORIGIN

NAME = "synthetic tiny city 虚构小城"
ATTRIBUTION = "synthetic: made by a program, no real place"
CRS = working_crs_for(*ORIGIN)


def tiny_city(path: Path, *, seed: int = 1, author: str = "") -> City:
    """Make the tiny city in a new folder: all standard layers, roads and walkways draped over the elevation.

    Everything follows from ``seed``; the source of every layer and the city's name say that it is synthetic.
    Raises :class:`~cim_core.errors.CityError` (``city.exists``) for a folder that holds something.

    >>> from tempfile import mkdtemp
    >>> sorted(tiny_city(Path(mkdtemp()) / "town").versions)[:3]
    ['buildings', 'elevation', 'parking']
    """
    city = City.create(path, name=NAME, crs=CRS)
    cog = path / STAGING / f"{os.getpid()}-tiny.tif"
    try:
        with tempfile.TemporaryDirectory(prefix="cim-tiny-") as folder, storage_faults(path):
            cog.parent.mkdir(exist_ok=True)
            written = write_cog(tiny_elevation(Path(folder) / "hill.tif"), cog, working_crs=CRS)
        _fill(city, seed, cog, written, author)
    finally:
        cog.unlink(missing_ok=True)
    return City.open(path)


def _fill(city: City, seed: int, cog: Path, written: CoverageInfo, author: str) -> None:
    frames = {name: frame.to_crs(CRS) for name, frame in tiny_layers(seed).items()}
    frames |= drape({name: frames[name] for name in NETWORKS}, Coverage(cog).sample).networks
    source = _source(seed, frames, written)
    with city.edit("synthetic sample", author=author) as session:
        position = session.add_source(source)
        session.put_coverage(ELEVATION, cog, written.content_hash, written.as_dict(), position)
        for name, frame in frames.items():
            session.put_layer(frame, STANDARD_LAYERS[name], position)


def _source(seed: int, frames: dict[str, gpd.GeoDataFrame], written: CoverageInfo) -> SourceRecord:
    report = QualityReport()
    report.keep(ELEVATION)
    for name, frame in frames.items():
        report.keep(name, len(frame))
    report.warn("every feature is synthetic; nothing of it says anything about a real place")
    made_from = {"generator": "cim_core.testing.tiny", "seed": seed, "synthetic": True}
    identity = content_hash(made_from | {ELEVATION: written.content_hash})
    return SourceRecord("sample", "synthetic:tiny-city", identity, ATTRIBUTION, made_from, report.as_dict())
