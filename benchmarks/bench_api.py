"""How fast a served city answers: 50 requests a second for a minute, and how soon a run starts.

``python -m benchmarks.bench_api [--city DIR] [--rate N] [--seconds N] [--starts N]`` prints, and writes
``results/api.json`` and ``api.md``.
The server is ``cim serve`` at a free port, on the synthetic sample city by default. The requests come from a process
of its own with connections that stay open, as a browser's do, each at its own instant whether or not those before it
were answered; what is measured is from that instant to the last byte, so a server that falls behind is not spared.
"""

from __future__ import annotations

import argparse
import http.client
import json
import math
import multiprocessing
import os
import random
import secrets
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from benchmarks.measure import timed, write

CONNECTIONS = 6
"""As many as a browser opens to one host."""
BOUND_MS, START_BOUND_S = 100, 1.0
MIX = {
    "tile, first time": 22,
    "tile, If-None-Match": 20,
    "terrain tile": 8,
    "items in a box": 10,
    "feature card": 10,
    "search": 10,
    "jobs": 8,
    "plans": 4,
    "processes": 4,
    "city": 4,
}
"""Shares of the requests: a person who moves the map, clicks and searches, while a run is watched."""
QUICK = "access.reach"
Address = tuple[str, int]


@dataclass(frozen=True)
class Asked:
    """One request and its answer."""

    route: str
    seconds: float
    status: int


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--city", type=Path, help="an existing city; by default the sample is made")
    parser.add_argument("--rate", type=float, default=50.0)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--starts", type=int, default=10)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        city = options.city or Path(folder) / "sample"
        if options.city is None:
            timed("cim", "sample", city)
        with served(city) as address:
            rows = [*load(address, options.rate, options.seconds), *run_starts(address, options.starts)]
    write("api", "The Map API on the synthetic sample city", rows)


