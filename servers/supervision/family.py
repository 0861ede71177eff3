"""The processes of one server: started, watched, one replaced by its successor, all ended."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from cim_core.errors import CimError
from cim_core.settings import Settings
from servers.supervision import roster
from servers.supervision.assignment import complain
from servers.supervision.child import Child
from servers.supervision.succession import Retired, Succession

GLANCE_S = 0.1
STOP_S = 8.0
ANSWERS_S = 1.0
"""So long the web workers may answer what they have begun when the whole server ends."""


class Told(Protocol):
    """What the supervisor was told by signals."""

    @property
    def to_end(self) -> bool:
        """To end."""

    @property
    def at_once(self) -> bool:
        """To end without waiting for anybody."""

    def to_reload(self) -> bool:
        """To start web workers anew; asking takes note of it."""


@dataclass
class Family:
    """The supervisor's children.

    Attributes
    ----------
    reread
        The settings as they are now; raises :class:`CimError` if they do not fit.
    """

    root: Path
    address: str
    children: list[Child]
    reread: Callable[[], Settings]
    _successor: Succession | None = None
    _retired: Retired = field(default_factory=Retired)

    @property
    def pids(self) -> dict[str, int]:
        """Of the children, by name."""
        return {child.name: child.pid for child in self.children}

    def start(self) -> None:
        """Start all."""
        for child in self.children:
            child.start()
        roster.write(self.root, self.address, self.pids)

    def watch(self, told: Told) -> None:
        """Start again what ends, and the web process anew when told so, until told to end."""
        while not told.to_end:
            changed = [child.revive(complain) for child in self.children]
            if told.to_reload():
                self._begin_succession()
            if any([*changed, self._succeeded()]):
                roster.write(self.root, self.address, self.pids)
            self._retired.tidy()
            time.sleep(GLANCE_S)

    def _begin_succession(self) -> None:
        if self._successor is not None:  # its settings may be older than this signal
            self._dismiss_successor()
        web = next(child for child in self.children if child.name == "web")
        try:
            settings = self.reread()
        except CimError as fault:
            complain(f"the settings are not taken, the web workers stay as they are: {fault}")
            return
        content = settings.model_dump(mode="json")
        kept = {name: web.assignment.settings[name] for name in ("city", "host", "port")}
        self._successor = Succession.begin(replace(web.assignment, settings=content | kept))

    def _succeeded(self) -> bool:
        """Whether a successor has just taken its place."""
        successor = self._successor
        if successor is None:
            return False
        if not successor.ready():
            reason = successor.failed()
            if reason:
                complain(f"the new web process is not taken, the old one stays: {reason}")
                self._dismiss_successor()
            return False
        place = [child.name for child in self.children].index("web")
        old, self.children[place] = self.children[place], successor.child
        self._retired.add(old)
        successor.close()
        self._successor = None
        return True

    def _dismiss_successor(self) -> None:
        if self._successor is not None:
            self._successor.child.end_family()
            self._successor.close()
            self._successor = None

    def end(self, told: Told) -> None:
        """End all: the work of the moment is finished or put off, what is not done in time is killed."""
        self._dismiss_successor()
        all_ = [*self.children, *(child for child, _ in self._retired.children)]
        for child in all_:
            child.ask_to_end()
        begun = time.monotonic()
        hurried = False
        while any(child.pid and child.ended() is None for child in all_):
            spent = time.monotonic() - begun
            if spent > STOP_S or told.at_once:
                break
            if spent > ANSWERS_S and not hurried:
                hurried = True
                for child in (child for child in all_ if child.name == "web"):
                    child.ask_to_end(signal.SIGQUIT)
            time.sleep(GLANCE_S / 2)
        for child in all_:
            child.end_family()
