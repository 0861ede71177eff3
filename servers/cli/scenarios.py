"""``cim scenario …``: which scenarios there are, and whether a folder is a sound one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from servers.cli import console
from servers.cli.options import JsonOption, configured, registry

app = typer.Typer(help="Scenarios: the plugins. 场景插件。", no_args_is_help=True, rich_markup_mode=None)


@app.command("list")
def list_(
    analysis: Annotated[str | None, typer.Argument(help="describe this analysis")] = None, as_json: JsonOption = False
) -> None:
    """Scenarios found, sound or broken; or one analysis with its parameters. 场景清单。"""
    found = registry()
    if analysis is not None:
        _describe(found, analysis, as_json)
        return
    language = configured().language
    rows: list[dict[str, Any]] = [
        {
            "scenario": slug,
            "origin": record.origin,
            "folder": str(record.folder),
            "analyses": {n: a.title[language] for n, a in record.manifest.analyses.items()} if record.manifest else {},
            "measures": sorted(record.manifest.measures) if record.manifest else [],
            "error": record.error.as_dict() if record.error else None,
        }
        for slug, record in found.records.items()
    ]
    if as_json:
        console.emit({"scenarios": rows})
        return
    for row in rows:
        console.say(f"{row['scenario']}  ({row['origin']})" + ("  BROKEN" if row["error"] else ""))
        for name, title in row["analyses"].items():
            console.say(f"  {row['scenario']}.{name}  {title}")
        if row["measures"]:
            console.say(f"  measures: {', '.join(row['measures'])}")
        if row["error"]:
            console.say(f"  {row['error']['what']}: {row['error']['got']}")


def _describe(found: Any, analysis: str, as_json: bool) -> None:
    language = configured().language
    _, declaration = found.analysis(analysis)
    schema = found.parameters(analysis).model_json_schema()
    if as_json:
        console.emit({"analysis": analysis, "declaration": declaration.model_dump(mode="json"), "parameters": schema})
        return
    console.say(f"{analysis}: {declaration.title[language]}\n{declaration.description[language]}\n")
    for name, field in schema.get("properties", {}).items():
        default = f" [{field['default']}]" if "default" in field else " (required)"
        console.say(f"  -p {name}=…{default}  {field.get('description', field.get('title', ''))}")


@app.command()
def check(folder: Annotated[Path, typer.Argument(help="the scenario's folder")], as_json: JsonOption = False) -> None:
    """Check a scenario's manifest, entry points and contract. 检查场景。"""
    from cim_core.testing.contract import check_folder

    findings = check_folder(folder)
    if as_json:
        console.emit({"scenario": folder.name, "findings": findings})
    else:
        console.say("\n".join(findings) if findings else f"{folder.name} keeps the contract.")
    if findings:
        raise typer.Exit(1)


@app.command()
def new(
    slug: Annotated[str, typer.Argument(help="lower-case name; becomes the folder")],
    where: Annotated[Path, typer.Option("--in", help="folder that holds scenarios")] = Path(),
    as_json: JsonOption = False,
) -> None:
    """Write a small, working scenario to begin with. 新建场景。"""
    from cim_core.templates import write_scenario

    folder = write_scenario(slug, where)
    console.emit({"folder": str(folder)}) if as_json else console.say(f"{folder}: try `cim scenario check {folder}`")
