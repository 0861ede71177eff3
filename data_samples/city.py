"""The sample city on disk: all that is drawn from one seed, as a city with one version of data and saved plans."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from cim_core.canonical import content_hash
from cim_core.city import City
from cim_core.gis.coverage import Coverage
from cim_core.gis.elevation import drape
from cim_core.gis.quality import QualityReport
from cim_core.gis.raster import CoverageInfo, write_cog
from cim_core.importing import ELEVATION, NETWORKS
from cim_core.layers import STANDARD_LAYERS
from cim_core.store.files import STAGING, storage_faults
from cim_core.store.records import SourceRecord
from data_samples.arteries import arteries
from data_samples.buildings import buildings
from data_samples.floors import settle_floors
from data_samples.grid import CRS, to_crs
from data_samples.network import network
from data_samples.parks import Green, above_streets, green
from data_samples.places import institutions, numbered, outdoors, parking, shops
from data_samples.plans import save_plans
from data_samples.rails import rails
from data_samples.records import Row, common, frame
from data_samples.rivers import Rivers, rivers
from data_samples.streets import Part, street_parts
from data_samples.terrain import Ground, ground, write_elevation
from data_samples.walks import walks

NAME = "云门 Yunmen (synthetic city 虚构城市)"
ATTRIBUTION = "synthetic: made by a program, no real place · 虚构数据：由程序生成，并非真实地点"
_STREAMS = ("rivers", "ground", "streets", "buildings", "places", "parks")


@dataclass(frozen=True)
class Sample:
    """What a seed gives: the ground, and every standard layer in the working CRS, index ``id``."""

    ground: Ground
    layers: dict[str, gpd.GeoDataFrame]


def sample(seed: int = 1) -> Sample:
    """Draw the sample city; each kind of thing has its own stream of random numbers, so that one does not move others.

    >>> made = sample()  # doctest: +SKIP
    >>> len(made.layers["roads"]) > 1200  # doctest: +SKIP
    True
    """
    random = {name: np.random.default_rng([seed, number]) for number, name in enumerate(_STREAMS)}
    water = rivers(random["rivers"])
    land = ground(water, random["ground"])
    parks = green(land, arteries(water), random["parks"])
    parts = street_parts(water, land, parks.area, random["streets"])
    parts = [*parts, *walks(water, parks, land, parts)]
    tracks = rails(water)
    parks = above_streets(parks, [part.way for part in parts])
    open_ground = shapely.union_all([parks.area, tracks.kept_free, *(brook.buffer(9) for brook in parks.brooks)])
    houses = buildings(parts, water, land, open_ground, random["buildings"])
    points = institutions(houses, random["places"])
    settle_floors(houses, water)
    points += shops(houses, random["places"])
    points += outdoors(parts, tracks.stations, parks, random["places"])
    rows = _streets(land, parts) | {
        "buildings": houses,
        "pois": numbered(points),
        "rail": tracks.rows,
        "water": _water(water, parks),
        "parking": parking(houses, random["places"]),
    }
    return Sample(land, {name: frame(features, STANDARD_LAYERS[name]) for name, features in rows.items() if features})


def _streets(land: Ground, parts: list[Part]) -> dict[str, list[Row]]:
    ends = sorted({node for part in parts for node in (part.start, part.end)})
    heights = dict(zip(ends, land.grid.sample(land.elevation_m, ends).tolist(), strict=True))
    made = network(parts, heights)
    return {name: getattr(made, name) for name in ("roads", "walkways", "signals", "restrictions")}


def _water(water: Rivers, parks: Green) -> list[Row]:
    shapes = [
        (water.yun, "云江", "Yun River", "river"),
        (water.lan, "岚江", "Lan River", "river"),
        (parks.lake, "鹭湖", "Luhu Lake", "lake"),
        *((brook, "", "", "stream") for brook in parks.brooks),
    ]
    rows = []
    for number, (shape, zh, en, kind) in enumerate(shapes, start=1):
        tags = {"waterway": "stream"} if kind == "stream" else {"natural": "water", "water": kind}
        geometry = to_crs(shapely.simplify(shape, 1.0))
        rows.append(common("water", number, zh, en, **tags) | {"id": f"a{number}", "geometry": geometry, "class": kind})
    return rows


def sample_city(path: Path, *, seed: int = 1, author: str = "") -> City:
    """Make the sample city in a new folder: all standard layers, roads and walkways draped over the elevation,
    and some saved plans.

    Everything follows from ``seed``; the source of every layer and the city's name say that it is synthetic.
    Raises :class:`~cim_core.errors.CityError` (``city.exists``) for a folder that holds something.
    """
    city = City.create(path, name=NAME, crs=CRS)
    made = sample(seed)
    cog = path / STAGING / f"{os.getpid()}-sample.tif"
    try:
        with tempfile.TemporaryDirectory(prefix="cim-sample-") as folder, storage_faults(path):
            cog.parent.mkdir(exist_ok=True)
            written = write_cog(write_elevation(made.ground, Path(folder) / "ground.tif"), cog, working_crs=CRS)
        layers = made.layers | drape({name: made.layers[name] for name in NETWORKS}, Coverage(cog).sample).networks
        source = _source(seed, layers, written)
        with city.edit("synthetic sample", author=author) as session:
            position = session.add_source(source)
            session.put_coverage(ELEVATION, cog, written.content_hash, written.as_dict(), position)
            for name, layer in layers.items():
                session.put_layer(layer, STANDARD_LAYERS[name], position)
        save_plans(city, author)
    finally:
        cog.unlink(missing_ok=True)
    return City.open(path)


def _source(seed: int, layers: dict[str, gpd.GeoDataFrame], written: CoverageInfo) -> SourceRecord:
    report = QualityReport()
    report.keep(ELEVATION)
    for name, layer in layers.items():
        report.keep(name, len(layer))
    report.warn("every feature is synthetic; nothing of it says anything about a real place")
    made_from = {"generator": "data_samples.city", "seed": seed, "synthetic": True}
    identity = content_hash(made_from | {ELEVATION: written.content_hash})
    return SourceRecord("sample", "synthetic:sample-city", identity, ATTRIBUTION, made_from, report.as_dict())
