"""Handing a listener's connection from a web worker to the live process, so that it occupies no thread of the worker.

The worker has checked the request by then. It passes the connection itself over the live process's Unix socket
(``SCM_RIGHTS``); from then on the live process writes the answer, headers and all. In the worker a dead socket takes
the connection's place under the same descriptor: whatever gunicorn writes to it or does to it reaches nobody.
(``detach()`` of gunicorn's socket would do it too, but gunicorn's books of open connections go wrong then.)

A view uses it so::

    request = LiveRequest(topics=("jobs",), last_event_id=request.headers.get("Last-Event-ID"), headers=HEADERS)
    return stream(flask_request.environ, request, address=context.live, open_events=lambda: Events(root, scenarios))
"""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from flask import Response

from servers.live.events import HEARTBEAT, HEARTBEAT_S, POLL_S, TOPICS, Events, opening

WAIT_S = 2.0
ACCEPTED = b"ok"
LONGEST = 16_384
STREAM_HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",
}


@dataclass(frozen=True)
class LiveRequest:
    """What a listener asked for; ``headers`` are added to the answer's."""

    topics: tuple[str, ...] = TOPICS
    last_event_id: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def encode(self) -> bytes:
        """One line of JSON."""
        plain = asdict(self) | {"last_event_id": (self.last_event_id or "")[:100]}
        return json.dumps(plain).encode() + b"\n"

    @classmethod
    def decode(cls, line: bytes) -> LiveRequest:
        """The request of :meth:`encode`; raises ValueError."""
        plain = json.loads(line)
        return cls(tuple(plain["topics"]), plain["last_event_id"] or None, plain["headers"])


def stream(
    environ: Mapping[str, Any], request: LiveRequest, *, address: Path | None, open_events: Callable[[], Events]
) -> Response:
    """The answer to a listener whose request was checked.

    With a live process (``address``) under gunicorn the connection is handed over, and what this returns is thrown
    away. If the live process cannot be reached, the answer ends at once and tells the browser to come back in a
    second. Without one (a test client, Werkzeug's server) this worker's thread streams the same events itself.
    """
    if environ.get("REQUEST_METHOD") == "HEAD":
        return _response(request, [])
    if address is None or "gunicorn.socket" not in environ:
        return _response(request, _generated(open_events, request))
    try:
        _hand_over(environ["gunicorn.socket"], address, request)
    except (OSError, EOFError):  # it is started again just now; a browser that is told an error would never come back
        return _response(request, [opening()])
    return Response(status=200)


def _response(request: LiveRequest, parts: Any) -> Response:
    response = Response(parts, headers={**request.headers, **STREAM_HEADERS})
    response.headers["Connection"] = "close"
    return response


def _hand_over(connection: socket.socket, address: Path, request: LiveRequest) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as there:
        there.settimeout(WAIT_S)
        there.connect(str(address))
        socket.send_fds(there, [request.encode()], [connection.fileno()])
        if there.recv(len(ACCEPTED)) != ACCEPTED:
            raise EOFError
    _bury(connection)


def _bury(connection: socket.socket) -> None:
    """Put a dead socket in the connection's place: the same descriptor, but nobody at the other end."""
    ours, other = socket.socketpair()
    with ours, other:
        os.dup2(ours.fileno(), connection.fileno(), inheritable=False)


def _generated(open_events: Callable[[], Events], request: LiveRequest) -> Iterator[bytes]:
    """The event stream, made in this thread; ends when the reader is gone."""
    events = open_events()
    try:
        found, mark = events.welcome(request.last_event_id)
        yield opening() + b"".join(event.encode() for event in found if event.belongs(request.topics))
        spoke = time.monotonic()
        while True:
            time.sleep(POLL_S)
            if events.newest() != mark:
                found, mark = events.since(mark)
                said = b"".join(event.encode() for event in found if event.belongs(request.topics))
            elif time.monotonic() - spoke > HEARTBEAT_S:
                said = HEARTBEAT
            else:
                continue
            if said:
                spoke = time.monotonic()
                yield said
    finally:
        events.close()
