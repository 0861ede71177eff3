"""Write docs/reference from the code: `make docs`. A test holds the files equal to what this prints.

What is read: the settings model, the command tree, the manifests and models of the built-in scenarios, the schemas of
the standard layers, the OpenAPI description of the Map API, and the syntax trees of all modules (for the errors they
raise).
"""

from __future__ import annotations

import ast
import inspect
import itertools
import sys
import textwrap
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import typer
from conformance_page import conformance_lines
from http_api import http_api_lines
from schema_tables import default, fields, kind, table

from cim_core import scenario
from cim_core.layers import STANDARD_LAYERS
from cim_core.registry import Registry
from cim_core.settings import PREFIX, Settings
from cim_core.units import UNITS
from servers.cli.main import app
from servers.error_codes import error_codes

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "docs" / "reference"
NOTICE = "<!-- Written by docs/generate.py from the code. Change the code, then run `make docs`. -->"


def settings() -> str:
    """Every setting with its four places."""
    rows = [
        (f"`{name}`", f"`{PREFIX}{name.upper()}`", kind(field), default(field), field.get("description", ""))
        for name, field in Settings.model_json_schema()["properties"].items()
    ]
    return _page(
        "Settings",
        "Each value is taken from the last of these places that names it: the default, the file `cim.toml` in the",
        "working directory (or the one that `CIM_CONFIG` names), the environment, a flag of the command.",
        "",
        *table(("in the file", "in the environment", "type", "default", "meaning"), rows),
        "",
        "Beside them, tests read `CIM_REQUIRE` (what must not be skipped) and `CIM_SOAK` (rounds of the kill tests).",
    )


def errors() -> str:
    """Every error code with its class, sentence and remedy."""
    found = error_codes(ROOT, ("cim_core", "scenarios", "servers", "data_samples"))
    rows = [(f"`{one.code}`", one.kind, one.what, one.remedy, f"`{one.module}`") for one in found]
    return _page(
        "Errors",
        "Every error says what went wrong, where, what was expected, what came, and what to do now. Its code is",
        'stable: programs can match on it. With `--json` the command line prints `{"error": {...}}`. Exit codes: 1',
        "failed, 2 a parameter or option does not fit, 130 cancelled. `…` stands for what differs from case to case.",
        "",
        *table(("code", "class", "what", "remedy", "raised in"), rows),
    )


def command_line() -> str:
    """Every command with its arguments and options."""
    return _page(
        "Command line", "`cim COMMAND --help` prints the same.", "", *_commands("cim", typer.main.get_command(app))
    )


def _commands(path: str, command: Any) -> Iterable[str]:
    inner = getattr(command, "commands", None)
    if inner is None:
        usage = " ".join([path, *(_usage(one) for one in command.params if _is_argument(one) or one.required)])
        yield from (f"## `{usage}`", "", (command.help or "").strip(), "")
        rows = [(f"`{_written(one)}`", _shown(one), one.help or "") for one in command.params]
        yield from (*table(("argument or option", "default", "meaning"), rows), "")
        return
    for name, child in inner.items():
        yield from _commands(f"{path} {name}", child)


def _is_argument(parameter: Any) -> bool:
    return not str(parameter.opts[0]).startswith("-")


def _usage(parameter: Any) -> str:
    written = _written(parameter)
    return written if parameter.required else f"[{written}]"


def _written(parameter: Any) -> str:
    value = parameter.metavar or str(parameter.name).upper()
    if _is_argument(parameter):
        return value + (" …" if parameter.nargs == -1 else "")
    return str(parameter.opts[0]) + ("" if parameter.is_flag else f" {value}")


def _shown(parameter: Any) -> str:
    if parameter.required:
        return "required"
    return "" if parameter.default in (None, "", False) else f"`{parameter.default}`"


def measures() -> str:
    """Every measure type with its fields."""
    lines: list[str] = []
    for name, model in sorted(_builtin().measure_types().items()):
        schema = model.model_json_schema()
        lines += [
            f"## `{name}`",
            "",
            *_docstring(schema.get("description", "")),
            "",
            *fields(schema, skip=("type",)),
            "",
        ]
    return _page(
        "Measures",
        'A plan is a JSON file `{"plan": "name", "measures": [{"type": …}, …]}`. A measure names what people call',
        "things: a feature id, a named structure (东水门大桥) or a street. `from` and `to` are clock times of every",
        "day of the kind `days`, or ISO times with offset; without them a measure holds for good.",
        "",
        *lines,
    )


def analyses() -> str:
    """Every analysis with needs, parameters, figures, layers and tables."""
    registry = _builtin()
    lines: list[str] = []
    for name, declared in registry.analyses().items():
        seeds = "Random: the seed changes the answer." if declared.stochastic else "Not random: one run for every seed."
        lines += [f"## `{name}`: {declared.title.en} {declared.title.zh}", "", declared.description.en, ""]
        lines += [declared.description.zh, "", f"{seeds} {_limits(declared)}", "", *_needs(declared.needs), ""]
        lines += ["### Parameters", "", *fields(registry.parameters(name).model_json_schema()), ""]
        lines += ["### Figures", "", *_figures(declared), "", *_outputs(declared)]
    return _page(
        "Analyses", "What the built-in scenarios answer: `cim run SCENARIO.ANALYSIS -p key=value`.", "", *lines
    )


