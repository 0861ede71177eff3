"""500 people pan a city of a million buildings: 300 tile requests a second, half of them revalidations, 10 minutes.

``python -m benchmarks.bench_pan [--city DIR | --rows N] [--minutes N] [--users N] [--rate N]`` prints, and writes
``results/pan.json`` and ``pan.md``.
The server is ``cim serve`` with its default settings. The requests come from a process of its own, each at its own
instant whether or not those before it were answered, over connections that stay open as a browser's do (six a person
at most); what is measured is from that instant to the last byte. The cores are shared by both: what the load
generator takes of them is said.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import multiprocessing
import os
import re
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import psutil

from benchmarks.bench_api import served
from benchmarks.measure import write
from benchmarks.pan_trace import Wanted, trace

CONNECTIONS = 6
"""As many as a browser opens to one host."""
BOUND_MS = 300
SAMPLE_S = 5.0
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_ETAG = re.compile(rb"\r\netag: *([^\r]+)", re.IGNORECASE)
Address = tuple[str, int]


@dataclass(frozen=True)
class Asked:
    """One request and its answer: status 0 where none came."""

    known: bool
    seconds: float
    status: int
    size: int


@dataclass
class Browser:
    """Somebody's connections to the server, and the validators of the tiles seen."""

    idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = field(default_factory=list)
    free: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(CONNECTIONS))
    tags: dict[str, bytes] = field(default_factory=dict)


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--city", type=Path, help="an existing city; by default a synthetic one is made")
    parser.add_argument("--rows", type=int, default=1_000_000, help="buildings of the synthetic city")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--users", type=int, default=500)
    parser.add_argument("--rate", type=float, default=300.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        city = options.city or _synthetic(Path(folder) / "city", options.rows)
        with served(city) as address:
            rows = measure(city, address, options)
    write("pan", f"{options.users} people pan {_name(options)}", rows)


def _name(options: argparse.Namespace) -> str:
    return "an existing city" if options.city else f"a synthetic city of {options.rows:,} buildings"


def _synthetic(path: Path, rows: int) -> Path:
    from benchmarks.synthetic_layers import snapshot

    snapshot(path, "buildings", rows)
    return path


def measure(city: Path, address: Address, options: argparse.Namespace) -> list[dict[str, object]]:
    """Rows of new tiles, of revalidations, and of all with what the processes took."""
    tileset = json.loads(urlopen(f"http://{address[0]}:{address[1]}/api/tiles/WebMercatorQuad", timeout=600).read())
    template = "/" + tileset["tiles"][0].split("/", 3)[3]
    load_before = os.getloadavg()[0]
    plan = (address, template, tuple(tileset["bounds"]), options.users, options.rate, options.minutes * 60)
    mine, theirs = multiprocessing.get_context("spawn").Pipe(duplex=False)
    client = multiprocessing.get_context("spawn").Process(target=_drive, args=(theirs, *plan))
    before = _cpu_s(city)
    client.start()
    memory = list(_watched(city, lambda: not mine.poll(SAMPLE_S) and client.is_alive()))
    found, took, spent = mine.recv()
    client.join()
    cores = os.cpu_count() or 1
    shares = {
        "per_s": round(len(found) / took, 1),
        "client_cores": f"{spent / took:.2f} of {cores}",
        "server_cores": f"{(_cpu_s(city) - before) / took:.2f} of {cores}",
        **_at_parts("private_mb", [private for private, _ in memory]),
        **_at_parts("rss_mb", [resident for _, resident in memory]),
        "load_before": round(load_before, 2),
        "bound": f"0 errors, p95 <= {BOUND_MS} ms, memory flat",
    }
    by_kind = defaultdict(list)
    for one in found:
        by_kind["If-None-Match" if one.known else "new tile"].append(one)
    return [*(_row(what, by_kind[what]) for what in sorted(by_kind)), _row("all", found) | shares]


def _at_parts(name: str, samples: list[float]) -> dict[str, object]:
    """A tenth of the way, half-way (the caches are full by then) and at the end."""
    last = len(samples) - 1
    return {
        f"{name}_{part}": samples[round(last * share)] for part, share in (("10%", 0.1), ("50%", 0.5), ("end", 1.0))
    }


def _row(what: str, asked: list[Asked]) -> dict[str, object]:
    spent = sorted(one.seconds * 1000 for one in asked)

    def share(part: float) -> float:
        return round(spent[max(0, math.ceil(part * len(spent)) - 1)], 1)

    return {
        "what": what,
        "requests": len(spent),
        "p50_ms": share(0.5),
        "p95_ms": share(0.95),
        "p99_ms": share(0.99),
        "max_ms": share(1.0),
        "mean_bytes": round(sum(one.size for one in asked) / len(asked)),
        "errors": sum(one.status not in ((200, 204, 304) if one.known else (200, 204)) for one in asked),
        "304": sum(one.status == 304 for one in asked),
    }


def _processes(city: Path) -> list[psutil.Process]:
    """The web process with its workers, and the live process; not those that bake a layer and go."""
    known = json.loads((city / ".serve.json").read_text())["processes"]
    found = [psutil.Process(known[name]["pid"]) for name in ("web", "live")]
    return [*found, *found[0].children()]


def _cpu_s(city: Path) -> float:
    return float(sum(sum(process.cpu_times()[:2]) for process in _processes(city)))


def _watched(city: Path, on: Callable[[], bool]) -> Iterator[tuple[float, float]]:
    """Megabytes of the processes together, private and resident, every few seconds; ``on`` waits."""
    while True:
        found = [process.memory_full_info() for process in _processes(city)]
        private, resident = (round(sum(getattr(one, kind) for one in found) / 1e6, 1) for kind in ("uss", "rss"))
        yield private, resident
        if not on():
            return


def _drive(pipe: Any, *plan: Any) -> None:
    """The process that asks."""
    begun = time.process_time()
    found, took = asyncio.run(_ask_all(*plan))
    pipe.send((found, took, time.process_time() - begun))


async def _ask_all(  # noqa: PLR0917
    address: Address, template: str, box: tuple[float, ...], users: int, rate: float, seconds: float
) -> tuple[list[Asked], float]:
    wanted = list(trace(box, users, round(rate * seconds)))  # type: ignore[arg-type]
    browsers, found, running = [Browser() for _ in range(users)], [], set()
    begin = time.monotonic() + 0.5

    async def one(number: int, want: Wanted) -> None:
        z, row, column = want.tile
        path = template.replace("{z}", str(z)).replace("{y}", str(row)).replace("{x}", str(column))
        browser = browsers[want.user]
        async with browser.free:
            tag = browser.tags.get(path) if want.known else None
            status, size = await _answer(address, browser, path, tag)
        found.append(Asked(tag is not None, time.monotonic() - begin - number / rate, status, size))

    for number, want in enumerate(wanted):
        wait = begin + number / rate - time.monotonic()
        if wait > 0:
            await asyncio.sleep(wait)
        task = asyncio.create_task(one(number, want))
        running.add(task)
        task.add_done_callback(running.discard)
    await asyncio.gather(*running)
    took = time.monotonic() - begin
    for _, writer in (pair for browser in browsers for pair in browser.idle):
        writer.close()
    return found, took


async def _answer(address: Address, browser: Browser, path: str, tag: bytes | None) -> tuple[int, int]:
    """Status and bytes of one request; one that met a connection just closed is sent again, as browsers do."""
    condition = b"" if tag is None else b"If-None-Match: " + tag + b"\r\n"
    sent = f"GET {path} HTTP/1.1\r\nHost: {address[0]}:{address[1]}\r\nAccept-Encoding: gzip, br\r\n".encode()
    while True:
        used = await _connected(address, browser)
        if used is None:
            return 0, 0
        reader, writer, fresh = used
        try:
            writer.write(sent + condition + b"\r\n")
            head = await reader.readuntil(b"\r\n\r\n")
            length = _LENGTH.search(head)
            body = await reader.readexactly(int(length[1])) if length else b""
        except (OSError, asyncio.IncompleteReadError) as fault:
            writer.close()
            partial = getattr(fault, "partial", b"")
            if fresh or partial:
                return 0, 0
            continue
        if (found := _ETAG.search(head)) is not None:
            browser.tags[path] = found[1]
        if b"\r\nconnection: close" in head.lower():
            writer.close()
        else:
            browser.idle.append((reader, writer))
        return int(head[9:12]), len(head) + len(body)


async def _connected(
    address: Address, browser: Browser
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter, bool] | None:
    """A connection, and whether it is new; None if there is none to be had."""
    while browser.idle:
        reader, writer = browser.idle.pop()
        if not reader.at_eof():
            return reader, writer, False
        writer.close()
    with suppress(OSError):
        return (*await asyncio.open_connection(*address), True)
    return None


if __name__ == "__main__":
    main()
