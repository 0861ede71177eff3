"""Fixtures of the command line: ``cim`` calls its entry in this process, ``process`` starts one of its own.

Most tests use the first, because a process costs half a second; some of each kind use the second.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tiny_cities import TOYS

from servers.cli import main

__all__ = ["cim", "fails", "folder", "plan", "process"]

CIM = str(Path(sys.executable).with_name("cim"))
ANSWERS = ["code", "what", "where", "expected", "got", "remedy"]
CALM = {"plan": "calm", "measures": [{"type": "calm", "road": "西桥", "speed_mps": 5.0}]}


@dataclass
class Said:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        content = json.loads(self.out)  # one object and nothing else
        assert isinstance(content, dict)
        return content


Cim = Callable[..., Said]


def environment(root: Path | None, **more: str) -> dict[str, str]:
    """A clean environment; the city of the test, the toys."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    named = {} if root is None else {"CIM_CITY": str(root)}
    return {**kept, "PYTHONIOENCODING": "utf-8", "CIM_SCENARIOS": str(TOYS), **named, **more}


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """The working directory of the commands."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def cim(city, folder, monkeypatch, capfd) -> Cim:
    """``cim("run", …)`` on the test's tiny city, by the command's entry."""

    def run(*command: str, root: Path | None = city.root, **more: str) -> Said:
        monkeypatch.setattr(sys, "argv", ["cim", *command])
        with monkeypatch.context() as patch:
            for name in [name for name in os.environ if name.startswith("CIM_")]:
                patch.delenv(name)
            for name, value in environment(root, **more).items():
                patch.setenv(name, value)
            capfd.readouterr()
            with pytest.raises(SystemExit) as ended:
                main()
        said = Said(int(ended.value.code or 0), *capfd.readouterr())
        assert "Traceback" not in said.out + said.err
        return said

    return run


@pytest.fixture
def process(city, folder) -> Cim:
    """The same in a process of its own."""

    def run(*command: str, root: Path | None = city.root, **more: str) -> Said:
        done = subprocess.run(
            [CIM, *command], env=environment(root, **more), capture_output=True, text=True, check=False, timeout=120
        )
        assert "Traceback" not in done.stdout + done.stderr
        return Said(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def fails(cim) -> Callable[..., dict[str, str]]:
    """``fails("code", exit, …)`` → the error, the same five answers for programmes and for people."""

    def check(code: str, exit_code: int, *command: str, **more: Any) -> dict[str, str]:
        said = cim(*command, "--json", **more)
        assert list(said.json) == ["error"], said
        error = said.json["error"]
        assert list(error) == ANSWERS
        assert (error["code"], said.code) == (code, exit_code)
        assert error["remedy"]
        assert error["what"] in said.err
        assert error["remedy"] in said.err
        return error

    return check


@pytest.fixture
def plan(folder) -> str:
    """A plan file."""
    path = folder / "calm.json"
    path.write_text(json.dumps(CALM, ensure_ascii=False), encoding="utf-8")
    return str(path)
