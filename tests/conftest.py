"""What tests need from the machine. What is absent skips loudly; if ``CIM_REQUIRE`` names it, the test fails instead.

``CIM_REQUIRE`` is a list such as ``data,postgres``; the continuous integration sets it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from postgres_server import PostgresServer, postgis_control, postgres_programmes

settings.register_profile("untimed", deadline=None)  # a first example may compile what it calls
settings.load_profile("untimed")

SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"
ABSENT = "absent on this machine: "
NEEDS: dict[str, tuple[str, Callable[[], str | None]]] = {
    "data": (f"the real data in {SHARED_DATA}", lambda: str(SHARED_DATA) if SHARED_DATA.is_dir() else None),
    "postgres": ("PostgreSQL (Debian: apt install postgresql)", postgres_programmes),
    "postgis": ("PostGIS (Debian: apt install postgresql-15-postgis-3)", postgis_control),
    "curl": ("curl (Debian: apt install curl)", lambda: shutil.which("curl")),
    "chromium": ("Chromium (Debian: apt install chromium)", lambda: shutil.which("chromium")),
}

Require = Callable[[str], Path]


def required(need: str) -> Path:
    what, find = NEEDS[need]
    found = find()
    if found is not None:
        return Path(found)
    if need in os.environ.get("CIM_REQUIRE", "").split(","):
        pytest.fail(f"{ABSENT}{what}; CIM_REQUIRE names it")
    pytest.skip(f"{ABSENT}{what}")


@pytest.fixture(scope="session")
def require() -> Require:
    """``require("chromium")`` → its path, or a skip that is seen, or a failure where ``CIM_REQUIRE`` names it."""
    return required


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real inputs beside this repository."""
    return required("data")


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """An SQLAlchemy URL of a private PostgreSQL that lives as long as the test session (one for each test process)."""
    with PostgresServer(required("postgres")) as server:
        yield server.url


@pytest.fixture(scope="session")
def postgis_url(postgres_url: str) -> str:
    """A ``postgresql://`` address of a database with PostGIS on that server."""
    import psycopg

    required("postgis")
    address = postgres_url.replace("+psycopg", "")
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("CREATE DATABASE gis")
    address = address.rpartition("/")[0] + "/gis"
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION postgis")
    return address


@pytest.fixture
def soak_rounds() -> Callable[[int], int]:
    """``soak_rounds(5)`` → 5, or what ``CIM_SOAK`` (``make soak``) says."""
    return lambda usual: int(os.environ.get("CIM_SOAK", usual))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was not checked, so that a green line is not taken for more than it is."""
    reasons = [str(report.longrepr[2]) for report in terminalreporter.stats.get("skipped", ()) if report.longrepr]
    absent = [reason for reason in reasons if "absent" in reason]
    if absent:
        terminalreporter.section("NOT CHECKED HERE", yellow=True, bold=True)
        for reason in sorted(set(absent)):
            terminalreporter.line(f"{absent.count(reason)} tests: {reason}")
