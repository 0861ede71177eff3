"""From SUMO's recording of vehicles to trajectories as :mod:`cim_core.trajectories` keeps them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from cim_core.trajectories import Samples


def read_fcd(path: Path, begin_s: float, period_s: float, ids: tuple[str, ...]) -> Samples:
    """SUMO's FCD Parquet (attributes x and y; vehicle ids are positions in ``ids``)."""
    if not pq.read_schema(path).names:
        none = np.array([], dtype=np.int64)
        return Samples(begin_s, period_s, ids, none, none, none.astype(float), none.astype(float))
    table = pq.ParquetFile(path, read_dictionary=["vehicle_id"]).read(use_threads=False)
    column = table.column("vehicle_id").combine_chunks()
    known = column.is_valid().to_numpy(zero_copy_only=False)
    numbers = np.array([int(text) for text in column.dictionary.to_pylist()], dtype=np.int64)
    vehicle = numbers[column.indices.fill_null(0).to_numpy(zero_copy_only=False)]
    time, x, y = (table.column(name).to_numpy() for name in ("timestep_time", "vehicle_x", "vehicle_y"))
    frame = np.rint((time - begin_s) / period_s).astype(np.int64)
    if not known.all():
        frame, vehicle, x, y = frame[known], vehicle[known], x[known], y[known]
    return Samples(begin_s, period_s, ids, frame, vehicle, x, y)
