"""Entry of the ``cim`` command: the tree of commands, and one place where errors become exit codes."""

from __future__ import annotations

import os
import sys
import traceback
import warnings
from pathlib import Path

import typer

from cim_core.errors import CimError, JobError, ParameterError, StorageError
from servers.cli import cities, console, exports, imports, plans, queue, runs, scenarios, serve

app = typer.Typer(
    name="cim",
    help="City digital twin: import a city, ask scenarios, compare plans. 城市数字孪生：导入、推演、比较方案。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
cities.register(app)
exports.register(app)
app.add_typer(imports.app, name="import")
runs.register(app)
app.add_typer(plans.app, name="plan")
app.add_typer(scenarios.app, name="scenario")
app.add_typer(queue.app, name="jobs")
serve.register(app)


def main() -> None:
    """Run the command line; exit 0, 1 (failed), 2 (bad parameters) or 130 (cancelled)."""
    as_json = "--json" in sys.argv
    warnings.simplefilter("ignore")  # libraries' notes to developers; ours to users go another way
    try:
        ended = app(standalone_mode=False) or 0
        if ended == console.CANCELLED:  # Typer's word for Ctrl-C
            raise KeyboardInterrupt
        sys.exit(ended)
    except CimError as fault:
        sys.exit(console.complain(fault, as_json))
    except typer.Exit as leaving:
        sys.exit(leaving.exit_code)
    except typer.TyperException as fault:
        sys.exit(console.complain(_usage(fault), as_json))
    except (KeyboardInterrupt, typer.Abort):
        sys.exit(console.complain(_cancelled(), as_json))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as fault:
        sys.exit(console.complain(_storage(fault), as_json))
    except Exception as fault:  # noqa: BLE001 - a defect of ours: one clear error, no stack trace
        sys.exit(console.complain(_defect(fault), as_json))


def _usage(fault: typer.TyperException) -> ParameterError:
    where = getattr(getattr(fault, "ctx", None), "command_path", "cim")
    message = fault.format_message() if isinstance(fault, typer.BadParameter.__bases__) else str(fault)
    return ParameterError(
        "cli.usage",
        message,
        where=where,
        expected="a command line as its help shows",
        got=" ".join(sys.argv[1:]),
        remedy=f"`{where} --help` shows the options",
    )


def _cancelled() -> JobError:
    return JobError(
        "job.cancelled",
        "cancelled; nothing was left half-done",
        where=" ".join(["cim", *sys.argv[1:3]]),
        got="Ctrl-C",
        remedy="run the command again when it is wanted",
    )


def _defect(fault: Exception) -> CimError:
    last = traceback.extract_tb(fault.__traceback__)[-1]
    return CimError(
        "cli.defect",
        "the program has a defect here; the city stays as it was",
        where=f"{Path(last.filename).name}, line {last.lineno}, in {last.name}",
        expected="no such error",
        got=f"{type(fault).__name__}: {fault}",
        remedy="report these lines",
    )


def _storage(fault: OSError) -> StorageError:
    return StorageError(
        "storage.os",
        "the operating system refused",
        where=str(fault.filename or ""),
        got=str(fault.strerror or fault),
        remedy="see what it says; the city stays as it was",
    )
