"""Observed counts against simulated volumes: the GEH statistic.

``GEH = sqrt(2 (M - C)² / (M + C))`` with M the modelled and C the counted volume in vehicles per hour (UK Design Manual
for Roads and Bridges, volume 12, section 2). Customary: GEH < 5 on at least 85 % of the counts, flow total within 5 %.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cim_core.errors import InputError
from scenarios.traffic.given_demand import clock_or_seconds
from scenarios.traffic.places import Places

_COLUMNS = ("begin", "end", "count")


def geh(modelled_vph: NDArray[np.float64], counted_vph: NDArray[np.float64]) -> NDArray[np.float64]:
    """GEH of hourly volumes; 0 where both are 0.

    >>> geh(np.array([1000.0]), np.array([850.0])).round(3).tolist()
    [4.932]
    """
    total = np.asarray(modelled_vph + counted_vph, dtype="float64")
    square = 2.0 * (np.asarray(modelled_vph, dtype="float64") - counted_vph) ** 2
    values: NDArray[np.float64] = np.sqrt(np.divide(square, total, out=np.zeros_like(total), where=total > 0))
    return values


def read_counts(path: Path, places: Places, edges: pd.DataFrame) -> pd.DataFrame:
    """Counts from a CSV with ``road`` or ``edge``, ``begin``, ``end`` (HH:MM or seconds), ``count`` (vehicles).

    An optional ``direction`` (forward, backward) keeps the edges of that direction. Gives columns ``place edges begin_s
    end_s count``; a place with several edges in a row (a named road) stands for the mean over them, see
    :func:`compare_counts`. Raises :class:`InputError`.
    """
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig", skipinitialspace=True)
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as fault:
        raise InputError(
            "traffic.counts_unreadable",
            "the counts cannot be read",
            where=path.name,
            expected="a CSV file in UTF-8",
            got=str(fault),
            remedy="mend or export the file again",
        ) from None
    place = next((name for name in ("road", "edge") if name in table.columns), None)
    missing = [name for name in _COLUMNS if name not in table.columns] + ([] if place else ["road or edge"])
    if missing or place is None or table.empty:
        raise InputError(
            "traffic.counts_columns",
            "the counts lack columns or rows",
            where=path.name,
            expected="road (or edge), begin, end, count, and at least one row",
            got=f"missing {', '.join(missing)}" if missing else "no rows",
            remedy="complete the file",
        )
    places.require(table[place], path.name)
    rows = [
        _row(row, places.edges(row[place]), edges, f"{path.name}, line {line}")
        for line, row in enumerate(table.to_dict("records"), start=2)
    ]
    return pd.DataFrame(rows)


def _row(row: dict[str, str], found: tuple[str, ...], edges: pd.DataFrame, where: str) -> dict[str, object]:
    try:
        begin, end, count = clock_or_seconds(row["begin"]), clock_or_seconds(row["end"]), float(row["count"])
    except ValueError:
        begin, end, count = 0.0, 0.0, np.nan
    if not (begin < end and np.isfinite(count) and count >= 0):
        raise InputError(
            "traffic.counts_row",
            "not a count",
            where=where,
            expected="begin before end, count 0 or more",
            got=",".join(row.values()),
            remedy="correct the line",
        )
    if row.get("direction"):
        found = tuple(edge for edge in found if edges.at[edge, "direction"] == row["direction"])
    if not found:
        raise InputError(
            "traffic.counts_direction",
            "no edge in that direction",
            where=where,
            expected="forward or backward",
            got=row.get("direction", ""),
            remedy="correct or remove the direction",
        )
    return {"place": row.get("road") or row.get("edge"), "edges": found, "begin_s": begin, "end_s": end, "count": count}


def compare_counts(counts: pd.DataFrame, flows: pd.DataFrame, edges: pd.DataFrame) -> pd.DataFrame:
    """Counts with ``counted_vph modelled_vph geh``; rows outside the simulated time have NaN.

    ``flows``: columns ``edge begin_s end_s vehicles``, intervals that do not overlap per edge; vehicles are spread
    evenly within an interval. The volume of a place is, per direction, the length-weighted mean of its edges, summed
    over directions.
    """
    modelled = [_volume(row.edges, row.begin_s, row.end_s, flows, edges) for row in counts.itertuples(index=False)]
    hours = (counts["end_s"] - counts["begin_s"]).to_numpy() / 3600.0
    table = counts.assign(counted_vph=counts["count"] / hours, modelled_vph=np.array(modelled) / hours)
    known = table["modelled_vph"].notna()
    values = np.full(len(table), np.nan)
    values[known] = geh(table.loc[known, "modelled_vph"].to_numpy(), table.loc[known, "counted_vph"].to_numpy())
    return table.assign(geh=values)


def _volume(names: tuple[str, ...], begin_s: float, end_s: float, flows: pd.DataFrame, edges: pd.DataFrame) -> float:
    if flows.empty or begin_s < flows["begin_s"].min() or end_s > flows["end_s"].max():
        return np.nan
    part = flows[flows["edge"].isin(names)]
    overlap = np.minimum(part["end_s"], end_s) - np.maximum(part["begin_s"], begin_s)
    vehicles = part["vehicles"] * overlap.clip(lower=0) / (part["end_s"] - part["begin_s"])
    volume = vehicles.groupby(part["edge"]).sum().reindex(list(names)).fillna(0.0)
    total = 0.0
    for _, own in edges.loc[list(names)].groupby("direction", sort=True):
        total += float((volume[own.index] * own["length_m"]).sum() / own["length_m"].sum())
    return total


def counts_summary(table: pd.DataFrame) -> dict[str, float | int | str | None]:
    """``counts`` compared, ``geh_share`` (GEH < 5), ``flow_total_difference`` (relative), and the calibration label."""
    known = table[table["geh"].notna()]
    counted = float(known["counted_vph"].sum())
    return {
        "counts": len(known),
        "outside_the_hours": len(table) - len(known),
        "geh_share": float((known["geh"] < 5).mean()) if len(known) else None,
        "flow_total_difference": float(known["modelled_vph"].sum()) / counted - 1.0 if counted > 0 else None,
        "calibration": f"compared with {len(known)} counts" if len(known) else "uncalibrated",
    }
