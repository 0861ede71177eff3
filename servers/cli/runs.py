"""``cim run`` and ``cim compare``: questions and their answers."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from servers.cli import console
from servers.cli.options import CityOption, JsonOption, configured, open_city, read_plan, registry

AnalysisArgument = Annotated[str, typer.Argument(metavar="SCENARIO.ANALYSIS", help="e.g. traffic.simulate")]
ParameterOption = Annotated[list[str] | None, typer.Option("-p", metavar="KEY=VALUE", help="a parameter; repeatable")]
PlanOption = Annotated[str | None, typer.Option(help="plan file, or a saved plan's name")]
OutOption = Annotated[Path | None, typer.Option(help="also write an HTML report and the files here")]


def register(app: typer.Typer) -> None:
    """Add the commands to the tree."""
    app.command()(run)
    app.command()(compare)


def run(
    analysis: AnalysisArgument,
    parameters: ParameterOption = None,
    plan: PlanOption = None,
    seed: Annotated[int, typer.Option(help="seed of everything random")] = 1,
    out: OutOption = None,
    city: CityOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask one question. The same question finds the same answer. 提出一个问题。"""
    from cim_core.question import ask
    from cim_core.result import Bundle

    started = time.monotonic()
    view, known = open_city(city), registry()
    given = console.assignments(parameters or [])
    question = ask(view, known, analysis, given, plan=read_plan(view, plan), seed=seed)
    bundle = Bundle.find(view.root, question.run)
    if bundle is None:
        with console.progress(analysis) as report:
            bundle = runner_of(city).run(question, report)
    declaration = known.analysis(analysis)[1]
    if out is not None:
        from servers import reports

        reports.write_run(view, known, bundle, out, configured().language)
    content = dict(bundle.content)
    shown = {name: content[name] for name in ("run", "figures", "layers", "tables", "unused_edits", "warnings")}
    content = {
        "run": shown.pop("run"),
        "status": "succeeded",
        **shown,
        "facts": content["facts"],
        "path": str(bundle.path),
        "seconds": round(time.monotonic() - started, 3),
        "computed_seconds": content["seconds"],
    }
    console.emit(content) if as_json else _say_run(content, declaration, out)


def runner_of(folder: Path | None) -> Any:
    """A runner on the city that flag, environment or file name."""
    from cim_core.runner import Runner

    settings = configured(folder)
    return Runner(
        open_city(folder), registry(), drop_in=settings.scenarios, parallel=settings.parallel, owner=settings.author
    )


def _say_run(content: dict[str, Any], declaration: Any, out: Path | None) -> None:
    language = configured().language
    rows = []
    for name, figure in content["figures"].items():
        interval = f"{console.number(figure['low'])} … {console.number(figure['high'])}" if "low" in figure else ""
        title = declaration.figures[name].title[language]
        rows.append([name, console.number(figure["value"], figure["unit"]), interval, title])
    console.table([row[:3] for row in rows], ["figure", "value", "interval"])
    _say_rest(content)
    console.say(f"run {content['run'][:12]}  {content['seconds']:.1f} s  {content['path']}")
    if out is not None:
        console.say(f"report: {out / 'index.html'}")


def _say_rest(content: dict[str, Any]) -> None:
    for warning in content["warnings"]:
        console.say(f"! {warning}")
    for edit in content["unused_edits"]:
        features = ", ".join(edit["features"][:4]) + (" …" if len(edit["features"]) > 4 else "")
        console.say(f"! not used: {edit['layer']} {edit['target']} ({features}) {edit['fields']}: {edit['reason']}")


def compare(
    analysis: AnalysisArgument,
    plan: Annotated[str, typer.Option(help="plan file, or a saved plan's name")],
    parameters: ParameterOption = None,
    against: Annotated[str | None, typer.Option(help="other side; the city as it is by default")] = None,
    seeds: Annotated[int, typer.Option(help="pairs of runs")] = 5,
    precision: Annotated[
        float | None, typer.Option(help="add pairs (up to 30) until half-widths are below this share, e.g. 0.02")
    ] = None,
    out: OutOption = None,
    city: CityOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compare a plan with the city as it is, seed by seed. 方案比较。"""
    from cim_core import compare as comparing

    started = time.monotonic()
    runner = runner_of(city)
    given = console.assignments(parameters or [])
    sides = [comparing.Experiment(analysis, given, read_plan(runner.city, name)) for name in (against, plan)]
    with console.progress(f"compare {analysis}") as report:
        found = comparing.compare(
            runner, runner.city, sides[0], sides[1], seeds=seeds, precision=precision, report=report
        )
    declaration = runner.registry.analysis(analysis)[1]
    if out is not None:
        from servers import reports

        reports.write_comparison(runner.city, runner.registry, found, out, configured().language)
    content = {**found.content, "path": str(found.path)}
    content["seconds"] = {**content["seconds"], "total": round(time.monotonic() - started, 3)}
    console.emit(content) if as_json else _say_comparison(content, declaration, out)


def _say_comparison(content: dict[str, Any], declaration: Any, out: Path | None) -> None:
    rows = []
    for name, row in content["figures"].items():
        interval = f"{console.number(row['low'])} … {console.number(row['high'])}" if content["stochastic"] else "exact"
        certain = not content["stochastic"]
        p = "–" if certain or row["p_adjusted"] is None else f"{row['p_adjusted']:.3f}"
        values = [console.number(row[side], row["unit"]) for side in ("baseline", "plan", "difference")]
        rows.append([name, *values, interval, p, row["verdict"]])
    console.table(rows, ["figure", "baseline", "plan", "difference", "95 % interval", "p adj.", "verdict"])
    for name, table in content["tables"].items():
        margin = f" (by more than {console.number(table['tolerance'], table['unit'])})" if table["tolerance"] else ""
        console.say(
            f"{name}: {table['gained']:,} better, {table['lost']:,} worse{margin}, {table['unchanged']:,} as before; "
            f"only without the plan {table['only_baseline']:,}, only with it {table['only_plan']:,}"
        )
    for name, layer in content["layers"].items():
        if layer["new"] or layer["gone"]:
            console.say(f"{name}: on average {layer['new']:,.1f} new and {layer['gone']:,.1f} gone in each pair")
    _say_rest(content)
    if stages := content["seconds"]["stages"]:
        parts = sorted(stages.items(), key=lambda item: -item[1])
        console.say("time of all runs: " + ", ".join(f"{name} {seconds:.1f} s" for name, seconds in parts))
    console.say(f"{len(content['seeds'])} seeds  {content['seconds']['total']:.1f} s  {content['path']}")
    if out is not None:
        console.say(f"report: {out / 'index.html'}")
