"""The live process: ``python -m servers.supervision.live_process``."""

from __future__ import annotations

import asyncio
import shutil
import signal
import sys
from pathlib import Path

from servers.live.events import Events
from servers.live.hub import Hub
from servers.supervision.assignment import Assignment, complain, orphaned
from servers.supervision.descriptors import allow_many


async def _serve(assigned: Assignment) -> None:
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    events = Events(assigned.root, assigned.configured.scenarios)
    try:
        await Hub(events, complain).serve(Path(assigned.live), stop)
    finally:
        events.close()


def main() -> int:
    """Push until SIGTERM."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the supervisor's affair
    assigned = Assignment.accept()
    allow_many()
    try:
        asyncio.run(_serve(assigned))
    finally:
        if orphaned.is_set():  # the supervisor can tidy up no more
            shutil.rmtree(Path(assigned.live).parent, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
