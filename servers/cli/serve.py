"""``cim serve``: the Map API and the page, on this machine."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from servers.cli import console
from servers.cli.options import CityOption, JsonOption

if TYPE_CHECKING:
    from servers.supervision.supervisor import Ready

PAGE = Path(__file__).parents[1] / "web" / "dist" / "index.html"


def register(app: typer.Typer) -> None:
    """Add the command to the tree."""
    app.command()(serve)


def serve(
    host: Annotated[str | None, typer.Option(help="127.0.0.1, localhost or ::1 [CIM_HOST, 127.0.0.1]")] = None,
    port: Annotated[int | None, typer.Option(help="0: any free one [CIM_PORT, 8080]")] = None,
    web_workers: Annotated[int | None, typer.Option(help="web processes [CIM_WEB_WORKERS, 2]")] = None,
    web_threads: Annotated[int | None, typer.Option(help="threads of each [CIM_WEB_THREADS, 8]")] = None,
    workers: Annotated[int | None, typer.Option(help="runs at the same time [CIM_WORKERS, the cores]")] = None,
    access_log: Annotated[bool, typer.Option("--access-log", help="a line on stderr for each request")] = False,
    city: CityOption = None,
    as_json: JsonOption = False,
) -> None:
    """Serve the city with its page; Ctrl-C ends it, SIGHUP takes new code and settings. 启动服务与网页。"""
    from cim_core import settings
    from servers.supervision.supervisor import serve as supervise

    flags = {"host": host, "port": port, "web_workers": web_workers, "web_threads": web_threads}

    def read() -> settings.Settings:
        return settings.load({"city": city, "workers": workers, **flags})

    chosen = read()
    supervise(chosen.city, chosen, lambda found: _say(found, as_json), access_log=access_log, reread=read)


def _say(found: Ready, as_json: bool) -> None:
    import sys

    if not PAGE.exists():
        console.note(f"{found.address}/api/ answers, but there is no page yet: `make page` builds it")
    if as_json:
        console.emit({**asdict(found), "status": "ready"})
    else:
        console.say(f"{found.address}  (city {found.city}, version {found.version}; Ctrl-C ends it)")
    sys.stdout.flush()
