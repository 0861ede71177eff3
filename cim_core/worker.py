"""The inside of a worker process: answers one question, speaks over a pipe, dies with its parent."""

from __future__ import annotations

import os
import shutil
import signal
import threading
import time
import traceback
from collections.abc import Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from cim_core import bundle
from cim_core.canonical import content_hash
from cim_core.city import City
from cim_core.errors import CimError, JobError, ScenarioError
from cim_core.plan import Plan
from cim_core.question import ask
from cim_core.registry import Registry
from cim_core.result import run_path
from cim_core.scenario import Context
from cim_core.store.cache import FileCache
from cim_core.store.files import STAGING, staged_directory, storage_faults

Message = tuple[str, Any, Any]
"""("progress", fraction, text) · ("done", run, seconds) · ("error", fields, None)"""


def main(pipe: Connection, root: str, drop_in: str | None, request: dict[str, Any], key: dict[str, Any]) -> None:
    """Entry of the process. Everything that ends it is said over the pipe."""
    os.setsid()  # the supervisor ends this process and its children as one group
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    cancelled = threading.Event()
    threading.Thread(target=_watch, args=(pipe, cancelled), daemon=True).start()
    try:
        started = time.monotonic()
        answer(Path(root), drop_in, request, key, report=lambda f, m: pipe.send(("progress", f, m)), stop=cancelled)
        pipe.send(("done", content_hash(key), time.monotonic() - started))
    except CimError as fault:
        pipe.send(("error", fault.as_dict() | {"class": type(fault).__name__}, None))
    except MemoryError:
        pipe.send(("error", _as_broken("MemoryError", request["analysis"], "the machine has no memory left"), None))
    except Exception as fault:  # noqa: BLE001 - a scenario may raise anything; it becomes one record
        text = "".join(traceback.format_exception(fault)[-3:])
        pipe.send(("error", _as_broken(f"{type(fault).__name__}: {fault}", request["analysis"], text), None))


def _refuse_another_question(
    city: City, registry: Registry, request: Mapping[str, Any], key: Mapping[str, Any]
) -> None:
    """A job may wait long: what it stands on (files, code, engines) must be what its hash says."""
    again = ask(
        city,
        registry,
        request["analysis"],
        request["parameters"],
        plan=Plan.model_validate(request["plan"]),
        seed=request["seed"],
    )
    differing = sorted(name for name in again.key if name != "seed" and again.key[name] != key.get(name))
    if differing:
        raise JobError(
            "job.question_changed",
            "what this job stands on has changed since it was queued",
            where=", ".join(differing),
            expected="the same files, code and engines as when it was asked",
            got="others",
            remedy="ask again: it is another question now. If that is refused too, installed code was changed under a "
            "running server: start the server again",
        )


def _watch(pipe: Connection, cancelled: threading.Event) -> None:
    """Wait for the word to stop; if the parent is gone, end this process and its children."""
    try:
        pipe.recv()
        cancelled.set()
        pipe.recv()
    except (EOFError, OSError):
        os.killpg(0, signal.SIGKILL)


def _as_broken(got: str, analysis: str, trace: str) -> dict[str, str]:
    fault = ScenarioError(
        "scenario.crashed",
        "the analysis raised an error of its own",
        where=f"{analysis}\n{trace}".rstrip(),
        expected="a result, or a CimError",
        got=got,
        remedy="report it to the scenario's author with these lines; the city is unchanged",
    )
    return fault.as_dict() | {"class": "ScenarioError"}


def answer(
    root: Path,
    drop_in: str | None,
    request: Mapping[str, Any],
    key: Mapping[str, Any],
    *,
    report: Any,
    stop: threading.Event,
) -> Path:
    """Run the analysis and put its bundle under the run's hash; the folder. In a worker, or in a test's own process."""
    registry = Registry.discover(None if drop_in is None else Path(drop_in))
    _, declaration = registry.analysis(request["analysis"])
    function = registry.function(request["analysis"])
    parameters = registry.parameters(request["analysis"]).model_validate(request["parameters"])
    baseline = City.open(root, at=request["sequence"])
    plan = Plan.model_validate(request["plan"])
    _refuse_another_question(baseline, registry, request, key)
    city = baseline.with_plan(plan.compile(registry.measure_types(), baseline.find))
    target = run_path(root, content_hash(key))
    scratch = root / STAGING / f"{os.getpid()}-scratch-{content_hash(key)[:12]}"
    with storage_faults(root):
        scratch.mkdir(parents=True)
    started = time.monotonic()
    try:
        with staged_directory(target, root) as aside:
            out = aside / "files"
            out.mkdir()
            context = Context(
                request["seed"], scratch, out, baseline, FileCache(root, content_hash(key["code"])), report, stop.is_set
            )
            result = function(city, parameters, context)
            bundle.check(result, declaration, request["analysis"])
            seconds = time.monotonic() - started
            bundle.write(
                aside,
                result,
                declaration,
                key=key,
                request=request,
                unused_edits=city.unused_edits(),
                provenance=bundle.provenance_of(baseline.sources(), key["snapshots"]),
                seconds=seconds,
            )
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return target
