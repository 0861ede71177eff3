"""The report of a run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from cim_core.report.figures import accounting, figure_rows
from cim_core.report.page import OSM, Language, common_context, write_page
from cim_core.report.plates import Layers, run_plates
from cim_core.report.tables import listing, table_charts
from cim_core.report.words import WORDS
from cim_core.schema import Text

if TYPE_CHECKING:
    from cim_core.result import Bundle
    from cim_core.scenario import AnalysisDeclaration


def write_run_report(
    bundle: Bundle,
    directory: Path,
    *,
    declaration: AnalysisDeclaration,
    measures: Mapping[str, Text] | None = None,
    backdrop: Layers | None = None,
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
    content, figures = bundle.content, bundle.figures
    tables = {name: bundle.table(name) for name in declaration.tables if name in content["tables"]}
    values = {name: figure.value for name, figure in figures.items()}
    return write_page(
        directory,
        "run.html.j2",
        language,
        kind=WORDS["run"],
        declaration=declaration,
        figures=figure_rows(figures, declaration.figures),
        has_intervals=any(figure.low is not None for figure in figures.values()),
        accounting=accounting(values, declaration.figures),
        plates=run_plates(bundle, declaration, backdrop or {}),
        charts=[chart for name, frame in tables.items() for chart in table_charts(frame, declaration.tables[name])],
        listings=[listing(frame, declaration.tables[name]) for name, frame in tables.items() if len(frame)],
        seeds=[content["seed"]],
        facts={"": content["facts"]},
        versions=_versions(bundle),
        seconds={"": [content["seconds"]]},
        **common_context(content, measures or {}, attribution, content["facts"]),
    )


def _versions(bundle: Bundle) -> list[tuple[str, str]]:
    """Run, snapshots and engines out of the receipt."""
    path = bundle.path / "receipt.json"
    key = json.loads(path.read_text(encoding="utf-8"))["key"] if path.exists() else {}
    rows = [("run", bundle.run[:12])]
    rows += [(f"snapshot {name}", str(value)[:12]) for name, value in (key.get("snapshots") or {}).items()]
    rows += [(str(name), str(value)) for name, value in (key.get("engines") or {}).items()]
    return rows + [(f"code {name}", str(value)[:12]) for name, value in (key.get("code") or {}).items()]
