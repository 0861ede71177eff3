"""When a request has arrived so far that a thread can answer it without waiting for its client."""

from __future__ import annotations

import re
import sys

MOST_HEAD = 64 * 2**10
"""Bytes of request line and header fields together."""
HELD_BODY = 256 * 2**10
"""So much of a body is read before a thread takes the request; the rest of a larger one the thread reads itself."""
HEAD_END = b"\r\n\r\n"
_FRAMING = re.compile(rb"\r\n(?:content-length|transfer-encoding):")
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,18})[ \t]*(?:\r\n|$)")


def is_whole(arrived: bytes | bytearray, most_body: int = sys.maxsize) -> bool:
    """Whether a thread should take the request: its head is whole and its body is there, or it cannot become right.

    A body longer than ``most_body`` is not waited for: it will be refused by its length.

    >>> is_whole(b"GET / HTTP/1.1\\r\\nHost: a\\r\\n"), is_whole(b"GET / HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n")
    (False, True)
    >>> is_whole(b"PUT / HTTP/1.1\\r\\nContent-Length: 3\\r\\n\\r\\nab")
    False
    """
    end = arrived.find(HEAD_END)
    if end < 0:  # a line that ends with LF alone will be refused: no use to wait
        return arrived.count(b"\n") != arrived.count(b"\r\n")
    head, body = bytes(arrived[:end]).lower(), len(arrived) - end - len(HEAD_END)
    if b"\r\nexpect:" in head or body >= HELD_BODY or len(_FRAMING.findall(head)) > 1:
        return True
    if b"\r\ntransfer-encoding:" in head:  # the last chunk, or the trailers after it, end so; other ends do no harm
        return b"chunked" not in head or (body > 0 and arrived.endswith(HEAD_END))
    length = _LENGTH.search(head)
    return length is None or int(length[1]) > most_body or body >= min(int(length[1]), HELD_BODY)


def is_too_long(arrived: bytes | bytearray) -> bool:
    """Whether the head is longer than any may be."""
    return len(arrived) > MOST_HEAD and arrived.find(HEAD_END, 0, MOST_HEAD) < 0
