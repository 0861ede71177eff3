"""See what a piece of Python writes, and where."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_PATHS = {  # audit event → positions of the paths it changes, each with that of the folder they are relative to
    "os.mkdir": ((0, 2),),
    "os.rename": ((0, 2), (1, 3)),
    "os.remove": ((0, 1),),
    "os.rmdir": ((0, 1),),
    "os.link": ((1, 3),),
    "os.symlink": ((1, 2),),
}
_HARMLESS = ("/dev", "/proc", "/sys")


class _Watch:
    """Python's audit hooks cannot be taken away again, so one hook stays and has a list only while it is watched."""

    found: list[Path] | None = None
    hooked = False

    def hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.found is None:
            return
        if event == "open":
            if isinstance(arguments[2], int) and arguments[2] & _WRITING:
                self._note(arguments[0])
        else:
            for path, folder in _PATHS.get(event, ()):
                self._note(arguments[path], arguments[folder])

    def _note(self, path: Any, folder: int = -1) -> None:
        if self.found is not None and isinstance(path, (str, bytes, os.PathLike)):
            base = Path(f"/proc/self/fd/{folder}").readlink() if folder >= 0 else Path()
            self.found.append(Path(os.path.abspath(base / os.fsdecode(path))))  # noqa: PTH100 - links stay unresolved


_WATCH = _Watch()


@contextlib.contextmanager
def written_outside(allowed: Sequence[Path]) -> Iterator[list[Path]]:
    """Collect the paths that this process opens for writing, makes, renames or removes outside the folders allowed.

    The list is filled when the block ends. Compiled modules (``__pycache__``) and devices do not count; what libraries
    write past Python, and child processes, is not seen.
    """
    if not _WATCH.hooked:
        sys.addaudithook(_WATCH.hook)
        _WATCH.hooked = True
    outside: list[Path] = []
    _WATCH.found = []
    try:
        yield outside
    finally:
        seen, _WATCH.found = dict.fromkeys(_WATCH.found), None
        roots = [Path(os.path.abspath(folder)) for folder in allowed]  # noqa: PTH100
        outside.extend(path for path in seen if not _allowed(path, roots))


def _allowed(path: Path, roots: Sequence[Path]) -> bool:
    if "__pycache__" in path.parts or str(path).startswith(_HARMLESS):
        return True
    return any(path == root or root in path.parents for root in roots)
