"""The words of a report in both languages: headings, verdicts, units, and measures said in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cim_core.schema import Text
from cim_core.units import UNITS


def both(en: str, zh: str | None = None) -> Text:
    """A text; without Chinese it is the same in both languages."""
    return Text(en=en, zh=en if zh is None else zh)


WORDS: dict[str, Text] = {
    "run": both("Run", "运行"),
    "comparison": both("Comparison", "对比"),
    "what_changed": both("What changed", "变化"),
    "nothing_clear": both("No figure shows a clear difference.", "各项指标均无明显差异。"),
    "figures": both("Figures", "指标"),
    "figure": both("Figure", "指标"),
    "value": both("Value", "数值"),
    "interval": both("95 % interval", "95% 区间"),
    "interval_note": both("interval", "区间"),
    "better": both("Better", "更优方向"),
    "lower": both("lower", "越低越好"),
    "higher": both("higher", "越高越好"),
    "neither": both("–", "–"),
    "baseline": both("Baseline", "基准"),
    "plan": both("Plan", "方案"),
    "difference": both("Difference", "差值"),
    "p_adjusted": both("p (Holm)", "p（Holm 校正）"),
    "verdict": both("Verdict", "结论"),
    "relative": both("Difference, % of baseline", "差值占基准的百分比"),
    "accounting": both("Where the demand went", "需求去向"),
    "of_demand": both("of the demand", "占需求"),
    "map": both("Map", "地图"),
    "difference_map": both("Difference on the map", "差异地图"),
    "result_map": both("Under the plan", "方案下"),
    "clear_only": both(
        "Coloured where the difference is clear (false discovery rate 5 %); grey: no clear difference.",
        "仅对差异明显者着色（错误发现率 5%）；灰色：无明显差异。",
    ),
    "certain_only": both(
        "Coloured where the two sides differ; grey: no difference.", "两侧有差异者着色；灰色：无差异。"
    ),
    "no_clear": both("no clear difference", "无明显差异"),
    "no_difference": both("no difference", "无差异"),
    "no_value": both("no value", "无数值"),
    "rows_paired": both("Row by row", "逐项对比"),
    "gained": both("better", "改善"),
    "lost": both("worse", "变差"),
    "unchanged": both("unchanged", "不变"),
    "only_baseline": both("only in the baseline", "仅基准有"),
    "only_plan": both("only under the plan", "仅方案有"),
    "before": both("baseline", "基准"),
    "after": both("plan", "方案"),
    "count": both("number", "数量"),
    "mean_of_rows": both("mean of each interval's rows", "各时段各行均值"),
    "tables": both("Tables", "表格"),
    "rows_shown": both("rows shown of", "行，共"),
    "question": both("What was asked", "问题"),
    "parameters": both("Parameters", "参数"),
    "measures": both("Measures of the plan", "方案措施"),
    "against_measures": both("Measures of the baseline", "基准措施"),
    "no_measures": both("None: the city as it is.", "无：现状城市。"),
    "seeds": both("Seeds", "随机种子"),
    "seed": both("Seed", "随机种子"),
    "deterministic": both("No chance in it: one run stands for every seed.", "无随机性：一次运行即可。"),
    "versions": both("Data and code", "数据与代码"),
    "made": both("How it was made", "生成方法"),
    "methods": both("Methods and assumptions", "方法与假设"),
    "warnings": both("To be known before using the figures", "使用前须知"),
    "unused": both("Measures without effect here", "未生效的措施"),
    "seconds": both("Computing time", "计算用时"),
    "uncalibrated": both("uncalibrated", "未标定"),
    "synthetic": both("synthetic data", "合成数据"),
    "from": both("from", "自"),
    "to": both("to", "至"),
    "always": both("at all times", "全时段"),
    "workday": both("workdays", "工作日"),
    "weekend": both("weekends", "周末"),
    "north": both("N", "北"),
    "time_of_day": both("time of day", "时刻"),
}

VERDICTS: dict[str, tuple[str, Text]] = {
    "gain": ("✓", both("better", "改善")),
    "loss": ("✕", both("worse", "变差")),
    "change": ("◆", both("changed", "有变化")),
    "no clear difference": ("○", both("no clear difference", "无明显差异")),
    "too few pairs": ("–", both("too few pairs", "样本不足")),
}
"""Verdict → mark and words."""

_UNITS_ZH = {
    "persons": "人",
    "trips": "次",
    "vehicles": "辆",
    "vehicles/h": "辆/h",
    "vehicle_hours": "辆·h",
    "vehicle_km": "辆·km",
}
_DAYS = {"workday": WORDS["workday"], "weekend": WORDS["weekend"]}


def unit_words(unit: str) -> Text:
    """The symbol of a unit; ratios read as per cent."""
    if unit == "ratio":
        return both("%")
    symbol = UNITS.get(unit, unit)
    return both(symbol, _UNITS_ZH.get(unit, symbol))


def measure_words(measure: Mapping[str, Any], titles: Mapping[str, Text]) -> tuple[Text, str, Text]:
    """A measure as a plan has it → (its type's title, its own fields, when it holds)."""
    kind = str(measure.get("type", ""))
    apart = ("type", "from", "to", "days", "note")
    fields = [f"{name} {_plain(value)}" for name, value in measure.items() if name not in apart]
    return titles.get(kind, both(kind.replace("_", " "))), " · ".join(fields), _when(measure)


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_plain(one)}" for name, one in value.items())
    return ", ".join(map(_plain, value)) if isinstance(value, list | tuple) else str(value)


def _when(measure: Mapping[str, Any]) -> Text:
    start, end = measure.get("from"), measure.get("to")
    days = _DAYS.get(str(measure.get("days", "any")))
    if start is None and end is None and days is None:
        return WORDS["always"]
    parts = {}
    for language in ("en", "zh"):
        clock = f"{start}–{end}" if start and end else f"{WORDS['from'][language]} {start}" if start else ""
        clock = clock or (f"{WORDS['to'][language]} {end}" if end else "")
        parts[language] = ", ".join(part for part in (clock, days[language] if days else "") if part)
    return Text(**parts)


def marks_of(facts: Mapping[str, Any]) -> list[Text]:
    """What a reader must see first: ``uncalibrated`` and ``synthetic``, wherever in the facts they are said."""
    said = set(_sayings(facts))
    return [WORDS[mark] for mark in ("uncalibrated", "synthetic") if mark in said]


def _sayings(facts: Any) -> list[str]:
    if isinstance(facts, Mapping):
        named = [str(name) for name, value in facts.items() if value is True]
        return named + [one for value in facts.values() for one in _sayings(value)]
    if isinstance(facts, list | tuple):
        return [one for value in facts for one in _sayings(value)]
    return [facts] if isinstance(facts, str) else []
