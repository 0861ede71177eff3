"""Collecting caches: none that a run may have in its hands, each whole, and it can be built again."""

import os
import shutil
import time
from pathlib import Path

import pytest

from cim_core.city import City
from cim_core.store import garbage
from cim_core.store.cache import FileCache
from cim_core.store.garbage import DAY_S, YOUNGEST_S, collect

MINUTE_S = 60


def build(folder: Path) -> None:
    for name in ("net", "routes"):
        (folder / name).write_text("whole")
    (folder / "deep").mkdir()
    (folder / "deep" / "er").write_text("whole")


def made(city: City, key: str, age_s: float) -> Path:
    """A cache that was last used so long ago."""
    path = FileCache(city.root, "code").get("net", key, build)
    used = time.time() - age_s
    os.utime(path, (used, used))
    return path


def gone(city: City, days: float) -> set[str]:
    return set(collect(city.root, city.database, cache_days=days)["paths"])


@pytest.mark.parametrize("days", [0, 0.0001, -5])
def test_what_was_used_within_the_hour_stays_whatever_is_asked(city, days):
    young, old = made(city, "young", YOUNGEST_S - MINUTE_S), made(city, "old", YOUNGEST_S + MINUTE_S)
    assert gone(city, days) == {str(old.relative_to(city.root))}
    assert (young.exists(), old.exists()) == (True, False)


def test_what_is_older_than_the_days_asked_goes(city):
    young, old = made(city, "young", 2 * DAY_S - MINUTE_S), made(city, "old", 2 * DAY_S + MINUTE_S)
    assert gone(city, 2) == {str(old.relative_to(city.root))}
    assert young.exists()


def test_using_a_cache_makes_it_young_again(city):
    path = made(city, "used", 40 * DAY_S)
    assert FileCache(city.root, "code").get("net", "used", lambda folder: pytest.fail("built again")) == path
    assert gone(city, 30) == set()


def test_locks_stay(city):
    path = made(city, "old", 40 * DAY_S)
    lock = path.parent / f".{path.name}.lock"
    os.utime(lock, (0, 0))
    inode = lock.stat().st_ino
    collect(city.root, city.database, cache_days=0)
    assert not path.exists()
    assert lock.stat().st_ino == inode, "who waits for a lock waits for this file"


def test_a_cache_is_out_of_sight_whole_before_it_is_taken_apart_and_can_be_built_again(city, monkeypatch):
    path, seen = made(city, "old", 40 * DAY_S), []
    remove = shutil.rmtree

    def watched(folder: Path, **options: object) -> None:
        seen.append((path.exists(), sorted(p.relative_to(folder).as_posix() for p in Path(folder).rglob("*"))))
        remove(folder, **options)

    monkeypatch.setattr(garbage.shutil, "rmtree", watched)
    collect(city.root, city.database)
    monkeypatch.undo()
    assert seen == [(False, ["deep", "deep/er", "net", "routes"])]
    assert not list((city.root / "tmp").iterdir())
    again = FileCache(city.root, "code").get("net", "old", build)
    assert again == path
    assert (again / "deep" / "er").read_text() == "whole"
