"""Compiled code reads and writes unchecked: with every index checked, random layers must not make it leave an array."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_no_index_leaves_its_array(tmp_path: Path) -> None:
    # a cache of its own: what is kept beside the modules was compiled without checks
    checked = {"NUMBA_BOUNDSCHECK": "1", "NUMBA_CACHE_DIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    script = Path(__file__).with_name("tile_fuzz.py")
    ended = subprocess.run(
        [sys.executable, script, "1", "1500"],
        check=False,
        capture_output=True,
        text=True,
        timeout=280,
        env=os.environ | checked,
    )
    assert ended.returncode == 0, ended.stderr[-3000:]
    drawn, repaired = ended.stdout.split()[1::2]
    assert int(drawn) > 3000
    assert int(repaired) > 100
