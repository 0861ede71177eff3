"""The toys."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

from cim_core.errors import InputError
from cim_core.result import Result

TRIPS = 20


def noise(city, parameters, context):
    """Speed limits as the plan has them; ``noisy`` falls by two seconds for each m/s that the mean limit falls."""
    if context.seed == parameters.fail_on_seed:
        raise InputError("toy.told_to_fail", "the toy was told to fail", remedy="do not tell it")
    for step in range(4):
        context.progress(step / 4, f"step {step}")
        time.sleep(parameters.pause_s / 4)
    roads, before = city.layer("roads"), context.baseline.layer("roads")
    shift = float(roads.speed_limit_mps.mean() - before.speed_limit_mps.mean())
    common = np.random.default_rng(context.seed).normal(100.0, 30.0)  # both sides of a comparison share it
    own = np.random.default_rng([context.seed, round(1e6 * abs(shift))]).normal(0.0, parameters.sigma)
    durations = 60.0 + np.arange(TRIPS) - np.where(np.arange(TRIPS) < 3, 10.0 * np.sign(shift), 0.0)
    arrived = np.arange(TRIPS) if shift >= 0 else np.arange(TRIPS - 1)
    layer = roads[["geometry"]].assign(speed=roads.speed_limit_mps)
    return Result(
        figures={
            "mean_speed": float(roads.speed_limit_mps.mean()),
            "noisy": float(common + own + 2.0 * shift),
            "constant": 7.0,
            "served": float(len(arrived)),
        },
        layers={"roads_result": layer},
        tables={"trips": pd.DataFrame({"trip": arrived, "duration_s": durations[arrived]})},
    )


def steady(city, parameters, context):
    """The mean speed limit."""
    context.progress(0.5, "halfway")
    return Result(figures={"mean_speed": float(city.layer("roads").speed_limit_mps.mean())})


def behave(city, parameters, context):
    """Well, or badly."""
    context.progress(0.1, f"about to {parameters.how}")
    _DO[parameters.how](parameters, context)
    figures = {"pid": float(os.getpid())}
    return Result(figures=figures | ({"surprise": 1.0} if parameters.how == "undeclared" else {}))


def _well(parameters, context):
    """Nothing."""


def _work(parameters, context):
    """Files everywhere they may be, slowly."""
    (context.scratch / "half").write_bytes(b"x" * 10_000)
    (context.out / "big").write_bytes(b"x" * 10_000)
    context.cache.get("toy", {"tag": parameters.tag}, lambda folder: (folder / "made").write_text("whole"))
    for step in range(10):
        context.progress(step / 10, f"step {step}")
        time.sleep(parameters.seconds / 10)


def _raise(parameters, context):
    raise ZeroDivisionError("told to")


def _refuse(parameters, context):
    raise InputError("toy.refused", "the toy refuses", where="toy", expected="other orders", remedy="ask nicely")


def _exit(parameters, context):
    sys.exit(3)


def _kill(parameters, context):
    os.kill(os.getpid(), signal.SIGKILL)


def _sleep(parameters, context):
    """Deaf: hears no cancel."""
    time.sleep(parameters.seconds)


def _wait(parameters, context):
    """Hears a cancel."""
    until = time.monotonic() + parameters.seconds
    while time.monotonic() < until:
        context.progress(0.5, "waiting")
        time.sleep(0.02)


def _spawn(parameters, context):
    """A child that would live long."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    parameters.file.write_text(str(child.pid))
    _wait(parameters, context)


def _fill(parameters, context):
    """More than a small disk holds."""
    (context.out / "big").write_bytes(b"x" * 50_000_000)


def _memory(parameters, context):
    hog = np.ones(150_000_000)
    _wait(parameters, context)
    assert hog[-1] == 1.0


def _write(parameters, context):
    Path(parameters.file).write_text("where it may not")


_DO = {
    "well": _well,
    "work": _work,
    "raise": _raise,
    "refuse": _refuse,
    "exit": _exit,
    "kill": _kill,
    "sleep": _sleep,
    "wait": _wait,
    "spawn": _spawn,
    "fill": _fill,
    "memory": _memory,
    "undeclared": _well,
    "write": _write,
}
