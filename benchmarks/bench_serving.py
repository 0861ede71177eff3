"""Features and tiles beside pygeoapi, tipg and PostGIS, over the same synthetic layers on the same machine.

``python -m benchmarks.bench_serving [--rows N] [--rounds N] [--seconds N]`` prints, and writes ``results/serving.json``
and ``serving.md``. Peers are installed into environments of their own under ``out/peers``; their PostGIS is a private
cluster there. Every server has two worker processes. In each round every question is put to every server, in turn; one
load generator with four connections that stay open asks them all. A tile is asked for once a round and this server is
started anew for it, so that nothing it remembers is measured.
"""

from __future__ import annotations

import argparse
import http.client
import json
import math
import os
import random
import statistics
import subprocess
import sys
import time
import zlib
from collections import defaultdict
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import psycopg

from benchmarks import synthetic_layers
from benchmarks.measure import write
from benchmarks.peers import postgis, servers
from benchmarks.peers.environments import OUT, version
from benchmarks.peers.load_generator import Measured, Question
from benchmarks.peers.servers import Served
from benchmarks.synthetic_source import synthetic_source
from cim_core.city import City
from cim_core.layers import BUILDINGS, POIS
from servers.serving.layers import city_tiles, tile_fields
from servers.serving.web_mercator import tile_of

ZOOM = 14
BOX_DEG = 0.022
"""Side of a box of features: about 2.1 by 2.4 km, so that there are more than a thousand in it."""
BOXES = 200
TILE = f"buildings: tile at zoom {ZOOM}, each once, gzip"
TARGETS = {("pygeoapi", 1000): 20, ("tipg", 1000): 15, ("pygeoapi", 100): 15, ("tipg", 100): 5}
TILE_TARGET, ENCODE_TARGET = 8, 10
NAMES = ("cim", "tipg", "pygeoapi")
POSTGIS = "PostGIS ST_AsMVT"
AS_MVT = """
SELECT ST_AsMVT(tile, 'buildings', 4096, 'geom') FROM (
  SELECT ST_AsMVTGeom(geom, ST_TileEnvelope(%(z)s, %(x)s, %(y)s), 4096, 64, true) AS geom, {columns}
  FROM buildings_mercator WHERE geom && ST_TileEnvelope(%(z)s, %(x)s, %(y)s, margin => 64.0 / 4096)) AS tile
"""


@dataclass
class Answers:
    """Everything measured of one question at one server."""

    seconds: list[float] = field(default_factory=list)
    per_s: list[float] = field(default_factory=list)
    generator_share: list[float] = field(default_factory=list)
    wire_bytes: list[float] = field(default_factory=list)
    errors: int = 0
    loads: list[float] = field(default_factory=list)

    def add(self, measured: Measured, load: float) -> None:
        """One round."""
        self.seconds += measured.seconds
        self.per_s.append(len(measured.seconds) / measured.wall_s)
        self.generator_share.append(measured.cpu_s / measured.wall_s / (os.cpu_count() or 1))
        self.wire_bytes.append(measured.bytes / max(1, len(measured.seconds)))
        self.errors += sum(count for status, count in measured.statuses.items() if status != "200")
        self.loads.append(load)

    def row(self) -> dict[str, object]:
        """Figures of a table's row."""
        return {
            "requests/s": round(statistics.median(self.per_s), 1),
            **spread(self.seconds),
            "wire_kB": round(statistics.median(self.wire_bytes) / 1e3, 1),
            "requests": len(self.seconds),
            "errors": self.errors,
            "generator_share": round(statistics.median(self.generator_share), 2),
            "load": round(max(self.loads), 1),
        }


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="buildings, and as many points")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=6.0, help="of each question at each server in a round")
    options = parser.parse_args()
    city = _city(options.rows)
    with postgis.running() as database:
        _load(database, options.rows)
        boxes, tiles = _boxes(city), _tiles(city)
        rows = encode_rows(city, database, tiles, options.rounds)
        found: dict[tuple[str, str], Answers] = defaultdict(Answers)
        told: dict[tuple[str, str], dict[str, object]] = {}
        for number in range(options.rounds):
            sys.stderr.write(f"round {number + 1} of {options.rounds}\n")
            with servers.all_three(city.root, database) as peers:
                for server in peers:
                    _warm(server, boxes, tiles[0], told)
                _round(peers, boxes, tiles, options.seconds, found)
        order = sorted(found, key=lambda one: (one[0] == TILE, one[0], NAMES.index(one[1])))
        rows += [{"what": what, "server": name, **found[what, name].row(), **told[what, name]} for what, name in order]
    rows += _ratios(rows)
    titles = ", ".join(f"{name} {version(name, name)}" for name in ("pygeoapi", "tipg"))
    write("serving", f"Serving {options.rows:,} synthetic buildings and points; {titles}", rows)


