"""The lock files: complete, hashed, without a registry's address, and the same for pip and conda."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
RUN, DEVELOPMENT = "requirements.lock", "requirements-dev.lock"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def _entries(name: str) -> dict[str, str]:
    """Name of each distribution → its whole entry in the lock file."""
    text = re.sub(r"^ *#.*\n", "", (ROOT / name).read_text(encoding="utf-8"), flags=re.MULTILINE)
    entries = re.split(r"\n(?=\S)", text.strip())
    return {canonicalize_name(Requirement(entry.split(" \\")[0]).name): entry for entry in entries}


def _versions(name: str) -> dict[str, str]:
    return {key: re.split(r"[ ;\\]", entry)[0].partition("==")[2] for key, entry in _entries(name).items()}


@pytest.mark.parametrize("name", [RUN, DEVELOPMENT])
def test_every_entry_is_pinned_and_hashed(name: str) -> None:
    entries = _entries(name)
    assert len(entries) > 30
    loose = [
        key for key, entry in entries.items() if not re.search(r"==[^=]+\s*\\\n\s+--hash=sha256:[0-9a-f]{64}", entry)
    ]
    assert loose == []


@pytest.mark.parametrize("name", [RUN, DEVELOPMENT])
def test_no_registry_is_named(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert re.findall(r"https?://\S+|--(?:index-url|extra-index-url|find-links)\b.*|@ file:\S+", text) == []


def test_development_stands_on_what_runs() -> None:
    development = _versions(DEVELOPMENT)
    assert {name: development.get(name) for name in _versions(RUN)} == _versions(RUN)


def _wanted(group: str) -> list[Requirement]:
    rows = PROJECT["dependency-groups"][group]
    inner = [Requirement(text) for row in rows if isinstance(row, dict) for text in [row["include-group"]]]
    own = [Requirement(row) for row in rows if isinstance(row, str)]
    return own + [requirement for one in inner for requirement in _wanted(one.name)]


@pytest.mark.parametrize(("name", "group"), [(RUN, "build"), (DEVELOPMENT, "dev")])
def test_the_lock_satisfies_the_project(name: str, group: str) -> None:
    versions = _versions(name)
    wanted = [Requirement(text) for text in PROJECT["project"]["dependencies"]] + _wanted(group)
    unmet = [str(one) for one in wanted if versions.get(canonicalize_name(one.name), "0") not in one.specifier]
    assert unmet == [], "run `make lock`"


def test_what_builds_the_package_is_locked() -> None:
    versions = _versions(RUN)
    for text in PROJECT["build-system"]["requires"]:
        requirement = Requirement(text)
        assert versions[canonicalize_name(requirement.name)] in requirement.specifier


def test_conda_environment_is_the_lock() -> None:
    text = (ROOT / "environment.yml").read_text(encoding="utf-8")
    lines = [line.strip().removeprefix("- ") for line in text.splitlines() if line.strip().startswith("- ")]
    python = re.search(r"--python-version (\S+)", (ROOT / RUN).read_text(encoding="utf-8"))
    assert python is not None
    assert lines == ["conda-forge", f"python={python.group(1)}", "pip", "pip:", f"-r {RUN}"]
    assert "has not been run with conda" in text
