"""A memory limit by a control group: what the kernel charges to it counts, page cache of its files too."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")


@dataclass(frozen=True)
class MemoryGroup:
    """A control group of its own; ``version`` 1 or 2 of the interface."""

    folder: Path
    version: int

    def enter(self) -> Callable[[], None]:
        """What a child process calls before its programme begins."""
        procs = self.folder / "cgroup.procs"
        return lambda: procs.write_text(str(os.getpid())) and None

    def facts(self) -> dict[str, int]:
        """Bytes that are anonymous and that are page cache now; major faults, kills and hits of the limit so far."""
        stat = _pairs(self.folder / "memory.stat")
        if self.version == 2:
            events = _pairs(self.folder / "memory.events")
            return {
                "anonymous": stat["anon"],
                "cache": stat["file"],
                "major_faults": stat["pgmajfault"],
                "killed": events["oom_kill"],
                "at_limit": events["max"],
            }
        return {
            "anonymous": stat["total_rss"],
            "cache": stat["total_cache"],
            "major_faults": stat["total_pgmajfault"],
            "killed": _pairs(self.folder / "memory.oom_control").get("oom_kill", 0),
            "at_limit": int((self.folder / "memory.failcnt").read_text()),
        }


@contextlib.contextmanager
def memory_group(limit_mb: int | None) -> Iterator[MemoryGroup]:
    """A group with a limit of so many MiB, or without one; gone with the block, when its processes are."""
    folder, version = _place(f"cim-bench-{os.getpid()}")
    folder.mkdir()
    try:
        if limit_mb is not None:
            name = "memory.max" if version == 2 else "memory.limit_in_bytes"
            (folder / name).write_text(str(limit_mb * 2**20))
        yield MemoryGroup(folder, version)
    finally:
        folder.rmdir()


def _place(name: str) -> tuple[Path, int]:
    controllers = ROOT / "cgroup.controllers"
    if controllers.exists() and "memory" in controllers.read_text() and os.access(ROOT, os.W_OK):
        return ROOT / name, 2
    if (ROOT / "memory" / "memory.limit_in_bytes").exists() and os.access(ROOT / "memory", os.W_OK):
        return ROOT / "memory" / name, 1
    raise SystemExit(
        "This machine gives no control group with the memory controller that may be written (root is needed); a limit "
        "on address space would count mapped files too and measure something else. Not measured."
    )


def _pairs(path: Path) -> dict[str, int]:
    return {name: int(value) for name, value in (line.split() for line in path.read_text().splitlines())}
