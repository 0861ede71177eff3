"""The page in a real browser, on a real ``cim serve``."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from chromium import DESK, Watched, chromium
from playwright.sync_api import Browser
from serving_city import Serving, command, serving

Open = Callable[..., Watched]


@pytest.fixture(scope="session")
def browser(require: Callable[[str], Path]) -> Iterator[Browser]:
    with chromium(require("chromium")) as started:
        yield started


@pytest.fixture(scope="session")
def sample_city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    city = tmp_path_factory.mktemp("web") / "sample"
    command("sample", city)
    return city


@pytest.fixture(scope="session")
def strangers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with scenarios that the page has never heard of."""
    folder = tmp_path_factory.mktemp("scenarios")
    for scenario in (Path(__file__).parent / "strangers").iterdir():
        shutil.copytree(scenario, folder / scenario.name, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


@pytest.fixture(scope="session")
def server(sample_city: Path, strangers: Path) -> Iterator[Serving]:
    with serving(sample_city, CIM_SCENARIOS=str(strangers)) as started:
        yield started


@pytest.fixture
def open_page(browser: Browser, server: Serving) -> Iterator[Open]:
    """``open_page("/?lang=en")`` → a page in a fresh browser profile; at the end its console must be clean."""
    opened: list[Watched] = []

    def show(address: str = "/?lang=en&theme=light", *, base: str = "", viewport: dict[str, int] = DESK) -> Watched:
        context = browser.new_context(viewport=viewport, locale="en-GB", reduced_motion="reduce", accept_downloads=True)
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        watched = Watched(context.new_page())
        opened.append(watched)
        watched.page.goto((base or server.url) + address)
        return watched

    yield show
    faults = [fault for watched in opened for fault in watched.faults]
    for watched in opened:
        watched.page.context.close()
    assert faults == []
