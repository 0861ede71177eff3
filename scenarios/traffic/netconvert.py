"""netconvert as a child process: which programme, which flags, and one error when it fails."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import subprocess
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from cim_core.errors import EngineError

if TYPE_CHECKING:
    from pyproj import CRS

TYPEMAP = Path(__file__).parent / "data" / "china.typ.xml"
NET_NAME = "net.net.xml"
LOG_NAME = "netconvert.log"
TIMEOUT_S = 600.0
LOG_TAIL = 12
FLAGS = (
    "--offset.disable-normalization",
    "--output.original-names",
    "--output.street-names",
    "--ramps.guess",
    "--junctions.join",
    "--max-join-ids=1000000",
    "--no-turnarounds.except-deadend",
    "--tls.guess-signals",
    "--tls.discard-simple",
    "--tls.join",
    "--tls.default-type=actuated",
    "--aggregate-warnings=5",
    "--seed=0",
)
"""Flags of every net, in right-hand traffic.

``--junctions.join`` follows edges only, so stacked nodes that no edge connects stay apart, however near.
``--max-join-ids`` keeps every OSM node in the name of the junction it was joined into, so that roads and traffic lights
can be found again. Turnarounds are built at dead ends only: elsewhere random demand on the Yuzhong extract turned in
the middle of arterials and was teleported (7 of 4,136 vehicles with them, 0 of 4,106 without).

Left out on purpose: ``--geometry.remove`` saves 20 % of the edges and 10-20 % of the simulation time on the extract,
but joins road parts into one edge, and a measure on one part would leak into the next; ``--osm.layer-elevation``
invents grades (up to 38 % on the extract) and changes lane lengths without keeping stacked roads apart, which the
node ids do.
"""


def run_netconvert(osm_file: Path, crs: CRS, directory: Path) -> Path:
    """Convert ``osm_file`` into ``directory / NET_NAME``; raises :class:`EngineError` with the end of the log."""
    return _run(arguments(osm_file, crs, directory), directory)


def patch_net(net: Path, connections: Path, directory: Path) -> Path:
    """The net with more connections as ``directory / NET_NAME``; raises :class:`EngineError`."""
    files = ["-s", str(net), "-x", str(connections), "-o", str(directory / NET_NAME)]
    return _run([*files, "--offset.disable-normalization"], directory)


def _run(options: list[str], directory: Path) -> Path:
    command = [str(programme("netconvert")), *options]
    try:
        child = subprocess.run(
            command, cwd=directory, env=environment(), capture_output=True, timeout=TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired as fault:
        raise failure("engine.netconvert_timeout", f"no net after {TIMEOUT_S:.0f} s", fault.stderr or b"") from None
    log = child.stdout + child.stderr
    (directory / LOG_NAME).write_bytes(log)
    net = directory / NET_NAME
    if child.returncode < 0:
        raise failure("engine.netconvert_killed", f"killed by signal {-child.returncode}", log)
    if child.returncode or not net.exists():
        raise failure("engine.netconvert_failed", f"exit status {child.returncode}", log)
    return net


def arguments(osm_file: Path, crs: CRS, directory: Path) -> list[str]:
    """The command line after the programme's name."""
    files = ["--osm-files", str(osm_file), "--type-files", str(TYPEMAP), "-o", str(directory / NET_NAME)]
    return [*files, "--proj", proj_string(crs), *FLAGS]


def proj_string(crs: CRS) -> str:
    """The CRS as PROJ parameters (netconvert takes no axis order from an EPSG code this way)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # the loss that pyproj warns of (area of use, names) is harmless
        return str(crs.to_proj4())


def programme(name: str) -> Path:
    """Path of one of SUMO's programmes; raises :class:`EngineError` where SUMO is missing."""
    path = sumo_home() / "bin" / name
    if not path.exists():
        raise _missing(f"no file {path}")
    return path


def sumo_home() -> Path:
    """The folder of the ``eclipse-sumo`` distribution; raises :class:`EngineError` where it is missing."""
    spec = importlib.util.find_spec("sumo")
    if spec is None or not spec.submodule_search_locations:
        raise _missing("no module named sumo")
    return Path(next(iter(spec.submodule_search_locations)))


def sumo_version() -> str:
    """Version of the installed ``eclipse-sumo``; raises :class:`EngineError` where it is missing."""
    try:
        return importlib.metadata.version("eclipse-sumo")
    except importlib.metadata.PackageNotFoundError:
        raise _missing("the distribution eclipse-sumo is not installed") from None


def environment() -> dict[str, str]:
    """The child's environment: ours, with ``SUMO_HOME`` of the installed distribution."""
    return {**os.environ, "SUMO_HOME": str(sumo_home()), "LC_ALL": "C.UTF-8"}


def _missing(got: str) -> EngineError:
    return EngineError(
        "engine.sumo_missing",
        "SUMO is not installed",
        where="the Python environment",
        expected="the distribution eclipse-sumo",
        got=got,
        remedy="install the runtime lock file again (`make env`), then run it again",
    )


def failure(code: str, got: str, log: bytes) -> EngineError:
    """The error for a netconvert that did not make a net; quotes the last lines of its log."""
    lines = [line for line in log.decode("utf-8", "replace").splitlines() if line.strip()]
    return EngineError(
        code,
        "netconvert could not build the road network",
        where="netconvert; the end of its log:\n    " + "\n    ".join(lines[-LOG_TAIL:]),
        expected="a network file",
        got=got,
        remedy="mend or correct the roads that the log names and run again; if it was killed, free some memory first",
    )
