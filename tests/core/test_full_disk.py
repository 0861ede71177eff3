"""A full disk: one clear error, the city stays as it was, and all goes well once there is room."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from osm_builder import Map, square
from tiny_cities import TOYS

from cim_core.city import City
from cim_core.errors import CimError, StorageError
from cim_core.importing import import_osm, import_raster
from cim_core.plan import Plan
from cim_core.question import ask
from cim_core.runner import Runner
from cim_core.store.files import staged_file, storage_faults
from cim_core.testing.tiny import tiny_elevation
from cim_core.testing.tiny_city import tiny_city

SIZE = 8_000_000
ROOM = (0, 4_096, 20_000, 60_000, 120_000, 200_000)
"""Bytes left: each fails at another place, until there is enough."""


@pytest.fixture
def disk(tmp_path) -> Iterator[Path]:
    """A file system of 8 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip("absent on this machine: the right to mount a small file system")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture
def small(disk, tiny_folder) -> City:
    """A tiny city on the small disk."""
    return City.open(Path(shutil.copytree(tiny_folder, disk / "city")))


def leave(disk: Path, room: int) -> Path:
    """Fill the disk but for some bytes."""
    ballast = disk / "ballast"
    ballast.unlink(missing_ok=True)
    free = os.statvfs(disk)
    ballast.write_bytes(b"x" * max(0, free.f_bavail * free.f_frsize - room))
    return ballast


def state(city: City) -> tuple:
    found = City.open(city.root)
    return found.sequence, {name: one.snapshot for name, one in found.versions.items()}, len(found.layer("roads"))


def town(folder: Path) -> Path:
    drawing = Map().nodes({i: (26 + i / 10, 6) for i in range(200)}).way(1, list(range(200)), {"highway": "primary"})
    for number in range(100):
        square(drawing, 1000 + number, 26 + number / 10, 7, 0.05, {"building": "yes", "name": f"house {number}"})
    return drawing.save(folder)


def outcome(disk: Path, room: int, act: Callable[[], object]) -> str:
    """How it ends with that many bytes left: an error's code, or ``done``."""
    ballast = leave(disk, room)
    try:
        act()
    except CimError as fault:
        return fault.code
    finally:
        ballast.unlink()
    return "done"


def sweep(disk: Path, city: City, act: Callable[[], object]) -> None:
    """With ever more room: `storage.full` and nothing changed, or it is done; with enough room it is done."""
    before, ends = state(city), []
    for room in ROOM:
        ends.append(outcome(disk, room, act))
        assert ends[-1] == "done" or state(city) == before
    assert set(ends) <= {"storage.full", "done"}
    assert ends[0] == "storage.full"
    act()


def test_an_import_of_osm(disk, small, tmp_path):
    file = town(tmp_path)
    sweep(disk, small, lambda: import_osm(City.open(small.root), file))
    assert len(City.open(small.root).layer("buildings")) == 100
    assert list((small.root / "tmp").glob("*")) == []


def test_an_import_of_a_raster(disk, small, tmp_path):
    file = tiny_elevation(tmp_path / "hill.tif")
    with small.edit("without") as session:
        session.remove("elevation")
    shutil.rmtree(small.root / "coverages")
    sweep(disk, small, lambda: import_raster(City.open(small.root), file, layer="elevation"))
    assert City.open(small.root).has_coverage("elevation")
    assert list((small.root / "tmp").glob("*")) == []


def test_a_run(disk, small, toys):
    runner = Runner(small, toys, drop_in=TOYS)

    def run(how: str) -> object:
        return runner.run(ask(small, toys, "toy.behave", {"how": how}, plan=Plan.empty(), seed=1))

    with pytest.raises(StorageError, match=r"storage\.full"):
        run("fill")
    assert not list((small.root / "runs").glob("*"))
    assert not list((small.root / "tmp").glob("*"))
    sweep(disk, small, lambda: run("work"))


def test_a_new_city(disk):
    def make() -> City:
        shutil.rmtree(disk / "new", ignore_errors=True)
        return tiny_city(disk / "new")

    ends = [outcome(disk, room, make) for room in (0, 10_000, 100_000, 200_000, 300_000)]
    assert set(ends) <= {"storage.full", "done"}
    assert ends[0] == "storage.full"
    assert make().has_layer("roads")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_disk_that_says_full_is_full(tmp_path, number):
    with pytest.raises(StorageError, match=r"storage\.full") as caught, storage_faults(tmp_path / "not" / "there"):
        raise OSError(number, os.strerror(number))
    assert "MiB free" in caught.value.got
    assert "cim gc" in caught.value.remedy


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS, errno.EPERM])
def test_a_disk_that_may_not_be_written_is_named(tmp_path, number):
    with pytest.raises(StorageError, match=r"storage\.read_only"), storage_faults(tmp_path):
        raise OSError(number, os.strerror(number))


def test_other_faults_pass_and_nothing_is_left(tmp_path):
    def fail() -> None:
        with staged_file(tmp_path / "a" / "b", tmp_path) as aside:
            aside.write_text("half")
            raise OSError(errno.EIO, "strange")

    with pytest.raises(OSError, match="strange"):
        fail()
    assert list(tmp_path.rglob("*")) == [tmp_path / "tmp"]
