"""What all requests of one process share: the city's folder, the settings, the scenarios, the opened city."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

from cim_core.registry import Registry
from cim_core.settings import Settings
from servers.serving.cache import BuiltOnce

if TYPE_CHECKING:
    from cim_core.city import City

Value = TypeVar("Value")
MOST_REMEMBERED = 64


@dataclass
class Context:
    """One for each application. ``live`` is the Unix socket of the live process, if there is one."""

    root: Path
    settings: Settings
    registry: Registry
    live: Path | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _opened: dict[int, City] = field(default_factory=dict)
    _remembered: BuiltOnce[object] = field(default_factory=lambda: BuiltOnce(most=MOST_REMEMBERED, weight=lambda _: 1))

    def city(self, at: int | None = None) -> City:
        """The city, opened anew so that what another process wrote is seen; what is unchanged is the same object.

        Raises
        ------
        CityError
            It is missing or of a newer version.
        NotFoundError
            ``at`` is later than its newest version.
        """
        from cim_core.city import City

        known = self._opened.get(at) if at is not None else None
        found = known or City.open(self.root, at)
        with self._lock:
            known = self._opened.get(found.sequence)
            if known is None or known != found:
                self._opened[found.sequence] = known = found
                while len(self._opened) > 8:
                    self._opened.pop(next(iter(self._opened)))
        return known

    def remember(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """What ``make`` returns, kept under a key that names immutable content."""
        return cast("Value", self._remembered.get(key, make))
