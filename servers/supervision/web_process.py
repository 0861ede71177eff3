"""The web workers under gunicorn: ``python -m servers.supervision.web_process``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]

from servers.supervision.assignment import Assignment

GRACEFUL_S = 4
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
    """Serve until SIGTERM."""
    Web(Assignment.accept()).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
