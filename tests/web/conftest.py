"""The page in a real browser, on a real ``cim serve``."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import planner
import pytest
from chromium import AXE, DESK, Watched, chromium, map_is_drawn
from playwright.sync_api import Browser, ViewportSize, expect
from serving_city import Serving, command, serving

from cim_core.testing.tiny_city import tiny_city

Open = Callable[..., Watched]
HERE = Path(__file__).parent
BUILT = HERE.parents[1] / "servers" / "web" / "dist" / "index.html"
PATIENCE_MS = 30_000
"""For what the page shows after a click: software graphics and a busy machine are slow, not wrong."""

expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session", autouse=True)
def built() -> None:
    """The page as users get it."""
    for wanted in (BUILT, AXE):
        assert wanted.exists(), f"{wanted.name} is absent: npm ci && npx vite build in servers/web (make page)"


@pytest.fixture(scope="session")
def browser(require: Callable[[str], Path]) -> Iterator[Browser]:
    with chromium(require("chromium")) as started:
        yield started


@pytest.fixture(scope="session")
def strangers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with scenarios that the page has never heard of."""
    folder = tmp_path_factory.mktemp("scenarios")
    for scenario in (HERE / "strangers" / "cooling", HERE.parent / "toys" / "toy"):
        shutil.copytree(scenario, folder / scenario.name, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """The sample city, as ``make run`` has it."""
    city = tmp_path_factory.mktemp("web") / "sample"
    command("sample", city)
    with serving(city) as started:
        yield started


@pytest.fixture(scope="session")
def tiny_server(tmp_path_factory: pytest.TempPathFactory, strangers: Path) -> Iterator[Serving]:
    """The tiny city, with scenarios of strangers: for what has little to do with the map."""
    city = tmp_path_factory.mktemp("web") / "tiny"
    tiny_city(city)
    with serving(city, CIM_SCENARIOS=str(strangers)) as started:
        yield started


@pytest.fixture
def open_page(browser: Browser, server: Serving) -> Iterator[Open]:
    """``open_page("/?lang=en")`` → a page in a fresh browser profile; at the end its console must be clean."""
    opened: list[Watched] = []

    def show(address: str = "/?lang=en&theme=light", *, on: Serving = server, viewport: ViewportSize = DESK) -> Watched:
        context = browser.new_context(viewport=viewport, locale="en-GB", reduced_motion="reduce", accept_downloads=True)
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        context.set_default_timeout(PATIENCE_MS)
        watched = Watched(context.new_page())
        opened.append(watched)
        watched.page.goto(on.url + address)
        return watched

    yield show
    faults = [fault for watched in opened for fault in watched.faults]
    for watched in opened:
        watched.page.context.close()
    assert faults == []


@pytest.fixture(scope="session")
def compared(browser: Browser, server: Serving) -> str:
    """The planner's way from the first map to a comparison, by hand; the address where it opened (path and query)."""
    context = browser.new_context(viewport=DESK, locale="en-GB", reduced_motion="reduce")
    context.set_default_timeout(PATIENCE_MS)
    watched = Watched(context.new_page())
    page = watched.page
    page.goto(server.url + "/?lang=en&theme=light")
    map_is_drawn(page)
    planner.find(page, planner.BRIDGE)
    planner.panel(page).get_by_role("button", name="Close a road").click()
    planner.set_hours(page, "07:00", "09:00")
    expect(planner.measure(page, "Close a road")).to_contain_text("07:00–09:00")
    planner.add_measure(page, "Bus lane")
    planner.choose_feature(page, "Road", planner.OTHER_BRIDGE)
    planner.name_plan(page, planner.TITLE, planner.NAME)
    planner.save(page)
    expect(page.get_by_text("Saved as version 1")).to_be_visible()
    planner.quick_settings(page)
    expect(page.get_by_role("spinbutton", name="Seeds")).to_have_value("5")
    planner.compare(page)
    planner.progress_is_seen(page)
    planner.comparison_opens(page)
    address = urlsplit(page.url)
    context.close()
    assert watched.faults == []
    return f"{address.path}?{address.query}"


@pytest.fixture(scope="session")
def views(server: Serving, compared: str) -> dict[str, str]:
    """Addresses of every panel of the sample city, without language and theme."""
    result = compared.replace("&lang=en", "").replace("&theme=light", "")
    [comparison] = parse_qs(urlsplit(compared).query)["compare"]
    run = server.get(f"/api/comparisons/{comparison}")["runs"][0]["plan"]
    return {
        "first load": "/?",
        "feature": "/?panel=feature&select=buildings:"
        + str(server.get("/api/collections/buildings/items?limit=1")["features"][0]["id"]),
        "plans": "/?panel=plans",
        "plan": f"/?panel=plan&plan={planner.NAME}",
        "scene": "/?panel=scene&scene=traffic",
        "other scene": "/?panel=scene&scene=access",
        "jobs": "/?panel=jobs",
        "layers": "/?panel=layers",
        "quality": "/?panel=quality",
        "comparison": result,
        "run": f"/?panel=run&run={run}",
    }


@pytest.fixture(scope="session")
def empty_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """A city with nothing in it."""
    city = tmp_path_factory.mktemp("web") / "empty"
    command("init", city)
    with serving(city) as started:
        yield started
