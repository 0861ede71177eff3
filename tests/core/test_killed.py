"""Killed at random instants: nothing lost, nothing half-there, and the same question succeeds afterwards.

``CIM_SOAK`` (``make soak``) sets the number of rounds.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest
from osm_builder import Map
from tiny_cities import TOYS

from cim_core import jobs
from cim_core.city import City
from cim_core.importing import import_osm
from cim_core.result import Bundle, run_path
from cim_core.service import RunService

CIM = str(Path(sys.executable).with_name("cim"))
ROUNDS = 10
pytestmark = [pytest.mark.soak, pytest.mark.timeout(0)]


@dataclass
class Victim:
    """Starts commands in processes that can be found again, and kills them."""

    root: Path
    random: random.Random = field(default_factory=lambda: random.Random(7))
    longest_s: float = 0.0

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        environment = {"PATH": os.environ["PATH"], "CIM_CITY": str(self.root), "CIM_SCENARIOS": str(TOYS)}
        return subprocess.Popen([CIM, *command], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def measure(self, *command: str) -> bytes:
        """Let one command end by itself, to know how long it takes."""
        begun = time.monotonic()
        said = self.start(*command).communicate()[0]
        self.longest_s = time.monotonic() - begun
        return said

    def kill(self, *command: str) -> None:
        """Kill it somewhere between a quarter of its time, when imports are over, and a little after its end."""
        process = self.start(*command)
        try:
            process.wait(self.random.uniform(0.25, 1.05) * self.longest_s)
        except subprocess.TimeoutExpired:
            process.kill()
        process.communicate()

    def family(self) -> list[psutil.Process]:
        """Every process on this machine that was started for this city, by its environment."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.environ().get("CIM_CITY") == str(self.root) and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
        return found

    def no_stray_process(self) -> None:
        until = time.monotonic() + 20
        while self.family() and time.monotonic() < until:
            time.sleep(0.05)
        assert self.family() == [], "children die with their parent"


@pytest.fixture
def victim(city) -> Iterator[Victim]:
    found = Victim(city.root)
    yield found
    for process in found.family():
        process.kill()


def whole_results(root: Path) -> None:
    """Every run that has its final name is complete."""
    for folder in (root / "runs").glob("*"):
        bundle = Bundle.open(folder)
        assert bundle.run == folder.name
        assert json.loads((folder / "receipt.json").read_text())["run"] == folder.name
        assert bundle.figures["pid"].value
        assert (folder / "files" / "big").stat().st_size == 10_000
    for made in (root / "cache" / "toy").glob("[!.]*/made"):
        assert made.read_text() == "whole"


def test_a_run_that_is_killed(runner, question, victim, soak_rounds):
    options = ["run", "toy.behave", "-p", "how=work", "-p", "seconds=0.5", "--json", "-p"]
    first = json.loads(victim.measure(*options, "tag=first"))
    assert first["status"] == "succeeded"
    before = (runner.city.sequence, {name: one.snapshot for name, one in runner.city.versions.items()})
    interrupted = 0
    for number in range(soak_rounds(ROUNDS)):
        victim.kill(*options, f"tag={number}")
        victim.no_stray_process()
        whole_results(runner.city.root)
        asked = question("toy.behave", how="work", seconds=0.5, tag=str(number))
        interrupted += not run_path(runner.city.root, asked.run).exists()
        bundle = runner.run(asked)
        assert bundle.run == asked.run
        RunService(runner).drain()
        opened = City.open(runner.city.root)
        assert (opened.sequence, {name: one.snapshot for name, one in opened.versions.items()}) == before
        assert list((runner.city.root / "tmp").glob("*")) == []
        assert jobs.listing(runner.city.database, open_only=True) == []
    whole_results(runner.city.root)
    assert interrupted, "at least one was killed before its end"


@pytest.mark.timeout(120)
def test_the_queue_of_a_killed_process_is_found_and_done(runner, question, victim):
    process = victim.start("run", "toy.behave", "-p", "how=wait", "-p", "seconds=5", "-p", "tag=queue")
    job = None
    while job is None or job.message != "waiting":
        time.sleep(0.05)
        job = next(iter(jobs.listing(runner.city.database)), None)
    process.kill()
    process.communicate()
    victim.no_stray_process()
    assert jobs.get(runner.city.database, job.id).state == "running", "nobody was left to say that it ended"
    (done,) = RunService(runner).drain()
    assert (done.id, done.state, done.attempts) == (job.id, "succeeded", 2)
    assert Bundle.find(runner.city.root, done.run)


def town(folder: Path, streets: int) -> Path:
    drawing = Map()
    for street in range(streets):
        first = 100 * street
        drawing.nodes({first + i: (26 + i, 6 + street / 10) for i in range(20)})
        tags = {"highway": "residential", "name": f"Street {street}"}
        drawing.way(street + 1, [first + i for i in range(20)], tags)
    return drawing.save(folder, f"{streets}.osm")


def test_an_import_that_is_killed(city, victim, tmp_path, soak_rounds):
    files = {streets: town(tmp_path, streets) for streets in (30, 60)}
    expected = {}
    for streets, file in files.items():
        import_osm(city, file)
        shown = City.open(city.root)
        expected[streets] = {name: one.snapshot for name, one in shown.versions.items()}
        assert shown.layer("roads")["name"].nunique() == streets
    victim.measure("import", "osm", str(files[60]))
    now_shown, killed = 60, 0
    for _ in range(soak_rounds(ROUNDS)):
        before, other = City.open(city.root), 90 - now_shown
        victim.kill("import", "osm", str(files[other]))
        victim.no_stray_process()
        after = City.open(city.root)
        snapshots = {name: one.snapshot for name, one in after.versions.items()}
        moved = after.sequence - before.sequence
        assert moved in (0, 1)
        now_shown = other if moved else now_shown
        assert snapshots == expected[now_shown], "the old version or the new one, never half"
        assert after.layer("roads")["name"].nunique() == now_shown
        killed += not moved
    assert killed, "at least one was killed before its end"
    import_osm(City.open(city.root), files[30])
    assert {name: one.snapshot for name, one in City.open(city.root).versions.items()} == expected[30]
    assert list((city.root / "tmp").glob("*")) == []