def _limits(declared: scenario.AnalysisDeclaration) -> str:
    return f"Ended after {declared.timeout_s:g} s or above {declared.memory_mb} MB."


def _needs(needs: scenario.Needs) -> list[str]:
    parts = {
        "Needs the layers": needs.layers,
        "Uses, if there, the layers": needs.optional_layers,
        "Needs the coverages": needs.coverages,
        "Uses, if there, the coverages": needs.optional_coverages,
        "Needs the layers that these parameters name": needs.layer_parameters,
    }
    return [f"- {text} {', '.join(f'`{name}`' for name in names)}" for text, names in parts.items() if names]


def _figures(declared: scenario.AnalysisDeclaration) -> list[str]:
    rows = [
        (f"`{name}`", f"{one.title.en} {one.title.zh}", one.unit, one.better, one.description)
        for name, one in declared.figures.items()
    ]
    return table(("figure", "title", "unit", "better", "meaning"), rows)


def _outputs(declared: scenario.AnalysisDeclaration) -> Iterable[str]:
    for what, group in (("Layer", declared.layers), ("Table", declared.tables)):
        for name, one in group.items():
            yield from (f"### {what} `{name}`: {one.title.en} {one.title.zh}", "")
            rows = [(f"`{key}`", f"{c.title.en} {c.title.zh}", c.unit, c.better) for key, c in one.columns.items()]
            yield from (*table(("column", "title", "unit", "better"), rows), "")


def manifest() -> str:
    """Every field of a scenario's manifest."""
    models = (
        scenario.Manifest,
        scenario.AnalysisDeclaration,
        scenario.Needs,
        scenario.FigureDeclaration,
        scenario.LayerDeclaration,
        scenario.TableDeclaration,
        scenario.ColumnDeclaration,
        scenario.MeasureDeclaration,
    )
    lines: list[str] = []
    for model in models:
        schema = model.model_json_schema()
        for name, text in _attribute_docstrings(model).items():
            schema["properties"][name]["description"] = text
        lines += [f"## {model.__name__}", "", *_docstring(schema.get("description", "")), "", *fields(schema), ""]
    return _page(
        "Manifest",
        "`manifest.toml` in a scenario's folder. It is data: read and checked without importing anything.",
        'A title is `{ en = "…", zh = "…" }`. `cim scenario check DIR` checks a folder against it.',
        "",
        *lines,
        "## Units",
        "",
        ", ".join(f"`{unit}`" for unit in UNITS),
    )


def layers() -> str:
    """Every standard layer with its fields."""
    lines: list[str] = []
    for name, schema in STANDARD_LAYERS.items():
        rows = [
            (f"`{f.name}`", f"{f.title.en} {f.title.zh}", f.dtype, f.unit or "", _yes(f.nullable), _yes(f.editable))
            for f in schema.fields
        ]
        lines += [f"## `{name}`: {schema.title.en} {schema.title.zh}", "", f"Geometry: {schema.geometry}.", ""]
        lines += [*table(("field", "title", "type", "unit", "may be empty", "may be corrected"), rows), ""]
    return _page("Layers", "The standard layers of a city. The id of a feature is the frame's index.", "", *lines)


def http_api() -> str:
    """Every address of the Map API, from its OpenAPI description."""
    return _page(
        "HTTP API",
        "What `cim serve` answers, from the description that `/api/openapi.json` gives to programs. How to use it:",
        "[Use the Map API](../how-to/use-the-map-api.md). Every address also takes `lang` (`en`, `zh`). Errors are",
        "problem details (RFC 9457); [errors](errors.md) lists their codes.",
        "",
        *http_api_lines(),
    )


def conformance() -> str:
    """The conformance classes, claimed or not."""
    return _page("Conformance", *conformance_lines())


PAGES: dict[str, Callable[[], str]] = {
    "settings": settings,
    "errors": errors,
    "command-line": command_line,
    "layers": layers,
    "manifest": manifest,
    "measures": measures,
    "analyses": analyses,
    "http-api": http_api,
    "conformance": conformance,
}


def _builtin() -> Registry:
    found = Registry.discover()
    broken = [record.error for record in found.records.values() if record.error is not None]
    if broken:
        raise broken[0]
    return found


def _page(title: str, *lines: str) -> str:
    return "\n".join([NOTICE, f"# {title}", "", *lines]).rstrip() + "\n"


def _attribute_docstrings(model: type) -> dict[str, str]:
    """Texts that stand below the fields of a class."""
    body = ast.parse(textwrap.dedent(inspect.getsource(model))).body[0].body
    return {
        field.target.id: " ".join(text.value.value.replace("``", "`").split())
        for field, text in itertools.pairwise(body)
        if isinstance(field, ast.AnnAssign) and isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant)
    }


def _docstring(text: str) -> list[str]:
    return [line.replace("``", "`").rstrip() for line in text.strip().splitlines()]


def _yes(value: bool) -> str:
    return "yes" if value else ""


def main() -> None:
    """Write the pages that changed; say which."""
    for name, page in PAGES.items():
        path, text = TARGET / f"{name}.md", page()
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            sys.stdout.write(f"written: {path.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
