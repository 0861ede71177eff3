"""A layer joined with another: this project's join beside GeoPandas, and Sedona SQL over the same GeoParquet.

``python -m benchmarks.bench_join [--rows N] [--rounds N]`` prints, and writes ``results/join.json`` and ``join.md``.
The SQL is that of ``docs/how-to/cluster.md``; its counts are compared with ours, feature by feature. SedonaDB reads its
files within its time, the other two have them in memory; GeoPandas' time is that of ``sjoin``, ours that of ``join``.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from benchmarks import synthetic_layers
from benchmarks.measure import median, write
from benchmarks.peers.environments import clean_environ, environment
from cim_core.analysis.spatial_join import Predicate, join
from cim_core.gis.export import write_layer

HOW_TO = Path(__file__).parents[1] / "docs" / "how-to" / "cluster.md"
NEAR_M = 30.0


QUESTIONS: tuple[tuple[str, str, Predicate, float | None], ...] = (
    ("buildings", "points", "contains", None),
    ("points", "buildings", "within", None),
    ("buildings", "points", "dwithin", NEAR_M),
)


def main() -> None:
    """Measure, compare, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="buildings, and as many points")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    layers = {
        "buildings": synthetic_layers.buildings(options.rows),
        "points": synthetic_layers.points(options.rows),
    }
    join(_shapes(layers["points"].iloc[:10]), _shapes(layers["points"].iloc[:10]))  # compiled before it is measured
    rows: list[dict[str, object]] = []
    for left, right, predicate, distance_m in QUESTIONS:
        spent: dict[str, list[float]] = {name: [] for name in ASKED}
        pairs = set()
        for _ in range(options.rounds):  # in turn
            for name, ask in ASKED.items():
                seconds, count = ask(layers[left], layers[right], predicate, distance_m)
                spent[name].append(seconds)
                pairs.add(count)
        if len(pairs) != 1:
            raise SystemExit(f"{left} {predicate} {right}: the answers differ: {pairs}")
        what = " ".join(map(str, (left, predicate, right, *([] if distance_m is None else [f"{distance_m:g} m"]))))
        rows += [
            {"what": what, "with": name, "seconds": median(took), "least": round(min(took), 3), "pairs": max(pairs)}
            for name, took in spent.items()
        ]
    rows.append(_sedona(layers["buildings"], layers["points"]))
    write("join", f"{options.rows:,} synthetic buildings and as many points", rows)


def _shapes(frame: gpd.GeoDataFrame) -> np.ndarray:
    return np.asarray(frame.geometry.array, dtype=object)


def _geopandas(
    left: gpd.GeoDataFrame, right: gpd.GeoDataFrame, predicate: Predicate, distance_m: float | None
) -> tuple[float, int]:
    """Seconds and pairs. The frames are copied first, so that no index of an earlier round is there."""
    left, right = left.copy(), right.copy()
    begin = time.perf_counter()
    found = left.sjoin(right, predicate=predicate, distance=distance_m)
    return time.perf_counter() - begin, len(found)


def _ours(
    left: gpd.GeoDataFrame, right: gpd.GeoDataFrame, predicate: Predicate, distance_m: float | None
) -> tuple[float, int]:
    begin = time.perf_counter()
    mine, _ = join(_shapes(left), _shapes(right), predicate, distance_m=distance_m)
    return time.perf_counter() - begin, len(mine)


ASKED = {"GeoPandas sjoin": _geopandas, "cim join": _ours}


def _sedona(buildings: gpd.GeoDataFrame, points: gpd.GeoDataFrame) -> dict[str, object]:
    """The how-to's SQL, its counts compared with ours."""
    query = re.findall(r"```sql\n(.*?)```", HOW_TO.read_text(encoding="utf-8"), re.DOTALL)[0]
    distance_m = float(re.findall(r"ST_DWithin\(.*?, ([\d.]+)\)", query)[0])
    script = Path(__file__).parent / "peers" / "join_sedona.py"
    with tempfile.TemporaryDirectory() as folder:
        left, right, out = (Path(folder) / f"{name}.parquet" for name in ("buildings", "pois", "out"))
        write_layer(buildings, "buildings", left)
        write_layer(points, "pois", right)
        command = [environment("sedona") / "python", script, left, right, out]
        done = subprocess.run(command, input=query, env=clean_environ(), capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(done.stderr)
        said = json.loads(done.stdout)
        found = pd.read_parquet(out).set_index("id")["matches"]
    begin = time.perf_counter()
    mine = join(_shapes(buildings), _shapes(points), "dwithin", distance_m=distance_m)[0]
    seconds = time.perf_counter() - begin
    counts = pd.Series(np.bincount(mine, minlength=len(buildings)), index=buildings.index)
    if not counts[counts > 0].equals(found.reindex(counts.index[counts > 0]).astype(counts.dtype)):
        raise SystemExit("Sedona SQL and the join do not agree")
    sys.stderr.write("Sedona SQL and the join agree on every feature\n")
    return {
        "what": f"the SQL of {HOW_TO.name}, {distance_m:g} m, with reading; cim join without: {seconds:.3f} s",
        "with": f"SedonaDB {said['version']}",
        "seconds": round(said["seconds"], 3),
        "pairs": int(found.sum()),
    }


if __name__ == "__main__":
    main()
