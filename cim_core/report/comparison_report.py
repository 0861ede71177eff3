"""The report of a comparison."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from cim_core.report.figures import comparison_rows, headline
from cim_core.report.page import OSM, Language, common_context, write_page
from cim_core.report.plates import Layers, difference_plates
from cim_core.report.tables import Chart, Listing, change_charts, listing
from cim_core.report.words import WORDS, measure_words
from cim_core.schema import Text

if TYPE_CHECKING:
    from cim_core.scenario import AnalysisDeclaration, ColumnDeclaration


def write_comparison_report(
    content: Mapping[str, Any],
    directory: Path,
    *,
    frames: Path,
    declaration: AnalysisDeclaration,
    measures: Mapping[str, Text] | None = None,
    backdrop: Layers | None = None,
    attribution: str = OSM,
    language: Language = "en",
) -> Path:
    """Write ``index.html`` for a comparison and return its path.

    ``content`` is the comparison as its ``comparison.json`` has it, ``frames`` the folder of the parquet files it
    names; the other parameters are those of :func:`cim_core.report.run_report.write_run_report`.
    """
    rows, full = comparison_rows(content["figures"], declaration.figures)
    changes = [
        _change(name, found, frames, declaration)
        for name, found in content["tables"].items()
        if name in declaration.tables
    ]
    facts = content.get("facts", {})
    return write_page(
        directory,
        "comparison.html.j2",
        language,
        kind=WORDS["comparison"],
        declaration=declaration,
        figures=rows,
        full_scale=f"{full:.0f} %",
        headline=headline(rows),
        stochastic=content.get("stochastic", declaration.stochastic),
        plates=difference_plates(content, frames, declaration, backdrop or {}),
        changes=changes,
        seeds=content["seeds"],
        facts=facts,
        against=content["against"]["plan"],
        against_measures=[measure_words(one, measures or {}) for one in content["against"].get("measures", ())],
        versions=[(side, row[side][:12]) for row in content.get("runs", [])[:1] for side in row],
        seconds=content.get("seconds", {}).get("runs", {}),
        **common_context(content, measures or {}, attribution, facts),
    )


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
