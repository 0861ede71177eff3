"""Timing whole processes, and writing results with machine and date."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

RESULTS = Path(os.environ.get("BENCH_RESULTS") or Path(__file__).parent / "results")
"""``BENCH_RESULTS`` names another folder, so that a quick look leaves what is recorded as it was."""


@dataclass(frozen=True)
class Timing:
    """One finished process and its waited-for children: wall and CPU seconds, peak resident memory in MB (10⁶)."""

    wall_s: float
    cpu_s: float
    peak_mb: float
    stdout: str


def timed(*command: object) -> Timing:
    """Run a command to its end; raises ``CalledProcessError`` if it fails. ``cim`` is the one beside this Python."""
    words = [str(word) for word in command]
    words[0] = str(Path(sys.executable).parent / words[0])
    started = time.monotonic()
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        stdout = process.stdout.read() if process.stdout else ""
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.monotonic() - started
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, words, stdout)
    return Timing(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024 / 1e6, stdout)


def median(values: Iterable[float]) -> float:
    """Median, rounded to milliseconds."""
    return round(statistics.median(values), 3)


def machine() -> dict[str, object]:
    """What it was measured on."""
    load = os.getloadavg()[0]
    return {
        "date": datetime.now(UTC).isoformat(timespec="minutes"),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
        "load_before": round(load, 2),
    }


def write(name: str, title: str, rows: list[dict[str, object]]) -> None:
    """Write ``results/<name>.json`` and ``.md``, and print the table."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    about = machine()
    (RESULTS / f"{name}.json").write_text(
        json.dumps({"machine": about, "rows": rows}, indent=2, ensure_ascii=False) + "\n"
    )
    columns = list(dict.fromkeys(column for row in rows for column in row))
    lines = [f"# {title}", "", ", ".join(f"{key} {value}" for key, value in about.items()), ""]
    lines += ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    lines += ["| " + " | ".join(str(row.get(column, "")) for column in columns) + " |" for row in rows]
    text = "\n".join(lines) + "\n"
    (RESULTS / f"{name}.md").write_text(text)
    sys.stdout.write(text)
