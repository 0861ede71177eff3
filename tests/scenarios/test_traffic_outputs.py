"""What is read from SUMO's outputs."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from scenarios.traffic.outputs import SUMMARY, read_summary


def test_a_minute_without_vehicles_has_no_mean_speed(tmp_path: Path) -> None:
    columns = {"time": [60.0, 120.0], "running": [0, 3], "waiting": [0, 0], "halting": [0, 1], "meanSpeed": [-1.0, 7.5]}
    pq.write_table(pa.table({f"step_{name}": values for name, values in columns.items()}), tmp_path / SUMMARY)
    speeds = read_summary(tmp_path)["mean_speed_mps"]
    assert speeds.isna().tolist() == [True, False]
    assert speeds[1] == 7.5
