"""Atomic files: written aside, flushed, then renamed. What is half-done never bears its final name."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import shutil
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

from cim_core.errors import CityError, StorageError

STAGING = "tmp"


@contextlib.contextmanager
def storage_faults(where: Path) -> Iterator[None]:
    """Turn a full or read-only disk into :class:`StorageError`; other errors pass."""
    try:
        yield
    except OSError as fault:
        if fault.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise StorageError(
                "storage.full",
                "the disk is full; nothing was changed",
                where=str(where),
                expected="free space",
                got=f"{shutil.disk_usage(_existing(where)).free // 2**20} MiB free",
                remedy="free some space (`cim gc` removes what no version refers to), then run the command again",
            ) from fault
        if fault.errno in (errno.EACCES, errno.EROFS, errno.EPERM):
            raise StorageError(
                "storage.read_only",
                "the city cannot be written",
                where=str(fault.filename or where),
                expected="a folder this user may write",
                got=os.strerror(fault.errno),
                remedy="change the owner or mode of the folder, or use another",
            ) from fault
        raise


def _existing(path: Path) -> Path:
    return next(folder for folder in (path, *path.parents) if folder.exists())


@contextlib.contextmanager
def staged_file(target: Path, root: Path) -> Iterator[Path]:
    """A path to write to; on success it is flushed and becomes ``target``, on failure it is gone.

    ``root`` is the city's folder: staging is on the same file system, so that the rename is atomic.
    """
    aside = _aside(root, target.suffix)
    try:
        with storage_faults(root):
            yield aside
            flush(aside)
            target.parent.mkdir(parents=True, exist_ok=True)
            aside.replace(target)
            flush(target.parent)
    finally:
        aside.unlink(missing_ok=True)


@contextlib.contextmanager
def staged_directory(target: Path, root: Path) -> Iterator[Path]:
    """As :func:`staged_file` for a folder. If another process was first, its folder stays and ours is dropped."""
    aside = _aside(root, "")
    try:
        with storage_faults(root):
            aside.mkdir()
            yield aside
            for path in sorted(aside.rglob("*")):
                flush(path)
            target.parent.mkdir(parents=True, exist_ok=True)
            _rename_unless_there(aside, target)
            flush(target.parent)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _rename_unless_there(aside: Path, target: Path) -> None:
    try:
        aside.rename(target)
    except OSError as fault:
        if fault.errno not in (errno.EEXIST, errno.ENOTEMPTY):
            raise


def _aside(root: Path, suffix: str) -> Path:
    folder = root / STAGING
    with storage_faults(root):
        folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{os.getpid()}-{uuid.uuid4().hex}{suffix}"


def flush(path: Path) -> None:
    """Force a file's or folder's content to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def write_lock(path: Path, wait_s: float = 60.0) -> Iterator[None]:
    """One writer at a time; the lock ends with its process. Raises :class:`CityError` if another holds it longer."""
    with storage_faults(path), path.open("a+") as stream:
        deadline = time.monotonic() + wait_s
        while not _locked(stream.fileno()):
            if time.monotonic() > deadline:
                raise CityError(
                    "city.busy",
                    "another process is writing this city",
                    where=str(path.parent),
                    expected=f"the other process to finish within {wait_s:g} s",
                    got="still writing",
                    remedy="wait for it, or end it; a killed process leaves no lock behind",
                )
            time.sleep(0.05)
        yield


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
