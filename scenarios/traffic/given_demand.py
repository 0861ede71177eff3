"""Demand that is given instead of drawn: an OD table, a list of trips, or SUMO trips and routes.

Files
-----
OD table (CSV)
    ``from,to,count``: places (see :class:`~scenarios.traffic.places.Places`) and vehicles per hour.
Trips (CSV)
    ``depart,from,to`` and optionally ``trip_id``: seconds after local midnight or HH:MM[:SS].
SUMO (XML)
    ``<trip id depart from to>`` and ``<vehicle id depart>`` with a ``<route edges>``; departures in seconds after local
    midnight or H:M:S.

A trip that departs outside the period is counted as ``beyond_window``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cim_core.canonical import file_hash
from cim_core.errors import InputError
from scenarios.traffic.demand import Demand
from scenarios.traffic.places import Places, middle_of
from scenarios.traffic.profile import Period
from scenarios.traffic.sampling import TRIP_COLUMNS, generator, number
from scenarios.traffic.sumo_trips import check_routes, read_sumo_trips
from scenarios.traffic.zones import zone_ids

_OD = {"from", "to", "count"}
_TRIPS = {"depart", "from", "to"}


def given_demand(
    path: Path,
    places: Places,
    edges: pd.DataFrame,
    connections: pd.DataFrame,
    terminals: pd.DataFrame,
    *,
    period: Period,
    seed: int,
    scale: float = 1.0,
) -> Demand:
    """Read a demand file for a period; what it is follows from its ending and its columns.

    OD counts × hours × scale that are not whole are rounded up or down at random so that the mean is right. Lists of
    trips are taken as they are: ``scale`` other than 1 is refused. Raises :class:`InputError` that names the fault.
    """
    facts: dict[str, Any] = {"file": path.name, "sha256": _hash(path), "scale": scale}
    if path.suffix.lower() == ".xml":
        table, ignored = read_sumo_trips(path)
        facts |= {"method": "given: SUMO trips and routes", "ignored_in_file": ignored}
    else:
        table = _csv(path)
        if _OD.issubset(table.columns):
            table = _from_od(table, path, places, period, seed=seed, scale=scale)
            trips = _complete(table, edges, terminals)
            return Demand(number(trips), terminals, facts=_totals(trips, 0, facts | {"method": "given: OD table"}))
        table = _trip_list(table, path)
        facts |= {"method": "given: list of trips"}
    if scale != 1.0:
        raise InputError(
            "traffic.scale_of_trips",
            "a list of trips cannot be scaled",
            where=path.name,
            expected="demand scale 1",
            got=str(scale),
            remedy="give an OD table, or scale the list yourself",
        )
    places.require([*table["from"], *table["to"]], path.name)
    if table["trip_id"].duplicated().any():
        twice = table.loc[table["trip_id"].duplicated(), "trip_id"].iloc[0]
        raise InputError(
            "traffic.trip_twice",
            "a trip id stands twice",
            where=path.name,
            expected="one row per trip",
            got=str(twice),
            remedy="give each trip its own id",
        )
    due = table["depart_s"].between(period.begin_s, period.end_s, inclusive="left")
    beyond = int((~due).sum())
    if len(table) and beyond == len(table):
        raise InputError(
            "traffic.all_beyond_window",
            "every trip departs outside the hours",
            where=path.name,
            expected=f"departures from {period.begin_s:g} to {period.end_s:g} s after midnight",
            got=f"{table['depart_s'].min():g} to {table['depart_s'].max():g} s",
            remedy="choose other hours, or shift the departures: they count from local midnight",
        )
    table = _to_edges(table[due].sort_values("depart_s", kind="stable", ignore_index=True), places, seed)
    trips = _complete(table, edges, terminals)[[*TRIP_COLUMNS, *(["route"] if "route" in table else [])]]
    if "route" in trips:
        check_routes(trips, connections, path)
    return Demand(trips, terminals, beyond_window=beyond, facts=_totals(trips, beyond, facts))


def _csv(path: Path) -> pd.DataFrame:
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig", skipinitialspace=True)
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as fault:
        raise InputError(
            "traffic.demand_unreadable",
            "the demand file cannot be read",
            where=path.name,
            expected="a CSV file in UTF-8",
            got=str(fault),
            remedy="mend or export the file again",
        ) from None
    if not (_OD.issubset(table.columns) or _TRIPS.issubset(table.columns)):
        raise InputError(
            "traffic.demand_columns",
            "the demand file lacks columns",
            where=path.name,
            expected="from,to,count (OD table) or depart,from,to (trips)",
            got=", ".join(table.columns),
            remedy="name the columns in the first line",
        )
    if table.empty:
        raise InputError(
            "traffic.demand_empty",
            "the demand file has no rows",
            where=path.name,
            expected="at least one row",
            got="none",
            remedy="fill the file, or leave it out to draw the demand from land use",
        )
    return table


def _from_od(
    table: pd.DataFrame, path: Path, places: Places, period: Period, *, seed: int, scale: float
) -> pd.DataFrame:
    count = pd.to_numeric(table["count"], errors="coerce").to_numpy(dtype="float64")
    bad = np.flatnonzero(~(np.isfinite(count) & (count >= 0)))
    if len(bad):
        raise InputError(
            "traffic.od_count",
            f"line {bad[0] + 2}: not a number of vehicles",
            where=path.name,
            expected="a number, 0 or more",
            got=table["count"].iloc[bad[0]],
            remedy="correct the count",
        )
    places.require([*table["from"], *table["to"]], path.name)
    random = generator(seed)
    length_s = period.end_s - period.begin_s
    exact = count * length_s / 3600.0 * scale
    whole = np.floor(exact + random.random(len(exact))).astype(int)
    rows = np.repeat(np.arange(len(table)), whole)
    departs = np.floor((period.begin_s + random.random(len(rows)) * length_s) * 10.0) / 10.0
    drawn = table.iloc[rows][["from", "to"]].assign(depart_s=np.maximum(departs, period.begin_s), trip_id="")
    return _to_edges(drawn.sort_values("depart_s", kind="stable", ignore_index=True), places, seed)


def _trip_list(table: pd.DataFrame, path: Path) -> pd.DataFrame:
    departs = []
    for line, text in enumerate(table["depart"], start=2):
        try:
            departs.append(clock_or_seconds(text))
        except ValueError:
            raise InputError(
                "traffic.depart",
                f"line {line}: not a departure",
                where=path.name,
                expected="seconds after midnight or HH:MM[:SS]",
                got=text,
                remedy="correct the time",
            ) from None
    ids = table["trip_id"] if "trip_id" in table else [f"t{row:06d}" for row in range(len(table))]
    return table[["from", "to"]].assign(depart_s=departs, trip_id=ids)


def clock_or_seconds(text: str) -> float:
    """``25200``, ``7:00`` or ``07:00:00`` → seconds; raises ``ValueError``."""
    parts = [float(part) for part in text.split(":")]
    if len(parts) > 3 or any(part < 0 or not np.isfinite(part) for part in parts):
        raise ValueError(text)
    if len(parts) == 1:
        return parts[0]
    if any(part >= 60 for part in parts[1:]):
        raise ValueError(text)
    return parts[0] * 3600 + parts[1] * 60 + (parts[2] if len(parts) == 3 else 0.0)


def _to_edges(table: pd.DataFrame, places: Places, seed: int) -> pd.DataFrame:
    """Add ``from_edge to_edge``: of a place with several edges each trip takes one at random."""
    random = np.random.default_rng([seed, len(table), 1])
    result = table.copy()
    for column, find in (("from", places.origins), ("to", places.destinations)):
        options = {name: find(name) for name in table[column].unique()}
        uniform = random.random(len(table))
        result[f"{column}_edge"] = [
            options[name][int(u * len(options[name]))] for name, u in zip(table[column], uniform, strict=True)
        ]
    return result


def _complete(table: pd.DataFrame, edges: pd.DataFrame, terminals: pd.DataFrame) -> pd.DataFrame:
    """Add coordinates, zones and kind from the edges; purpose is ``given``."""
    inbound = terminals[terminals["inbound"].eq(True)].set_index("edge")["gateway"]
    outbound = terminals[terminals["inbound"].eq(False)].set_index("edge")["gateway"]
    comes, leaves = table["from_edge"].map(inbound), table["to_edge"].map(outbound)
    start, end = middle_of(edges, table["from_edge"]), middle_of(edges, table["to_edge"])
    kind = np.select(
        [comes.notna() & leaves.notna(), comes.notna(), leaves.notna()], ["through", "inbound", "outbound"], "internal"
    )
    return table.assign(
        from_zone=comes.where(comes.notna(), zone_ids(start[:, 0], start[:, 1])),
        to_zone=leaves.where(leaves.notna(), zone_ids(end[:, 0], end[:, 1])),
        purpose="given",
        kind=kind,
        from_x=start[:, 0],
        from_y=start[:, 1],
        to_x=end[:, 0],
        to_y=end[:, 1],
    )


def _totals(trips: pd.DataFrame, beyond: int, facts: dict[str, Any]) -> dict[str, Any]:
    kinds = {str(kind): int(count) for kind, count in trips["kind"].value_counts().sort_index().items()}
    return facts | {"trips": len(trips), "beyond_window": beyond, "trips_by_kind": kinds}


def _hash(path: Path) -> str:
    try:
        return file_hash(path)
    except OSError as fault:
        raise InputError(
            "traffic.demand_unreadable",
            "the demand file cannot be read",
            where=path.name,
            expected="a file",
            got=str(fault.strerror),
            remedy="check the path",
        ) from None
