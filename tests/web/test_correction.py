"""An assumed value is put right, seen with who and when, and taken back."""

from __future__ import annotations

from collections.abc import Callable

import planner
from chromium import Watched, map_is_drawn
from playwright.sync_api import expect
from serving_city import Serving

Open = Callable[..., Watched]
WHY = "counted from the footbridge"


def test_lanes_are_corrected_and_the_correction_is_withdrawn(open_page: Open, tiny_server: Serving) -> None:
    road = tiny_server.get("/api/collections/roads/items?limit=1")["features"][0]["id"]
    page = open_page(f"/?lang=en&theme=light&panel=feature&select=roads:{road}", on=tiny_server).page
    map_is_drawn(page)
    card = planner.panel(page)
    card.get_by_role("button", name="Correct values").click()
    card.get_by_role("textbox", name="Lanes in drawing direction").fill("many")
    expect(card.get_by_role("alert")).to_contain_text("Enter a whole number")
    card.get_by_role("textbox", name="Lanes in drawing direction").fill("4")
    card.get_by_role("textbox", name="How is the right value known?").fill(WHY)
    card.get_by_role("button", name="Save correction").click()
    history = card.get_by_role("listitem").filter(has_text=WHY)
    expect(history).to_contain_text("in force")
    expect(history).to_contain_text("this computer")
    expect(history).to_contain_text("20")  # the year it was made
    expect(card.get_by_text("Corrected", exact=False).first).to_be_visible()
    page.get_by_role("navigation").get_by_role("button", name="Quality").click()
    quality = planner.panel(page)
    expect(quality.get_by_role("heading", name="Roads", exact=True)).to_be_visible()
    rows = tiny_server.get("/api/collections/roads")["rows"]
    expect(quality.get_by_text(f"{rows} of {rows} kept").first).to_be_visible()
    correction = quality.get_by_role("listitem").filter(has_text=WHY)
    correction.get_by_role("button", name="Withdraw").click()
    expect(correction).to_contain_text("withdrawn")
    assert tiny_server.get(f"/api/collections/roads/items/{road}/card")["corrections"][0]["state"] == "withdrawn"
