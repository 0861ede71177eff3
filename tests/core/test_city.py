"""The city: versions in time, one writer at a time, all of an edit or nothing; in SQLite and in PostgreSQL."""

import json
import shutil
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from cim_core.city import City
from cim_core.errors import CityError, InputError, NotFoundError, StorageError
from cim_core.instants import now
from cim_core.layers import STANDARD_LAYERS
from cim_core.store import catalogue
from cim_core.store.files import write_lock
from cim_core.store.garbage import collect
from cim_core.testing.tiny import tiny_layers
from cim_core.testing.tiny_city import tiny_city

CRS = "EPSG:32648"
POIS = STANDARD_LAYERS["pois"]


@pytest.fixture(scope="module")
def pois():
    return tiny_layers()["pois"].to_crs(CRS)


def put(city: City, frame, message: str = "put") -> int:
    with city.edit(message, author="tester") as session:
        session.set_crs(CRS)
        session.put_layer(frame, POIS)
    return session.sequence


def test_a_new_city_is_empty_and_knows_its_name(new_city):
    city = new_city("town", crs=CRS, timezone="Europe/Helsinki")
    assert (city.record.name, city.record.crs, city.timezone, city.sequence) == ("town", CRS, "Europe/Helsinki", 1)
    assert city.versions == {}
    with pytest.raises(NotFoundError, match=r"city\.no_layer"):
        city.layer("roads")


def test_versions_are_kept_and_found_by_number_and_moment(new_city, pois):
    city = new_city()
    first = put(city, pois)
    between = now()
    time.sleep(0.01)
    second = put(city, pois.iloc[:2])
    assert first < second
    assert len(City.open(city.root).layer("pois")) == 2
    assert len(City.open(city.root, at=first).layer("pois")) == len(pois)
    assert len(City.open(city.root, at=between).layer("pois")) == len(pois)
    assert City.open(city.root, at=1).versions == {}
    assert city.versions == {}, "a city that was opened stays as it was"
    assert [row["message"] for row in _versions(city)] == ["put", "put", "created"]


def test_moments_without_a_version_are_refused(new_city):
    city = new_city()
    for at in (0, -1, 2, 10**30, now() - timedelta(days=1)):
        with pytest.raises(NotFoundError, match=r"city\.no_such_moment"):
            City.open(city.root, at=at)


def test_an_edit_that_raises_leaves_no_version(new_city, pois):
    city = new_city()
    put(city, pois)

    def halfway() -> None:
        with City.open(city.root).edit("halfway") as session:
            session.put_layer(pois.iloc[:1], POIS)
            raise RuntimeError("halfway")

    with pytest.raises(RuntimeError, match="halfway"):
        halfway()
    after = City.open(city.root)
    assert (after.sequence, len(after.layer("pois"))) == (2, len(pois))


def test_an_edit_whose_second_layer_is_bad_leaves_no_version(new_city, pois):
    city = new_city()

    def two_layers() -> None:
        with city.edit("two") as session:
            session.set_crs(CRS)
            session.put_layer(pois, POIS)
            session.put_layer(pois, STANDARD_LAYERS["roads"])

    with pytest.raises(InputError, match=r"layer\.schema"):
        two_layers()
    after = City.open(city.root)
    assert (after.sequence, after.record.crs, after.versions) == (1, None, {})


def test_an_edit_without_change_makes_no_version(new_city):
    city = new_city()
    with city.edit("nothing") as session:
        pass
    assert (session.sequence, City.open(city.root).sequence) == (None, 1)


def test_a_removed_layer_stays_in_earlier_versions(new_city, pois):
    city = new_city()
    first = put(city, pois)
    with City.open(city.root).edit("remove") as session:
        session.remove("pois")
    assert not City.open(city.root).has_layer("pois")
    assert City.open(city.root, at=first).has_layer("pois")
    put(City.open(city.root), pois.iloc[:1], "again")
    assert len(City.open(city.root).layer("pois")) == 1
    with pytest.raises(NotFoundError, match=r"city\.no_layer"), City.open(city.root).edit("remove") as session:
        session.remove("roads")


def test_the_coordinate_system_is_set_once(new_city, pois):
    city = new_city()
    put(city, pois)
    with pytest.raises(CityError, match=r"city\.crs_is_set"), City.open(city.root).edit("other") as session:
        session.set_crs("EPSG:4544")


