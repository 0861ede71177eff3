"""Baked layers in the city's cache: made once by one process, whole or not at all, dropped by nobody who reads."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time

import pytest

from cim_core.city import City
from cim_core.errors import NotFoundError, StorageError
from servers.serving.baked import served
from servers.serving.baked.bake import BakeSpec, bake_frame
from servers.serving.baked.layout import META
from servers.serving.cache import BuiltOnce

PATIENCE_S = 120


def folders(city: City) -> list:
    kept = city.root / "cache" / served.KIND
    return [path for path in kept.iterdir() if path.is_dir()] if kept.exists() else []


@pytest.fixture(autouse=True)
def _nothing_open(monkeypatch) -> None:
    monkeypatch.setattr(served, "_opened", BuiltOnce(most=10, weight=lambda layer: 1))


def running(city: City, body: str) -> subprocess.Popen[bytes]:
    """A process with ``city`` and ``served``, whose script goes on as given."""
    script = f"""
        import json, os, sys, time
        from pathlib import Path
        from cim_core.city import City
        from servers.serving.baked import batches, served
        city = City.open(Path({str(city.root)!r}))
    """
    return subprocess.Popen([sys.executable, "-c", textwrap.dedent(script) + textwrap.dedent(body)], stdout=-1)


def until(condition, what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def test_a_layer_is_baked_once_for_its_fields_and_code(city, monkeypatch) -> None:
    names = city.schema("roads").names
    first = served.baked_layer(city, "roads", names)
    assert served.baked_layer(City.open(city.root), "roads", names) is first
    assert len(folders(city)) == 1
    monkeypatch.setattr(served, "_opened", BuiltOnce(most=10, weight=lambda layer: 1))
    monkeypatch.setattr(served, "bake_file", lambda *_: pytest.fail("baked again"))
    again = served.baked_layer(city, "roads", names)
    assert [again.feature(row) for row in range(len(again))] == [first.feature(row) for row in range(len(first))]
    monkeypatch.undo()
    few = served.baked_layer(city, "roads", ["name"])
    assert few.fields == ("name",)
    assert set(json.loads(few.feature(0))["properties"]) == {"name"}
    assert few.first_zoom.tolist() == first.first_zoom.tolist()  # by a class that need not be visible
    monkeypatch.setattr(served, "baking_code", lambda: "other code")
    monkeypatch.setattr(served, "_opened", BuiltOnce(most=10, weight=lambda layer: 1))
    served.baked_layer(city, "roads", names)
    assert len(folders(city)) == 3
    with pytest.raises(NotFoundError, match="no layer 'trees'"):
        served.baked_layer(city, "trees", [])


def test_large_layers_are_baked_by_a_child(city, monkeypatch) -> None:
    here = served.baked_layer(city, "buildings", city.schema("buildings").names)
    monkeypatch.setattr(served, "SMALL", 0)
    monkeypatch.setattr(served, "_opened", BuiltOnce(most=10, weight=lambda layer: 1))
    shutil.rmtree(folders(city)[0])
    made = served.baked_layer(city, "buildings", city.schema("buildings").names)
    assert [made.feature(row) for row in range(len(made))] == [here.feature(row) for row in range(len(here))]
    frame = city.layer("roads")
    kept = served.baked_frame(city.root, BakeSpec("answer", None, "run 1"), 1, lambda: frame)
    plain = bake_frame(frame, BakeSpec("answer", None, "run 1"))
    assert {kept.feature(row) for row in range(len(kept))} == {plain.feature(row) for row in range(len(plain))}
    assert sorted(path.name for path in folders(city)[0].iterdir() if path.suffix != ".npy") == [META]
    assert served.baked_frame(city.root, BakeSpec("answer", None, "run 1"), 1, pytest.fail) is kept


def test_what_a_child_cannot_bake_is_an_error_and_leaves_nothing(city, monkeypatch) -> None:
    monkeypatch.setattr(served, "SMALL", -1)
    path = city.store.layer_path("pois", city.layer_hash("pois"))
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-2_000] + bytes(1_996) + b"PAR1")
    monkeypatch.setattr(served, "_rows", lambda path: 5)
    with pytest.raises(StorageError, match="could not be made ready for serving"):
        served.baked_layer(city, "pois", ())
    path.unlink()
    with pytest.raises(StorageError, match="a snapshot's file is missing"):
        served.baked_layer(city, "pois", ())
    assert folders(city) == []
    assert list((city.root / "tmp").iterdir()) == []


def test_a_bake_killed_half_way_leaves_no_layer_and_the_next_one_succeeds(city) -> None:
    process = running(
        city,
        """
        from servers.serving.baked.batches import Batches
        def stops(self, meta):
            print("half-way", flush=True)
            time.sleep(600)
        Batches.finish = stops
        served.baked_layer(city, "roads", city.schema("roads").names)
        """,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"half-way\n"
    (aside,) = (city.root / "tmp").iterdir()
    assert (aside / "xy.npy").exists()
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert folders(city) == []
    layer = served.baked_layer(city, "roads", city.schema("roads").names)
    assert len(layer) == len(city.layer("roads"))
    assert len(folders(city)) == 1


def test_of_two_processes_that_want_a_layer_one_bakes(city) -> None:
    body = """
        bake = served.bake_file
        def told(*job):
            time.sleep(1)
            print("baked", flush=True)
            bake(*job)
        served.bake_file = told
        print(len(served.baked_layer(city, "roads", city.schema("roads").names)), flush=True)
    """
    both = [running(city, body) for _ in range(2)]
    said = [process.communicate(timeout=PATIENCE_S)[0].split() for process in both]
    count = str(len(city.layer("roads"))).encode()
    assert sorted(said, key=len) == [[count], [b"baked", count]]


def test_a_child_ends_with_who_asked_for_it(tmp_path) -> None:
    os.mkfifo(tmp_path / "never.parquet")  # opening it waits for a writer who never comes
    job = {"path": str(tmp_path / "never.parquet"), "folder": str(tmp_path), "spec": BakeSpec("x", ()).as_dict()}
    command = [sys.executable, "-m", "servers.serving.baked"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as child:
        assert child.stdin is not None
        child.stdin.write(json.dumps(job).encode() + b"\n")
        child.stdin.flush()
        with pytest.raises(subprocess.TimeoutExpired, match="timed out"):
            child.wait(2)
        child.stdin.close()
        assert child.wait(PATIENCE_S) == 1


def test_a_city_that_may_only_be_read_is_served_from_memory(city, monkeypatch) -> None:
    def refused(*_: object) -> None:
        raise StorageError("storage.read_only", "the city cannot be written", where="", expected="", got="", remedy="")

    monkeypatch.setattr(served, "_kept", refused)
    assert len(served.baked_layer(city, "pois", ("name",))) == len(city.layer("pois"))
    monkeypatch.setattr(served, "SMALL", 0)
    with pytest.raises(StorageError, match="the city cannot be written"):
        served.baked_layer(city, "roads", ("name",))
