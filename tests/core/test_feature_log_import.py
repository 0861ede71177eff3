"""Imports of editable layers; cities of older revisions; finding one feature in a file of a layer."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from alembic import command
from alembic.config import Config
from edited_layer import EMPTY, planted, point

from cim_core.city import City
from cim_core.errors import CityError, ParameterError
from cim_core.importing import import_vector
from cim_core.store import catalogue, feature_lookup, snapshots
from cim_core.store import database as module
from cim_core.store.database import Database
from cim_core.store.revision import REVISION


def benches(folder: Path, count: int) -> Path:
    """A file of so many benches (synthetic)."""
    features = [
        {
            "type": "Feature",
            "properties": {"name": f"b{number}"},
            "geometry": {"type": "Point", "coordinates": [106.58 + number / 10_000, 29.55]},
        }
        for number in range(count)
    ]
    path = folder / f"benches{count}.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


def delete_first(city: City, layer: str) -> City:
    with city.edit("delete") as session:
        session.delete_feature(layer, city.layer(layer).index[0])
    return City.open(city.root)


def imported(city: City, path: Path, **options: bool) -> City:
    import_vector(City.open(city.root), path, layer="benches", **options)
    return City.open(city.root)


def test_a_layer_is_editable_because_somebody_says_so(city, tmp_path):
    path = benches(tmp_path, 3)
    assert imported(city, path).schema("benches").editable is False
    assert imported(city, path, editable=True).schema("benches").editable is True
    assert imported(city, path).schema("benches").editable is True, "it stays so"
    assert imported(city, path, editable=False).schema("benches").editable is False
    with pytest.raises(CityError, match=r"layer\.read_only"):
        delete_first(City.open(city.root), "benches")


def test_a_new_import_lets_edits_go_only_if_it_is_told_to(city, tmp_path):
    edited = delete_first(imported(city, benches(tmp_path, 3), editable=True), "benches")
    with pytest.raises(CityError, match="1 edits of features would go"):
        imported(city, benches(tmp_path, 4))
    assert City.open(city.root).versions == edited.versions
    after = imported(city, benches(tmp_path, 4), replace_edits=True)
    assert len(after.layer("benches")) == 4
    assert (after.versions["benches"].edits, after.versions["benches"].edits_in_all) == (0, 0)


def test_a_standard_layer_follows_its_source(city, tmp_path):
    for layer in ("pois", None):
        path = benches(tmp_path, 2).rename(tmp_path / "pois.geojson")
        with pytest.raises(ParameterError, match=r"import\.editable_standard"):
            import_vector(city, path, layer=layer, editable=True)
    assert City.open(city.root).versions == city.versions


def test_one_feature_is_found_in_a_file_of_many_groups(city, tmp_path, monkeypatch):
    monkeypatch.setattr(snapshots, "ROW_GROUP", 4)
    found = imported(city, benches(tmp_path, 11), editable=True)
    layer, version = found.layer("benches"), found.versions["benches"]
    for id_ in layer.index:
        row = feature_lookup.find_row(found.store, "benches", version.snapshot, id_)
        assert list(row.index) == [id_]
        assert row.at[id_, "name"] == layer.at[id_, "name"]
        assert row.geometry[id_].equals_exact(layer.geometry[id_], 0)
    assert feature_lookup.find_row(found.store, "benches", version.snapshot, "none") is None


def test_ids_of_one_hash_are_told_apart(city, tmp_path, monkeypatch):
    monkeypatch.setattr(feature_lookup, "_hashed", lambda ids: np.zeros(len(ids), dtype=np.uint64))
    found = imported(city, benches(tmp_path, 3), editable=True)
    layer, snapshot = found.layer("benches"), found.versions["benches"].snapshot
    names = [feature_lookup.find_row(found.store, "benches", snapshot, id_).iloc[0]["name"] for id_ in layer.index]
    assert names == list(layer["name"])
    assert feature_lookup.find_row(found.store, "benches", snapshot, "none") is None


def test_the_grade_of_what_was_edited_is_known_by_its_hash(city, tmp_path):
    first = imported(city, benches(tmp_path, 3), editable=True)
    edited = delete_first(first, "benches")
    hashes = {one.layer_hash("benches") for one in (first, edited)}
    assert len(hashes) == 2
    with city.database.read() as connection:
        found = catalogue.schemas_of(connection, {*hashes, "0" * 64})
    assert found.keys() == hashes
    assert {schema["name"] for _, schema in found.values()} == {"benches"}


def test_layers_of_the_second_revision_show_their_snapshots(tmp_path):
    database = Database.in_folder(tmp_path)
    config = Config()
    config.set_main_option("script_location", str(module._MIGRATIONS))
    config.attributes["database"] = database
    command.upgrade(config, "0002")
    at = "2026-11-20T08:00:00.000000+00:00"
    with database.write() as connection:
        for row in (
            f"city VALUES ('c', 'old', 'EPSG:32648', 'Asia/Shanghai', '{at}')",
            f"version VALUES (1, '{at}', '', 'created')",
            "snapshot VALUES ('h', 'layer', 3, 100, '[0, 0, 1, 1]', '{}')",
            "layer_version VALUES (1, 'old', 'layer', 'h', 'h', NULL)",
        ):
            connection.exec_driver_sql(f"INSERT INTO {row}")
    database.migrate()
    assert database.revision() == REVISION
    layer = catalogue.newest(database)[2]["old"]
    assert (layer.content, layer.log_from, layer.edits, layer.edits_in_all) == ("h", 1, 0, 0)
    assert (layer.rows, layer.bounds) == (3, [0, 0, 1, 1])


def test_the_first_feature_of_an_empty_city_may_lie_anywhere(new_city):
    city = planted(new_city(), count=0)
    with city.edit("first") as session:
        made = session.create_feature("trees", EMPTY, point())
    after = City.open(city.root)
    assert list(after.layer("trees").index) == [made]
    assert after.versions["trees"].bounds == [652_000, 3_270_000, 652_000, 3_270_000]
