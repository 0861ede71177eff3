"""SUMO's programmes as children: every way to fail is one error, and nothing outlives its parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from cim_core.errors import EngineError, JobError, StorageError
from scenarios.traffic import netconvert, sumo
from scenarios.traffic.sumo import run_child, simulated_second

pytestmark = pytest.mark.engine
ROOT = Path(__file__).parents[2]
DRIVE = ["--net-file=net.xml", "--route-files=flow.xml", "--no-step-log=false", "--step-log.period=10"]
ENDLESS = [*DRIVE, "--end=1e9"]


@pytest.fixture(scope="module")
def endless(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a simulation that never ends."""
    folder = tmp_path_factory.mktemp("endless")
    run_child("netgenerate", ["--grid", "--grid.number=3", "-o", "net.xml"], folder)
    flow = '<flow id="f" begin="0" end="1e9" period="2" from="A0A1" to="C1C2"/>'
    (folder / "flow.xml").write_text(f"<routes>{flow}</routes>")
    return folder


def children() -> list[psutil.Process]:
    return [child for child in psutil.Process().children(recursive=True) if child.name() == "sumo"]


@pytest.fixture(autouse=True)
def _leaves_no_child() -> Iterator[None]:
    yield
    assert children() == []


def test_a_child_that_ends_well_tells_its_cost(endless: Path) -> None:
    done = run_child("sumo", [*DRIVE, "--end=50"], endless)
    assert done.cpu_seconds > 0
    assert done.seconds > 0
    assert simulated_second(endless / "sumo.out") is not None


def test_a_missing_programme_has_a_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(netconvert, "sumo_home", lambda: tmp_path)
    with pytest.raises(EngineError, match="SUMO is not installed") as caught:
        run_child("sumo", [], tmp_path)
    assert "install" in caught.value.remedy


def test_a_child_that_gives_up_shows_the_end_of_its_log(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="sumo did not finish") as caught:
        run_child("sumo", ["--net-file=nowhere.net.xml"], tmp_path)
    assert caught.value.code == "engine.failed"
    assert "nowhere.net.xml" in caught.value.where


def test_giving_up_on_a_full_disk_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sumo, "DISK_FULL_BYTES", float("inf"))
    with pytest.raises(StorageError, match="could not write"):
        run_child("sumo", ["--net-file=nowhere.net.xml"], tmp_path)


def test_a_killed_child_is_one_error(endless: Path) -> None:
    def kill(second: float | None) -> None:
        for child in children():
            child.send_signal(signal.SIGKILL)

    with pytest.raises(EngineError, match="did not finish") as caught:
        run_child("sumo", ENDLESS, endless, watch=kill)
    assert (caught.value.code, caught.value.got) == ("engine.killed", "killed by SIGKILL")


def test_a_child_that_takes_too_long_is_ended(endless: Path) -> None:
    with pytest.raises(EngineError, match="did not finish") as caught:
        run_child("sumo", ENDLESS, endless, timeout_s=0.5)
    assert caught.value.code == "engine.timeout"


def test_progress_is_told_and_a_cancelled_job_ends_the_child(endless: Path) -> None:
    seen: list[float] = []

    def watch(second: float | None) -> None:
        seen.extend([] if second is None else [second])
        if len(seen) >= 3:
            raise JobError("job.cancelled", "the job was cancelled")

    with pytest.raises(JobError, match="cancelled"):
        run_child("sumo", ENDLESS, endless, watch=watch)
    assert seen == sorted(seen)
    assert seen[-1] > 0


def test_an_interrupt_ends_the_child(endless: Path) -> None:
    def interrupt(second: float | None) -> None:
        raise KeyboardInterrupt("from the keyboard")

    with pytest.raises(KeyboardInterrupt, match="from the keyboard"):
        run_child("sumo", ENDLESS, endless, watch=interrupt)


def test_a_child_dies_with_its_parent(endless: Path) -> None:
    code = "\n".join(
        [
            "from pathlib import Path",
            "from scenarios.traffic.sumo import run_child",
            f"run_child('sumo', {ENDLESS!r}, Path({str(endless)!r}))",
        ]
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT) as parent:
        child = _wait_for_child(parent.pid)
        os.kill(parent.pid, signal.SIGKILL)
    _, alive = psutil.wait_procs([child], timeout=10)
    assert [one for one in alive if one.status() != psutil.STATUS_ZOMBIE] == []


def _wait_for_child(pid: int) -> psutil.Process:
    for _ in range(300):
        found = [child for child in psutil.Process(pid).children(recursive=True) if child.name() == "sumo"]
        if found:
            return found[0]
        time.sleep(0.1)
    raise AssertionError("no child was started")


def test_a_line_that_is_cut_within_its_number_is_not_read(tmp_path: Path) -> None:
    console = tmp_path / "sumo.out"
    console.write_bytes(b"Step #2690.00 (1ms)\nStep #3")
    assert simulated_second(console) == 2690.0
    console.write_bytes(b"Step #2690.00 (1ms)\nStep #3590.0")
    assert simulated_second(console) == 2690.0
