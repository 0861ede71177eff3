"""What every request passes before its view: whose address it calls, and from whose page it comes."""

from __future__ import annotations

import contextlib
import ipaddress
import re
import time
from urllib.parse import urlsplit

from flask import Flask, Request, Response, request

from cim_core.errors import CimError, ParameterError
from cim_core.trust.policy import OWNER, UNKNOWN, Subject
from servers.api.limits import register_limits
from servers.loopback import LOOPBACK, in_address

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
MOST_REST = 64 * 2**20
MOST_REST_S = 2.0
"""Bytes and seconds that the rest of a refused body may take."""
NO_BODY = "cim.no_body"
"""In a request's environment: its client waited to be asked for a body (Expect), and was not."""
_AT_ONCE = 2**16
_NAMES = [in_address(name) for name in LOOPBACK]
_HOST = re.compile(rf"^({'|'.join(map(re.escape, _NAMES))})(:\d{{1,5}})?$", re.IGNORECASE)
_COMMON_POLICY = "; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
PAGE_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self' data:; worker-src 'self' blob:; connect-src 'self' blob:; form-action 'self'" + _COMMON_POLICY
)
DATA_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'" + _COMMON_POLICY
"""For everything that is not the page itself, reports too: no script runs, nothing is fetched."""
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(self)",
}


def register_checks(app: Flask) -> None:
    """Check Host, Origin and limits before any view; add the protective headers and take the body's rest after it."""
    app.before_request(lambda: refuse_foreign(request))
    register_limits(app)
    app.after_request(protect)
    app.after_request(take_rest)


def refuse_foreign(incoming: Request) -> None:
    """Raise for a Host that is not this machine's, and for what another site's page asks for: any change, and any
    answer of the API that is not a link somebody follows (as an image's address it would cost this machine's time).

    A foreign name in Host is how a page in the browser reaches a local server under its own name (DNS rebinding). The
    port is not compared: a tunnel or a container may have changed it, and it proves nothing.
    """
    host = _called(incoming)
    if not _HOST.match(host):
        raise ParameterError(
            "http.host",
            "this server answers to this machine's own names only",
            where="header Host",
            expected=", ".join(_NAMES),
            got=host[:100] or "none",
            remedy="open http://127.0.0.1 with the port that `cim serve` printed",
        )
    if incoming.method not in SAFE_METHODS and not _from_here(incoming, host):
        raise CimError(
            "http.origin",
            "another site's page may not change anything here",
            where="header Origin or Sec-Fetch-Site",
            expected=f"{incoming.scheme}://{host}",
            got=(incoming.headers.get("Origin") or incoming.headers.get("Sec-Fetch-Site", ""))[:100],
            remedy="use the page that this server itself serves, or a program that sends no Origin",
        )
    if incoming.path.startswith("/api/") and not (_fetched_from_here(incoming) or _followed(incoming)):
        raise CimError(
            "http.origin",
            "another site's page may not fetch or embed what is served here",
            where="header Sec-Fetch-Site",
            expected="same-origin, or a link that somebody follows",
            got=incoming.headers.get("Sec-Fetch-Site", "")[:100],
            remedy="open the address itself in the browser, or use a program",
        )


def _called(incoming: Request) -> str:
    """The name by which this server is called: in an absolute address, or else in Host (RFC 9112, 3.2.2)."""
    target = str(incoming.environ.get("RAW_URI", "/"))
    if target.startswith("/") or "://" not in target:
        return str(incoming.environ.get("HTTP_HOST", ""))
    return target.partition("://")[2].partition("/")[0].partition("?")[0]


def _from_here(incoming: Request, host: str) -> bool:
    origin = incoming.headers.get("Origin")
    if origin is not None and not _same(origin, incoming.scheme, host):
        return False
    return _fetched_from_here(incoming)


def _fetched_from_here(incoming: Request) -> bool:
    """Programs and browsers that say nothing count as here; https://www.w3.org/TR/fetch-metadata/."""
    return incoming.headers.get("Sec-Fetch-Site", "none") in ("none", "same-origin")


def _followed(incoming: Request) -> bool:
    """Whether the answer becomes a page of its own, and no frame or object in another."""
    where = incoming.headers.get("Sec-Fetch-Dest", "document")
    return incoming.headers.get("Sec-Fetch-Mode") == "navigate" and where == "document"


def _same(origin: str, scheme: str, host: str) -> bool:
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.scheme == scheme and parts.netloc.lower() == host.lower()


def subject_of(incoming: Request) -> Subject:
    """Who asks: the owner if the connection comes from this machine, else unknown."""
    try:
        loopback = ipaddress.ip_address(incoming.remote_addr or "").is_loopback
    except ValueError:
        loopback = False
    return OWNER if loopback else UNKNOWN


def protect(response: Response) -> Response:
    """The protective headers, where the view has not set its own."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Content-Security-Policy", DATA_POLICY)
    return response


def take_rest(response: Response) -> Response:
    """Read what a refused request still sends, within bounds, and throw it away.

    Closed with bytes unread, a connection is reset, and a client that sends all before it reads never sees the answer.
    Only where the server says that the stream ends with the body: elsewhere reading on would wait for the next request.
    """
    known = request.environ
    if response.status_code < 400 or not known.get("wsgi.input_terminated") or NO_BODY in known:
        return response
    connection, stream = request.environ.get("gunicorn.socket"), request.environ["wsgi.input"]
    until, left = time.monotonic() + MOST_REST_S, MOST_REST
    before = connection.gettimeout() if connection is not None else None
    # the client may fall silent, be gone, or send chunks that are none: the answer is sent all the same, to who listens
    with contextlib.suppress(Exception):
        while left > 0 and (wait := until - time.monotonic()) > 0:
            if connection is not None:
                connection.settimeout(wait)
            taken = len(stream.read(min(left, _AT_ONCE)))
            left = left - taken if taken else 0
    if connection is not None:
        connection.settimeout(before)
    return response
