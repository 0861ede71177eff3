"""Around the map: an empty city, a phone, what the server allows the page to do."""

from __future__ import annotations

import urllib.request
from collections.abc import Callable

import planner
import pytest
from chromium import PHONE, Watched, map_is_drawn, show
from playwright.sync_api import Page, expect
from serving_city import Serving

Open = Callable[..., Watched]
EMPTY = {
    "plans": ("No plan yet", "Start one here"),
    "jobs": ("Nothing has run yet", "Open a scene or a plan and start a run"),
    "layers": ("The city has no layers yet", "cim import osm FILE"),
    "quality": ("No import has been recorded yet", ""),
    "feature": ("Nothing is selected", "Click something on the map, or search for its name."),
}


@pytest.mark.parametrize("panel", EMPTY)
def test_an_empty_city_says_what_to_do_next(open_page: Open, empty_server: Serving, panel: str) -> None:
    page = open_page(f"/?lang=en&theme=light&panel={panel}", on=empty_server).page
    for words in EMPTY[panel]:
        expect(planner.panel(page)).to_contain_text(words)
    expect(page.get_by_role("main")).to_contain_text("cim import")


def test_the_page_is_confined_and_obeys(open_page: Open, tiny_server: Serving) -> None:
    with urllib.request.urlopen(tiny_server.url + "/?lang=en", timeout=30) as answer:
        policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "connect-src 'self'" in policy
    assert "unsafe-eval" not in policy
    page = open_page("about:blank", on=Serving("", tiny_server.city, tiny_server.process)).page
    page.context.add_init_script(
        "window.violations = [];"
        "document.addEventListener('securitypolicyviolation', event => violations.push(event.violatedDirective))"
    )
    page.goto(tiny_server.url + "/?lang=en&theme=light&panel=layers")
    map_is_drawn(page)
    assert page.evaluate("violations") == []


def scrolls_sideways(page: Page) -> bool:
    """Whether anything but a table asks for a second hand."""
    wide: bool = page.evaluate(
        "document.documentElement.scrollWidth > innerWidth"
        " || [...document.querySelectorAll('.context')].some(one => one.scrollWidth > one.clientWidth)"
    )
    return wide


def test_nothing_scrolls_sideways_on_a_phone(open_page: Open, views: dict[str, str]) -> None:
    page = open_page("/?lang=en&theme=light", viewport=PHONE).page
    map_is_drawn(page)
    wide = []
    for name, address in views.items():
        show(page, f"{address}&lang=en&theme=light")
        expect(page.locator(".ant-skeleton")).to_have_count(0)
        page.wait_for_timeout(300)
        wide += [name] if scrolls_sideways(page) else []
    assert wide == []


def test_a_plan_is_changed_on_a_phone(open_page: Open, tiny_server: Serving) -> None:
    page = open_page("/?lang=en&theme=light", on=tiny_server, viewport=PHONE).page
    map_is_drawn(page)
    rail = page.get_by_role("navigation")
    box = rail.bounding_box()
    assert box is not None
    assert box["y"] > PHONE["height"] / 2  # along the bottom
    rail.get_by_role("button", name="Plans").click()
    page.get_by_role("button", name="New plan").first.click()
    page.get_by_role("button", name="Larger panel").click()
    planner.add_measure(page, "Close a road")
    planner.choose_feature(page, "Road", "中心大道")
    planner.name_plan(page, "From the street", "from-the-street")
    planner.save(page)
    expect(page.get_by_text("Saved as version 1")).to_be_visible()
    page.get_by_role("button", name="Close panel").click()
    expect(planner.panel(page)).to_have_count(0)
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("menuitem", name="切换为中文").click()
    expect(rail.get_by_role("button", name="方案")).to_be_visible()
