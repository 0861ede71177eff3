"""The page both reports share: templates, the plan in words, marks and warnings."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from cim_core.errors import StorageError
from cim_core.report.words import VERDICTS, WORDS, both, marks_of, measure_words
from cim_core.schema import Text
from cim_core.store.files import storage_faults

Language = Literal["en", "zh"]
OSM = "© OpenStreetMap contributors, ODbL 1.0"


def common_context(
    content: Mapping[str, Any], titles: Mapping[str, Text], attribution: str, facts: Mapping[str, Any]
) -> dict[str, Any]:
    """What pages of runs and of comparisons both say: plan, parameters, marks, warnings."""
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


@cache
def templates() -> Environment:
    """The report's templates; a name that a template misspells is an error."""
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


def write_page(directory: Path, template: str, language: Language, **context: Any) -> Path:
    """Render a template to ``index.html`` in the directory; raises :class:`StorageError`."""
    html = templates().get_template(template).render(language=language, **context)
    path = directory / "index.html"
    try:
        with storage_faults(directory):
            directory.mkdir(parents=True, exist_ok=True)
            path.write_text(html, encoding="utf-8")
    except OSError as fault:
        raise StorageError(
            "report.unwritable",
            "the report cannot be written",
            where=str(path),
            expected="a folder that may be written to",
            got=str(fault),
            remedy="name another folder with --out",
        ) from fault
    return path
