"""The reference is what the code says, and what errors advise can be done."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import pytest
import typer

from cim_core.settings import PREFIX, Settings
from servers.cli.main import app
from servers.error_codes import ErrorCode, error_codes

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
sys.path.insert(0, str(DOCS))

from generate import PAGES, TARGET  # noqa: E402 - docs/ is no package
from http_api import openapi_document  # noqa: E402

OTHER_PROGRAMMES = {"--strategy"}
"""Options of osmium and others that remedies name."""
WRITTEN = sorted(
    path.relative_to(ROOT).as_posix()
    for pattern in ("*.md", "docs/**/*.md", "scenarios/*/*.md")
    for path in ROOT.glob(pattern)
    if TARGET not in path.parents and path.name != "CHANGELOG.md"
)
"""Documents that are written by hand and speak of today."""
OPENAPI = openapi_document()


@pytest.mark.parametrize("name", PAGES)
def test_reference_page_is_up_to_date(name: str) -> None:
    written = (TARGET / f"{name}.md").read_text(encoding="utf-8")
    assert written == PAGES[name](), "run `make docs`"


def test_every_reference_page_is_generated() -> None:
    assert {path.stem for path in TARGET.glob("*.md")} == set(PAGES)


def test_every_setting_is_documented() -> None:
    text = (TARGET / "settings.md").read_text(encoding="utf-8")
    for name, field in Settings.model_fields.items():
        assert f"| `{name}` | `{PREFIX}{name.upper()}` |" in text
        assert field.description, f"setting {name} has no description"
        assert field.description in text


def _errors() -> list[ErrorCode]:
    return error_codes(ROOT, ("cim_core", "scenarios", "servers", "data_samples"))


def test_every_error_has_a_remedy() -> None:
    assert [f"{error.module}: {error.code}" for error in _errors() if not error.remedy] == []


def test_every_error_code_is_written_out() -> None:
    assert [f"{error.module}: {error.code}" for error in _errors() if "…" in error.code] == []


def test_a_code_is_of_one_class() -> None:
    classes: dict[str, set[str]] = {}
    for error in _errors():
        classes.setdefault(error.code, set()).add(error.kind)
    assert {code: kinds for code, kinds in classes.items() if len(kinds) > 1} == {}


def _tree(command: Any, path: tuple[str, ...] = ("cim",)) -> dict[tuple[str, ...], set[str]]:
    """Path of each command → its options; of a group → none."""
    inner = getattr(command, "commands", {})
    found = {path: {option for one in getattr(command, "params", ()) for option in one.opts if option[0] == "-"}}
    for name, child in inner.items():
        found |= _tree(child, (*path, name))
    return found


def _unknown(quoted: str, tree: dict[tuple[str, ...], set[str]]) -> list[str]:
    """What a command as somebody wrote it names that there is not: options, or a command of a group."""
    words = quoted.replace("=", " ").split()
    depth = max(n for n in range(1, len(words) + 1) if tuple(words[:n]) in tree)
    path, rest = tuple(words[:depth]), words[depth:]
    is_group = not tree[path] and len(path) < 3
    unknown = [word for word in rest if word.startswith("--") and word not in tree[path] | {"--help"}]
    return unknown or (rest[:1] if is_group and rest and rest[0].isalpha() and rest[0].islower() else [])


def test_remedies_name_commands_and_options_that_exist() -> None:
    tree = _tree(typer.main.get_command(app))
    options = set().union(*tree.values()) | {"--help"} | OTHER_PROGRAMMES
    faults = []
    for error in _errors():
        faults += [
            f"{error.module}, {error.code}: `{quoted}`"
            for quoted in re.findall(r"`(cim [^`]*)`", error.remedy)
            if _unknown(quoted, tree)
        ]
        faults += [
            f"{error.module}, {error.code}: {word}"
            for word in re.findall(r"(?<![\w-])--[a-z][a-z-]+", error.remedy)
            if word not in options
        ]
    assert sorted(set(faults)) == []


@pytest.mark.parametrize("name", WRITTEN)
def test_documents_name_commands_and_options_that_exist(name: str) -> None:
    tree = _tree(typer.main.get_command(app))
    text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
    commands = re.findall(r"`(cim [^`\n]*(?:\n[^`\n]+)?)`|^(cim .*)$", text, re.MULTILINE)
    faults = [(quoted, found) for pair in commands for quoted in pair if quoted and (found := _unknown(quoted, tree))]
    assert faults == []


@pytest.mark.parametrize("name", WRITTEN)
def test_documents_name_addresses_that_exist(name: str) -> None:
    known = [re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path)) for path in OPENAPI["paths"]]
    text = (ROOT / name).read_text(encoding="utf-8")
    named = re.findall(r"`(?:(?:GET|POST|PUT|PATCH|DELETE) )?(/(?:api|health)[^\s`?]*)[^`]*`", text)
    assert [path for path in named if not any(re.fullmatch(one, path) for one in known)] == []


def test_every_document_is_listed() -> None:
    listed = set(re.findall(r"\]\(([^)#]+\.md)", (DOCS / "index.md").read_text(encoding="utf-8")))
    assert {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")} - listed == {"index.md"}
