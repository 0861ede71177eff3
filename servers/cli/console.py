"""The command line's edge: progress on a terminal, one JSON object for programs, five answers for an error."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Callable, Iterator
from typing import Any

from cim_core.errors import CimError, JobError, ParameterError

Report = Callable[[float, str], None]
CANCELLED = 130


def emit(content: Any) -> None:
    """One JSON object on stdout."""
    json.dump(content, sys.stdout, ensure_ascii=False, indent=2, default=str)
    sys.stdout.write("\n")


def say(text: str = "") -> None:
    """A line for a person on stdout."""
    sys.stdout.write(text + "\n")


def note(text: str) -> None:
    """A line on stderr, beside the answer."""
    sys.stderr.write(text + "\n")


@contextlib.contextmanager
def progress(title: str) -> Iterator[Report]:
    """A bar on a terminal; nothing elsewhere, so that logs and pipes stay clean."""
    if not sys.stderr.isatty():
        yield lambda fraction, message: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=28),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[message]}", style="dim"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=1.0, message="")
        yield lambda fraction, message: bar.update(task, completed=fraction, message=message)


def complain(error: CimError, as_json: bool) -> int:
    """Show an error; the exit code."""
    if as_json:
        emit({"error": error.as_dict()})
    note(f"error: {error}")
    if isinstance(error, JobError) and error.code == "job.cancelled":
        return CANCELLED
    return 2 if isinstance(error, ParameterError) else 1


def assignments(pairs: list[str]) -> dict[str, Any]:
    """``key=value`` options as a dictionary; raises :class:`ParameterError`."""
    found: dict[str, Any] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise ParameterError(
                "parameter.form",
                "a parameter is not of the form key=value",
                where=f"-p {pair}",
                expected="-p key=value, e.g. -p hours=7-8",
                got=pair,
                remedy="put an equals sign between name and value, without spaces",
            )
        found[name.strip()] = _json_or_text(value)
    return found


def _json_or_text(value: str) -> Any:
    if value[:1] in ("[", "{"):
        with contextlib.suppress(json.JSONDecodeError):
            return json.loads(value)
    return value


def number(value: float | None, unit: str = "") -> str:
    """A number for people: thousands apart, three significant digits after small ones, with its unit."""
    from cim_core.units import UNITS

    if value is None:
        return "–"
    text = f"{value:,.0f}" if abs(value) >= 1000 or value == int(value) else f"{value:,.3g}"
    return f"{text} {UNITS.get(unit, unit)}".rstrip()


def table(rows: list[list[str]], head: list[str]) -> None:
    """A plain table; columns after the first are right-aligned."""
    widths = [max(_width(row[i]) for row in [head, *rows]) for i in range(len(head))]
    for row in [head, *rows]:
        cells = [_pad(cell, widths[i], left=i == 0) for i, cell in enumerate(row)]
        say("  ".join(cells).rstrip())


def _width(text: str) -> int:
    import unicodedata

    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def _pad(text: str, width: int, *, left: bool) -> str:
    gap = " " * (width - _width(text))
    return text + gap if left else gap + text
