"""From a bundle or a comparison to ``index.html``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import geopandas as gpd
import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from cim_core.report.figures import accounting, comparison_rows, figure_rows, headline
from cim_core.report.maps import Map, difference_map, result_map
from cim_core.report.tables import Chart, Listing, change_charts, listing, table_charts
from cim_core.report.words import VERDICTS, WORDS, both, marks_of, measure_words, unit_words
from cim_core.schema import Text
from cim_core.store.files import storage_faults

if TYPE_CHECKING:
    from cim_core.result import Bundle
    from cim_core.scenario import AnalysisDeclaration, ColumnDeclaration

Language = Literal["en", "zh"]
Backdrop = Mapping[str, gpd.GeoDataFrame]
OSM = "© OpenStreetMap contributors, ODbL 1.0"


@dataclass(frozen=True)
class Plate:
    """A map with its title, and a remark under its legend."""

    title: Text
    subtitle: Text
    map: Map
    unit: Text
    remark: Text | None = None


def write_run_report(
    bundle: Bundle,
    directory: Path,
    *,
    declaration: AnalysisDeclaration,
    measures: Mapping[str, Text] | None = None,
    backdrop: Backdrop | None = None,
    attribution: str = OSM,
    language: Language = "en",
) -> Path:
    """Write ``index.html`` for a run and return its path.

    Parameters
    ----------
    bundle
        The run; only layers and tables of the declaration are shown.
    measures
        Measure type → its title, to say the plan in words.
    backdrop
        Frames drawn faintly under every map (``water``, ``roads``, …), any CRS.
    attribution
        Whose data the maps show.
    language
        The one shown first; the page holds both.

    Raises
    ------
    StorageError
        The directory cannot be written.
    """
    content = bundle.content
    figures = bundle.figures
    plates, charts, listings = [], [], []
    for name in (name for name in declaration.layers if name in content["layers"]):
        frame, column = bundle.layer(name), _shown_column(declaration, name)
        if column and len(frame) and frame.geometry.notna().any():
            title = declaration.layers[name].title
            drawn = result_map(frame, column[0], column[1].unit, title, backdrop)
            plates.append(Plate(title, column[1].title, drawn, unit_words(column[1].unit)))
    for name in (name for name in declaration.tables if name in content["tables"]):
        table = bundle.table(name)
        drawn_charts = table_charts(table, declaration.tables[name])
        charts += drawn_charts
        if len(table):
            listings.append(listing(table, declaration.tables[name]))
    values = {name: figure.value for name, figure in figures.items()}
    return _write(
        directory,
        "run.html.j2",
        language,
        kind=WORDS["run"],
        declaration=declaration,
        figures=figure_rows(figures, declaration.figures),
        has_intervals=any(figure.low is not None for figure in figures.values()),
        accounting=accounting(values, declaration.figures),
        plates=plates,
        charts=charts,
        listings=listings,
        seeds=[content["seed"]],
        facts={"": content["facts"]},
        versions=_versions(bundle),
        seconds={"": [content["seconds"]]},
        **_common(content, measures or {}, attribution, content["facts"]),
    )


def write_comparison_report(
    content: Mapping[str, Any],
    directory: Path,
    *,
    frames: Path,
    declaration: AnalysisDeclaration,
    measures: Mapping[str, Text] | None = None,
    backdrop: Backdrop | None = None,
    attribution: str = OSM,
    language: Language = "en",
) -> Path:
    """Write ``index.html`` for a comparison and return its path.

    ``content`` is the comparison as its ``comparison.json`` has it, ``frames`` the folder of the parquet files it
    names; the other parameters are those of :func:`write_run_report`.
    """
    rows, full = comparison_rows(content["figures"], declaration.figures)
    plates = [
        plate
        for name, found in content["layers"].items()
        if name in declaration.layers
        for plate in _difference_plates(name, found, content, frames, declaration, backdrop)
    ]
    changes = [
        _change(name, found, frames, declaration)
        for name, found in content["tables"].items()
        if name in declaration.tables
    ]
    facts = content.get("facts", {})
    return _write(
        directory,
        "comparison.html.j2",
        language,
        kind=WORDS["comparison"],
        declaration=declaration,
        figures=rows,
        full_scale=f"{full:.0f} %",
        headline=headline(rows),
        stochastic=content.get("stochastic", declaration.stochastic),
        plates=plates,
        changes=changes,
        seeds=content["seeds"],
        facts=facts,
        against=content["against"]["plan"],
        against_measures=[measure_words(one, measures or {}) for one in content["against"].get("measures", ())],
        versions=[(side, row[side][:12]) for row in content.get("runs", [])[:1] for side in row],
        seconds=content.get("seconds", {}).get("runs", {}),
        **_common(content, measures or {}, attribution, facts),
    )


def _common(
    content: Mapping[str, Any], titles: Mapping[str, Text], attribution: str, facts: Mapping[str, Any]
) -> dict[str, Any]:
    plan = content["plan"]
    return {
        "analysis": content["analysis"],
        "parameters": content["parameters"],
        "plan": plan["plan"],
        "plan_title": plan.get("title", ""),
        "plan_measures": [measure_words(one, titles) for one in plan.get("measures", ())],
        "marks": marks_of(facts),
        "warnings": content["warnings"],
        "unused": [
            (edit.get("target", ""), ", ".join(edit.get("fields", {})), edit.get("reason", ""))
            for edit in content["unused_edits"]
        ],
        "attribution": attribution,
    }


def _shown_column(declaration: AnalysisDeclaration, layer: str) -> tuple[str, ColumnDeclaration] | None:
    found = declaration.layers[layer]
    return (found.show, found.columns[found.show]) if found.show and found.show in found.columns else None


def _difference_plates(
    name: str,
    found: Mapping[str, Any],
    content: Mapping[str, Any],
    frames: Path,
    declaration: AnalysisDeclaration,
    backdrop: Backdrop | None,
) -> list[Plate]:
    """The difference of the first compared column, and its value under the plan."""
    columns = [
        one for one in found.get("columns", declaration.layers[name].columns) if one in declaration.layers[name].columns
    ]
    frame = gpd.read_parquet(frames / found["frame"])
    columns = [one for one in columns if f"{one}_difference" in frame]
    if not columns or not len(frame):
        return []
    column, declared = columns[0], declaration.layers[name].columns[columns[0]]
    layer, unit = declaration.layers[name].title, unit_words(declared.unit)
    stochastic = content.get("stochastic", declaration.stochastic)
    title = Text(en=f"{layer.en}: difference", zh=f"{layer.zh}：差值")
    remark = WORDS["clear_only" if stochastic else "certain_only"]
    under = Text(en=f"{layer.en}: under the plan", zh=f"{layer.zh}：方案下")
    return [
        Plate(title, declared.title, difference_map(frame, column, declared.unit, title, backdrop), unit, remark),
        Plate(under, declared.title, result_map(frame, f"{column}_plan", declared.unit, under, backdrop), unit),
    ]


def _change(
    name: str, found: Mapping[str, Any], frames: Path, declaration: AnalysisDeclaration
) -> tuple[Text, ColumnDeclaration, Mapping[str, Any], list[Chart], Listing | None]:
    """Title, column, counts and charts of a table's paired rows, and the rows that stand in the baseline alone."""
    table = declaration.tables[name]
    column = table.columns[found["column"]]
    frame = pd.read_parquet(frames / found["frame"])
    alone = frame[frame["baseline"].notna() & frame["plan"].isna()]
    lost = None
    if len(alone):
        title = Text(en=f"{table.title.en}: only in the baseline", zh=f"{table.title.zh}：仅基准有")
        lost = listing(alone.drop(columns=["plan", "difference"]), table.model_copy(update={"title": title}))
    return table.title, column, found, change_charts(frame, column), lost


def _versions(bundle: Bundle) -> list[tuple[str, str]]:
    """Run, snapshots and engines out of the receipt."""
    path = bundle.path / "receipt.json"
    key = json.loads(path.read_text(encoding="utf-8"))["key"] if path.exists() else {}
    rows = [("run", bundle.run[:12])]
    rows += [(f"snapshot {name}", str(value)[:12]) for name, value in (key.get("snapshots") or {}).items()]
    rows += [(str(name), str(value)) for name, value in (key.get("engines") or {}).items()]
    return rows + [(f"code {name}", str(value)[:12]) for name, value in (key.get("code") or {}).items()]


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("cim_core.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"WORDS": WORDS, "VERDICTS": VERDICTS, "both": both}
    environment.globals["style"] = Markup(environment.loader.get_source(environment, "style.css")[0])  # type: ignore[union-attr]  # noqa: S704
    return environment


def _write(directory: Path, template: str, language: Language, **context: Any) -> Path:
    html = _templates().get_template(template).render(language=language, **context)
    with storage_faults(directory):
        directory.mkdir(parents=True, exist_ok=True)
        path = directory / "index.html"
        path.write_text(html, encoding="utf-8")
    return path
