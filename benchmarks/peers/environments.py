"""Environments of the peers: their packages never meet ours, and are in no lock of this project."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

OUT = Path(__file__).parents[2] / "out" / "peers"
PACKAGES = {
    "pygeoapi": (
        "pygeoapi==0.21.0",
        "sqlalchemy<2.1",
        "geoalchemy2",
        "pygeofilter[backend-sqlalchemy]",
        "psycopg2-binary",
        "gunicorn",
        "gevent",
    ),
    "tipg": ("tipg", "uvicorn"),
    "sedona": ("sedonadb[geopandas]", "pyarrow"),
}
"""pygeoapi 0.21 is the last for Python 3.11."""


def environment(name: str) -> Path:
    """The folder ``bin`` of a peer's environment, made if it is not there; the packages by ``pip``."""
    folder = OUT / name
    ready = folder / ".ready"
    wanted = "\n".join(PACKAGES[name])
    if not ready.exists() or ready.read_text() != wanted:
        sys.stderr.write(f"installing {name} …\n")
        venv.create(folder, with_pip=True, clear=True, symlinks=True)
        pip = [folder / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check", *PACKAGES[name]]
        subprocess.run(pip, check=True, stdout=sys.stderr)
        ready.write_text(wanted)
    return folder / "bin"


def version(name: str, package: str) -> str:
    """The version of a package in a peer's environment."""
    code = f"from importlib.metadata import version; print(version({package!r}))"
    done = subprocess.run([environment(name) / "python", "-c", code], check=True, capture_output=True, text=True)
    return done.stdout.strip()


def clean_environ(**more: str) -> dict[str, str]:
    """Variables for a peer's process: none of ours, nor of its user."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ} | {"HOME": str(OUT)}
    return {**kept, **more}
