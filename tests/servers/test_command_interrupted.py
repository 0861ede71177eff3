"""Interrupts, terminals and pipes."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import time

import pytest
from commands import CIM, environment

from cim_core import jobs


@pytest.mark.parametrize("whole_group", [False, True])
def test_ctrl_c_ends_a_run_and_leaves_nothing(city, folder, whole_group):
    command = [CIM, "run", "toy.behave", "-p", "how=wait", "-p", "seconds=100", "--json"]
    process = subprocess.Popen(
        command,
        env=environment(city.root),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    while not [job for job in jobs.listing(city.database) if job.message == "waiting"]:
        assert process.poll() is None
        time.sleep(0.05)
    (os.killpg if whole_group else os.kill)(process.pid, signal.SIGINT)  # a terminal sends it to the whole group
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert json.loads(out)["error"]["code"] == "job.cancelled"
    assert "Traceback" not in err
    assert [job.state for job in jobs.listing(city.database)] == ["cancelled"]
    assert list((city.root / "tmp").glob("*")) == []
    assert not list((city.root / "runs").glob("*"))


def test_a_bar_is_shown_on_a_terminal_alone(city, folder):
    ours, theirs = pty.openpty()
    done = subprocess.Popen(
        [CIM, "run", "toy.behave", "-p", "how=work", "--json"],
        env=environment(city.root, TERM="xterm", COLUMNS="100"),
        stdout=subprocess.PIPE,
        stderr=theirs,
        text=True,
    )
    out, _ = done.communicate(timeout=60)
    os.close(theirs)
    drawn = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:
            break
        if not piece:
            break
        drawn += piece
    os.close(ours)
    assert json.loads(out)["status"] == "succeeded"
    assert "toy.behave" in drawn.decode()
    assert "%" in drawn.decode()


def test_a_pipe_that_closes_is_no_fault(city, folder):
    command = f"{CIM} info --json | head -c 1"
    done = subprocess.run(
        ["bash", "-c", command], env=environment(city.root), capture_output=True, text=True, check=False
    )
    assert done.stdout == "{"
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr
