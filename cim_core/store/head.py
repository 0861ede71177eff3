"""The newest state of a city in one small file: a question already answered needs no database then.

It follows from the database: taken away before a version is committed, written after, both under the write lock. A
crash in between leaves no file, and the next reader makes it from the database.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from cim_core.store.files import staged_file
from cim_core.store.records import CityRecord, LayerVersion

NAME = "head.json"
Head = tuple[CityRecord, int, dict[str, LayerVersion]]


def read(root: Path, revision: str) -> Head | None:
    """City, sequence number and layers; None if the file is not there or of another revision of the tables."""
    try:
        content = json.loads((root / NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if content.get("revision") != revision:
        return None
    layers = {row["name"]: LayerVersion(**row) for row in content["layers"]}
    return CityRecord(**content["record"]), int(content["sequence"]), layers


def write(root: Path, revision: str, head: Head) -> None:
    """Put the file there, whole."""
    record, sequence, layers = head
    rows = [asdict(layer) for layer in layers.values()]
    content = {"revision": revision, "record": asdict(record), "sequence": sequence, "layers": rows}
    with staged_file(root / NAME, root) as aside:
        aside.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def drop(root: Path) -> None:
    """Take the file away before the state changes."""
    (root / NAME).unlink(missing_ok=True)
