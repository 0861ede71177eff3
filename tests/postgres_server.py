"""A private PostgreSQL for tests: own directory, free loopback port, ended by its own process id."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any, Self

USER = "cim"
SETTINGS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=50")
"""The directory is thrown away: it need not outlive a power cut."""
START_S = 60.0


def postgres_programmes() -> str | None:
    """Folder with ``initdb`` and ``postgres``: the newest that Debian installed, else where ``PATH`` has them."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    if folders:
        return str(folders[-1].parent)
    found = shutil.which("initdb")
    return str(Path(found).resolve().parent) if found else None


def postgis_control() -> str | None:
    """The file that makes ``CREATE EXTENSION postgis`` possible for the programmes that are taken."""
    programmes = postgres_programmes()
    if programmes is None:
        return None
    shared = subprocess.run([f"{programmes}/pg_config", "--sharedir"], check=False, capture_output=True, text=True)
    version = Path(programmes).parent.name
    folders = (shared.stdout.strip(), f"/usr/share/postgresql/{version}")
    files = [Path(folder) / "extension" / "postgis.control" for folder in folders if folder]
    return next((str(file) for file in files if file.is_file()), None)


class PostgresServer:
    """Context manager; ``url`` is an SQLAlchemy URL of its database ``postgres``."""

    def __init__(self, programmes: Path) -> None:
        self._programmes = programmes
        self._folder = Path(tempfile.mkdtemp(prefix="cim-postgres-"))
        self._process: subprocess.Popen[bytes] | None = None
        self.url = ""

    def __enter__(self) -> Self:
        try:
            self._make()
            for _ in range(5):  # another process may take the free port first
                if self._start(_free_port()):
                    return self
        except BaseException:
            self.__exit__()
            raise
        log = (self._folder / "log").read_text(encoding="utf-8", errors="replace")
        self.__exit__()
        raise RuntimeError(f"PostgreSQL did not start:\n{log[-2000:]}")

    def __exit__(self, *_: object) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)  # "fast": ends the sessions, then itself
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _make(self) -> None:
        identity = _identity()
        if identity:
            os.chown(self._folder, pwd.getpwnam(identity["user"]).pw_uid, -1)
        command = [self._programmes / "initdb", "--pgdata", self._folder / "data", "--username", USER]
        options = ["--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]
        made = subprocess.run([*command, *options], check=False, capture_output=True, text=True, cwd="/", **identity)
        if made.returncode:
            raise RuntimeError(f"initdb failed:\n{made.stdout}\n{made.stderr}")

    def _start(self, port: int) -> bool:
        settings = (*SETTINGS, "listen_addresses=127.0.0.1", f"port={port}", f"unix_socket_directories={self._folder}")
        options = [part for setting in settings for part in ("-c", setting)]
        command = [self._programmes / "postgres", "-D", self._folder / "data", *options]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd="/", **_identity())
        deadline = time.monotonic() + START_S
        while self._process.poll() is None and time.monotonic() < deadline:
            ready = [self._programmes / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)]
            if subprocess.run(ready, check=False).returncode == 0:
                self.url = f"postgresql+psycopg://{USER}@127.0.0.1:{port}/postgres"
                return True
            time.sleep(0.1)
        return False


def _identity() -> dict[str, Any]:
    """PostgreSQL refuses to run as root: then it runs as the user its package made."""
    if os.geteuid() != 0:
        return {}
    account = pwd.getpwnam("postgres")
    return {"user": "postgres", "group": account.pw_gid, "extra_groups": []}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
