"""What is read from SUMO's outputs."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from shapely import LineString

from scenarios.traffic.outputs import SUMMARY, read_routes, read_summary
from scenarios.traffic.road_results import road_results
from scenarios.traffic.simulation import ROUTES


def test_a_minute_without_vehicles_has_no_mean_speed(tmp_path: Path) -> None:
    columns = {"time": [60.0, 120.0], "running": [0, 3], "waiting": [0, 0], "halting": [0, 1], "meanSpeed": [-1.0, 7.5]}
    pq.write_table(pa.table({f"step_{name}": values for name, values in columns.items()}), tmp_path / SUMMARY)
    speeds = read_summary(tmp_path)["mean_speed_mps"]
    assert speeds.isna().tolist() == [True, False]
    assert speeds[1] == 7.5


def test_a_vehicle_that_left_no_edge_has_no_exit_times(tmp_path: Path) -> None:
    columns = {"vehicle_id": ["1", "2"], "vehicle_depart": [0.0, 5.0], "route_edges": ["a b", "a"]}
    pq.write_table(pa.table(columns | {"route_exitTimes": ["9.00 -1.00", None]}), tmp_path / ROUTES)
    assert [route.left_s for route in read_routes(tmp_path)] == [[9.0, -1.0], []]


def test_an_hour_in_which_nobody_drives_has_roads_without_flow() -> None:
    sides = {"road": ["r", "r"], "direction": ["forward", "backward"], "length_m": 100.0, "lanes": 1}
    edges = pd.DataFrame(sides, index=["a", "b"])
    line = LineString([(0, 0), (100, 0)])
    roads = gpd.GeoDataFrame({"class": ["primary"], "name": ["R"]}, index=["r"], geometry=[line], crs="EPSG:32648")
    [row] = road_results(pd.DataFrame(), edges, roads, 0.0, 3600.0).to_dict("records")
    assert (row["flow_vph"], row["flow_backward_vph"], row["saturation"]) == (0.0, 0.0, 0.0)
    assert pd.isna(row["speed_mps"])
