"""Edits of single features: a log beside the snapshot, folded when it is long; the past stays as it was."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
import shapely
from edited_layer import EMPTY, FULL, TREES, planted, point, shown

from cim_core.city import City
from cim_core.errors import CityError, InputError, NotFoundError, ParameterError
from cim_core.overlay import apply_edits
from cim_core.plan import Edit
from cim_core.store import catalogue, feature_log
from cim_core.store.garbage import collect


@pytest.fixture
def trees(new_city) -> City:
    """In SQLite and in PostgreSQL."""
    return planted(new_city())


def edited(city: City, message: str = "edit") -> City:
    with city.edit(message) as session:
        session.create_feature("trees", FULL, point(5, 5), feature="new")
        session.update_feature("trees", "t0", {"count": 9})
        session.delete_feature("trees", "t1")
    return City.open(city.root)


def snapshots(city: City) -> list[Path]:
    return sorted((city.root / "snapshots" / "trees").iterdir())


def test_an_edit_writes_no_snapshot(trees):
    before = snapshots(trees)
    after = edited(trees)
    assert snapshots(after) == before
    assert sorted(after.layer("trees").index) == ["new", "t0", "t2"]
    version = after.versions["trees"]
    assert (version.rows, version.edits, version.edits_in_all, version.seq) == (3, 3, 3, after.sequence)
    assert version.snapshot == trees.versions["trees"].snapshot
    assert version.log_from == trees.sequence
    assert after.layer("trees").at["t0", "count"] == 9
    assert after.layer("trees").dtypes.equals(trees.layer("trees").dtypes)


def test_the_hash_is_of_snapshot_and_log(trees):
    after = edited(trees)
    assert trees.layer_hash("trees") == trees.versions["trees"].snapshot
    assert after.layer_hash("trees") != trees.layer_hash("trees")
    with trees.database.read() as connection:
        log = feature_log.entries(connection, after.versions["trees"])
    assert [entry.op for entry in log] == ["create", "update", "delete"]
    assert after.layer_hash("trees") == feature_log.chained(trees.layer_hash("trees"), log)


def test_every_moment_shows_what_was_known_then(trees):
    after = edited(trees)
    with trees.database.read() as connection:
        at = {row["seq"]: row["at"] for row in catalogue.versions(connection)}
    then = City.open(trees.root, at=at[after.sequence] - timedelta(microseconds=1))
    assert (then.sequence, then.versions) == (trees.sequence, trees.versions)
    assert shown(then.layer("trees")) == shown(trees.layer("trees"))
    assert City.open(trees.root, at=at[after.sequence]).versions == after.versions


def test_parts_of_an_edited_layer_are_parts_of_the_whole(trees):
    after = edited(trees)
    whole = after.layer("trees")
    assert list(after.layer("trees", columns=["kind"]).columns) == ["kind", "geometry"]
    box = (651_990, 3_269_990, 652_007, 3_270_007)
    assert list(after.layer("trees", bbox=box).index) == ["new", "t0"]
    assert list(after.layer("trees", columns=[], bbox=box).index) == ["new", "t0"]
    found = after.columns("trees", ["kind"])
    assert dict(zip(found["id"], found["kind"], strict=True)) == {"t0": "oak", "t2": "oak", "new": "黄葛树"}
    assert after.find("trees", "new") == ("new",)
    assert list(whole.index) == ["new", "t0", "t2"]


def test_a_plan_stands_on_what_was_edited(trees):
    after = edited(trees)
    edit = Edit("trees", "new", ("new",), "remove", ())
    assert "new" not in after.with_plan([edit]).layer("trees").index
    assert len(apply_edits(after.layer("trees"), [edit], after.crs)) == 2


def test_a_long_log_is_folded_by_the_write_that_makes_it_so(trees, monkeypatch):
    monkeypatch.setattr(feature_log, "LOG_MOST", 5)
    first = edited(trees)
    with first.edit("more") as session:
        for number in range(3):
            session.create_feature("trees", EMPTY, point(number), feature=f"m{number}")
    after = City.open(trees.root)
    version = after.versions["trees"]
    assert (version.edits, version.edits_in_all, version.rows) == (0, 6, 6)
    assert after.layer_hash("trees") == version.snapshot == version.base != first.layer_hash("trees")
    assert len(snapshots(after)) == 2
    assert sorted(after.layer("trees").index) == ["m0", "m1", "m2", "new", "t0", "t2"]
    assert sorted(City.open(trees.root, at=first.sequence).layer("trees").index) == ["new", "t0", "t2"]
    again = edited_again(after)
    assert again.versions["trees"].edits == 1


def edited_again(city: City) -> City:
    with city.edit("again") as session:
        session.update_feature("trees", "new", {"count": 1})
    return City.open(city.root)


def test_folding_changes_nothing_that_is_shown(trees):
    before = edited(trees)
    with before.edit("fold") as session:
        session.compact("trees")
    after = City.open(trees.root)
    assert shown(after.layer("trees")) == shown(before.layer("trees"))
    assert (after.versions["trees"].rows, after.versions["trees"].edits) == (3, 0)
    assert shown(City.open(trees.root, at=before.sequence).layer("trees")) == shown(before.layer("trees"))
    with after.edit("nothing to fold") as session:
        session.compact("trees")
    assert session.sequence is None


def test_the_hash_of_a_folded_layer_is_that_of_the_same_features_put_at_once(trees, tmp_path):
    before = edited(trees)
    with before.edit("fold") as session:
        session.compact("trees")
    other = City.create(tmp_path / "other", crs="EPSG:32648")
    with other.edit("put") as session:
        session.put_layer(before.layer("trees"), TREES)
    assert City.open(other.root).layer_hash("trees") == City.open(trees.root).layer_hash("trees")


def test_garbage_keeps_what_past_versions_show(trees):
    before = edited(trees)
    with before.edit("fold") as session:
        session.compact("trees")
    stray = trees.root / "snapshots" / "trees" / f"{'0' * 64}.parquet"
    stray.write_bytes(b"")
    assert collect(trees.root, trees.database)["paths"] == [str(stray.relative_to(trees.root))]
    for sequence, ids in {trees.sequence: ["t0", "t1", "t2"], before.sequence: ["new", "t0", "t2"]}.items():
        assert sorted(City.open(trees.root, at=sequence).layer("trees").index) == ids


def delete(city: City, *features: str) -> None:
    with city.edit("delete") as session:
        for feature in features:
            session.delete_feature("trees", feature)


def test_an_edit_that_fails_leaves_no_trace(trees):
    with pytest.raises(NotFoundError, match=r"feature\.unknown"):
        delete(trees, "t0", "none")
    after = City.open(trees.root)
    assert (after.sequence, after.versions) == (trees.sequence, trees.versions)


def test_what_changes_nothing_is_no_version(trees):
    with trees.edit("same") as session:
        session.update_feature("trees", "t1", {"count": FULL["count"]})
        session.replace_feature("trees", "t1", FULL, point(10))
    assert session.sequence is None


def test_one_block_sees_its_own_edits(trees):
    with trees.edit("several") as session:
        made = session.create_feature("trees", EMPTY, point())
        session.update_feature("trees", made, {"count": 2})
        session.delete_feature("trees", "t0")
        with pytest.raises(NotFoundError, match=r"feature\.unknown"):
            session.update_feature("trees", "t0", {"count": 2})
        session.create_feature("trees", FULL, point(1), feature="t0")
        with pytest.raises(CityError, match=r"feature\.exists"):
            session.create_feature("trees", FULL, point(1), feature="t0")
    after = City.open(trees.root)
    assert after.layer("trees").at[made, "count"] == 2
    assert after.layer("trees").at["t0", "kind"] == FULL["kind"]
    assert after.versions["trees"].rows == 4


def test_who_has_seen_another_state_is_refused(trees):
    with trees.edit("look") as session:
        tag = session.features.present("trees", "t0").tag
        session.update_feature("trees", "t0", {"count": 7}, expected=tag)
    for change, more in {"update": ({"count": 8},), "replace": (FULL, point()), "delete": ()}.items():
        with pytest.raises(CityError, match=r"feature\.changed"), trees.edit("late") as session:
            getattr(session, f"{change}_feature")("trees", "t0", *more, expected=tag)
    assert City.open(trees.root).layer("trees").at["t0", "count"] == 7


def test_layers_that_are_not_edited(city):
    with city.edit("read-only") as session:
        with pytest.raises(CityError, match=r"layer\.read_only"):
            session.create_feature("pois", {}, point())
        with pytest.raises(NotFoundError, match=r"city\.no_layer"):
            session.delete_feature("elevation", "x")
        with pytest.raises(NotFoundError, match=r"city\.no_layer"):
            session.delete_feature("none", "x")


def test_edits_and_a_whole_layer_do_not_mix(trees):
    frame = trees.layer("trees")
    with trees.edit("mixed") as session:
        session.delete_feature("trees", "t0")
        with pytest.raises(CityError, match=r"layer\.mixed_changes"):
            session.put_layer(frame, TREES)
        with pytest.raises(CityError, match=r"layer\.mixed_changes"):
            session.remove("trees")
    with City.open(trees.root).edit("mixed") as session:
        session.put_layer(frame, TREES, replace_edits=True)
        with pytest.raises(CityError, match=r"layer\.mixed_changes"):
            session.delete_feature("trees", "t2")


def test_an_import_does_not_sweep_edits_away_unasked(trees):
    frame, after = trees.layer("trees"), edited(trees)
    with after.edit("fold") as session:
        session.compact("trees")
    with pytest.raises(CityError, match=r"3 edits of features would go") as caught, after.edit("again") as session:
        session.put_layer(frame, TREES)
    assert "--replace-edits" in caught.value.remedy
    with after.edit("again") as session:
        session.put_layer(frame, TREES, replace_edits=True)
    newest = City.open(trees.root)
    assert (newest.layer_hash("trees"), newest.versions["trees"].edits_in_all) == (trees.layer_hash("trees"), 0)
    with newest.edit("once more") as session:
        session.put_layer(frame.iloc[:1], TREES)


def test_an_edited_layer_may_be_removed_and_comes_back_by_its_past(trees):
    after = edited(trees)
    with after.edit("remove") as session:
        session.remove("trees")
    assert not City.open(trees.root).has_layer("trees")
    assert len(City.open(trees.root, at=after.sequence).layer("trees")) == 3


def test_corrections_and_edits_keep_apart(city):
    with city.edit("correct") as session:
        session.correct("buildings", "b00", {"levels": 7})
    buildings = city.schema("buildings").model_copy(update={"editable": True})
    with pytest.raises(CityError, match=r"layer\.has_corrections"), city.edit("editable") as session:
        session.put_layer(city.layer("buildings"), buildings)
    with city.edit("withdraw") as session:
        session.withdraw(1)
    with city.edit("editable") as session:
        session.put_layer(city.layer("buildings"), buildings)
    with pytest.raises(CityError, match=r"correction\.editable_layer"), city.edit("correct") as session:
        session.correct("buildings", "b00", {"levels": 8})


def test_the_schema_of_a_layer_that_is_not_editable_is_written_as_ever(city):
    assert "editable" not in city.versions["pois"].schema
    assert city.schema("pois").editable is False
    assert TREES.model_dump(mode="json")["editable"] is True


def test_the_head_file_says_what_the_database_says(trees):
    after = edited(trees)
    head = json.loads((trees.root / "head.json").read_text())
    assert head["sequence"] == after.sequence
    (trees.root / "head.json").unlink()
    assert City.open(trees.root).versions == after.versions


@pytest.mark.parametrize("feature", ["", "a\x00b", "x" * 201, "line\nbreak"])
def test_ids_that_are_none(trees, feature):
    with pytest.raises(ParameterError, match=r"feature\.id"), trees.edit("id") as session:
        session.create_feature("trees", FULL, point(), feature=feature)


SQUARE = shapely.box(652_000, 3_270_000, 652_010, 3_270_010)
BOW = shapely.Polygon([(652_000, 3_270_000), (652_010, 3_270_010), (652_010, 3_270_000), (652_000, 3_270_010)])
MANY = SQUARE.exterior.segmentize(0.0003)


@pytest.mark.parametrize(
    ("kind", "shape", "got"),
    [
        ("Point", SQUARE, "Polygon"),
        ("Point", None, "none"),
        ("Point", shapely.Point(), "none"),
        ("Point", shapely.Point(float("inf"), 0), "not finite"),
        ("Point", shapely.Point(652_000, 3_270_000, float("nan")), "not finite"),
        ("Polygon", BOW, "Self-intersection"),
        ("Any", MANY, "vertices"),
        ("None", point(), "Point"),
    ],
)
def test_shapes_that_do_not_fit(new_city, kind, shape, got):
    schema = TREES.model_copy(update={"geometry": kind})
    city = planted(new_city(), schema, count=0)
    with pytest.raises(InputError, match=r"feature\.geometry") as caught, city.edit("shape") as session:
        session.create_feature("trees", EMPTY, shape)
    assert got in caught.value.got


def test_what_lies_far_away_is_refused(trees):
    with pytest.raises(InputError, match=r"data\.far_from_city"), trees.edit("far") as session:
        session.create_feature("trees", FULL, point(500_000))


def test_all_faults_are_said_at_once(trees):
    with pytest.raises(InputError, match=r"feature\.fields") as caught, trees.edit("faults") as session:
        session.create_feature("trees", {"count": "x", "f_json": "{", "more": 1, "f_string": "\ud800"}, point())
    for name in ("kind", "count", "f_json", "more", "f_string"):
        assert name in caught.value.got


@pytest.mark.parametrize(
    ("name", "value"),
    [("f_list<int64>", [1.5]), ("f_list<int64>", "12"), ("f_timestamp", "2020"), ("f_float64", float("nan"))],
)
def test_values_that_do_not_fit(trees, name, value):
    with pytest.raises(InputError, match=r"feature\.fields") as caught, trees.edit("value") as session:
        session.create_feature("trees", FULL | {name: value}, point())
    assert name in caught.value.got
