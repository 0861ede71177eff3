"""The web workers under gunicorn: ``python -m servers.supervision.web_process``."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from pathlib import Path
from typing import Any, NoReturn

from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]

from servers.supervision.assignment import GRACEFUL_S, Assignment
from servers.supervision.descriptors import allow_many

TIMEOUT_S = 120
KEEPALIVE_S = 5
MOST_CONNECTIONS = 4000
"""Of one worker; they cost memory, not threads."""
LONGEST_LINE = 8190
MOST_FIELDS = 100


class Web(BaseApplication):  # type: ignore[misc]
    """gunicorn with our settings and no file, no command line, no environment of its own.

    Attributes
    ----------
    most_body, most_upload
        Bytes of a body that most operations take, and that any takes.
    """

    def __init__(self, assigned: Assignment) -> None:
        self.assigned = assigned
        self.most_body = self.most_upload = sys.maxsize
        super().__init__()

    def load_config(self) -> None:
        """Everything that differs from gunicorn's defaults."""
        settings = self.assigned.configured
        chosen = {
            "bind": f"fd://{self.assigned.door}",  # the supervisor's: a port that was ours stays ours
            "worker_class": "servers.supervision.web_worker.PatientWorker",
            "workers": settings.web_workers,
            "threads": settings.web_threads,
            "worker_connections": MOST_CONNECTIONS,
            "limit_request_line": LONGEST_LINE,
            "limit_request_field_size": LONGEST_LINE,
            "limit_request_fields": MOST_FIELDS,
            "sendfile": False,  # it would wait in a thread for a slow reader
            "preload_app": True,  # a fault of the application ends the process, instead of worker after worker
            "graceful_timeout": GRACEFUL_S,
            "timeout": TIMEOUT_S,
            "keepalive": KEEPALIVE_S,
            "control_socket_disable": True,  # it would be made under $HOME
            "loglevel": "warning",
            "accesslog": "-" if self.assigned.access_log else None,
            "forwarded_allow_ips": "",  # nobody stands between: what such headers say is a guest's invention
            "proc_name": "cim web",
            "post_worker_init": self._say_ready,
        }
        for name, value in chosen.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """The Flask application, once for all workers: compiled kernels and modules are theirs together.

        Nothing that cannot be shared is opened: the application opens the city with its first request.
        """
        from servers.api import create_app
        from servers.api.limits import TokenBuckets
        from servers.api.operations import RawBody
        from servers.serving.baked import warm

        assigned, settings = self.assigned, self.assigned.configured
        warm()
        app = create_app(assigned.root, settings=settings, live=Path(assigned.live))
        if settings.rate_per_s:
            app.extensions["cim.buckets"] = TokenBuckets.shared(settings.rate_per_s, settings.rate_burst)
        self.most_body = int(app.config["MAX_CONTENT_LENGTH"])
        bodies = (operation.body for operation in app.extensions["cim"].operations)
        self.most_upload = max([self.most_body, *(body.max_bytes for body in bodies if isinstance(body, RawBody))])
        gc.collect()
        gc.freeze()  # the collector of a worker would otherwise write into every page that it shares
        return app

    def _say_ready(self, worker: Any) -> None:
        if self.assigned.ready >= 0:
            with contextlib.suppress(BrokenPipeError):  # a worker started again later: nobody waits for it
                os.write(self.assigned.ready, b"1")


def main() -> int:
    """Serve until SIGTERM. gunicorn and its workers, which are forked in here, both end by ``sys.exit``."""
    allow_many()
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
