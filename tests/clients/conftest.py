"""A real ``cim serve`` on the tiny city, for clients that others wrote; one for the session, which nobody writes to."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tiny_cities import *  # noqa: F403 - fixtures

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent / "servers"), str(HERE.parent / "servers" / "processes")]

from served import Served, ended, started  # noqa: E402 - found on the path above


@pytest.fixture(scope="session")
def server(tiny_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """It answers on a free port of the loopback."""
    folder = tmp_path_factory.mktemp("clients")
    root = Path(shutil.copytree(tiny_folder, folder / "city"))
    running = started(root, folder / "errors", "--web-workers", "1")
    yield running
    ended(running)


@pytest.fixture(scope="session")
def api(server: Served) -> str:
    """The address of the API, with a slash at the end."""
    host, port = server.address
    return f"http://{host}:{port}/api/"
