"""What the page costs in a headless Chromium that draws in software: first map, panels, a replay of 10,000 vehicles.

``python -m benchmarks.bench_page [--rounds N] [--city DIR]`` prints, and writes ``results/page.json`` and ``page.md``.
The page is served by a real ``cim serve`` on the synthetic sample city. The vehicles of the replay are made up here: a
small simulated run is opened, and its chunks of frames are answered with 10,000 vehicles that drive straight on.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Browser, CDPSession, Page, Route, sync_playwright

from benchmarks.measure import median, write

CIM = Path(sys.executable).with_name("cim")
FLAGS = [
    "--no-sandbox",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
    "--disable-background-networking",
]
VIEWPORT = {"width": 1280, "height": 800}
VEHICLES = 10_000
FRAMES = 60
QUIET_MS = 6000
"""After this long the panels' code is there, which is fetched while nobody waits for it."""
SPEED = 10
"""Seconds of the day in a second: at the two or three pictures a second that software draws, one has a new pair of
frames as often as it would have at 200 with 60 pictures a second."""
PANELS = ("Plans", "Layers", "Quality", "Runs", "Road traffic")
REACTION = """(label) => new Promise((done, fail) => {
  const button = [...document.querySelectorAll('nav button')].find((one) => one.textContent.includes(label))
  const before = document.querySelector('.context')?.textContent ?? ''
  const there = () => {
    const panel = document.querySelector('.context')
    return panel && !panel.querySelector('.ant-skeleton') && panel.textContent && panel.textContent !== before
  }
  const began = performance.now()
  const seen = new MutationObserver(() => {
    if (!there()) return
    seen.disconnect()
    const inDocument = performance.now() - began
    requestAnimationFrame(() => setTimeout(() => done([inDocument, performance.now() - began])))
  })
  seen.observe(document.body, { subtree: true, childList: true, characterData: true })
  setTimeout(() => fail(new Error('no panel: ' + label)), 20000)
  button.click()
})"""


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--city", type=Path, help="an existing sample city; a fresh one by default")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cim-bench-page-") as folder, sync_playwright() as playwright:
        city = options.city or Path(folder) / "city"
        if options.city is None:
            subprocess.run([CIM, "sample", city, "--json"], check=True, stdout=subprocess.DEVNULL)
        run = simulated(city)
        programme = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(executable_path=programme, args=FLAGS)
        with served(city) as url:
            rows = [first_map(browser, url, options.rounds), *panels(browser, url), *replay(browser, url, run)]
        browser.close()
    write("page", "The page in headless Chromium, WebGL in software, sample city (synthetic)", rows)


def simulated(city: Path) -> str:
    """A short run with trajectories."""
    line = [CIM, "run", "traffic.simulate", "--city", city, "-p", "hours=7-7.1", "-p", "warmup_min=0", "--json"]
    line += ["-p", "follow_min=1", "-p", "routing=oneshot"]
    done = subprocess.run(line, check=True, capture_output=True, text=True)
    return str(json.loads(done.stdout)["run"])


@contextmanager
def served(city: Path) -> Iterator[str]:
    """``cim serve`` on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    line = [CIM, "serve", "--city", city, "--port", str(port), "--json"]
    process = subprocess.Popen(line, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        process.stdout.readline()
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def loaded(browser: Browser, address: str) -> tuple[Page, float]:
    """A page in a fresh profile, and the milliseconds until its first map was drawn."""
    page = browser.new_context(viewport=VIEWPORT).new_page()
    page.goto(address, wait_until="commit")
    while not page.evaluate("performance.getEntriesByName('map-drawn').length"):
        page.wait_for_timeout(50)
    return page, float(page.evaluate("performance.getEntriesByName('map-drawn')[0].startTime"))


def first_map(browser: Browser, url: str, rounds: int) -> dict[str, object]:
    """Cold loads: nothing in the browser's cache."""
    spent = []
    for _ in range(rounds):
        page, milliseconds = loaded(browser, f"{url}/?lang=en&theme=light")
        spent.append(milliseconds)
        page.context.close()
    return row("first map, cold cache", spent, "ms", "<= 3000")


