"""A bounded memory of what was built: least recently used leaves first, and each thing is built once at a time."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class BuiltOnce(Generic[T]):
    """Key → built value, by threads of one process. Who asks for what another thread is building waits for it.

    Parameters
    ----------
    most
        What the kept values may weigh together. The one that was asked for last is kept even if it alone weighs more.
    weight
        Of one value, in the same unit (rows, bytes).
    grows
        Whether values weigh more as they are used: they are then weighed each time they are asked for.

    >>> cache = BuiltOnce(most=1_000, weight=len)
    >>> cache.get("a", lambda: b"built")
    b'built'
    """

    def __init__(self, *, most: int, weight: Callable[[T], int], grows: bool = False) -> None:
        self._most = most
        self._grows = grows
        self._weigh = weight
        self._kept: OrderedDict[Hashable, tuple[T, int]] = OrderedDict()
        self._total = 0
        self._lock = threading.Lock()
        self._building: dict[Hashable, threading.Lock] = {}

    def get(self, key: Hashable, build: Callable[[], T]) -> T:
        """The value of a key, built now if it is not there. What ``build`` raises is raised, and nothing is kept."""
        with self._lock:
            if key in self._kept:
                return self._known(key)
            turn = self._building.setdefault(key, threading.Lock())
        with turn:
            with self._lock:
                if key in self._kept:
                    return self._known(key)
            try:
                value = build()
                with self._lock:
                    self._keep(key, value)
            finally:
                with self._lock:
                    self._building.pop(key, None)
            return value

    @property
    def total(self) -> int:
        """What the kept values weigh together."""
        return self._total

    def __len__(self) -> int:
        return len(self._kept)

    def __contains__(self, key: Hashable) -> bool:
        return key in self._kept

    def _known(self, key: Hashable) -> T:
        self._kept.move_to_end(key)
        value = self._kept[key][0]
        if self._grows:
            self._keep(key, value)
        return value

    def _keep(self, key: Hashable, value: T) -> None:
        weight = self._weigh(value)
        if key in self._kept:
            self._total -= self._kept.pop(key)[1]
        self._kept[key] = (value, weight)
        self._total += weight
        while self._total > self._most and len(self._kept) > 1:
            self._total -= self._kept.popitem(last=False)[1][1]