def _city(rows: int) -> City:
    """The layers as a city, made once for each number of rows."""
    root = OUT / f"city-{rows}"
    if not (root / "city.json").exists():
        sys.stderr.write(f"making a city of {rows:,} buildings and points …\n")
        city = City.create(root, name="synthetic 合成", crs=synthetic_layers.CRS)
        with city.edit("synthetic layers of a benchmark") as session:
            source = session.add_source(synthetic_source("synthetic_layers", rows))
            session.put_layer(synthetic_layers.buildings(rows), BUILDINGS, source)
            session.put_layer(synthetic_layers.points(rows), POIS, source)
    return City.open(root)


def _load(database: str, rows: int) -> None:
    postgis.load(database, "buildings", synthetic_layers.buildings(rows))
    postgis.load(database, "pois", synthetic_layers.points(rows))


def _boxes(city: City) -> list[str]:
    west, south, east, north = _bounds(city)
    draw = random.Random(1)
    corners = [(draw.uniform(west, east - BOX_DEG), draw.uniform(south, north - BOX_DEG)) for _ in range(BOXES)]
    return [f"{x:.5f},{y:.5f},{x + BOX_DEG:.5f},{y + BOX_DEG:.5f}" for x, y in corners]


def _tiles(city: City) -> list[tuple[int, int, int]]:
    """Tiles wholly within the layer, in an order by seed: (zoom, column, row)."""
    west, south, east, north = _bounds(city)
    (left, top), (right, bottom) = tile_of(west, north, ZOOM), tile_of(east, south, ZOOM)
    found = [(ZOOM, x, y) for x in range(left + 1, right) for y in range(top + 1, bottom)]
    random.Random(1).shuffle(found)
    return found


def _bounds(city: City) -> tuple[float, float, float, float]:
    bounds = city_tiles(city, ["buildings"]).bounds
    assert bounds is not None
    return bounds


def encode_rows(city: City, database: str, tiles: list[tuple[int, int, int]], rounds: int) -> list[dict[str, object]]:
    """A tile's bytes in this process beside ``ST_AsMVT`` on its own machine's loopback, tile about, geometry ready."""
    layer = city_tiles(city, ["buildings"]).layers[0]
    names = sorted(set(layer.kinds) - {"id"})
    query = AS_MVT.format(columns=", ".join(f'"{name}"' for name in ("id", *names)))
    ours, theirs, sizes = [], [], []
    layer.encode(*tiles[0])
    with psycopg.connect(database, autocommit=True) as connection:
        for z, x, y in tiles[:100] * rounds:
            begin = time.perf_counter()
            body = layer.encode(z, x, y)
            middle = time.perf_counter()
            row = connection.execute(query, {"z": z, "x": x, "y": y}, binary=True).fetchone()
            theirs.append(time.perf_counter() - middle)
            ours.append(middle - begin)
            sizes.append((len(body), len(row[0]) if row else 0))
    features = _features(database, tiles[0])
    what = f"encode a tile at zoom {ZOOM}, {features:,} features, {len(names) + 1} fields"
    load = {"requests": len(ours), "load": round(os.getloadavg()[0], 1)}
    kilobytes = [round(statistics.mean(size) / 1e3, 1) for size in zip(*sizes, strict=True)]
    return [
        {"what": what, "server": name, "requests/s": "", **spread(seconds), "body_kB": size, **load}
        for name, seconds, size in zip(("cim", POSTGIS), (ours, theirs), kilobytes, strict=True)
    ]


def _features(database: str, tile: tuple[int, int, int]) -> int:
    query = "SELECT count(*) FROM buildings_mercator WHERE geom && ST_TileEnvelope(%s, %s, %s)"
    with psycopg.connect(database) as connection:
        row = connection.execute(query, tile).fetchone()
    return int(row[0]) if row else 0


def _paths(server: Served, layer: str, limit: int, boxes: list[str]) -> list[str]:
    return [server.items.format(layer=layer, bbox=box, limit=limit) for box in boxes]


