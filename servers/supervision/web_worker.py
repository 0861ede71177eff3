"""gunicorn's threaded worker, made patient: its loop waits for slow clients, its threads only for what they compute.

A request goes to a thread when it has arrived (:mod:`servers.supervision.arrival`); what a client does not take at
once of an answer stays with the loop. So neither a thousand silent connections nor a reader of one byte a second keep
a thread. gunicorn's own worker waits for all of these in a thread, and for the last bytes of a closing connection in
its loop.
"""

from __future__ import annotations

import errno
import selectors
import socket
import struct
import sys
import time
import traceback
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any

from gunicorn.http.errors import ParseException  # type: ignore[import-untyped]
from gunicorn.workers.gthread import TConn, ThreadWorker  # type: ignore[import-untyped]

from servers.api.security import NO_BODY
from servers.supervision.arrival import HEAD_END, is_too_long, is_whole
from servers.supervision.channel import BODY_GRACE_S, NO_PROGRESS_S, Channel
from servers.supervision.refusals import defect, refusal, too_long, too_slow, understood

HEAD_S = 10.0
"""A request's head must be there so long after its first byte."""
LINGER_S = 2.0
"""A connection that was closed here is listened to so long: its client may still be sending (RFC 9112, 9.6)."""
MOST_LINGERING = 2**20
LOOK_S = 0.25
"""Waiting connections are looked through no more often."""
_TRY_LATER = (errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK, errno.EMFILE, errno.ENFILE)
_RESET = struct.pack("ii", 1, 0)


class Connection(TConn):  # type: ignore[misc]
    """One client's connection.

    Attributes
    ----------
    late
        What is done when its time is over.
    keep
        Whether another request may follow the one that is being answered.
    drained
        Bytes thrown away since it was closed here.
    """

    sock: Channel
    late: Callable[[Connection], None]
    keep = False
    drained = 0


