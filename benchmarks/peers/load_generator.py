"""One load generator for all servers: a process of its own, four connections that stay open, next request at once.

``python -m benchmarks.peers.load_generator`` reads a question as JSON and writes what it measured as JSON. It reads
answers into one buffer without looking into them, so that it takes as little as it can of the machine.
"""

from __future__ import annotations

import json
import re
import resource
import socket
import sys
import threading
import time
from dataclasses import asdict, dataclass, field

CONNECTIONS = 4
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)
_CLOSE = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)
_END = b"\r\n0\r\n\r\n"


@dataclass
class Question:
    """Paths asked one after the other, over and over for ``seconds``, or each ``once``."""

    host: str
    port: int
    paths: list[str]
    accept_encoding: str = "identity"
    seconds: float = 5.0
    once: bool = False


@dataclass
class Measured:
    """Seconds of each request, what went wrong, bytes on the wire, and the generator's own share of the processor."""

    seconds: list[float] = field(default_factory=list)
    statuses: dict[str, int] = field(default_factory=dict)
    bytes: int = 0
    wall_s: float = 0.0
    cpu_s: float = 0.0


def main() -> None:
    """Answer the question on standard input."""
    question = Question(**json.load(sys.stdin))
    json.dump(asdict(measure(question)), sys.stdout)


def measure(question: Question) -> Measured:
    """Ask, from all connections."""
    measured, lock = Measured(), threading.Lock()
    turns = iter(range(len(question.paths) if question.once else sys.maxsize))
    begin = time.perf_counter()
    until = float("inf") if question.once else begin + question.seconds

    def work() -> None:
        connection = _Connection(question)
        while time.perf_counter() < until:
            with lock:
                turn = next(turns, None)
            if turn is None:
                break
            status, size, seconds = connection.get(question.paths[turn % len(question.paths)])
            with lock:
                measured.seconds.append(seconds)
                measured.statuses[status] = measured.statuses.get(status, 0) + 1
                measured.bytes += size

    threads = [threading.Thread(target=work) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    measured.wall_s = time.perf_counter() - begin
    usage = resource.getrusage(resource.RUSAGE_SELF)
    measured.cpu_s = usage.ru_utime + usage.ru_stime
    return measured


class _Connection:
    """HTTP/1.1, kept alive, opened anew where the server closes it."""

    def __init__(self, question: Question) -> None:
        self._question = question
        self._socket: socket.socket | None = None
        self._buffer = bytearray(1 << 20)

    def get(self, path: str) -> tuple[str, int, float]:
        """Status, bytes of the body on the wire, seconds to the last byte."""
        question = self._question
        begin = time.perf_counter()
        if self._socket is None:
            self._socket = socket.create_connection((question.host, question.port), timeout=120)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        head = f"GET {path} HTTP/1.1\r\nHost: {question.host}:{question.port}\r\nAccept: */*\r\n"
        self._socket.sendall(f"{head}Accept-Encoding: {question.accept_encoding}\r\n\r\n".encode())
        try:
            status, size, close = self._answer(self._socket)
        except OSError as fault:
            status, size, close = type(fault).__name__, 0, True
        if close:
            self._socket.close()
            self._socket = None
        return status, size, time.perf_counter() - begin

    def _answer(self, stream: socket.socket) -> tuple[str, int, bool]:
        got = b""
        while b"\r\n\r\n" not in got:
            part = stream.recv(65536)
            if not part:
                return "closed", 0, True
            got += part
        head, _, body = got.partition(b"\r\n\r\n")
        status = head[9:12].decode()
        size = len(body)
        if length := _LENGTH.search(head):
            while size < int(length[1]):
                size += self._more(stream)
        elif _CHUNKED.search(head):
            tail = b"\r\n" + body[-7:]
            while not tail.endswith(_END):
                read = self._more(stream)
                size += read
                tail = (tail + bytes(self._buffer[max(0, read - 7) : read]))[-9:]
        return status, size, bool(_CLOSE.search(head))

    def _more(self, stream: socket.socket) -> int:
        read = stream.recv_into(self._buffer)
        if not read:
            raise ConnectionError("the server closed the connection within an answer")
        return read


if __name__ == "__main__":
    main()
