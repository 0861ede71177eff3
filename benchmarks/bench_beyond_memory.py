"""A layer larger than memory: tiles and features of it, served under a memory limit.

``python -m benchmarks.bench_beyond_memory [--gigabytes N] [--limit-mb N] [--seconds N]`` prints, and writes
``results/beyond_memory.json`` and ``.md``. The layer is synthetic: areas of 256 corners by seed, as many as make baked
files of that size. ``cim serve`` runs in a control group of its own; the files' pages are dropped from the page cache
first, since what the bake left there would not count against the limit. Beside it stands the same without a limit.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from benchmarks.measure import write
from benchmarks.peers.load_generator import Measured, Question
from benchmarks.peers.memory_limit import MemoryGroup, memory_group
from benchmarks.synthetic_layers import CENTRE, CRS
from benchmarks.synthetic_source import synthetic_source
from cim_core.city import City
from cim_core.schema import Field, LayerSchema, Text
from servers.serving.web_mercator import tile_of

OUT = Path(__file__).parents[1] / "out" / "beyond-memory"
CORNERS = 256
FEATURE_KB = 12.5
"""About what an area takes when it is baked: corners, exact geometry, GeoJSON."""
SPACING_M = 120.0
LAYER = "areas"
ZOOM, BOX_DEG = 14, 0.01


def main() -> None:
    """Make, bake, measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gigabytes", type=float, default=5.0)
    parser.add_argument("--limit-mb", type=int, default=512)
    parser.add_argument("--seconds", type=float, default=60.0, help="of each question")
    parser.add_argument("--web-workers", type=int, default=2)
    options = parser.parse_args()
    city = _city(round(options.gigabytes * 1e6 / FEATURE_KB))
    rows: list[dict[str, object]] = []
    with memory_group(None) as group, _served(city, group, options.web_workers) as address:
        begin = time.monotonic()
        for path in (_items(city, 1)[0], _tiles(city)[0]):  # whatever is baked for them is baked now
            _get(address, path)
        baked_s = time.monotonic() - begin
    size = sum(path.stat().st_size for path in _baked(city))
    for limit in (options.limit_mb, None):
        _forget(city)
        with memory_group(limit) as group, _served(city, group, options.web_workers) as address:
            for what, paths in (("tiles at zoom 14", _tiles(city)), ("items in a box, limit 100", _items(city, 100))):
                row = _measured(group, address, paths, options.seconds)
                rows.append({"what": what, "limit_MiB": limit or "none", "baked_GB": round(size / 1e9, 2), **row})
    rows.append({"what": f"bake, {city.versions[LAYER].rows:,} areas, first answer", "seconds": round(baked_s, 1)})
    write("beyond_memory", f"A synthetic layer of {size / 1e9:.1f} GB under {options.limit_mb} MiB", rows)


def _city(count: int) -> City:
    root = OUT / f"city-{count}"
    if not (root / "city.json").exists():
        shutil.rmtree(root, ignore_errors=True)
        sys.stderr.write(f"making {count:,} areas …\n")
        fields = (
            Field(name="name", dtype="string", title=Text(en="Name", zh="名称")),
            Field(name="area_m2", dtype="float64", title=Text(en="Area", zh="面积"), unit="m2"),
        )
        title = Text(en="Synthetic areas", zh="合成面")
        schema = LayerSchema(name=LAYER, title=title, geometry="Polygon", fields=fields)
        city = City.create(root, name="synthetic 合成", crs=CRS)
        with city.edit("synthetic layer of a benchmark") as session:
            source = session.add_source(synthetic_source("bench_beyond_memory", count))
            session.put_layer(_areas(count), schema, source)
    return City.open(root)


def _areas(count: int) -> gpd.GeoDataFrame:
    """Wavy discs on a grid: simple, and neighbours do not touch."""
    random_ = np.random.default_rng(1)
    side = int(np.ceil(np.sqrt(count)))
    cell = np.stack(np.divmod(np.arange(count), side), axis=1) - side / 2
    middle = shapely.get_coordinates(gpd.GeoSeries([shapely.Point(CENTRE)], crs=4326).to_crs(CRS).array)[0]
    angle = np.linspace(0, 2 * np.pi, CORNERS, endpoint=False)
    shapes = np.empty(count, dtype=object)
    for begin in range(0, count, 20_000):
        part = slice(begin, min(begin + 20_000, count))
        waves = random_.integers(3, 12, (part.stop - begin, 1))
        radius = 40 * (1 + 0.3 * np.sin(waves * angle)) + random_.uniform(0, 0.5, (part.stop - begin, CORNERS))
        ring = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=2)
        shapes[part] = shapely.polygons(ring + (middle + cell[part] * SPACING_M)[:, None])
    index = pd.Index([f"a{number:08d}" for number in range(count)], name="id")
    names = [f"synthetic {number}" for number in range(count)]
    return gpd.GeoDataFrame({"name": names, "area_m2": shapely.area(shapes)}, geometry=shapes, index=index, crs=CRS)


