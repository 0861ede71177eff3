"""Files that follow from a key alone: made once, atomically, by one process at a time; safe to delete."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path

from cim_core.canonical import content_hash
from cim_core.store.files import staged_directory, write_lock


class FileCache:
    """Directories under ``<city>/cache/<kind>/<hash of the key>``; ``code`` is the digest of what builds them."""

    def __init__(self, root: Path, code: str = "") -> None:
        self.root = root
        self.code = code

    def get(self, kind: str, key: object, build: Callable[[Path], None]) -> Path:
        """The directory for a JSON-like key; on a miss ``build(directory)`` fills it.

        If ``build`` raises, nothing is kept and the error goes on.
        """
        path = self.root / "cache" / kind / content_hash({"code": self.code, "key": key})
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            with write_lock(path.parent / f".{path.name}.lock", wait_s=3600):
                if not path.exists():
                    with staged_directory(path, self.root) as aside:
                        build(aside)
        with contextlib.suppress(OSError):  # a city that may only be read, or `cim gc` at the same moment
            os.utime(path)  # `cim gc` drops what was not used for long
        return path
