"""The run service as a process of its own: ``python -m servers.supervision.run_process``."""

from __future__ import annotations

import signal
import sys
import threading
import time
import traceback

from cim_core.city import City
from cim_core.registry import Registry
from cim_core.runner import Runner
from cim_core.service import RunService
from servers.supervision.assignment import Assignment, complain

GLANCE_S = 0.1


def main() -> int:
    """Work the queue until SIGTERM; exit 1 if the service itself fails."""
    told: list[int] = []
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the supervisor's affair
    signal.signal(signal.SIGTERM, lambda number, frame: told.append(number))
    assigned = Assignment.accept()
    settings = assigned.configured
    runner = Runner(
        City.open(assigned.root),
        Registry.discover(settings.scenarios),
        settings.scenarios,
        settings.parallel,
        settings.author,
    )
    service = RunService(runner, lambda fault: complain(f"the run service waits: {fault}"))
    stop, failed = threading.Event(), threading.Event()

    def serve() -> None:
        try:
            service.serve(stop)
        except Exception:  # noqa: BLE001 - said below; the supervisor starts the process again
            complain(traceback.format_exc())
            failed.set()

    # A handler that set the event could meet the lock of the very wait it interrupts: it leaves a note instead.
    thread = threading.Thread(target=serve, name="run service")
    thread.start()
    while thread.is_alive():
        if told:
            stop.set()
        time.sleep(GLANCE_S)
    return 1 if failed.is_set() else 0


if __name__ == "__main__":
    sys.exit(main())
