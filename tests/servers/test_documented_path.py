"""The commands in README, tutorial and how-to guides do what they are said to do: each is executed as it stands."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from documented_commands import ROOT, STATED_ADDRESS, Shell, blocks, script

from data_samples.city import sample_city
from tests.core.osm_builder import ROAD, Map, square

READMES = ("README.md", "README.zh.md")
TUTORIAL = "docs/tutorial.md"
API = "docs/how-to/use-the-map-api.md"
FILTER = "docs/how-to/filter.md"
SHARE = "docs/how-to/share-and-export.md"
SERVE = "docs/how-to/serve-a-city.md"
SCENARIO = "docs/how-to/write-a-scenario.md"
OWN_MAP, OWN_GROUND = "city.osm.pbf", "dem.tif"
"""As the tutorial calls the reader's files."""


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample city, made once; tests copy it."""
    folder = tmp_path_factory.mktemp("sample") / "city"
    sample_city(folder).database.close()
    return folder


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


def ask(address: str, path: str) -> dict[str, object]:
    host, _, port = address.partition(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=60)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        content: dict[str, object] = json.loads(answer.read())
        assert answer.status == 200, content
        return content
    finally:
        connection.close()


def objects(text: str) -> list[dict[str, object]]:
    """The JSON objects that commands printed one after the other."""
    decoder, found, place = json.JSONDecoder(), [], text.find("{")
    while place >= 0:
        content, end = decoder.raw_decode(text, place)
        found.append(content)
        place = text.find("{", end)
    return found


@pytest.mark.parametrize("name", READMES)
def test_make_is_called_with_what_it_knows(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    commands = set(re.findall(r"(?:^|`)(make [a-z]+(?: [A-Z]+=\w+)*)(?:`|$)", text, re.MULTILINE))
    assert "make run" in commands
    for command in commands:
        line = ["make", "--no-print-directory", "-n", *command.split()[1:]]
        outside = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
        planned = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, env=outside, check=False)
        assert planned.returncode == 0, planned.stderr
        if " run" in command:
            assert "cim serve" in planned.stdout.splitlines()[-1]
        for value in re.findall(r"=(\w+)", command):
            assert value in planned.stdout


def test_the_readmes_show_the_same_commands() -> None:
    assert blocks(READMES[0]) == blocks(READMES[1])


def test_readme(shell: Shell, sample: Path) -> None:
    shutil.copytree(sample, shell.folder / "out" / "city")
    commands = "\n".join(block.commands for block in blocks(READMES[0]) if not block.commands.startswith("make"))
    assert "share_reached" in shell.run(commands)


@pytest.mark.engine
def test_tutorial_on_the_sample_city(shell: Shell) -> None:
    said = shell.run(script(TUTORIAL))
    assert {"stairs-report", "bridge-report"} <= {page.parent.name for page in shell.folder.glob("*/index.html")}
    assert "mean_time_loss" in said
    with shell.serving(script(TUTORIAL, "serve")) as address:
        assert ask(address, "/api/city")["synthetic"] is True
        assert len(ask(address, "/api/comparisons")["comparisons"]) == 2  # type: ignore[arg-type]


def small_map() -> str:
    """A street, a bridge by the name that the tutorial's plan closes, stairs to a station entrance, some houses."""
    x, y = 30, 10  # on the sample city's ground
    drawing = Map().nodes({1: (x, y), 2: (x + 1, y), 3: (x + 3, y), 4: (x + 4, y), 5: (x + 1, y + 1)})
    drawing.way(11, [1, 2], ROAD).way(13, [3, 4], ROAD).node(6, x + 1, y + 1.1, railway="subway_entrance")
    drawing.way(12, [2, 3], {"highway": "primary", "name": "东水门大桥", "bridge": "yes"})
    drawing.way(14, [2, 5], {"highway": "steps"})
    for number in range(4):
        square(drawing, 20 + number, x + number, y + 0.3, tags={"building": "residential", "building:levels": "8"})
    return drawing.xml()


def own_map(folder: Path, source: str, require: Callable[[str], Path]) -> tuple[Path, Path]:
    """Map and elevation: the real extract, or a small map with the sample city's ground beneath it."""
    if source == "real":
        data = require("data") / "yuzhong"
        return data / "yuzhong.osm.pbf", data / "dem_30m.tif"
    drawn = folder / "drawn.osm"
    drawn.write_text(small_map(), encoding="utf-8")
    return drawn, next((folder / "ground" / "coverages").rglob("*.tif"))


@pytest.mark.parametrize("source", ["drawn", pytest.param("real", marks=pytest.mark.real)])
def test_tutorial_on_a_map_of_ones_own(shell: Shell, sample: Path, source: str, require: Callable[[str], Path]) -> None:
    (shell.folder / "ground").symlink_to(sample)
    street_map, ground = own_map(shell.folder, source, require)
    called = OWN_MAP if street_map.suffix == ".pbf" else street_map.with_suffix(".osm").name
    (shell.folder / called).exists() or (shell.folder / called).symlink_to(street_map)
    (shell.folder / OWN_GROUND).symlink_to(ground)
    commands = script(TUTORIAL, half=("own-map",))
    assert OWN_MAP in commands
    assert "share_reached" in shell.run(commands.replace(OWN_MAP, called))
    with shell.serving(script(TUTORIAL, "serve", half=("own-map",))) as address:
        city = ask(address, "/api/city")
        assert (city["name"], city["synthetic"]) == ("yz", False)
        assert [plan["name"] for plan in ask(address, "/api/plans")["plans"]] == ["close-bridge"]  # type: ignore[attr-defined]


def test_scenario_of_ones_own(shell: Shell, sample: Path) -> None:
    shutil.copytree(sample, shell.folder / "town")
    said = shell.run(script(SCENARIO))
    assert "cooling keeps the contract." in said
    assert "near_share" in said


def test_map_api_and_exports(shell: Shell, sample: Path, require: Callable[[str], Path]) -> None:
    require("curl")
    shutil.copytree(sample, shell.folder / "town")
    shell.run(script(SHARE))
    with shell.serving(script(SERVE, "serve")) as address:
        health = objects(shell.run(script(SERVE, "against-the-server"), address))
        assert [one["status"] for one in health] == ["ok"]
        said = shell.run(script(API, "against-the-server"), address)
        filtered = objects(shell.run(script(FILTER, "against-the-server"), address))
        exported = shell.run(script(SHARE, "against-the-server"), address)
    assert filtered[0]["type"] == "object"
    assert [one["code"] for one in filtered if "code" in one] == ["filters.unknown_property", "filters.unlike"]
    assert all(one["features"] for one in filtered[1:-2]), "each example finds something"
    assert exported == ""
    assert "304\n" in said
    assert "event: hello" in said
    answers = objects(re.sub(r"^[a-z]*: .*$", "", said, flags=re.MULTILINE))  # without the events
    problems = [one["code"] for one in answers if one.get("detail")]
    assert problems == ["plan.edited_meanwhile", "collection.unknown", "http.query"]
    assert any(one.get("status") == "successful" for one in answers)
    assert any("figures" in one for one in answers)
    for name in ("roads.gpkg", "buildings.geojson", "elevation.tif", "result.csv", "map.png", "report.html"):
        assert (shell.folder / name).stat().st_size > 1000, name
    assert STATED_ADDRESS not in said
