"""The commands of the guide to other GIS programs, executed as they stand."""

from __future__ import annotations

import json
from pathlib import Path

import pyogrio
from documented_commands import Shell, script

from cim_core.city import City
from data_samples.city import sample_city

GUIDE = "docs/how-to/gis-clients.md"


def test_the_guide_to_gis_clients(tmp_path: Path) -> None:
    sample_city(tmp_path / "town").database.close()
    shell = Shell(tmp_path)
    with shell.serving("cim serve --city town") as address:
        said = shell.run(script(GUIDE, "against-the-server"), address)
        title, storage, *rest = said.splitlines()
        assert json.loads(f"{{{title}}}")["title"] == City.open(tmp_path / "town").record.name
        assert "EPSG" in storage
        assert '"roads"' in rest[0]
        assert len(pyogrio.read_dataframe(tmp_path / "buildings.fgb")) > 100
        towers = pyogrio.read_dataframe(
            f"OAPIF:http://{address}/api/", layer="buildings", where="levels > 20", CRS="EPSG:4490", PAGE_SIZE="1000"
        )
    assert (towers["levels"] > 20).all()
    assert len(towers) > 0
