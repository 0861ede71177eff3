"""What every request passes before its view: whose address it calls, and from whose page it comes."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from flask import Flask, Request, Response, request

from cim_core.errors import CimError, ParameterError
from cim_core.trust.policy import OWNER, UNKNOWN, Subject

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
LONGEST_ADDRESS = 8192
_HOST = re.compile(r"^(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$", re.IGNORECASE)
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
    """Check Host and Origin before any view; add the protective headers after it."""
    app.before_request(lambda: refuse_foreign(request))
    app.after_request(protect)


def refuse_foreign(incoming: Request) -> None:
    """Raise for a Host that is not this machine's, and for a change that another site's page asks for.

    A foreign name in Host is how a page in the browser reaches a local server under its own name (DNS rebinding). The
    port is not compared: a tunnel or a container may have changed it, and it proves nothing.
    """
    host = incoming.environ.get("HTTP_HOST", "")
    if not _HOST.match(host):
        raise ParameterError(
            "http.host",
            "this server answers to this machine's own names only",
            where="header Host",
            expected="127.0.0.1, localhost or [::1]",
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


def _from_here(incoming: Request, host: str) -> bool:
    origin = incoming.headers.get("Origin")
    if origin is not None and not _same(origin, incoming.scheme, host):
        return False
    return incoming.headers.get("Sec-Fetch-Site", "none") in ("none", "same-origin")


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
