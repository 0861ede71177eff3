"""The web workers under gunicorn: ``python -m servers.supervision.web_process``."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any, NoReturn

from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]

from servers.supervision.assignment import Assignment

GRACEFUL_S = 1
"""So long an answer that is being made may take once the server is told to end; idle connections are not waited for
longer either."""
TIMEOUT_S = 120
KEEPALIVE_S = 5


class Web(BaseApplication):  # type: ignore[misc]
    """gunicorn with our settings and no file, no command line, no environment of its own."""

    def __init__(self, assigned: Assignment) -> None:
        self.assigned = assigned
        super().__init__()

    def load_config(self) -> None:
        """Everything that differs from gunicorn's defaults."""
        settings = self.assigned.configured
        chosen = {
            "bind": f"fd://{self.assigned.door}",  # the supervisor's: a port that was ours stays ours
            "worker_class": "gthread",
            "workers": settings.web_workers,
            "threads": settings.web_threads,
            "preload_app": True,  # a fault of the application ends the process, instead of worker after worker
            "graceful_timeout": GRACEFUL_S,
            "timeout": TIMEOUT_S,
            "keepalive": KEEPALIVE_S,
            "control_socket_disable": True,  # it would be made under $HOME
            "loglevel": "warning",
            "accesslog": "-" if self.assigned.access_log else None,
            "forwarded_allow_ips": "",  # nobody stands between: what such headers say is a guest's invention
            "proc_name": "cim web",
        }
        for name, value in chosen.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """The Flask application."""
        from servers.api import create_app

        assigned = self.assigned
        return create_app(assigned.root, settings=assigned.configured, live=Path(assigned.live))


def main() -> int:
    """Serve until SIGTERM. gunicorn and its workers, which are forked in here, both end by ``sys.exit``."""
    try:
        Web(Assignment.accept()).run()
    except SystemExit as ended:
        _leave(ended.code if isinstance(ended.code, int) else int(ended.code is not None))
    return 0


def _leave(code: int) -> NoReturn:
    """End this process at once, its work being done.

    An ordinary exit would wait for threads that sit on silent connections (a browser opens some in advance), and then
    take apart what is gone with the process anyway: seconds in all.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    sys.exit(main())
