"""A client's connection that lets no slow peer hold a thread: what it cannot take at once waits beside the thread."""

from __future__ import annotations

import errno
import select
import socket
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

NO_PROGRESS_S = 30.0
"""A peer that takes or sends nothing for so long is gone."""
BODY_GRACE_S = 10.0
"""What a body may take before its pace is looked at."""
SLOWEST_BYTES_PER_S = 4096
"""A peer that is slower, taken over its whole message, is dropped."""
MOST_HELD = 256 * 2**20
"""Bytes of answers that wait for slow readers in one process; beyond that a thread waits with them."""
AT_ONCE = 2**16


@dataclass
class Pace:
    """Until when a peer must have moved on. Each byte earns it time, as far as ``NO_PROGRESS_S`` ahead."""

    until: float = 0.0

    def begin(self, seconds: float) -> None:
        """So long from now."""
        self.until = time.monotonic() + seconds

    def earn(self, count: int) -> None:
        """Bytes have moved."""
        self.until = min(self.until + count / SLOWEST_BYTES_PER_S, time.monotonic() + NO_PROGRESS_S)

    @property
    def left(self) -> float:
        """Seconds left; negative if the peer is too slow."""
        return self.until - time.monotonic()


@dataclass
class Room:
    """How many bytes wait for slow readers, over all connections of a process."""

    most: int
    taken: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, count: int) -> bool:
        """Whether there is room for so many more; they are counted if there is."""
        with self._lock:
            if self.taken + count > self.most:
                return False
            self.taken += count
            return True

    def give(self, count: int) -> None:
        """So many have left."""
        with self._lock:
            self.taken -= count


ROOM = Room(MOST_HELD)


class Channel(socket.socket):
    """A connected socket that never blocks in ``sendall`` for a slow reader, nor in ``recv`` for a slow writer.

    Attributes
    ----------
    arrived
        Bytes that were read ahead; :meth:`recv` gives them first.
    outgoing, incoming
        The reader's and the writer's pace.
    is_head
        Whether the request that a thread answers asks for no body.
    """

    def __init__(self, accepted: socket.socket, room: Room = ROOM) -> None:
        super().__init__(accepted.family, accepted.type, accepted.proto, fileno=accepted.detach())
        super().setblocking(False)
        self.arrived = bytearray()
        self.incoming = Pace()
        self.outgoing = Pace()
        self.is_head = False
        self._held: deque[memoryview] = deque()
        self._room = room
        self._patience: float | None = None

    def setblocking(self, flag: bool) -> None:
        """Remembered only: the descriptor itself never blocks."""
        self._patience = None if flag else 0.0

    def settimeout(self, value: float | None) -> None:
        """The longest wait of one :meth:`recv`, in seconds."""
        self._patience = value

    def gettimeout(self) -> float | None:
        """What :meth:`settimeout` said."""
        return self._patience

    @property
    def held(self) -> int:
        """Bytes that wait for the reader."""
        return sum(map(len, self._held))

    def take_in(self) -> bool:
        """Read ahead what is there; False at the peer's end. Raises OSError."""
        try:
            found = super().recv(AT_ONCE)
        except BlockingIOError:
            return True
        self.arrived += found
        return bool(found)

    def recv(self, size: int = AT_ONCE, flags: int = 0) -> bytes:
        """As a blocking socket does, within its writer's pace; raises ConnectionResetError for one that is too slow."""
        if self.arrived:
            taken = bytes(self.arrived[:size])
            del self.arrived[:size]
            return taken
        while True:
            try:
                found = super().recv(size, flags)
            except BlockingIOError:
                self._wait(select.POLLIN, self.incoming, self._patience)
            else:
                self.incoming.earn(len(found))
                return found

    def sendall(self, data: Any, flags: int = 0) -> None:
        """Send what the reader takes now; the rest waits for :meth:`flush`, or here if too much waits already."""
        rest = memoryview(data)
        if self._held:
            self.flush()
        if not self._held:
            self.outgoing.begin(NO_PROGRESS_S)
            rest = self._send(rest)
        while rest and not self._room.take(len(rest)):
            self._wait(select.POLLOUT, self.outgoing, None)
            if self.flush():
                rest = self._send(rest)
        if rest:
            self._held.append(rest)

    def flush(self) -> bool:
        """Send of what waits as much as the reader takes now; whether all is sent. Raises OSError."""
        while self._held:
            first = self._held[0]
            rest = self._send(first)
            self._room.give(len(first) - len(rest))
            if rest:
                self._held[0] = rest
                return False
            self._held.popleft()
        return True

    def close(self) -> None:
        """Close; what still waits is forgotten."""
        self._room.give(self.held)
        self._held.clear()
        super().close()

    def _send(self, rest: memoryview) -> memoryview:
        while rest:
            try:
                count = super().send(rest)
            except BlockingIOError:
                break
            self.outgoing.earn(count)
            rest = rest[count:]
        return rest

    def _wait(self, event: int, pace: Pace, patience: float | None) -> None:
        """Until the descriptor is ready; raises ConnectionResetError or, for a wait that was bounded, TimeoutError."""
        left = pace.left
        bound = left if patience is None else min(left, patience)
        poll = select.poll()
        poll.register(self, event)
        if bound > 0 and poll.poll(bound * 1000):
            return
        if patience is not None and patience < left:
            raise TimeoutError("timed out")
        raise ConnectionResetError(errno.ECONNRESET, "the peer is too slow")
