"""A real Chromium for the page's tests: how it is started, and what its console must not say."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Page, Request, ViewportSize, sync_playwright

FLAGS = [
    "--no-sandbox",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
    "--disable-background-networking",
    "--font-render-hinting=none",
]
DESK: ViewportSize = {"width": 1280, "height": 800}
PICTURE: ViewportSize = {"width": 1600, "height": 1000}
PHONE: ViewportSize = {"width": 390, "height": 844}
AXE = Path(__file__).parents[2] / "servers" / "web" / "node_modules" / "axe-core" / "axe.min.js"
SCREENSHOTS = Path(__file__).parents[2] / "out" / "screenshots"
"""Kept after the run, as artefacts to be looked at."""


@contextmanager
def chromium(programme: Path) -> Iterator[Browser]:
    """The system's Chromium, without a window, drawing WebGL in software."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(programme), args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Watched:
    """A page and what went wrong on it: errors of its console, exceptions, requests that left this machine."""

    page: Page
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda fault: self.faults.append(f"exception: {fault}"))
        self.page.on("request", self._request)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.faults.append(f"console: {message.text} ({message.location.get('url', '')})")

    def _request(self, request: Request) -> None:
        host = urlsplit(request.url).hostname
        if request.url.startswith("http") and host not in ("127.0.0.1", "localhost"):
            self.faults.append(f"request to {host}")

    def forgive(self, *parts: str) -> None:
        """Take out what a test provoked on purpose."""
        self.faults = [fault for fault in self.faults if not any(part in fault for part in parts)]


def screenshot(page: Page, name: str) -> Path:
    """Keep a picture of what is shown."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    path = SCREENSHOTS / f"{name}.png"
    page.screenshot(path=path)
    return path


def until(page: Page, condition: str, timeout_s: float = 60) -> Any:
    """Wait until a script's value is true; its value. (``wait_for_function`` needs ``eval``: the page forbids it.)"""
    end = time.monotonic() + timeout_s
    while not (value := page.evaluate(condition)):
        assert time.monotonic() < end, f"not within {timeout_s:.0f} s: {condition}"
        page.wait_for_timeout(100)
    return value


def map_is_drawn(page: Page) -> None:
    """Wait for the page's own mark of its first complete map."""
    until(page, "performance.getEntriesByName('map-drawn').length > 0")


def map_rests(page: Page) -> None:
    """Wait until the map shows all that it was asked to: twice the same picture."""
    canvas = page.locator(".map-canvas canvas").first
    before = canvas.screenshot()
    for _ in range(60):
        page.wait_for_timeout(500)
        now = canvas.screenshot()
        if now == before:
            return
        before = now
    raise AssertionError("the map does not come to rest")


def serious_findings(page: Page) -> list[str]:
    """What axe finds that is serious or critical: rule and where."""
    page.evaluate(AXE.read_text(encoding="utf-8"))  # not as a script element: the page allows its own scripts only
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{rule['id']} ({rule['impact']}): {node['target']} {node['failureSummary']}"
        for rule in found["violations"]
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]


def show(page: Page, address: str) -> None:
    """Go to another state of the page by its address, as the back button does: without loading it again."""
    page.evaluate(
        "address => { history.pushState(null, '', address); window.dispatchEvent(new PopStateEvent('popstate')) }",
        address,
    )
