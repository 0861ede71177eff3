"""The hub: one loop, thousands of listeners. Connections come from the web workers; events from the city's database."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import traceback
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from cim_core.errors import CimError
from servers.live.events import HEARTBEAT, HEARTBEAT_S, POLL_S, Event, Events, Mark, opening
from servers.live.handover import ACCEPTED, LONGEST, STREAM_HEADERS, LiveRequest

MOST_LISTENERS = 5000
SLOW_BYTES = 262_144
"""A listener that lets so much wait is cut off; it comes back and asks for what it missed."""
PAUSE_S = 1.0
"""Rest after something went wrong."""


class Listener(asyncio.Protocol):
    """One reader of the stream. What it sends is ignored; what it does not read in time ends it."""

    def __init__(self, request: LiveRequest, gone: Callable[[Listener], None]) -> None:
        self.request = request
        self.transport: asyncio.Transport | None = None
        self._gone = gone

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport; say the headers."""
        self.transport = cast("asyncio.Transport", transport)
        headers = {**self.request.headers, **STREAM_HEADERS, "Connection": "close"}
        lines = ["HTTP/1.1 200 OK", *(f"{name}: {value}" for name, value in headers.items())]
        self.transport.write("\r\n".join([*lines, "", ""]).encode("latin-1", "replace"))

    def connection_lost(self, fault: Exception | None) -> None:
        """The tab was closed, or the listener was cut off."""
        self.transport = None
        self._gone(self)

    def say(self, content: bytes) -> None:
        """Write, or cut off a listener that does not read."""
        if self.transport is None or self.transport.is_closing():
            return
        if self.transport.get_write_buffer_size() > SLOW_BYTES:
            self.transport.abort()
        else:
            self.transport.write(content)


@dataclass
class Hub:
    """Pushes what changes in one city.

    Attributes
    ----------
    complain
        Called with what went wrong while the city was watched; the hub goes on.
    """

    events: Events
    complain: Callable[[str], None]
    _listeners: set[Listener] = field(default_factory=set)
    _mark: Mark | None = None
    _reading: asyncio.Lock = field(default_factory=asyncio.Lock)
    _welcomed: set[asyncio.Task[None]] = field(default_factory=set)

    async def serve(self, address: Path, stop: asyncio.Event) -> None:
        """Take over connections at a Unix socket until told to stop."""
        address.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as door:
            door.bind(str(address))
            address.chmod(0o600)
            door.listen(1024)
            door.setblocking(False)
            tasks = [asyncio.create_task(part) for part in (self._watch(), self._beat(), self._receive(door))]
            await asyncio.wait([asyncio.create_task(stop.wait()), *tasks], return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
        for listener in list(self._listeners):
            if listener.transport is not None:
                listener.transport.close()
        address.unlink(missing_ok=True)
        for fault in ended:
            if isinstance(fault, Exception):
                raise fault

    async def _receive(self, door: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                there, _ = await loop.sock_accept(door)
            except OSError as fault:  # no descriptor is free, as a rule: listeners go, and then there is one
                self.complain(f"the live process cannot take another listener now: {fault}")
                await asyncio.sleep(PAUSE_S)
                continue
            self._later(self._take(there))

    async def _take(self, there: socket.socket) -> None:
        """One connection from a web worker: the request and the listener's socket."""
        loop = asyncio.get_running_loop()
        with there:
            try:
                connection, request = await _received(loop, there)
            except (OSError, ValueError, KeyError, TypeError) as fault:
                self.complain(f"the live process was handed what it cannot take: {fault!r}")
                return
            if len(self._listeners) >= MOST_LISTENERS:
                connection.close()
                return
            listener = Listener(request, self._listeners.discard)
            with contextlib.suppress(OSError):  # the worker has gone meanwhile; the listener has not
                await loop.sock_sendall(there, ACCEPTED)
        try:
            await loop.connect_accepted_socket(lambda: listener, connection)
            await self._welcome(listener)
        except Exception as fault:  # noqa: BLE001 - whatever it is, a listener must not wait for events that never come
            self.complain(_words(fault))
            self._listeners.discard(listener)
            if listener.transport is None:
                connection.close()
            else:
                listener.transport.abort()  # it comes back by itself

    async def _welcome(self, listener: Listener) -> None:
        """Greet a listener with what it missed; from then on it hears what all hear."""
        async with self._reading:
            found, seen = await asyncio.to_thread(self.events.welcome, listener.request.last_event_id)
        listener.say(opening() + _lines(found, listener))
        self._mark = self._mark or seen  # older than what it saw: it hears the last event twice, which does no harm
        if listener.transport is not None:
            self._listeners.add(listener)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(POLL_S)
            if not self._listeners or self._mark is None:
                self._mark = None  # nobody listens: the database has its peace
                continue
            try:
                await self._look(self._mark)
            except Exception as fault:  # noqa: BLE001 - one bad look must not take the stream from all
                self.complain(_words(fault))
                await asyncio.sleep(PAUSE_S)

    async def _look(self, mark: Mark) -> None:
        """Read what is newer than the mark and say it to all."""
        async with self._reading:
            newest = await asyncio.to_thread(self.events.newest)
            if newest == mark:
                return
            found, self._mark = await asyncio.to_thread(self.events.since, mark)
        by_topics: dict[tuple[str, ...], bytes] = {}
        for listener in list(self._listeners):
            topics = listener.request.topics
            if topics not in by_topics:
                by_topics[topics] = _lines(found, listener)
            if by_topics[topics]:
                listener.say(by_topics[topics])

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_S)
            for listener in list(self._listeners):
                listener.say(HEARTBEAT)

    def _later(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._welcomed.add(task)
        task.add_done_callback(self._welcomed.discard)


def _words(fault: Exception) -> str:
    """What an operator reads: of an error that nobody foresaw its whole trace."""
    return str(fault) if isinstance(fault, CimError) else "".join(traceback.format_exception(fault)).rstrip()


def _lines(found: list[Event], listener: Listener) -> bytes:
    return b"".join(event.encode() for event in found if event.belongs(listener.request.topics))


def _done(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


async def _received(loop: asyncio.AbstractEventLoop, there: socket.socket) -> tuple[socket.socket, LiveRequest]:
    """The listener's socket and the request; raises OSError or ValueError if they do not come whole."""
    there.setblocking(False)
    readable: asyncio.Future[None] = loop.create_future()
    loop.add_reader(there, _done, readable)
    try:
        await asyncio.wait_for(readable, timeout=2.0)
    finally:
        loop.remove_reader(there)
    line, descriptors, _, _ = socket.recv_fds(there, LONGEST, 1)
    if len(descriptors) != 1:
        raise ValueError("no connection came with the request")
    connection = socket.socket(fileno=descriptors[0])
    try:
        connection.setblocking(False)
        while not line.endswith(b"\n"):
            more = await asyncio.wait_for(loop.sock_recv(there, LONGEST), timeout=2.0)
            if not more or len(line) > LONGEST:
                raise ValueError("the request is not whole")
            line += more
        return connection, LiveRequest.decode(line)
    except BaseException:
        connection.close()
        raise
