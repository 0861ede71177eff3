"""What all requests of one process share: the city's folder, the settings, the scenarios, the opened city."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
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
SETTLED_NS = 100_000_000
"""A file that was written less than this ago may be written again within the same tick of its file system's clock."""
_CITY_FILES = ("city.json", "head.json", "city.sqlite", "city.sqlite-wal")
Stamp = tuple[tuple[int, int, int], ...]


def _stamp(files: Sequence[Path]) -> Stamp | None:
    """Place, time and size of the files that tell the newest version; None if one was written only now.

    Every version writes ``head.json`` anew, so the same stamp is the same version; a few microseconds tell it.
    """
    found = []
    for path in files:
        try:
            about = path.stat()
            found.append((about.st_ino, about.st_mtime_ns, about.st_size))
        except OSError:
            found.append((0, 0, 0))
    latest = max(time_ns for _, time_ns, _ in found)
    return None if not found[1][0] or time.time_ns() - latest < SETTLED_NS else tuple(found)


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
    _seen: Stamp | None = None
    _earlier: OrderedDict[int, City] = field(default_factory=OrderedDict)
    _remembered: BuiltOnce[object] = field(default_factory=lambda: BuiltOnce(most=MOST_REMEMBERED, weight=lambda _: 1))

    @cached_property
    def _files(self) -> tuple[Path, ...]:
        return tuple(self.root / name for name in _CITY_FILES)

    @property
    def registry(self) -> Registry:
        """All scenarios, as they are now."""
        return self.scenarios.now()

    def city(self, at: int | None = None) -> City:
        """The city as it is now, whoever wrote it; what is unchanged is the same object, and is not opened again.

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
            stamp = _stamp(self._files)
            with self._lock:
                if stamp is not None and stamp == self._seen and self._newest is not None:
                    return self._newest
            found = City.open(self.root)
            with self._lock:
                self._seen = stamp
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
