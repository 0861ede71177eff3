"""What one client may ask of this machine: requests a second, and how deep and how detailed a JSON body is."""

from __future__ import annotations

import fcntl
import math
import mmap
import re
import struct
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path

from flask import Flask, Response, current_app, request

from cim_core.errors import ParameterError
from servers.api.problems import Problem, problem_response

DEEPEST = 64
"""Levels of arrays and objects in a body."""
MOST_VERTICES = 100_000
"""Positions in a body's geometries."""
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)  # possessive: a long text leaves nothing to come back to
_POSITION = re.compile(rb"\[\s*-?\d")
_BRACKETS = re.compile(rb"[\[{]+|[\]}]+")
_SLOT = struct.Struct("=Qdd")
_SLOTS = 4096
_NEAR = 8
"""Slots that an address is looked for in."""


@dataclass
class TokenBuckets:
    """A bucket of tokens for each client address, shared by processes that were forked after it was made.

    A bucket holds ``burst`` tokens and is filled at ``rate`` tokens a second; a request takes one. The table has a
    fixed size: an address that finds no free place shares one with another.

    Attributes
    ----------
    clock
        Seconds that never run back and are the same for all processes.
    """

    rate: float
    burst: int
    _table: mmap.mmap
    _lock_file: int
    clock: Callable[[], float] = time.monotonic
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def shared(cls, rate: float, burst: int, clock: Callable[[], float] = time.monotonic) -> TokenBuckets:
        """An empty table, in memory and not in any folder."""
        table = mmap.mmap(-1, _SLOTS * _SLOT.size)
        number, path = tempfile.mkstemp(prefix="cim-rate-")
        Path(path).unlink()  # nobody else can open it, and it ends with the last process
        return cls(rate, burst, table, number, clock)

    def wait_s(self, address: str) -> float:
        """Take a token for one request: 0.0 if there was one, else the seconds until there is."""
        name = int.from_bytes(blake2b(address.encode(), digest_size=8).digest(), "little") | 1
        with self._alone():
            now = self.clock()
            place, tokens = self._find(name, now)
            taken = tokens >= 1.0
            _SLOT.pack_into(self._table, place, name, tokens - taken, now)
        return 0.0 if taken else (1.0 - tokens) / self.rate

    def _find(self, name: int, now: float) -> tuple[int, float]:
        """The slot of an address and its tokens: its own, else one that nobody needs any more, else the first."""
        free = None
        for step in range(_NEAR):
            place = (name + step) % _SLOTS * _SLOT.size
            known, tokens, seen = _SLOT.unpack_from(self._table, place)
            tokens = min(self.burst, tokens + (now - seen) * self.rate)
            if known == name:
                return place, tokens
            if free is None and (known == 0 or tokens >= self.burst):
                free = place
        if free is not None:
            return free, float(self.burst)
        place = name % _SLOTS * _SLOT.size
        _, tokens, seen = _SLOT.unpack_from(self._table, place)
        return place, min(self.burst, tokens + (now - seen) * self.rate)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Among the threads of this process, and among the processes: the system's lock ends with who holds it."""
        with self._lock:
            fcntl.lockf(self._lock_file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.lockf(self._lock_file, fcntl.LOCK_UN)


def register_limits(app: Flask) -> None:
    """Refuse before any view what is too much."""
    app.before_request(_refuse_too_many)
    app.before_request(_refuse_too_detailed)


def _refuse_too_many() -> Response | None:
    buckets: TokenBuckets | None = current_app.extensions.get("cim.buckets")
    if buckets is None:
        return None
    address = request.remote_addr or ""
    wait = buckets.wait_s(address)
    if not wait:
        return None
    error = ParameterError(
        "http.too_many",
        "this address asks too often",
        where=address,
        expected=f"at most {buckets.rate:g} requests a second, {buckets.burst:,} at once",
        got="more",
        remedy="wait as long as Retry-After says; the settings rate_per_s and rate_burst set the bounds",
    )
    response = problem_response(Problem(error))
    response.headers["Retry-After"] = str(math.ceil(wait))
    return response


def _refuse_too_detailed() -> None:
    """Look at a JSON body before anything parses it."""
    known = request.routing_exception is None and request.method in ("POST", "PUT", "PATCH")
    if known and request.mimetype.endswith("json"):
        check_json(request.get_data())


def check_json(body: bytes) -> None:
    """Raise for a body that is nested too deeply or whose geometries have too many positions.

    Raises
    ------
    ParameterError
        ``http.too_deep``, ``http.too_many_vertices``.

    >>> check_json(b'{"a": [1, 2]}')
    """
    plain = _STRING.sub(b'""', body)
    if (deep := depth(plain)) > DEEPEST:
        raise ParameterError(
            "http.too_deep",
            "the body is nested too deeply",
            where="body",
            expected=f"at most {DEEPEST} levels",
            got=f"{deep:,} levels",
            remedy="send flatter JSON",
        )
    if (vertices := sum(1 for _ in _POSITION.finditer(plain))) > MOST_VERTICES:
        raise ParameterError(
            "http.too_many_vertices",
            "the body's geometries have too many positions",
            where="body",
            expected=f"at most {MOST_VERTICES:,} positions",
            got=f"{vertices:,}",
            remedy="simplify the geometry, or import it as a file",
        )


def depth(plain: bytes) -> int:
    """The deepest level of JSON whose texts are empty.

    >>> depth(b'{"": [[1], {}]}')
    3
    """
    deepest = level = 0
    for run in _BRACKETS.finditer(plain):
        count = run.end() - run.start()
        level += count if plain[run.start()] in b"[{" else -count
        deepest = max(deepest, level)
    return deepest
