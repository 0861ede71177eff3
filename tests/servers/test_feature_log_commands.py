"""Editable layers from the command line: imported as such, not overwritten unasked, folded when wanted."""

from __future__ import annotations

import json

from commands import *  # noqa: F403 - fixtures

from cim_core.city import City


def test_an_editable_layer_is_imported_edited_folded_and_replaced(cim, city, folder):
    feature = {"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [106.58, 29.55]}}
    path = folder / "benches.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    assert cim("import", "vector", str(path), "--editable", "--json").code == 0
    shown = City.open(city.root)
    assert shown.schema("benches").editable
    with shown.edit("delete") as session:
        session.delete_feature("benches", shown.layer("benches").index[0])
    refused = cim("import", "vector", str(path), "--json")
    assert refused.code != 0
    assert json.loads(refused.out)["error"]["code"] == "layer.has_edits"
    assert cim("gc", "--compact", "--json").code == 0
    folded = City.open(city.root)
    assert (folded.versions["benches"].edits, folded.versions["benches"].edits_in_all) == (0, 1)
    assert len(folded.layer("benches")) == 0
    assert cim("gc", "--compact", "--json").code == 0
    assert City.open(city.root).sequence == folded.sequence, "nothing to fold is no version"
    assert cim("import", "vector", str(path), "--replace-edits", "--json").code == 0
    assert len(City.open(city.root).layer("benches")) == 1
