"""What a baked layer costs against its size: seconds and memory to bake, bytes on disk, milliseconds to open.

``python -m benchmarks.bench_bake [--sizes 10000 100000 1000000] [--large] [--rounds N]`` prints, and writes
``results/bake.json`` and ``bake.md``. ``--large`` adds three million. The buildings are synthetic, with all fields of
the standard layer; each bake runs in a process of its own, start and imports included, kernels compiled before.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.measure import median, timed, write

SIZES = (10_000, 100_000, 1_000_000)
LARGE = 3_000_000
LAYER = "buildings"
BOUNDS = {1_000_000: "< 60 s, < 2,000 MB, open < 200 ms"}


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--large", action="store_true", help="three million too")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--make", nargs=2, metavar=("CITY", "COUNT"), help="(a child's work) write the snapshot")
    parser.add_argument("--bake", nargs=2, metavar=("CITY", "FOLDER"), help="(a child's work) bake it")
    parser.add_argument("--open", metavar="FOLDER", help="(a child's work) open it")
    options = parser.parse_args()
    if options.make:
        make(Path(options.make[0]), int(options.make[1]))
    elif options.bake:
        bake(*map(Path, options.bake))
    elif options.open:
        sys.stdout.write(json.dumps(opened(Path(options.open))))
    else:
        sizes = [*options.sizes, *([LARGE] if options.large else [])]
        rows = [measure(count, options.rounds) for count in sizes]
        write("bake", "Baking a layer of synthetic buildings, against its size", rows)


def measure(count: int, rounds: int) -> dict[str, object]:
    """One row; the folders are gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="cim-bake-") as work:
        city, folder = Path(work) / "city", Path(work) / "baked"
        timed("python", "-m", "benchmarks.bench_bake", "--make", city, count)
        bakes, opens = [], []
        for _ in range(rounds):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            bakes.append(timed("python", "-m", "benchmarks.bench_bake", "--bake", city, folder))
            opens.append(json.loads(timed("python", "-m", "benchmarks.bench_bake", "--open", folder).stdout))
        size = sum(path.stat().st_size for path in folder.iterdir())
        snapshot = next((city / "snapshots" / LAYER).iterdir()).stat().st_size
    return {
        "buildings": count,
        "bake_s": median(one.wall_s for one in bakes),
        "bake_cpu_s": median(one.cpu_s for one in bakes),
        "peak_mb": round(max(one.peak_mb for one in bakes)),
        "snapshot_mb": round(snapshot / 1e6, 1),
        "baked_mb": round(size / 1e6, 1),
        "bytes_per_building": round(size / count),
        "open_ms": median(one["open_ms"] for one in opens),
        "feature_ms": median(one["feature_ms"] for one in opens),
        "bound": BOUNDS.get(count, ""),
    }


def make(city: Path, count: int) -> None:
    """A city with one layer."""
    from benchmarks.synthetic_layers import snapshot

    snapshot(city, LAYER, count)


def bake(root: Path, folder: Path) -> None:
    """What a server's child process does."""
    from cim_core.city import City
    from servers.serving.baked.bake import BakeSpec, bake_parquet

    city = City.open(root)
    hash_ = city.layer_hash(LAYER)
    bake_parquet(city.store.layer_path(LAYER, hash_), BakeSpec(LAYER, city.schema(LAYER).fields, hash_), folder)


def opened(folder: Path) -> dict[str, float]:
    """Milliseconds until the layer is there, and until one of its features is found by its id."""
    from servers.serving.baked.layout import open_baked

    begun = time.perf_counter()
    layer = open_baked(folder)
    ready = time.perf_counter()
    layer.find("")  # loads the kernel: that is the process's start, not the layer's size
    id_, asked = layer.id(len(layer) // 2), time.perf_counter()
    layer.feature(layer.row(id_))
    return {"open_ms": (ready - begun) * 1e3, "feature_ms": (time.perf_counter() - asked) * 1e3}


if __name__ == "__main__":
    main()
