"""``cim jobs …``: the queue that outlives processes."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from servers.cli import console
from servers.cli.options import CityOption, JsonOption, open_city

app = typer.Typer(help="Jobs: attempts at runs. 作业。", no_args_is_help=True, rich_markup_mode=None)


@app.command("list")
def list_(
    city: CityOption = None,
    every: Annotated[bool, typer.Option("--all", help="finished ones too")] = False,
    as_json: JsonOption = False,
) -> None:
    """Jobs that wait or run. 排队与运行中的作业。"""
    from cim_core import jobs

    database = open_city(city).database
    jobs.recover(database)
    rows = jobs.listing(database, open_only=not every)
    if as_json:
        console.emit({"jobs": [_plain(job) for job in rows]})
    elif rows:
        cells = [[j.id, j.state, f"{j.progress:.0%}", j.kind, j.analysis, j.message] for j in rows]
        console.table(cells, ["job", "state", "done", "kind", "analysis", "message"])
    else:
        console.say("No open jobs.")


def _plain(job: Any) -> dict[str, Any]:
    return {name: value for name, value in vars(job).items() if name != "request"}


@app.command()
def resume(city: CityOption = None, as_json: JsonOption = False) -> None:
    """Do what is queued, also what a killed process left. 继续未完成的作业。"""
    from cim_core.service import RunService
    from servers.cli.runs import runner_of

    def say(job: Any) -> None:
        console.say(f"{job.id}  {job.state}  {job.kind} {job.analysis}")

    done = RunService(runner_of(city)).drain(*(() if as_json else (say,)))
    if as_json:
        console.emit({"jobs": [_plain(job) for job in done]})
    elif not done:
        console.say("Nothing was queued.")


@app.command()
def cancel(
    job: Annotated[str, typer.Argument(help="job id")], city: CityOption = None, as_json: JsonOption = False
) -> None:
    """End a job. 取消作业。"""
    from cim_core import jobs

    found = jobs.cancel(open_city(city).database, job)
    console.emit(_plain(found)) if as_json else console.say(f"{found.id}  {found.state}")
