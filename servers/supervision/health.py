"""What ``/health`` says of the processes beside the web workers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from servers.supervision.roster import Serving, read


def processes(root: Path) -> dict[str, dict[str, Any]]:
    """Name → ``alive`` and ``pid`` of the live process and the run service; empty where no supervisor runs.

    After ``kill -9`` of the supervisor they are dead within seconds, and so is the file's truth.
    """
    content = read(root)
    if not content or not Serving(**content["supervisor"]).alive:
        return {}
    beside = {name: Serving(**one) for name, one in content["processes"].items() if name != "web"}
    return {name: {"alive": one.alive, "pid": one.pid} for name, one in beside.items()}
