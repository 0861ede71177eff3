"""Collecting garbage: files that no version refers to, staging of dead processes, caches nobody used."""

from __future__ import annotations

import os
import shutil
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cim_core.store import catalogue
from cim_core.store.database import Database
from cim_core.store.files import STAGING, write_lock
from cim_core.store.processes import process_lives
from cim_core.store.snapshots import SnapshotStore

DAY_S = 86_400
YOUNGEST_S = 3_600
"""A cache used within the hour may be in use by a run."""


def collect(root: Path, database: Database, *, cache_days: float = 30.0, dry_run: bool = False) -> dict[str, Any]:
    """Remove unreferenced snapshots, dead staging and old caches; runs and comparisons stay.

    Holds the city's write lock, so that nothing is removed that a writer is about to refer to. Returns ``files``,
    ``bytes`` and ``paths`` relative to the city.
    """
    with write_lock(root / ".lock"):
        with database.read() as connection:
            used = catalogue.snapshots_in_use(connection)
        found = [*_unreferenced(root, used), *dead_staging(root), *_old_caches(root, cache_days)]
        sizes = [_size(path) for path in found]
        if not dry_run:
            for path in found:
                _remove(path, root)
    return {"files": len(found), "bytes": sum(sizes), "paths": [str(path.relative_to(root)) for path in found]}


def sweep_staging(root: Path) -> None:
    """Remove what dead processes left aside."""
    for path in dead_staging(root):
        _remove(path, root)


def dead_staging(root: Path) -> list[Path]:
    """Staged files and folders (named ``<pid>-…``) whose process has ended."""
    folder = root / STAGING
    entries = sorted(folder.iterdir()) if folder.exists() else []
    return [path for path in entries if not _writer_lives(path.name.partition("-")[0])]


def _writer_lives(pid: str) -> bool:
    return pid.isdigit() and process_lives(int(pid))


def _unreferenced(root: Path, used: set[tuple[str, str, str]]) -> Iterator[Path]:
    store = SnapshotStore(root)
    paths = {"layer": store.layer_path, "coverage": store.coverage_path}
    kept = {paths[kind](name, hash_) for name, kind, hash_ in used if kind in paths}
    for folder in ("snapshots", "coverages"):
        yield from (path for path in sorted((root / folder).glob("*/*")) if path not in kept)


def _old_caches(root: Path, days: float) -> Iterator[Path]:
    limit = time.time() - max(days * DAY_S, YOUNGEST_S)
    for path in sorted((root / "cache").glob("*/*")):
        if path.is_dir() and path.stat().st_mtime < limit:
            yield path


def _size(path: Path) -> int:
    if path.is_file():
        return path.stat().st_size
    return sum((Path(folder) / name).stat().st_size for folder, _, names in os.walk(path) for name in names)


def _remove(path: Path, root: Path) -> None:
    """A folder goes out of sight whole before it is taken apart: nobody meets half of it."""
    if not path.is_dir():
        path.unlink(missing_ok=True)
        return
    aside = root / STAGING / f"{os.getpid()}-removed-{uuid.uuid4().hex}"
    aside.parent.mkdir(exist_ok=True)
    path.rename(aside)
    shutil.rmtree(aside, ignore_errors=True)
