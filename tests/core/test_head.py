"""The small file of the newest state: it never says what the database does not."""

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from cim_core.city import City
from cim_core.store import head
from cim_core.store.revision import REVISION


def correct(city: City, levels: int) -> City:
    with City.open(city.root).edit("correct") as session:
        session.correct("buildings", "b00", {"levels": levels})
    return City.open(city.root)


def back_up(city: City, target: Path) -> Path:
    """A whole copy of the database, as the manual of SQLite makes one."""
    with closing(sqlite3.connect(city.root / "city.sqlite")) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
    return target


def restore(city: City, backup: Path) -> None:
    for path in city.root.glob("city.sqlite*"):
        path.unlink()
    shutil.copy(backup, city.root / "city.sqlite")


def test_an_older_database_that_was_restored_is_noticed(city, tmp_path):
    first = correct(city, 7)
    backup = back_up(first, tmp_path / "backup.sqlite")
    later = correct(first, 9)
    later.database.close()
    assert json.loads((city.root / "head.json").read_text())["sequence"] == later.sequence
    restore(city, backup)
    restored = City.open(city.root)
    assert (restored.sequence, restored.versions) == (first.sequence, first.versions)
    assert restored.layer("buildings").at["b00", "levels"] == 7
    assert json.loads((city.root / "head.json").read_text())["sequence"] == first.sequence, "and written down"
    assert correct(restored, 8).sequence == first.sequence + 1


def test_a_newer_database_that_was_restored_is_noticed(city, tmp_path):
    old_head = (city.root / "head.json").read_text()
    later = correct(city, 9)
    (city.root / "head.json").write_text(old_head)
    assert City.open(city.root).sequence == later.sequence


@pytest.mark.parametrize(
    "content",
    [
        None,
        "",
        "{",
        "[1]",
        "null",
        "7",
        "{}",
        json.dumps({"revision": REVISION}),
        json.dumps({"revision": REVISION, "sequence": 2}),
        json.dumps({"revision": REVISION, "sequence": 2, "layers": [], "record": {}}),
        json.dumps({"revision": REVISION, "sequence": 2, "layers": [{"name": "roads"}], "record": {"name": "x"}}),
        json.dumps({"revision": REVISION, "sequence": "2", "layers": 3, "record": None}),
        "\x00\xff",
    ],
)
def test_what_is_missing_or_broken_is_rebuilt(city, content):
    expected = (city.record, city.sequence, city.versions)
    file = city.root / "head.json"
    file.unlink() if content is None else file.write_bytes(content.encode("latin-1"))
    found = City.open(city.root)
    assert (found.record, found.sequence, found.versions) == expected
    assert head.read(city.root, REVISION) == expected, "it is whole again"


@pytest.mark.parametrize("name", ["a b", "50%", "50%20", "what?", "no#1", "渝中", "a%3fb"])
def test_it_is_read_in_a_folder_of_any_name(city, tmp_path, name):
    moved = Path(shutil.move(city.root, tmp_path / name))
    City.open(moved)
    assert head.read(moved, REVISION) == (city.record, city.sequence, city.versions)
