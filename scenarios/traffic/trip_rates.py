"""Trip rates, car shares, occupancies and capacities: one table each, every figure with its source.

Honesty over precision. ``assumed=False`` marks a figure that was looked up in a published text; ``assumed=True`` marks
one that we chose, with the range or reasoning it was chosen from. None is calibrated against counts of this city, so
demand made from them carries the label ``uncalibrated``.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

PURPOSES = ("work", "school", "leisure", "business")
"""Trip purposes. ``leisure`` is shopping, personal business, care and recreation; a trip home has purpose ``home``."""

REPORT_2017 = (
    "2017年度重庆市主城区交通发展年度报告 (Chongqing Transport Planning Institute, 2018), as quoted in the press: "
    "individual motorised modes are 34.3 % of motorised trips"
)
CJJT_141 = (
    "chosen by us near the peak-hour rates of CJJ/T 141-2010 appendix as we know them "
    "(office 1.0–5.5, retail 5–25, hospital 3–12 person trips per 100 m², dwelling 0.8–2.5 per household); "
    "not checked against the printed table"
)
CJJ_37 = (
    "CJJ 37-2012 (2016), design capacity of one lane: expressway 80 km/h 1750, other roads 60/50/40–30/20 km/h "
    "1400/1350/1300/1100 pcu/h; class to design speed chosen by us; figures not checked against the printed table"
)
NHTS_2001 = "US NHTS 2001, table A-14 (Bureau of Transportation Statistics); no figure for Chongqing was found"
NHTS_2017 = "US NHTS 2017, work trips 1.18 persons per vehicle; no figure for Chongqing was found"


@dataclass(frozen=True)
class Parameter:
    """A figure with its unit, its source, and whether it is our assumption rather than a published value."""

    value: float
    unit: str
    source: str
    assumed: bool = True


@dataclass(frozen=True)
class UseRates:
    """One-way person trips per 100 m² of floor area and workday, by purpose; each is later made once out and once back.

    ``home_*`` rates start at this use as a home; the others have this use as their activity end.
    """

    home_work: float = 0.0
    home_school: float = 0.0
    home_leisure: float = 0.0
    work: float = 0.0
    school: float = 0.0
    leisure: float = 0.0
    business: float = 0.0
    source: str = CJJT_141
    assumed: bool = True


_MIX = {"residential": 0.74, "office": 0.12, "retail": 0.06, "none": 0.08}
"""Floor-area mix of a building whose use the source does not say (building=yes): assumption, mixed old-town blocks."""

RATES: dict[str, UseRates] = {
    "residential": UseRates(home_work=1.5, home_school=0.5, home_leisure=1.8),
    "office": UseRates(work=4.0, leisure=0.5, business=2.0),
    "retail": UseRates(
        work=2.5,
        leisure=20.0,
        business=0.5,
        source="chosen by us: about 3 person trips per 100 m² in the evening peak, below the 5–25 of CJJ/T 141-2010 "
        "as we know it, which is for shops studied because they draw crowds",
    ),
    "commercial": UseRates(work=3.2, leisure=12.0, business=1.2),
    "hotel": UseRates(work=0.8, home_leisure=3.0, leisure=2.0, business=1.5),
    "education": UseRates(work=1.0, school=10.0, business=0.2),
    "health": UseRates(work=3.0, leisure=20.0, business=0.5),
    "civic": UseRates(work=2.5, leisure=4.0, business=1.5),
    "culture": UseRates(work=0.6, leisure=8.0, business=0.2),
    "transport": UseRates(work=1.0, leisure=6.0, business=4.0),
    "industrial": UseRates(work=1.2, business=0.5),
    "none": UseRates(source="no trips: roofs, garages, towers, ruins, building sites"),
}
"""Class of use → rates."""

_USES = {
    "residential": "residential apartments house detached semidetached_house dormitory terrace bungalow",
    "office": "office",
    "retail": "retail supermarket kiosk mall",
    "commercial": "commercial mixed",
    "hotel": "hotel",
    "education": "education school university college kindergarten",
    "health": "health hospital clinic",
    "civic": "civic public government fire_station",
    "culture": "culture museum theatre religious temple church mosque sport stadium sports_hall",
    "transport": "transport transportation train_station",
    "industrial": "industrial warehouse factory",
    "none": "none roof parking garage garages utility service agricultural construction tower ruins shed hut bridge",
}
USE_CLASSES: dict[str, str] = {value: use for use, values in _USES.items() for value in values.split()}
"""Building use (of the layer, or the OSM value) → class of use; anything else is the mix of unknown use."""
DEFAULT_USE, GUESSED = "residential", "most common use"
"""Use and reason in ``assumed`` that together mark a building about whose use the source says nothing."""

POI_FLOOR_AREA: dict[tuple[str, str], tuple[str, float]] = {
    ("shop", "mall"): ("retail", 8000.0), ("shop", "department_store"): ("retail", 8000.0),
    ("shop", "supermarket"): ("retail", 1500.0), ("shop", "*"): ("retail", 150.0),
    ("amenity", "school"): ("education", 6000.0), ("amenity", "kindergarten"): ("education", 1500.0),
    ("amenity", "college"): ("education", 15000.0), ("amenity", "university"): ("education", 20000.0),
    ("amenity", "hospital"): ("health", 15000.0), ("amenity", "clinic"): ("health", 1500.0),
    ("amenity", "marketplace"): ("retail", 2000.0), ("amenity", "bank"): ("commercial", 400.0),
    ("amenity", "restaurant"): ("retail", 250.0), ("amenity", "cinema"): ("culture", 2500.0),
    ("amenity", "theatre"): ("culture", 4000.0), ("amenity", "library"): ("culture", 3000.0),
    ("amenity", "bus_station"): ("transport", 5000.0), ("amenity", "townhall"): ("civic", 5000.0),
    ("railway", "station"): ("transport", 1000.0),
    ("office", "government"): ("civic", 4000.0), ("office", "*"): ("office", 800.0),
    ("tourism", "hotel"): ("hotel", 8000.0), ("tourism", "museum"): ("culture", 4000.0),
    ("tourism", "attraction"): ("culture", 2000.0),
}  # fmt: skip
"""(category, kind) of a point of interest → (class of use, floor area in m² it stands for): assumption."""

CAR_SHARE: dict[str, Parameter] = {
    "work": Parameter(0.19, "ratio", f"34.3 % × (1 − 45 % walking, our assumption); {REPORT_2017}"),
    "school": Parameter(0.08, "ratio", "our assumption: schools are near, most walk"),
    "leisure": Parameter(0.15, "ratio", f"our assumption, below the share of work trips; {REPORT_2017}"),
    "business": Parameter(0.35, "ratio", f"our assumption: the motorised share itself, few walk; {REPORT_2017}"),
}
"""Share of person trips made by car (private and hired)."""

OCCUPANCY: dict[str, Parameter] = {
    "work": Parameter(1.18, "persons", NHTS_2017, assumed=False),
    "school": Parameter(1.76, "persons", NHTS_2001, assumed=False),
    "leisure": Parameter(1.81, "persons", NHTS_2001, assumed=False),
    "business": Parameter(1.22, "persons", NHTS_2001, assumed=False),
}
"""Persons per car."""

WEEKEND_FACTOR: dict[str, Parameter] = {
    "work": Parameter(0.35, "ratio", "our assumption"),
    "school": Parameter(0.10, "ratio", "our assumption"),
    "leisure": Parameter(1.30, "ratio", "our assumption"),
    "business": Parameter(0.40, "ratio", "our assumption"),
}
"""Trips of a weekend day against a workday."""

LANE_CAPACITY: dict[str, float] = {
    "motorway": 1750.0, "trunk": 1750.0, "primary": 1400.0, "secondary": 1350.0, "tertiary": 1300.0,
}  # fmt: skip
"""Design capacity of one lane by road class (a link: of its class), veh/h; other classes 1100. Source: CJJ_37."""
OTHER_LANE_CAPACITY = 1100.0

EXTERNAL_SHARE = Parameter(
    0.5, "ratio", "our assumption: of the trips that could have both ends in the area, those that cross its edge"
)
THROUGH_LOAD = Parameter(
    0.08,
    "ratio",
    "our assumption: share of the gateways' capacity that through traffic takes in the busiest hour; on the Yuzhong "
    "extract about three in ten cars that come in then pass through (no figure was found)",
)
MEAN_LENGTH_KM = Parameter(
    3.0, "km", "our assumption: mean way of a car trip within the area; the district is about 9 km by 5 km"
)
DETOUR = Parameter(
    1.4, "ratio", "network over crow-fly distance: the upper limit GB 50220-95 sets for bus lines, as we know it"
)
NETWORK_SHARE = Parameter(
    0.35,
    "ratio",
    "our assumption: share of the expected car trips that is put on the streets. The annual reports call the real "
    "bridges saturated; an extract with its own district's streets only, lanes mostly by class and signals guessed "
    "carries less. Chosen so that a morning hour on the Yuzhong extract flows; demand scale 2.9 asks for all of them",
)


def parameter_table() -> list[dict[str, Any]]:
    """Every figure as a row ``name value unit source assumed``, for a result's facts."""
    rows = [
        {"name": f"{prefix}.{name}", **asdict(parameter)}
        for prefix, table in (("car_share", CAR_SHARE), ("occupancy", OCCUPANCY), ("weekend_factor", WEEKEND_FACTOR))
        for name, parameter in table.items()
    ]
    single = {
        "external_share": EXTERNAL_SHARE,
        "through_load": THROUGH_LOAD,
        "mean_length": MEAN_LENGTH_KM,
        "detour": DETOUR,
        "network_share": NETWORK_SHARE,
    }
    rows += [{"name": name, **asdict(parameter)} for name, parameter in single.items()]
    for use, rates in RATES.items():
        fields = {key: value for key, value in asdict(rates).items() if key not in ("source", "assumed") and value}
        rows += [
            {
                "name": f"rate.{use}.{key}",
                "value": value,
                "unit": "one-way person trips per 100 m2 and workday",
                "source": rates.source,
                "assumed": rates.assumed,
            }
            for key, value in fields.items()
        ]
    rows += [
        {"name": f"lane_capacity.{name}", "value": value, "unit": "vehicles/h", "source": CJJ_37, "assumed": True}
        for name, value in LANE_CAPACITY.items()
    ]
    rows += [
        {"name": f"unknown_use.{use}", "value": share, "unit": "ratio", "source": "our assumption", "assumed": True}
        for use, share in _MIX.items()
    ]
    return rows


def use_mix(use: str) -> dict[str, float]:
    """Shares of floor area by class of use for a building's use; a use that is not in the table is a stated mix."""
    known = USE_CLASSES.get(use)
    return {known: 1.0} if known else dict(_MIX)


def lane_capacity_vph(road_class: str) -> float:
    """Design capacity of one lane of a road class, veh/h."""
    return LANE_CAPACITY.get(road_class.removesuffix("_link"), OTHER_LANE_CAPACITY)
