"""Vector tiles of synthetic buildings: drawing and writing them beside ``ST_AsMVT``, and what packing the bytes costs.

``python -m benchmarks.bench_tiles [--rows N] [--tiles N]`` prints, and writes ``results/tiles.json`` and ``tiles.md``.
Each tile is made by both in turn, on the same data with the same fields; PostGIS finds projected geometry by its index
and answers on the loopback, as a tile server's database does. ``exact`` neither simplifies nor leaves anything out, as
PostGIS; the other is what maps are sent.
"""

from __future__ import annotations

import argparse
import gzip
import os
import statistics
import time
import zlib
from collections.abc import Callable
from typing import Any

import brotli
import psycopg
from isal import igzip

from benchmarks import synthetic_layers
from benchmarks.measure import write
from benchmarks.peers import postgis
from cim_core.layers import BUILDINGS
from servers.serving.baked.bake import BakeSpec, bake_frame
from servers.serving.baked.tile_layer import BakedTiles
from servers.serving.layers import tile_fields
from servers.serving.web_mercator import tile_of

ZOOMS = (12, 13, 14, 15, 16, 17)
Tile = tuple[int, int, int]
AS_MVT = """
SELECT ST_AsMVT(tile, 'buildings', 4096, 'geom') FROM (
  SELECT ST_AsMVTGeom(geom, ST_TileEnvelope(%(z)s, %(x)s, %(y)s), 4096, 64, true) AS geom, {columns}
  FROM {table} WHERE geom && ST_TileEnvelope(%(z)s, %(x)s, %(y)s, margin => 64.0 / 4096)) AS tile
"""
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    **{f"ISA-L gzip {level}": lambda body, level=level: igzip.compress(body, level, mtime=0) for level in range(4)},
    **{f"zlib {level}": lambda body, level=level: zlib.compress(body, level) for level in (1, 6)},
    "gzip 5": lambda body: gzip.compress(body, 5, mtime=0),
    **{f"Brotli {level}": lambda body, level=level: brotli.compress(body, quality=level) for level in (1, 4, 5)},
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="buildings")
    parser.add_argument("--tiles", type=int, default=100, help="tiles of each zoom")
    options = parser.parse_args()
    frame = synthetic_layers.buildings(options.rows)
    fields = tuple(field for field in BUILDINGS.fields if field.name in tile_fields(BUILDINGS))
    tiles = BakedTiles(bake_frame(frame, BakeSpec("buildings", fields)))
    rows = []
    table = f"buildings_{options.rows}"
    with postgis.running() as address:
        postgis.load(address, table, frame)
        columns = ", ".join(f'"{name}"' for name in tiles.fields)
        query = AS_MVT.format(columns=columns, table=f"{table}_mercator")
        with psycopg.connect(address, autocommit=True) as connection:
            for z in ZOOMS:
                rows += _compared(tiles, connection, query, _tiles_of(z, options.tiles))
    body = tiles.encode(14, *tile_of(*synthetic_layers.CENTRE, 14))
    write(
        "tiles",
        f"Tiles of {options.rows:,} synthetic buildings",
        rows + [_packed(*one, body) for one in PACKERS.items()],
    )


def _tiles_of(z: int, count: int) -> list[Tile]:
    """Tiles around the middle, nearest first."""
    x, y = tile_of(*synthetic_layers.CENTRE, z)
    reach = range(-12, 13)
    around = sorted(((dx, dy) for dx in reach for dy in reach), key=lambda step: step[0] ** 2 + step[1] ** 2)
    return [(z, x + dx, y + dy) for dx, dy in around[:count]]


def _compared(tiles: BakedTiles, connection: Any, query: str, addresses: list[Tile]) -> list[dict[str, object]]:
    """Of each way to make them: times in milliseconds and bytes of a tile, over those that show anything."""
    ways: dict[str, Callable[[Tile], bytes]] = {
        "cim": lambda tile: tiles.encode(*tile),
        "cim, exact": lambda tile: tiles.encode(*tile, exact=True),
        "PostGIS ST_AsMVT": lambda tile: _as_mvt(connection, query, tile),
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    sizes: dict[str, list[int]] = {name: [] for name in ways}
    for way in ways.values():
        way(addresses[0])
    for tile in addresses:
        for name, way in ways.items():
            begin = time.perf_counter()
            body = way(tile)
            if body:
                times[name].append((time.perf_counter() - begin) * 1e3)
                sizes[name].append(len(body))
    theirs = statistics.median(times["PostGIS ST_AsMVT"])
    return [
        {
            "what": f"zoom {addresses[0][0]}",
            "by": name,
            **_spread(times[name]),
            "kB": round(statistics.mean(sizes[name]) / 1e3, 1),
            "times as fast": round(theirs / statistics.median(times[name]), 1),
            "load": round(os.getloadavg()[0], 1),
        }
        for name in ways
        if times[name]
    ]


def _as_mvt(connection: Any, query: str, tile: Tile) -> bytes:
    z, x, y = tile
    return bytes(connection.execute(query, {"z": z, "x": x, "y": y}, binary=True).fetchone()[0])


def _spread(milliseconds: list[float]) -> dict[str, object]:
    ordered = sorted(milliseconds)
    return {
        "tiles": len(ordered),
        "min_ms": round(ordered[0], 2),
        "p50_ms": round(statistics.median(ordered), 2),
        "p95_ms": round(ordered[int(0.95 * (len(ordered) - 1))], 2),
    }


def _packed(name: str, pack: Callable[[bytes], bytes], body: bytes) -> dict[str, object]:
    times = []
    for _ in range(30):
        begin = time.perf_counter()
        packed = pack(body)
        times.append((time.perf_counter() - begin) * 1e3)
    return {"what": "pack a tile of zoom 14", "by": name, **_spread(times), "kB": round(len(packed) / 1e3, 1)}


if __name__ == "__main__":
    main()