def test_two_writers_take_turns_and_both_are_kept(new_city, pois):
    city = new_city()
    put(city, pois)

    def write(rows: int) -> None:
        with City.open(city.root).edit(f"{rows} rows") as session:
            base = session.city.layer("pois")
            time.sleep(0.05)
            session.put_layer(base.iloc[:-1], POIS)

    writers = [threading.Thread(target=write, args=(rows,)) for rows in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    after = City.open(city.root)
    assert (after.sequence, len(after.layer("pois"))) == (5, len(pois) - 3), "each saw what the one before had written"


def test_a_second_writer_is_told_who_is_busy(city):
    with (
        city.edit("long"),
        pytest.raises(CityError, match=r"city\.busy") as caught,
        write_lock(city.root / ".lock", wait_s=0.1),
    ):
        pass
    assert "0.1 s" in caught.value.expected


def test_the_lock_of_a_writer_that_failed_is_free(city):
    with pytest.raises(RuntimeError, match="ended"), city.edit("fails"):
        raise RuntimeError("ended")
    with write_lock(city.root / ".lock", wait_s=0.1):
        pass


def test_a_reader_is_not_stopped_by_a_writer(city):
    with city.edit("long"):
        assert len(City.open(city.root).layer("roads")) > 0
        (city.root / "head.json").unlink()
        assert City.open(city.root).sequence == city.sequence


def test_the_head_is_made_anew_when_it_is_lost_or_spoilt(city):
    expected = (city.record, city.sequence, city.versions)
    for content in (None, "", "{", '{"revision": "0000"}'):
        head = city.root / "head.json"
        head.unlink() if content is None else head.write_text(content)
        found = City.open(city.root)
        assert (found.record, found.sequence, found.versions) == expected
        assert json.loads(head.read_text())["sequence"] == city.sequence


def test_a_city_of_a_newer_program_is_refused_and_untouched(new_city):
    city = new_city()
    with city.database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    (city.root / "head.json").unlink(missing_ok=True)
    with pytest.raises(CityError, match=r"city\.newer"):
        City.open(city.root)
    assert city.database.revision() == "9999"


def test_a_marker_of_a_newer_format_is_refused(city):
    marker = city.root / "city.json"
    marker.write_text(marker.read_text().replace('"format": 1', '"format": 2'))
    with pytest.raises(CityError, match=r"city\.newer"):
        City.open(city.root)


@pytest.mark.parametrize("content", ["", "{", "[1]", "{}", '{"format": "x"}', '{"format": null}', "\x00\xff"])
def test_a_spoilt_marker_is_one_clear_error(city, content):
    (city.root / "city.json").write_bytes(content.encode("latin-1"))
    with pytest.raises(CityError, match=r"city\.marker_unreadable") as caught:
        City.open(city.root)
    assert caught.value.where.endswith("city.json")
    assert caught.value.remedy


def test_a_spoilt_database_is_one_clear_error(city):
    (city.root / "head.json").unlink()
    for path in city.root.glob("city.sqlite*"):
        path.write_bytes(b"this is no database " * 1000)
    with pytest.raises(StorageError, match=r"storage\.database"):
        City.open(city.root)


def test_no_city_there(tmp_path):
    with pytest.raises(CityError, match=r"city\.missing") as caught:
        City.open(tmp_path / "nowhere")
    assert "cim init" in caught.value.remedy
    assert not (tmp_path / "nowhere").exists(), "looking makes nothing"


@pytest.mark.parametrize("holds", ["notes.txt", "city.json"])
def test_a_folder_that_holds_something_becomes_no_city(tmp_path, holds):
    (tmp_path / holds).write_text("mine")
    with pytest.raises(CityError, match=r"city\.exists"):
        City.create(tmp_path)
    assert (tmp_path / holds).read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == [holds]


def test_a_city_moves_with_its_folder(city, tmp_path):
    moved = Path(shutil.move(city.root, tmp_path / "elsewhere"))
    assert City.open(moved).layer_hash("roads") == city.layer_hash("roads")


def test_two_cities_of_one_database_do_not_see_each_other(new_city, pois):
    one, two = new_city("one"), new_city("two")
    put(one, pois)
    assert City.open(two.root).versions == {}


def test_the_tiny_city_is_the_same_each_time_and_says_what_it_is(city, tmp_path):
    again = tiny_city(tmp_path / "again")
    assert {n: v.snapshot for n, v in again.versions.items()} == {n: v.snapshot for n, v in city.versions.items()}
    assert "synthetic" in city.record.name
    with city.database.read() as connection:
        sources = [catalogue.source_of(connection, version) for version in city.versions.values()]
    assert all("synthetic" in source.attribution and source.parameters["synthetic"] for source in sources)
    assert len(_versions(city)) == 2, "everything came in one version"
    roads = city.layer("roads")
    assert roads.gradient.abs().between(0.001, 0.25).any()
    assert city.coverage("elevation").sample(*roads.geometry.iloc[0].coords[0]).item() > 150


def test_garbage_is_what_no_version_refers_to(city, pois):
    put(city, pois.iloc[:1])
    needed = {path for folder in ("snapshots", "coverages") for path in (city.root / folder).rglob("*.*")}
    stray = city.root / "snapshots" / "pois" / f"{'0' * 64}.parquet"
    stray.write_bytes(b"x" * 1000)
    half = city.root / "tmp" / "999999999-half"
    half.mkdir(parents=True)
    (half / "file").write_bytes(b"y" * 500)
    run = city.root / "runs" / "abc"
    run.mkdir(parents=True)
    found = collect(city.root, city.database, dry_run=True)
    assert (found["files"], found["bytes"]) == (2, 1500)
    assert stray.exists(), "a dry run removes nothing"
    assert collect(city.root, city.database) == found
    assert not stray.exists()
    assert not half.exists()
    assert run.exists()
    assert all(path.exists() for path in needed)
    for sequence in (2, 3):
        assert len(City.open(city.root, at=sequence).layer("pois")) == (len(pois) if sequence == 2 else 1)
    assert collect(city.root, city.database)["files"] == 0


def _versions(city: City) -> list[dict]:
    with city.database.read() as connection:
        return catalogue.versions(connection)