def _tile_path(server: Served, z: int, x: int, y: int) -> str:
    fields = ",".join(sorted({"id", *tile_fields(BUILDINGS)}))  # the same for all
    return (server.tile or "").format(layer="buildings", z=z, x=x, y=y, fields=fields)


def _questions(boxes: list[str]) -> list[tuple[str, str, int]]:
    return [
        (f"{layer}: items in a box, limit {limit}", layer, limit) for layer in servers.LAYERS for limit in (1000, 100)
    ]


def _warm(
    server: Served, boxes: list[str], tile: tuple[int, int, int], told: dict[tuple[str, str], dict[str, object]]
) -> None:
    """Every worker has answered before it is measured, tiles by others than are measured; and what an answer holds."""
    if server.tile is not None:
        z, x, y = tile
        deeper = [(z + 1, 2 * x + i, 2 * y + j) for i in (0, 1) for j in (0, 1)] * 4
        _ask(server, [_tile_path(server, *one) for one in deeper], once=True, encoding="gzip")
        layers = mapbox_vector_tile.decode(_get(server, _tile_path(server, z + 1, 2 * x, 2 * y)))
        features = next(iter(layers.values()))["features"]
        fields = {name for one in features for name in one["properties"]}
        told[TILE, server.name] = {"features": f"(z15) {len(features)}", "fields": len(fields), "members": ""}
    for what, layer, limit in _questions(boxes):
        paths = _paths(server, layer, limit, boxes[:8])
        _ask(server, paths, once=True, encoding="identity")
        body = _get(server, paths[0])
        content = json.loads(body)
        told[what, server.name] = {
            "body_kB": round(len(body) / 1e3, 1),
            "features": len(content["features"]),
            "fields": len(content["features"][0]["properties"]),
            "members": " ".join(sorted(set(content) & {"numberMatched", "numberReturned", "links", "timeStamp"})),
        }


def _round(
    peers: list[Served],
    boxes: list[str],
    tiles: list[tuple[int, int, int]],
    seconds: float,
    found: dict[tuple[str, str], Answers],
) -> None:
    for what, layer, limit in _questions(boxes):
        for server in random.sample(peers, len(peers)):
            load = os.getloadavg()[0]
            asked = _ask(server, _paths(server, layer, limit, boxes), seconds=seconds, encoding="identity")
            found[what, server.name].add(asked, load)
    for server in random.sample(peers, len(peers)):
        if server.tile is not None:
            paths = [_tile_path(server, *tile) for tile in tiles]
            load = os.getloadavg()[0]
            found[TILE, server.name].add(_ask(server, paths, once=True, encoding="gzip"), load)


def _ask(server: Served, paths: list[str], *, encoding: str, seconds: float = 0.0, once: bool = False) -> Measured:
    question = Question(server.host, server.port, paths, encoding, seconds, once)
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.peers.load_generator"],
        input=json.dumps(asdict(question)), capture_output=True, text=True, check=True, cwd=Path(__file__).parents[1],
    )  # fmt: skip
    return Measured(**json.loads(done.stdout))


def _get(server: Served, path: str) -> bytes:
    connection = http.client.HTTPConnection(server.host, server.port, timeout=120)
    connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{server.name} {path}: {answer.status} {body[:500]!r}")
    packed = answer.headers.get("Content-Encoding") == "gzip"
    return zlib.decompress(body, 31) if packed else body


def spread(seconds: list[float]) -> dict[str, object]:
    """Least, median and 95th percentile in milliseconds."""
    ordered = sorted(1000 * one for one in seconds)
    at = {"min_ms": 0, "p50_ms": len(ordered) // 2, "p95_ms": math.ceil(0.95 * len(ordered)) - 1}
    return {name: round(ordered[position], 2) for name, position in at.items()}


def _ratios(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    """How many times faster, beside what was wanted."""
    by_what: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
    for row in rows:
        by_what[str(row["what"])][str(row["server"])] = row
    found: list[dict[str, object]] = []
    for what, of in by_what.items():
        for name, row in of.items():
            if name == "cim":
                continue
            if row["requests/s"]:
                times = of["cim"]["requests/s"] / row["requests/s"]
                limit = 1000 if "1000" in what else 100
                wanted = TILE_TARGET if "tile" in what else TARGETS[name, limit]
            else:
                times, wanted = row["p50_ms"] / of["cim"]["p50_ms"], ENCODE_TARGET
            found.append(
                {"what": what, "server": f"cim against {name}", "times": round(times, 1), "wanted": f">= {wanted}"}
            )
    return found


if __name__ == "__main__":
    main()
