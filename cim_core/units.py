"""Units: SI inside; conversions at the edges only."""

from __future__ import annotations

KMH = 1 / 3.6
"""One kilometre per hour in metres per second."""

UNITS: dict[str, str] = {
    "1": "",
    "s": "s",
    "min": "min",
    "h": "h",
    "m": "m",
    "km": "km",
    "m2": "m²",
    "m3": "m³",
    "m/s": "m/s",
    "km/h": "km/h",
    "ratio": "",
    "%": "%",
    "persons": "persons",
    "trips": "trips",
    "vehicles": "veh",
    "vehicles/h": "veh/h",
    "vehicle_hours": "veh·h",
    "vehicle_km": "veh·km",
    "Pa": "Pa",
    "features": "",
}
"""Every unit a figure, field or table column may declare, with the symbol that people read."""


def symbol(unit: str) -> str:
    """The symbol of a declared unit; raises ``KeyError`` for one that is not declared."""
    return UNITS[unit]


def kmh_to_mps(speed_kmh: float) -> float:
    """Kilometres per hour to metres per second."""
    return speed_kmh * KMH


def mps_to_kmh(speed_mps: float) -> float:
    """Metres per second to kilometres per hour."""
    return speed_mps / KMH
