"""Drawing integer trips from expected ones, with one generator: the same seed gives the same trips."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scenarios.traffic.expectation import Stream
from scenarios.traffic.profile import Period, departures

TRIP_COLUMNS = (
    "trip_id", "depart_s", "from_edge", "to_edge", "from_zone", "to_zone", "purpose", "kind",
    "from_x", "from_y", "to_x", "to_y",
)  # fmt: skip
_STREAM = 0x64656D616E64
"""Keeps these random numbers apart from others drawn from the same seed."""


def generator(seed: int) -> np.random.Generator:
    """The demand's generator (PCG64) for a run's seed, an integer ≥ 0."""
    return np.random.default_rng([seed, _STREAM])


@dataclass(frozen=True, eq=False)
class Sources:
    """What trips begin and end at: frames with the same rows, sorted by zone.

    ``places``: ``zone x y edge reverse other``; ``productions`` and ``attractions``: car trip ends per (purpose, leg),
    which say how likely each row is within its zone.
    """

    places: pd.DataFrame
    productions: pd.DataFrame
    attractions: pd.DataFrame


def draw_trips(
    streams: Sequence[Stream],
    sources: Sources,
    terminals: pd.DataFrame,
    period: Period,
    *,
    seed: int,
    scale: float,
) -> pd.DataFrame:
    """Trips with columns :data:`TRIP_COLUMNS`, ordered by departure.

    The number of trips of each cell is Poisson with mean scale × expectation. Origin and destination
    edges: either direction of the access road with equal chance.
    """
    random = generator(seed)
    parts = [_draw(stream, sources, terminals, period, random=random, scale=scale) for stream in streams]
    parts = [part for part in parts if len(part)]
    if not parts:
        return empty_trips()
    trips = pd.concat(parts, ignore_index=True).sort_values("depart_s", kind="stable", ignore_index=True)
    return number(trips)


def number(trips: pd.DataFrame) -> pd.DataFrame:
    """Give trips in their order the ids ``t000000``, ``t000001``, … and the columns their order."""
    return trips.assign(trip_id=[f"t{number:06d}" for number in range(len(trips))])[list(TRIP_COLUMNS)]


def empty_trips() -> pd.DataFrame:
    """No trips, with the columns and dtypes of some."""
    numeric = {"depart_s", "from_x", "from_y", "to_x", "to_y"}
    return pd.DataFrame({name: pd.Series(dtype="float64" if name in numeric else "str") for name in TRIP_COLUMNS})


def _draw(
    stream: Stream,
    sources: Sources,
    terminals: pd.DataFrame,
    period: Period,
    *,
    random: np.random.Generator,
    scale: float,
) -> pd.DataFrame:
    cells = np.cumsum(stream.trips.ravel())
    count = int(random.poisson(scale * cells[-1]))
    chosen = np.searchsorted(cells, random.random(count) * cells[-1], side="right")
    rows, columns = np.divmod(np.minimum(chosen, len(cells) - 1), stream.trips.shape[1])
    key = (stream.purpose, stream.leg)
    inside_from, inside_to = stream.kind in ("internal", "outbound"), stream.kind in ("internal", "inbound")
    start = (
        _in_zones(sources.places, sources.productions[key].to_numpy(), rows, random)
        if inside_from
        else _at_terminals(terminals[terminals["inbound"].eq(True)], rows)
    )
    end = (
        _in_zones(sources.places, sources.attractions[key].to_numpy(), columns, random)
        if inside_to
        else _at_terminals(terminals[terminals["inbound"].eq(False)], columns)
    )
    same = (start["edge"] == end["edge"]) & inside_to
    seconds = departures(random.random(count), stream.purpose, stream.leg, period)
    return pd.DataFrame(
        {
            "depart_s": seconds,
            "from_edge": start["edge"],
            "to_edge": np.where(same, end["other"], end["edge"]),
            "from_zone": start["zone"],
            "to_zone": end["zone"],
            "purpose": "home" if stream.leg == "back" else stream.purpose,
            "kind": stream.kind,
            "from_x": start["x"],
            "from_y": start["y"],
            "to_x": end["x"],
            "to_y": end["y"],
        }
    )


def _in_zones(
    places: pd.DataFrame, weights: NDArray[np.float64], zones: NDArray[np.intp], random: np.random.Generator
) -> dict[str, NDArray[np.object_]]:
    """One place per trip, drawn within its zone by weight; ``zones`` counts the zones in their sorted order."""
    mass = np.cumsum(weights)
    first = np.flatnonzero(~places["zone"].duplicated().to_numpy())
    low = np.concatenate([[0.0], mass])[first]
    high = np.append(low[1:], mass[-1])
    target = low[zones] + random.random(len(zones)) * (high - low)[zones]
    last = np.append(first[1:], len(places)) - 1
    at = np.clip(np.searchsorted(mass, target, side="right"), first[zones], last[zones])
    columns = {name: places[name].to_numpy()[at] for name in ("zone", "x", "y", "other")}
    either = random.random(len(zones)) < 0.5
    edge = np.where(either, places["edge"].to_numpy()[at], places["reverse"].to_numpy()[at])
    return columns | {"edge": edge}


def _at_terminals(terminals: pd.DataFrame, rows: NDArray[np.intp]) -> dict[str, NDArray[np.object_]]:
    names = {"zone": "gateway", "x": "x", "y": "y", "edge": "edge", "other": "edge"}
    return {name: terminals[column].to_numpy()[rows] for name, column in names.items()}
