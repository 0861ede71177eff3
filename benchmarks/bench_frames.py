"""What a replay costs the server: chunks of frames from trajectories, for each frame of 10,000 vehicles.

``python -m benchmarks.bench_frames [--vehicles N] [--rounds N]`` prints, and writes ``results/frames.json`` and
``frames.md``.
The vehicles are synthetic: they drive straight on in a square of ten kilometres at changing speeds, a third stands.
"""

from __future__ import annotations

import argparse
import gzip
import time
from collections.abc import Callable

import numpy as np
from affine import Affine

from benchmarks.measure import median, write
from cim_core.crs import working_crs_for
from cim_core.trajectories import CHUNK_FRAMES, Samples, Trajectories, encode
from servers.serving.elevation_grid import ElevationGrid
from servers.serving.flat_projection import FlatProjection
from servers.serving.frames import encode_frames, packed
from servers.serving.web_mercator import transformer

CRS = working_crs_for(106.58, 29.56)
SIDE_M = 10_000.0
PERIOD_S = 5.0
BOUND = "<= 3"


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vehicles", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    write("frames", "Frames of 10,000 vehicles, synthetic", measure(options.vehicles, options.rounds))


def measure(vehicles: int, rounds: int) -> list[dict[str, object]]:
    """All rows: name, median milliseconds of CPU per 10,000 positions, bytes per position."""
    driven = synthetic(vehicles)
    file = Trajectories(encode(driven, CRS))
    samples, grid = file.chunk(0), synthetic_hill()
    positions = vehicles * CHUNK_FRAMES
    body = encode_frames(samples, 0, CHUNK_FRAMES, CRS, grid)
    stored = file.header["chunks"][0][1]

    def row(what: str, work: Callable[[], object], size: int | None = None, bound: str = "") -> dict[str, object]:
        spent = [milliseconds(work) * 10_000 / positions for _ in range(rounds)]
        per = "" if size is None else round(size / positions, 2)
        return {"what": what, "ms_per_10000": median(spent), "bytes_per_position": per, "bound": bound}

    def made() -> bytes:
        return encode_frames(file.chunk(0), 0, CHUNK_FRAMES, CRS, grid)

    return [
        row("from the file to what is sent", lambda: packed(made()), len(packed(body)), BOUND),
        row("– of it: reading the file's chunk", lambda: file.chunk(0), stored),
        row(
            "– of it: positions, heights, order", lambda: encode_frames(samples, 0, CHUNK_FRAMES, CRS, grid), len(body)
        ),
        row("– of it: packing", lambda: packed(body)),
        row(
            "in comparison: packing with gzip, level 1",
            lambda: gzip.compress(body, 1),
            len(gzip.compress(body, 1)),
        ),
        row(
            "in comparison: projecting each position with PROJ",
            lambda: transformer(CRS, "EPSG:4326").transform(samples.x, samples.y),
        ),
        *errors(),
    ]


def errors() -> list[dict[str, object]]:
    """How far the polynomial that stands in for PROJ is off, by the size of the area."""
    x, y = transformer("EPSG:4326", CRS).transform(106.58, 29.56)
    rows: list[dict[str, object]] = []
    for side in (SIDE_M, 30_000.0, 100_000.0):
        fit = FlatProjection.over((x - side / 2, y - side / 2, x + side / 2, y + side / 2), CRS)
        rows.append(
            {
                "what": f"largest error of the polynomial, {side / 1000:.0f} km",
                "m": round(fit.error_m, 5),
                "bound": "<= 0.05 m",
            }
        )
    return rows


def milliseconds(work: Callable[[], object]) -> float:
    """CPU time of one call: others on the machine do not count."""
    began = time.process_time()
    work()
    return (time.process_time() - began) * 1000


def synthetic(vehicles: int) -> Samples:
    """One chunk's worth of driving."""
    random = np.random.default_rng(1)
    speed = np.abs(np.cumsum(random.normal(0, 1.5, (vehicles, CHUNK_FRAMES)), axis=1)) % 15
    speed[random.random((vehicles, CHUNK_FRAMES)) < 1 / 3] = 0
    along, heading = np.cumsum(PERIOD_S * speed, axis=1), random.uniform(0, 2 * np.pi, (vehicles, 1))
    start = np.array(transformer("EPSG:4326", CRS).transform(106.58, 29.56))
    begin = start + SIDE_M * random.uniform(-0.5, 0.5, (vehicles, 1, 2))
    place = begin + along[:, :, None] * np.stack([np.cos(heading), np.sin(heading)], axis=2)
    vehicle, frame = np.divmod(np.arange(vehicles * CHUNK_FRAMES), CHUNK_FRAMES)
    ids = tuple(f"t{number:06d}" for number in range(vehicles))
    return Samples(25_200.0, PERIOD_S, ids, frame, vehicle, place[:, :, 0].ravel(), place[:, :, 1].ravel())


def synthetic_hill() -> ElevationGrid:
    """Twelve kilometres of hills at ten metres."""
    x, y = transformer("EPSG:4326", CRS).transform(106.58, 29.56)
    row, column = np.mgrid[:1200, :1200] / 40
    values = (280 + 80 * np.sin(row) * np.cos(column)).astype(np.float32)
    west, north = x - 6_000, y + 6_000
    to_pixel = ~(Affine.translation(west, north) @ Affine.scale(10, -10))
    return ElevationGrid(values, to_pixel, CRS, (west, north - 12_000, west + 12_000, north), 200.0)


if __name__ == "__main__":
    main()
