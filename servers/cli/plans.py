"""``cim plan …``: read, check, save, compare, undo and duplicate plans."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from servers.cli import console
from servers.cli.options import CityOption, JsonOption, configured, open_city, read_plan, registry

app = typer.Typer(help="Plans: what-ifs as lists of measures. 方案。", no_args_is_help=True, rich_markup_mode=None)
PlanArgument = Annotated[str, typer.Argument(help="plan file, or a saved plan's name (name@2 for its version 2)")]


@app.command("list")
def list_(city: CityOption = None, as_json: JsonOption = False) -> None:
    """Saved plans. 已保存的方案。"""
    from cim_core.store import plans

    with open_city(city).database.read() as connection:
        found = plans.names(connection)
    if as_json:
        console.emit({"plans": found})
    elif found:
        console.table([[name, str(number)] for name, number in found.items()], ["plan", "version"])
    else:
        console.say("No plan is saved. `cim plan save FILE` saves one; a file can be used without saving.")


@app.command()
def show(plan: PlanArgument, city: CityOption = None, as_json: JsonOption = False) -> None:
    """Print a plan as a file. 显示方案。"""
    found = read_plan(open_city(city), plan)
    console.emit(found.model_dump(mode="json", by_alias=True)) if as_json else console.say(found.dumps().rstrip())


@app.command()
def check(plan: PlanArgument, city: CityOption = None, as_json: JsonOption = False) -> None:
    """Compile a plan against the city: what it would change, or what is wrong with it. 检查方案。"""
    view = open_city(city)
    edits = read_plan(view, plan).compile(registry().measure_types(), view.find)
    if as_json:
        console.emit({"plan": plan, "edits": [edit.as_dict() for edit in edits]})
        return
    for edit in edits:
        when = " ".join(str(part) for part in edit.window.as_dict().values()) or "always"
        console.say(f"{edit.layer} {edit.target} ({len(edit.features)} features): {dict(edit.fields)} {when}")


@app.command()
def save(
    file: Annotated[Path, typer.Argument(help="plan file")], city: CityOption = None, as_json: JsonOption = False
) -> None:
    """Keep a plan in the city, as a new version. 保存方案。"""
    from cim_core.plan import Plan
    from cim_core.store import plans

    view = open_city(city)
    plan = Plan.read(file)
    plan.compile(registry().measure_types(), view.find)
    content = plan.to_save()
    with view.database.write() as connection:
        made = plans.save(connection, plan.name, content, plan.hash, author=configured(city).author)
    console.emit({"plan": made.name, "version": made.number}) if as_json else console.say(
        f"{made.name}, version {made.number}"
    )


@app.command()
def diff(before: PlanArgument, after: PlanArgument, city: CityOption = None, as_json: JsonOption = False) -> None:
    """What changed between two plans. 方案差异。"""
    import json

    from cim_core.plan import difference

    view = open_city(city)
    found = difference(read_plan(view, before), read_plan(view, after))
    if as_json:
        console.emit(found)
        return
    for sign, measures in (("-", found["removed"]), ("+", found["added"])):
        for measure in measures:
            console.say(f"{sign} {json.dumps(measure, ensure_ascii=False)}")
    if not any(found.values()):
        console.say("No difference.")


@app.command()
def history(
    name: Annotated[str, typer.Argument(help="saved plan")], city: CityOption = None, as_json: JsonOption = False
) -> None:
    """Versions of a saved plan. 方案历史。"""
    from cim_core.store import plans

    with open_city(city).database.read() as connection:
        plans.get(connection, name)
        found = plans.history(connection, name)
    if as_json:
        rows = [{**vars(one), "at": one.at.isoformat()} for one in found]
        console.emit({"plan": name, "versions": rows})
        return
    for one in found:
        measures = len(one.content.get("measures", []))
        console.say(f"{one.number:3}  {one.at:%Y-%m-%d %H:%M:%SZ}  {one.author or '–'}  {measures} measures")


@app.command()
def undo(
    name: Annotated[str, typer.Argument(help="saved plan")], city: CityOption = None, as_json: JsonOption = False
) -> None:
    """Bring the version before the newest back, as a new version. 撤销。"""
    from cim_core.store import plans

    with open_city(city).database.write() as connection:
        made = plans.undo(connection, name, configured(city).author)
    console.emit({"plan": name, "version": made.number}) if as_json else console.say(f"{name}, version {made.number}")


@app.command()
def duplicate(
    plan: PlanArgument,
    name: Annotated[str, typer.Argument(help="new name")],
    city: CityOption = None,
    as_json: JsonOption = False,
) -> None:
    """Save a copy under another name. 复制方案。"""
    from cim_core.store import plans

    view = open_city(city)
    copy = read_plan(view, plan).duplicate(name)
    content = copy.to_save()
    with view.database.write() as connection:
        made = plans.save(connection, name, content, copy.hash, author=configured(city).author, based_on=0)
    console.emit({"plan": name, "version": made.number}) if as_json else console.say(f"{name}, version {made.number}")