@contextmanager
def served(city: Path) -> Iterator[Address]:
    """``cim serve`` at a free port, ended with the block."""
    command = [str(Path(sys.executable).parent / "cim"), "serve", "--city", str(city), "--port", "0", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            host, _, port = _first_object(process)["address"].removeprefix("http://").rpartition(":")
            yield host, int(port)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def _first_object(process: subprocess.Popen[str]) -> dict[str, Any]:
    text = ""
    for line in process.stdout or ():
        text += line
        if line.startswith("}"):
            return dict(json.loads(text))
    raise RuntimeError(f"cim serve did not start: {text}")


def load(address: Address, rate: float, seconds: float) -> list[dict[str, object]]:
    """Rows of the load: each route, and all together."""
    before = os.getloadavg()[0]
    mine, theirs = multiprocessing.get_context("spawn").Pipe(duplex=False)
    client = multiprocessing.get_context("spawn").Process(target=_drive, args=(theirs, address, rate, seconds))
    client.start()
    found, took = mine.recv()
    client.join()
    after = os.getloadavg()[0]
    by_route: dict[str, list[Asked]] = defaultdict(list)
    for one in found:
        by_route[one.route].append(one)
    rows = [_row(route, by_route[route]) for route in MIX if by_route[route]]
    reached = {"per_s": round(len(found) / took, 1), "load_before": round(before, 2), "load_after": round(after, 2)}
    return [*rows, _row("all", found) | {"bound": f"p95 <= {BOUND_MS} ms at {rate:g}/s"} | reached]


def _row(what: str, asked: list[Asked]) -> dict[str, object]:
    spent = sorted(one.seconds * 1000 for one in asked)
    return {
        "what": what,
        "requests": len(spent),
        "p50_ms": round(statistics.median(spent), 1),
        "p95_ms": round(spent[math.ceil(0.95 * len(spent)) - 1], 1),
        "max_ms": round(spent[-1], 1),
        "errors": sum(one.status not in (200, 204, 304) for one in asked),
    }


def _drive(pipe: Any, address: Address, rate: float, seconds: float) -> None:
    """The process that asks: every request at its own instant, taken by whichever connection is free."""
    requests = _Requests(address)
    count = round(rate * seconds)
    turn, found, lock = iter(range(count)), [], threading.Lock()
    begin = time.monotonic() + 0.5

    def work() -> None:
        connection = http.client.HTTPConnection(*address, timeout=30)
        while True:
            with lock:
                number = next(turn, None)
            if number is None:
                return connection.close()
            route, path, headers = requests.draw(number)
            due = begin + number / rate
            time.sleep(max(0.0, due - time.monotonic()))
            try:
                connection.request("GET", path, headers=headers)
                answer = connection.getresponse()
                answer.read()
                status = answer.status
            except (OSError, http.client.HTTPException):
                connection.close()
                status = 0
            found.append(Asked(route, time.monotonic() - due, status))

    threads = [threading.Thread(target=work) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    pipe.send((found, time.monotonic() - begin))


class _Requests:
    """What a person's page asks for, drawn with a seed from what the city has."""

    def __init__(self, address: Address) -> None:
        def get(path: str) -> dict[str, Any]:
            return _json(address, "GET", path)

        west, south, east, north = get("/api/city")["bounds"]
        self.box = west, south, east, north
        self.tiles = _path(get("/api/tiles/WebMercatorQuad")["tiles"][0])
        self.terrain = _path(get("/api/collections/elevation/terrain")["tiles"][0])
        roads = get("/api/collections/roads/items?limit=2000&properties=name")["features"]
        self.features = [quote(one["id"], safe="") for one in roads]
        self.names = sorted({one["properties"]["name"] for one in roads if one["properties"]["name"]})
        self.routes, self.weights = list(MIX), list(MIX.values())
        self.address, self.known = address, {}
        self.fresh = self._addresses()
        for z, row, column in self._addresses()[:40]:
            path = _placed(self.tiles, z, row, column)
            self.known[path] = _etag(address, path)

    def _addresses(self) -> list[tuple[int, int, int]]:
        """Every tile of the city from zoom 12 to 16, in an order that repeats itself with each measurement."""
        found = []
        for z in range(12, 17):
            (left, top), (right, bottom) = (_tile(*self.box[i : i + 2], z) for i in (0, 2))
            rows = range(min(top, bottom), max(top, bottom) + 1)
            found += [(z, row, column) for row in rows for column in range(left, right + 1)]
        random.Random(1).shuffle(found)
        return found

    def draw(self, number: int) -> tuple[str, str, dict[str, str]]:  # noqa: PLR0911
        """Route, path and headers of a request."""
        chance = random.Random(number)
        route = chance.choices(self.routes, self.weights)[0]
        headers = {"Accept-Encoding": "gzip"}
        z, row, column = self.fresh[number % len(self.fresh)]
        match route:
            case "tile, first time":
                return route, _placed(self.tiles, z, row, column), headers
            case "tile, If-None-Match":
                path = chance.choice(list(self.known))
                return route, path, headers | {"If-None-Match": self.known[path]}
            case "terrain tile":
                shift = max(z - 14, 0)
                return route, _placed(self.terrain, z - shift, row >> shift, column >> shift), headers
            case "items in a box":
                x, y = (chance.uniform(self.box[i], self.box[i + 2]) for i in (0, 1))
                box = f"{x:.4f},{y:.4f},{x + 0.01:.4f},{y + 0.01:.4f}"
                name = chance.choice(["roads", "buildings", "pois"])
                return route, f"/api/collections/{name}/items?bbox={box}&limit=200", headers
            case "feature card":
                return route, f"/api/collections/roads/items/{chance.choice(self.features)}/card", headers
            case "search":
                return route, f"/api/search?q={quote(chance.choice(self.names)[: chance.randint(1, 3)])}", headers
        return route, f"/api/{route}", headers


def _tile(longitude: float, latitude: float, z: int) -> tuple[int, int]:
    n, angle = 2**z, math.radians(latitude)
    return int((longitude + 180) / 360 * n), int((1 - math.asinh(math.tan(angle)) / math.pi) / 2 * n)


def _path(address: str) -> str:
    return "/" + address.split("/", 3)[3]


def _placed(template: str, z: int, row: int, column: int) -> str:
    return template.replace("{z}", str(z)).replace("{y}", str(row)).replace("{x}", str(column))


def _etag(address: Address, path: str) -> str:
    connection = http.client.HTTPConnection(*address, timeout=30)
    connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return str(answer.headers["ETag"])


def _json(address: Address, method: str, path: str, body: Any = None) -> dict[str, Any]:
    connection = http.client.HTTPConnection(*address, timeout=60)
    headers = {"Content-Type": "application/json"} if body is not None else {}
    connection.request(method, path, None if body is None else json.dumps(body), headers)
    answer = connection.getresponse()
    content = json.loads(answer.read())
    connection.close()
    if answer.status >= 400:
        raise RuntimeError(f"{method} {path}: {content}")
    return dict(content)


def run_starts(address: Address, starts: int) -> list[dict[str, object]]:
    """From the click to the event that says it runs, each time another question."""
    spent, ended = [], []
    for _ in range(starts):
        listener = http.client.HTTPConnection(*address, timeout=120)
        listener.request("GET", "/api/live?topics=jobs", headers={"Accept": "text/event-stream"})
        events = _events(listener)
        next(events)
        begin = time.monotonic()
        asked = {"inputs": {"minutes": 10 + secrets.randbelow(10**6) / 10**6}, "seed": 1}
        submitted = _json(address, "POST", f"/api/processes/{QUICK}/execution", asked)
        if submitted["status"] == "successful":
            raise RuntimeError("the question is not new: nothing would be run")
        job = submitted["jobID"]
        for event in events:
            if event.get("jobID") == job and event["status"] != "accepted":
                spent.append(time.monotonic() - begin)
                break
        for event in events:
            if event.get("jobID") == job and event["status"] in ("successful", "failed", "dismissed"):
                ended.append(event["status"])
                break
        listener.close()
    return [
        {
            "what": f"{QUICK}: from the click to the event that it runs",
            "requests": starts,
            "p50_ms": round(statistics.median(spent) * 1000, 1),
            "max_ms": round(max(spent) * 1000, 1),
            "errors": sum(status != "successful" for status in ended),
            "bound": f"<= {START_BOUND_S:g} s",
        }
    ]


def _events(listener: http.client.HTTPConnection) -> Iterator[dict[str, Any]]:
    """The data of each event, with the welcome as the first."""
    stream = listener.getresponse()
    while line := stream.fp.readline():
        if line.startswith(b"data:"):
            yield json.loads(line[5:])


if __name__ == "__main__":
    main()
