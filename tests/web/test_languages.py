"""Both languages are complete in every panel: no raw keys, no English words left over on the Chinese page."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from chromium import Watched, map_is_drawn, show
from playwright.sync_api import Page, expect

Open = Callable[..., Watched]
SOURCES = Path(__file__).parents[2] / "servers" / "web" / "src"
TYPED = "subway_entrance"
"""A value of the data, in the help of a field where it is typed as it stands."""
RAW = re.compile(r"undefined|\[object|\bNaN\b|\{\w+\}|(?<![\w/:.-])[a-z]+(?:_[a-z0-9]+)+(?![\w/:.-])")
PAIR = re.compile(r"(\w+): '((?:[^'\\]|\\.)*)'")
# What stands as its author wrote it: names of data, files and people, and the server's own sentences.
TEXTS = """() => {
  const found = []
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walk.nextNode()) {
    const holder = walk.currentNode.parentElement
    if (holder.closest('code, kbd, script, style') || !holder.checkVisibility()) continue
    found.push(walk.currentNode.textContent.trim())
  }
  for (const one of document.querySelectorAll('[aria-label], [placeholder], [title]'))
    if (one.checkVisibility())
      found.push(...['aria-label', 'placeholder', 'title'].map((name) => one.getAttribute(name)))
  return [...new Set(found.filter(Boolean))]
}"""


def english_words() -> set[str]:
    """The page's own English texts that read otherwise in Chinese."""
    words = set()
    for path in SOURCES.rglob("*ords.ts"):
        english, _, chinese = path.read_text(encoding="utf-8").partition("\n  },\n  {")
        others = dict(PAIR.findall(chinese))
        words |= {text for key, text in PAIR.findall(english) if key in others and others[key] != text}
    assert len(words) > 300
    return words


def texts(page: Page) -> list[str]:
    """All that a reader sees or hears, once everything under way has come."""
    expect(page.locator(".ant-skeleton")).to_have_count(0)
    page.wait_for_timeout(300)
    found: list[str] = page.evaluate(TEXTS)
    return found


def test_no_raw_keys_in_any_panel(open_page: Open, views: dict[str, str]) -> None:
    page = open_page("/?lang=en&theme=light").page
    map_is_drawn(page)
    raw = {}
    for language in ("en", "zh"):
        for name, address in views.items():
            show(page, f"{address}&lang={language}&theme=light")
            raw[language, name] = [text for text in texts(page) if RAW.search(text.replace(TYPED, ""))]
    assert {view: found for view, found in raw.items() if found} == {}


def test_no_english_words_on_the_chinese_page(open_page: Open, views: dict[str, str]) -> None:
    page = open_page("/?lang=zh&theme=light").page
    map_is_drawn(page)
    words = english_words()
    left = {}
    for name, address in views.items():
        show(page, f"{address}&lang=zh&theme=light")
        left[name] = [text for text in texts(page) if text in words]
    assert {view: found for view, found in left.items() if found} == {}
    assert page.evaluate("document.documentElement.lang") == "zh-CN"


def test_the_address_keeps_the_language(open_page: Open) -> None:
    page = open_page("/?lang=en&theme=light").page
    page.get_by_role("button", name="切换为中文").click()
    expect(page.get_by_role("button", name="打印")).to_be_visible()
    page.wait_for_url(re.compile("lang=zh"))
    page.get_by_role("navigation").get_by_role("button", name="图层", exact=True).click()
    page.wait_for_url(re.compile("panel=layers.*lang=zh"))
    page.reload()
    expect(page.get_by_role("heading", name="图层", level=2)).to_be_visible()
