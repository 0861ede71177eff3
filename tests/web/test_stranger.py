"""A scenario that the page has never heard of is complete: from the rail to the comparison."""

from __future__ import annotations

from collections.abc import Callable

import planner
import pytest
from chromium import Watched, map_is_drawn
from playwright.sync_api import expect
from serving_city import Serving

Open = Callable[..., Watched]
SCENE = {
    "en": ("Street cooling", "Distance to shade", "Shaded class", "Near", "Run", "Settings of Distance to shade"),
    "zh": ("街道降温", "到林荫的距离", "林荫等级", "邻近距离", "运行", "到林荫的距离的参数"),
}
HELP = {
    "en": ("streets of this class have trees", "a building this close counts as near", "m", "At most 1"),
    "zh": ("该等级街道有行道树", "不超过该距离的建筑计为邻近", "米", "不大于 1"),
}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_its_form(open_page: Open, tiny_server: Serving, language: str) -> None:
    page = open_page(f"/?lang={language}&theme=light", on=tiny_server).page
    map_is_drawn(page)
    scene, analysis, shaded, near, run, settings = SCENE[language]
    page.get_by_role("navigation").get_by_role("button", name=scene).click()
    panel = page.get_by_role("complementary")
    expect(panel.get_by_role("heading", name=scene, level=2)).to_be_visible()
    expect(panel.get_by_role("heading", name=analysis)).to_be_visible()
    form = panel.get_by_role("region", name=settings)
    choice = form.get_by_role("radiogroup", name=shaded)
    expect(choice.get_by_role("radio")).to_have_count(3)
    expect(choice.get_by_role("radio", name="secondary")).to_be_checked()
    number = form.get_by_role("spinbutton", name=near)
    expect(number).to_have_value("80")
    for words in HELP[language][:2]:
        expect(form.get_by_text(words)).to_be_visible()
    expect(form.get_by_text(HELP[language][2], exact=True)).to_be_visible()
    number.fill("2000")
    number.press("Tab")
    expect(form).to_contain_text(HELP[language][3])  # the declaration's limit is told; the value is not bent unseen
    number.fill("90")
    expect(form).not_to_contain_text(HELP[language][3])
    expect(panel.get_by_role("button", name=run, exact=True)).to_be_enabled()


def test_its_run_with_figures_layer_legend_and_chart(open_page: Open, tiny_server: Serving) -> None:
    page = open_page("/?lang=en&theme=light&panel=scene&scene=cooling", on=tiny_server).page
    map_is_drawn(page)
    form = page.get_by_role("region", name="Settings of Distance to shade")
    form.get_by_text("primary", exact=True).click()
    page.get_by_role("button", name="Run", exact=True).click()
    result = page.get_by_role("article", name="Result")
    expect(result).to_be_visible(timeout=120_000)
    for words in (
        "Mean distance to shade",
        "Share of buildings near shade",
        "Shaded people by hour",
    ):
        expect(result.get_by_text(words).first).to_be_visible()
    result.get_by_text("Accounting and method").click()
    expect(result.get_by_text("Streets with shade")).to_be_visible()
    expect(result.get_by_text("What was asked")).to_be_visible()
    legend = page.get_by_role("region", name="Legend")
    expect(legend.get_by_role("heading", name="Distance to shade")).to_be_visible()
    expect(legend).to_contain_text("m")
    result.get_by_role("combobox", name="Value shown").press("ArrowDown")
    page.locator(".ant-select-item-option:visible").filter(has_text="Band").click()
    expect(legend).to_contain_text("near")
    expect(result.locator("canvas, svg").first).to_be_visible()


def test_its_measure_and_its_comparison(open_page: Open, tiny_server: Serving) -> None:
    page = open_page("/?lang=en&theme=light&panel=plans", on=tiny_server).page
    map_is_drawn(page)
    page.get_by_role("button", name="New plan").click()
    planner.add_measure(page, "Plant trees")
    planner.choose_feature(page, "Road", "中心大道")
    page.get_by_role("radiogroup", name="Species").get_by_text("ginkgo").click()
    planner.name_plan(page, "Trees on the bridge", "trees")
    page.get_by_role("combobox", name="What is asked").press("ArrowDown")
    page.locator(".ant-select-item-option:visible").filter(has_text="Distance to shade").click()
    planner.compare(page)
    result = planner.comparison_opens(page)
    expect(result.get_by_role("heading", level=2)).to_contain_text("Trees on the bridge")
    expect(result).to_contain_text("Mean distance to shade")
    expect(page.get_by_role("region", name="Legend")).to_contain_text("plan minus baseline")
