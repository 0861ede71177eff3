"""The newest state of a city in one small file: a question already answered needs no database then.

It follows from the database: taken away before a version is committed, written after, both under the write lock. A
crash in between leaves no file, and the next reader makes it from the database.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from pathlib import Path

from cim_core.store.files import staged_file
from cim_core.store.records import CityRecord, LayerVersion

NAME = "head.json"
Head = tuple[CityRecord, int, dict[str, LayerVersion]]


def read(root: Path, revision: str) -> Head | None:
    """City, sequence number and layers; None if the file is not there, broken, or of another revision of the tables."""
    try:
        content = json.loads((root / NAME).read_text(encoding="utf-8"))
        if content["revision"] != revision or content["sequence"] != _newest_in_sqlite(root, content["sequence"]):
            return None
        layers = {row["name"]: LayerVersion(**row) for row in content["layers"]}
        return CityRecord(**content["record"]), int(content["sequence"]), layers
    except (OSError, ValueError, TypeError, KeyError):  # not there, or not what was written
        return None


def _newest_in_sqlite(root: Path, otherwise: int) -> int | None:
    """The newest sequence number in the SQLite file, where there is one: it may have been restored from a backup."""
    path = root / "city.sqlite"
    if not path.exists():
        return otherwise
    with (
        contextlib.suppress(sqlite3.Error),
        contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as one,
    ):
        return int(one.execute("SELECT max(seq) FROM version").fetchone()[0])
    return None


def write(root: Path, revision: str, head: Head) -> None:
    """Put the file there, whole."""
    record, sequence, layers = head
    rows = [vars(layer) for layer in layers.values()]  # no copies: schemas are long
    content = {"revision": revision, "record": vars(record), "sequence": sequence, "layers": rows}
    with staged_file(root / NAME, root) as aside:
        aside.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def drop(root: Path) -> None:
    """Take the file away before the state changes."""
    (root / NAME).unlink(missing_ok=True)
