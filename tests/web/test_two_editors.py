"""Two people edit one plan: the second is told, chooses, and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from chromium import Watched, map_is_drawn
from playwright.sync_api import Page, expect
from serving_city import Serving

Open = Callable[..., Watched]
CONFLICT = "Somebody saved another version meanwhile"


@pytest.fixture
def edited_twice(open_page: Open, tiny_server: Serving, request: pytest.FixtureRequest) -> tuple[Page, str]:
    """A plan of which version 2 was saved by somebody else while this page changed version 1."""
    name = request.node.name.replace("_", "-")
    plan = {"plan": name, "title": "Ours", "measures": [{"type": "close", "road": "中心大道"}]}
    tiny_server.send("PUT", f"/api/plans/{name}", plan, If_None_Match="*")
    address = f"/?lang=en&theme=light&panel=plan&plan={name}"
    watched, other = open_page(address, on=tiny_server), open_page(address, on=tiny_server)
    for page, title in ((other.page, "Theirs"), (watched.page, "Mine")):
        map_is_drawn(page)
        expect(page.get_by_role("textbox", name="Plan title")).to_have_value("Ours")
        page.get_by_role("textbox", name="Plan title").fill(title)
    other.page.get_by_role("button", name="Save", exact=True).click()
    expect(other.page.get_by_text("Saved as version 2")).to_be_visible()
    expect(watched.page.get_by_text("Version 2 was saved meanwhile.")).to_be_visible()  # said before anything is tried
    watched.page.get_by_role("button", name="Save", exact=True).click()
    expect(watched.page.get_by_role("alert", name=CONFLICT)).to_be_visible()
    watched.forgive("412")  # the browser's own note of the refusal
    return watched.page, name


def _conflict(page: Page) -> Any:
    return page.get_by_role("alert", name=CONFLICT)


def _titles(server: Serving, name: str) -> list[str]:
    versions = server.get(f"/api/plans/{name}/versions")["versions"]
    return [server.get(f"/api/plans/{name}/versions/{one['version']}")["plan"]["title"] for one in versions]


def test_both_are_shown_and_mine_becomes_a_plan_of_its_own(
    edited_twice: tuple[Page, str], tiny_server: Serving
) -> None:
    page, name = edited_twice
    expect(_conflict(page)).to_contain_text("Mine")
    expect(_conflict(page)).to_contain_text("Theirs")
    _conflict(page).get_by_role("button", name="Save mine as a new plan").click()
    expect(page.get_by_role("textbox", name="Plan title")).to_have_value("Mine (mine)")
    expect(page.get_by_text("Saved as version 1")).to_be_visible()
    assert sorted(_titles(tiny_server, name)) == ["Ours", "Theirs"]
    assert "Mine (mine)" in [plan["title"] for plan in tiny_server.get("/api/plans")["plans"]]


def test_theirs_is_taken_and_mine_is_a_step_away(edited_twice: tuple[Page, str], tiny_server: Serving) -> None:
    page, name = edited_twice
    _conflict(page).get_by_role("button", name="Take theirs").click()
    expect(page.get_by_role("textbox", name="Plan title")).to_have_value("Theirs")
    expect(_conflict(page)).to_have_count(0)
    assert sorted(_titles(tiny_server, name)) == ["Ours", "Theirs"]


def test_mine_goes_on_top_and_theirs_stays_in_the_history(edited_twice: tuple[Page, str], tiny_server: Serving) -> None:
    page, name = edited_twice
    _conflict(page).get_by_role("button", name="Save mine on top of theirs").click()
    expect(page.get_by_text("Saved as version 3")).to_be_visible()
    assert sorted(_titles(tiny_server, name)) == ["Mine", "Ours", "Theirs"]
    page.get_by_role("button", name="Versions").click()
    expect(page.get_by_role("region", name="Plan tools")).to_contain_text("version 2")
