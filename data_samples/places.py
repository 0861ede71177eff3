"""Points of interest and car parks: stations, stops, schools, hospitals, fire stations, shops, parks, sights."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from data_samples.grid import to_crs
from data_samples.names import invented
from data_samples.parks import Green
from data_samples.rails import Station
from data_samples.records import Row, common
from data_samples.streets import Part

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Institution:
    """What takes a whole building: how many there are, the building's use and its least footprint."""

    category: str
    kind: str
    use: str
    zh: str
    en: str
    count: int
    footprint_m2: float
    storeys: tuple[int, int]
    apart_m: float


_INSTITUTIONS = (
    Institution("amenity", "hospital", "health", "医院", "Hospital", 6, 500, (8, 16), 1100),
    Institution("amenity", "school", "education", "学校", "School", 20, 330, (4, 6), 520),
    Institution("amenity", "kindergarten", "education", "幼儿园", "Kindergarten", 18, 200, (2, 3), 420),
    Institution("amenity", "fire_station", "civic", "消防站", "Fire Station", 6, 200, (3, 4), 1300),
    Institution("amenity", "police", "civic", "派出所", "Police Station", 7, 180, (3, 5), 900),
    Institution("amenity", "clinic", "health", "卫生服务中心", "Health Centre", 10, 180, (3, 5), 650),
    Institution("amenity", "library", "culture", "图书馆", "Library", 3, 400, (4, 6), 1200),
    Institution("tourism", "museum", "culture", "博物馆", "Museum", 2, 500, (3, 5), 900),
    Institution("amenity", "theatre", "culture", "剧院", "Theatre", 2, 500, (4, 6), 900),
    Institution("amenity", "townhall", "civic", "市政中心", "Civic Centre", 1, 500, (9, 14), 900),
    Institution("amenity", "place_of_worship", "religious", "寺", "Temple", 3, 120, (1, 2), 900),
)
_SHOPS = (
    ("shop", "supermarket", "超市", "Supermarket", 26),
    ("shop", "convenience", "便利店", "Corner Shop", 60),
    ("amenity", "restaurant", "火锅", "Hotpot", 70),
    ("amenity", "pharmacy", "药房", "Pharmacy", 26),
    ("amenity", "bank", "银行", "Bank", 16),
    ("amenity", "cafe", "茶馆", "Teahouse", 30),
    ("amenity", "marketplace", "菜市场", "Market", 12),
)


def institutions(buildings: list[Row], random: np.random.Generator) -> list[Row]:
    """Give buildings to institutions: their use, storeys and name change in place; returns points inside them."""
    words = invented(random)
    points: list[Row] = []
    taken: set[int] = set()
    centres = shapely.get_coordinates(shapely.centroid(np.array([row["geometry"] for row in buildings])))
    for kind in _INSTITUTIONS:
        chosen: list[int] = []
        for position in random.permutation(len(buildings)).tolist():
            row = buildings[position]
            if len(chosen) == kind.count:
                break
            far = all(np.hypot(*(centres[position] - centres[other])) > kind.apart_m for other in chosen)
            fits = kind.footprint_m2 < row["footprint_m2"] < 4 * kind.footprint_m2 and not row["name"]
            if position in taken or not far or not fits or row["levels"] > 12:
                continue
            chosen.append(position)
            taken.add(position)
            zh, en = next(words)
            _give(row, kind, zh + kind.zh, f"{en} {kind.en}", random)
            points.append(_poi(row["name_zh"], row["name_en"], kind.category, kind.kind, centres[position]))
    return points


def _give(row: Row, kind: Institution, zh: str, en: str, random: np.random.Generator) -> None:
    storeys = int(random.integers(kind.storeys[0], kind.storeys[1] + 1))
    row |= {"name": zh, "name_zh": zh, "name_en": en, "use": kind.use, "levels": storeys, "height_m": 3.6 * storeys + 1}
    row |= {"floor_area_m2": row["footprint_m2"] * storeys}
    row |= {"tags": common("building", 0, **{kind.category: kind.kind})["tags"]}


