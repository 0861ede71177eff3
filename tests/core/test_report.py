"""HTML reports: everything in one file, both languages, honest numbers, and nothing that breaks on odd data."""

import json
import re
from html.parser import HTMLParser

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from cim_core.analysis.statistics import compare_figures, paired_rows
from cim_core.analysis.trips import paired_changes
from cim_core.bundle import write
from cim_core.errors import StorageError
from cim_core.plan import Plan
from cim_core.report import write_comparison_report, write_run_report
from cim_core.report.drawing import path_of
from cim_core.report.figures import accounting, comparison_rows
from cim_core.report.maps import MOST_BYTES, Backdrop, category_map, class_edges, difference_map, result_map
from cim_core.report.number_words import brief, decimals_for, number, probability, ticks
from cim_core.report.tables import table_charts
from cim_core.report.words import marks_of, measure_words
from cim_core.result import Bundle, Result
from cim_core.scenario import AnalysisDeclaration
from cim_core.schema import Text

DECLARATION = AnalysisDeclaration.model_validate(
    {
        "title": {"en": "Streets & lanes", "zh": "街巷"},
        "description": {"en": "What happens.", "zh": "发生了什么。"},
        "function": "a:b",
        "parameters": "a:b",
        "stochastic": True,
        "figures": {
            "delay": {"title": {"en": "Mean delay", "zh": "平均延误"}, "unit": "s", "better": "lower"},
            "served": {"title": {"en": "Served", "zh": "服务占比"}, "unit": "ratio", "better": "higher"},
            "flow": {"title": {"en": "Flow", "zh": "流量"}, "unit": "vehicles"},
        },
        "layers": {
            "roads_result": {
                "title": {"en": "Roads", "zh": "道路"},
                "geometry": "LineString",
                "show": "flow",
                "columns": {
                    "flow": {"title": {"en": "Flow", "zh": "流量"}, "unit": "vehicles/h", "compare": True},
                },
            },
        },
        "tables": {
            "trips": {
                "title": {"en": "Trips", "zh": "出行"},
                "pair_by": "trip",
                "columns": {
                    "trip": {"title": {"en": "Trip", "zh": "出行"}},
                    "duration_s": {
                        "title": {"en": "Travel time", "zh": "行程时间"},
                        "unit": "s",
                        "better": "lower",
                        "compare": True,
                    },
                },
            },
            "intervals": {
                "title": {"en": "Over the day", "zh": "全天"},
                "columns": {
                    "begin_s": {"title": {"en": "Begin", "zh": "开始"}, "unit": "s"},
                    "flow": {"title": {"en": "Vehicles", "zh": "车辆"}, "unit": "vehicles"},
                },
            },
        },
    }
)
TITLES = {"close": Text(en="Close", zh="封闭")}
HOSTILE = "<script>alert('渝')</script>"


class Page(HTMLParser):
    """Collects what a reader sees in each language, and every address the page names."""

    def __init__(self, path) -> None:
        super().__init__()
        self.source = path.read_text(encoding="utf-8")
        self.words = {"en": [], "zh": []}
        self.addresses: list[str] = []
        self.tags: list[str] = []
        self._spoken: list[str | None] = []
        self.feed(self.source)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        named = dict(attrs)
        self.addresses += [named[key] for key in ("src", "href", "action", "xlink:href", "data") if key in named]
        if tag not in ("input", "meta", "br"):
            css = (named.get("class") or "").split()
            self._spoken.append(next((tongue for tongue in ("en", "zh") if tongue in css), None))

    def handle_endtag(self, tag):
        self._spoken.pop()

    def handle_data(self, data):
        if self.tags[-1:] in (["title"], ["style"]):
            return
        tongue = next((one for one in reversed(self._spoken) if one), None)
        for language in [tongue] if tongue else ["en", "zh"]:
            self.words[language].append(data.strip())

    def says(self, text: str, language: str) -> bool:
        return text in " ".join(filter(None, self.words[language]))


def streets(count: int = 40, seed: int = 1) -> gpd.GeoDataFrame:
    x = 640_000 + 120.0 * np.arange(count)
    lines = [shapely.LineString([(a, 3_270_000), (a + 100, 3_270_050 + 3 * i)]) for i, a in enumerate(x)]
    flow = np.random.default_rng(seed).lognormal(4, 1, count)
    flow[0] = np.nan
    return gpd.GeoDataFrame({"flow": flow}, geometry=lines, crs="EPSG:32648", index=[f"w{i}-n1" for i in range(count)])


