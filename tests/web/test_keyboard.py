"""The main flow without a mouse: from the first map to the opened result."""

from __future__ import annotations

import re
from collections.abc import Callable

import planner
from chromium import Watched, map_is_drawn
from playwright.sync_api import Page, expect
from serving_city import Serving

Open = Callable[..., Watched]
FAR = 90
"""Tab stops after which a thing counts as out of reach."""
FOCUS = """() => {
  const at = document.activeElement
  const name = at.getAttribute('aria-label') || (at.labels?.[0]?.innerText ?? '') || at.innerText || ''
  let seen = false
  for (let one = at, up = 0; one && up < 4; one = one.parentElement, up++) {
    const style = getComputedStyle(one)
    seen ||= (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none'
  }
  const box = at.getBoundingClientRect()
  return {
    name: name.trim().replace(/\\s+/g, ' '), tag: at.tagName, seen,
    inside: box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth,
  }
}"""


def tab_to(page: Page, name: str, key: str = "Tab") -> None:
    """Press Tab until something of that name has the focus; every stop on the way must be seen."""
    passed = []
    for _ in range(FAR):
        page.keyboard.press(key)
        focus = page.evaluate(FOCUS)
        passed.append(focus["name"][:40])
        if focus["tag"] != "BODY":
            assert focus["seen"], f"the focus is not seen on {focus}"
            assert focus["inside"], f"the focus is outside of the window on {focus}"
        if re.search(name, focus["name"]):
            return
    raise AssertionError(f"{name!r} is not reached; passed {passed}")


def test_from_the_first_map_to_the_result(open_page: Open, tiny_server: Serving) -> None:
    page = open_page("/?lang=en&theme=light&panel=plans", on=tiny_server).page
    map_is_drawn(page)
    tab_to(page, "^New plan")
    page.keyboard.press("Enter")
    expect(page.get_by_role("textbox", name="Plan title")).to_be_visible()
    tab_to(page, "^Plan title")
    page.keyboard.press("Control+a")
    page.keyboard.type("Trees by keyboard")
    tab_to(page, "^Add a measure")
    page.keyboard.press("Enter")
    item = page.get_by_role("menuitem", name="Plant trees")
    expect(item).to_be_visible()
    for _ in range(20):
        if item.evaluate("one => one === document.activeElement"):
            break
        page.keyboard.press("ArrowDown")
        page.wait_for_timeout(200)  # the focus follows a moment later
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name=re.compile("^Plant trees"), expanded=True)).to_be_focused()
    tab_to(page, "^Road$")
    page.keyboard.type("Central")
    expect(page.locator(".ant-select-item-option:visible").first).to_contain_text("中心大道")
    page.keyboard.press("Enter")
    expect(page.get_by_text(re.compile("Fits the city"))).to_be_visible()
    tab_to(page, "^Save$")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Saved as version 1")).to_be_visible()
    tab_to(page, "^What is asked")
    page.keyboard.type("shade")
    page.keyboard.press("Enter")
    tab_to(page, "^Seeds")
    page.keyboard.press("Control+a")
    page.keyboard.type("2")
    tab_to(page, "^Compare$")
    page.keyboard.press("Space")
    result = planner.comparison_opens(page)
    expect(result.get_by_role("heading", level=2)).to_contain_text("Trees by keyboard")
    page.keyboard.press("Escape")
    expect(planner.panel(page)).to_have_count(0)


def test_the_map_is_walked_and_asked_with_keys(open_page: Open) -> None:
    page = open_page("/?lang=en&theme=light&v=106.59502,29.5502,16,0,0").page
    map_is_drawn(page)
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Go to the map")).to_be_focused()
    page.keyboard.press("Enter")
    assert "Map of the city" in page.evaluate(FOCUS)["name"]
    page.keyboard.press("Enter")
    expect(planner.panel(page).get_by_role("heading", level=2)).to_have_text("Yunmen Bridge")
    before = page.url
    page.locator(".map-canvas canvas").first.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_url(lambda url: url != before)


def test_a_slash_searches(open_page: Open) -> None:
    page = open_page().page
    map_is_drawn(page)
    page.keyboard.press("/")
    expect(page.get_by_role("combobox", name="Search places")).to_be_focused()
    page.keyboard.type("nothing is called that")
    expect(page.get_by_text("Nothing is called that. Try part of a name.")).to_be_visible()
    page.keyboard.press("Escape")