def _poi(zh: str, en: str, category: str, kind: str, place: Any) -> Row:
    """A point in the working CRS; ``numbered`` gives it an id."""
    geometry = place if isinstance(place, shapely.Geometry) else shapely.Point(np.round(place, 2))
    return common("poi", 0, zh, en, **{category: kind}) | {"geometry": geometry, "category": category, "kind": kind}


def shops(buildings: list[Row], random: np.random.Generator) -> Iterator[Row]:
    """Small points inside houses, more of them where there is trade."""
    words = invented(random)
    shapes = shapely.point_on_surface(np.array([row["geometry"] for row in buildings]))
    trade = np.array([{"retail": 5.0, "commercial": 4.0, "residential": 1.0}.get(row["use"], 0.2) for row in buildings])
    for category, kind, zh, en, count in _SHOPS:
        for position in random.choice(len(buildings), count, replace=False, p=trade / trade.sum()).tolist():
            word = next(words)
            yield _poi(word[0] + zh, f"{word[1]} {en}", category, kind, shapes[position])


def outdoors(parts: list[Part], stations: list[Station], green: Green, random: np.random.Generator) -> Iterator[Row]:
    """Station entrances, bus stops, parks, viewpoints and bus stations."""
    for station in stations:
        for number in (1, 2):
            place = np.array([station.x, station.y]) + random.normal(0, 22, 2) + (number - 1.5) * 70
            zh, en = f"{station.zh}{number}口", f"{station.en} Exit {number}"
            yield _poi(zh, en, "railway", "subway_entrance", to_crs(shapely.Point(place)))
    for park in green.parks:
        yield _poi(park.zh, park.en, "leisure", "park", to_crs(park.area.representative_point()))
    for x, y, zh, en in _SIGHTS:
        yield _poi(zh, en, "tourism", "viewpoint", to_crs(shapely.Point(x, y)))
    yield from _bus_stops(parts)


_SIGHTS = (
    (1330.0, -1830.0, "南岭观景台", "Nanling Lookout"),
    (1010.0, 250.0, "双江观景台", "Two Rivers Lookout"),
    (-1050.0, 2130.0, "北岭观景台", "Beiling Lookout"),
    (-950.0, -1010.0, "沙洲观鸟亭", "Sandbar Bird Pavilion"),
)


def _bus_stops(parts: list[Part]) -> Iterator[Row]:
    """Every 400 m or so along main streets, at the kerb."""
    since: dict[str, float] = {}
    for part in parts:
        way = part.way
        if way.highway not in ("primary", "secondary") or way.bridge or way.tunnel:
            continue
        walked = since.get(way.zh, 250.0) + part.line.length
        if walked > 400:
            walked = 0.0
            middle = part.line.parallel_offset(way.width_m / 2 + 1, "right").interpolate(0.5, normalized=True)
            zh, en = f"{way.zh}站", f"{way.en} Stop"
            yield _poi(zh, en, "public_transport", "bus_stop", to_crs(middle))
        since[way.zh] = walked


def numbered(rows: list[Row]) -> list[Row]:
    """The points with ids and source ids in order."""
    return [row | {"id": f"p{n:04d}", "source_id": f"synthetic/poi/{n}"} for n, row in enumerate(rows, start=1)]


def parking(buildings: list[Row], random: np.random.Generator) -> list[Row]:
    """Underground car parks beneath malls and towers, multi-storey ones, and open lots beside works."""
    large = [row for row in buildings if row["use"] in ("retail", "commercial", "office", "industrial") and row["name"]]
    chosen = sorted(random.choice(len(large), min(48, len(large)), replace=False).tolist())
    rows = []
    for number, position in enumerate(chosen, start=1):
        row = large[position]
        kind = "surface" if row["use"] == "industrial" else "multi-storey" if number % 5 == 0 else "underground"
        spot = shapely.point_on_surface(row["geometry"])
        zh, en = f"{row['name_zh']}停车场", f"{row['name_en']} Car Park"
        places = int(np.clip(row["footprint_m2"] / 28 * (1 if kind == "surface" else 3), 20, 600))
        rows.append(
            common("parking", number, zh, en, amenity="parking", parking=kind)
            | {"id": f"k{number:03d}", "geometry": spot, "kind": kind, "capacity": places}
        )
    return rows