def make_bundle(folder, **changes) -> Bundle:
    trips = pd.DataFrame({"trip": [f"t{i}" for i in range(50)], "duration_s": np.linspace(60, 900, 50)})
    times = pd.DataFrame({"begin_s": [25200, 25500, 25800], "flow": [10.0, np.nan, 30.0]})
    content = {
        "figures": {"delay": (42.25, 40.0, 44.5), "served": 0.9314, "flow": None},
        "layers": {"roads_result": streets()},
        "tables": {"trips": trips, "intervals": times},
        "facts": {"demand": {"calibration": "uncalibrated"}, "method": HOSTILE, "nested": [{"a": 1.5}, 2]},
        "warnings": [HOSTILE],
    } | changes
    plan = Plan(
        plan="close-bridge", title=HOSTILE, measures=({"type": "close", "road": "东水门大桥", "from": "07:00"},)
    )
    (folder / "files").mkdir(parents=True)
    request = {
        "analysis": "traffic.simulate",
        "parameters": {"hours": "7-8", "note": HOSTILE},
        "plan": plan.model_dump(mode="json", by_alias=True),
        "seed": 3,
        "sequence": 1,
    }
    unused = [{"target": HOSTILE, "fields": {"program": 1}, "reason": "not read"}]
    key = {"snapshots": {"roads": "a" * 64}, "engines": {"eclipse-sumo": "1.28.0"}, "code": {}}
    rest = {"request": request, "unused_edits": unused, "provenance": {}, "seconds": 1.5}
    write(folder, Result(**content), DECLARATION, key=key, **rest)
    return Bundle.open(folder)


