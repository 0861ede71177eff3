"""``python -m servers.serving.baked``: bake one file, as the line on standard input says. Ends when that input ends."""

from __future__ import annotations

import json
import os
import sys
import threading
from pathlib import Path

_BEHIND = 5
"""Steps of priority that a bake stands behind those who serve."""


def main() -> None:
    """Read the job, watch for the end of who gave it, bake."""
    job = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_asker, daemon=True).start()
    os.nice(_BEHIND)
    from servers.serving.baked.bake import bake_parquet
    from servers.serving.baked.spec import BakeSpec

    bake_parquet(Path(job["path"]), BakeSpec.from_dict(job["spec"]), Path(job["folder"]))


def _end_with_asker() -> None:
    sys.stdin.read()
    os._exit(1)


if __name__ == "__main__":
    main()
