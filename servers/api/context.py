"""What all requests of one process share: the city's folder, the settings, the scenarios, the opened city."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

from cim_core.registry import Registry, tree_stamp
from cim_core.settings import Settings
from servers.serving.cache import BuiltOnce

if TYPE_CHECKING:
    from cim_core.city import City

Value = TypeVar("Value")
MOST_REMEMBERED = 64
MOST_EARLIER = 7
"""Earlier versions of the city kept open beside the newest."""
GLANCE_S = 1.0
"""The drop-in folder is looked at no more often."""


class Scenarios:
    """The scenarios as the drop-in folder has them now: found anew when a file there was added, changed or removed.

    Installed ones are those of the start: their modules stay loaded as they were.
    """

    def __init__(self, drop_in: Path | None, found: Registry | None = None) -> None:
        self._drop_in = None if found is not None else drop_in
        self._stamp = tree_stamp(self._drop_in)
        self._found = found or Registry.discover(drop_in)
        self._looked = time.monotonic()
        self._lock = threading.Lock()

    def now(self) -> Registry:
        """The registry; the folder is looked at once a second at most."""
        if self._drop_in is not None and time.monotonic() - self._looked > GLANCE_S:
            with self._lock:
                if time.monotonic() - self._looked > GLANCE_S:
                    stamp = tree_stamp(self._drop_in)
                    if stamp != self._stamp:
                        self._found, self._stamp = Registry.discover(self._drop_in), stamp
                    self._looked = time.monotonic()
        return self._found


@dataclass
class Context:
    """One for each application. ``live`` is the Unix socket of the live process, if there is one."""

    root: Path
    settings: Settings
    scenarios: Scenarios
    live: Path | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _newest: City | None = None
    _earlier: OrderedDict[int, City] = field(default_factory=OrderedDict)
    _remembered: BuiltOnce[object] = field(default_factory=lambda: BuiltOnce(most=MOST_REMEMBERED, weight=lambda _: 1))

    @property
    def registry(self) -> Registry:
        """All scenarios, as they are now."""
        return self.scenarios.now()

    def city(self, at: int | None = None) -> City:
        """The city, opened anew so that what another process wrote is seen; what is unchanged is the same object.

        The newest is kept whatever is asked for; of the earlier ones those that were asked for last.

        Raises
        ------
        CityError
            It is missing or of a newer version.
        NotFoundError
            ``at`` is later than its newest version.
        """
        from cim_core.city import City

        if at is None:
            found = City.open(self.root)
            with self._lock:
                if self._newest is None or self._newest != found:
                    before, self._newest = self._newest, found
                    if before is not None and before.sequence < found.sequence:
                        self._keep(before)
                return self._newest
        with self._lock:
            if self._newest is not None and self._newest.sequence == at:
                return self._newest
            if at in self._earlier:
                self._earlier.move_to_end(at)
                return self._earlier[at]
        found = City.open(self.root, at)
        with self._lock:
            return self._keep(found)

    def _keep(self, earlier: City) -> City:
        known = self._earlier.setdefault(earlier.sequence, earlier)
        self._earlier.move_to_end(known.sequence)
        if len(self._earlier) > MOST_EARLIER:
            self._earlier.popitem(last=False)
        return known

    def remember(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """What ``make`` returns, kept under a key that names immutable content."""
        return cast("Value", self._remembered.get(key, make))
