"""Answers to what is no request: problem documents of the connection itself, before the application is asked."""

from __future__ import annotations

import json
from collections.abc import Callable
from http import HTTPStatus

from gunicorn.http import errors as faults  # type: ignore[import-untyped]

from cim_core.errors import CimError, ParameterError
from servers.problems import MEDIA_TYPE, document, status_of


def refusal(error: CimError, *, head_only: bool = False) -> bytes:
    """The whole answer, or its head only, after which the connection is closed."""
    status = HTTPStatus(status_of(error))
    body = json.dumps(document(error, status.value), ensure_ascii=False).encode()
    head = [
        f"HTTP/1.1 {status.value} {status.phrase}",
        f"Content-Type: {MEDIA_TYPE}",
        f"Content-Length: {len(body)}",
        "Cache-Control: no-store",
        "X-Content-Type-Options: nosniff",
        "Content-Security-Policy: default-src 'none'",
        "Connection: close",
    ]
    return "\r\n".join([*head, "", ""]).encode("latin-1") + (b"" if head_only else body)


def too_slow() -> CimError:
    """A request that does not come to its end."""
    return ParameterError(
        "http.slow",
        "the request did not arrive in time",
        where="the connection",
        expected="a whole request within seconds",
        got="a part of it",
        remedy="send it again at once",
    )


def too_long() -> CimError:
    """A head that is longer than any may be."""
    return ParameterError(
        "http.long_head",
        "the header fields are too long",
        where="the request's header fields",
        expected="64 kB in all, 8 kB and 100 fields at most",
        got="more",
        remedy="send fewer or shorter header fields",
    )


def understood(fault: Exception) -> CimError | None:
    """What was wrong with a request that gunicorn could not read; None for what is no fault of the client's."""
    if isinstance(fault, (faults.InvalidResponseHeader, faults.InvalidResponseHeaderName)):
        return None
    found = next((words for kind, words in _WORDS.items() if isinstance(fault, kind)), None)
    return None if found is None else found(str(fault)[:100])


def _too_long_line(got: str) -> CimError:
    return ParameterError(
        "http.long_address",
        "the address is too long",
        where="the request line",
        expected="at most 8,190 bytes",
        got=got,
        remedy="ask for less at once",
    )


def _unknown_coding(got: str) -> CimError:
    return ParameterError(
        "http.transfer_coding",
        "this transfer coding is not known here",
        where="header Transfer-Encoding",
        expected="chunked",
        got=got,
        remedy="send the body plainly",
    )


def _unmet(got: str) -> CimError:
    return ParameterError(
        "http.expectation",
        "this expectation cannot be met",
        where="header Expect",
        expected="100-continue",
        got=got,
        remedy="leave the header out",
    )


def _malformed(got: str) -> CimError:
    return ParameterError(
        "http.malformed",
        "this is no request that can be read without doubt",
        where="the request line or header fields",
        expected="HTTP/1.1 as RFC 9112 has it",
        got=got,
        remedy="send one Host, lines that end with CRLF, and no control characters",
    )


_WORDS: dict[type[Exception], Callable[[str], CimError]] = {
    faults.LimitRequestHeaders: lambda got: too_long(),
    faults.LimitRequestLine: _too_long_line,
    faults.UnsupportedTransferCoding: _unknown_coding,
    faults.ExpectationFailed: _unmet,
    faults.ParseException: _malformed,
}


def defect() -> CimError:
    """What nobody foresaw; the trace is in the log."""
    return CimError(
        "server.defect",
        "the server met an error that nobody foresaw",
        where="the connection",
        expected="an answer",
        got="none",
        remedy="the server's log has the details; please report them",
    )
