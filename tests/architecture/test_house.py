"""The rules of the house that can be counted."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest

import cim_core

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PACKAGES = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
FORBIDDEN_NAMES = {"util", "utils", "helper", "helpers", "misc", "manager", "managers", "common", "stuff"}
DOCUMENTS = sorted(
    path.relative_to(ROOT).as_posix()
    for pattern in ("*.md", "docs/**/*.md", "scenarios/*/*.md")
    for path in ROOT.glob(pattern)
)
NOT_SHIPPED = {"benchmarks"}
PAGE = ROOT / "servers" / "web"
"""The page is TypeScript; of it, only what was built is shipped."""
MOST_LINES = 400
HEAVY = ("geopandas", "pandas", "numpy", "scipy", "sqlalchemy", "shapely", "pyproj", "matplotlib", "osmnx", "rasterio")


def _modules() -> list[Path]:
    return [path for package in PACKAGES for path in _files(package, "*.py")]


def _files(package: str, pattern: str) -> list[Path]:
    shipped = (
        path
        for path in sorted((ROOT / package).rglob(pattern))
        if PAGE not in path.parents or PAGE / "dist" in path.parents
    )
    return [path for path in shipped if path.is_file()]


def _text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_import_rules_hold() -> None:
    programme = Path(sys.executable).with_name("lint-imports")
    checked = subprocess.run([programme, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout[-4000:]


@pytest.mark.parametrize("package", [*PACKAGES, "tests", "docs", "benchmarks"])
def test_no_module_is_too_long(package: str) -> None:
    lengths = {path: len(path.read_bytes().splitlines()) for path in _files(package, "*.py")}
    assert {str(path.relative_to(ROOT)): n for path, n in lengths.items() if n > MOST_LINES} == {}


def test_no_module_is_named_for_nothing() -> None:
    parts = {part: path for path in _modules() for part in (*path.relative_to(ROOT).parent.parts, path.stem)}
    assert {name: str(parts[name]) for name in FORBIDDEN_NAMES & set(parts)} == {}


def test_every_package_is_in_the_wheel() -> None:
    on_disk = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert on_disk - NOT_SHIPPED == set(PACKAGES)


def test_every_folder_with_modules_is_a_package() -> None:
    folders = {path.parent for path in _modules()}
    assert [str(folder.relative_to(ROOT)) for folder in folders if not (folder / "__init__.py").exists()] == []


def test_the_wheel_holds_every_file_of_its_packages(tmp_path: Path) -> None:
    from hatchling.builders.wheel import WheelBuilder

    wheel = next(WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"]))
    inside = {name for name in zipfile.ZipFile(wheel).namelist() if name.split("/")[0] in PACKAGES}
    files = [path for package in PACKAGES for path in _files(package, "*")]
    assert inside == {path.relative_to(ROOT).as_posix() for path in files if "__pycache__" not in path.parts}


def test_one_version_everywhere() -> None:
    stated = PROJECT["project"]["version"]
    newest = re.search(r"^## \[(\d[^\]]*)\]", _text("CHANGELOG.md"), re.MULTILINE)
    assert newest is not None
    assert newest.group(1) == stated == cim_core.__version__ == version("cim-twin")


def test_change_log_begins_with_what_is_to_come() -> None:
    assert re.findall(r"^## \[([^\]]*)\]", _text("CHANGELOG.md"), re.MULTILINE)[0] == "Unreleased"


@pytest.mark.parametrize("name", ["README.md", "README.zh.md"])
def test_readme_shows_a_picture_and_a_command_at_once(name: str) -> None:
    lines = _text(name).splitlines()
    assert any(line.startswith("![") for line in lines[:5])
    assert any(line.startswith("make run") for line in lines[:15])


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_within_the_documents_lead_somewhere(name: str) -> None:
    path = ROOT / name
    targets = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8"))
    inside = [target for target in targets if "://" not in target]
    assert [target for target in inside if not (path.parent / target).exists()] == []


def test_decisions_are_numbered_without_gaps_and_dated() -> None:
    paths = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [int(path.name[:4]) for path in paths] == list(range(1, len(paths) + 1))
    assert [path.name for path in paths if not re.search(r"20\d\d-\d\d-\d\d", path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["import", "--help"], ["plan", "--help"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    code = (
        "import sys, atexit\n"
        f"sys.argv = ['cim', *{arguments!r}]\n"
        f"atexit.register(lambda: sys.stderr.write('loaded: ' + ' '.join(m for m in {HEAVY!r} if m in sys.modules)))\n"
        "from servers.cli import main\n"
        "main()\n"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT)
    assert said.returncode == 0
    assert "Usage" in said.stdout
    assert said.stderr.rpartition("loaded:")[2].split() == []