def panels(browser: Browser, url: str) -> list[dict[str, object]]:
    """From the click until the panel stands in the document."""
    page, _ = loaded(browser, f"{url}/?lang=en&theme=light")
    page.wait_for_timeout(QUIET_MS)
    rows = []
    for label in PANELS:
        spent = []
        for _ in range(5):
            spent.append(page.evaluate(REACTION, label))
            page.wait_for_timeout(500)
            page.keyboard.press("Escape")
            page.wait_for_timeout(1500)
        rows.append(row(f"panel {label}: click to content in the document", [one[0] for one in spent], "ms", "<= 100"))
        rows.append(row("– and until it was painted", [one[1] for one in spent], "ms"))
    page.context.close()
    return rows


def replay(browser: Browser, url: str, run: str) -> list[dict[str, object]]:
    """Script of the page's main thread for each picture of the replay, by Chromium's own count."""
    page = browser.new_context(viewport=VIEWPORT).new_page()
    page.route("**/frames/*", answer)
    page.goto(f"{url}/?lang=en&theme=light&panel=run&run={run}&measure=1&speed={SPEED}", wait_until="commit")
    while not page.evaluate("performance.getEntriesByName('map-drawn').length"):
        page.wait_for_timeout(50)
    page.wait_for_timeout(QUIET_MS)
    page.get_by_role("button", name="Play").click()
    page.wait_for_timeout(3000)
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    spent, loops = [], []
    for _ in range(3):
        before, pictures = metrics(session), int(page.evaluate("__cimReplay.frames"))
        page.wait_for_timeout(4000)
        after, later = metrics(session), int(page.evaluate("__cimReplay.frames"))
        spent.append(1000 * (after["ScriptDuration"] - before["ScriptDuration"]) / max(later - pictures, 1))
        loops.append(float(page.evaluate(f"__cimReplay.scriptMs.slice({pictures}).reduce((a, b) => a + b, 0)")))
        loops[-1] /= max(later - pictures, 1)
    said = page.locator(".timeline-count").inner_text()
    page.context.close()
    return [
        row(f"replay of {said.strip()}: script a picture, all of the page", spent, "ms", "<= 8"),
        row("– of it: the replay's own loop", loops, "ms"),
    ]


def metrics(session: CDPSession) -> dict[str, float]:
    """Chromium's counters, seconds."""
    return {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}


def answer(route: Route) -> None:
    """A chunk of the made-up vehicles in the place of the run's own."""
    number = int(route.request.url.split("/")[-1].split("?")[0])
    route.fulfill(body=chunk(number), content_type="application/octet-stream")


def chunk(number: int) -> bytes:
    """60 frames of 10,000 vehicles in the format of ``servers/serving/frames.py``: straight on, at their own speeds."""
    random = np.random.default_rng(1)
    start = random.uniform(15_000, 50_000, (2, VEHICLES))
    angle, speed = random.uniform(0, 2 * np.pi, VEHICLES), random.uniform(0, 70, VEHICLES)
    frames = np.arange(number * FRAMES, number * FRAMES + FRAMES)[:, None]
    way = np.stack([np.cos(angle) * speed, np.sin(angle) * speed])
    x, y = (np.mod(start[axis] + frames * way[axis], 65_535).astype("<u2") for axis in (0, 1))
    head = np.zeros(72, dtype=np.uint8)
    head[:4] = np.frombuffer(b"CIMF", np.uint8)
    head[4:16].view("<u4")[:] = [1, FRAMES, number * FRAMES]
    head[16:64].view("<f8")[:] = [7 * 3600 + number * FRAMES * 5, 5, 106.56, 29.54, 1e-6, 6e-7]
    head[64:68].view("<f4")[:] = 0.1
    offsets = (np.arange(FRAMES + 1) * VEHICLES).astype("<u4")
    vehicle = np.tile(np.arange(VEHICLES, dtype="<u4"), FRAMES)
    z = np.full(FRAMES * VEHICLES, 2000, dtype="<i2")
    return b"".join(part.tobytes() for part in (head, offsets, vehicle, x, y, z))


def row(what: str, values: list[float], unit: str, bound: str = "") -> dict[str, object]:
    """Fastest, median and slowest."""
    found: dict[str, Any] = {"what": what, "unit": unit, "min": round(min(values), 2), "median": median(values)}
    return found | {"max": round(max(values), 2), "bound": bound, "load": round(os.getloadavg()[0], 1)}


if __name__ == "__main__":
    main()
