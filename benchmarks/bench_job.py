"""The main job timed as its users run it: whole processes of the ``cim`` command on the real extract.

``python -m benchmarks.bench_job [--data DIR] [--rounds N] [--seeds N]`` prints, and writes ``results/job.json`` and
``.md``.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.measure import Timing, median, timed, write

PLAN = {"plan": "close-bridge", "measures": [{"type": "close", "road": "东水门大桥", "from": "07:00", "to": "08:00"}]}
HOURS = ("-p", "hours=7-8")


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[2] / "shared/data/yuzhong")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--report", type=Path, help="also write the comparison's HTML report here")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = measure(options.data, Path(folder), options.rounds, options.seeds, options.report)
    write("job", "The main job on the Yuzhong extract", rows)


def measure(data: Path, folder: Path, rounds: int, seeds: int, report: Path | None) -> list[dict[str, object]]:
    """All rows: name, median seconds, CPU seconds, peak memory, bound."""
    rows = [row("cim --help", [timed("cim", "--help") for _ in range(rounds)], bound="< 0.5 s")]
    imports = [_import(data, folder / f"yz{number}") for number in range(rounds)]
    rows.append(row("cim import osm (PBF)", imports, bound="< 15 s, < 1,000 MB"))
    city = folder / "yz0"
    raster = timed("cim", "import", "raster", data / "dem_30m.tif", "--layer", "elevation", "--city", city)
    rows.append(row("cim import raster (elevation, heights for roads)", [raster]))
    plan = folder / "close-bridge.json"
    plan.write_text(json.dumps(PLAN, ensure_ascii=False), encoding="utf-8")
    question = ("cim", "run", "traffic.simulate", "--city", city, *HOURS, "--seed", 1, "--json")
    first = timed(*question)
    rows.append(row("cim run traffic.simulate, first time (net, demand, routing, sumo)", [first], workers=True))
    rows += stages(first.stdout)
    rows.append(row("the same question again", [timed(*question) for _ in range(rounds)], bound="< 1 s"))
    comparison = (
        "cim",
        "compare",
        "traffic.simulate",
        "--city",
        city,
        *HOURS,
        "--plan",
        plan,
        "--seeds",
        seeds,
        "--json",
    )
    compared = timed(*comparison, *(("--out", report) if report else ()))
    rows.append(row(f"cim compare, {seeds} seeds, both sides (one run known)", [compared], workers=True))
    content = json.loads(compared.stdout)
    rows += _rows_of(content["seconds"]["stages"], "all runs' ")
    rows += [_teleports(json.loads(first.stdout))]
    return rows


def _teleports(run: dict[str, Any]) -> dict[str, object]:
    """Whether the stated morning demand flows: teleported vehicles as a share of those that set out."""
    figures = {name: figure["value"] for name, figure in run["figures"].items()}
    share = figures["teleported"] / figures["inserted"]
    what = f"teleports at the stated morning demand ({figures['demand']:,.0f} trips)"
    return {"what": what, "value": f"{share:.2%}", "bound": "<= 0.5 %"}


def _import(data: Path, city: Path) -> Timing:
    shutil.rmtree(city, ignore_errors=True)
    timed("cim", "init", city)
    return timed("cim", "import", "osm", data / "yuzhong.osm.pbf", "--city", city)


def stages(output: str) -> list[dict[str, object]]:
    """Where the time of one run goes, as the run says itself."""
    return _rows_of(json.loads(output)["facts"].get("seconds", {}), "")


def _rows_of(seconds: dict[str, float], prefix: str) -> list[dict[str, object]]:
    bounds = {"network": "< 30 s"}
    return [
        {"what": f"– of it: {prefix}{name}", "wall_s": value, "bound": bounds.get(name, "")}
        for name, value in seconds.items()
    ]


def row(what: str, timings: list[Timing], bound: str = "", *, workers: bool = False) -> dict[str, object]:
    """Medians over the rounds; CPU and memory only where no worker process does the work."""
    found: dict[str, object] = {"what": what, "rounds": len(timings), "wall_s": median(t.wall_s for t in timings)}
    if not workers:
        found["cpu_s"] = median(timing.cpu_s for timing in timings)
        found["peak_mb"] = median(timing.peak_mb for timing in timings)
    return found | {"bound": bound}


if __name__ == "__main__":
    main()
