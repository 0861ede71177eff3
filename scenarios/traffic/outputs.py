"""What ``sumo`` wrote, as frames: Parquet where SUMO writes it, read column by column."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from lxml import etree
from numpy.typing import NDArray

from cim_core.errors import EngineError
from scenarios.traffic.simulation import EDGE_DATA, ROUTES, STATISTICS, SUMMARY, TRIPINFO

_TRIP_NUMBERS = {
    "depart": "departed_s",
    "departDelay": "depart_delay_s",
    "arrival": "arrived_s",
    "duration": "duration_s",
    "routeLength": "route_length_m",
    "waitingTime": "waiting_time_s",
    "timeLoss": "time_loss_s",
}
_TRIP_TEXTS = {"arrivalLane": "arrival_lane", "vaporized": "vaporized"}
_EDGE_NUMBERS = {
    "sampledSeconds": "sampled_s",
    "occupancy": "occupancy",
    "timeLoss": "time_loss_s",
    "speed": "speed_mps",
    "departed": "departed",
    "entered": "entered",
    "distance": "distance_m",
}
_SUMMARY = {
    "time": "time_s",
    "running": "running",
    "waiting": "waiting",
    "halting": "halting",
    "meanSpeed": "mean_speed_mps",
}
_TELEPORT = re.compile(r"Teleporting vehicle '(\d+)'; (?:(collision)|waited too long(?: \(([a-z ]+)\))?)")


def _read(path: Path, names: Sequence[str]) -> pa.Table | None:
    """The columns that are there; None where SUMO had nothing to write."""
    try:
        file = pq.ParquetFile(path)
        present = file.schema_arrow.names
        return file.read([name for name in names if name in present], use_threads=False) if present else None
    except (OSError, pa.ArrowInvalid) as fault:
        raise EngineError(
            "engine.sumo_output",
            "an output of sumo cannot be read",
            where=str(path),
            expected="a Parquet file",
            got=str(fault),
            remedy="see whether the disk is full, then run again",
        ) from fault


def _numbers(table: pa.Table, name: str) -> NDArray[np.float64]:
    """A column as float64, whether SUMO wrote numbers or texts; NaN where there is none."""
    if name not in table.column_names:
        return np.full(table.num_rows, np.nan)
    column = table.column(name)
    if pa.types.is_string(column.type):
        column = pc.if_else(pc.equal(column, ""), None, column)
    numbers: NDArray[np.float64] = pc.cast(column, pa.float64()).to_numpy()
    return numbers


def read_trips(directory: Path) -> pd.DataFrame:
    """One row per vehicle that entered or waits, index vehicle number, times in s after midnight (negative: never)."""
    columns = {f"tripinfo_{name}": new for name, new in _TRIP_NUMBERS.items()}
    texts = {f"tripinfo_{name}": new for name, new in _TRIP_TEXTS.items()}
    table = _read(directory / TRIPINFO, ["tripinfo_id", *columns, *texts])
    if table is None:
        none = pd.Index([], dtype="int64", name="vehicle")
        numbers = {new: np.array([], dtype=float) for new in columns.values()}
        return pd.DataFrame(numbers | {"vaporized": pd.Series(dtype=str), "arrival_edge": pd.Series(dtype=str)}, none)
    index = pd.Index(_numbers(table, "tripinfo_id").astype("int64"), name="vehicle")
    frame = pd.DataFrame({new: _numbers(table, name) for name, new in columns.items()}, index=index)
    for name, new in texts.items():
        known = name in table.column_names
        frame[new] = table.column(name).to_pandas().fillna("").to_numpy() if known else ""
    frame["arrival_edge"] = frame.pop("arrival_lane").str.rpartition("_")[0]
    return frame


def read_edges(directory: Path) -> pd.DataFrame:
    """Edge data: columns ``edge begin_s end_s`` and, per edge and interval, what :data:`_EDGE_NUMBERS` names.

    ``distance_m`` and ``sampled_s`` are sums over vehicles, ``time_loss_s`` too; edges nobody was on are left out.
    """
    columns = {f"edge_{old}": new for old, new in _EDGE_NUMBERS.items()}
    table = _read(directory / EDGE_DATA, ["edge_id", "interval_begin", "interval_end", *columns])
    if table is None or "edge_id" not in table.column_names:
        return pd.DataFrame(columns=["edge", "begin_s", "end_s", *columns.values()])
    known = pc.is_valid(table.column("edge_id"))  # an interval without any edge is a row of nulls
    table = table.filter(known)
    frame = pd.DataFrame({"edge": table.column("edge_id").to_pandas()})
    frame["begin_s"], frame["end_s"] = _numbers(table, "interval_begin"), _numbers(table, "interval_end")
    return frame.assign(**{new: _numbers(table, old) for old, new in columns.items()})


class DrivenRoute(NamedTuple):
    """The edges a vehicle drove or meant to drive, and the times at which it left them (negative: never)."""

    vehicle: int
    departed_s: float
    edges: list[str]
    left_s: list[float]


def read_routes(directory: Path) -> Iterator[DrivenRoute]:
    """The vehicles that set out, where their routes were recorded; SUMO writes no exit times for who left no edge."""
    path = directory / ROUTES
    table = _read(path, ["vehicle_id", "vehicle_depart", "route_edges", "route_exitTimes"]) if path.exists() else None
    if table is None:
        return
    for number, departed, edges, left in zip(*(column.to_pylist() for column in table.columns), strict=True):
        yield DrivenRoute(int(number), float(departed), edges.split(), [float(time) for time in (left or "").split()])


def read_summary(directory: Path) -> pd.DataFrame:
    """The state of the network, once a minute; no mean speed (NaN) where nobody is under way: SUMO writes −1 there."""
    table = _read(directory / SUMMARY, [f"step_{name}" for name in _SUMMARY])
    if table is None:
        return pd.DataFrame(columns=list(_SUMMARY.values()))
    frame = pd.DataFrame({new: _numbers(table, f"step_{name}") for name, new in _SUMMARY.items()})
    return frame.assign(mean_speed_mps=frame["mean_speed_mps"].where(frame["mean_speed_mps"] >= 0))


@dataclass(frozen=True)
class Statistics:
    """SUMO's own counters at the end."""

    loaded: int
    inserted: int
    running: int
    waiting: int
    teleports: dict[str, int]
    collisions: int


def read_statistics(directory: Path) -> Statistics:
    """The statistic output."""
    root = etree.parse(str(directory / STATISTICS)).getroot()
    vehicles, teleports = root.find("vehicles"), root.find("teleports")
    counters = {name: int(vehicles.get(name)) for name in ("loaded", "inserted", "running", "waiting")}
    causes = {name: int(value) for name, value in teleports.attrib.items()}
    return Statistics(**counters, teleports=causes, collisions=int(root.find("safety").get("collisions")))


def read_teleports(log: Path) -> list[tuple[int, str]]:
    """(vehicle number, cause) of every teleport in the log, in order: jam, yield, wrong lane, highway or collision."""
    text = log.read_text(encoding="utf-8", errors="replace")
    return [(int(number), collision or cause or "jam") for number, collision, cause in _TELEPORT.findall(text)]
