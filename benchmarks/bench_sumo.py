"""What recording costs: the ``sumo`` child and the reading of its outputs against plain ``sumo`` on the same files.

``python -m benchmarks.bench_sumo [--rounds N] [--data FILE]`` prints and writes ``results/sumo.json`` and ``.md``.

Network, demand and routes are made once and are not timed. A round runs plain ``sumo``, ``sumo`` with all figures and
5 s trajectories, and the same with 1 s trajectories, one after the other, so that a busy machine meets all three. The
ratio of each pair is CPU seconds (the child's, and ours until the result is finished) over CPU seconds of the plain
run. The demand is scaled so that a plain run takes more than 30 CPU seconds.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from benchmarks.measure import median, write
from cim_core.city import City
from cim_core.importing import import_osm
from cim_core.scenario import Context
from cim_core.store.cache import FileCache
from scenarios.traffic import simulation
from scenarios.traffic.parameters import SimulateParameters
from scenarios.traffic.result_of import to_result
from scenarios.traffic.run import Prepared, Run
from scenarios.traffic.simulate import Stages, prepare
from scenarios.traffic.sumo import run_child

EXTRACT = Path(__file__).parents[2] / "shared/data/yuzhong/yuzhong.osm.pbf"
QUIET = ("--no-step-log", "--xml-validation=never")
SCALE = 1.0
BOUNDS = {5.0: 1.20, 1.0: 1.45}


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--data", type=Path, default=EXTRACT)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        write(
            "sumo",
            "Recording against plain sumo, Yuzhong extract 7-8 h",
            measure(options.data, Path(folder), options.rounds),
        )


def measure(data: Path, folder: Path, rounds: int) -> list[dict[str, object]]:
    """One row for the plain run, one for each period of trajectories."""
    prepared = ready(data, folder)
    plain: list[float] = []
    recorded: dict[float, list[tuple[float, float, float]]] = {period: [] for period in BOUNDS}
    for _ in range(rounds):
        plain.append(plain_cpu(prepared, folder / "plain"))
        for period, seen in recorded.items():
            seen.append(recorded_cpu(prepared, period, folder / "recorded"))
    rows: list[dict[str, object]] = [{"what": "plain sumo", "CPU s": median(plain), "runs": rounds}]
    for period, bound in BOUNDS.items():
        seen = recorded[period]
        ratios = [(child + ours) / bare for (child, ours, _), bare in zip(seen, plain, strict=True)]
        rows.append(
            {
                "what": f"all figures, roads, trips and {period:g} s trajectories",
                "CPU s": median(child + ours for child, ours, _ in seen),
                "runs": rounds,
                "of it reading": median(ours for _, ours, _ in seen),
                "ratio (median of pairs)": median(ratios),
                "ratios": f"{min(ratios):.3f}-{max(ratios):.3f}",
                "bound": f"<= {bound}",
                "bytes per sample": median(size for _, _, size in seen),
            }
        )
    return rows


def ready(data: Path, folder: Path) -> Prepared:
    """The main job up to the simulation, one-shot routed."""
    city = City.create(folder / "city")
    import_osm(city, data)
    city = City.open(folder / "city")
    for name in ("scratch", "out"):
        (folder / name).mkdir()
    context = Context(1, folder / "scratch", folder / "out", city, FileCache(city.root))
    return prepare(city, SimulateParameters(routing="oneshot", demand_scale=SCALE), context, Stages(context))


def plain_cpu(prepared: Prepared, directory: Path) -> float:
    """CPU seconds of ``sumo`` with nothing but its input."""
    _empty(directory)
    return run_child("sumo", [*prepared.job.command(), *QUIET], directory).cpu_seconds


def recorded_cpu(prepared: Prepared, period: float, directory: Path) -> tuple[float, float, float]:
    """CPU seconds of the recording child and of reading it into a result; bytes per sample of the trajectories."""
    _empty(directory)
    recording = replace(prepared.recording, trajectories_s=period)
    began = time.process_time()
    finished = simulation.run(prepared.job, recording, directory)
    parts = {**vars(prepared), "recording": recording}
    result = to_result(Run(**parts, finished=finished, directory=directory, out=directory))
    ours = time.process_time() - began
    return finished.cpu_seconds, ours, _bytes_per_sample(result.files["trajectories.cimtraj"])


def _bytes_per_sample(path: Path) -> float:
    from cim_core.trajectories import Trajectories

    data = path.read_bytes()
    return len(data) / Trajectories(data).header["samples"]


def _empty(directory: Path) -> None:
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir()


if __name__ == "__main__":
    main()
