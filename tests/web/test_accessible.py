"""axe finds nothing serious on any panel, in both themes, at a desk and on a phone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from chromium import DESK, PHONE, Watched, map_is_drawn, serious_findings, show
from playwright.sync_api import ViewportSize, expect
from serving_city import Serving

Open = Callable[..., Watched]


@pytest.mark.parametrize(("theme", "viewport"), [("light", DESK), ("dark", DESK), ("light", PHONE)])
def test_nothing_serious(open_page: Open, views: dict[str, str], theme: str, viewport: ViewportSize) -> None:
    page = open_page(f"/?lang=en&theme={theme}", viewport=viewport).page
    map_is_drawn(page)
    found = {}
    for name, address in views.items():
        show(page, f"{address}&lang=en&theme={theme}")
        expect(page.locator(".ant-skeleton")).to_have_count(0)
        page.wait_for_timeout(300)
        found[name] = serious_findings(page)
    assert {view: findings for view, findings in found.items() if findings} == {}


def test_nothing_serious_when_nothing_is_there(open_page: Open, empty_server: Serving) -> None:
    page = open_page("/?lang=en&theme=light", on=empty_server).page
    found = []
    for panel in ("", "plans", "jobs", "layers", "quality", "feature"):
        show(page, f"/?panel={panel}&lang=en&theme=light")
        expect(page.locator(".ant-skeleton")).to_have_count(0)
        page.wait_for_timeout(300)
        found += serious_findings(page)
    assert found == []