@pytest.fixture(scope="module")
def run_page(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    bundle = make_bundle(folder / "bundle")
    water = gpd.GeoDataFrame(geometry=[shapely.box(106.4, 29.5, 106.6, 29.56)], crs=4326)
    path = write_run_report(bundle, folder / "out", declaration=DECLARATION, measures=TITLES, backdrop={"water": water})
    return Page(path)


def make_comparison(folder) -> dict:
    random = np.random.default_rng(5)
    delay = random.normal(40, 2, 5)
    figures = compare_figures(
        {"delay": delay, "served": [0.9] * 5, "flow": [0.0] * 5},
        {"delay": delay + 6 + random.normal(0, 0.3, 5), "served": 0.9 + random.normal(0, 0.01, 5), "flow": [3.0] * 5},
        {"delay": "lower", "served": "higher", "flow": "neither"},
    )
    roads = streets()
    before = np.tile(roads["flow"], (5, 1)) + random.normal(0, 1, (5, len(roads)))
    after = before + np.where(np.arange(len(roads)) < 20, 30, 0) + random.normal(0, 1, before.shape)
    rows = paired_rows(before, after)
    layer = roads[["geometry"]].copy()
    for part in ("baseline", "plan", "difference", "low", "high"):
        layer[f"flow_{part}"] = getattr(rows, part)
    layer["flow_clear"] = rows.p < 0.01
    layer.rename_axis("id").reset_index().to_parquet(folder / "roads.parquet")
    index = pd.MultiIndex.from_product([range(5), [f"t{i}" for i in range(200)]], names=["pair", "trip"])
    durations = pd.Series(random.gamma(3, 100, 1000), index=index)
    changes = paired_changes(durations, durations.iloc[:-7] * random.normal(1.05, 0.1, 993))
    changes.frame.reset_index().to_parquet(folder / "trips.parquet")
    return {
        "analysis": "traffic.simulate",
        "parameters": {"hours": "7-8"},
        "plan": {"plan": "close-bridge", "measures": [{"type": "close", "road": HOSTILE}]},
        "against": {"plan": "baseline", "measures": []},
        "seeds": [1, 2, 3, 4, 5],
        "stochastic": True,
        "figures": {name: {"unit": DECLARATION.figures[name].unit, **one.as_dict()} for name, one in figures.items()},
        "layers": {"roads_result": {"frame": "roads.parquet", "columns": ["flow"]}},
        "tables": {"trips": {"column": "duration_s", "frame": "trips.parquet", **changes.counts()}},
        "facts": {"baseline": {"synthetic": True}, "plan": {}},
        "warnings": [],
        "unused_edits": [],
        "seconds": {"runs": {"baseline": [1.0, 2.0], "plan": [1.5]}},
    }


@pytest.fixture(scope="module")
def comparison(tmp_path_factory):
    folder = tmp_path_factory.mktemp("comparison")
    content = json.loads(json.dumps(make_comparison(folder), allow_nan=False))
    path = write_comparison_report(
        content, folder / "out", frames=folder, declaration=DECLARATION, measures=TITLES, language="zh"
    )
    return content, Page(path)


def test_the_page_asks_nobody_for_anything(run_page, comparison):
    for page in (run_page, comparison[1]):
        assert page.addresses == []
        assert "script" not in page.tags
        assert re.findall(r"(?:https?:)?//(?!www\.w3\.org/2000/svg)[\w.]+", page.source) == []
        assert "url(" not in page.source
        assert "@import" not in page.source
        assert "default-src 'none'" in page.source


def test_what_comes_from_outside_is_text_never_markup(run_page, comparison):
    for page in (run_page, comparison[1]):
        assert HOSTILE not in page.source
        assert page.says(HOSTILE, "en")


def test_both_languages_are_complete(run_page, comparison):
    for page in (run_page, comparison[1]):
        assert page.says("Streets & lanes", "en")
        assert page.says("街巷", "zh")
        assert not page.says("街巷", "en")
        chrome = [word for word in page.words["zh"] if re.search("[\u4e00-\u9fff]", word)]
        assert len(chrome) > 30
    assert comparison[1].says("无明显差异", "zh")
    assert comparison[1].says("no clear difference", "en")
    assert 'id="tongue-zh" checked' in comparison[1].source
    assert 'id="tongue-en" checked' in run_page.source


def test_a_run_shows_values_intervals_units_marks_and_origins(run_page):
    for text in ("42.2", "[40.0, 44.5]", "93.1", "uncalibrated", "eclipse-sumo", "1.28.0", "a" * 12, "not read"):
        assert run_page.says(text, "en"), text
    assert run_page.says("东水门大桥", "zh")
    assert run_page.says("自 07:00", "zh")
    assert run_page.says("未标定", "zh")
    assert run_page.source.count('class="map line"') == 1
    assert run_page.says("no value", "en")
    assert run_page.source.count('class="chart"') == 2
    assert run_page.says("07:05", "en")


def test_a_comparison_says_what_is_clear_and_what_is_not(comparison):
    content, page = comparison
    assert [content["figures"][name]["verdict"] for name in ("delay", "served", "flow")] == [
        "loss",
        "no clear difference",
        "change",
    ]
    cards = page.source.split('class="cards"')[1].split("</ul>")[0]
    assert cards.count("<li") == 2
    assert "Mean delay" in cards
    assert "Served" not in cards
    assert page.says("synthetic data", "en")
    for name in ("gained", "lost", "only_baseline"):
        assert page.says(f"{content['tables']['trips'][name]:,}", "en")
    assert page.source.count('class="map line"') == 2


def test_a_comparison_without_a_clear_difference_says_so(comparison, tmp_path):
    content = {**comparison[0], "layers": {}, "tables": {}}
    content["figures"] = {"served": comparison[0]["figures"]["served"]}
    page = Page(write_comparison_report(content, tmp_path, frames=tmp_path, declaration=DECLARATION))
    assert page.says("No figure shows a clear difference.", "en")


def test_a_run_without_rows_features_or_values_is_still_a_page(tmp_path):
    empty = {
        "figures": dict.fromkeys(DECLARATION.figures),
        "layers": {"roads_result": streets().iloc[:0]},
        "tables": {"trips": pd.DataFrame({"trip": [], "duration_s": []}), "intervals": pd.DataFrame({"begin_s": []})},
    }
    page = Page(write_run_report(make_bundle(tmp_path / "b", **empty), tmp_path / "o", declaration=DECLARATION))
    assert page.says("Mean delay –", "en")
    assert 'class="map' not in page.source.split("</style>")[1]


def test_a_directory_that_cannot_be_written_is_one_clear_error(tmp_path):
    (tmp_path / "out").write_text("a file")
    with pytest.raises(StorageError):
        write_run_report(make_bundle(tmp_path / "b"), tmp_path / "out", declaration=DECLARATION)


def test_numbers_read_well():
    assert number(-0.001, 1, signed=True) == "0.0"
    assert brief(0.4567, "ratio") == "45.7"
    assert brief(811524.6) == "811,525"
    assert brief(None) == "–"
    assert decimals_for([3.0, 4.0]) == 0
    assert decimals_for([421.8], 3.0) == 1
    assert probability(0.0004) == "< 0.001"
    assert ticks(0, 9.5) == [0, 2, 4, 6, 8]


def test_strips_share_one_axis_and_mark_what_lies_beyond_it():
    row = {"unit": "s", "p_adjusted": 0.01, "verdict": "loss", "p": 0.01, "pairs": 5, "dropped": 0}
    near = row | {"baseline": 100.0, "plan": 110.0, "difference": 10.0, "low": 5.0, "high": 15.0}
    far = row | {"baseline": 1.0, "plan": 9.0, "difference": 8.0, "low": 7.0, "high": 9.0}
    none = row | {"baseline": 0.0, "plan": 9.0, "difference": 9.0, "low": 7.0, "high": 9.0}
    rows, full = comparison_rows({"delay": near, "served": far, "flow": none}, DECLARATION.figures)
    strips = [one["strip"] for one in rows]
    assert full == 100
    assert (strips[0]["low"], strips[0]["dot"], strips[0]["high"]) == (52.5, 55, 57.5)
    assert (strips[1]["dot"], strips[1]["off"]) == (100, True)
    assert strips[2] is None


def test_accounting_adds_up_or_is_not_shown():
    names = ("arrived", "running", "removed", "waiting", "not_yet_due", "discarded", "unroutable", "beyond_window")
    declared = dict.fromkeys(names, DECLARATION.figures["flow"])
    values = dict.fromkeys(names, 0.0) | {"arrived": 90.0, "unroutable": 10.0, "demand": 100.0}
    parts = accounting(values, declared)
    assert [part["share"] for part in parts] == [90, 10]
    assert accounting(values | {"running": None}, declared) == []
    assert accounting({"delay": 3.0}, declared) == []


def test_marks_are_found_wherever_the_facts_say_them():
    assert [mark.en for mark in marks_of({"a": [{"b": "uncalibrated"}], "synthetic": True})] == [
        "uncalibrated",
        "synthetic data",
    ]
    assert marks_of({"synthetic": False, "calibration": "compared with 12 counts"}) == []


def test_measures_are_said_in_words():
    title, fields, when = measure_words(
        {"type": "close", "road": "东桥", "from": "07:00", "to": "09:00", "days": "workday", "note": "x"}, TITLES
    )
    assert (title.zh, fields, when.en, when.zh) == ("封闭", "road 东桥", "07:00–09:00, workdays", "07:00–09:00, 工作日")
    assert measure_words({"type": "one_way", "road": "a"}, {})[0].en == "one way"


def test_paths_are_whole_numbers_in_relative_steps():
    line = shapely.LineString([(1, 2), (1.2, 2.1), (5, 0)])
    square = shapely.box(0, 0, 2, 2)
    assert path_of([line]) == "M1 2l4-2"
    assert path_of([square]) == "M2 0l0 2-2 0 0-2z"
    assert path_of([shapely.Point(3, 4)]) == "M3 4h0"
    assert path_of([shapely.LineString([(0, 0), (0.2, 0)]), shapely.Polygon()]) == "M0 0"


def test_class_edges_hold_every_value_and_never_repeat():
    for values in (np.array([0.0, 0, 0, 1]), np.arange(1000.0), np.random.default_rng(1).lognormal(3, 2, 500)):
        edges = class_edges(values)
        assert (np.diff(edges) > 0).all()
        assert edges[0] <= values.min()
        assert edges[-1] >= values.max()
    assert class_edges(np.array([np.nan])).tolist() == [0, 1]


def test_a_difference_map_is_centred_on_zero_and_grey_where_nothing_is_clear():
    frame = streets(6)
    frame["flow_difference"] = [-40.0, -4.0, 0.0, 4.0, 40.0, np.nan]
    frame["flow_clear"] = [True, True, True, True, False, True]
    backdrop = Backdrop({}, tuple(frame.total_bounds))
    drawn = difference_map(frame, "flow", "vehicles/h", Text(en="a", zh="b"), backdrop)
    words = [text.en for _, _, text in drawn.legend]
    assert words[2].endswith("to 0")
    assert words[3].startswith("0 to +")
    assert (drawn.missing, drawn.grey) == (1, 2)
    assert 'class="d0"' in drawn.svg
    assert 'class="d5"' not in drawn.svg


def test_large_maps_stay_below_two_megabytes():
    random = np.random.default_rng(2)
    xy = random.uniform(0, 20_000, (9_000, 2))
    lines = [shapely.LineString(at + np.cumsum(random.normal(0, 25, (40, 2)), axis=0)) for at in xy]
    frame = gpd.GeoDataFrame({"flow": random.random(9_000)}, geometry=lines, crs="EPSG:32648")
    backdrop = Backdrop({}, tuple(frame.total_bounds))
    drawn = result_map(frame, "flow", "", Text(en="a", zh="b"), backdrop)
    assert 100_000 < len(drawn.svg) < MOST_BYTES


def test_names_on_a_map_get_a_colour_each_and_their_number():
    frame = streets(5).assign(reason=["cut off", "cut off", "cut off", "late", None])
    drawn = category_map(frame, "reason", Text(en="a", zh="b"), Backdrop({}, tuple(frame.total_bounds)))
    assert [words.en for *_, words in drawn.legend] == ["cut off (3)", "late (1)"]
    assert drawn.missing == 1


def test_intervals_with_many_rows_are_drawn_as_their_mean_and_gaps_stay_open():
    long = pd.DataFrame({"begin_s": [0, 0, 300, 300, 600, 900, 1200], "flow": [1.0, 3.0, 5.0, 7.0, np.nan, 4.0, 4.0]})
    (chart,) = table_charts(long, DECLARATION.tables["intervals"])
    assert chart.note is not None
    assert "mean" in chart.note.en
    assert chart.svg.count("<polyline") == 2
    assert table_charts(long.iloc[:2], DECLARATION.tables["intervals"]) == []
