"""A planner closes a bridge, adds a bus lane, compares, looks at the answer and sends it to a colleague."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import planner
from chromium import Watched, map_is_drawn, until
from playwright.sync_api import expect
from serving_city import Serving

Open = Callable[..., Watched]
SIDES = ("Baseline", "Plan", "Swipe", "Side by side", "Difference")


def test_a_feature_says_what_it_is_and_where_it_comes_from(open_page: Open) -> None:
    page = open_page().page
    map_is_drawn(page)
    planner.find(page, planner.BRIDGE)
    card = planner.panel(page)
    expect(card.get_by_role("heading", level=2)).to_have_text("Yunmen Bridge")
    expect(card).to_contain_text(planner.BRIDGE)
    expect(card).to_contain_text("Synthetic data")
    expect(card).to_contain_text("Secondary road")
    expect(card.get_by_text("synthetic:sample-city")).to_be_visible()
    assert "select=roads:" in page.url
    expect(page.get_by_role("listbox")).to_have_count(0)  # the list of the search is gone


def test_a_click_on_the_map_opens_what_is_there(open_page: Open) -> None:
    page = open_page("/?lang=en&theme=light&v=106.59502,29.5502,16,0,0").page
    map_is_drawn(page)
    box = page.locator(".map-canvas canvas").first.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(planner.panel(page).get_by_role("heading", level=2)).to_have_text("Yunmen Bridge")


def test_every_change_of_a_plan_is_a_step_back_and_forth(open_page: Open) -> None:
    page = open_page().page
    map_is_drawn(page)
    planner.find(page, planner.BRIDGE)
    planner.panel(page).get_by_role("button", name="Close a road").click()
    planner.set_hours(page, "07:00", "09:00")
    planner.add_measure(page, "Bus lane")
    planner.choose_feature(page, "Road", planner.OTHER_BRIDGE)
    expect(page.get_by_text("Fits the city: 2 places change")).to_be_visible()
    undo, redo = (page.get_by_role("button", name=name, exact=True) for name in ("Undo", "Redo"))
    undo.click()
    expect(planner.measure(page, "Bus lane")).not_to_contain_text(planner.OTHER_BRIDGE)
    undo.click()
    expect(planner.measure(page, "Bus lane")).to_have_count(0)
    page.keyboard.press("Control+y")
    redo.click()
    expect(planner.measure(page, "Bus lane")).to_contain_text(planner.OTHER_BRIDGE)
    expect(planner.measure(page, "Close a road")).to_contain_text("07:00–09:00")
    page.reload()
    expect(planner.measure(page, "Bus lane")).to_contain_text(planner.OTHER_BRIDGE)  # not saved, not lost


def test_gains_and_losses_with_intervals(open_page: Open, compared: str, server: Serving) -> None:
    page = open_page(compared).page
    result = planner.comparison_opens(page)
    expect(result.get_by_role("heading", level=2)).to_contain_text(planner.TITLE)
    [comparison] = parse_qs(urlsplit(compared).query)["compare"]
    document = server.get(f"/api/comparisons/{comparison}")
    assert document["seeds"] == [1, 2, 3, 4, 5]
    assert len(document["runs"]) == 5
    expect(result.get_by_text("Both sides ran with the same 5 seeds")).to_be_visible()
    expect(result).to_contain_text("no clear difference")
    expect(result).to_contain_text("Mean travel time")
    assert re.search(r"[+-][\d,.]+ s\b", result.inner_text())
    result.get_by_text("All figures in numbers").click()
    expect(result.get_by_role("columnheader", name="95 % interval")).to_be_visible()
    expect(result).to_contain_text("synthetic data")


def test_the_difference_map_is_centred_on_zero_and_has_other_sides(open_page: Open, compared: str) -> None:
    page = open_page(compared).page
    map_is_drawn(page)
    legend = page.get_by_role("region", name="Legend").locator("section").filter(has_text="plan minus baseline")
    expect(legend).to_contain_text("vehicles/h")
    ticks = [float(tick.replace(",", "")) for tick in legend.locator(".legend-ticks span").all_inner_texts()]
    assert ticks[len(ticks) // 2] == 0
    assert ticks == [-tick for tick in reversed(ticks)]
    sides = page.get_by_role("radiogroup", name="What the map shows")
    for side in SIDES:
        sides.get_by_text(side, exact=True).click()
        expect(sides.get_by_role("radio", name=side, exact=True)).to_be_checked()
        expect(page.locator(".map canvas")).not_to_have_count(0)
        if side == "Swipe":
            divider = page.get_by_role("slider", name=re.compile("Divider"))
            divider.press("ArrowRight")
            expect(divider).to_have_attribute("aria-valuenow", "52")


def test_the_replay_moves_vehicles(open_page: Open, compared: str) -> None:
    page = open_page(compared + "&measure=1").page
    timeline = page.get_by_role("contentinfo", name="Timeline")
    expect(timeline.get_by_role("button", name="Play")).to_be_visible()
    slider = timeline.get_by_role("slider", name="Time of day")
    slider.fill(str(7 * 3600 + 300))
    expect(timeline.locator(".timeline-count")).to_have_text(re.compile(r"[1-9]\d* vehicles"))
    timeline.get_by_role("button", name="Play").click()
    until(page, "document.querySelector('.timeline-slider').value > 7 * 3600 + 330")
    timeline.get_by_role("button", name="Pause").click()
    assert until(page, "window.__cimReplay.frames") > 0
    timeline.get_by_text("Both", exact=True).click()
    expect(timeline.locator(".timeline-count")).to_have_text(
        re.compile(r"Baseline [1-9]\d* vehicles\s+Plan [1-9]\d* vehicles")
    )


def test_a_colleague_sees_the_same_under_the_link(open_page: Open, compared: str) -> None:
    mine = open_page(compared).page
    map_is_drawn(mine)
    mine.get_by_role("slider", name="Time of day").fill(str(7 * 3600 + 600))
    mine.get_by_role("radiogroup", name="What the map shows").get_by_text("Swipe", exact=True).click()
    mine.get_by_role("button", name="Zoom out").click()
    until(mine, "/[?&]t=25800/.test(location.search) && /side=swipe/.test(location.search)")
    mine.wait_for_timeout(1000)  # the camera comes to rest
    mine.get_by_role("button", name="Copy link to this view").click()
    expect(mine.get_by_text("Link copied")).to_be_visible()
    link = urlsplit(mine.evaluate("navigator.clipboard.readText()"))
    theirs = open_page(f"{link.path}?{link.query}").page
    map_is_drawn(theirs)
    assert theirs.evaluate("location.search") == mine.evaluate("location.search")
    for page in (mine, theirs):
        expect(planner.comparison_opens(page).get_by_role("heading", level=2)).to_contain_text(planner.TITLE)
        expect(page.locator(".timeline-now")).to_have_text("07:10:00")
        expect(page.get_by_role("slider", name=re.compile("Divider"))).to_be_visible()
    legends = [page.get_by_role("region", name="Legend").inner_text() for page in (mine, theirs)]
    assert legends[0] == legends[1]


def test_print_has_figures_legend_map_and_the_synthetic_mark(open_page: Open, compared: str) -> None:
    page = open_page(compared.replace("theme=light", "theme=dark")).page
    map_is_drawn(page)
    planner.comparison_opens(page)
    page.emulate_media(media="print", reduced_motion="reduce")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    drawn = page.locator(".map-printed canvas")
    expect(drawn).to_be_visible()
    colours = drawn.evaluate(
        "canvas => { const sample = document.createElement('canvas'); sample.width = sample.height = 40;"
        " const pen = sample.getContext('2d'); pen.drawImage(canvas, 0, 0, 40, 40);"
        " return new Set(new Uint32Array(pen.getImageData(0, 0, 40, 40).data.buffer)).size }"
    )
    assert colours > 50  # a map, not an empty sheet
    for part in ("Mean travel time", "plan minus baseline", "no clear difference", "synthetic: made by a program"):
        expect(page.get_by_text(part).first).to_be_visible()
    expect(page.get_by_text(re.compile("synthetic data", re.IGNORECASE)).first).to_be_visible()
    for gone in (page.get_by_role("navigation"), page.get_by_role("toolbar", name="Map controls")):
        expect(gone).to_be_hidden()
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    paper = page.pdf(format="A4")
    assert paper.startswith(b"%PDF")
    assert len(paper) > 50_000
