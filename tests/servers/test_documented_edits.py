"""The commands of the guide to editing do what they are said to do."""

from __future__ import annotations

import json
from pathlib import Path

from documented_commands import Shell, script

from cim_core.city import City
from cim_core.testing.tiny_city import tiny_city

EDIT = "docs/how-to/edit-features.md"


def test_the_guide_to_editing(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    tiny_city(tmp_path / "town").database.close()
    shell.run(script(EDIT, half=("before",)))
    assert City.open(tmp_path / "town").schema("benches").editable
    with shell.serving("cim serve --city town") as address:
        said = shell.run(script(EDIT, "against-the-server"), address)
    lines = [line for line in said.splitlines() if line]
    assert lines[-1] == "204"
    made, changed, refused = (json.loads(text) for text in "".join(lines[:-1]).replace("}{", "}\n{").splitlines())
    assert (made["properties"]["seats"], changed["properties"]["seats"]) == (2, 4)
    assert (refused["status"], refused["code"]) == (412, "feature.changed")
    assert refused["current"]["properties"]["seats"] == 4
    edited = City.open(tmp_path / "town")
    assert (len(edited.layer("benches")), edited.versions["benches"].edits) == (1, 3)
    shell.run(script(EDIT, half=("after",)))
    assert City.open(tmp_path / "town").versions["benches"].edits_in_all == 0
