"""The commands in the guides to tiles and to a cluster do what they are said to do; the options they list are there."""

from __future__ import annotations

import re

import pyarrow.parquet as pq
import pyogrio
import pytest
from documented_commands import ROOT, Shell, script

from cim_core.gis.postgis import reading
from cim_core.gis.postgis.relation import _LEFT_OUT, _PLAIN
from cim_core.testing.tiny_city import tiny_city

GUIDES = ["docs/how-to/pmtiles.md", "docs/how-to/cluster.md", "docs/how-to/postgis.md"]


@pytest.fixture
def shell(tmp_path):
    tiny_city(tmp_path / "town").database.close()
    return Shell(tmp_path)


def test_tiles_are_exported_and_gdal_reads_them(shell, tmp_path):
    shell.run(script("docs/how-to/pmtiles.md"))
    assert "roads" in pyogrio.list_layers(tmp_path / "town.pmtiles")[:, 0]
    assert sorted(pyogrio.list_layers(tmp_path / "streets.pmtiles")[:, 0]) == ["roads", "walkways"]
    assert len(pyogrio.read_dataframe(tmp_path / "streets.pmtiles", layer="roads")) > 0


def test_layers_leave_as_the_geoparquet_that_the_query_reads(shell, tmp_path):
    shell.run(script("docs/how-to/cluster.md"))
    for name in ("buildings", "pois"):
        schema = pq.read_schema(tmp_path / f"{name}.parquet")
        assert {"id", "geometry", "bbox"} <= set(schema.names)
        assert b'"version": "1.1.0"' in schema.metadata[b"geo"]


@pytest.mark.parametrize("guide", GUIDES)
def test_the_options_named_are_options(cim, guide):
    text = (ROOT / guide).read_text(encoding="utf-8")
    named = set(re.findall(r"(--[a-z][a-z-]+)", text))
    known = set(re.findall(r"--[a-z][a-z-]+", cim("export", "--help").out + cim("import", "vector", "--help").out))
    assert named
    assert named <= known


def test_the_table_of_types_names_them_all():
    text = (ROOT / "docs/how-to/postgis.md").read_text(encoding="utf-8")
    words = {"int2": "smallint", "int4": "integer", "int8": "bigint", "float4": "real", "bool": "boolean"}
    words |= {"float8": "double precision", "text": "text", "varchar": "text", "bpchar": "text", "name": "text"}
    rows = "\n".join(line for line in text.splitlines() if line.startswith("|"))
    assert all(words.get(kind, kind) in rows for kind in {*_PLAIN, *_LEFT_OUT})
    assert f"{reading.BATCH:,}" == "5,000"
    assert "five thousand at a time" in text
