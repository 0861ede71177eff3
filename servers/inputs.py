"""Input files of a city: what a person handed in for a run (trips, counts), by name and by nothing else.

They lie in the folder ``inputs`` of the city. A file that was put there by hand is found by its name; one that was
uploaded carries a piece of its content's hash in its name, so that the same content is kept once and a name never
changes its meaning.
"""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cim_core.errors import ParameterError
from cim_core.store.files import staged_file

FOLDER = "inputs"
MOST_BYTES = 50_000_000
_NAME = re.compile(r"^\w[\w.\-+() ]{0,119}$")
_HASH_SIGNS = 16


@dataclass(frozen=True)
class InputFile:
    """One file: its name is what a parameter says."""

    name: str
    size_bytes: int
    modified_at: datetime


class InputFiles:
    """The input files of the city in ``root``."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / FOLDER

    def listing(self) -> list[InputFile]:
        """All files, newest first; links and hidden files are none."""
        found = [_described(entry) for entry in self._entries()]
        return sorted(found, key=lambda file: (file.modified_at, file.name), reverse=True)

    def find(self, name: str, parameter: str) -> Path:
        """Path of the file of exactly that name; raises :class:`ParameterError` (``inputs.unknown``) otherwise.

        The name is compared with what lies in the folder and never becomes part of a path, so that no name leads out.
        """
        known = {entry.name: entry.path for entry in self._entries()}
        if name in known:
            return Path(known[name])
        raise ParameterError(
            "inputs.unknown",
            "no input file has this name",
            where=f"parameter {parameter}",
            expected=", ".join(sorted(known)[:5]) or f"the name of a file that lies in the city's folder {FOLDER!r}",
            got=name[:200],
            remedy="upload the file first (POST /api/inputs) and use the name it is given",
        )

    def store(self, name: str, content: bytes) -> InputFile:
        """Keep a file, whole or not at all; the same name and content twice is one file.

        Raises
        ------
        ParameterError
            The name is none a file may have (``inputs.name``), or there is nothing or too much in it (``inputs.size``).
        StorageError
            The disk refused.
        """
        stem, ending = _checked_name(name)
        if not 0 < len(content) <= MOST_BYTES:
            raise ParameterError(
                "inputs.size",
                "the file is empty" if not content else "the file is too large",
                where=name,
                expected=f"1 byte to {MOST_BYTES // 10**6} MB",
                got=f"{len(content)} bytes",
                remedy=f"put a larger file into the city's folder {FOLDER!r} by hand; its name can then be used",
            )
        digest = hashlib.sha256(content).hexdigest()[:_HASH_SIGNS]
        target = self.folder / f"{stem}-{digest}{ending}"
        if not target.exists():
            with staged_file(target, self.root) as aside:
                aside.write_bytes(content)
        return next(_described(entry) for entry in self._entries() if entry.name == target.name)

    def _entries(self) -> Iterator[os.DirEntry[str]]:
        if not self.folder.is_dir():
            return
        with os.scandir(self.folder) as entries:
            for entry in entries:
                if entry.is_file(follow_symlinks=False) and not entry.name.startswith("."):
                    yield entry


def _described(entry: os.DirEntry[str]) -> InputFile:
    status = entry.stat(follow_symlinks=False)
    return InputFile(entry.name, status.st_size, datetime.fromtimestamp(status.st_mtime, UTC))


def _checked_name(name: str) -> tuple[str, str]:
    """Stem and ending of a name that is one on every system."""
    plain = unicodedata.normalize("NFC", name)
    if not _NAME.match(plain) or ".." in plain or len(plain.encode()) > 200:
        raise ParameterError(
            "inputs.name",
            "a file cannot be kept under this name",
            where="name",
            expected="letters, digits and - _ . + ( ), no folder, at most 120 signs",
            got=name[:200],
            remedy="give it a plain name such as trips.csv",
        )
    return Path(plain).stem, Path(plain).suffix
