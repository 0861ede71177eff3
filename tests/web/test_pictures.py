"""Twelve pictures of the sample city, kept as artefacts to be looked at; axe looks at each of them too."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import planner
from chromium import PHONE, PICTURE, Watched, map_is_drawn, map_rests, screenshot, serious_findings
from playwright.sync_api import Page, expect
from serving_city import Serving

Open = Callable[..., Watched]


def keep(page: Page, name: str) -> None:
    """A picture, once the map has come to rest."""
    map_rests(page)
    path = screenshot(page, name)
    assert path.stat().st_size > 20_000
    assert serious_findings(page) == []


def test_first_load_in_both_languages_and_dark(open_page: Open) -> None:
    for name, address in (
        ("first-load", "/?lang=en&theme=light"),
        ("dark", "/?lang=en&theme=dark&panel=layers"),
        ("chinese", "/?lang=zh&theme=light&panel=scene&scene=traffic"),
        ("english", "/?lang=en&theme=light&panel=scene&scene=traffic"),
    ):
        page = open_page(address, viewport=PICTURE).page
        map_is_drawn(page)
        keep(page, name)
        page.close()


def test_plan_editing(open_page: Open) -> None:
    page = open_page("/?lang=en&theme=light&panel=plan&plan=yunmen-works", viewport=PICTURE).page
    map_is_drawn(page)
    expect(page.get_by_text(re.compile("Fits the city"))).to_be_visible()
    page.get_by_role("button", name=re.compile("^Bus lane")).click()
    keep(page, "plan-editing")


def test_running(open_page: Open) -> None:
    page = open_page("/?lang=en&theme=light&panel=plan&plan=close-yunmen-bridge", viewport=PICTURE).page
    map_is_drawn(page)
    expect(page.get_by_text(re.compile("Fits the city"))).to_be_visible()
    planner.quick_settings(page)
    page.get_by_role("region", name="Run and compare").get_by_role("button", name="Settings").click()
    planner.compare(page)
    planner.progress_is_seen(page)
    keep(page, "running")
    page.get_by_role("button", name=re.compile("^Cancel:")).click()
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_text("cancelled").first).to_be_visible()


def test_failed_run(open_page: Open, tmp_path: Path) -> None:
    trips = tmp_path / "trips.csv"
    trips.write_text("depart,from,to\n07:05,nowhere,elsewhere\n")
    page = open_page("/?lang=en&theme=light&panel=scene&scene=traffic", viewport=PICTURE).page
    map_is_drawn(page)
    page.get_by_role("button", name=re.compile("^More options")).click()
    page.locator("input[type=file]").first.set_input_files(trips)
    expect(page.get_by_text(re.compile(r"trips-\w+\.csv")).first).to_be_visible()
    page.get_by_role("button", name="Run", exact=True).click()
    fault = page.get_by_role("region", name="Run and compare").get_by_role("alert")
    expect(fault).to_contain_text("places that the road network does not have", timeout=120_000)
    fault.scroll_into_view_if_needed()
    keep(page, "failed-run")


def test_comparison_and_replay(open_page: Open, compared: str) -> None:
    address = re.sub(r"v=[^&]*&", "", compared)
    page = open_page(address, viewport=PICTURE).page
    map_is_drawn(page)
    planner.comparison_opens(page)
    keep(page, "comparison")
    page.get_by_role("slider", name="Time of day").fill(str(7 * 3600 + 600))
    expect(page.locator(".timeline-count")).to_have_text(re.compile(r"[1-9]\d* vehicles"))
    page.get_by_role("radiogroup", name="What the map shows").get_by_text("Plan", exact=True).click()
    keep(page, "replay")


def test_quality_report(open_page: Open) -> None:
    page = open_page("/?lang=en&theme=light&panel=quality", viewport=PICTURE).page
    map_is_drawn(page)
    expect(page.get_by_role("heading", name="Buildings")).to_be_visible()
    keep(page, "quality-report")


def test_empty_state(open_page: Open, empty_server: Serving) -> None:
    page = open_page("/?lang=en&theme=light&panel=plans", on=empty_server, viewport=PICTURE).page
    expect(page.get_by_text("No plan yet")).to_be_visible()
    keep(page, "empty-state")


def test_phone(open_page: Open) -> None:
    page = open_page("/?lang=zh&theme=light&panel=plan&plan=close-yunmen-bridge", viewport=PHONE).page
    map_is_drawn(page)
    keep(page, "phone-390")
