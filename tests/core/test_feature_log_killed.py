"""A process that edits is killed at random instants: the city is before or after, never between."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from edited_layer import pair, planted

from cim_core.city import City
from cim_core.store import feature_log

ROUNDS = 8
MOST = 7
CHANCE = random.Random(7)
WRITER = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from edited_layer import pair
from cim_core.city import City
from cim_core.store import feature_log
feature_log.LOG_MOST = int(sys.argv[3])
print("ready", flush=True)
while True:
    pair(City.open(Path(sys.argv[2])))
"""
pytestmark = [pytest.mark.soak, pytest.mark.timeout(0)]


def killed(root: Path, after_s: float) -> None:
    """Start a writer that never ends, and end it in the middle."""
    command = [sys.executable, "-c", WRITER, str(Path(__file__).parent), str(root), str(MOST)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    time.sleep(after_s)
    assert process.poll() is None, process.communicate()[1].decode()
    process.kill()
    process.communicate()


def test_a_writer_that_is_killed_leaves_whole_versions(tmp_path, soak_rounds, monkeypatch):
    monkeypatch.setattr(feature_log, "LOG_MOST", MOST)
    first = planted(City.create(tmp_path / "city"), count=1)
    for _ in range(soak_rounds(ROUNDS)):
        before = City.open(first.root).sequence
        killed(first.root, CHANCE.uniform(0.05, 0.6))
        assert whole(City.open(first.root), first.sequence) >= before
        pair(City.open(first.root))
        assert list((first.root / "tmp").glob("*")) == []
    last = whole(City.open(first.root), first.sequence)
    assert last > first.sequence + ROUNDS, "the writers came to write"
    for sequence in range(first.sequence, last + 1, 5):
        assert whole(City.open(first.root, at=sequence), first.sequence) == sequence


def whole(city: City, first: int) -> int:
    """The sequence number of a city that holds every pair up to it, and nothing else."""
    layer, numbers = city.layer("trees"), range(first, city.sequence)
    assert set(layer.index) == {"t0", *(f"{letter}{number}" for number in numbers for letter in "ab")}
    assert layer.at["t0", "count"] == (city.sequence - 1 if numbers else 0)
    assert city.versions["trees"].rows == len(layer)
    assert city.versions["trees"].edits <= MOST
    return city.sequence
