"""QGIS of Debian against a served sample city: ``python -m benchmarks.peers.desktop`` (``make peers``).

Its Python is the system's, not ours: ``python3-qgis`` is named if it is missing, and nothing is installed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.bench_api import served
from benchmarks.measure import timed

PYTHON = "/usr/bin/python3"
READS = Path(__file__).with_name("qgis_reads.py")


def main() -> int:
    """Print what QGIS read; 1 if it and the API differ, 2 without QGIS."""
    if subprocess.run([PYTHON, "-c", "import qgis.core"], check=False, capture_output=True).returncode:
        print("QGIS is not here; on Debian and Ubuntu: apt install python3-qgis", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        city = Path(folder) / "sample"
        timed("cim", "sample", city)
        with served(city) as (host, port):
            environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "XDG_RUNTIME_DIR": folder}
            line = [PYTHON, str(READS), f"http://{host}:{port}/api/"]
            return subprocess.run(line, check=False, env=environment).returncode


if __name__ == "__main__":
    sys.exit(main())