class PatientWorker(ThreadWorker):  # type: ignore[misc]
    """See the module."""

    wsgi: Any

    def init_process(self) -> None:
        """As gunicorn's; then its loop runs."""
        self.waiting: set[Connection] = set()
        self._looked = 0.0
        super().init_process()

    def load_wsgi(self) -> None:
        """The application, whose view of a broken body is an OSError as of any other stream."""
        super().load_wsgi()
        inner: Any = self.wsgi

        def application(environ: dict[str, Any], start_response: Any) -> Any:
            environ["wsgi.input"] = Body(environ["wsgi.input"])
            if "HTTP_EXPECT" in environ and int(environ.get("CONTENT_LENGTH") or 0) > self.app.most_upload:
                environ[NO_BODY] = True
            return inner(environ, start_response)

        self.wsgi = application

    def accept(self, listener: Any) -> None:
        """Take a connection; its request is waited for in the loop."""
        try:
            client, address = listener.accept()
        except OSError as fault:
            if fault.errno not in _TRY_LATER:
                raise
            return
        self.nr_conns += 1
        conn = Connection(self.cfg, Channel(client), address, listener.getsockname())
        conn.data_ready = True
        self._await(conn, selectors.EVENT_READ, self._arrived, HEAD_S, self._leave)

    def _await(
        self,
        conn: Connection,
        event: int,
        then: Callable[[Connection, Channel], None],
        seconds: float,
        late: Callable[[Connection], None],
    ) -> None:
        conn.timeout, conn.late = time.monotonic() + seconds, late
        self.waiting.add(conn)
        self.poller.register(conn.sock, event, partial(then, conn))

    def _no_longer(self, conn: Connection) -> None:
        self.waiting.discard(conn)
        self.poller.unregister(conn.sock)

    def _arrived(self, conn: Connection, channel: Channel) -> None:
        """Something of a request is there."""
        before = len(channel.arrived)
        try:
            there = channel.take_in()
        except OSError:
            there = False
        if not there:  # cut in the middle: nothing has been done, and nothing is
            return self._leave(conn)
        if is_whole(channel.arrived, self.app.most_body):
            self._no_longer(conn)
            return self.enqueue_req(conn)
        if is_too_long(channel.arrived):
            return self._refuse(conn, refusal(too_long()))
        if not before:
            channel.incoming.begin(HEAD_S)
            conn.late = self._too_slow
        elif HEAD_END in channel.arrived:  # of a body each byte counts, of a head only its end
            channel.incoming.earn(len(channel.arrived) - before)
        conn.timeout = channel.incoming.until
        return None

    def enqueue_req(self, conn: Connection) -> None:
        """Let a thread answer the request that has arrived."""
        conn.sock.incoming.begin(BODY_GRACE_S)
        conn.sock.is_head = conn.sock.arrived.startswith(b"HEAD ")
        super().enqueue_req(conn)

    def handle_request(self, req: Any, conn: Connection) -> bool:
        """As gunicorn's; the client is not asked for a body that every view refuses, and no other request follows."""
        announced = next((int(value) for name, value in req.headers if name == "CONTENT-LENGTH"), 0)
        if announced > self.app.most_upload:
            req.force_close()
            req._expected_100_continue = False
        return bool(super().handle_request(req, conn))

    def finish_request(self, conn: Connection, done: Future[Any]) -> None:
        """The thread is free again; what the client has not taken yet is sent from here."""
        conn.keep = not done.cancelled() and done.exception() is None and bool(done.result())
        if conn.keep:
            conn.sock.arrived[:0] = conn.parser.unreader.take_buffered()
        self._sent(conn, conn.sock, registered=False)

    def _sent(self, conn: Connection, channel: Channel, *, registered: bool = True) -> None:
        """The client has taken something of the answer."""
        try:
            whole = channel.flush()
        except OSError:
            return self._leave(conn)
        if whole:
            if registered:
                self._no_longer(conn)
            return self._go_on(conn)
        if not registered:
            self._await(conn, selectors.EVENT_WRITE, self._sent, NO_PROGRESS_S, self._abort)
        conn.timeout = channel.outgoing.until
        return None

    def _go_on(self, conn: Connection) -> None:
        """The answer is sent: wait for the next request, or close."""
        if not conn.keep:
            return self._linger(conn)
        if is_whole(conn.sock.arrived, self.app.most_body):
            return self.enqueue_req(conn)
        if conn.sock.arrived:
            conn.sock.incoming.begin(HEAD_S)
            return self._await(conn, selectors.EVENT_READ, self._arrived, HEAD_S, self._too_slow)
        seconds = self.cfg.keepalive if self.alive else min(self.cfg.keepalive, LINGER_S)
        return self._await(conn, selectors.EVENT_READ, self._arrived, seconds, self._leave)

    def _too_slow(self, conn: Connection) -> None:
        self._refuse(conn, refusal(too_slow()))

    def _refuse(self, conn: Connection, answer: bytes) -> None:
        """Say why, from the loop, and close."""
        self._no_longer(conn)
        conn.keep = False
        try:
            conn.sock.sendall(answer)
        except OSError:
            return self._leave(conn)
        return self._sent(conn, conn.sock, registered=False)

    def _linger(self, conn: Connection) -> None:
        """Half-close, and read for a while what still comes: a reset would destroy the answer on its way."""
        try:
            conn.sock.shutdown(socket.SHUT_WR)
        except OSError:
            return self._leave(conn)
        return self._await(conn, selectors.EVENT_READ, self._drain, LINGER_S, self._leave)

    def _drain(self, conn: Connection, channel: Channel) -> None:
        channel.arrived.clear()
        try:
            there = channel.take_in()
        except OSError:
            there = False
        conn.drained += len(channel.arrived)
        if not there or conn.drained > MOST_LINGERING:
            self._leave(conn)

    def _leave(self, conn: Connection) -> None:
        """Close."""
        if conn in self.waiting:
            self._no_longer(conn)
        self.nr_conns -= 1
        conn.close()

    def _abort(self, conn: Connection) -> None:
        """Close, and let the system forget what the client has not taken."""
        conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self._leave(conn)

    def murder_keepalived(self, force: bool = False) -> None:
        """End the connections whose time is over, in whatever they wait; all of them at the worker's end."""
        now = time.monotonic()
        if now - self._looked < LOOK_S and not force:
            return
        self._looked = now
        for conn in list(self.waiting):
            if force:
                self._leave(conn)
            elif conn.timeout < now:
                conn.late(conn)

    def murder_pending(self) -> None:
        """There are none: they wait with the others."""

    def _cap_keepalive(self, deadline: float) -> None:
        """Idle connections are closed by then at the latest; until then a request may be on its way."""
        for conn in self.waiting:
            if not conn.sock.arrived and conn.late == self._leave:
                conn.timeout = min(conn.timeout, deadline)

    def handle_error(self, req: Any, client: Channel, addr: Any, exc: Exception) -> None:
        """A problem document for what could not be read; for a defect the trace goes to the log."""
        error = understood(exc)
        if error is None:
            sys.stderr.write("".join(traceback.format_exception(exc)))
            sys.stderr.flush()
        try:
            client.sendall(refusal(error or defect(), head_only=client.is_head))
        except OSError:  # gone meanwhile: nobody is there to be told
            return


class Body:
    """A request's body, whose broken framing is an OSError: the application then answers as for a cut connection."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def _read(self, name: str, *size: int) -> Any:
        try:
            return getattr(self._inner, name)(*size)
        except ParseException as fault:
            raise OSError(errno.EBADMSG, "the body's chunks are malformed") from fault

    def read(self, size: int = -1) -> bytes:
        """At most ``size`` bytes."""
        return bytes(self._read("read", size))

    def readline(self, size: int = -1) -> bytes:
        """One line."""
        return bytes(self._read("readline", size))

    def readlines(self, hint: int = -1) -> list[bytes]:
        """All lines."""
        return list(self._read("readlines"))

    def __iter__(self) -> Body:
        return self

    def __next__(self) -> bytes:
        line = self.readline()
        if not line:
            raise StopIteration
        return line
