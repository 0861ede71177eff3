"""Requests byte by byte on a raw socket, as no well-behaved client sends them."""

from __future__ import annotations

import json
import socket
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

Address = tuple[str, int]


@dataclass(frozen=True)
class Answer:
    """What came back; status 0 if nothing did."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def problem(self) -> dict[str, Any]:
        assert self.headers["content-type"] == "application/problem+json", (self.status, self.body[:200])
        assert b"Traceback" not in self.body
        assert b"File " not in self.body
        content = json.loads(self.body)
        assert content["status"] == self.status
        return dict(content)


def head(line: str, *fields: str, host: str = "127.0.0.1") -> bytes:
    """A request's head, with Host."""
    return "\r\n".join([line, f"Host: {host}", *fields, "", ""]).encode("latin-1")


def read(connection: socket.socket) -> Answer:
    """One answer, by its Content-Length or to the connection's end."""
    got = b""
    while b"\r\n\r\n" not in got:
        more = connection.recv(65_536)
        if not more:
            return Answer(0, body=got)
        got += more
    start, _, body = got.partition(b"\r\n\r\n")
    first, *lines = start.decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    length = headers.get("content-length")
    while length is None or len(body) < int(length):
        more = connection.recv(65_536)
        if not more:
            break
        body += more
    return Answer(int(first.split()[1]), headers, body)


def exchange(address: Address, sent: bytes, seconds: float = 30.0) -> Answer:
    """Send, and read one answer."""
    with closing(socket.create_connection(address, timeout=seconds)) as connection:
        connection.sendall(sent)
        return read(connection)