def _baked(city: City) -> list[Path]:
    return [path for path in (city.root / "cache").rglob("*") if path.is_file()]


def _forget(city: City) -> None:
    """Drop the pages of the city's files from the page cache."""
    for path in (path for path in city.root.rglob("*") if path.is_file()):
        descriptor = os.open(path, os.O_RDONLY)
        os.fsync(descriptor)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(descriptor)


def _extent(city: City) -> tuple[float, float, float, float]:
    found = city.geographic_bounds()
    assert found is not None
    return found


def _tiles(city: City) -> list[str]:
    west, south, east, north = _extent(city)
    (left, top), (right, bottom) = tile_of(west, north, ZOOM), tile_of(east, south, ZOOM)
    found = [f"{ZOOM}/{y}/{x}" for y in range(top, bottom + 1) for x in range(left, right + 1)]
    random.Random(1).shuffle(found)
    return [f"/api/collections/{LAYER}/tiles/WebMercatorQuad/{address}" for address in found]


def _items(city: City, limit: int) -> list[str]:
    west, south, east, north = _extent(city)
    draw = random.Random(2)
    corners = [(draw.uniform(west, east - BOX_DEG), draw.uniform(south, north - BOX_DEG)) for _ in range(20_000)]
    boxes = (f"{x:.5f},{y:.5f},{x + BOX_DEG:.5f},{y + BOX_DEG:.5f}" for x, y in corners)
    return [f"/api/collections/{LAYER}/items?bbox={box}&limit={limit}" for box in boxes]


@contextmanager
def _served(city: City, group: MemoryGroup, workers: int) -> Iterator[tuple[str, int]]:
    """``cim serve`` within a control group, with all its processes."""
    command = [Path(sys.executable).parent / "cim", "serve", "--city", city.root, "--port", "0", "--json"]
    command += ["--web-workers", str(workers), "--workers", "1"]
    words = [str(word) for word in command]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, preexec_fn=group.enter()) as process:  # noqa: PLW1509
        try:
            text = ""
            for line in process.stdout or ():
                text += line
                if line.startswith("}"):
                    break
            host, _, port = json.loads(text)["address"].removeprefix("http://").rpartition(":")
            yield host, int(port)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def _get(address: tuple[str, int], path: str) -> None:
    connection = http.client.HTTPConnection(*address, timeout=3600)
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read()
    if answer.status not in (200, 204):
        raise RuntimeError(f"{path}: {answer.status} {body[:500]!r}")


def _measured(group: MemoryGroup, address: tuple[str, int], paths: list[str], seconds: float) -> dict[str, object]:
    """Ask, and watch the memory of all processes meanwhile."""
    before, load, ended = group.facts(), os.getloadavg()[0], threading.Event()
    seen: list[dict[str, int]] = [before]

    def watch() -> None:
        while not ended.wait(0.5):
            seen.append(group.facts())

    watcher = threading.Thread(target=watch)
    watcher.start()
    question = Question(*address, paths=paths, accept_encoding="gzip", seconds=seconds)
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.peers.load_generator"],
        input=json.dumps(asdict(question)), capture_output=True, text=True, check=True, cwd=Path(__file__).parents[1],
    )  # fmt: skip
    ended.set()
    watcher.join()
    measured, after = Measured(**json.loads(done.stdout)), group.facts()
    spent = sorted(1000 * one for one in measured.seconds)
    return {
        "requests/s": round(len(spent) / measured.wall_s, 1),
        "p50_ms": round(spent[len(spent) // 2], 1),
        "p95_ms": round(spent[int(0.95 * (len(spent) - 1))], 1),
        "max_ms": round(spent[-1], 1),
        "requests": len(spent),
        "errors": sum(count for status, count in measured.statuses.items() if status not in ("200", "204")),
        "MB": round(measured.bytes / 1e6),
        "anonymous_MiB": round(max(one["anonymous"] for one in seen) / 2**20),
        "page_cache_MiB": round(max(one["cache"] for one in seen) / 2**20),
        "major_faults": after["major_faults"] - before["major_faults"],
        "killed": after["killed"],
        "load": round(load, 1),
    }


if __name__ == "__main__":
    main()
