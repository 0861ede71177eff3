"""What fails is said where it was started, with what to do; a server that goes away takes nothing typed with it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import psutil
from chromium import Watched, map_is_drawn, until
from playwright.sync_api import Page, expect
from serving_city import Serving, free_port, serving

from cim_core.testing.tiny_city import tiny_city

Open = Callable[..., Watched]


def ask_the_toy_to(page: Page, how: str) -> None:
    """Run the toy that behaves as it is told."""
    page.get_by_role("combobox", name="What is asked").press("ArrowDown")
    page.locator(".ant-select-item-option:visible").filter(has_text="Behave").click()
    field = page.get_by_role("combobox", name="How", exact=True)
    field.fill(how)
    page.locator(".ant-select-item-option:visible").filter(has_text=re.compile(f"^{how}$")).click()
    page.get_by_role("button", name="Run", exact=True).click()


def test_a_refused_run_says_what_where_and_what_to_do(open_page: Open, tiny_server: Serving) -> None:
    page = open_page("/?lang=en&theme=light&panel=scene&scene=toy", on=tiny_server).page
    map_is_drawn(page)
    ask_the_toy_to(page, "refuse")
    here = page.get_by_role("region", name="Run and compare").get_by_role("alert")
    for words in ("the toy refuses", "other orders", "ask nicely"):
        expect(here).to_contain_text(words)
    page.get_by_role("navigation").get_by_role("button", name="Runs").click()
    row = page.get_by_role("listitem").filter(has_text="Behave").first
    expect(row).to_contain_text("failed")
    expect(row.get_by_role("alert")).to_contain_text("ask nicely")
    expect(row.get_by_role("button", name=re.compile("^Run again"))).to_be_visible()
    rows = page.get_by_role("listitem").filter(has_text="Behave").filter(has_text="failed")
    before = rows.count()
    row.get_by_role("button", name=re.compile("^Run again")).click()
    expect(rows).to_have_count(before + 1)


def test_a_run_is_stopped_where_it_was_started(open_page: Open, tiny_server: Serving) -> None:
    page = open_page("/?lang=en&theme=light&panel=scene&scene=toy", on=tiny_server).page
    map_is_drawn(page)
    page.get_by_role("combobox", name="What is asked").press("ArrowDown")
    page.locator(".ant-select-item-option:visible").filter(has_text="Behave").click()
    seconds = page.get_by_role("spinbutton", name="Seconds")
    seconds.fill("60")
    seconds.press("Tab")
    ask_the_toy_to(page, "wait")
    page.get_by_role("button", name=re.compile("^Cancel:")).click()
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_role("region", name="Run and compare")).to_contain_text("cancelled")


def test_a_server_that_goes_and_comes_back_loses_no_form(open_page: Open, tmp_path: Path) -> None:
    city, port = tmp_path / "tiny", free_port()
    tiny_city(city)
    with serving(city, port) as first:
        watched = open_page("/?lang=en&theme=light&panel=plans", on=first)
        page = watched.page
        map_is_drawn(page)
        page.get_by_role("button", name="New plan").first.click()
        page.get_by_role("textbox", name="Plan title").fill("Half typed")
        page.get_by_role("textbox", name="Short name").fill("half")
        first.end()
        banner = page.get_by_role("alert").filter(has_text="The server has not answered since")
        expect(banner).to_be_visible()
        page.get_by_role("button", name="Remarks…").click()
        page.get_by_role("textbox", name="Remarks").fill("typed while it was gone")
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.get_by_role("alert").filter(has_text="make run")).to_be_visible()
    with serving(city, port) as second:
        expect(banner).to_have_count(0, timeout=60_000)
        expect(page.get_by_role("textbox", name="Plan title")).to_have_value("Half typed")
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.get_by_text("Saved as version 1")).to_be_visible()
        assert second.get("/api/plans/half")["plan"]["note"] == "typed while it was gone"
        watched.forgive("Failed to load resource", "ERR_", "EventSource")


def test_tabs_closed_in_the_middle_of_the_stream_leave_nothing_behind(open_page: Open, tiny_server: Serving) -> None:
    live = psutil.Process(tiny_server.get("/health")["processes"]["live"]["pid"])
    keeper = open_page("/?lang=en&theme=light&panel=jobs", on=tiny_server).page
    map_is_drawn(keeper)
    before = live.num_fds()
    for _ in range(5):
        page = open_page("/?lang=en&theme=light&panel=jobs", on=tiny_server).page
        until(page, "performance.getEntriesByName('map-drawn').length > 0")
        page.close()
    for _ in range(100):
        if live.num_fds() <= before:
            break
        keeper.wait_for_timeout(300)
    assert live.num_fds() <= before
    assert tiny_server.get("/health")["status"] == "ok"
