"""What a planner does on the page, by the names that a person reads there."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

BRIDGE = "云门大桥"
"""The sample city's main bridge."""
OTHER_BRIDGE = "鹤渡大桥"
TITLE, NAME = "Bridge closed, buses first", "bridge-closed"
"""The plan of the main flow."""
LONG_S = 240


def find(page: Page, name: str) -> None:
    """Search for a place and open the first that is found."""
    box = page.get_by_role("combobox", name="Search places, roads, plans, runs")
    box.fill(name)
    expect(page.locator(".search-row").first).to_contain_text(name)
    box.press("Enter")


def panel(page: Page) -> Locator:
    """The context panel beside the map."""
    return page.get_by_role("complementary", name="Details")


def measure(page: Page, title: str) -> Locator:
    """A measure of the open plan, by the beginning of what it says."""
    return page.get_by_role("listitem").filter(has=page.get_by_role("button", name=re.compile(f"^{title}")))


def set_hours(page: Page, begin: str, end: str) -> None:
    """Fill in from and to of the measure whose form is open."""
    for label, value in (("From", begin), ("To", end)):
        field = page.get_by_role("combobox", name=label, exact=True)
        field.fill(value)
        field.press("Enter")
        field.press("Tab")


def add_measure(page: Page, kind: str) -> None:
    """Choose a kind of measure from the menu."""
    page.get_by_role("button", name="Add a measure").click()
    page.get_by_role("menuitem", name=kind, exact=True).click()
    added = page.get_by_role("button", name=re.compile(f"^{kind}"), expanded=True)
    expect(added).to_be_focused()  # the keyboard goes on there: what is typed earlier would be left again


def choose_feature(page: Page, label: str, name: str) -> None:
    """Search in a form's own field for a feature and take the first that is found."""
    field = page.get_by_role("combobox", name=label, exact=True)
    field.fill(name)
    page.locator(".ant-select-item-option:visible").filter(has_text=re.compile(f"^{name}")).first.click()


def name_plan(page: Page, title: str, name: str = "") -> None:
    """Give the open plan a title, and a short name if it is new."""
    page.get_by_role("textbox", name="Plan title").fill(title)
    if name:
        page.get_by_role("textbox", name="Short name").fill(name)


def save(page: Page) -> None:
    """Save the open plan."""
    page.get_by_role("button", name="Save", exact=True).click()


def quick_settings(page: Page) -> None:
    """A quarter of an hour with a fifth of the trips, every vehicle driven: seconds in place of minutes."""
    asking = page.get_by_role("region", name="Run and compare")
    asking.get_by_role("button", name="Settings").click()
    hours = asking.get_by_role("combobox", name="Hours")
    hours.fill("7-7.25")
    hours.press("Escape")
    asking.get_by_text("Shortest paths", exact=True).click()
    asking.get_by_role("button", name=re.compile("More options")).click()
    for label, value in (("Demand scale", "0.2"), ("Warm-up", "0"), ("Follow", "10")):
        field = asking.get_by_role("spinbutton", name=label)
        field.fill(value)
        field.press("Tab")


def compare(page: Page) -> None:
    """Ask for the comparison."""
    page.get_by_role("region", name="Run and compare").get_by_role("button", name="Compare", exact=True).click()


def progress_is_seen(page: Page) -> None:
    """What was asked shows where it was asked, with a bar and a way to stop it."""
    asked = page.get_by_role("region", name="Run and compare")
    expect(asked.get_by_role("progressbar")).to_be_visible()
    expect(asked.get_by_role("button", name=re.compile("^Cancel:"))).to_be_visible()
    expect(asked.get_by_text(re.compile(r"\d+ of 10 runs done"))).to_be_visible(timeout=LONG_S * 1000)


def comparison_opens(page: Page) -> Locator:
    """Wait until the comparison has opened by itself."""
    result = page.get_by_role("article", name="Comparison")
    expect(result.get_by_role("heading", level=2)).to_be_visible(timeout=LONG_S * 1000)
    return result
